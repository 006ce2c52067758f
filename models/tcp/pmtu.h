/* SPDX-License-Identifier: GPL-3.0-or-later
 * pmtu.h -- how large a packet may be on the way to a destination: RFC 1191 and RFC 8201 by
 * what routers tell, RFC 4821 by what does not arrive.
 *
 *   fragmentation needed, MTU 1000 --> destination 192.0.2.9: 1000, for mtu_expires
 *                                  `-> connection: MSS 960, what is in flight leaves again now
 *   new connection to 192.0.2.9    --> begins with MSS 960
 *   R1 without an answer           --> mtu_probing: MSS base_mss, then a half, a quarter ...
 *
 * The one idea: the path belongs to the destination, what is lost to the connection. A message
 * makes the path's entry, which all connections that begin later share; only the connection
 * that it quotes sends again, and others learn from messages of their own. When the entry is
 * forgotten the MSS is again what the SYNs agreed on.
 *
 * Where routers say nothing, or a filter eats their messages, large segments vanish and small
 * ones do not: a black hole. Repeats that stay without an answer up to R1 (retries1) are taken
 * for one, and the segments get smaller until something arrives.
 *
 * Not modelled: the DF bit and IP fragments (a packet below min_pmtu that is still too large is
 * lost), probes for a larger MTU (RFC 4821 §7; Linux sends them when cwnd is 11 or more), a
 * message's notice to the destination's other open connections.
 */
#pragma once
#include "models/icmp.h"
#include "models/tcp/tcp.h"

struct tcp_path {
    ip_addr to;
    uint32_t mtu;
    sim_time expires_at;
};
/* The destinations of which the stack knows more than its own first link. */
struct tcp_paths {
    struct tcp_path
        *slots; /* open addressing; mtu 0: free. A power of two, at most half full */
    uint32_t n, n_slots;
    struct tcp_stack *stack;
    struct timer timer; /* the first that expires */
};
void tcp_paths_init(struct tcp_stack *s);
/* Forgets all (Linux: ip route flush cache). */
void tcp_paths_flush(struct tcp_stack *s);

/* What is known of the path to this destination; UINT32_MAX: nothing. */
uint32_t tcp_path_mtu(const struct tcp_stack *s, ip_addr to);

/* A segment of t was too large, as e says. False: that is not believed, or says nothing new. */
bool tcp_path_shrinks(struct tcp *t, const struct icmp_error *e);
/* t's retransmission timer has expired beyond R1: its path may be a black hole. */
void tcp_path_suspect(struct tcp *t);

/* What the peer takes is known: the largest segment to send, on this path. */
void tcp_path_begin(struct tcp *t, uint32_t peer_mss);
