/* SPDX-License-Identifier: GPL-3.0-or-later
 * injector.h -- a blind attack on a connection of others: resets, SYNs, data or ICMP errors by
 * somebody who knows both ends and sees nothing (RFC 5961 §1, RFC 5927 §3).
 *
 *   first, first + step, first + 2 step ...  mod 2^32   --> `to`, as if from `as`
 *         each with `acks` acknowledgment numbers, equally far apart
 *
 * The one idea: a window of W numbers cannot be missed by steps of W, so that 2^32 / W segments
 * always reach it. Of two acknowledgment numbers half of all apart RFC 793's check takes one.
 * An ICMP message quotes a number that must be in flight: the window to meet is what is
 * outstanding, and of an idle connection there is none.
 * The attacker stops at its first success, of which the simulator tells it, and not the
 * network: a real one would look whether the victims have gone quiet.
 *
 * Not modelled: guesses at the ports; an attacker that reads answers, or counts challenge ACKs.
 */
#pragma once
#include "models/apps/app.h"
#include "models/apps/arrivals.h"

struct injector_params {
    char to[NAME_MAX_BYTES]; /* the end that is attacked */
    uint16_t port;           /* its port; 0: that of `to` */
    char as[NAME_MAX_BYTES]; /* the host whose segments it forges */
    uint16_t as_port;
    const char *segment; /* "rst", "syn", "data", "icmp" */
    const char *message; /* of icmp: "port-unreachable" ...; mtu, claims: bytes */
    int64_t mtu, claims;
    const char *order;           /* "sweep", "random" */
    int64_t first, step;         /* of a sweep */
    int64_t acks;                /* of data */
    int64_t data;                /* bytes */
    struct key_variant at;       /* of DIST_KINDS */
    struct key_variant arrivals; /* of ARRIVAL_KINDS */
    int64_t segments;            /* UNIT_UNLIMITED */
};
extern const struct app_kind APP_INJECTOR;
