/* SPDX-License-Identifier: GPL-3.0-or-later
 * Every row of every profile does something: its profile is played as it is, and with this one
 * value that of the default instead, and the two plays must differ.
 *
 * A row whose key has no scene here and no test elsewhere fails. What the values do is tested
 * where the parameter is; here only that no profile carries an idle one, or one that another
 * row of the same profile hides. What hides it for a reason a scene switches off (params).
 */
#include "models/tcp/endpoint.h"
#include "models/tcp/sockopt.h"
#include "tests/tcp/puppet.h"

enum { STEPS = 6, SEEN = 16384, TEXT = 256 };

struct step {
    sim_time at;
    const char *does;
};

/* ---- many peers of one host */

enum { HERE = 0x0a000001, PEERS = 0x0b000000, PORT = 80, MOST = 6000 };

struct many {
    struct tcp_user user; /* first; accepts nothing */
    struct sim *sim;
    struct tcp_stack *stack;
    struct tcp_account account;
    struct tcp_listener *listener;
    int n_sent, n_resets;
    uint16_t flags;  /* of the last segment ... */
    int options_len; /* ... and its bytes of options */
    uint32_t seqs[MOST];
};

static void on_output(void *ctx, struct packet *p)
{
    struct many *m = ctx;
    m->n_sent++;
    m->n_resets += (p->flags & TCP_RST) != 0;
    m->flags = p->flags;
    m->options_len = p->options_len;
    m->seqs[(p->dst.low - PEERS) % MOST] = p->seq;
    packet_free(m->sim, p);
}

static void on_event(struct tcp_user *user, struct tcp *t, uint32_t bits) {}
static void on_accept(struct tcp_user *user, struct tcp_listener *l) {}

static struct many *many_new(const struct tcp_params *params)
{
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    struct many *m = sim_alloc(sim, sizeof *m);
    m->sim = sim;
    m->user = (struct tcp_user){.on_event = on_event, .on_accept = on_accept};
    m->user.account = &m->account;
    tcp_account_init(&m->account, 0);
    m->stack =
        tcp_stack_new(sim, sim_subject(sim, "host", "server"), ip4(HERE), params, on_output, m);
    check_eq("listen", tcp_listen(m->stack, PORT, 0, &m->user, &m->listener), 0);
    return m;
}

static void many_free(struct many *m)
{
    tcp_stack_finish(m->stack);
    check_eq("packets", m->sim->live_packets, 0);
    sim_free(m->sim);
}

static void deliver_to(struct many *m, uint16_t port, int peer, uint16_t flags, uint32_t ack)
{
    struct packet *p = packet_new(m->sim, 40);
    p->src = ip4(PEERS + (uint32_t)peer);
    p->dst = ip4(HERE);
    p->proto = PROTO_TCP;
    p->sport = 1000;
    p->dport = port;
    p->flags = flags;
    p->seq = (flags & TCP_SYN) != 0 ? 500 : 501;
    p->ack = ack;
    p->win = 1000;
    tcp_input(m->stack, p);
}

static void deliver(struct many *m, int peer, uint16_t flags, uint32_t ack)
{
    deliver_to(m, PORT, peer, flags, ack);
}

static void ask(struct many *m, int from, int to)
{
    for (int i = from; i < to; i++)
        deliver(m, i, TCP_SYN, 0);
}

static void answer(struct many *m, int from, int to)
{
    for (int i = from; i < to; i++)
        deliver(m, i, TCP_ACK, m->seqs[i] + 1);
}

static void tell_queues(const struct many *m, char *out)
{
    snprintf(out + strlen(out), SEEN - strlen(out),
             " %u half-open, %u wait, %d sent, %d resets", m->listener->n_half_open,
             tcp_waiting(m->listener), m->n_sent, m->n_resets);
}

/* 40 open, the rest of 6000 ask, the last and the first of these answer. */
static void see_listener(const struct tcp_params *params, char *out)
{
    struct many *m = many_new(params);
    ask(m, 0, 40);
    answer(m, 0, 40);
    ask(m, 40, MOST);
    tell_queues(m, out);
    answer(m, 40, 50);
    answer(m, MOST - 10, MOST);
    tell_queues(m, out);
    sim_run_until(m->sim, SEC(20));
    tell_queues(m, out);
    many_free(m);
}

static void see_accept_queue(const struct tcp_params *params, char *out)
{
    struct many *m = many_new(params);
    for (int i = 0; i < 300; i++) {
        ask(m, i, i + 1);
        answer(m, i, i + 1);
    }
    tell_queues(m, out);
    many_free(m);
}

