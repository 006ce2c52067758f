/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_impair.c -- jitter, duplication, corruption, reordering and lifetime on a link: what is
 * certain by its log, what is random against its closed form.
 */
#include "models/fault.h"

#include <math.h>

#include "tests/models/seg_log.h"

static const int64_t ANY = UNIT_UNLIMITED;
enum { N = 100000 };

static struct link_params wire(sim_time delay)
{
    return (struct link_params){ANY, dist_constant(delay), ANY, ANY};
}

static struct key_variant normal(sim_time mean, sim_time sd)
{
    struct key_variant d = {.variant = &DIST_KINDS[2]};
    memcpy(d.params, &(sim_time[]){mean, sd}, 2 * sizeof(sim_time));
    assert_string_equal(d.variant->name, "normal");
    return d;
}

static void check_near(const char *story, double got, double want, double within)
{
    if (!(fabs(got - want) <= within)) {
        print_error("%s: %.12g is not %.12g within %.3g\n", story, got, want, within);
        fail();
    }
}

/* n packets of 1000 B, one a millisecond from 0 on; the log. */
static void check_log(const char *story, const struct link_params *params, int n,
                      const char *want)
{
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    struct tap tap = tap_to(sim);
    struct seg_log log = seg_log_new();
    struct link l;
    sim_listen(sim, &log.listener);
    link_init(&l, sim, "a->b", params, &tap.sink);
    for (int i = 0; i < n; i++) {
        sim_run_until(sim, MS(i));
        link_send(&l, packet_new(sim, 1000));
    }
    sim_run_until(sim, SEC(1));
    check_str(story, log.text, want);
    check_eq(story, link_books(&l), 0);
    check_eq(story, sim->live_packets, 0);
    sim_free(sim);
}

static void what_is_certain(void **state)
{
    struct link_params p = wire(MS(10));
    p.reorder = (struct reorder_params){FRACTION_ONE, 3, 0};
    check_log("every third overtakes", &p, 6,
              "recv3@2 recv6@5 recv1@10 recv2@11 recv4@13 recv5@14");
    p.reorder.delay = MS(3);
    check_log("or falls behind", &p, 5, "recv1@10 recv2@11 recv4@13 recv5@14 recv3@15");

    p = wire(MS(10));
    p.duplicate = FRACTION_ONE;
    check_log("twins", &p, 2,
              "dup2<1@0(duplicate) dup4<3@1(duplicate) recv1@10 recv2@10 recv3@11 recv4@11");
    p.loss = loss_bernoulli(FRACTION_ONE);
    check_log("what is lost is not doubled", &p, 2, "drop1@10(loss) drop2@11(loss)");

    p = wire(MS(10));
    p.rate_bps = 8000000; /* 1 ms each */
    p.queue_packets = 0;
    p.duplicate = FRACTION_ONE;
    check_log("a copy takes no turn", &p, 2,
              "dup2<1@0(duplicate) dup4<3@1(duplicate) recv1@11 recv2@11 recv3@12 recv4@12");
    p.lifetime = SEC(100);
    check_log("nor does it on a link that varies", &p, 2,
              "dup2<1@0(duplicate) dup4<3@1(duplicate) recv1@11 recv2@11 recv3@12 recv4@12");

    p.lifetime = MS(11) - 1;
    check_log("it grows old with its original", &p, 1,
              "dup2<1@0(duplicate) drop1@11(lifetime) drop2@11(lifetime)");

    p = wire(MS(10));
    p.corrupt = FRACTION_ONE;
    check_log("broken, and arrives", &p, 1, "corrupt1@0(corrupt) recv1@10");

    p = wire(MS(10));
    p.lifetime = MS(10) - 1;
    check_log("a nanosecond too old", &p, 1, "drop1@10(lifetime)");
    p.lifetime = MS(10);
    check_log("just in time", &p, 1, "recv1@10");
    p.loss = loss_bernoulli(FRACTION_ONE);
    p.lifetime = MS(1);
    check_log("lost before it grew old", &p, 1, "drop1@10(loss)");
}

/* Whether the link varies or not. */
static void a_copy_of_what_a_fault_delays_goes_with_it(void **state)
{
    for (int varies = 0; varies < 2; varies++) {
        struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
        struct tap tap = tap_to(sim);
        struct seg_log log = seg_log_new();
        struct link_params p = wire(MS(10));
        struct link l;
        struct fault f;
        p.duplicate = FRACTION_ONE;
        p.lifetime = varies ? SEC(100) : 0;
        sim_listen(sim, &log.listener);
        link_init(&l, sim, "a->b", &p, &tap.sink);
        fault_init(&f, sim, "f",
                   &(struct fault_params){.match = {.nth = 1, .count = 1, .data = "any"},
                                          .delay = MS(5)},
                   &l);
        link_send(&l, packet_new(sim, 1000));
        sim_run_until(sim, SEC(1));
        check_str("both late", log.text,
                  "delay1@0(fault:f) dup2<1@0(duplicate) recv1@15 recv2@15");
        check_eq("books", link_books(&l), 0);
        sim_free(sim);
    }
}

