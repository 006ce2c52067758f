/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/fault.h"

#include "tests/models/seg_log.h"

enum { MAX_FAULTS = 3, MAX_SENDS = 5 };

struct send {
    uint16_t flags; /* 0 ends */
    uint32_t len;
    uint16_t sport, dport;
};

#define FLAGS(f) (FAULT_FLAGS_GIVEN | (f)) /* as KEY_FLAGS stores them */
#define MATCH(first, n, ...)                                                                   \
    {                                                                                          \
        .nth = first, .count = n, __VA_ARGS__                                                  \
    }

#define SEG(f, ...)                                                                            \
    {                                                                                          \
        .flags = (f), __VA_ARGS__                                                              \
    }

enum { S = TCP_SYN, A = TCP_ACK, F = TCP_FIN, R = TCP_RST, P = TCP_PSH };

/* Rows: one packet a millisecond from 0 on, numbered from 1, on a link of unlimited rate and 10
 * ms; the event of a hold happens at fire_at ms (before the packet of that millisecond is
 * sent). data left out is "any". */
static const struct row {
    const char *story;
    struct fault_params faults[MAX_FAULTS];
    struct send send[MAX_SENDS];
    sim_time fire_at; /* 0: never */
    const char *log;
    int64_t n_matched[MAX_FAULTS], n_acted[MAX_FAULTS];
} rows[] = {
    {"the second match is dropped, where its last bit would have come",
     {{.match = MATCH(2, 1), .drop = true}},
     {SEG(S), SEG(A), SEG(A)},
     0,
     "recv1@10 drop2@11(fault:f0) recv3@12",
     {3},
     {1}},
    {"two from the second on",
     {{.match = MATCH(2, 2), .drop = true}},
     {SEG(A), SEG(A), SEG(A), SEG(A)},
     0,
     "recv1@10 drop2@11(fault:f0) drop3@12(fault:f0) recv4@13",
     {4},
     {2}},
    {"all from the second on",
     {{.match = MATCH(2, UNIT_UNLIMITED), .drop = true}},
     {SEG(A), SEG(A), SEG(A)},
     0,
     "recv1@10 drop2@11(fault:f0) drop3@12(fault:f0)",
     {3},
     {2}},
    {"SYN is not SYN,ACK",
     {{.match = MATCH(1, UNIT_UNLIMITED, .flags = FLAGS(S)), .drop = true}},
     {SEG(S | A), SEG(S), SEG(A)},
     0,
     "recv1@10 drop2@11(fault:f0) recv3@12",
     {1},
     {1}},
    {"SYN,ACK is not SYN; PSH, URG and ECN bits are not looked at",
     {{.match = MATCH(1, UNIT_UNLIMITED, .flags = FLAGS(S | A)), .drop = true}},
     {SEG(S), SEG(S | A | P | TCP_URG | TCP_ECE | TCP_CWR), SEG(F | A)},
     0,
     "recv1@10 drop2@11(fault:f0) recv3@12",
     {1},
     {1}},
    {"FIN and RST are looked at",
     {{.match = MATCH(1, UNIT_UNLIMITED, .flags = FLAGS(A)), .drop = true}},
     {SEG(F | A), SEG(R | A), SEG(A | P)},
     0,
     "recv1@10 recv2@11 drop3@12(fault:f0)",
     {1},
     {1}},
    {"ports, either one",
     {{.match = MATCH(1, UNIT_UNLIMITED, .sport = 1000), .drop = true},
      {.match = MATCH(1, UNIT_UNLIMITED, .dport = 80), .drop = true}},
     {SEG(A, .sport = 1000, .dport = 81), SEG(A, .sport = 1001, .dport = 80),
      SEG(A, .sport = 80, .dport = 1000)},
     0,
     "drop1@10(fault:f0) drop2@11(fault:f1) recv3@12",
     {1, 1},
     {1, 1}},
    {"with payload",
     {{.match = MATCH(1, UNIT_UNLIMITED, .data = "yes"), .drop = true}},
     {SEG(A), SEG(A, .len = 1)},
     0,
     "recv1@10 drop2@11(fault:f0)",
     {1},
     {1}},
    {"without payload",
     {{.match = MATCH(1, UNIT_UNLIMITED, .data = "no"), .drop = true}},
     {SEG(A), SEG(A, .len = 1)},
     0,
     "drop1@10(fault:f0) recv2@11",
     {1},
     {1}},
    {"a delayed one is overtaken; the flight is first at the same instant",
     {{.match = MATCH(1, 1), .delay = MS(2)}},
     {SEG(A), SEG(A), SEG(A), SEG(A)},
     0,
     "delay1@0(fault:f0) recv2@11 recv3@12 recv1@12 recv4@13",
     {4},
     {1}},
    {"copies at once arrive right behind",
     {{.match = MATCH(1, 1), .duplicate = {.copies = 2}}},
     {SEG(A), SEG(A)},
     0,
     "dup2<1@0(fault:f0) dup3<1@0(fault:f0) recv1@10 recv2@10 recv3@10 recv4@11",
     {2},
     {1}},
    {"the k-th copy k times later",
     {{.match = MATCH(1, 1), .duplicate = {.copies = 2, .after = US(1500)}}},
     {SEG(A), SEG(A), SEG(A)},
     0,
     "dup2<1@0(fault:f0) dup3<1@0(fault:f0) recv1@10 recv4@11 recv2@11.5 recv5@12 recv3@13",
     {3},
     {1}},
    {"the first declared decides, all count",
     {{.match = MATCH(2, 1), .drop = true},
      {.match = MATCH(1, 2), .delay = MS(5)},
      {.match = MATCH(2, 1), .drop = true}},
     {SEG(A), SEG(A), SEG(A)},
     0,
     "delay1@0(fault:f1) drop2@11(fault:f0) recv3@12 recv1@15",
     {3, 3, 3},
     {1, 1, 0}},
    {"held until it happens, then out in order with the plain delay",
     {{.match = MATCH(1, 2), .hold = {.until = {"user", "CLOSED"}}}},
     {SEG(A), SEG(A), SEG(A), SEG(A)},
     4,
     "hold1@0(fault:f0) hold2@1(fault:f0) release1@4(fault:f0) release2@4(fault:f0) "
     "recv3@12 recv4@13 recv1@14 recv2@14",
     {4},
     {2}},
    {"and a wait; what matches meanwhile is held too, what matches after passes",
     {{.match = MATCH(1, UNIT_UNLIMITED),
       .hold = {.until = {"user", "CLOSED"}, .then = MS(2)}}},
     {SEG(A), SEG(A), SEG(A), SEG(A), SEG(A)},
     1,
     "hold1@0(fault:f0) hold2@1(fault:f0) hold3@2(fault:f0) "
     "release1@3(fault:f0) release2@3(fault:f0) release3@3(fault:f0) "
     "recv4@13 recv1@13 recv2@13 recv3@13 recv5@14",
     {5},
     {3}},
    {"corrupt, and arrives",
     {{.match = MATCH(2, 1), .corrupt = true}},
     {SEG(A), SEG(A)},
     0,
     "corrupt2@1(fault:f0) recv1@10 recv2@11",
     {2},
     {1}},
    {"sent from 1 ms on, before 3 ms: others are not counted",
     {{.match = MATCH(2, 1, .from = MS(1), .to = MS(3)), .drop = true},
      {.match = MATCH(1, UNIT_UNLIMITED, .from = MS(4)), .drop = true}},
     {SEG(A), SEG(A), SEG(A), SEG(A), SEG(A)},
     0,
     "recv1@10 recv2@11 drop3@12(fault:f0) recv4@13 drop5@14(fault:f1)",
     {2, 1},
     {1, 1}},
    {"never: dropped at the end",
     {{.match = MATCH(1, 1), .hold = {.until = {"user", "CLOSED"}}}},
     {SEG(A), SEG(A)},
     0,
     "hold1@0(fault:f0) recv2@11 drop1@100(end)",
     {2},
     {1}},
};

