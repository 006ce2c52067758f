/* SPDX-License-Identifier: GPL-3.0-or-later
 * sweep_params.h -- the parameters of the points of a file: which vary, and what that makes of
 * them in a picture: the x axis or a series.
 */
#pragma once
#include "output/source.h"

/* Values as texts, by point and key. */
struct sweep_params {
    int64_t *points; /* the selected ones in order */
    char **keys;
    char **values; /* [point * n_keys + key]; NULL: the point has no such parameter */
    uint32_t n_points, n_keys, cap_points, cap_keys;
    int x;           /* index of the key along x */
    bool *is_series; /* [key]: tells lines apart */
};

/* Reads the selected points' parameters and settles x and series by the request. 0, or -1 with
 * the source's e. sweep_params_free either way. */
int sweep_params_load(struct sweep_params *p, const struct source *s);
void sweep_params_free(struct sweep_params *p);

const char *sweep_value(const struct sweep_params *p, uint32_t point, uint32_t key);

/* "backlog 128, policy drop"; "" when nothing tells lines apart. */
void sweep_series_label(const struct sweep_params *p, uint32_t point, char *buf, size_t size);
