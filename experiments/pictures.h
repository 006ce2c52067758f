/* SPDX-License-Identifier: GPL-3.0-or-later
 * pictures.h -- the `plot:` rows of an experiment, drawn from its database.
 *
 * A row draws one picture; when other dimensions than `side_by_side` still vary among its
 * points, one a combination of them. Each point is shown by its first replication.
 */
#pragma once
#include "experiments/experiment.h"

struct pictures {
    char **paths;
    int n;
};

/* Draws all rows to DIR/STEM-PLOT.png, or DIR/STEM-PLOT-KEY=VALUE.png where there are several;
 * STEM is the database's name without folder and .db. Returns 0, or -1 with e at the first that
 * failed; *out holds those that were drawn. Free with pictures_free in both cases. */
int pictures_draw(const struct experiment *x, const char *db_path, const char *dir,
                  const char *lang, struct pictures *out, struct err *e);
void pictures_free(struct pictures *p);
