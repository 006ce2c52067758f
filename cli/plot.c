/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "output/plot.h"
#include "output/recorder.h"
#include "sim/units.h"

struct plot_args {
    const char *db_path, *kind, *out_path, *lang, *x, *series;
    struct number_list {
        int64_t *items;
        int n;
    } runs, points;
    const char **of;
    int n_of;
    int64_t band;
    bool is_line_off, has_band;
};

enum {
    KEY_RUN = 256,
    KEY_LANG,
    KEY_OF,
    KEY_X,
    KEY_SERIES,
    KEY_POINT,
    KEY_BAND,
    KEY_NO_LINE,
};

static const struct argp_option OPTIONS[] = {
    {"run", KEY_RUN, "N", 0,
     "The run to show (default: the first that has something to show); given several times they"
     " stand side by side",
     0},
    {"output", 'o', "OUT", 0, "A .png, .svg or .pdf file (default FILE-KIND.png)", 0},
    {"of", KEY_OF, "NAME", 0,
     "What to show: a host (states, dwell), a metric SUBJECT.METRIC (samples, sweep); several"
     " times for several",
     0},
    {"y", KEY_OF, "METRIC", OPTION_ALIAS, NULL, 0},
    {"x", KEY_X, "NAME", 0, "sweep: the parameter along x (default: the one with most values)",
     0},
    {"series", KEY_SERIES, "NAME", 0,
     "sweep: the parameter that tells lines apart (default: all others that vary)", 0},
    {"point", KEY_POINT, "N", 0, "sweep: a point to show, several times for several (all)", 0},
    {"band", KEY_BAND, "PERCENT", 0, "sweep: confidence of the intervals (95%; 0%: none)", 0},
    {"no-line", KEY_NO_LINE, NULL, 0, "sweep: without what expectations want", 0},
    {"lang", KEY_LANG, "en|zh", 0, "The language of the picture's words (default en)", 0},
    {0},
};

static void add_number(struct number_list *l, const char *option, const char *arg,
                       struct argp_state *state)
{
    char *end;
    errno = 0;
    const long long number = strtoll(arg, &end, 10);
    if (*arg == '\0' || *end != '\0' || errno != 0 || number < 1)
        argp_error(state, "%s takes a number from 1, not '%s'", option, arg);
    l->items = realloc(l->items, (size_t)(l->n + 1) * sizeof *l->items);
    l->items[l->n++] = number;
}

static void set_band(struct plot_args *a, const char *arg, struct argp_state *state)
{
    struct err e = {0};
    a->has_band = true;
    if (unit_parse(arg, UNIT_FRACTION, &a->band, NULL, &e) != 0 || a->band >= FRACTION_ONE)
        argp_error(state, "--band takes a percentage below 100%%, not '%s'", arg);
}

