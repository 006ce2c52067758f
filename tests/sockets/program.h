/* SPDX-License-Identifier: GPL-3.0-or-later
 * program.h -- a random program: calls on the sockets of two hosts, over links on which
 * everything goes wrong, and what must hold whatever happened.
 *
 *   seed --> two hosts (profile, handshake, parameters), two links (loss, duplication,
 *   reordering, corruption, down), some thirty to a hundred calls at random times, crashes,
 * forged ICMP; in the end every socket is read and closed, and a day passes.
 *
 * What must hold: every errno is one that Linux could give for that call in that state
 * (allowed.h), every byte that is read is the next one of one stream, written by the peer's end
 * of this connection, and the end of a stream stands behind all of it; nothing is left in the
 * end but what has a reason.
 *
 * Not looked at: when things happen, and whether an answer is the best one.
 */
#pragma once
#include "tests/check.h"
#include "tests/sockets/allowed.h"

/* What many programs came to: one that never sees an error tests nothing. */
struct program_tally {
    int64_t n_calls[N_SOCK_CALLS], n_refused[N_SOCK_CALLS]; /* that gave an errno */
    int64_t n_connections, n_ended, n_whole, n_crashes, n_messages, n_cookies, n_urgent;
    int64_t n_disconnects, n_peeks; /* AF_UNSPEC, of connections; MSG_PEEK */
    int64_t n_shared;               /* listeners beside others at their port */
    /* calls on open connections ... */
    int64_t n_with_itself, n_with_children;      /* ... opened with themselves; by Fast Open */
    int64_t n_with_closed_windows, n_with_marks; /* ... whose peer takes nothing; with ECN */
    int64_t bytes_read, bytes_written;
    int64_t n_in[N_SOCK_STATES]; /* calls by the state of their socket */
    uint64_t digest;             /* of all transitions */
};

/* Runs program number `seed` to its end, checks, adds to tally. */
void program_run(uint64_t seed, struct program_tally *tally);
