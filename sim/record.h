/* SPDX-License-Identifier: GPL-3.0-or-later
 * record.h -- what a run tells to whoever listens. Models never know who that is.
 *
 * A record is a plain struct of its owner, described by a const row of fields: the recorder
 * makes a table of it, the digest a hash, a test a list. When nobody listens at a record's
 * level it costs one predicted branch:
 *
 *   if (sim_listens(sim, REC_LIFE))
 *       sim_emit(sim, &TCP_TRANSITION, &(struct rec_transition){...});
 */
#pragma once
#include "sim/time.h"
#include <stddef.h>
#include <stdint.h>

/* Levels of `record:`. none 0, metrics 0, life = LIFE, all = LIFE|SEGMENT|SAMPLE. */
enum { REC_LIFE = 1, REC_SEGMENT = 2, REC_SAMPLE = 4 };

enum rec_kind {
    REC_I64,     /* int64_t; sim_time and counts */
    REC_U64,     /* uint64_t, below 2^63 */
    REC_U32,     /* uint32_t */
    REC_SUBJECT, /* uint32_t, a number from sim_subject; 0: none */
    REC_ADDR,    /* ip_addr */
    REC_TEXT,    /* const char * to const or arena data; may be NULL */
    REC_BYTES,   /* struct rec_bytes */
};

struct rec_bytes {
    const uint8_t *data;
    uint32_t len;
};

struct rec_field {
    const char *name; /* the column */
    enum rec_kind kind;
    size_t offset;
    const char *help; /* with the unit */
};

struct rec_type {
    const char *name; /* the table: "transition", "segment", ... */
    const char *help;
    const struct rec_field *fields;
    uint32_t n_fields;
    uint32_t level;
};

/* Whoever listens. Lives outside the arena: a restored run goes on talking to the same
 * listener. */
struct listener {
    void (*emit)(struct listener *self, sim_time now, const struct rec_type *type,
                 const void *rec);
    uint32_t levels;
};

/* event(subject, kind, detail): a thing that happened to a subject and has no table of its own.
 * */
struct rec_event {
    uint32_t subject;
    uint32_t conn; /* 0: none */
    const char *kind, *detail;
};
extern const struct rec_type REC_TYPE_EVENT;

/* sample(subject, name, value): a quantity that changes over time. */
struct rec_sample {
    uint32_t subject;
    const char *name;
    int64_t value;
};
extern const struct rec_type REC_TYPE_SAMPLE;
