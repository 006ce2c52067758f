/* SPDX-License-Identifier: GPL-3.0-or-later
 * experiment.h -- an experiment as loaded: what to build at each point, how often, and what
 * must come out.
 *
 *   file --yaml.c (libyaml, marks)--> extends, -p (merge.h) --> tree
 *        --points.h--> one tree a point --network.h, read.h (key rows)--> net_spec
 *
 * A dimension is a `sweep` list or a `variants` entry; points are their cross product in
 * declared order, the last dimension fastest.
 */
#pragma once
#include "experiments/sample.h"
#include "sim/err.h"
#include "sim/schema.h"
#include "topologies/net.h"

struct node; /* tree.h */
struct pool; /* pool.h */

struct dimension {
    char name[NAME_MAX_BYTES];
    bool is_variant; /* values are names of sets of overrides; else texts for $name */
    const char **values;
    int n_values;
    struct mark at;
};

struct point {
    int64_t id;      /* from 1 */
    int *value;      /* per dimension: index into its values */
    char label[256]; /* "handshake=two-way answer=rst"; "" when there is only one point */
};

enum expect_op { EXPECT_EXACT, EXPECT_TOL, EXPECT_Z_MAX, EXPECT_AT_LEAST, EXPECT_AT_MOST };

struct expect {
    char subject[NAME_MAX_BYTES], metric[NAME_MAX_BYTES];
    enum expect_op op;
    const char *want; /* the text of is / at_least / at_most: an expression or a text */
    struct mark want_at, tol_at, half_width_at; /* of these texts; path NULL: not given */
    const char *tol; /* text of tol ("1%" relative, or a quantity absolute), or NULL */
    double z_max;
    const char *half_width_max; /* text, or NULL */
    const char *each;           /* dimension, or NULL */
    const char *source;
    bool *selects; /* per point: whether `where` selects it */
    struct mark at;
};

/* An expectation whose points -p has all left out; texts as the file has them. */
struct not_run {
    const char *metric, *where, *want, *source;
};

struct plot_spec {
    char name[NAME_MAX_BYTES];
    const char *kind;
    char side_by_side[NAME_MAX_BYTES]; /* dimension, or "" */
    char x[NAME_MAX_BYTES], series[NAME_MAX_BYTES];
    const char *const *of; /* hosts or metrics, as the kind takes them */
    int n_of;
    int64_t band;
    bool is_expected_on;
    bool *selects;
    struct mark at;
};

struct experiment {
    char name[NAME_MAX_BYTES];
    char description[TEXT_MAX_BYTES];
    char path[256];
    uint64_t seed;
    int64_t repeat;
    sim_time stop, warm_up;
    bool independent;   /* random: independent */
    const char *record; /* all, life, metrics, none; auto: not said, the runner chooses */
    struct sample_params sample;
    struct dimension *dims;
    struct point *points;
    struct expect *expects;
    struct plot_spec *plots;
    struct not_run *not_run;
    int n_dims, n_points, n_expects, n_plots, n_not_run;
    const struct node *file; /* after extends, before -p */
    struct node *tree;       /* after -p, before points */
    const char *flat;        /* the flattened file, as `show` prints it */
    struct pool *pool;       /* holds all of the above, and the experiment itself */
};

/* Loads and checks everything, every point included. overrides: "PATH=VALUE" each. NULL with e
 * set. */
struct experiment *experiment_load(const char *path, const char *const *overrides,
                                   int n_overrides, struct err *e);
void experiment_free(struct experiment *x);

/* The network of a point. The arrays belong to the result; free with point_spec_free. 0, or -1
 * with e. */
struct point_spec {
    struct net_spec net;
    struct param_value {
        const char *name, *value;
    } * let; /* let and sweep names with their texts at this point */
    int n_let;
    void *memory;
};
int experiment_point(const struct experiment *x, int point, struct point_spec *out,
                     struct err *e);
void point_spec_free(struct point_spec *s);
