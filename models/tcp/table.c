/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/tcp/table.h"

#include "models/tcp/crowd.h"
#include "models/tcp/endpoint.h"
#include "models/tcp/wheel.h"

enum { FIRST_BUCKETS = 64 };

static struct tcp_entry *at(const struct sim *sim, uint32_t ref)
{
    return arena_at(&sim->arena, ref);
}

/* ---- the table */

void tcp_table_init(struct tcp_table *h, struct sim *sim)
{
    *h = (struct tcp_table){.n_buckets = FIRST_BUCKETS,
                            .buckets = sim_alloc(sim, FIRST_BUCKETS * sizeof(uint32_t))};
}

void tcp_entry_init(struct tcp_entry *e, enum tcp_entry_kind kind, struct tcp_addr local,
                    struct tcp_addr remote)
{
    *e = (struct tcp_entry){.remote = remote.ip,
                            .local = local.ip.low,
                            .local_port = local.port,
                            .remote_port = remote.port,
                            .local_prefix = (uint16_t)local.ip.prefix,
                            .kind = (uint8_t)kind,
                            .due_at = SIM_NEVER};
}

struct tcp_addr tcp_entry_local(const struct tcp_entry *e)
{
    return (struct tcp_addr){{e->local_prefix, e->local}, e->local_port};
}

struct tcp_addr tcp_entry_remote(const struct tcp_entry *e)
{
    return (struct tcp_addr){e->remote, e->remote_port};
}

static uint32_t bucket_of(const struct tcp_table *h, ip_addr remote, uint16_t remote_port,
                          uint32_t local, uint16_t local_port)
{
    const uint64_t ends = (uint64_t)remote.low << 32 | (uint64_t)remote_port << 16 | local_port;
    return (uint32_t)mix64(ends, (uint64_t)remote.prefix << 32 | local) & (h->n_buckets - 1);
}

static uint32_t *bucket_for(const struct tcp_table *h, const struct tcp_entry *e)
{
    return &h->buckets[bucket_of(h, e->remote, e->remote_port, e->local, e->local_port)];
}

static inline bool has_ends(const struct tcp_entry *e, struct tcp_addr local,
                            struct tcp_addr remote)
{
    return e->remote_port == remote.port && e->local_port == local.port &&
           e->local == local.ip.low && e->local_prefix == local.ip.prefix &&
           ip_eq(e->remote, remote.ip);
}

struct tcp_entry *tcp_table_find(const struct tcp_table *h, const struct sim *sim,
                                 struct tcp_addr local, struct tcp_addr remote)
{
    uint32_t ref = h->buckets[bucket_of(h, remote.ip, remote.port, local.ip.low, local.port)];
    for (; ref != 0; ref = at(sim, ref)->hash_next) {
        struct tcp_entry *e = at(sim, ref);
        if (has_ends(e, local, remote))
            return e;
    }
    return NULL;
}

struct tcp_entry *tcp_table_find_for_segment(struct tcp_table *h, const struct sim *sim,
                                             struct tcp_addr local, struct tcp_addr remote)
{
    if (h->latest == NULL || !has_ends(h->latest, local, remote))
        h->latest = tcp_table_find(h, sim, local, remote);
    return h->latest;
}

static void put(struct tcp_table *h, const struct sim *sim, struct tcp_entry *e)
{
    uint32_t *b = bucket_for(h, e);
    e->hash_next = *b;
    *b = arena_ref(&sim->arena, e);
}

/* Twice the buckets; every chain is dealt again. */
static void rehash(struct tcp_table *h, struct sim *sim)
{
    uint32_t *old = h->buckets;
    const uint32_t n_old = h->n_buckets;
    h->n_buckets = 2 * n_old;
    h->buckets = sim_alloc(sim, h->n_buckets * sizeof *h->buckets);
    for (uint32_t i = 0; i < n_old; i++) {
        for (uint32_t ref = old[i], next; ref != 0; ref = next) {
            next = at(sim, ref)->hash_next;
            put(h, sim, at(sim, ref));
        }
    }
    sim_release(sim, old, n_old * sizeof *old);
}

void tcp_table_add(struct tcp_table *h, struct sim *sim, struct tcp_entry *e)
{
    if (h->n == h->n_buckets)
        rehash(h, sim);
    put(h, sim, e);
    h->n++;
    if (__builtin_expect(h->crowds != NULL, 0))
        tcp_crowd_note(h, sim, e, true);
}

void tcp_table_remove(struct tcp_table *h, struct sim *sim, struct tcp_entry *e)
{
    h->latest = h->latest == e ? NULL : h->latest;
    const uint32_t self = arena_ref(&sim->arena, e);
    uint32_t *link = bucket_for(h, e);
    while (*link != self)
        link = &at(sim, *link)->hash_next;
    *link = e->hash_next;
    h->n--;
    if (__builtin_expect(h->crowds != NULL, 0))
        tcp_crowd_note(h, sim, e, false);
}

/* ---- lines */

