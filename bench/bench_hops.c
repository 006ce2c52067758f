/* SPDX-License-Identifier: GPL-3.0-or-later
 * bench_hops.c -- nanoseconds a packet-hop, without TCP, against the plainest program that does
 * the same.
 *
 *   source i --access i--> (L) ==bottleneck==> (R) --egress i--> sink i        and the same way
 * back
 *
 * n flows keep a window of packets in flight each: a sink answers every packet with a short
 * one, a source every answer with a new packet; six hops a round trip, nothing is ever dropped.
 * Access delays differ, so that flows drift apart.
 *
 * The floor is what one would write by hand for this alone: departures computed at enqueue,
 * each link's head packet in a binary heap, plain structs, packets from a free list, routes by
 * arithmetic, no records, no loss, no faults. Both run by turns in one process; a round is the
 * same simulated time for both, and both must have seen the same arrivals.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "models/link.h"

enum { WINDOW = 8, DATA_BYTES = 1000, ANSWER_BYTES = 40, ROUNDS = 15, ROUND_HOPS = 2000000 };
enum path { ACCESS, BOTTLENECK, EGRESS, BACK_EGRESS, BACK_BOTTLENECK, BACK_ACCESS, HOPS };
#define ACCESS_BPS     INT64_C(1000000000)
#define BOTTLENECK_BPS INT64_C(10000000000)

static sim_time access_delay(uint32_t flow)
{
    return MS(10) + US(flow * 7919 % 10007);
}

/* What has arrived at the ends, whatever the order of simultaneous arrivals. */
struct tally {
    int64_t n_hops;
    uint64_t hash;
};

static void tally_add(struct tally *t, uint32_t flow, sim_time now)
{
    t->n_hops += HOPS / 2;
    t->hash += (uint64_t)now * (2 * flow + 1);
}

/* ---- ours */

struct bench_host {
    struct sink sink; /* first */
    struct ours *ours;
    struct link *out;
    uint32_t flow, bytes;
};

struct bench_router {
    struct sink sink;   /* first */
    struct link *out[]; /* by the packet's flow; one for all: [0], see one_way */
};

struct ours {
    struct sim *sim;
    struct tally tally;
    struct link *links[HOPS]; /* arrays of n, or of 1 */
};

static void send_new(struct bench_host *h)
{
    struct packet *p = packet_new(h->ours->sim, h->bytes);
    p->dst = ip4(h->flow);
    link_send(h->out, p);
}

static void host_answers(struct sink *sink, struct packet *p)
{
    struct bench_host *h = CONTAINER_OF(sink, struct bench_host, sink);
    tally_add(&h->ours->tally, h->flow, h->ours->sim->now);
    packet_free(h->ours->sim, p);
    send_new(h);
}

static void one_way(struct sink *sink, struct packet *p)
{
    link_send(CONTAINER_OF(sink, struct bench_router, sink)->out[0], p);
}

static void by_flow(struct sink *sink, struct packet *p)
{
    link_send(CONTAINER_OF(sink, struct bench_router, sink)->out[p->dst.low], p);
}

static struct sink *router(struct sim *sim, struct link *links, uint32_t n)
{
    struct bench_router *r = sim_alloc(sim, sizeof(*r) + n * sizeof(r->out[0]));
    r->sink.recv = n == 1 ? one_way : by_flow;
    for (uint32_t i = 0; i < n; i++)
        r->out[i] = &links[i];
    return &r->sink;
}

static struct sink *host(struct ours *o, struct link *out, uint32_t flow, uint32_t bytes)
{
    struct bench_host *h = sim_alloc(o->sim, sizeof(*h));
    *h = (struct bench_host){{host_answers}, o, out, flow, bytes};
    return &h->sink;
}

static void connect_link(struct ours *o, enum path path, uint32_t i, struct sink *peer)
{
    const bool shared = path == BOTTLENECK || path == BACK_BOTTLENECK;
    const struct link_params params = {
        .rate_bps = shared ? BOTTLENECK_BPS : ACCESS_BPS,
        .delay = dist_constant(shared ? MS(10) : access_delay(i)),
        .queue_packets = UNIT_UNLIMITED,
        .queue_bytes = UNIT_UNLIMITED,
    };
    link_init(&o->links[path][i], o->sim, "bench", &params, peer);
}

