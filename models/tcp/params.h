/* SPDX-License-Identifier: GPL-3.0-or-later
 * params.h -- a TCP's parameters, named as Linux names its sysctls and socket options; profiles are rows of values.
 *
 * default < profile < config. One table serves profiles, YAML and packet scripts.
 */
#pragma once
#include "sim/schema.h"

struct tcp_handshake;
struct tcp_isn;

struct tcp_params {
    const char *profile;
    const char *handshake;       /* registry name; see handshake.h */
    const char *isn;             /* registry name; see isn.h */
    const char *congestion_control; /* registry name; see cc.h */
    const char *closed_port;     /* "rst": RFC 9293 §3.10.7.1; "drop": silence, as a dead or filtered host */
    const char *fin_ack_in_fin_wait_1; /* "fin-wait-2" or "time-wait": the way of FIN+ACK (RFC 9293 figure 5, note 2) */
    sim_time msl;
    sim_time rto_initial, rto_min, rto_max; /* RFC 6298 */
    int64_t syn_retries, synack_retries, retries2; /* repeats before giving up */
    int64_t syn_linear_timeouts; /* SYN repeats at rto_initial before doubling (Linux) */
    int64_t orphan_retries;      /* like retries2, once the application has closed */
    sim_time delack;             /* longest delay of an ACK; 0: none */
    int64_t delack_segments;     /* an ACK at the latest every so many full segments; >= 1 */
    bool fin_delack;             /* the ACK of a FIN may be delayed too (Linux) */
    bool nagle;                  /* RFC 9293 §3.7.4; the inverse of nodelay */
    int64_t mss;                 /* what it announces, bytes */
    int64_t rcvbuf, sndbuf;      /* bytes of payload */
    int64_t syn_window;          /* largest window announced in a SYN; 0: the receive buffer */
    int64_t port_min, port_max;  /* ephemeral ports */
    int64_t backlog;             /* accept queue of a listener */
};
extern const struct key TCP_KEYS[]; /* ends with {0}; "profile" comes first */

struct tcp_profile {
    const char *name, *help;
    const struct { const char *key, *value; } *rows; /* ends with {NULL} */
};
extern const struct tcp_profile TCP_PROFILES[]; /* ends with {NULL} */

/* Fills p with the defaults and then the named profile's rows. -1: no such profile. */
int tcp_params_init(struct tcp_params *p, const char *profile);
