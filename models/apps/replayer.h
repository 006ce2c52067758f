/* SPDX-License-Identifier: GPL-3.0-or-later
 * replayer.h -- an attacker who sees a link, keeps what matches and sends it again later.
 *
 *   ... --> link ==> tap ==> whoever it led to          (nothing is delayed, nothing missing)
 *                     |
 *                     `-- a copy, `after` --> host_send, from the attacker's own host
 *
 * The one idea: a tap stands between a link and its peer. A segment sent again is the old one
 * to the last option, its payload still names the stream that it belongs to; but it is a packet
 * of its own, born anew, and marked as injected.
 *
 * Not modelled: changing what is sent again; keeping the segment itself back (a fault's
 * `hold`).
 */
#pragma once
#include "models/apps/app.h"
#include "models/fault.h"

struct replayer_params {
    char link[NAME_MAX_BYTES];
    struct fault_match match;
    struct key_variant after; /* of DIST_KINDS */
    int64_t copies;
};
extern const struct app_kind APP_REPLAYER;