static struct ours *ours_new(uint32_t n)
{
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    struct ours *o = sim_alloc(sim, sizeof(*o));
    o->sim = sim;
    for (enum path path = 0; path < HOPS; path++)
        o->links[path] = sim_alloc(
            sim, (path == BOTTLENECK || path == BACK_BOTTLENECK ? 1 : n) * sizeof(struct link));
    struct sink *to_right = router(sim, o->links[BOTTLENECK], 1),
                *to_left = router(sim, o->links[BACK_BOTTLENECK], 1);
    struct sink *out_right = router(sim, o->links[EGRESS], n),
                *out_left = router(sim, o->links[BACK_ACCESS], n);
    connect_link(o, BOTTLENECK, 0, out_right);
    connect_link(o, BACK_BOTTLENECK, 0, out_left);
    for (uint32_t i = 0; i < n; i++) {
        connect_link(o, ACCESS, i, to_right);
        connect_link(o, EGRESS, i, host(o, &o->links[BACK_EGRESS][i], i, ANSWER_BYTES));
        connect_link(o, BACK_EGRESS, i, to_left);
        struct sink *source = host(o, &o->links[ACCESS][i], i, DATA_BYTES);
        connect_link(o, BACK_ACCESS, i, source);
        for (int k = 0; k < WINDOW; k++)
            send_new(CONTAINER_OF(source, struct bench_host, sink));
    }
    return o;
}

/* ---- the floor */

struct floor_packet {
    struct floor_packet *next;
    int64_t starts_at, arrives_at;
    uint32_t flow, bytes;
};

struct floor_link {
    struct floor_packet *head, *tail, *waiting;
    int64_t rate, delay, free_at;
    uint32_t n_waiting, queue;
};

struct floor_entry {
    int64_t at;
    uint32_t link;
};

struct floor {
    int64_t now;
    struct tally tally;
    struct floor_link *links;
    struct floor_entry *heap;
    uint32_t n_heap;
    struct floor_packet *free;
};

/* The link numbers, in the order in which ours are declared: it is the order of simultaneous
 * arrivals. */
static uint32_t floor_link_no(enum path path, uint32_t flow)
{
    static const uint32_t within[HOPS] = {
        [ACCESS] = 0, [EGRESS] = 1, [BACK_EGRESS] = 2, [BACK_ACCESS] = 3};
    if (path == BOTTLENECK)
        return 0;
    return path == BACK_BOTTLENECK ? 1 : 2 + 4 * flow + within[path];
}

static bool floor_before(struct floor_entry a, struct floor_entry b)
{
    return a.at != b.at ? a.at < b.at : a.link < b.link;
}

static void floor_push(struct floor *f, struct floor_entry e)
{
    uint32_t at = f->n_heap++;
    for (; at > 0 && floor_before(e, f->heap[(at - 1) / 2]); at = (at - 1) / 2)
        f->heap[at] = f->heap[(at - 1) / 2];
    f->heap[at] = e;
}

static struct floor_entry floor_pop(struct floor *f)
{
    const struct floor_entry top = f->heap[0], last = f->heap[--f->n_heap];
    uint32_t at = 0;
    for (uint32_t child = 1; child < f->n_heap; child = 2 * at + 1) {
        if (child + 1 < f->n_heap && floor_before(f->heap[child + 1], f->heap[child]))
            child++;
        if (!floor_before(f->heap[child], last))
            break;
        f->heap[at] = f->heap[child];
        at = child;
    }
    f->heap[at] = last;
    return top;
}

static void floor_begin_due(struct floor *f, struct floor_link *l)
{
    for (; l->waiting != NULL && l->waiting->starts_at <= f->now; l->waiting = l->waiting->next)
        l->n_waiting--;
}

static void floor_free(struct floor *f, struct floor_packet *p)
{
    p->next = f->free;
    f->free = p;
}

static void floor_send(struct floor *f, uint32_t no, struct floor_packet *p)
{
    struct floor_link *l = &f->links[no];
    floor_begin_due(f, l);
    p->starts_at = l->free_at > f->now ? l->free_at : f->now;
    if (p->starts_at > f->now && l->n_waiting >= l->queue) {
        floor_free(f, p);
        return;
    }
    l->free_at = p->starts_at + ((int64_t)p->bytes * 8 * SEC(1) + l->rate - 1) / l->rate;
    p->arrives_at = l->free_at + l->delay;
    p->next = NULL;
    if (l->head == NULL) {
        l->head = p;
        floor_push(f, (struct floor_entry){p->arrives_at, no});
    } else {
        l->tail->next = p;
    }
    l->tail = p;
    if (p->starts_at > f->now) {
        l->n_waiting++;
        l->waiting = l->waiting == NULL ? p : l->waiting;
    }
}

