/* SPDX-License-Identifier: GPL-3.0-or-later
 * samples.h -- quantities over time: a panel for each metric, a stepped line for each subject,
 * one time axis for all.
 *
 * What happened to a subject is marked on its line where the segments were recorded: drops on
 * a link's, retransmissions on a host's or an application's.
 *
 * Not modelled: more than a few values a pixel. Of those that share one, the first, the lowest,
 * the highest and the last are drawn, so that no peak is lost.
 */
#pragma once
#include "output/chart.h"
#include "output/source.h"
#include "sim/time.h"

enum { SAMPLES_SERIES = 64, SAMPLES_PANELS = 12 };

struct samples_series {
    int run, panel;
    char subject[64], name[64];
    sim_time *at;
    int64_t *values; /* stored integers */
    uint32_t n, cap_at, cap_values;
    bool is_link;
    sim_time *marks_at; /* drops or retransmissions */
    uint32_t n_marks, cap_marks;
};

struct samples_panel {
    char name[64];
    enum unit unit;
    struct measure measure;
    struct axis y;
};

struct samples {
    struct source source;
    struct samples_series *series; /* in the order of first appearance */
    int n_series;
    struct samples_panel panels[SAMPLES_PANELS];
    int n_panels;
    int run, latest; /* while reading: which run, whose value came last */
};

/* Reads the requested runs. 0, or -1 with e: nothing was sampled, no such metric, more than a
 * picture holds. samples_free either way. */
int samples_load(struct samples *s, const struct plot_request *req, struct err *e);
void samples_free(struct samples *s);

/* The value of a series at an instant, the first one before it began. */
int64_t samples_value(const struct samples_series *series, sim_time at);

/* The plot kind. */
int samples_draw(const struct plot_request *req, struct err *e);
