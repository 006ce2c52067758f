/* SPDX-License-Identifier: GPL-3.0-or-later
 * connect.h -- opens a connection and sends nothing; reads what comes. For handshakes, closes
 * and idle connections. */
#pragma once
#include "models/apps/client.h"

extern const struct app_kind APP_CONNECT; /* parameters: struct client_params */