static bool is_given(const struct fault_params *params)
{
    return params->match.nth != 0;
}

static int build_faults(struct sim *sim, struct fault faults[],
                        const struct fault_params params[], struct link *l)
{
    int n = 0;
    for (; n < MAX_FAULTS && is_given(&params[n]); n++) {
        struct fault_params own = params[n];
        if (own.match.data == NULL)
            own.match.data = "any";
        char name[8];
        snprintf(name, sizeof(name), "f%d", n);
        fault_init(&faults[n], sim, name, &own, l);
    }
    return n;
}

static void send(struct sim *sim, struct link *l, const struct send *s)
{
    struct packet *p = packet_new(sim, 40 + s->len);
    p->proto = PROTO_TCP;
    p->flags = s->flags;
    p->len = s->len;
    p->sport = s->sport;
    p->dport = s->dport;
    link_send(l, p);
}

static void run_row(const struct row *r)
{
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    struct tap tap = tap_to(sim);
    struct seg_log log = seg_log_new();
    struct link l;
    struct fault faults[MAX_FAULTS];
    sim_listen(sim, &log.listener);
    link_init(&l, sim, "a->b",
              &(struct link_params){UNIT_UNLIMITED, dist_constant(MS(10)), UNIT_UNLIMITED,
                                    UNIT_UNLIMITED},
              &tap.sink);
    const int n_faults = build_faults(sim, faults, r->faults, &l);
    for (int i = 0; i < MAX_SENDS; i++) {
        sim_run_until(sim, MS(i));
        for (int repeat = 0; repeat < 2 && i > 0 && i == r->fire_at; repeat++)
            fault_fire(&faults[0]);
        if (r->send[i].flags != 0)
            send(sim, &l, &r->send[i]);
    }
    sim_run_until(sim, MS(100));
    for (int i = 0; i < n_faults; i++)
        fault_drain(&faults[i]);
    link_drain(&l);
    check_str(r->story, log.text, r->log);
    for (int i = 0; i < n_faults; i++) {
        check_eq(r->story, faults[i].n_matched, r->n_matched[i]);
        check_eq(r->story, faults[i].n_acted, r->n_acted[i]);
    }
    check_eq(r->story, link_books(&l), 0);
    check_eq(r->story, sim->live_packets, 0);
    sim_free(sim);
}