static void see_both_queues(const struct tcp_params *params, char *out)
{
    see_accept_queue(params, out);
    see_listener(params, out);
}

static void see_ecn(const struct tcp_params *params, char *out)
{
    struct many *m = many_new(params);
    deliver(m, 0, TCP_SYN | TCP_ECE | TCP_CWR, 0);
    snprintf(out, SEEN, "flags %x", m->flags);
    many_free(m);
}

/* The ports of connections to some hosts. */
static void see_ports(const struct tcp_params *params, char *out)
{
    struct many *m = many_new(params);
    for (uint32_t i = 0; i < 20; i++) {
        const struct tcp_addr to = {ip4(PEERS + i), PORT};
        struct tcp *t;
        check_eq("connect", tcp_connect(m->stack, to, 0, &m->user, &t), 0);
        snprintf(out + strlen(out), SEEN - strlen(out), " %u", t->local.port);
    }
    many_free(m);
}

/* SYNs by sendto(MSG_FASTOPEN), the first one's answer without a cookie; how long their options
 * are. */
static void see_fast_open(const struct tcp_params *params, char *out)
{
    const struct tcp_addr to = {ip4(PEERS), 1000};
    struct many *m = many_new(params);
    for (int i = 0; i < 3; i++) {
        struct tcp *t;
        const int64_t n = tcp_connect_send(m->stack, to, PORT + 1, &m->user, 10, &t);
        snprintf(out + strlen(out), SEEN - strlen(out), " %lld: %d", (long long)n,
                 m->options_len);
        if (n < 0)
            break;
        deliver_to(m, PORT + 1, 0, TCP_SYN | TCP_ACK, m->seqs[0] + 1);
        check_eq("abort", tcp_abort(t), 0);
    }
    many_free(m);
}

/* What setsockopt() makes of 3 MB. */
static void see_buffers(const struct tcp_params *params, char *out)
{
    static const enum tcp_option options[] = {TCP_OPT_RCVBUF, TCP_OPT_SNDBUF};
    const struct tcp_addr to = {ip4(PEERS), PORT};
    struct many *m = many_new(params);
    struct tcp *t;
    check_eq("connect", tcp_connect(m->stack, to, 0, &m->user, &t), 0);
    const struct tcp_option_of o = tcp_option_of(t);
    for (size_t i = 0; i < ARRAY_LEN(options); i++) {
        const int result = tcp_option_set_int(&o, options[i], 3000000);
        snprintf(out + strlen(out), SEEN - strlen(out), " %d: %lld", result,
                 (long long)tcp_option_get_int(&o, options[i]));
    }
    many_free(m);
}

/* ---- scenes */

