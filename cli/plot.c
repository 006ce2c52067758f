/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "output/plot.h"
#include "output/recorder.h"

struct plot_args {
    const char *db_path, *kind, *out_path, *lang;
    int64_t *runs;
    int n_runs;
};

enum { KEY_RUN = 'r' + 256, KEY_LANG = 'l' + 256 };

static const struct argp_option OPTIONS[] = {
    {"run", KEY_RUN, "N", 0,
     "The run to show (default: the first that has something to show); given several times they"
     " stand side by side",
     0},
    {"output", 'o', "OUT", 0, "A .png, .svg or .pdf file (default FILE-KIND.png)", 0},
    {"lang", KEY_LANG, "en|zh", 0, "The language of the picture's words (default en)", 0},
    {0},
};

static void add_run(struct plot_args *a, const char *arg, struct argp_state *state)
{
    char *end;
    errno = 0;
    const long long run = strtoll(arg, &end, 10);
    if (*arg == '\0' || *end != '\0' || errno != 0 || run < 1)
        argp_error(state, "--run takes a number from 1, not '%s'", arg);
    a->runs = realloc(a->runs, (size_t)(a->n_runs + 1) * sizeof *a->runs);
    a->runs[a->n_runs++] = run;
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
        add_run(a, arg, state);
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
    size_t n = 0;
    const struct plot_kind *kind = plot_kind_find(name);
    if (kind != NULL)
        return kind;
    for (; PLOT_KINDS[n].name != NULL && n < ARRAY_LEN(names); n++)
        names[n] = PLOT_KINDS[n].name;
    err_set(e, NULL, "there is no picture of kind '%s'", name);
    const char *meant = nearest_name(name, names, n);
    err_hint(e, meant != NULL ? "did you mean '%s'?" : "kinds: %s",
             meant != NULL ? meant : names[0]);
    return NULL;
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
    if (kind == NULL || recorder_check(a->db_path, &e) != 0)
        return complain(&e, EXIT_USAGE);
    char *path = a->out_path != NULL ? strdup(a->out_path) : default_path(a->db_path, a->kind);
    const struct plot_request request = {.db_path = a->db_path,
                                         .out_path = path,
                                         .lang = a->lang,
                                         .runs = a->runs,
                                         .n_runs = a->n_runs};
    const int rc = kind->draw(&request, &e);
    if (rc == 0)
        printf("picture %s\n", path);
    free(path);
    return rc == 0 ? EXIT_DONE : complain(&e, EXIT_RUN);
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
    struct plot_args args = {.lang = "en"};
    argp_parse(&argp, argc, argv, 0, NULL, &args);
    const int status = draw(&args);
    free(args.runs);
    return status;
}
