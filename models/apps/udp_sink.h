/* SPDX-License-Identifier: GPL-3.0-or-later
 * udp_sink.h -- receives datagrams and tells what the network did to them: lost, doubled, late.
 *
 *   numbers seen   0 1 2 . 4 5 3 5          received 7, distinct 6, doubled 1 (the second 5),
 *                        ^     | `doubled   late 1 (3, after 4 and 5), lost 0
 *                        `-----'late
 *
 * The one idea: every datagram has its number in its sender's stream, so nothing is guessed.
 * Late is what RFC 4737 calls reordered: a first arrival whose number is below one that has
 * come already. Lost are numbers below the highest one that never came; what was lost behind
 * that, the receiver cannot know. Memory: a bit a datagram.
 */
#pragma once
#include "models/apps/app.h"

struct udp_sink_params {
    uint16_t port;
};
extern const struct app_kind APP_UDP_SINK;
