/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/suite.h"

#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/repeat.h"
#include "experiments/report.h"
#include "experiments/table.h"

enum { COLUMNS = 5, PATH_BYTES = 4096 };

struct suite {
    const struct suite_options *options;
    char dir[PATH_BYTES]; /* of the databases */
    struct table *table;
    json_t *reports;
    char *failures; /* what does not hold, a line each; written through failures_out */
    size_t failures_size;
    FILE *failures_out;
    int n, n_pass;
    int status;
};

char *suite_shipped_dir(void)
{
    char exe[PATH_BYTES], path[PATH_BYTES + 64];
    const ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
    if (n > 0) {
        exe[n] = '\0';
        snprintf(path, sizeof path, "%s/../share/halfopen/experiments", dirname(exe));
        if (access(path, R_OK | X_OK) == 0)
            return strdup(path);
    }
    return strdup(HALFOPEN_EXPERIMENTS);
}

/* One experiment */

static void add_row(struct suite *s, const char *const *cells, enum table_style style)
{
    for (int i = 0; i < COLUMNS; i++)
        table_add(s->table, cells[i], i == COLUMNS - 1 ? style : TABLE_PLAIN);
}

/* status: what a run of this one alone would exit with. */
static void note(struct suite *s, int status)
{
    s->n_pass += status == EXIT_DONE;
    s->status = status > s->status ? status : s->status;
}

static void add_broken(struct suite *s, const char *name, const char *verdict, int status)
{
    add_row(s, (const char *const[]){name, "-", "-", "-", verdict}, TABLE_BAD);
    if (s->options->json)
        json_array_append_new(s->reports,
                              json_pack("{s:s, s:s}", "name", name, "no_result", verdict));
    note(s, status);
}

static void add_done(struct suite *s, const char *name, const struct report *report)
{
    const struct results *r = report->results;
    const bool all_hold = r->n_pass == r->n_verdicts;
    char points[24], runs[24], hold[48];
    snprintf(points, sizeof points, "%d", report->x->n_points);
    snprintf(runs, sizeof runs, "%lld", (long long)r->n_runs);
    snprintf(hold, sizeof hold, "%d of %d", r->n_pass, r->n_verdicts);
    add_row(s, (const char *const[]){name, points, runs, hold, all_hold ? "pass" : "FAIL"},
            all_hold ? TABLE_GOOD : TABLE_BAD);
    report_failures(report, name, s->failures_out);
    if (s->options->json)
        json_array_append_new(s->reports, report_object(report));
    note(s, all_hold ? EXIT_DONE : EXIT_EXPECTATION);
}

/* Draws and notes what came out. */
static void conclude(struct suite *s, const char *name, const struct experiment *x,
                     const struct results *results, const char *db_path)
{
    const struct suite_options *o = s->options;
    const char *dir = o->plot_dir != NULL ? o->plot_dir : o->out_dir;
    struct pictures pictures = {0};
    struct err e = {0};
    struct repeat repeat;
    char *command = repeat_begin(&repeat, &o->load, x->path, x->seed, o->shuffle_ties) == 0
                        ? repeat_end(&repeat)
                        : NULL;
    const bool draws = dir != NULL && !o->no_plot;
    const int drawn = draws ? pictures_draw(x, db_path, dir, "en", &pictures, &e) : 0;
    add_done(s, name,
             &(struct report){.x = x,
                              .results = results,
                              .pictures = &pictures,
                              .db_path = o->out_dir != NULL ? db_path : NULL,
                              .command = command != NULL ? command : ""});
    report_warnings(x, results, name, stderr);
    if (drawn != 0)
        note(s, complain(&e, EXIT_RUN));
    pictures_free(&pictures);
    free(command);
}

static void run_loaded(struct suite *s, const char *name, const struct experiment *x)
{
    const struct suite_options *o = s->options;
    struct results *results = NULL;
    struct progress progress;
    struct err e = {0};
    char db_path[PATH_BYTES + 300];
    snprintf(db_path, sizeof db_path, "%s/%s.db", s->dir, name);
    progress_init(&progress, o->quiet);
    const struct run_options options = {.db_path = db_path,
                                        .shuffle_ties = o->shuffle_ties,
                                        .n_workers = o->n_workers,
                                        .interrupt = &interrupt,
                                        .progress = progress_tell,
                                        .progress_ctx = &progress};
    const enum run_status status = runner_run(x, &options, &results, &e);
    progress_clear(&progress);
    if (status == RUN_OK)
        conclude(s, name, x, results, db_path);
    else if (status == RUN_INTERRUPTED)
        add_broken(s, name, "interrupted", EXIT_INTERRUPTED);
    else if (status == RUN_BAD_CONFIG)
        add_broken(s, name, "not valid", complain(&e, EXIT_USAGE));
    else
        add_broken(s, name, "did not run", complain(&e, EXIT_RUN));
    results_free(results);
    if (o->out_dir == NULL)
        unlink(db_path);
}