/* clang-format off */
#define OPEN "connect; < SA 0 ack 1"
#define OPEN_AND_SEND {0, "connect"}, {MS(20), "< SA 0 ack 1; send 10"}
static const struct scene {
    const char *key, *params; /* params: what else both plays have */
    struct step steps[STEPS];
    void (*see)(const struct tcp_params *params, char *out); /* instead of steps */
} scenes[] = {
    /* opening */
    {"handshake_ack", "", {{0, "connect; send 10; < SA 0 ack 1"}, {1, "< PA 1(9) ack 11"}, {SEC(9), ""}}, NULL}, /* who writes first delays his ACKs */
    {"syn_data", "", {{0, "listen; < S 0(10)"}}, NULL},
    {"crossed_syn_text", "delack=0s", {{0, "connect; < SF 0(3); < A 5 ack 1; recv 9"}}, NULL},
    {"syn_ack_in_listen", "", {{0, "listen; < SA 0 ack 9"}}, NULL},
    {"drop_synfin", "", {{0, "listen; < SF 0"}}, NULL},
    {"syn_retries", "keepinit=0s", {{0, "connect"}, {SEC(9999), ""}}, NULL}, /* FreeBSD's 75 s are over after 6 */
    {"syn_linear_timeouts", "", {{0, "connect"}, {SEC(9999), ""}}, NULL},
    {"keepinit", "", {{0, "connect"}, {SEC(9999), ""}}, NULL},
    {"timeout_min", "", {{0, "connect"}, {MS(10), "< A 9 ack 0"}, {SEC(9), ""}}, NULL},
    {"synack_retries", "", {{0, "listen; < S 0"}, {SEC(999), ""}}, NULL},
    {"repeated_syn", "", {{0, "listen; < S 0; < S 0"}}, NULL},
    {"backlog", "", {{0}}, see_accept_queue},
    {"somaxconn", "backlog=8192", {{0}}, see_both_queues},
    {"max_syn_backlog", "", {{0}}, see_listener},
    {"syncookies", "syn_cache_buckets=8 syn_cache_limit=3", {{0}}, see_listener},
    {"syn_queue", "", {{0}}, see_listener},
    {"syn_pruning", "", {{0}}, see_listener},
    {"abort_on_overflow", "", {{0, "hold; listen 1; < S 0; < S 0 from 1; < S 0 from 2"},
                               {0, "< A 1 ack 1; < A 1 ack 1 from 1; < A 1 ack 1 from 2"}}, NULL},
    {"fastopen", "", {{0}}, see_fast_open},
    {"fastopen_path_disable_time", "fastopen=1", {{0}}, see_fast_open}, /* whose default is off */
    {"port_min", "", {{0}}, see_ports},
    {"port_max", "", {{0}}, see_ports},
    {"port_selection", "", {{0}}, see_ports},
    /* options */
    {"window_scaling", "", {{0, "show opts; connect"}}, NULL},
    {"timestamps", "", {{0, "show opts; connect"}}, NULL},
    {"sack", "", {{0, "show opts; connect"}}, NULL},
    {"dsack", "", {{0, "show opts; connect; < SA 0 ack 1 sackok; < PA 1(9) ack 1; < PA 1(9) ack 1"}}, NULL},
    {"option_layout", "", {{0, "show opts; connect"}}, NULL},
    {"ecn", "", {{0}}, see_ecn},
    /* timers */
    {"rto_min", "early_retrans=0", {OPEN_AND_SEND, {SEC(9), ""}}, NULL},
    {"rto_min_bounds", "early_retrans=0", {OPEN_AND_SEND, {SEC(9), ""}}, NULL},
    {"rto_slop", "", {OPEN_AND_SEND, {SEC(9), ""}}, NULL},
    {"rto_max", "", {OPEN_AND_SEND, {SEC(9999), ""}}, NULL},
    {"retries2", "", {OPEN_AND_SEND, {SEC(9999), ""}}, NULL},
    {"retries_rule", "", {{0, "connect"}, {MS(500), "< SA 0 ack 1; send 10"}, {SEC(9999), ""}}, NULL}, /* a long way: fewer */
    {"orphan_retries", "rto_max=1s", {OPEN_AND_SEND, {MS(30), "close"}, {SEC(9999), ""}}, NULL}, /* Linux's 0 is 8 below rto_max */
    {"early_retrans", "", {{0, "connect"}, {MS(20), "< SA 0 ack 1 sackok; send 10"}, {SEC(9), ""}}, NULL},
    {"rtt_timestamps", "rto_min=0s rto_slop=0s nagle=no", /* the second is not timed: R of 75 ms */
        {{0, "connect"}, {MS(20), "< SA 0 ack 1 ts 1 ecr 0; send 10"}, {MS(25), "send 10"},
         {MS(60), "< A 1 ack 11 ts 2 ecr 20"}, {MS(100), "< A 1 ack 21 ts 3 ecr 25; send 10"}, {SEC(9), ""}}, NULL},
    {"keepalive", "", {{0, OPEN}, {SEC(9999), ""}}, NULL},
    {"keepalive_probes", "", {{0, OPEN}, {SEC(9999), ""}}, NULL},
    {"delack", "delack_segments=2", {OPEN_AND_SEND, {MS(100), "< PA 1(9) ack 11"}, {MS(310), "< FA 10 ack 11"}, {SEC(9), ""}}, NULL},
    {"delack_segments", "delack=200ms", {{0, OPEN "; < PA 1(9) ack 1"}}, NULL},
    {"ack_rule", "", {{0, OPEN "; < PA 1(100) ack 1; < PA 101(10) ack 1"}}, NULL},
    {"persmin", "", {{0, "connect; < SA 0 ack 1 win 0; send 10"}, {SEC(9), ""}}, NULL},
    {"window_probe", "", {{0, "connect; < SA 0 ack 1 win 0; send 10"}, {SEC(9), ""}}, NULL},
    /* data */
    {"nagle", "", {{0, OPEN "; send 10; send 10"}}, NULL},
    {"nagle_rule", "", {{0, OPEN "; send 536; send 10"}}, NULL},
    {"congestion_control", "", {{0, OPEN "; send 9000"}}, NULL},
    {"slow_start_segments", "init_cwnd=4", {{0, OPEN "; send 9000"}, {MS(20), "< A 1 ack 2145"}}, NULL}, /* four of 536 */
    {"cwnd_by_delivery", "", {{0, OPEN "; send 30000"}, {MS(20), "< A 1 ack 1; < A 1 ack 1; < A 1 ack 2145"}}, NULL},
    {"tso_segs", "", {{0, OPEN "; send 5000"}}, NULL},
    {"rcvbuf", "rcvbuf_in_mss=no rcvbuf_max=1B", {{0, "show win; show opts; connect; < SA 0 ack 1 ws 0"}, {0, "< PA 1(40000) ack 1; < PA 40001(25535) ack 1"}, {1, "< PA 65536(1) ack 1"}}, NULL},
    {"rcvbuf_max", "", {{0, "show opts; connect"}}, NULL},
    {"rcvbuf_in_mss", "", {{0, "show win; connect; < SA 0 ack 1 ws 0 mss 1000"}}, NULL},
    {"window_in_mss", "", {{0, "show win; connect"}}, NULL},
    {"socket_buffers", "", {{0}}, see_buffers},
    {"receive_window", "", {{0, "show win; connect; < SA 0 ack 1 ws 0 mss 1460"}, {1, "< A 1(1460) ack 1; < A 1461(1460) ack 1"}}, NULL},
    /* what is believed */
    {"seq_validation", "rcvbuf=100B rcvbuf_in_mss=no delack=0s", {{0, OPEN "; show sent; send 10"}, {0, "< A -5(5) ack 11; < A 1(200) ack 1"}}, NULL},
    {"rst_validation", "", {{0, OPEN "; < R 5"}}, NULL},
    {"syn_validation", "", {{0, OPEN "; < S 5"}}, NULL},
    {"ack_validation", "", {{0, OPEN "; < PA 1(5) ack -70000"}}, NULL},
    {"unsent_ack", "", {{0, OPEN "; < PA 1(5) ack 99"}}, NULL},
    {"icmp_errors", "", {{0, "connect"}, {0, "icmp 3 13 0"}}, NULL}, /* a filter ends a connect(), but by RFC 9293 */
    {"min_pmtu", "", {{0, "show mss; connect; < SA 0 ack 1 mss 1460; send 2000; icmp 3 4 1 mtu 100; abort; connect"}}, NULL},
    {"mtu_expires", "", {{0, "show mss; connect; < SA 0 ack 1 mss 1460; send 2000; icmp 3 4 1 mtu 1000; abort"}, {SEC(601), "connect"}}, NULL},
    {"invalid_ratelimit", "", {{0, OPEN "; < R 5; < R 5"}}, NULL},
    /* closing */
    {"fin_ack_in_fin_wait_1", "", {{0, OPEN "; shutdown wr; < FA 1 ack 2"}}, NULL},
    {"reset_error", "", {{0, OPEN "; < FA 1 ack 1; < R 2"}}, NULL},
    {"fin_timeout", "", {{0, OPEN "; close; < A 1 ack 2"}, {SEC(9999), "< A 1 ack 2"}}, NULL},
    {"fin_timeout_rule", "fin_timeout=100s", {{0, OPEN "; close; < A 1 ack 2"}, {SEC(90), "< A 1 ack 2"}}, NULL},
    {"msl", "", {{0, OPEN "; shutdown wr; < FA 1 ack 2"}, {SEC(100), "< A 2 ack 2"}}, NULL},
    {"time_wait", "", {{0, OPEN "; shutdown wr; < FA 1 ack 2"}, {SEC(1), "< A 2 ack 2; listen; < R 5; < - -9(2); < S 9"}}, NULL},
};
/* clang-format on */

