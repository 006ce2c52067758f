/* SPDX-License-Identifier: GPL-3.0-or-later
 * text.h -- steps of RFC 9293 §3.10.7.4, and those of them that take what a segment brings.
 *
 *   first    sequence number  \
 *   second   RST               |  input.c
 *   fourth   SYN               |
 *   fifth    ACK              /
 *   sixth    URG              \
 *   seventh  text              |  text.c
 *   eighth   FIN              /
 */
#pragma once
#include "models/tcp/endpoint.h"

/* STEP_STOP: the segment has been dealt with, and t may be gone. */
enum step { STEP_ON, STEP_STOP };

enum step tcp_check_urg(struct tcp *t, struct segment *g);
enum step tcp_check_text(struct tcp *t, struct segment *g);
enum step tcp_check_fin(struct tcp *t, struct segment *g);
