/* SPDX-License-Identifier: GPL-3.0-or-later
 * Profiles, handshakes, ISN generators: each shows something that none of the others does.
 */
#include "models/tcp/cc.h"
#include "models/tcp/endpoint.h"
#include "models/tcp/siphash.h"
#include "tests/tcp/pair.h"
#include "tests/tcp/puppet.h"

/* ---- profiles */

/* Waits until something is sent or told; the time since `from`, SIM_NEVER when nothing comes.
 */
static sim_time next_sign(struct puppet *p, sim_time from)
{
    p->sent[0] = p->told[0] = '\0';
    while (p->sent[0] == '\0' && p->told[0] == '\0')
        if (!sim_step(p->sim, SIM_NEVER))
            return SIM_NEVER;
    return p->sim->now - p->began_at - from;
}

static sim_time time_wait(struct puppet *p)
{
    puppet_do(p, 0, "connect; < SA 0 ack 1; shutdown wr; < A 1 ack 2; < FA 1 ack 2");
    return next_sign(p, 0);
}

static sim_time ack_wait(struct puppet *p)
{
    puppet_do(p, 0, "connect; < SA 0 ack 1");
    puppet_do(p, SEC(1), "< PA 1(10) ack 1");
    return p->sent[0] != '\0' ? 0 : next_sign(p, SEC(1));
}

static sim_time half_open_time(struct puppet *p)
{
    puppet_do(p, 0, "listen; < S 0");
    while (strcmp(puppet_state(p), "SYN-RECEIVED") == 0)
        sim_step(p->sim, SIM_NEVER);
    return p->sim->now - p->began_at;
}

static sim_time least_rto(struct puppet *p)
{
    puppet_do(p, 0, "connect");
    puppet_do(p, MS(8), "< SA 0 ack 1; send 10"); /* R = 8 ms: SRTT 8, 4 RTTVAR = 16 */
    return next_sign(p, MS(8));
}

/* Through FIN-WAIT-2 or not. */
static sim_time states_of_a_close(struct puppet *p)
{
    puppet_do(p, 0, "connect; < SA 0 ack 1; shutdown wr; < FA 1 ack 2");
    return p->account.n_path;
}

static sim_time data_of_a_syn(struct puppet *p)
{
    puppet_do(p, 0, "listen; < S 0(10)");
    return strcmp(p->sent, "SA 0 ack 11") == 0 ? 10 : 0;
}

enum { N_OBSERVED = 6, N_PROFILES = 4 };
static sim_time (*const observe[N_OBSERVED])(struct puppet *p) = {
    time_wait, ack_wait, half_open_time, least_rto, states_of_a_close, data_of_a_syn,
};

/* clang-format off */
static const struct profile_row {
    const char *name;
    sim_time want[N_OBSERVED];
} profile_rows[N_PROFILES] = {
    /*            2 MSL     ACK      SYN-ACKs  RTO         path  data of a SYN */
    {"rfc9293",  {SEC(240), MS(200), SEC(63),  SEC(1),     5,    10}}, /* RFC 9293 §3.4.2, RFC 6298 §2.4 */
    {"linux",    {SEC(60),  0,       SEC(63),  MS(8 + 200), 5,   0}},  /* TCP_TIMEWAIT_LEN, the first ACKs are quick (01a), TCP_RTO_MIN */
    {"bsd",      {SEC(60),  MS(40),  SEC(15),  MS(230),    5,    0}},  /* msl 30000, delacktime, rexmtlimit 3, rexmit_min + slop, syncache */
    {"textbook", {SEC(240), 0,       SEC(63),  SEC(1),     4,    10}}, /* figure 5, note 2 */
};
/* clang-format on */

static void every_profile_is_unlike_the_others(void **state)
{
    sim_time seen[N_PROFILES][N_OBSERVED];
    for (int i = 0; i < N_PROFILES; i++) {
        const struct profile_row *r = &profile_rows[i];
        for (int k = 0; k < N_OBSERVED; k++) {
            struct puppet p;
            char params[64];
            snprintf(params, sizeof params, "profile=%s", r->name);
            puppet_init(&p, r->name, params, 1000, 2000);
            seen[i][k] = observe[k](&p);
            puppet_fini(&p);
            check_eq(r->name, seen[i][k], r->want[k]);
        }
    }
    for (int i = 0; i < N_PROFILES; i++)
        for (int k = 0; k < i; k++)
            check_true(profile_rows[i].name, memcmp(seen[i], seen[k], sizeof seen[i]) != 0);
}

static void the_table_has_every_profile(void **state)
{
    size_t n = 0;
    for (const struct tcp_profile *f = TCP_PROFILES; f->name != NULL; f++, n++)
        check_str("profile", f->name, profile_rows[n].name);
    check_eq("profiles", n, N_PROFILES);
    struct tcp_params p;
    check_eq("no such profile", tcp_params_init(&p, "solaris"), -1);
}

