/* SPDX-License-Identifier: GPL-3.0-or-later
 * command.h -- a subcommand is a row of COMMANDS and a file of this folder.
 *
 * Exit statuses are the same everywhere. A command prints data on stdout and errors on stderr;
 * main sees to it that a stdout that could not be written is an error, and that usage errors
 * end with EXIT_USAGE.
 */
#pragma once
#include "sim/err.h"

enum exit_status {
    EXIT_DONE = 0,
    EXIT_EXPECTATION = 1, /* an expectation does not hold */
    EXIT_USAGE = 2,       /* usage or configuration */
    EXIT_RUN = 3,         /* the run failed: disk full, cannot write, gnuplot missing */
    EXIT_INTERRUPTED = 130,
};

struct command {
    const char *name, *help;
    int (*run)(int argc, char **argv); /* argv[0] is "halfopen NAME"; returns an exit status */
};
extern const struct command COMMANDS[]; /* ends with {NULL} */

int command_run(int argc, char **argv);
int command_check(int argc, char **argv);
int command_show(int argc, char **argv);
int command_explain(int argc, char **argv);
int command_schema(int argc, char **argv);
int command_models(int argc, char **argv);
int command_plot(int argc, char **argv);
int command_dump(int argc, char **argv);
int command_drill(int argc, char **argv);
int command_trace(int argc, char **argv);
int command_ss(int argc, char **argv);

/* How the program was called, for commands that repeat; set by main. */
extern const char *program_path;

/* Prints e to stderr, in colour on a terminal unless NO_COLOR is set; returns status. */
int complain(const struct err *e, int status);

/* Whether ANSI sequences may go to this stream: 1, a terminal, and NO_COLOR is not set. */
int wants_color(int fd);
