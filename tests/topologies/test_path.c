/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_path.c -- a long path: twenty routers in a row, and on each of its links whatever a link
 * can do to a packet.
 *
 *   client -- router1 -- router2 -- ... -- router20 -- server
 *
 * What was sent is what arrived and what was dropped, cause by cause, link by link; without
 * jitter a flow keeps its order and each packet's delay is exact; with jitter the mean is the
 * closed form, at the end of the run as at its beginning.
 *
 *   topologies_test_path [PACKETS]     100,000 unless told; the long run is 10,000,000
 */
#include "topologies/net.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "tests/models/seg_log.h"
#include "topologies/shapes.h"

enum { ROUTERS = 20, HOPS = ROUTERS + 1, FLOWS = 4, BYTES = 1000, PARTS = 10 };
static const int64_t ANY = UNIT_UNLIMITED;
static int64_t n_packets = 100000;

static struct key_variant with(const struct variant *kinds, const char *name, const int64_t *of,
                               size_t n)
{
    struct key_variant v = {0};
    while (strcmp(kinds->name, name) != 0)
        kinds++;
    v.variant = kinds;
    memcpy(v.params, of, n * sizeof(*of));
    return v;
}

static struct key_variant exponential(sim_time mean)
{
    return with(DIST_KINDS, "exponential", (int64_t[]){mean, 0}, 2);
}

/* Lost 4 in a row, 0.4 % of all; down for 5 ms, after 480 ms on average; one in 1000 doubled.
 */
static struct link_params bad_link(void)
{
    struct link_params p = {ANY, dist_constant(MS(10)), ANY, ANY};
    p.loss = with(LOSS_MODELS, "gilbert-elliott",
                  (int64_t[]){FRACTION_ONE / 1000, FRACTION_ONE / 4, 0, FRACTION_ONE}, 4);
    p.flap = (struct flap_params){exponential(MS(480)), exponential(MS(5))};
    p.duplicate = FRACTION_ONE / 1000;
    return p;
}

/* Where the path ends. Delays are sums of integers, by the tenth of the run in which a packet
 * was sent. */
struct end {
    struct sink sink; /* first */
    struct sim *sim;
    int64_t n_arrived, n_overtaken, n_queue_drops;
    uint32_t last_seq[FLOWS];
    sim_time shortest, longest;
    int64_t n_part[PARTS];
    __int128 delay_part[PARTS];
};

static void end_recv(struct sink *sink, struct packet *p)
{
    struct end *e = CONTAINER_OF(sink, struct end, sink);
    const sim_time delay = e->sim->now - p->born_at;
    const int64_t part = (int64_t)p->offset * PARTS / n_packets;
    e->n_arrived++;
    e->n_overtaken += p->seq < e->last_seq[p->sport];
    e->last_seq[p->sport] = p->seq;
    e->shortest = time_min(e->shortest, delay);
    e->longest = time_max(e->longest, delay);
    e->n_part[part]++;
    e->delay_part[part] += delay;
    packet_free(e->sim, p);
}

static void send(struct net *net, int64_t i)
{
    struct packet *p = packet_new(net->sim, BYTES);
    p->src = net->hosts[0].addr;
    p->dst = net->hosts[1].addr;
    p->proto = PROTO_UDP;
    p->ttl = 64;
    p->offset = (uint64_t)i;
    p->sport = (uint16_t)(i % FLOWS);
    p->seq = (uint32_t)(i / FLOWS) + 1;
    host_send(&net->hosts[0], p);
}

static struct link *hop(struct net *net, int k)
{
    return &net->links[2 * k]; /* there and back by turns */
}

/* The books of each link and router, and of the path as a whole. */
static void check_conservation(const char *story, struct net *net, struct end *end)
{
    int64_t n_copies = 0, n_dropped = 0;
    check_eq(story, hop(net, 0)->n_sent, n_packets);
    for (int k = 0; k < HOPS; k++) {
        const struct link *l = hop(net, k);
        check_eq(story, link_inside(l), 0);
        check_eq(story, link_books(l), 0);
        n_copies += l->n_copies;
        end->n_queue_drops += l->n_queue_drops;
        n_dropped += l->n_lost + l->n_queue_drops + l->n_down_drops + l->n_lifetime_drops;
        check_true("each link lost some, and was down at times",
                   l->n_lost > 0 && l->n_down_drops > 0);
        if (k == HOPS - 1)
            break;
        const struct router *r = &net->routers[k];
        check_eq(story, r->n_received, l->n_delivered);
        check_eq(story, r->n_forwarded, l->n_delivered);
        check_eq(story, hop(net, k + 1)->n_sent, r->n_forwarded);
    }
    check_eq(story, end->n_arrived, hop(net, HOPS - 1)->n_delivered);
    check_eq(story, n_packets + n_copies, end->n_arrived + n_dropped);
    check_eq(story, net->sim->live_packets, 0);
}

