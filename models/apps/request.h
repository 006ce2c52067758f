/* SPDX-License-Identifier: GPL-3.0-or-later
 * request.h -- opens a connection, sends a request as soon as it is connected, reads the reply.
 *
 * Not modelled: several requests on one connection; a request before the connection is open.
 */
#pragma once
#include "models/apps/client.h"

struct request_params {
    struct client_params client; /* first */
    int64_t send;                /* bytes */
    int64_t reply; /* bytes; 0: as many as `to` answers, else to the end of stream */
    bool half_close;
};
extern const struct app_kind APP_REQUEST;
