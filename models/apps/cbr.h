/* SPDX-License-Identifier: GPL-3.0-or-later
 * cbr.h -- sends UDP datagrams of one size at a constant rate, with silences if wanted. Its
 * sink is a udp-sink.
 *
 * Nobody answers: whether the network carries them is the sink's to say.
 */
#pragma once
#include "models/apps/app.h"
#include "models/apps/pace.h"

struct cbr_params {
    char to[NAME_MAX_BYTES];
    uint16_t port;         /* 0: that of `to` */
    uint16_t local_port;   /* 0: ephemeral */
    struct key_variant at; /* of DIST_KINDS */
    struct pace_params pace;
    int64_t datagrams; /* UNIT_UNLIMITED */
    sim_time until;
};
extern const struct app_kind APP_CBR;