static void faults_act(void **state)
{
    for (const struct row *r = rows; r < rows + ARRAY_LEN(rows); r++)
        run_row(r);
}

/* 8 Mbit/s, room for one: at 0 three packets of 1000 B are sent. What a fault drops or delays
 * takes its 1 ms on the wire; what it holds takes neither room nor time; copies take none
 * either. */
static const struct turn_row {
    const char *story;
    struct fault_params fault;
    const char *log;
} turn_rows[] = {
    {"dropped",
     {.match = MATCH(1, 1), .drop = true},
     "drop3@0(queue) drop1@11(fault:f0) recv2@12"},
    {"delayed",
     {.match = MATCH(1, 1), .delay = MS(3)},
     "delay1@0(fault:f0) drop3@0(queue) recv2@12 recv1@14"},
    {"held",
     {.match = MATCH(1, 1), .hold = {.until = {"user", "CLOSED"}}},
     "hold1@0(fault:f0) recv2@11 recv3@12 drop1@100(end)"},
    {"copied while on the wire",
     {.match = MATCH(1, 1), .duplicate = {.copies = 1}},
     "dup2<1@0(fault:f0) drop4@0(queue) recv1@11 recv2@11 recv3@12"},
    {"copied while it waits",
     {.match = MATCH(2, 1), .duplicate = {.copies = 2, .after = 0}},
     "dup3<2@0(fault:f0) dup4<2@0(fault:f0) drop5@0(queue) recv1@11 recv2@12 recv3@12 "
     "recv4@12"},
    {"refused: not copied",
     {.match = MATCH(3, 1), .duplicate = {.copies = 1}},
     "drop3@0(queue) recv1@11 recv2@12"},
};

