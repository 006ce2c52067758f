/* SPDX-License-Identifier: GPL-3.0-or-later
 * reference_pair.h -- one connection on both sides, for the files of the comparison only.
 */
#pragma once
#include "tests/experiments/reference.h"

enum { REF_SLACK = 1000 }; /* us: for a program to wake up */

/* The segments of one connection in one direction. */
struct direction {
    size_t n;
    struct ref_row row[REF_ROWS];
};

/* One connection on both sides. */
struct pair {
    const struct ref_set *set;
    bool tell;
    int n_differ;
    int conn;
    const struct ref_trace *measured, *simulated;
    struct direction want[2], got[2]; /* [from_client] */
};

/* Counts a difference, and tells it when it is to be told. */
__attribute__((format(printf, 2, 3))) void ref_differ(struct pair *p, const char *format, ...);
const char *ref_host(bool client);

/* ---- reference_pick.c: the segments of p->conn, as the set wants them compared */
void ref_pick(struct pair *p);

/* ---- reference_times.c */
/* Linux did at `want` what the simulation did at `got`; margin: how long after it the record of
 * its cause may have been written; row: of a segment which, else -1. */
void ref_check_time(struct pair *p, bool host, const char *what, int64_t want, int64_t got,
                    int64_t margin, int row);