/* 1 ms each: of three the first is on the wire. Copies do not wait. */
static void the_queue_is_as_long_as_it_is_now(void **state)
{
    static const int64_t at_ms[] = {2, 1, 0, 0};
    struct value v = {0};
    for (int varies = 0; varies < 2; varies++) {
        struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
        struct tap tap = tap_to(sim);
        struct link_params p = wire(MS(10));
        struct link l;
        p.rate_bps = 8000000;
        p.duplicate = FRACTION_ONE;
        p.lifetime = varies ? SEC(100) : 0;
        link_init(&l, sim, "a->b", &p, &tap.sink);
        for (int i = 0; i < 3; i++)
            link_send(&l, packet_new(sim, 1000));
        for (int i = 0; i < 4; i++) {
            sim_run_until(sim, MS(i));
            check_eq("waiting", link_queue_length(&l), at_ms[i]);
            for (const struct metric *m = LINK_METRICS; m->name != NULL; m++)
                if (strcmp(m->name, "queue_length") == 0)
                    v = metric_value(sim, m, &l);
            check_eq("as a metric", v.num, at_ms[i]);
        }
        link_drain(&l);
        sim_free(sim);
    }
}

static void broken_once_is_enough(void **state)
{
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    struct tap tap = tap_to(sim);
    struct link_params p = wire(MS(10));
    struct link l;
    p.corrupt = FRACTION_ONE;
    link_init(&l, sim, "a->b", &p, &tap.sink);
    struct packet *broken = packet_new(sim, 1000);
    broken->marks = PACKET_CORRUPT;
    link_send(&l, broken);
    link_send(&l, packet_new(sim, 1000));
    sim_run_until(sim, SEC(1));
    check_eq("one here", l.n_corrupted, 1);
    check_eq("the first", tap.packets[0].marks, PACKET_CORRUPT);
    check_eq("the second", tap.packets[1].marks, PACKET_CORRUPT);
    sim_free(sim);
}

/* Lifetime counts from the packet's birth, not from this link. */
static void age_is_since_birth(void **state)
{
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    struct tap tap = tap_to(sim);
    struct link_params p = wire(MS(10));
    struct link l;
    p.lifetime = MS(25);
    link_init(&l, sim, "a->b", &p, &tap.sink);
    struct packet *old = packet_new(sim, 1000), *older = packet_new(sim, 1000);
    sim_run_until(sim, MS(15));
    link_send(&l, old);
    sim_run_until(sim, MS(16));
    link_send(&l, older);
    sim_run_until(sim, SEC(1));
    check_eq("25 ms", l.n_delivered, 1);
    check_eq("26 ms", l.n_lifetime_drops, 1);
    sim_free(sim);
}

/* ---- chances */

struct sums {
    struct sink sink; /* first */
    struct sim *sim;
    double delay, square;
    int64_t n, n_overtaken;
    uint32_t last_id;
    uint64_t doubled[(2 * N) / 64 + 1]; /* by the original's number */
};

static void sums_recv(struct sink *sink, struct packet *p)
{
    struct sums *s = CONTAINER_OF(sink, struct sums, sink);
    const double delay = (double)(s->sim->now - p->born_at) / 1e6;
    s->delay += delay;
    s->square += delay * delay;
    s->n++;
    s->n_overtaken += p->id < s->last_id;
    s->last_id = p->id;
    if (p->parent != 0)
        s->doubled[p->tsval / 64] |= UINT64_C(1) << p->tsval % 64;
    packet_free(s->sim, p);
}

/* N packets, one each gap. */
static void run_many(const struct link_params *params, uint64_t seed, sim_time gap,
                     struct sums *s, struct link *l)
{
    struct sim *sim = sim_new(&(struct sim_params){.seed = seed});
    *s = (struct sums){.sink = {sums_recv}, .sim = sim};
    link_init(l, sim, "a->b", params, &s->sink);
    for (uint32_t i = 0; i < N; i++) {
        sim_run_until(sim, i * gap);
        struct packet *p = packet_new(sim, 100);
        p->tsval = i;
        link_send(l, p);
    }
    sim_run_until(sim, SEC(1000));
    check_eq("books", link_books(l), 0);
    check_eq("nothing lives", sim->live_packets, 0);
    sim_free(sim);
}

static double binomial_se(double p)
{
    return sqrt(p * (1 - p) / N);
}

static void chances_are_those_given(void **state)
{
    static struct sums s;
    struct link l;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct link_params p = wire(MS(10));
        p.duplicate = FRACTION_ONE / 50;
        p.corrupt = FRACTION_ONE / 100;
        p.loss = loss_bernoulli(FRACTION_ONE / 20);
        run_many(&p, seed, US(10), &s, &l);
        check_near("lost", (double)l.n_lost / N, 0.05, 4 * binomial_se(0.05));
        /* of those that arrive */
        check_near("doubled", (double)l.n_copies / N, 0.95 * 0.02,
                   4 * binomial_se(0.95 * 0.02));
        check_near("broken", (double)l.n_corrupted / N, 0.95 * 0.01,
                   4 * binomial_se(0.95 * 0.01));
        check_eq("in order", s.n_overtaken, 0);
        check_eq("arrived", s.n, N - l.n_lost + l.n_copies);
    }
}

