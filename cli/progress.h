/* SPDX-License-Identifier: GPL-3.0-or-later
 * progress.h -- one line on a terminal's stderr that tells how far the runs are; nothing
 * anywhere else.
 */
#pragma once
#include <stdint.h>

struct progress {
    int shown;      /* a terminal, and wanted */
    double told_at; /* seconds on the monotonic clock */
};

void progress_init(struct progress *p, int quiet);
void progress_tell(void *progress, double done, int64_t total); /* for run_options.progress */
void progress_clear(struct progress *p); /* leaves an empty line to what comes next */
