/* SPDX-License-Identifier: GPL-3.0-or-later
 * keepalive.h -- whether a silent peer is still there: RFC 9293 §3.8.4, RFC 1122 §4.2.3.6.
 *
 *   last ACK  --keepidle--> probe --keepintvl--> probe ... (keepcnt of them) --> reset,
 * ETIMEDOUT 7200 s               75 s                9                        after 7875 s
 *
 * A probe is an ACK without data whose number, SND.NXT - 1, is old: it says nothing and must be
 * answered. Any ACK counts as an answer (MUST-29: one lost probe means nothing).
 *
 * The one idea: what comes only notes the time. The timer is looked at when it fires, not when
 * a segment comes; a busy connection pays one store a segment and one event in keepidle.
 *
 * With a user timeout it is that, not keepcnt, which ends it (Linux): at the first probe after
 * so long a silence.
 *
 * Not modelled: the probe with an octet of garbage (MAY-6 allows it for peers of old).
 */
#pragma once

struct tcp;

/* It is on: from ESTABLISHED on, and when SO_KEEPALIVE is set. The first look is keepidle from
 * now, however long the peer has been silent (Linux). */
void tcp_keepalive_start(struct tcp *t);
/* TCP_KEEPIDLE has been set: the silence so far counts. */
void tcp_keepalive_again(struct tcp *t);
/* TCP_TIMER_KEEPALIVE. */
void tcp_keepalive_expired(struct tcp *t);