static void floor_send_new(struct floor *f, enum path path, uint32_t flow, uint32_t bytes)
{
    struct floor_packet *p = f->free;
    if (p == NULL)
        p = malloc(sizeof(*p));
    else
        f->free = p->next;
    *p = (struct floor_packet){.flow = flow, .bytes = bytes};
    floor_send(f, floor_link_no(path, flow), p);
}

/* Where a packet goes that has left link no. */
static void floor_arrive(struct floor *f, uint32_t no, struct floor_packet *p)
{
    static const enum path next[] = {BOTTLENECK, HOPS, BACK_BOTTLENECK, HOPS};
    const uint32_t flow = p->flow;
    if (no < 2) {
        floor_send(f, floor_link_no(no == 0 ? EGRESS : BACK_ACCESS, flow), p);
        return;
    }
    const uint32_t within = (no - 2) % 4;
    if (next[within] != HOPS) {
        floor_send(f, floor_link_no(next[within], flow), p);
        return;
    }
    tally_add(&f->tally, flow, f->now);
    floor_free(f, p);
    if (within == 1)
        floor_send_new(f, BACK_EGRESS, flow, ANSWER_BYTES);
    else
        floor_send_new(f, ACCESS, flow, DATA_BYTES);
}

static void floor_run_until(struct floor *f, int64_t until)
{
    while (f->n_heap > 0 && f->heap[0].at <= until) {
        const struct floor_entry e = floor_pop(f);
        struct floor_link *l = &f->links[e.link];
        f->now = e.at;
        floor_begin_due(f, l);
        struct floor_packet *p = l->head;
        l->head = p->next;
        if (l->head != NULL)
            floor_push(f, (struct floor_entry){l->head->arrives_at, e.link});
        floor_arrive(f, e.link, p);
    }
    f->now = until;
}

static struct floor *floor_new(uint32_t n)
{
    struct floor *f = calloc(1, sizeof(*f));
    f->links = calloc(2 + 4 * n, sizeof(*f->links));
    f->heap = calloc(2 + 4 * n, sizeof(*f->heap));
    for (uint32_t i = 0; i < 2 + 4 * n; i++) {
        f->links[i].rate = i < 2 ? BOTTLENECK_BPS : ACCESS_BPS;
        f->links[i].queue = UINT32_MAX;
        f->links[i].delay = i < 2 ? MS(10) : access_delay((i - 2) / 4);
    }
    for (uint32_t i = 0; i < n; i++)
        for (int k = 0; k < WINDOW; k++)
            floor_send_new(f, ACCESS, i, DATA_BYTES);
    return f;
}

/* ---- side by side */

static double cpu_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, size_t n)
{
    qsort(values, n, sizeof(*values), by_value);
    return values[n / 2];
}

/* False: they did not do the same. */
static bool compare(uint32_t n)
{
    struct ours *o = ours_new(n);
    struct floor *f = floor_new(n);
    const sim_time round = (sim_time)ROUND_HOPS * MS(75) / ((sim_time)n * WINDOW * HOPS);
    double ns_ours[ROUNDS], ns_floor[ROUNDS], ratio[ROUNDS];
    for (int i = -1; i < ROUNDS; i++) { /* the first is a warm-up */
        const sim_time until = (i + 2) * round;
        const int64_t before = f->tally.n_hops;
        const double t0 = cpu_s();
        sim_run_until(o->sim, until);
        const double t1 = cpu_s();
        floor_run_until(f, until);
        const double t2 = cpu_s();
        if (i < 0)
            continue;
        const double hops = (double)(f->tally.n_hops - before);
        ns_ours[i] = (t1 - t0) * 1e9 / hops;
        ns_floor[i] = (t2 - t1) * 1e9 / hops;
        ratio[i] = ns_ours[i] / ns_floor[i];
    }
    const bool same = o->tally.n_hops == f->tally.n_hops && o->tally.hash == f->tally.hash;
    printf("%7" PRIu32 " %12" PRId64 " %10.1f %10.1f %8.2f%s\n", n, o->tally.n_hops,
           median(ns_ours, ROUNDS), median(ns_floor, ROUNDS), median(ratio, ROUNDS),
           same ? "" : "  NOT THE SAME ARRIVALS");
    sim_free(o->sim);
    return same; /* the floor's memory ends with the process */
}

/* bench_hops [FLOWS]... */
int main(int argc, char **argv)
{
    static char *usual[] = {"1", "100", "10000", NULL};
    bool same = true;
    printf("%7s %12s %10s %10s %8s\n", "flows", "hops", "ours, ns", "floor, ns", "ratio");
    for (char **flows = argc > 1 ? argv + 1 : usual; *flows != NULL; flows++)
        same &= compare((uint32_t)strtoul(*flows, NULL, 10));
    return same ? 0 : 1;
}
