/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace.c -- who sent what, line by line as tcpdump prints it, or as a capture file.
 */
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/input.h"
#include "cli/interrupt.h"
#include "cli/load.h"
#include "experiments/play.h"
#include "output/pcapng.h"
#include "output/tcpdump.h"
#include "sim/units.h"

struct trace_args {
    struct load_args load;
    struct trace_options options;
    int64_t run;          /* 0: not given */
    const char *out_path; /* of a capture file; NULL: lines on stdout */
    int n_t;
    bool is_absolute, is_nano;
    char **filter;
};

enum { KEY_RUN = 512, KEY_LINK, KEY_HOST, KEY_FROM, KEY_TO, KEY_NANO, KEY_PLAIN };

static const struct argp_option OPTIONS[] = {
    {"run", KEY_RUN, "N", 0,
     "The run, the rank of point and replication (default: the first that has something to "
     "show)",
     0},
    {"link", KEY_LINK, "A->B", 0, "Listen where packets enter this link", 0},
    {"host", KEY_HOST, "NAME", 0, "Listen at this host: what it sends and what comes to it", 0},
    {"from", KEY_FROM, "TIME", 0, "Nothing before this time of the run", 0},
    {"to", KEY_TO, "TIME", 0, "Nothing from this time on", 0},
    {"write", 'w', "OUT", 0,
     "A pcapng file for tcpdump -r and Wireshark, in place of lines; -: standard output", 0},
    {NULL, 't', NULL, 0,
     "No time; -tt seconds; -ttt since the line before; -tttt date and time; -ttttt since the "
     "first line",
     0},
    {NULL, 'S', NULL, 0, "Absolute sequence numbers", 0},
    {NULL, 'n', NULL, 0, "Addresses are never names: says nothing here", 0},
    {"nano", KEY_NANO, NULL, 0, "Nine digits of a second", 0},
    {"plain", KEY_PLAIN, NULL, 0, "Without the notes behind lines: lost, held, forged", 0},
    {0},
};