/* What a profile says about itself is what the parameter says. */
static void a_profile_knows_its_name(void **state)
{
    for (const struct tcp_profile *f = TCP_PROFILES; f->name != NULL; f++) {
        struct tcp_params p;
        check_eq(f->name, tcp_params_init(&p, f->name), 0);
        check_str("name", p.profile, f->name);
    }
}

/* ---- handshakes */

struct two_ends {
    struct tcp_user client, server;
    struct tcp_account client_account, server_account;
    const struct sim *sim;
    int64_t request; /* bytes that the client sends when it is connected */
    sim_time read_at;
};

static void on_client(struct tcp_user *user, struct tcp *t, uint32_t bits)
{
    const struct two_ends *e = CONTAINER_OF(user, struct two_ends, client);
    if ((bits & TCP_EV_CONNECTED) != 0 && e->request > 0)
        check_eq("sent", tcp_send(t, e->request), e->request);
}

static void on_server(struct tcp_user *user, struct tcp *t, uint32_t bits)
{
    struct two_ends *e = CONTAINER_OF(user, struct two_ends, server);
    struct tcp_extent x;
    int n = 1;
    if ((bits & TCP_EV_READABLE) != 0 && tcp_recv(t, 1000, &x, &n) == e->request)
        e->read_at = e->sim->now;
}

static void on_accept(struct tcp_user *user, struct tcp_listener *l)
{
    tcp_accept(l, user);
}

/* The numbers of the experiment `handshake-variants`: 10 ms each way. A second connection has a
 * request of 100 bytes as soon as it may write. */
enum { HANDSHAKE_NUMBERS = 4 };
static const struct handshake_row {
    const char *name;
    /* ESTABLISHED: client, server; segments; request read after */
    int64_t want[HANDSHAKE_NUMBERS];
} handshake_rows[] = {
    {"three-way", {MS(20), MS(30), 3, MS(30)}},   {"two-way", {MS(20), MS(10), 2, MS(30)}},
    {"four-way", {MS(20), MS(30), 4, MS(30)}},    {"fast-open", {MS(20), MS(30), 3, MS(10)}},
    {"timer-based", {MS(20), MS(10), 2, MS(10)}}, {"cookie-echo", {MS(40), MS(30), 4, MS(50)}},
};

static void run_handshake(const char *name, int64_t got[HANDSHAKE_NUMBERS])
{
    const struct tcp_addr to = {ip4(0x0a000002), 80};
    struct tcp_params params;
    struct tcp_listener *l;
    struct tcp *t;
    struct pair p;
    tcp_params_init(&params, "rfc9293");
    params.handshake = name;
    pair_init(&p, &params, &params, MS(10));
    struct two_ends e = {.client = {.on_event = on_client},
                         .server = {.on_event = on_server, .on_accept = on_accept}};
    tcp_account_init(&e.client_account, 0);
    tcp_account_init(&e.server_account, 0);
    e.client.account = &e.client_account;
    e.server.account = &e.server_account;
    e.sim = p.sim;
    tcp_listen(p.b, 80, 0, &e.server, &l);
    tcp_connect(p.a, to, 0, &e.client, &t);
    sim_run_until(p.sim, SEC(99));
    got[0] = e.client_account.established_at;
    got[1] = e.server_account.established_at;
    got[2] = (int64_t)(p.to_a.n_packets + p.to_b.n_packets);
    e.request = 100;
    tcp_connect(p.a, to, 0, &e.client, &t);
    while (e.read_at == 0 && sim_step(p.sim, SIM_NEVER))
        ;
    got[3] = e.read_at - SEC(99);
    pair_fini(&p);
}

static void handshakes(void **state)
{
    int64_t got[ARRAY_LEN(handshake_rows)][HANDSHAKE_NUMBERS];
    size_t n = 0;
    for (const struct choice *c = TCP_HANDSHAKE_CHOICES; c->name != NULL; c++, n++) {
        check_true("every handshake has a row", n < ARRAY_LEN(handshake_rows));
        check_str("name", c->name, handshake_rows[n].name);
        run_handshake(c->name, got[n]);
        for (int k = 0; k < HANDSHAKE_NUMBERS; k++)
            check_eq(c->name, got[n][k], handshake_rows[n].want[k]);
        for (size_t i = 0; i < n; i++)
            check_true(c->name, memcmp(got[n], got[i], sizeof got[n]) != 0);
    }
    check_eq("handshakes", n, ARRAY_LEN(handshake_rows));
}

/* ---- initial sequence numbers */

