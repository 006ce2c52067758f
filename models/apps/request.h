/* SPDX-License-Identifier: GPL-3.0-or-later
 * request.h -- opens a connection, sends a request, reads the reply; then the next request.
 *
 *   connected --> [greeting] --> send_after --> request --> reply --> think --> request --> ...
 *
 * With send_when: opening the first request is written before the connection stands; TCP keeps
 * it, RFC 9293 §3.10.2. Not modelled: a request before the last one's reply.
 */
#pragma once
#include "models/apps/client.h"

struct request_params {
    struct client_params client; /* first */
    int64_t send;                /* bytes */
    int64_t reply; /* bytes; 0: as many as `to` answers, else to the end of stream */
    int64_t requests;
    const char *send_when;         /* connected, greeting, opening */
    struct key_variant send_after; /* of DIST_KINDS */
    struct key_variant think;      /* likewise */
    bool half_close;
};
extern const struct app_kind APP_REQUEST;
