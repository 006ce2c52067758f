/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/load.h"
#include "cli/progress.h"
#include "cli/repeat.h"
#include "experiments/report.h"

struct run_args {
    struct load_args load;
    const char *db_path, *plot_dir;
    bool json, dry_run, quiet, shuffle_ties, no_plot;
};

enum {
    KEY_JSON = 'j' + 256,
    KEY_DRY_RUN = 'd' + 256,
    KEY_TIES = 't' + 256,
    KEY_NO_PLOT = 'n' + 256,
    KEY_PLOT_DIR = 'P' + 256
};

static const struct argp_option OPTIONS[] = {
    {"output", 'o', "FILE.db", 0,
     "The database to write (default NAME.db in the current directory)", 1},
    {"json", KEY_JSON, NULL, 0, "Print one JSON document instead of tables", 1},
    {"dry-run", KEY_DRY_RUN, NULL, 0, "Say what would be run and recorded; write nothing", 1},
    {"quiet", 'q', NULL, 0, "No progress bar", 1},
    {"ties", KEY_TIES, "shuffle|declared", 0,
     "The order of simultaneous events: as declared (the default), or drawn at random", 1},
    {"no-plot", KEY_NO_PLOT, NULL, 0, "Draw no pictures", 1},
    {"plot-dir", KEY_PLOT_DIR, "DIR", 0, "Where pictures go (default: beside the database)", 1},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct run_args *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->load;
        return 0;
    case 'o':
        a->db_path = arg;
        return 0;
    case 'q':
        a->quiet = true;
        return 0;
    case KEY_JSON:
        a->json = true;
        return 0;
    case KEY_DRY_RUN:
        a->dry_run = true;
        return 0;
    case KEY_NO_PLOT:
        a->no_plot = true;
        return 0;
    case KEY_PLOT_DIR:
        a->plot_dir = arg;
        return 0;
    case KEY_TIES:
        if (strcmp(arg, "shuffle") != 0 && strcmp(arg, "declared") != 0)
            argp_error(state, "--ties is shuffle or declared, not '%s'", arg);
        a->shuffle_ties = strcmp(arg, "shuffle") == 0;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* Ctrl-C: the runner looks at this often. One that comes a second or more after the first ends
 * the program at once; sooner it may be the same one, told to the process and to its group as
 * timeout(1) does. */
static volatile sig_atomic_t interrupt;
static time_t interrupted_at;

static void on_signal(int signal_number)
{
    const time_t now = time(NULL);
    if (interrupt != 0 && now > interrupted_at + 1)
        _exit(EXIT_INTERRUPTED);
    if (interrupt == 0)
        interrupted_at = now;
    interrupt = signal_number;
}

/* What a parent chose to ignore, as a shell does for its background jobs, stays ignored. */
static void catch_signal(int signal_number)
{
    struct sigaction old, action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    if (sigaction(signal_number, NULL, &old) == 0 && old.sa_handler != SIG_IGN)
        sigaction(signal_number, &action, NULL);
}

/* All that the result depends on, the seed even when it is the file's. */
static char *command_text(const struct run_args *a, const struct experiment *x)
{
    const char **words = calloc((size_t)a->load.n_overrides * 2 + 20, sizeof *words);
    char seed[24];
    int n = 0;
    if (words == NULL)
        return NULL;
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)x->seed);
    words[n++] = program_path;
    words[n++] = "run";
    words[n++] = a->load.path;
    for (int i = 0; i < a->load.n_overrides; i++) {
        words[n++] = "-p";
        words[n++] = a->load.overrides[i];
    }
    words[n++] = "--seed";
    words[n++] = seed;
    if (a->shuffle_ties)
        words[n++] = "--ties=shuffle";
    if (a->db_path != NULL) {
        words[n++] = "-o";
        words[n++] = a->db_path;
    }
    if (a->plot_dir != NULL) {
        words[n++] = "--plot-dir";
        words[n++] = a->plot_dir;
    }
    if (a->no_plot)
        words[n++] = "--no-plot";
    if (a->json)
        words[n++] = "--json";
    char *text = repeat_command(words, n);
    free(words);
    return text;
}

/* The directory part of a path, "" when there is none; malloc'd. */
static char *directory_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL   ? strdup("")
           : slash == path ? strdup("/.")
                           : strndup(path, (size_t)(slash - path));
}

