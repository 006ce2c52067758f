/* SPDX-License-Identifier: GPL-3.0-or-later
 * synq_policy.c -- what a SYN queue does that is full: one const row a policy.
 *
 *   drop          the SYN finds no room (every system without another defence)
 *   oldest-out    the oldest request of the queue goes
 *   random-out    any request goes, all with the same chance
 *   syn-cache     requests lie in buckets by a hash with a secret, so that nobody can aim at
 *                 one; the oldest of a full bucket goes (Lemon 2002, RFC 4987 §3.5), or,
 *                 with syncookies, a cookie answers
 *   syn-cookies   none is kept: the answer's sequence number carries it (cookie.h)
 */
#include "models/tcp/endpoint.h"

#include <string.h>

static struct tcp_request *at(const struct tcp_listener *l, uint32_t ref)
{
    return arena_at(&l->stack->sim->arena, ref);
}

/* ---- oldest-out, random-out */

static bool oldest_goes(struct tcp_listener *l, const struct segment *g)
{
    if (l->oldest == 0)
        return false;
    tcp_request_evict(at(l, l->oldest), "oldest out");
    return true;
}

/* requests[] names them all; a request knows its place. */
static void list_added(struct tcp_listener *l, struct tcp_request *r)
{
    struct arena *a = &l->stack->sim->arena;
    l->requests =
        arena_grow(a, l->requests, &l->cap_requests, l->n_requests + 1, sizeof *l->requests);
    r->place = l->n_requests;
    l->requests[l->n_requests++] = arena_ref(a, r);
}

static void list_removed(struct tcp_listener *l, struct tcp_request *r)
{
    const uint32_t last = l->requests[--l->n_requests];
    l->requests[r->place] = last;
    at(l, last)->place = r->place;
}

static bool any_goes(struct tcp_listener *l, const struct segment *g)
{
    if (l->n_requests == 0)
        return false;
    const uint64_t i = rng_below(&l->stack->synq_rng, l->n_requests);
    tcp_request_evict(at(l, l->requests[i]), "random out");
    return true;
}

/* ---- syn-cache: requests[] has bucket_limit places a bucket, the oldest first */

static uint32_t *bucket_of(struct tcp_listener *l, ip_addr remote, uint16_t remote_port)
{
    const struct tcp_params *p = &l->stack->params;
    if (l->requests == NULL) {
        l->cap_requests = (uint32_t)(p->syn_cache_buckets * p->syn_cache_limit);
        l->bucket_limit = (uint32_t)p->syn_cache_limit;
        l->requests = sim_alloc(l->stack->sim, l->cap_requests * sizeof *l->requests);
        l->secret = rng_u64(&l->stack->synq_rng);
    }
    const uint64_t ends = (uint64_t)remote.low << 16 | remote_port;
    const uint64_t hash = mix64(mix64(l->secret, remote.prefix), ends);
    const uint32_t n_buckets = l->cap_requests / l->bucket_limit;
    return &l->requests[hash % n_buckets * l->bucket_limit];
}

static bool bucket_is_full(struct tcp_listener *l, const struct segment *g)
{
    return bucket_of(l, g->p->src, g->p->sport)[l->bucket_limit - 1] != 0;
}

static bool bucket_has_room(struct tcp_listener *l, const struct segment *g)
{
    if (bucket_is_full(l, g))
        tcp_request_evict(at(l, *bucket_of(l, g->p->src, g->p->sport)),
                          "oldest of its bucket out");
    return true;
}

static void bucket_added(struct tcp_listener *l, struct tcp_request *r)
{
    uint32_t *bucket = bucket_of(l, r->entry.remote, r->entry.remote_port);
    while (*bucket != 0)
        bucket++;
    *bucket = arena_ref(&l->stack->sim->arena, r);
}

static void bucket_removed(struct tcp_listener *l, struct tcp_request *r)
{
    const uint32_t self = arena_ref(&l->stack->sim->arena, r);
    uint32_t *bucket = bucket_of(l, r->entry.remote, r->entry.remote_port), i = 0;
    while (bucket[i] != self)
        i++;
    memmove(&bucket[i], &bucket[i + 1], (l->bucket_limit - 1 - i) * sizeof *bucket);
    bucket[l->bucket_limit - 1] = 0;
}

static void forget(struct tcp_listener *l)
{
    sim_release(l->stack->sim, l->requests, l->cap_requests * sizeof *l->requests);
}

#define DROP_HELP   "the SYN is dropped"
#define OLDEST_HELP "the oldest request goes"
#define RANDOM_HELP "a request at random goes"
#define CACHE_HELP                                                                             \
    "hashed buckets with a secret; the oldest of a full bucket goes, whatever the backlog"
#define COOKIES_HELP "the SYN is answered by a cookie: no state is kept, options are lost"

static const struct tcp_synq_policy registry[] = {
    {.name = "drop", .help = DROP_HELP, .source = "RFC 4987 §2"},
    {.name = "oldest-out",
     .help = OLDEST_HELP,
     .source = "RFC 4987 §3.4",
     .make_room = oldest_goes},
    {.name = "random-out",
     .help = RANDOM_HELP,
     .source = "RFC 4987 §3.4; Ricciulli et al. 1999",
     .make_room = any_goes,
     .added = list_added,
     .removed = list_removed,
     .close = forget},
    {.name = "syn-cache",
     .help = CACHE_HELP,
     .source = "RFC 4987 §3.5; Lemon 2002",
     .own_limit = true,
     .is_full = bucket_is_full,
     .make_room = bucket_has_room,
     .added = bucket_added,
     .removed = bucket_removed,
     .close = forget},
    {.name = "syn-cookies", .help = COOKIES_HELP, .source = "RFC 4987 §3.6", .cookies = true},
};

const struct choice TCP_SYNQ_CHOICES[] = {
    {"drop", DROP_HELP},       {"oldest-out", OLDEST_HELP},   {"random-out", RANDOM_HELP},
    {"syn-cache", CACHE_HELP}, {"syn-cookies", COOKIES_HELP}, {NULL, NULL}};

const struct tcp_synq_policy *tcp_synq_policy_find(const char *name)
{
    const struct tcp_synq_policy *p = registry;
    while (strcmp(p->name, name) != 0)
        p++;
    return p;
}