static void run_file(struct suite *s, const char *file)
{
    struct load_args load = s->options->load;
    char path[PATH_BYTES], name[256];
    snprintf(path, sizeof path, "%s/%s", s->options->load.path, file);
    snprintf(name, sizeof name, "%.*s", (int)(strlen(file) - strlen(".yaml")), file);
    load.path = path;
    s->n++;
    struct experiment *x = load_checked(&load);
    if (x != NULL)
        run_loaded(s, name, x);
    else
        add_broken(s, name, "not valid", EXIT_USAGE);
    experiment_free(x);
}

/* The whole */

static int is_experiment(const struct dirent *d)
{
    const size_t n = strlen(d->d_name), end = strlen(".yaml");
    return n > end && d->d_name[0] != '.' && strcmp(d->d_name + n - end, ".yaml") == 0;
}

/* The same in every locale. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* The folder of the databases: the one asked for, or one that goes again. 0, or -1 with e. */
static int make_dir(struct suite *s, struct err *e)
{
    const char *wanted = s->options->out_dir, *tmp = getenv("TMPDIR");
    if (wanted == NULL) {
        snprintf(s->dir, sizeof s->dir, "%s/halfopen-XXXXXX", tmp != NULL ? tmp : "/tmp");
        return mkdtemp(s->dir) != NULL ? 0
                                       : err_set(e, NULL, "%s: %s", s->dir, strerror(errno));
    }
    snprintf(s->dir, sizeof s->dir, "%s", wanted);
    return mkdir(wanted, 0777) == 0 || errno == EEXIST
               ? 0
               : err_set(e, NULL, "%s: %s", wanted, strerror(errno));
}

static void run_all(struct suite *s, struct dirent **files, int n)
{
    static const char *const titles[COLUMNS] = {"experiment", "points", "runs", "expectations",
                                                "verdict"};
    for (int i = 0; i < COLUMNS; i++)
        table_add(s->table, titles[i], TABLE_BOLD);
    for (int i = 0; i < n && interrupt == 0; i++)
        run_file(s, files[i]->d_name);
}

static void print(struct suite *s)
{
    fflush(s->failures_out);
    if (s->options->json) {
        json_t *all = json_pack("{s:O, s:i, s:i}", "experiments", s->reports, "pass", s->n_pass,
                                "of", s->n);
        json_dumpf(all, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
        putchar('\n');
        json_decref(all);
        return;
    }
    table_print(s->table, stdout, wants_color(STDOUT_FILENO));
    printf("\n%s%s%d of %d experiments pass\n", s->failures, s->failures[0] != '\0' ? "\n" : "",
           s->n_pass, s->n);
}

/* The experiments of the folder. Their number, or -1 with e. */
static int list(const char *folder, struct dirent ***files, struct err *e)
{
    const int n = scandir(folder, files, is_experiment, by_name);
    if (n < 0)
        return err_set(e, NULL, "%s: %s", folder, strerror(errno));
    return n > 0 ? n : err_set(e, NULL, "%s: there is no experiment, no *.yaml, in it", folder);
}

static int suite_init(struct suite *s, const struct suite_options *options, struct err *e)
{
    *s = (struct suite){
        .options = options, .table = table_new(COLUMNS), .reports = json_array()};
    s->failures_out = open_memstream(&s->failures, &s->failures_size);
    if (s->table == NULL || s->reports == NULL || s->failures_out == NULL)
        return err_set(e, NULL, "out of memory");
    return make_dir(s, e);
}

static void suite_fini(struct suite *s)
{
    if (s->options->out_dir == NULL)
        rmdir(s->dir);
    if (s->failures_out != NULL)
        fclose(s->failures_out);
    free(s->failures);
    table_free(s->table);
    json_decref(s->reports);
}

int suite_run(const struct suite_options *options)
{
    struct suite s;
    struct dirent **files = NULL;
    struct err e = {0};
    const int n = list(options->load.path, &files, &e);
    if (n < 0)
        return complain(&e, EXIT_USAGE);
    if (suite_init(&s, options, &e) != 0) {
        s.status = complain(&e, EXIT_RUN);
    } else {
        interrupt_catch();
        run_all(&s, files, n);
        print(&s);
    }
    suite_fini(&s);
    for (int i = 0; i < n; i++)
        free(files[i]);
    free(files);
    return s.status;
}
