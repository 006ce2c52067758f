/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BAR_WIDTH = 30 };
static const double PERIOD = 0.1; /* seconds between two drawings */

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

void progress_init(struct progress *p, int quiet)
{
    const char *term = getenv("TERM");
    p->shown = !quiet && isatty(STDERR_FILENO) && term != NULL && strcmp(term, "dumb") != 0;
    p->told_at = now(); /* a run of a blink shows no bar */
}

void progress_tell(void *progress, double done, int64_t total)
{
    struct progress *p = progress;
    if (!p->shown || now() - p->told_at < PERIOD)
        return;
    p->told_at = now();
    const double part = total > 0 && done < (double)total ? done / (double)total : 1;
    const int filled = (int)(part * BAR_WIDTH);
    fprintf(stderr, "\r[%.*s%*s] %3.0f %%  run %lld of %lld\033[K", filled,
            "##############################", BAR_WIDTH - filled, "", part * 100,
            (long long)done + (done < (double)total), (long long)total);
    fflush(stderr);
}

void progress_clear(struct progress *p)
{
    if (p->shown)
        fputs("\r\033[K", stderr);
}