/* The ISNs of two connections of one host, 8 us apart, the first at 40 us. */
static void two_isns(const char *isn, uint64_t seed, uint32_t out[2])
{
    struct puppet p;
    char params[64];
    snprintf(params, sizeof params, "isn=%s", isn);
    puppet_init(&p, isn, params, 10, 0);
    p.stack->isn_rng.key = p.stack->isn_key[0] = seed;
    puppet_do(&p, 0, "listen; < S 0");
    puppet_do(&p, US(8), "< S 0 from 1");
    out[0] = p.iss[0];
    out[1] = p.iss[1];
    puppet_fini(&p);
}

static void isn_generators(void **state)
{
    uint32_t got[2], again[2], other[2];
    two_isns("fixed", 1, got);
    check_true("fixed", got[0] == 0 && got[1] == 0);
    two_isns("clock", 1, got);
    check_true("clock: a tick every 4 us", got[0] == 10 && got[1] == 12);
    two_isns("random", 1, got);
    two_isns("random", 1, again);
    two_isns("random", 2, other);
    check_true("random: another each time", got[0] != got[1]);
    check_true("random: the same for the same seed", memcmp(got, again, sizeof got) == 0);
    check_true("random: others for another", got[0] != other[0] && got[1] != other[1]);
    two_isns("rfc6528", 1, got);
    two_isns("rfc6528", 2, other);
    check_true("rfc6528: other ends, another offset", got[1] - got[0] != 2);
    check_true("rfc6528: another key, other offsets",
               got[0] != other[0] && got[1] - got[0] != other[1] - other[0]);
}

/* Between the same ends it is a clock: 8 us later it is 2 more. */
static void rfc6528_grows_with_the_clock(void **state)
{
    uint32_t iss[2];
    for (uint32_t i = 0; i < 2; i++) {
        struct puppet p;
        puppet_init(&p, "rfc6528", "isn=rfc6528", 10 + 2 * i, 0);
        puppet_do(&p, 0, "listen; < S 0");
        iss[i] = p.iss[0];
        puppet_fini(&p);
    }
    check_eq("two ticks", iss[1] - iss[0], 2);
}

/* Aumasson and Bernstein, appendix A: key 00 01 .. 0f, message 00 01 .. 0e. The empty message:
 * the first of the authors' test vectors. */
static void siphash(void **state)
{
    const uint64_t key[2] = {UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)};
    uint8_t bytes[15];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)i;
    check_true("appendix A",
               siphash24(key, bytes, sizeof bytes) == UINT64_C(0xa129ca6149be45e5));
    check_true("of nothing", siphash24(key, bytes, 0) == UINT64_C(0x726fdb47dd0e0e31));
}

/* ---- registries */

static const char *handshake_help(const char *name)
{
    return tcp_handshake_find(name)->help;
}
static const char *isn_help(const char *name)
{
    return tcp_isn_find(name)->help;
}
static const char *cc_help(const char *name)
{
    return tcp_cc_find(name)->help;
}
static const char *handshake_name(const char *name)
{
    return tcp_handshake_find(name)->name;
}
static const char *isn_name(const char *name)
{
    return tcp_isn_find(name)->name;
}
static const char *cc_name(const char *name)
{
    return tcp_cc_find(name)->name;
}

static const char *synq_help(const char *name)
{
    return tcp_synq_policy_find(name)->help;
}
static const char *synq_name(const char *name)
{
    return tcp_synq_policy_find(name)->name;
}
static const char *time_wait_help(const char *name)
{
    return tcp_time_wait_find(name)->help;
}
static const char *time_wait_name(const char *name)
{
    return tcp_time_wait_find(name)->name;
}

static const struct registry {
    const char *title;
    const struct choice *choices;
    const char *(*name)(const char *name), *(*help)(const char *name);
} registries[] = {
    {"handshake", TCP_HANDSHAKE_CHOICES, handshake_name, handshake_help},
    {"isn", TCP_ISN_CHOICES, isn_name, isn_help},
    {"congestion_control", TCP_CC_CHOICES, cc_name, cc_help},
    {"syn_queue", TCP_SYNQ_CHOICES, synq_name, synq_help},
    {"time_wait", TCP_TIME_WAIT_CHOICES, time_wait_name, time_wait_help},
};

static void choices_are_the_registries(void **state)
{
    for (const struct registry *r = registries; r < registries + ARRAY_LEN(registries); r++) {
        for (const struct choice *c = r->choices; c->name != NULL; c++) {
            check_str(r->title, r->name(c->name), c->name);
            check_str(r->title, r->help(c->name), c->help);
            for (const struct choice *d = r->choices; d != c; d++)
                check_true(c->name, strcmp(c->name, d->name) != 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_profile_is_unlike_the_others),
        cmocka_unit_test(the_table_has_every_profile),
        cmocka_unit_test(a_profile_knows_its_name),
        cmocka_unit_test(handshakes),
        cmocka_unit_test(isn_generators),
        cmocka_unit_test(rfc6528_grows_with_the_clock),
        cmocka_unit_test(siphash),
        cmocka_unit_test(choices_are_the_registries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
