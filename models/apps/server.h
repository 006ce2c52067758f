/* SPDX-License-Identifier: GPL-3.0-or-later
 * server.h -- listens, accepts connections, reads requests, replies, closes.
 *
 *   accept_after -> accept -> [greeting] -> read a whole request -> reply_after -> reply ->
 * close ^                          `--- so many times -------------'         |
 *                     `--- a worker is free again -----------------------------------------'
 *
 * Any number of connections at once, or as many as there are workers: the others wait in the
 * accept queue.
 */
#pragma once
#include "models/apps/close_rule.h"
#include "models/apps/conn.h"
#include "models/apps/wait.h"

struct server_params {
    uint16_t port;
    int64_t request;  /* bytes; 0: the first readable byte; UNIT_UNLIMITED: end of stream */
    int64_t requests; /* on one connection; UNIT_UNLIMITED */
    int64_t reply;    /* bytes; 0: none */
    int64_t greeting; /* bytes; 0: none */
    struct key_variant reply_after; /* of DIST_KINDS, and the others below */
    const char *close;              /* a name of close_rule.h */
    const char *close_by;           /* likewise */
    struct key_variant close_after;
    struct key_variant accept_after;
    sim_time accept_from;
    int64_t workers; /* UNIT_UNLIMITED */
    bool read;
    int64_t backlog; /* 0: that of the host's TCP */
    bool request_ids;
};
extern const struct app_kind APP_SERVER;