static void add_word(struct plot_args *a, const char *arg, struct argp_state *state)
{
    if (a->db_path == NULL)
        a->db_path = arg;
    else if (a->kind == NULL)
        a->kind = arg;
    else
        argp_error(state, "'%s' is one argument too many", arg);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct plot_args *a = state->input;
    switch (key) {
    case KEY_RUN:
        add_number(&a->runs, "--run", arg, state);
        return 0;
    case KEY_POINT:
        add_number(&a->points, "--point", arg, state);
        return 0;
    case KEY_OF:
        a->of = realloc(a->of, (size_t)(a->n_of + 1) * sizeof *a->of);
        a->of[a->n_of++] = arg;
        return 0;
    case KEY_X:
        a->x = arg;
        return 0;
    case KEY_SERIES:
        a->series = arg;
        return 0;
    case KEY_BAND:
        set_band(a, arg, state);
        return 0;
    case KEY_NO_LINE:
        a->is_line_off = true;
        return 0;
    case KEY_LANG:
        if (strcmp(arg, "en") != 0 && strcmp(arg, "zh") != 0)
            argp_error(state, "--lang is en or zh, not '%s'", arg);
        a->lang = arg;
        return 0;
    case 'o':
        a->out_path = arg;
        return 0;
    case ARGP_KEY_ARG:
        add_word(a, arg, state);
        return 0;
    case ARGP_KEY_END:
        if (a->kind == NULL)
            argp_error(state, a->db_path == NULL
                                  ? "a database and a kind of picture are missing"
                                  : "a kind of picture is missing, for example: ladder");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct plot_kind *find_kind(const char *name, struct err *e)
{
    const char *names[32];
    char list[200] = "";
    size_t n = 0, length = 0;
    const struct plot_kind *kind = plot_kind_find(name);
    if (kind != NULL)
        return kind;
    for (; PLOT_KINDS[n].name != NULL && n < ARRAY_LEN(names) && length < sizeof list; n++) {
        names[n] = PLOT_KINDS[n].name;
        length += (size_t)snprintf(list + length, sizeof list - length, "%s%s",
                                   n > 0 ? ", " : "", names[n]);
    }
    err_set(e, NULL, "there is no picture of kind '%s'", name);
    const char *meant = nearest_name(name, names, n);
    err_hint(e, meant != NULL ? "did you mean '%s'?" : "kinds: %s",
             meant != NULL ? meant : list);
    return NULL;
}

/* An option that the kind would not look at is a mistake. */
static int check_options(const struct plot_args *a, const struct plot_kind *kind, struct err *e)
{
    const struct {
        bool given;
        const char *name;
        unsigned takes;
    } rows[] = {
        {a->runs.n > 0, "--run", PLOT_TAKES_RUNS},
        {a->n_of > 0, "--of", PLOT_TAKES_HOSTS | PLOT_TAKES_METRICS},
        {a->x != NULL, "--x", PLOT_TAKES_SWEEP},
        {a->series != NULL, "--series", PLOT_TAKES_SWEEP},
        {a->points.n > 0, "--point", PLOT_TAKES_SWEEP},
        {a->has_band, "--band", PLOT_TAKES_SWEEP},
        {a->is_line_off, "--no-line", PLOT_TAKES_SWEEP},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (rows[i].given && (kind->takes & rows[i].takes) == 0)
            return err_set(e, NULL, "%s says nothing to a picture of kind '%s'", rows[i].name,
                           kind->name);
    return 0;
}

/* stale-syn.db, ladder -> stale-syn-ladder.png */
static char *default_path(const char *db_path, const char *kind)
{
    const size_t length = strlen(db_path);
    const size_t stem =
        length > 3 && strcmp(db_path + length - 3, ".db") == 0 ? length - 3 : length;
    const size_t size = stem + strlen(kind) + 8;
    char *path = malloc(size);
    if (path != NULL)
        snprintf(path, size, "%.*s-%s.png", (int)stem, db_path, kind);
    return path;
}

static int draw(const struct plot_args *a)
{
    struct err e = {0};
    const struct plot_kind *kind = find_kind(a->kind, &e);
    if (kind == NULL || check_options(a, kind, &e) != 0 || recorder_check(a->db_path, &e) != 0)
        return complain(&e, EXIT_USAGE);
    char *path = a->out_path != NULL ? strdup(a->out_path) : default_path(a->db_path, a->kind);
    const struct plot_request request = {.db_path = a->db_path,
                                         .out_path = path,
                                         .lang = a->lang,
                                         .runs = a->runs.items,
                                         .n_runs = a->runs.n,
                                         .of = a->of,
                                         .n_of = a->n_of,
                                         .x = a->x,
                                         .series = a->series,
                                         .points = a->points.items,
                                         .n_points = a->points.n,
                                         .band = a->band,
                                         .is_expected_on = !a->is_line_off};
    const int rc = kind->draw(&request, &e);
    if (rc == 0)
        printf("picture %s\n", path);
    free(path);
    return rc == 0 ? EXIT_DONE : complain(&e, e.is_failure ? EXIT_RUN : EXIT_USAGE);
}

int command_plot(int argc, char **argv)
{
    static const struct argp argp = {
        OPTIONS,
        parse,
        "FILE.db KIND",
        "Draw a picture from a database. halfopen models lists the kinds.",
        NULL,
        NULL,
        NULL};
    struct plot_args args = {.lang = "en", .band = FRACTION_ONE / 100 * 95};
    argp_parse(&argp, argc, argv, 0, NULL, &args);
    const int status = draw(&args);
    free(args.runs.items);
    free(args.points.items);
    free(args.of);
    return status;
}