static void warn_idle_faults(const struct experiment *x, const struct results *r)
{
    for (int i = 0; i < r->n_idle; i++) {
        const struct idle_fault *f = &r->idle[i];
        const char *label = x->points[f->point].label;
        fprintf(stderr, "warning: fault '%s' never acted%s%s: %lld segment%s matched\n",
                f->name, label[0] != '\0' ? " at " : "", label, (long long)f->n_matched,
                f->n_matched == 1 ? "" : "s");
    }
}

static void warn_taken_addresses(const struct experiment *x, const struct results *r)
{
    for (const struct taken_address *t = r->taken; t < r->taken + r->n_taken; t++) {
        const char *label = x->points[t->point].label;
        fprintf(stderr,
                "warning: app '%s'%s%s: %lld listen or connect call%s found no free address "
                "(%s), and nothing expects it\n",
                t->name, label[0] != '\0' ? " at " : "", label, (long long)t->n_failed,
                t->n_failed == 1 ? "" : "s", app_error_name(t->error));
    }
}

/* Draws, reports, and says how it ended. */
static int conclude(const struct run_args *a, const struct experiment *x,
                    const struct results *results, const char *db_path)
{
    struct err e = {0};
    struct pictures pictures = {0};
    char *dir = a->plot_dir != NULL ? strdup(a->plot_dir) : directory_of(db_path);
    char *command = command_text(a, x);
    const int drawn =
        a->no_plot || dir == NULL ? 0 : pictures_draw(x, db_path, dir, "en", &pictures, &e);
    const struct report report = {.x = x,
                                  .results = results,
                                  .pictures = &pictures,
                                  .db_path = db_path,
                                  .command = command != NULL ? command : "",
                                  .color = wants_color(STDOUT_FILENO)};
    if (a->json)
        report_json(&report,
                    stdout); /* a failure shows in stdout's state, which main looks at */
    else
        report_print(&report, stdout);
    fflush(stdout);
    warn_idle_faults(x, results);
    warn_taken_addresses(x, results);
    pictures_free(&pictures);
    free(command);
    free(dir);
    if (drawn != 0)
        return complain(&e, EXIT_RUN);
    return results->n_pass == results->n_verdicts ? EXIT_DONE : EXIT_EXPECTATION;
}

static int run(const struct run_args *a, const struct experiment *x, const char *db_path)
{
    struct err e = {0};
    struct results *results = NULL;
    struct progress progress;
    progress_init(&progress, a->quiet);
    catch_signal(SIGINT);
    catch_signal(SIGTERM);
    const struct run_options options = {.db_path = db_path,
                                        .shuffle_ties = a->shuffle_ties,
                                        .interrupt = &interrupt,
                                        .progress = progress_tell,
                                        .progress_ctx = &progress};
    const enum run_status status = runner_run(x, &options, &results, &e);
    progress_clear(&progress);
    int exit_status = EXIT_DONE;
    switch (status) {
    case RUN_OK:
        exit_status = conclude(a, x, results, db_path);
        break;
    case RUN_BAD_CONFIG:
        exit_status = complain(&e, EXIT_USAGE);
        break;
    case RUN_FAILED:
        exit_status = complain(&e, EXIT_RUN);
        break;
    case RUN_INTERRUPTED:
        fprintf(stderr, "halfopen: interrupted; %s holds the runs that were done\n", db_path);
        exit_status = EXIT_INTERRUPTED;
        break;
    }
    results_free(results);
    return exit_status;
}

static const struct argp_child CHILDREN[] = {{&LOAD_ARGP, 0, NULL, 0}, {0}};

int command_run(int argc, char **argv)
{
    static const struct argp argp = {
        OPTIONS,
        parse,
        "EXP.yaml",
        "Run an experiment, write its database, draw its pictures and judge what it expects.\v"
        "Exit status: 0 all expectations hold, 1 one does not, 2 usage or configuration, 3 the "
        "run failed, "
        "130 interrupted.",
        CHILDREN,
        NULL,
        NULL};
    struct run_args args = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &args);
    struct experiment *x = load_checked(&args.load);
    int status = EXIT_USAGE;
    if (x != NULL) {
        char default_path[NAME_MAX_BYTES + 8];
        snprintf(default_path, sizeof default_path, "%s.db", x->name);
        const char *db_path = args.db_path != NULL ? args.db_path : default_path;
        status = EXIT_DONE;
        if (args.dry_run && args.json)
            report_plan_json(x, db_path, stdout);
        else if (args.dry_run)
            report_plan(x, db_path, stdout);
        else
            status = run(&args, x, db_path);
        experiment_free(x);
    }
    load_args_free(&args.load);
    return status;
}
