/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/apps/close_rule.h"

#include "sim/assert.h"
#include "sim/util.h"

#include <stddef.h>
#include <string.h>

static const char *const NAMES[] = {
    [CLOSE_NEVER] = "never",
    [CLOSE_AT_ONCE] = "at-once",
    [CLOSE_AFTER_SEND] = "after-send",
    [CLOSE_AFTER_ACK] = "after-ack",
    [CLOSE_AFTER_REPLY] = "after-reply",
    [CLOSE_AFTER_EOF] = "after-eof",
};

enum close_rule close_rule_of(const char *name)
{
    size_t i = 0;
    while (i < ARRAY_LEN(NAMES) && strcmp(NAMES[i], name) != 0)
        i++;
    sim_assert(NULL, i < ARRAY_LEN(NAMES)); /* the config has checked it: one of the choices */
    return (enum close_rule)i;
}

/* clang-format off */
const struct choice APP_ENDING_CHOICES[] = {
    {"close", "close(): the FIN goes behind all that was written; a reset if bytes are unread (RFC 2525 §2.17)"},
    {"reset", "close() with SO_LINGER 0: a reset at once, what is unsent is lost"},
    {"shutdown", "shutdown(SHUT_WR): the same FIN, and it holds the socket until both sides are done"},
    {NULL, NULL},
};
/* clang-format on */

const struct app_ending *app_ending_of(const char *name)
{
    static const struct app_ending endings[] = {{"close", app_conn_close},
                                                {"reset", app_conn_abort},
                                                {"shutdown", app_conn_end_writing}};
    size_t i = 0;
    while (i < ARRAY_LEN(endings) && strcmp(endings[i].name, name) != 0)
        i++;
    sim_assert(NULL, i < ARRAY_LEN(endings)); /* one of APP_ENDING_CHOICES */
    return &endings[i];
}