static void faults_and_the_wire(void **state)
{
    for (const struct turn_row *r = turn_rows; r < turn_rows + ARRAY_LEN(turn_rows); r++) {
        struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
        struct tap tap = tap_to(sim);
        struct seg_log log = seg_log_new();
        struct link l;
        struct fault fault;
        sim_listen(sim, &log.listener);
        link_init(&l, sim, "a->b",
                  &(struct link_params){8000000, dist_constant(MS(10)), 1, UNIT_UNLIMITED},
                  &tap.sink);
        build_faults(sim, &fault, (struct fault_params[MAX_FAULTS]){r->fault}, &l);
        for (int i = 0; i < 3; i++)
            send(sim, &l, &(struct send){TCP_ACK, 960, 0, 0});
        sim_run_until(sim, MS(100));
        fault_drain(&fault);
        check_str(r->story, log.text, r->log);
        check_eq(r->story, l.n_waiting, 0);
        check_eq(r->story, l.waiting_bytes, 0);
        check_eq(r->story, link_books(&l), 0);
        sim_free(sim);
    }
}

/* Bit i: packet i (numbered as sent) arrives. Half of the packets are lost at random. */
static uint64_t survivors(const struct fault_params *params)
{
    struct sim *sim = sim_new(&(struct sim_params){.seed = 7});
    struct tap tap = tap_to(sim);
    struct link l;
    struct fault fault;
    link_init(&l, sim, "a->b",
              &(struct link_params){UNIT_UNLIMITED, dist_constant(MS(10)), UNIT_UNLIMITED,
                                    UNIT_UNLIMITED, loss_bernoulli(FRACTION_ONE / 2)},
              &tap.sink);
    build_faults(sim, &fault, (struct fault_params[MAX_FAULTS]){*params}, &l);
    uint64_t arrived = 0;
    for (uint32_t i = 0; i < 64; i++)
        send(sim, &l, &(struct send){TCP_ACK, i, 0, 0});
    sim_run_until(sim, SEC(1));
    fault_drain(&fault);
    for (size_t i = 0; i < tap.n; i++)
        arrived |= UINT64_C(1) << tap.packets[i].len;
    sim_free(sim);
    return arrived;
}

static void a_fault_disturbs_no_other_packets_loss(void **state)
{
    static const struct fault_params acting[] = {
        {.match = MATCH(8, 16), .drop = true},
        {.match = MATCH(8, 16), .delay = MS(1)},
        {.match = MATCH(8, 16), .duplicate = {.copies = 3}},
        {.match = MATCH(8, 16), .hold = {.until = {"user", "CLOSED"}}},
    };
    const uint64_t touched = UINT64_C(0xffff) << 7; /* the 8th to the 23rd */
    const uint64_t plain =
        survivors(&(struct fault_params){.match = MATCH(100, 1), .drop = true});
    check_true("some are lost, some not", plain != 0 && ~plain != 0);
    for (size_t i = 0; i < ARRAY_LEN(acting); i++)
        check_true("the others' fate", ((survivors(&acting[i]) ^ plain) & ~touched) == 0);
    check_eq("dropped", survivors(&acting[0]) & touched, 0);
    check_eq("a delay does not save", survivors(&acting[1]) & touched, plain & touched);
    check_eq("a copy is not lost at random", survivors(&acting[2]) & touched, touched);
}

