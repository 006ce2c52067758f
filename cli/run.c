/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/load.h"
#include "cli/progress.h"
#include "cli/repeat.h"
#include "cli/suite.h"
#include "experiments/report.h"

struct run_args {
    struct load_args load;
    const char *db_path, *plot_dir;
    bool json, dry_run, quiet, shuffle_ties, no_plot, all;
    int n_workers;
};

enum {
    KEY_JSON = 'j' + 256,
    KEY_DRY_RUN = 'd' + 256,
    KEY_TIES = 't' + 256,
    KEY_NO_PLOT = 'n' + 256,
    KEY_ALL = 'a' + 256,
    KEY_PLOT_DIR = 'P' + 256
};

static const struct argp_option OPTIONS[] = {
    {"output", 'o', "FILE.db|DIR", 0,
     "The database to write (default NAME.db in the current directory); of a folder of "
     "experiments the folder for theirs, with pictures (default: none is kept)",
     1},
    {"all", KEY_ALL, NULL, 0, "Run the shipped experiments", 1},
    {"jobs", 'j', "N", 0, "Run N replications at once; the results are the same (default 1)",
     1},
    {"json", KEY_JSON, NULL, 0, "Print one JSON document instead of tables", 1},
    {"dry-run", KEY_DRY_RUN, NULL, 0, "Say what would be run and recorded; write nothing", 1},
    {"quiet", 'q', NULL, 0, "No progress bar", 1},
    {"ties", KEY_TIES, "shuffle|declared", 0,
     "The order of simultaneous events: as declared (the default), or drawn at random", 1},
    {"no-plot", KEY_NO_PLOT, NULL, 0, "Draw no pictures", 1},
    {"plot-dir", KEY_PLOT_DIR, "DIR", 0, "Where pictures go (default: beside the database)", 1},
    {0},
};

static int parse_jobs(const char *arg, const struct argp_state *state)
{
    const size_t n_digits = strspn(arg, "0123456789");
    const int n = n_digits > 0 && n_digits < 4 && arg[n_digits] == '\0' ? atoi(arg) : 0;
    if (n < 1 || n > RUNNER_MAX_WORKERS)
        argp_error(state, "-j takes a number from 1 to %d, not '%s'", RUNNER_MAX_WORKERS, arg);
    return n;
}

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
    case 'j':
        a->n_workers = parse_jobs(arg, state);
        return 0;
    case KEY_ALL:
        a->all = true;
        a->load.may_lack_path = true;
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
    case ARGP_KEY_END:
        if (a->all && a->load.path != NULL)
            argp_error(state, "--all are the shipped experiments: leave out '%s'",
                       a->load.path);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static char *command_text(const struct run_args *a, const struct experiment *x)
{
    struct repeat r;
    if (repeat_begin(&r, &a->load, a->load.path, x->seed, a->shuffle_ties) != 0)
        return NULL;
    if (a->db_path != NULL) {
        r.words[r.n++] = "-o";
        r.words[r.n++] = a->db_path;
    }
    if (a->plot_dir != NULL) {
        r.words[r.n++] = "--plot-dir";
        r.words[r.n++] = a->plot_dir;
    }
    if (a->no_plot)
        r.words[r.n++] = "--no-plot";
    if (a->json)
        r.words[r.n++] = "--json";
    return repeat_end(&r);
}

/* The directory part of a path, "" when there is none; malloc'd. */
static char *directory_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL   ? strdup("")
           : slash == path ? strdup("/.")
                           : strndup(path, (size_t)(slash - path));
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
    report_warnings(x, results, NULL, stderr);
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
    interrupt_catch();
    const struct run_options options = {.db_path = db_path,
                                        .shuffle_ties = a->shuffle_ties,
                                        .n_workers = a->n_workers,
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

/* EXP.yaml: one experiment, in full. */
static int run_file(const struct run_args *args)
{
    struct experiment *x = load_checked(&args->load);
    if (x == NULL)
        return EXIT_USAGE;
    char default_path[NAME_MAX_BYTES + 8];
    snprintf(default_path, sizeof default_path, "%s.db", x->name);
    const char *db_path = args->db_path != NULL ? args->db_path : default_path;
    int status = EXIT_DONE;
    if (args->dry_run && args->json)
        report_plan_json(x, db_path, stdout);
    else if (args->dry_run)
        report_plan(x, db_path, stdout);
    else
        status = run(args, x, db_path);
    experiment_free(x);
    return status;
}

/* DIR: all that is in it. */
static int run_folder(const struct run_args *args)
{
    struct err e = {0};
    if (args->dry_run) {
        err_set(&e, NULL, "--dry-run is of one experiment, and %s is a folder",
                args->load.path);
        return complain(&e, EXIT_USAGE);
    }
    return suite_run(&(struct suite_options){.load = args->load,
                                             .out_dir = args->db_path,
                                             .plot_dir = args->plot_dir,
                                             .json = args->json,
                                             .quiet = args->quiet,
                                             .shuffle_ties = args->shuffle_ties,
                                             .no_plot = args->no_plot,
                                             .n_workers = args->n_workers});
}

static bool is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

int command_run(int argc, char **argv)
{
    static const struct argp argp = {
        OPTIONS,
        parse,
        "EXP.yaml|DIR\n--all",
        "Run an experiment, write its database, draw its pictures and judge what it expects; "
        "or "
        "all experiments of a folder, in one table.\v"
        "Exit status: 0 all expectations hold, 1 one does not, 2 usage or configuration, 3 the "
        "run failed, "
        "130 interrupted.",
        CHILDREN,
        NULL,
        NULL};
    struct run_args args = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &args);
    char *shipped = args.all ? suite_shipped_dir() : NULL;
    if (args.all)
        args.load.path = shipped;
    const int status = args.load.path != NULL && is_folder(args.load.path) ? run_folder(&args)
                                                                           : run_file(&args);
    free(shipped);
    load_args_free(&args.load);
    return status;
}
