/* SPDX-License-Identifier: GPL-3.0-or-later
 * on_off.h -- opens a connection and writes pieces at a constant rate, by turns for a while and
 * not at all. Its sink is a server that replies nothing.
 *
 * What the network does not carry off waits in the application, which writes on regardless.
 */
#pragma once
#include "models/apps/client.h"
#include "models/apps/pace.h"

struct on_off_params {
    struct client_params client; /* first */
    struct pace_params pace;
    sim_time until;
};
extern const struct app_kind APP_ON_OFF;