static void exactly_one_action(void **state)
{
    static const struct {
        struct fault_params params;
        const char *sentence; /* NULL: right */
        const char *key;      /* the second of two actions */
    } cases[] = {
        {{.drop = false}, "give one of drop, corrupt, delay, duplicate, hold"},
        {{.drop = true}, NULL},
        {{.delay = 1}, NULL},
        {{.duplicate = {.copies = 1}}, NULL},
        {{.duplicate = {.after = 1}}, "give one of drop, corrupt, delay, duplicate, hold"},
        {{.hold = {.until = {"user", "CLOSED"}}}, NULL},
        {{.corrupt = true}, NULL},
        {{.drop = true, .match = {.from = 2, .to = 2}},
         "match: `to` must be after `from`",
         "match"},
        {{.drop = true, .match = {.from = 2, .to = 3}}, NULL},
        {{.drop = true, .corrupt = true},
         "drop and corrupt exclude each other: give one",
         "corrupt"},
        {{.corrupt = true, .delay = 1},
         "corrupt and delay exclude each other: give one",
         "delay"},
        {{.corrupt = true, .duplicate = {.copies = 1}},
         "corrupt and duplicate exclude each other: give one",
         "duplicate"},
        {{.corrupt = true, .hold = {.until = {"user", "CLOSED"}}},
         "corrupt and hold exclude each other: give one",
         "hold"},
        {{.drop = true, .delay = 1}, "drop and delay exclude each other: give one", "delay"},
        {{.drop = true, .duplicate = {.copies = 1}},
         "drop and duplicate exclude each other: give one",
         "duplicate"},
        {{.drop = true, .hold = {.until = {"user", "CLOSED"}}},
         "drop and hold exclude each other: give one",
         "hold"},
        {{.delay = 1, .duplicate = {.copies = 1}},
         "delay and duplicate exclude each other: give one",
         "duplicate"},
        {{.delay = 1, .hold = {.until = {"user", "CLOSED"}}},
         "delay and hold exclude each other: give one",
         "hold"},
        {{.duplicate = {.copies = 1}, .hold = {.until = {"user", "CLOSED"}}},
         "duplicate and hold exclude each other: give one",
         "hold"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct misfit got = fault_check(&cases[i].params);
        const char *want = cases[i].sentence;
        check_str("fault_check", got.sentence == NULL ? "right" : got.sentence,
                  want == NULL ? "right" : want);
        check_str("fault_check", got.key == NULL ? "" : got.key,
                  cases[i].key == NULL ? "" : cases[i].key);
    }
}

/* The warm-up's end sets the counts to 0 and forgets no turn: the third match is dropped. */
static void a_warm_up_forgets_counts_alone(void **state)
{
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    struct tap tap = tap_to(sim);
    struct link l;
    struct fault f;
    link_init(&l, sim, "a->b",
              &(struct link_params){UNIT_UNLIMITED, dist_constant(MS(10)), UNIT_UNLIMITED,
                                    UNIT_UNLIMITED},
              &tap.sink);
    build_faults(sim, &f,
                 (struct fault_params[MAX_FAULTS]){{.match = MATCH(3, 1), .drop = true}}, &l);
    for (int i = 0; i < 4; i++) {
        send(sim, &l, &(struct send){TCP_ACK, 0, 0, 0});
        if (i == 1) {
            fault_warm_up(&f);
            link_warm_up(&l);
        }
    }
    check_eq("carried over", l.n_carried, 2);
    check_eq("inside", link_inside(&l), 4);
    check_eq("books", link_books(&l), 4);
    sim_run_until(sim, SEC(1));
    check_eq("sent since", l.n_sent, 2);
    check_eq("dropped", l.n_fault_drops, 1);
    check_eq("matched since", f.n_matched, 2);
    check_eq("acted since", f.n_acted, 1);
    check_eq("delivered", l.n_delivered, 3);
    check_eq("books at the end", link_books(&l), 0);
    sim_free(sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_act),
        cmocka_unit_test(faults_and_the_wire),
        cmocka_unit_test(a_fault_disturbs_no_other_packets_loss),
        cmocka_unit_test(exactly_one_action),
        cmocka_unit_test(a_warm_up_forgets_counts_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
