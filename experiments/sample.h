/* SPDX-License-Identifier: GPL-3.0-or-later
 * sample.h -- `sample:`: metrics looked at again and again while a run goes on.
 *
 *   sample: {every: 10ms, metrics: [client->server.queue_length, web.in_time_wait]}
 *
 *   0 ......... every ......... 2 x every ...... <= stop       a row (time, subject, name,
 * value)
 *
 * A sample is a change of the world (class 0), the last of its instant: it sees what `schedule`
 * and `warm_up` have just changed, and nothing that arrives or is called at that instant.
 * Values are the stored integers of the metric's unit, fractions rounded to them; what has not
 * happened leaves no row. Not modelled: samples of a part of the run, samples on events.
 */
#pragma once
#include "sim/schema.h"
#include "topologies/net.h"

struct experiment;

struct sample_params {
    sim_time every;          /* 0: `sample` is not given */
    struct key_list metrics; /* of const char *, "subject.metric" */
};
extern const struct key SAMPLE_KEYS[];

/* The parts of "subject.metric", split at the last dot. subject has room for the longest name.
 * False: there are no two. */
enum { SAMPLE_SUBJECT_BYTES = KEY_PAIR_BYTES };
bool sample_split(const char *text, char subject[SAMPLE_SUBJECT_BYTES], const char **metric);

/* Whether every metric exists in this network and is a number. 0, or -1 with e and the nearest
 * name. */
int sample_check(const struct experiment *x, const struct net_spec *net, struct err *e);

/* Rows of one run. */
int64_t sample_n_rows(const struct experiment *x);

/* In the arena of net's run. */
struct sampler {
    struct event event;
    struct sim *sim;
    sim_time every;
    struct sampled {
        const struct metric *metric;
        const void *of;
        uint32_t subject;
        int64_t n_rows;
    } * items;
    int n;
};

/* Begins to sample at time 0. Call it when the network is built and before anything runs. */
struct sampler *sampler_new(struct net *net, const struct sample_params *params);
