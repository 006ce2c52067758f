/* SPDX-License-Identifier: GPL-3.0-or-later
 * bulk.h -- opens a connection and writes as fast as the send buffer takes it. Its sink is a
 * server that replies nothing. */
#pragma once
#include "models/apps/client.h"

struct bulk_params {
    struct client_params client; /* first */
    int64_t bytes;               /* UNIT_UNLIMITED: until the run ends */
};
extern const struct app_kind APP_BULK;
