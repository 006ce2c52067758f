/* SPDX-License-Identifier: GPL-3.0-or-later
 * fastopen.h -- TCP Fast Open, RFC 7413: data in the SYN, for clients that the server has seen
 * before.
 *
 *   first      SYN, FO ->        <- SYN-ACK, FO cookie        ACK ->      three-way else
 *   later      SYN, FO cookie, data ->    <- SYN-ACK of both, then data   ACK ->
 *   lost       after the timeout a plain SYN; data goes with the ACK
 *
 * The cookie proves one thing: that the client can receive at its address. So a flooder with
 * forged sources gets no state and no reply longer than its SYN.
 *
 * Preconditions: both ends have it on (`handshake: fast-open`, or the bits of `fastopen`), and
 * the application can live with a request that is taken twice: a SYN with data that is
 * duplicated in the network when the first connection is over opens another one (RFC 7413
 * §6.1). Price: an option of up to 18 bytes; a cache a client; a limit on children that the
 * server holds in SYN-RECEIVED.
 *
 * A child, as Linux calls it, is in SYN-RECEIVED and all the same accepted, read and written.
 * With `handshake: fast-open` connect() is Linux's TCP_FASTOPEN_CONNECT: with a cookie at hand
 * the application is told at once that it is connected, and the SYN leaves with what it then
 * writes, at the latest when the events of this instant are over.
 *
 * The cookie is SipHash-2-4 of both addresses, as Linux has it; it never expires. A host has
 * one key and may have a second, of the time before (a listener too, TCP_FASTOPEN_KEY): who
 * brings a cookie of that is let in and gets a new one. Not modelled: the detection of black
 * holes (off in Linux by default), and Linux's memory of children that were reset.
 */
#pragma once
#include "models/tcp/tcp.h"

struct segment;

enum { FASTOPEN_MIN = 4, FASTOPEN_MAX = 16, FASTOPEN_BYTES = 8 }; /* of a cookie; ours */
enum fastopen_bits { /* Linux's net.ipv4.tcp_fastopen */
                     FASTOPEN_CLIENT = 1,
                     FASTOPEN_SERVER = 2,
                     FASTOPEN_CLIENT_NO_COOKIE = 4,
                     FASTOPEN_SERVER_NO_COOKIE = 0x200,
                     FASTOPEN_EVERY_LISTENER = 0x400,
};

struct tcp_fastopen_peer;
struct tcp_fastopen {
    struct tcp_fastopen_keys keys;
    struct tcp_fastopen_peer *peers; /* open addressing; a power of two, at most half full */
    uint32_t n, n_slots;
};

/* ---- the client's side */

/* Whether a client of this host uses it at all; whether a SYN to `to` may carry data now. */
bool tcp_fastopen_is_on(const struct tcp_stack *s);
bool tcp_fastopen_is_ready(const struct tcp_stack *s, ip_addr to);
/* t is about to send its first SYN: the cookie, or the wish for one, goes with it. Returns how
 * many bytes of data may. */
uint32_t tcp_fastopen_begin(struct tcp *t);
/* g is the SYN-ACK, its SYN acknowledged, t ESTABLISHED: the cookie is kept, what g
 * acknowledges of the data is taken, the rest counts as not sent. */
void tcp_fastopen_synack(struct tcp *t, const struct segment *g);
/* Forgets all cookies, and what it knows of peers. */
void tcp_fastopen_flush(struct tcp_stack *s);

/* ---- the server's side */

/* Key or keys of 16 bytes each, the first byte lowest; 0 or -EINVAL. */
int tcp_fastopen_read_keys(const uint8_t *bytes, size_t n, struct tcp_fastopen_keys *out);

/* Whether the SYN opens a child. */
bool tcp_fastopen_admits(const struct tcp_listener *l, const struct segment *g);
/* The SYN-ACK of t carries a cookie if the SYN asked for one, or brought one that is wrong. */
void tcp_fastopen_offer(struct tcp *t, const struct tcp_listener *l, const struct segment *g);
/* The cookie that g brings is right, and of the key of the time before. */
bool tcp_fastopen_is_outdated(const struct tcp_listener *l, const struct segment *g);
/* t becomes a child of l; and is none any more. */
void tcp_fastopen_join(struct tcp *t, struct tcp_listener *l);
void tcp_fastopen_leave(struct tcp *t);
/* No child counts for this listener any more. */
void tcp_fastopen_close(struct tcp_listener *l);