static void add_word(struct trace_args *a, char *arg)
{
    struct trace_options *o = &a->options;
    a->filter = realloc(a->filter, (size_t)(o->n_filter + 1) * sizeof *a->filter);
    a->filter[o->n_filter++] = arg;
    o->filter = a->filter;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct trace_args *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->load;
        return 0;
    case ARGP_KEY_ARG:
        if (a->load.path == NULL)
            return ARGP_ERR_UNKNOWN; /* the child's */
        add_word(a, arg);
        return 0;
    case KEY_RUN:
        a->run = input_run(arg, state);
        return 0;
    case KEY_LINK:
        a->options.link = arg;
        return 0;
    case KEY_HOST:
        a->options.host = arg;
        return 0;
    case KEY_FROM:
        a->options.from = input_time("--from", arg, state);
        return 0;
    case KEY_TO:
        a->options.to = input_time("--to", arg, state);
        return 0;
    case 'w':
        a->out_path = arg;
        return 0;
    case 't':
        a->n_t++;
        return 0;
    case 'S':
        a->is_absolute = true;
        return 0;
    case 'n':
        return 0;
    case KEY_NANO:
        a->is_nano = true;
        return 0;
    case KEY_PLAIN:
        a->options.is_plain = true;
        return 0;
    case ARGP_KEY_END:
        if (a->options.link != NULL && a->options.host != NULL)
            argp_error(state, "one place to listen at: --link or --host");
        if (a->n_t >= TCPDUMP_N_TIMES)
            argp_error(state, "at most five t");
        if (a->options.from >= a->options.to)
            argp_error(state,
                       "nothing lies between --from and --to: one is not before the other");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---- where rows come from */

struct look {
    struct trace *trace;
    FILE *out;
};

static bool goes_on(void *ctx)
{
    const struct look *look = ctx;
    return interrupt == 0 && !ferror(look->out) && !trace_is_over(look->trace);
}

static int of_database(const struct trace_args *a, struct look *look)
{
    struct err e = {0};
    if (input_stays(&a->load, &e) != 0)
        return complain(&e, EXIT_USAGE);
    return trace_file(look->trace, a->load.path, a->run, goes_on, look, &e) == 0
               ? EXIT_DONE
               : complain(&e, e.is_failure ? EXIT_RUN : EXIT_USAGE);
}

static int of_experiment(const struct trace_args *a, struct look *look)
{
    struct err e = {0};
    struct play play;
    struct experiment *x = load_checked(&a->load);
    if (x == NULL)
        return EXIT_USAGE;
    int status = EXIT_DONE;
    struct listener *listener = NULL;
    bool is_ready = play_open(&play, x, a->run > 0 ? a->run : 1, &e) == 0;
    for (uint32_t i = 1; is_ready && i <= play.sim->n_subjects; i++)
        trace_add(look->trace, play.sim->subjects[i].kind, play.sim->subjects[i].name);
    is_ready = is_ready && trace_ready(look->trace, &e) == 0;
    if (is_ready) {
        listener = trace_listen(look->trace, play.sim);
        play_start(&play, listener);
        play_until(&play, SIM_NEVER, goes_on, look);
    } else {
        status = complain(&e, EXIT_USAGE);
    }
    play_end(&play);
    trace_listen_free(listener);
    experiment_free(x);
    return status;
}

/* ---- where packets go */

static int trace_to(const struct trace_args *a, struct trace_sink *sink, FILE *out)
{
    struct err e = {0};
    struct look look = {trace_new(&a->options, sink, &e), out};
    if (look.trace == NULL)
        return complain(&e, EXIT_USAGE);
    interrupt_catch();
    const int status =
        input_is_database(a->load.path) ? of_database(a, &look) : of_experiment(a, &look);
    trace_free(look.trace);
    return status == EXIT_DONE && interrupt != 0 ? EXIT_INTERRUPTED : status;
}

static int to_lines(const struct trace_args *a)
{
    struct tcpdump lines;
    tcpdump_init(&lines, stdout);
    lines.time = (enum tcpdump_time)a->n_t;
    lines.is_absolute = a->is_absolute;
    lines.is_nano = a->is_nano;
    const int status = trace_to(a, &lines.sink, stdout);
    tcpdump_fini(&lines);
    return status;
}

static int cannot_write(const char *path)
{
    struct err e = {0};
    err_set(&e, NULL, "cannot write %s: %s", path, strerror(errno));
    return complain(&e, EXIT_RUN);
}

static int to_capture(const struct trace_args *a)
{
    struct pcapng capture;
    const bool is_stdout = strcmp(a->out_path, "-") == 0;
    FILE *out = is_stdout ? stdout : fopen(a->out_path, "wb");
    if (out == NULL)
        return cannot_write(a->out_path);
    pcapng_init(&capture, out,
                a->options.link != NULL   ? a->options.link
                : a->options.host != NULL ? a->options.host
                                          : "network");
    const int status = trace_to(a, &capture.sink, out);
    const bool is_written = !ferror(out);
    if (is_stdout) /* main() looks after it */
        return status;
    if (fclose(out) != 0 || !is_written)
        return cannot_write(a->out_path);
    return status;
}

int command_trace(int argc, char **argv)
{
    const struct argp_child children[] = {{&LOAD_ARGP, 0, NULL, 0}, {0}};
    const struct argp argp = {
        OPTIONS,
        parse,
        "FILE.db|EXP.yaml [FILTER...]",
        "Print the packets of a run as tcpdump -n does: those of a database that has segments, "
        "or of an experiment, which is run for it.\v"
        "FILTER is [not] tcp, udp, icmp, icmp6, ip, ip6, [src|dst] host ADDRESS or [src|dst] "
        "port NUMBER, joined by 'and'. Without --link and --host a packet is seen where it "
        "enters the network; what befell it later stands behind its line.",
        children,
        NULL,
        NULL};
    struct trace_args args = {.options.to = SIM_NEVER, .load.takes = "FILE.db or EXP.yaml"};
    argp_parse(&argp, argc, argv, 0, NULL, &args);
    const int status = args.out_path != NULL ? to_capture(&args) : to_lines(&args);
    free(args.filter);
    load_args_free(&args.load);
    return status;
}
