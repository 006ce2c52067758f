/* SPDX-License-Identifier: GPL-3.0-or-later
 * rcvwnd.h -- the receive window of Linux (`receive_window: linux`): a slow start of its own.
 *
 *   rcvbuf, bytes of memory                            window
 *   |---- unread packets with their overhead ----|---- free ----|   x ratio  --> room
 *                                                                limit (rcv_ssthresh) <= clamp
 *
 * The one idea: the buffer counts memory, the window bytes of payload, and `ratio` is how much
 * of the first becomes the second. It is a half until the first full segment shows what a
 * packet weighs. The window is the room, but at most a limit that grows with what arrives; the
 * buffer itself grows with what the application reads in a round trip ("right-sizing"), up to
 * rcvbuf_max.
 *
 * A packet weighs what it does on x86-64, read from a TUN device without offload: its head,
 * rounded up to an allocation, and a descriptor.
 *
 * Not modelled: memory pressure, packets thrown away or merged for want of memory, small ones
 * that share memory, GRO. Memory is given back in proportion to the bytes that are read, not
 * packet by packet.
 */
#pragma once
#include "models/tcp/seq.h"
#include "sim/time.h"

#include <stdbool.h>
#include <stddef.h>

struct tcp;
struct segment;

struct tcp_rcvwnd {
    bool on;        /* from ESTABLISHED on */
    bool grew;      /* the limit, by the last segment */
    uint32_t ratio; /* payload in so much memory, in 256ths */
    int64_t limit;  /* of the window: Linux's rcv_ssthresh */
    int64_t clamp;  /* of the limit: Linux's window_clamp */
    int64_t memory; /* of what is held: Linux's sk_rmem_alloc */
    struct {
        int64_t bytes;   /* the most that was read in a turn: Linux's rcvq_space */
        uint64_t read;   /* where the turn began */
        sim_time begins; /* a turn takes a round trip */
    } turn;
    struct {
        sim_time smooth; /* 8 times the estimate; 0: none yet */
        sim_time begins; /* SIM_NEVER: not yet */
        tcp_seq end;     /* what is beyond took a round trip from `begins` on */
        uint32_t echoed; /* the last timestamp that was measured */
    } rtt;
};

/* ESTABLISHED: the options are agreed on. */
void tcp_rcvwnd_begin(struct tcp *t);
/* The text of g has come, mss: the largest segment before it; ahead: before it something is
 * missing. */
void tcp_rcvwnd_on_data(struct tcp *t, const struct segment *g, uint32_t mss, bool ahead);
/* So many bytes have been read. */
void tcp_rcvwnd_on_read(struct tcp *t, int64_t bytes);
/* The window to tell now, from RCV.NXT. Where less than half the buffer is free ACKs are no
 * longer quick. */
uint32_t tcp_rcvwnd_select(struct tcp *t);
/* Its largest, bytes or 1152 if that is more: TCP_WINDOW_CLAMP. */
void tcp_rcvwnd_clamp(struct tcp *t, int64_t bytes);
/* The buffer grows to what holds so many bytes of payload, if it is smaller: SO_RCVLOWAT. */
void tcp_rcvwnd_make_room(struct tcp *t, int64_t bytes);
