/* SPDX-License-Identifier: GPL-3.0-or-later
 * config.h -- for tests of the configuration: a folder of their own, and experiments from
 * texts.
 */
#pragma once
#include <stdlib.h>
#include <unistd.h>

#include "experiments/experiment.h"
#include "tests/check.h"

/* The shortest experiment, without its apps; tests add lines. */
#define TOP "topology: two-hosts\nstop: 1s\n"
#define WEB "apps: {web: {kind: server, host: server, port: 80}}\n"

enum { FILE_TEXT_MAX = 16384 };

/* Makes a folder and works there, so that messages have short paths. For
 * cmocka_run_group_tests. */
static inline int enter_folder(void **state)
{
    static char dir[] = "/tmp/halfopen-config-XXXXXX";
    return mkdtemp(dir) == NULL || chdir(dir) != 0 ? -1 : 0;
}

static inline int leave_folder(void **state)
{
    char dir[256];
    char command[300];
    if (getcwd(dir, sizeof(dir)) == NULL || strncmp(dir, "/tmp/halfopen-config-", 21) != 0)
        return -1;
    snprintf(command, sizeof(command), "rm -r '%s'", dir);
    return chdir("/") != 0 || system(command) != 0 ? -1 : 0;
}

static inline void write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

/* Loads a text as test.yaml with at most one -p; fails the test with the message when it does
 * not load. */
static inline struct experiment *load_text(const char *text, const char *override)
{
    struct err e;
    write_file("test.yaml", text);
    struct experiment *x = experiment_load("test.yaml", &override, override != NULL, &e);
    if (x == NULL) {
        print_error("%s\n", text);
        err_print(&e, stderr, 0);
        fail();
    }
    return x;
}

static inline struct point_spec point_of(const struct experiment *x, int point)
{
    struct err e = {0};
    struct point_spec spec;
    if (experiment_point(x, point, &spec, &e) != 0) {
        err_print(&e, stderr, 0);
        fail();
    }
    return spec;
}

/* The position of a point by its label, or the test fails. */
static inline int point_labelled(const struct experiment *x, const char *label)
{
    for (int i = 0; i < x->n_points; i++)
        if (strcmp(x->points[i].label, label) == 0)
            return i;
    fail_msg("no point is called '%s'", label);
    return -1;
}
