/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "drill/report.h"
#include "models/tcp/params.h"
#include "sim/util.h"

struct drill_args {
    struct drill_options options;
    struct drill_setting *settings;
    struct drill_define *defines;
    const char **paths;
    int n_settings, n_defines, n_paths;
    enum drill_format format;
    const char *junit;
    bool quiet;
};

enum {
    KEY_PROFILE = 256,
    KEY_RELAX,
    KEY_TAP,
    KEY_JUNIT,
    KEY_JSON,
    KEY_LADDER,
    KEY_SETTING = 1000
};

static const struct argp_option OPTIONS[] = {
    {"profile", KEY_PROFILE, "NAME", 0,
     "Whose behaviour: linux (the default), bsd, rfc9293, textbook", 1},
    {"relax", KEY_RELAX, "freebsd", 0,
     "Profile bsd; outbound windows, options of SYNs, timestamps, SO_RCVBUF values and sysctls "
     "that FreeBSD alone has "
     "are not compared",
     1},
    {"define", 'D', "WORD=TEXT", 0, "TEXT stands for WORD in the scripts", 1},
    {"verbose", 'v', NULL, 0, "Print every packet so far below each script", 2},
    {"ladder", KEY_LADDER, NULL, OPTION_ALIAS, NULL, 2},
    {"quiet", 'q', NULL, 0, "Print only what did not pass, and the summary", 2},
    {"tap", KEY_TAP, NULL, 0, "Print TAP (version 13)", 2},
    {"json", KEY_JSON, NULL, 0, "Print one JSON document", 2},
    {"junit", KEY_JUNIT, "FILE", 0, "Also write FILE as JUnit's XML", 2},
};
enum { MAX_SETTINGS = 64 };

static char *text_before(const char *text, const char *end)
{
    return strndup(text, (size_t)(end - text));
}

static void add_define(struct drill_args *a, char *arg, struct argp_state *state)
{
    const char *equals = strchr(arg, '=');
    if (equals == NULL)
        argp_error(state, "--define takes WORD=TEXT, not '%s'", arg);
    else
        a->defines[a->n_defines++] =
            (struct drill_define){text_before(arg, equals), equals + 1};
}