/* n_packets along the path, one each gap. */
static struct end run_path(const char *story, const struct link_params *link, uint64_t seed,
                           sim_time gap)
{
    struct sim *sim = sim_new(&(struct sim_params){.seed = seed});
    struct end end = {.sink = {end_recv}, .sim = sim, .shortest = SIM_NEVER};
    struct net_spec spec = {0};
    CHAIN.expand(&(struct chain_params){.link = *link, .routers = ROUTERS}, &spec);
    for (int i = 0; i < spec.n_hosts; i++) {
        tcp_params_init(&spec.hosts[i].tcp, "rfc9293");
        spec.hosts[i].params = host_defaults();
    }
    for (int i = 0; i < spec.n_routers; i++)
        spec.routers[i].params = router_defaults();
    struct net *net = net_build(sim, &spec);
    hop(net, HOPS - 1)->peer = &end.sink;
    for (int64_t i = 0; i < n_packets; i++) {
        sim_run_until(sim, i * gap);
        send(net, i);
    }
    sim_run_until(sim, n_packets * gap + SEC(60));
    check_conservation(story, net, &end);
    free(spec.hosts);
    free(spec.links);
    free(spec.routers);
    sim_free(sim);
    return end;
}

/* At 100 Mbit/s 1000 B take 80 us; one each 100 us never waits. */
static void without_jitter_order_is_kept_and_delay_exact(void **state)
{
    struct link_params p = bad_link();
    p.rate_bps = 100000000;
    p.duplicate = 0; /* a copy comes at the same instant, and then waits */
    const struct end end = run_path("no jitter", &p, 1, US(100));
    check_eq("overtaken", end.n_overtaken, 0);
    check_eq("the first to the last", end.shortest, HOPS * (MS(10) + US(80)));
    check_eq("no drift", end.longest, HOPS * (MS(10) + US(80)));
}

/* One each 75 us is more than the first link takes; behind it what follows a copy waits. */
static void order_is_kept_where_packets_wait(void **state)
{
    struct link_params p = bad_link();
    p.rate_bps = 100000000;
    p.queue_packets = 20;
    const struct end end = run_path("queues", &p, 2, US(75));
    check_eq("overtaken", end.n_overtaken, 0);
    check_true("some found the queue full", end.n_queue_drops > 0);
    check_true("some waited", end.longest > HOPS * (MS(10) + US(80)));
}

static double part_mean(const struct end *e, int from, int to)
{
    __int128 delay = 0;
    int64_t n = 0;
    for (int i = from; i < to; i++) {
        delay += e->delay_part[i];
        n += e->n_part[i];
    }
    return (double)delay / (double)n;
}

/* Normal, 10 ms and 2 ms a hop, correlation 0.3: the mean of n has the standard error
 * 2 ms sqrt(21 x 1.3 / 0.7 / n). Copies, 2 % in all, share part of their way with the original:
 * at most 4 % more variance. */
static void with_jitter_the_mean_is_the_closed_form(void **state)
{
    struct link_params p = bad_link();
    p.delay = with(DIST_KINDS, "normal", (int64_t[]){MS(10), MS(2)}, 2);
    p.delay_correlation = FRACTION_ONE / 10 * 3;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        const struct end end = run_path("jitter", &p, seed, US(100));
        const double se = 2e6 * sqrt(HOPS * 1.3 / 0.7 * 1.04 / ((double)end.n_arrived / PARTS));
        const double whole = part_mean(&end, 0, PARTS), first = part_mean(&end, 0, 1),
                     last = part_mean(&end, PARTS - 1, PARTS);
        if (n_packets > 100000)
            printf("%" PRId64 " of %" PRId64 " arrived, mean delay %.6f ms, in the first tenth "
                   "%.6f, in the last %.6f, standard error of a tenth %.6f\n",
                   end.n_arrived, n_packets, whole / 1e6, first / 1e6, last / 1e6, se / 1e6);
        check_true("the mean", fabs(whole - HOPS * 10e6) < 4 * se / sqrt(PARTS));
        check_true("of the first tenth", fabs(first - HOPS * 10e6) < 4 * se);
        check_true("of the last tenth", fabs(last - HOPS * 10e6) < 4 * se);
        check_true("jitter reorders", end.n_overtaken > 0);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_jitter_order_is_kept_and_delay_exact),
        cmocka_unit_test(order_is_kept_where_packets_wait),
        cmocka_unit_test(with_jitter_the_mean_is_the_closed_form),
    };
    if (argc > 1)
        n_packets = strtoll(argv[1], NULL, 10);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
