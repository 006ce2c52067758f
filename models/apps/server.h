/* SPDX-License-Identifier: GPL-3.0-or-later
 * server.h -- listens, accepts every connection, reads a request, replies, closes. Any number
 * of connections.
 *
 *   accept -> read a whole request -> wait reply_after -> write the reply -> close by rule
 *
 * Not modelled: several requests on one connection; a limited number of workers.
 */
#pragma once
#include "models/apps/close_rule.h"
#include "models/apps/conn.h"
#include "models/apps/wait.h"

struct server_params {
    uint16_t port;
    int64_t request; /* bytes; 0: the first readable byte; UNIT_UNLIMITED: end of stream */
    int64_t reply;   /* bytes; 0: none */
    sim_time reply_after;
    const char *close; /* a name of close_rule.h */
    sim_time close_after;
    bool read;
    int64_t backlog; /* 0: that of the host's TCP */
};
extern const struct app_kind APP_SERVER;