static bool is_profile(const char *name)
{
    for (const struct tcp_profile *p = TCP_PROFILES; p->name != NULL; p++)
        if (strcmp(p->name, name) == 0)
            return true;
    return false;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct drill_args *a = state->input;
    if (key >= KEY_SETTING && key < KEY_SETTING + MAX_SETTINGS) {
        a->settings[a->n_settings++] = (struct drill_setting){
            .name = (char *)DRILL_SETTINGS[key - KEY_SETTING].name, .value = arg};
        return 0;
    }
    switch (key) {
    case KEY_PROFILE:
        if (!is_profile(arg))
            argp_error(state, "there is no profile '%s'", arg);
        a->options.profile = arg;
        return 0;
    case KEY_RELAX:
        if (strcmp(arg, "freebsd") != 0)
            argp_error(state, "--relax is freebsd, not '%s'", arg);
        a->options.relax_freebsd = true;
        return 0;
    case 'D':
        add_define(a, arg, state);
        return 0;
    case 'v':
    case KEY_LADDER:
        a->options.ladder = true;
        return 0;
    case 'q':
        a->quiet = true;
        return 0;
    case KEY_TAP:
        a->format = DRILL_AS_TAP;
        return 0;
    case KEY_JSON:
        a->format = DRILL_AS_JSON;
        return 0;
    case KEY_JUNIT:
        a->junit = arg;
        return 0;
    case ARGP_KEY_ARG:
        a->paths[a->n_paths++] = arg;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "a packet script is missing");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* The options above and one for each setting that a script may have too. */
static void all_options(struct argp_option out[ARRAY_LEN(OPTIONS) + MAX_SETTINGS])
{
    size_t n = 0;
    for (; n < ARRAY_LEN(OPTIONS); n++)
        out[n] = OPTIONS[n];
    for (int i = 0; DRILL_SETTINGS[i].name != NULL && i < MAX_SETTINGS - 1; i++) {
        if (strcmp(DRILL_SETTINGS[i].name, "verbose") == 0)
            continue;
        out[n++] = (struct argp_option){DRILL_SETTINGS[i].name, KEY_SETTING + i,        "VALUE",
                                        OPTION_ARG_OPTIONAL,    DRILL_SETTINGS[i].help, 3};
    }
    out[n] = (struct argp_option){0};
}

static int write_junit(const char *path, const struct drill_result *results,
                       const struct drill_summary *s)
{
    struct err e = {0};
    FILE *out = fopen(path, "w");
    bool bad = out == NULL;
    if (out != NULL) {
        drill_report_junit(out, results, s);
        bad = ferror(out) != 0;
        bad = fclose(out) != 0 || bad;
    }
    if (!bad)
        return EXIT_DONE;
    err_set(&e, NULL, "cannot write '%s': %s", path, strerror(errno));
    return complain(&e, EXIT_RUN);
}

static int run(const struct drill_args *a, struct drill_result *results)
{
    struct drill_summary summary = {0};
    drill_report_begin(stdout, a->format, a->n_paths);
    for (int i = 0; i < a->n_paths; i++) {
        results[i].name = a->paths[i];
        drill_run_file(a->paths[i], &a->options, &results[i].verdict);
        drill_summary_add(&summary, &results[i].verdict);
        drill_report_one(stdout, a->format, i + 1, &results[i], a->quiet);
        if (results[i].verdict.outcome == DRILL_BROKEN)
            complain(&results[i].verdict.error, 0);
    }
    drill_report_end(stdout, a->format, &summary);
    const int wrote = a->junit != NULL ? write_junit(a->junit, results, &summary) : EXIT_DONE;
    for (int i = 0; i < a->n_paths; i++)
        drill_verdict_free(&results[i].verdict);
    return wrote != EXIT_DONE           ? wrote
           : summary.n_broken > 0       ? EXIT_USAGE
           : summary.n_pass < summary.n ? EXIT_EXPECTATION
                                        : EXIT_DONE;
}

int command_drill(int argc, char **argv)
{
    struct argp_option options[ARRAY_LEN(OPTIONS) + MAX_SETTINGS];
    const struct argp argp = {
        options,
        parse,
        "SCRIPT.pkt...",
        "Run packet scripts, in packetdrill's language, against the simulated endpoint.\v"
        "A file name of - is standard input. Exit status: 0 all pass, 1 one does not (what is "
        "unsupported is not a pass), 2 usage, or a script that is none.",
        NULL,
        NULL,
        NULL};
    const size_t most = (size_t)argc + 1;
    struct drill_args a = {.settings = calloc(most, sizeof *a.settings),
                           .defines = calloc(most, sizeof *a.defines),
                           .paths = calloc(most, sizeof *a.paths)};
    struct drill_result *results = calloc(most, sizeof *results);
    struct err e = {0};
    int status = EXIT_RUN;
    if (a.settings == NULL || a.defines == NULL || a.paths == NULL || results == NULL) {
        err_set(&e, NULL, "no memory");
        status = complain(&e, EXIT_RUN);
    } else {
        all_options(options);
        argp_parse(&argp, argc, argv, 0, NULL, &a);
        a.options.settings = a.settings;
        a.options.n_settings = a.n_settings;
        a.options.defines = a.defines;
        a.options.n_defines = a.n_defines;
        status = drill_options_check(&a.options, &e) != 0 ? complain(&e, EXIT_USAGE)
                                                          : run(&a, results);
    }
    for (int i = 0; i < a.n_defines; i++)
        free((char *)a.defines[i].word);
    free(a.settings);
    free(a.defines);
    free(a.paths);
    free(results);
    return status;
}