/* Rows that other tests show: a file, and two words in it, the function and the key or what
 * stands for it there. */
static const struct elsewhere {
    const char *key, *file, *words[2];
} ELSEWHERE[] = {
    {"isn", "tests/tcp/test_profiles.c", {"isn_generators", "isn="}},
    {"tw_reuse", "tests/tcp/test_ports.c", {"as_linux_did", "08d_tw_reuse2_default"}},
    {"max_tw_buckets",
     "tests/tcp/test_time_wait.c",
     {"beyond_the_limit_there_is_none", "max_tw_buckets"}},
    {"max_orphans", "tests/tcp/test_user_timeout.c", {"nobody_holds_it", "max_orphans=1"}},
};

static const struct scene *scene_of(const char *key)
{
    for (const struct scene *s = scenes; s < scenes + ARRAY_LEN(scenes); s++)
        if (strcmp(s->key, key) == 0)
            return s;
    return NULL;
}

static const struct elsewhere *elsewhere(const char *key)
{
    for (const struct elsewhere *e = ELSEWHERE; e < ELSEWHERE + ARRAY_LEN(ELSEWHERE); e++)
        if (strcmp(e->key, key) == 0)
            return e;
    return NULL;
}

static const struct key *key_named(const char *name)
{
    const struct key *k = TCP_KEYS;
    while (k->name != NULL && strcmp(k->name, name) != 0)
        k++;
    return k;
}