/* One in gap - 1 + 1 / p leaves its place: a cycle has the mean m and the variance (1 - p) /
 * p^2, so of N packets N / m leave with the variance N (1 - p) / (p^2 m^3). */
static void reordering_has_a_rate(void **state)
{
    static const struct {
        double probability;
        int64_t gap;
    } rows[] = {{0.1, 1}, {0.25, 5}, {1, 7}};
    static struct sums s;
    struct link l;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        for (uint64_t seed = 1; seed <= 3; seed++) {
            const double q = rows[i].probability, m = (double)rows[i].gap - 1 + 1 / q;
            struct link_params p = wire(MS(10));
            p.reorder = (struct reorder_params){(int64_t)(q * FRACTION_ONE), rows[i].gap, 0};
            run_many(&p, seed, US(10), &s, &l);
            check_near("reordered", (double)l.n_reordered, N / m,
                       4 * sqrt(N * (1 - q) / (q * q * m * m * m)) + 1);
            check_eq("all of them arrive", s.n, N);
            check_true("and overtake", s.n_overtaken > 0);
        }
}

/* Mean 20 ms, sd 2 ms; packets 10 us apart overtake each other. Correlation takes nothing off
 * the spread. */
static void jitter_has_its_mean_and_spread(void **state)
{
    static struct sums s;
    struct link l;
    for (uint64_t seed = 1; seed <= 3; seed++)
        for (int64_t correlation = 0; correlation <= FRACTION_ONE / 2;
             correlation += FRACTION_ONE / 2) {
            struct link_params p = wire(0);
            p.delay = normal(MS(20), MS(2));
            p.delay_correlation = correlation;
            run_many(&p, seed, US(10), &s, &l);
            const double mean = s.delay / N, variance = s.square / N - mean * mean;
            /* of rho 1/2: sqrt((1 + rho) / (1 - rho)), sqrt((1 + rho^2) / (1 - rho^2)) */
            const double wider = correlation > 0 ? 1.732 : 1,
                         more = correlation > 0 ? 1.291 : 1;
            check_near("mean", mean, 20, 4 * 2 / sqrt(N) * wider);
            check_near("variance", variance, 4, 4 * 4 * sqrt(2.0 / N) * more);
            check_eq("all arrive", s.n, N);
            check_true("overtaking", s.n_overtaken > N / 10);
        }
}

/* With loss and jitter, of what still arrives the same packets are doubled. */
static void kinds_of_luck_do_not_disturb_each_other(void **state)
{
    static struct sums plain, worse;
    struct link l;
    struct link_params p = wire(MS(10));
    p.duplicate = FRACTION_ONE / 50;
    run_many(&p, 1, US(10), &plain, &l);
    p.loss = loss_bernoulli(FRACTION_ONE / 10);
    p.delay = normal(MS(20), MS(2));
    p.corrupt = FRACTION_ONE / 10;
    p.reorder = (struct reorder_params){FRACTION_ONE / 10, 1, 0};
    run_many(&p, 1, US(10), &worse, &l);
    int64_t n_plain = 0, n_worse = 0;
    for (size_t i = 0; i < ARRAY_LEN(plain.doubled); i++) {
        check_true("none but those", (worse.doubled[i] & ~plain.doubled[i]) == 0);
        n_plain += __builtin_popcountll(plain.doubled[i]);
        n_worse += __builtin_popcountll(worse.doubled[i]);
    }
    check_near("nine in ten of them", (double)n_worse / (double)n_plain, 0.9,
               4 * sqrt(0.09 / (double)n_plain));
}

static void what_does_not_go_together(void **state)
{
    struct link_params p = wire(MS(10));
    assert_null(link_check(&p).sentence);
    p.delay_correlation = FRACTION_ONE / 2;
    check_str("of what?", link_check(&p).key, "delay_correlation");
    p.delay = normal(MS(20), MS(2));
    assert_null(link_check(&p).sentence);
    p = wire(0);
    p.reorder = (struct reorder_params){FRACTION_ONE, 1, 0};
    check_str("nothing to skip", link_check(&p).key, "reorder");
    p.reorder.delay = 1;
    assert_null(link_check(&p).sentence);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_certain),
        cmocka_unit_test(a_copy_of_what_a_fault_delays_goes_with_it),
        cmocka_unit_test(the_queue_is_as_long_as_it_is_now),
        cmocka_unit_test(broken_once_is_enough),
        cmocka_unit_test(age_is_since_birth),
        cmocka_unit_test(chances_are_those_given),
        cmocka_unit_test(reordering_has_a_rate),
        cmocka_unit_test(jitter_has_its_mean_and_spread),
        cmocka_unit_test(kinds_of_luck_do_not_disturb_each_other),
        cmocka_unit_test(what_does_not_go_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