/* When the timer of e comes: later than it is due where timers have ticks. Who waits equally
 * long stays in order. */
static sim_time comes_at(const struct tcp_line *line, const struct tcp_entry *e)
{
    const struct tcp_params *p = &line->stack->params;
    const bool exact = __builtin_expect(p->hz == 0, 1);
    return exact ? e->due_at : tcp_wheel_at(p, e->due_at - line->wait, e->due_at);
}

static void set_timer(struct tcp_line *line)
{
    struct sim *sim = line->stack->sim;
    const struct tcp_entry *head = line->head != 0 ? at(sim, line->head) : NULL;
    timer_set(sim, &line->timer, head != NULL ? comes_at(line, head) : SIM_NEVER);
}

static void unlink_entry(struct tcp_line *line, const struct sim *sim, struct tcp_entry *e)
{
    *(e->line_prev != 0 ? &at(sim, e->line_prev)->line_next : &line->head) = e->line_next;
    *(e->line_next != 0 ? &at(sim, e->line_next)->line_prev : &line->tail) = e->line_prev;
    e->line_prev = e->line_next = 0;
    e->due_at = SIM_NEVER;
}

static struct tcp_entry *last_due(const struct tcp_line *line, const struct sim *sim)
{
    struct tcp_entry *last = NULL;
    for (uint32_t ref = line->head; ref != 0; ref = last->line_next) {
        if (comes_at(line, at(sim, ref)) > sim->now)
            break;
        last = at(sim, ref);
    }
    return last;
}

/* Who came last is the first of his bucket. The end of one entry is no other's. */
static void fire_backwards(struct tcp_line *line, struct sim *sim)
{
    for (struct tcp_entry *e = last_due(line, sim), *before; e != NULL; e = before) {
        before = e->line_prev != 0 ? at(sim, e->line_prev) : NULL;
        unlink_entry(line, sim, e);
        line->due(line->stack, e);
    }
    set_timer(line);
}

/* All lines of the list whose time this tick is, the higher levels of the wheel first. */
__attribute__((noinline)) static void fire_tick(struct tcp_line *const *list, struct sim *sim)
{
    for (int level = WHEEL_LEVELS - 1; level >= 0; level--)
        for (struct tcp_line *line = *list; line != NULL; line = line->next)
            if (tcp_wheel_level(&line->stack->params, line->wait) == level)
                fire_backwards(line, sim);
}

static void line_fired(struct sim *sim, struct timer *timer)
{
    struct tcp_line *line = CONTAINER_OF(timer, struct tcp_line, timer);
    if (__builtin_expect(line->stack->params.hz != 0, 0)) {
        fire_tick(line->list, sim);
        return;
    }
    while (line->head != 0 && at(sim, line->head)->due_at <= sim->now) {
        struct tcp_entry *e = at(sim, line->head);
        unlink_entry(line, sim, e);
        line->due(line->stack, e);
    }
    set_timer(line);
}

struct tcp_line *tcp_line_of(struct tcp_stack *s, struct tcp_line **list, sim_time wait,
                             void (*due)(struct tcp_stack *s, struct tcp_entry *e))
{
    struct tcp_line **link = list;
    while (*link != NULL && (*link)->wait != wait)
        link = &(*link)->next;
    if (*link == NULL) {
        struct tcp_line *line = sim_alloc(s->sim, sizeof *line);
        *line = (struct tcp_line){.list = list, .stack = s, .wait = wait, .due = due};
        timer_init(s->sim, &line->timer, EV_TIMER, s->host, line_fired);
        *link = line;
    }
    return *link;
}

void tcp_line_add(struct tcp_line *line, struct tcp_entry *e)
{
    struct sim *sim = line->stack->sim;
    const uint32_t self = arena_ref(&sim->arena, e);
    e->due_at = time_add(sim->now, line->wait);
    e->line_prev = line->tail;
    e->line_next = 0;
    *(line->tail != 0 ? &at(sim, line->tail)->line_next : &line->head) = self;
    line->tail = self;
    if (line->head == self)
        set_timer(line);
}

/* An entry knows its neighbours alone: the first and the last of a line are looked for. */
void tcp_line_remove(struct tcp_stack *s, struct tcp_line *list, struct tcp_entry *e)
{
    const uint32_t self = arena_ref(&s->sim->arena, e);
    struct tcp_line *line = list;
    if (e->line_prev == 0)
        while (line->head != self)
            line = line->next;
    else if (e->line_next == 0)
        while (line->tail != self)
            line = line->next;
    const bool was_head = line->head == self;
    unlink_entry(line, s->sim, e);
    if (was_head)
        set_timer(line);
}

uint32_t tcp_line_count(const struct tcp_stack *s, const struct tcp_line *list,
                        uint16_t local_port)
{
    uint32_t n = 0;
    for (const struct tcp_line *line = list; line != NULL; line = line->next)
        for (uint32_t ref = line->head; ref != 0; ref = at(s->sim, ref)->line_next)
            n += local_port == 0 || at(s->sim, ref)->local_port == local_port;
    return n;
}
