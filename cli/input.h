/* SPDX-License-Identifier: GPL-3.0-or-later
 * input.h -- FILE.db or EXP.yaml, whichever it is: what trace and ss look at.
 */
#pragma once
#include "cli/load.h"
#include "sim/units.h"

/* Whether the file begins as an SQLite database does. */
bool input_is_database(const char *path);

/* That nothing is said that would change a database (-p, --seed). -1: it is, with err. */
int input_stays(const struct load_args *load, struct err *e);

/* The value of --run, from 1, and of an option that takes a time; else argp_error. */
int64_t input_run(const char *arg, struct argp_state *state);
sim_time input_time(const char *option, const char *arg, struct argp_state *state);
