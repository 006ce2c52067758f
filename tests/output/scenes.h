/* SPDX-License-Identifier: GPL-3.0-or-later
 * scenes.h -- synthetic runs as the models would record them, and what a ladder of each must
 * say.
 */
#pragma once

enum { N_SCENARIOS = 10, EMPTY_RUN = 100 };

struct scene;
extern const struct scenario {
    const char *name;
    void (*play)(struct scene *s);
    const char *lang;
    const char *labels[14]; /* texts that must be there exactly once */
} SCENARIOS[N_SCENARIOS];

/* Writes a result file: scenario i is run i + 1, and EMPTY_RUN is one of which nothing was
 * recorded. */
void scenes_record(const char *path);
