/* SPDX-License-Identifier: GPL-3.0-or-later
 * run.h -- runs a packet script against the simulated TCP endpoint and judges it.
 *
 *   script --events--> system calls, inbound packets --> struct tcp
 *   verdict <--match-- outbound packets <---------------------'
 *
 * The one idea: the clock is the simulation's, so nothing is waited for and nothing is late by
 * accident; what packetdrill does with two threads and a tunnel device is a loop here. Of the
 * script's own lateness only what the script itself causes is left: a call that blocks, a
 * packet that came late.
 *
 * Not modelled: ICMP that is sent, a second host, checksums, IP identifiers. What needs
 * something that the endpoint lacks is "unsupported: WHAT", which is not a pass.
 */
#pragma once
#include "drill/script.h"
#include "sim/time.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum drill_outcome {
    DRILL_PASS,
    DRILL_FAIL,
    DRILL_UNSUPPORTED,
    DRILL_BROKEN /* does not parse */
};
enum { DRILL_TEXT = 600, DRILL_DETAIL = 1600 };

struct drill_verdict {
    enum drill_outcome outcome;
    int line;                  /* of the event that decided, from 1; 0: none */
    sim_time at;               /* when, from the start of the script */
    char text[DRILL_TEXT];     /* one sentence, "" for a pass */
    char detail[DRILL_DETAIL]; /* lines "expected ...", "actual ..."; "" when the sentence says
                                  it all */
    char *ladder;     /* every packet so far, a line each; NULL: not asked for; malloc'd */
    struct err error; /* DRILL_BROKEN */
};

struct drill_options {
    const char *profile; /* of params.h; NULL: "linux", under relax_freebsd "bsd" */
    bool relax_freebsd;  /* outbound windows, options of SYNs, timestamps and SO_RCVBUF values
                            are not compared */
    bool ladder;         /* fill in verdict.ladder */
    const struct drill_setting
        *settings; /* of the command line: stronger than the script's; borrowed */
    int n_settings;
    const struct drill_define *defines; /* borrowed */
    int n_defines;
};

/* Names of --name=value with their help, for the manual and for "did you mean"; ends with
 * {NULL}. */
struct drill_setting_row {
    const char *name, *help;
};
extern const struct drill_setting_row DRILL_SETTINGS[];

/* Checks the settings of the command line: 0, or -1 with e set. */
int drill_options_check(const struct drill_options *o, struct err *e);

/* Runs a script; name stands for it in messages of Python code. Fills out, whatever happens. */
void drill_run(const struct drill_script *script, const char *name,
               const struct drill_options *o, struct drill_verdict *out);
/* Loads and runs a file; one that does not parse is DRILL_BROKEN. */
void drill_run_file(const char *path, const struct drill_options *o, struct drill_verdict *out);
void drill_verdict_free(struct drill_verdict *v);