/* ---- a play, as text */

static void play_steps(struct puppet *p, const struct scene *s, char *out)
{
    char path[TEXT];
    for (const struct step *step = s->steps; step < s->steps + STEPS; step++) {
        if (step->does == NULL)
            break;
        puppet_do(p, step->at, step->does);
        snprintf(out + strlen(out), SEEN - strlen(out), "%s|%s|", p->sent, p->told);
    }
    puppet_path(p, path, sizeof path);
    snprintf(out + strlen(out), SEEN - strlen(out), "%s", path);
}

static void play(const struct scene *s, const char *params, char *out)
{
    struct puppet p;
    out[0] = '\0';
    puppet_init(&p, s->key, params, 250000, 5000);
    if (s->see != NULL)
        s->see(&p.stack->params, out);
    else
        play_steps(&p, s, out);
    puppet_fini(&p);
}

/* Whether the profile with its value of the key plays otherwise than with `value`. */
static bool differs(const struct scene *s, const char *profile, const char *value)
{
    char with[TEXT], without[TEXT];
    static char seen[SEEN], other[SEEN];
    snprintf(with, sizeof with, "profile=%s %s", profile, s->params);
    snprintf(without, sizeof without, "profile=%s %s=%s %s", profile, s->key, value, s->params);
    play(s, with, seen);
    play(s, without, other);
    return strcmp(seen, other) != 0;
}

/* ---- tests */

static void check_row(const char *profile, const struct tcp_profile_row *row)
{
    const struct key *k = key_named(row->key);
    char story[TEXT];
    snprintf(story, sizeof story, "%s %s: %s", profile, row->key, row->value);
    check_true(story, k->name != NULL);
    check_true(story, strcmp(row->value, k->default_text) != 0);
    if (elsewhere(row->key) != NULL)
        return;
    const struct scene *s = scene_of(row->key);
    check_true(story, s != NULL);
    check_true(story, differs(s, profile, k->default_text));
}

static void every_row_does_something(void **state)
{
    for (const struct tcp_profile *f = TCP_PROFILES; f->name != NULL; f++)
        for (const struct tcp_profile_row *r = f->rows; r->key != NULL; r++)
            check_row(f->name, r);
}

/* A row is written once, or the second hides the first. */
static void no_row_comes_twice(void **state)
{
    for (const struct tcp_profile *f = TCP_PROFILES; f->name != NULL; f++)
        for (const struct tcp_profile_row *r = f->rows; r->key != NULL; r++)
            for (const struct tcp_profile_row *q = f->rows; q != r; q++)
                check_true(r->key, strcmp(q->key, r->key) != 0);
}

/* The check above can fail: with the profile's own value there is no difference. */
static void a_row_that_does_nothing_is_found(void **state)
{
    for (const struct tcp_profile *f = TCP_PROFILES; f->name != NULL; f++)
        for (const struct tcp_profile_row *r = f->rows; r->key != NULL; r++)
            if (scene_of(r->key) != NULL)
                check_true(r->key, !differs(scene_of(r->key), f->name, r->value));
}

static bool file_names(const char *path, const char *what)
{
    static char text[1 << 17];
    FILE *f = fopen(path, "r");
    check_true(path, f != NULL);
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    fclose(f);
    return strstr(text, what) != NULL;
}

static bool is_a_row(const char *key)
{
    for (const struct tcp_profile *f = TCP_PROFILES; f->name != NULL; f++)
        for (const struct tcp_profile_row *r = f->rows; r->key != NULL; r++)
            if (strcmp(r->key, key) == 0)
                return true;
    return false;
}

static void what_is_named_is_there(void **state)
{
    for (const struct elsewhere *e = ELSEWHERE; e < ELSEWHERE + ARRAY_LEN(ELSEWHERE); e++) {
        check_true(e->key, is_a_row(e->key));
        for (size_t i = 0; i < ARRAY_LEN(e->words); i++)
            check_true(e->words[i], file_names(e->file, e->words[i]));
    }
    for (const struct scene *s = scenes; s < scenes + ARRAY_LEN(scenes); s++)
        check_true(s->key, is_a_row(s->key));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_does_something),
        cmocka_unit_test(no_row_comes_twice),
        cmocka_unit_test(a_row_that_does_nothing_is_found),
        cmocka_unit_test(what_is_named_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
