/* SPDX-License-Identifier: GPL-3.0-or-later
 * scoreboard.h -- what the peer has told in SACK blocks: RFC 6675 §3, §4.
 *
 *   una        mark                                     nxt
 *    |----#####--|--------####------------##-----#####---|     # SACKed
 *                                         ^lost below (three runs above it)
 *
 * The one idea: only the SACKed runs are kept, in order, and two sums beside them; Pipe is then
 * arithmetic, since "lost" depends on the last three runs alone. mark is RFC 6675's HighRxt +
 * 1: what was sent again lies below it, so bytes SACKed below it are counted apart.
 *
 * A connection has none until the first block comes. Runs are found by bisection; they come and
 * go at either end of the list, where that is cheap.
 */
#pragma once
#include "models/tcp/seq.h"
#include "sim/sim.h"

struct sack_run {
    tcp_seq left, right; /* right is one past the last byte */
};

struct scoreboard {
    struct sack_run *runs; /* of cap; those from first on are in use, ascending, apart */
    uint32_t first, n, cap;
    uint32_t bytes;       /* in all runs */
    uint32_t below_bytes; /* of these, below mark */
    tcp_seq mark;
};

/* Empty, with nothing sent again yet. */
struct scoreboard *scoreboard_new(struct sim *sim, tcp_seq una);
void scoreboard_free(struct sim *sim, struct scoreboard *b); /* NULL: nothing */
/* Forgets all runs; mark goes to una. */
void scoreboard_clear(struct scoreboard *b, tcp_seq una);

/* [left, right) has arrived at the peer: left < right, una <= left. Returns how many of the
 * bytes were not known to. */
uint32_t scoreboard_add(struct sim *sim, struct scoreboard *b, tcp_seq left, tcp_seq right);
/* All before una is acknowledged. */
void scoreboard_ack(struct scoreboard *b, tcp_seq una);
/* All before mark that is not SACKed has been sent again. May go back to una as well. */
void scoreboard_mark(struct scoreboard *b, tcp_seq mark);

/* RFC 6675 §4, IsLost(): what is not SACKed and below this is lost, since three runs, or more
 * than two mss, lie above it. una when nothing is. *above_bytes: SACKed at or above it. */
tcp_seq scoreboard_lost_below(const struct scoreboard *b, tcp_seq una, uint32_t mss,
                              uint32_t *above_bytes);

/* The first hole at or after `at`: from there to the next run. False: no run lies beyond. */
bool scoreboard_hole(const struct scoreboard *b, tcp_seq at, struct sack_run *hole);

/* The right end of the last run; una when there is none. */
tcp_seq scoreboard_high(const struct scoreboard *b, tcp_seq una);
/* Whether the byte at una is SACKed: then the peer has thrown away what it told of. */
bool scoreboard_holds(const struct scoreboard *b, tcp_seq una);
