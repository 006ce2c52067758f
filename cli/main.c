/* SPDX-License-Identifier: GPL-3.0-or-later
 * main.c -- finds the subcommand and checks at the end that stdout took everything.
 */
#include <argp.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"

/* clang-format off */
const struct command COMMANDS[] = {
    {"run",     "run an experiment and judge what it expects",            command_run},
    {"check",   "say whether an experiment is valid",                     command_check},
    {"show",    "print an experiment with every default filled in",       command_show},
    {"explain", "print the reference of the keys of the language",        command_explain},
    {"schema",  "print the JSON Schema of an experiment, for editors",    command_schema},
    {"models",  "list what an experiment can name",                       command_models},
    {"trace",   "print the packets of a run as tcpdump does",             command_trace},
    {"ss",      "print the sockets of a run at one moment as ss does",    command_ss},
    {"plot",    "draw a picture from a database",                         command_plot},
    {"dump",    "print a database as text; equal dumps are equal results", command_dump},
    {"drill",   "run packet scripts against the simulated endpoint",       command_drill},
    {NULL, NULL, NULL},
};
/* clang-format on */

const char *program_path;

static void print_usage(FILE *out)
{
    fputs("Usage: halfopen COMMAND [ARGUMENT...]\n"
          "A network simulator for the life and death of TCP connections.\n\n",
          out);
    for (const struct command *c = COMMANDS; c->name != NULL; c++)
        fprintf(out, "  %-8s  %s\n", c->name, c->help);
    fputs("\nhalfopen COMMAND --help tells more. Begin with: halfopen run "
          "experiments/stale-syn.yaml\n",
          out);
}

int wants_color(int fd)
{
    const char *no_color = getenv("NO_COLOR");
    return isatty(fd) && (no_color == NULL || no_color[0] == '\0');
}

/* One sentence is enough: what stdout could not take has been told. */
static bool has_complained;

/* Whoever read our output has gone, and knows it: `halfopen explain | head`. */
static bool has_reader_gone(void)
{
    struct pollfd out = {.fd = STDOUT_FILENO};
    return ferror(stdout) && poll(&out, 1, 0) == 1 && (out.revents & POLLERR) != 0;
}

int complain(const struct err *e, int status)
{
    has_complained = true;
    fflush(stdout);
    if (!has_reader_gone())
        err_print(e, stderr, wants_color(STDERR_FILENO));
    return status;
}

static int unknown_command(const char *word)
{
    const char *names[sizeof COMMANDS / sizeof *COMMANDS];
    size_t n = 0;
    for (const struct command *c = COMMANDS; c->name != NULL; c++)
        names[n++] = c->name;
    struct err e = {0};
    err_set(&e, NULL, "halfopen has no command '%s'", word);
    const char *meant = nearest_name(word, names, n);
    if (meant != NULL)
        err_hint(&e, "did you mean '%s'?", meant);
    else if (strlen(word) > strlen(".yaml") &&
             strcmp(word + strlen(word) - strlen(".yaml"), ".yaml") == 0)
        err_hint(&e, "did you mean 'halfopen run %s'?", word);
    else
        err_hint(&e, "halfopen --help lists the commands");
    return complain(&e, EXIT_USAGE);
}

/* Also reached from argp's exit() after --help, so that a full disk is never taken for success.
 */
static void check_stdout(void)
{
    const bool had_failed = ferror(stdout);
    errno = 0;
    const bool has_failed = fflush(stdout) != 0 || had_failed;
    const int reason = errno;
    const bool is_told = has_complained || has_reader_gone();
    if (fclose(stdout) == 0 && !has_failed)
        return;
    if (!is_told)
        fprintf(stderr, "halfopen: cannot write to standard output%s%s\n",
                reason != 0 ? ": " : "", reason != 0 ? strerror(reason) : "");
    _exit(EXIT_RUN);
}

/* argv[0] is the command's word. */
static int run_command(int argc, char **argv)
{
    for (const struct command *c = COMMANDS; c->name != NULL; c++) {
        if (strcmp(argv[0], c->name) != 0)
            continue;
        char name[32];
        snprintf(name, sizeof name, "halfopen %s", c->name);
        argv[0] = name; /* argp takes the program's name from here */
        return c->run(argc, argv);
    }
    return unknown_command(argv[0]);
}

int main(int argc, char **argv)
{
    argp_err_exit_status = EXIT_USAGE;
    signal(SIGPIPE, SIG_IGN); /* a reader that went away and a limit on file sizes are errors
                                 like any other */
    signal(SIGXFSZ, SIG_IGN);
    atexit(check_stdout);
    program_path = argv[0];
    if (argc < 2) {
        print_usage(stderr);
        return EXIT_USAGE;
    }
    const bool is_help = strcmp(argv[1], "help") == 0;
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-?") == 0 ||
        (is_help && argc == 2)) {
        print_usage(stdout);
        return EXIT_DONE;
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        puts("halfopen " HALFOPEN_VERSION);
        return EXIT_DONE;
    }
    char help[] = "--help";
    return is_help ? run_command(2, (char *[]){argv[2], help, NULL})
                   : run_command(argc - 1, argv + 1);
}
