/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/flows.h"

enum { BUCKETS_MAX = 1 << 16, BUCKETS_MIN = 64 };

static uint32_t bucket_of(const struct flow_table *t, const struct flow_ends *e)
{
    const uint64_t ips = (uint64_t)e->here.low << 32 | e->there.low;
    const uint64_t rest = (uint64_t)(e->here.prefix ^ e->there.prefix) << 40 |
                          (uint64_t)e->proto << 32 | (uint64_t)e->here_port << 16 |
                          e->there_port;
    return (uint32_t)mix64(ips, rest) & (t->n_buckets - 1);
}

static bool same_ends(const struct flow_ends *a, const struct flow_ends *b)
{
    return ip_eq(a->here, b->here) && ip_eq(a->there, b->there) &&
           a->here_port == b->here_port && a->there_port == b->there_port &&
           a->proto == b->proto;
}

void flow_table_init(struct flow_table *t, struct sim *sim, int64_t limit, sim_time opening,
                     sim_time open, sim_time closing)
{
    *t = (struct flow_table){
        .sim = sim,
        .limit = limit,
        .n_buckets = BUCKETS_MIN,
        .timeouts = {[FLOW_OPENING] = opening, [FLOW_OPEN] = open, [FLOW_CLOSING] = closing}};
    while (t->n_buckets < BUCKETS_MAX && t->n_buckets < limit)
        t->n_buckets *= 2;
    for (int look = 0; look < N_FLOW_LOOKS; look++)
        t->buckets[look] = sim_alloc(sim, t->n_buckets * sizeof(struct flow *));
}

/* ---- lines */

static bool is_too_old(const struct flow_table *t, const struct flow *f)
{
    return time_add(f->used_at, t->timeouts[f->stage]) <= t->sim->now;
}

static void join_line(struct flow_table *t, struct flow *f)
{
    struct flow *last = t->lines[f->stage].newest;
    f->used_at = t->sim->now;
    f->older = last;
    f->newer = NULL;
    *(last != NULL ? &last->newer : &t->lines[f->stage].oldest) = f;
    t->lines[f->stage].newest = f;
}

static void leave_line(struct flow_table *t, struct flow *f)
{
    *(f->older != NULL ? &f->older->newer : &t->lines[f->stage].oldest) = f->newer;
    *(f->newer != NULL ? &f->newer->older : &t->lines[f->stage].newest) = f->older;
}

void flow_set_stage(struct flow_table *t, struct flow *f, enum flow_stage stage)
{
    leave_line(t, f);
    f->stage = (uint8_t)stage;
    join_line(t, f);
}

/* ---- the tables */

void flow_remove(struct flow_table *t, struct flow *f)
{
    leave_line(t, f);
    for (int look = 0; look < N_FLOW_LOOKS; look++) {
        struct flow **link = &t->buckets[look][bucket_of(t, &f->ends[look])];
        while (*link != f)
            link = &(*link)->next[look];
        *link = f->next[look];
    }
    t->n--;
    sim_release(t->sim, f, sizeof *f);
}

static void forget_old(struct flow_table *t)
{
    for (int stage = 0; stage < N_FLOW_STAGES; stage++)
        while (t->lines[stage].oldest != NULL && is_too_old(t, t->lines[stage].oldest))
            flow_remove(t, t->lines[stage].oldest);
}

struct flow *flow_find(struct flow_table *t, enum flow_look look, const struct flow_ends *ends)
{
    forget_old(t);
    struct flow *f = t->buckets[look][bucket_of(t, ends)];
    while (f != NULL && !same_ends(&f->ends[look], ends))
        f = f->next[look];
    return f;
}

struct flow *flow_add(struct flow_table *t, const struct flow_ends *near_ends,
                      const struct flow_ends *far_ends)
{
    forget_old(t);
    if (t->n >= t->limit)
        return NULL;
    struct flow *f = sim_alloc(t->sim, sizeof *f);
    *f = (struct flow){.ends = {*near_ends, *far_ends}, .stage = FLOW_OPENING};
    for (int look = 0; look < N_FLOW_LOOKS; look++) {
        struct flow **bucket = &t->buckets[look][bucket_of(t, &f->ends[look])];
        f->next[look] = *bucket;
        *bucket = f;
    }
    join_line(t, f);
    t->n++;
    t->max = t->n > t->max ? t->n : t->max;
    return f;
}

int64_t flow_count(const struct flow_table *t)
{
    int64_t n = t->n;
    for (int stage = 0; stage < N_FLOW_STAGES; stage++)
        for (const struct flow *f = t->lines[stage].oldest; f != NULL && is_too_old(t, f);
             f = f->newer)
            n--;
    return n;
}

/* ---- what a packet does */

/* It is open when its first side has heard the other and speaks again; of UDP when the other
 * side speaks. */
static bool has_opened(const struct flow *f, const struct packet *p, bool from_here)
{
    if (p->proto != PROTO_TCP)
        return f->answered;
    return f->answered && from_here == f->begun_here && (p->flags & TCP_SYN) == 0;
}

void flow_pass(struct flow_table *t, struct flow *f, const struct packet *p, bool from_here)
{
    const uint16_t flags = p->proto == PROTO_TCP ? p->flags : 0;
    enum flow_stage stage = (enum flow_stage)f->stage;
    f->answered = f->answered || from_here != f->begun_here;
    f->fin[from_here] = f->fin[from_here] || (flags & TCP_FIN) != 0;
    if (stage == FLOW_OPENING && has_opened(f, p, from_here))
        stage = FLOW_OPEN;
    if ((flags & TCP_RST) != 0 || (f->fin[0] && f->fin[1]))
        stage = FLOW_CLOSING;
    flow_set_stage(t, f, stage);
}
