/* SPDX-License-Identifier: GPL-3.0-or-later
 * close_rule.h -- the names of `close:`, when an application calls close() on a connection, and
 * of `close_by:`, what it calls there.
 *
 * Each kind offers those instants that mean something to it and says in its own help what they
 * mean there.
 */
#pragma once
#include "models/apps/conn.h"

enum close_rule {
    CLOSE_NEVER,
    CLOSE_AT_ONCE,
    CLOSE_AFTER_SEND,
    CLOSE_AFTER_ACK,
    CLOSE_AFTER_REPLY,
    CLOSE_AFTER_EOF
};

/* name must be one of: never, at-once, after-send, after-ack, after-reply, after-eof. */
enum close_rule close_rule_of(const char *name);

/* A call that ends a connection, by its name in close_by. */
struct app_ending {
    const char *name;
    int (*call)(struct app_conn *c);
};
extern const struct choice APP_ENDING_CHOICES[]; /* close, reset, shutdown */
const struct app_ending *app_ending_of(const char *name);
