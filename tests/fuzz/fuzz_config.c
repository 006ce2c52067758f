/* SPDX-License-Identifier: GPL-3.0-or-later
 * fuzz_config.c -- any bytes as an experiment: no crash, no leak, an error exactly when there
 * is no experiment; what is one can be described at every point, and what `show` prints of it
 * is one too.
 */
#define _GNU_SOURCE /* memfd_create */
#include "experiments/experiment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "experiments/runner.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Loads a text as a file that has no name: the loader takes only files. NULL with e set. */
static struct experiment *load(const void *text, size_t n, struct err *e)
{
    char path[32];
    const int fd = memfd_create("experiment", 0);
    if (fd < 0 || write(fd, text, n) != (ssize_t)n)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    struct experiment *x = experiment_load(path, NULL, 0, e);
    close(fd);
    return x;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct err e = {0};
    struct experiment *x = load(data, n, &e);
    if ((x == NULL) != (e.text[0] != '\0'))
        abort();
    if (x == NULL)
        return 0;
    const int bad = runner_check(x, &e);
    struct err again = {0};
    struct experiment *shown = load(x->flat, strlen(x->flat), &again);
    if (shown == NULL) {
        err_print(&again, stderr, 0);
        abort();
    }
    if (bad != runner_check(shown, &again))
        abort();
    experiment_free(shown);
    experiment_free(x);
    return 0;
}
