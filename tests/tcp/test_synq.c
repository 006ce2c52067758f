/* SPDX-License-Identifier: GPL-3.0-or-later
 * Listening: how many half-open connections there is room for, how long they stay, what each
 * policy does to a SYN that finds no room, the accept queue, deferred accept. Numbers of Linux
 * are those that it showed (tests/reference).
 */
#include "models/tcp/endpoint.h"
#include "tests/check.h"

enum { HERE = 0x0a000001, PEERS = 0x0a010000, PORT = 80, MOST = 320 };

/* A server and many peers, each with an address of its own. */
struct rig {
    struct tcp_user user; /* first */
    struct sim *sim;
    struct tcp_params params;
    struct tcp_stack *stack;
    struct tcp_account account;
    struct tcp_listener *listener;
    bool holds; /* accepts nothing */
    int n_sent[MOST], n_resets, n_accepted;
    struct packet last[MOST];
    struct tcp_options opt[MOST];
};

static void on_output(void *ctx, struct packet *p)
{
    struct rig *r = ctx;
    const uint32_t peer = p->dst.low - PEERS;
    check_true("a peer", peer < MOST);
    r->n_sent[peer]++;
    r->n_resets += (p->flags & TCP_RST) != 0;
    r->last[peer] = *p;
    r->opt[peer] = tcp_options_get(r->sim, p);
    packet_free(r->sim, p);
}

static void on_event(struct tcp_user *user, struct tcp *t, uint32_t bits) {}

static void on_accept(struct tcp_user *user, struct tcp_listener *l)
{
    struct rig *r = (struct rig *)user;
    if (!r->holds)
        r->n_accepted += tcp_accept(l, user) != NULL;
}

/* set changes the profile's parameters. */
static struct rig *rig_new(const char *profile, void (*set)(struct tcp_params *p))
{
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    struct rig *r = sim_alloc(sim, sizeof *r);
    r->sim = sim;
    r->user = (struct tcp_user){on_event, on_accept, &r->account, NULL};
    tcp_params_init(&r->params, profile);
    set(&r->params);
    tcp_account_init(&r->account, 0);
    r->stack = tcp_stack_new(sim, sim_subject(sim, "host", "server"), ip4(HERE), &r->params,
                             on_output, r);
    check_eq("listen", tcp_listen(r->stack, PORT, 0, &r->user, &r->listener), 0);
    return r;
}

static void rig_free(struct rig *r)
{
    tcp_stack_finish(r->stack);
    check_eq("packets", r->sim->live_packets, 0);
    sim_free(r->sim);
}

static void deliver(struct rig *r, int peer, uint16_t flags, uint32_t seq_number, uint32_t ack,
                    uint32_t len, const struct tcp_options *opt)
{
    struct packet *p = packet_new(r->sim, 40 + len);
    p->src = ip4(PEERS + (uint32_t)peer);
    p->dst = ip4(HERE);
    p->proto = PROTO_TCP;
    p->sport = 1000;
    p->dport = PORT;
    p->flags = flags;
    p->seq = seq_number;
    p->ack = ack;
    p->win = 1000;
    p->len = len;
    p->stream = 1;
    p->payload = PAYLOAD_FORGED;
    if (opt != NULL)
        tcp_options_put(r->sim, p, opt, tcp_option_layout_find("linux"));
    tcp_input(r->stack, p);
}

static void syn(struct rig *r, int peer)
{
    deliver(r, peer, TCP_SYN, 500, 0, 0, NULL);
}
static void ack(struct rig *r, int peer, uint32_t len)
{
    deliver(r, peer, TCP_ACK, 501, r->last[peer].seq + 1, len, NULL);
}

/* SYNs of peers from, ..., to - 1, a millisecond apart. */
static void syns(struct rig *r, int from, int to)
{
    for (int i = from; i < to; i++) {
        syn(r, i);
        sim_run_until(r->sim, r->sim->now + MS(1));
    }
}

static int n_answered(const struct rig *r)
{
    int n = 0;
    for (int i = 0; i < MOST; i++)
        n += r->n_sent[i] > 0;
    return n;
}

static int n_that_sent(const struct rig *r, int n_synacks)
{
    int n = 0;
    for (int i = 0; i < MOST; i++)
        n += r->n_sent[i] == n_synacks;
    return n;
}

/* ---- room: min(backlog + 1, somaxconn + 1, msb - msb / 4 + 1), cookies off; backlog, when it
 * is one for both queues */

static const struct room_row {
    const char *story;
    int64_t backlog, max_syn_backlog, somaxconn;
    int n_syns, want;
} room_rows[] = {
    {"07a1: the backlog", 16, 2048, 4096, 100, 17},
    {"07a3: three quarters of max_syn_backlog", 4096, 128, 4096, 300, 97},
    {"07a5: somaxconn", 1000, 2048, 128, 300, 129},
    {"07a6: listen(1)", 1, 2048, 4096, 20, 2},
    {"07a7: listen(0)", 0, 2048, 4096, 20, 1},
    {"07a9: three quarters of 64", 100, 64, 4096, 150, 49},
    {"one backlog for both, exactly", 10, 0, 4096, 100, 10},
};
static const struct room_row *room_row;

static void set_room(struct tcp_params *p)
{
    p->syncookies = 0;
    p->backlog = room_row->backlog;
    p->max_syn_backlog = room_row->max_syn_backlog;
    p->somaxconn = room_row->somaxconn;
}

static void there_is_so_much_room(void **state)
{
    for (room_row = room_rows; room_row < room_rows + ARRAY_LEN(room_rows); room_row++) {
        struct rig *r = rig_new("linux", set_room);
        syns(r, 0, room_row->n_syns);
        check_eq(room_row->story, n_answered(r), room_row->want);
        check_eq(room_row->story, r->listener->n_half_open, room_row->want);
        check_eq(room_row->story, r->stack->request_pool.n, room_row->want);
        rig_free(r);
    }
}

/* Who has completed a handshake before gets into the reserved quarter: 64 - 64 / 4 + 1 = 49. */
static void a_proven_peer_finds_room(void **state)
{
    room_row = &room_rows[5];
    struct rig *r = rig_new("linux", set_room);
    syn(r, 0);
    ack(r, 0, 0);
    check_eq("peer 0 has been here", r->n_accepted, 1);
    deliver(r, 0, TCP_RST, 501, 0, 0, NULL);
    syns(r, 1, 100);
    check_eq("unproven ones", n_answered(r) - 1, 49);
    r->n_sent[0] = 0;
    syn(r, 0);
    check_eq("a proven one", r->n_sent[0], 1);
    rig_free(r);
}

/* ---- how long they stay [07a1] */

/* 17 entries, the queue more than half full: at 3 s all are old, nobody may repeat more than
 * twice, and until 8 are left (half of 16) those whose timeout comes go: 9 of them after 3
 * SYN-ACKs, 8 stay for 6 and 63 s. */
static void the_old_are_pruned(void **state)
{
    room_row = &room_rows[0];
    struct rig *r = rig_new("linux", set_room);
    syns(r, 0, 100);
    sim_run_until(r->sim, MS(7100));
    check_eq("left", r->listener->n_half_open, 8);
    sim_run_until(r->sim, SEC(62));
    check_eq("left", r->listener->n_half_open, 8);
    sim_run_until(r->sim, MS(63100));
    check_eq("gone", r->listener->n_half_open, 0);
    check_eq("3 SYN-ACKs", n_that_sent(r, 3), 9);
    check_eq("6 SYN-ACKs", n_that_sent(r, 6), 8);
    check_eq("given up", r->account.n_timed_out, 17);
    rig_free(r);
}

static void no_change(struct tcp_params *p)
{
    p->syncookies = 0;
}

/* Linux: answered by the SYN-ACK, whose timer begins anew; by the RFC by an ACK. */
static void the_syn_comes_again(void **state)
{
    for (int by_rfc = 0; by_rfc < 2; by_rfc++) {
        struct rig *r = rig_new(by_rfc ? "rfc9293" : "linux", no_change);
        syn(r, 0);
        sim_run_until(r->sim, MS(500));
        syn(r, 0);
        check_eq("flags", r->last[0].flags, by_rfc ? TCP_ACK : TCP_SYN | TCP_ACK);
        sim_run_until(r->sim, MS(1499));
        check_eq("SYN-ACK at 1 s", r->n_sent[0], by_rfc ? 3 : 2);
        sim_run_until(r->sim, MS(1501));
        check_eq("SYN-ACK at 1.5 s", r->n_sent[0], 3);
        ack(r, 0, 0);
        check_eq("accepted", r->n_accepted, 1);
        rig_free(r);
    }
}

/* A listener goes: no word to those half-open. */
static void a_listener_goes(void **state)
{
    struct rig *r = rig_new("rfc9293", no_change);
    syns(r, 0, 5);
    tcp_listener_close(r->listener);
    check_eq("requests", r->stack->request_pool.n, 0);
    sim_run_until(r->sim, SEC(100));
    check_eq("sent", n_that_sent(r, 1), 5);
    rig_free(r);
}

/* ---- policies: a queue of 4 (syn-cache: one bucket of 2) and 8 SYNs; who completes? */

static const struct policy_row {
    const char *name;
    int n_kept;      /* half-open after 8 SYNs */
    const char *who; /* of the 8, whose ACK is believed; NULL: any 4, the last among them */
    int n_resets;
} policy_rows[] = {
    {"drop", 4, "11110000", 4},        {"oldest-out", 4, "00001111", 4},
    {"random-out", 4, NULL, 4},        {"syn-cache", 2, "00000011", 6},
    {"syn-cookies", 4, "11111111", 0},
};
static const struct policy_row *policy_row;

static void set_policy(struct tcp_params *p)
{
    p->syn_queue = policy_row->name;
    p->backlog = 4;
    p->syn_cache_buckets = 1;
    p->syn_cache_limit = 2;
}

static void every_policy_is_unlike_the_others(void **state)
{
    char seen[ARRAY_LEN(policy_rows)][9] = {{0}};
    for (size_t k = 0; k < ARRAY_LEN(policy_rows); k++) {
        policy_row = &policy_rows[k];
        struct rig *r = rig_new("rfc9293", set_policy);
        syns(r, 0, 8);
        check_eq(policy_row->name, r->listener->n_half_open, policy_row->n_kept);
        for (int i = 0; i < 8; i++) {
            const int before = r->n_accepted;
            ack(r, i, 0);
            seen[k][i] = r->n_accepted > before ? '1' : '0';
        }
        check_eq(policy_row->name, r->n_resets, policy_row->n_resets);
        if (policy_row->who != NULL)
            check_str(policy_row->name, seen[k], policy_row->who);
        else
            check_true(policy_row->name, r->n_accepted == 4 && seen[k][7] == '1');
        rig_free(r);
        for (size_t i = 0; i < k; i++)
            check_true(policy_row->name, strcmp(seen[i], seen[k]) != 0);
    }
    size_t n = 0;
    for (const struct choice *c = TCP_SYNQ_CHOICES; c->name != NULL; c++, n++)
        check_str("every policy has a row", c->name, policy_rows[n].name);
    check_eq("policies", n, ARRAY_LEN(policy_rows));
}

/* FreeBSD's two defences together: what the bucket has no room for gets a cookie, and nobody
 * goes. */
static void set_cache_and_cookies(struct tcp_params *p)
{
    p->syn_cache_buckets = 1;
    p->syn_cache_limit = 2;
}

static void cookies_behind_a_cache(void **state)
{
    struct rig *r = rig_new("bsd", set_cache_and_cookies);
    syns(r, 0, 8);
    check_eq("half-open", r->listener->n_half_open, 2);
    check_eq("answered", n_that_sent(r, 1), 8);
    for (int i = 0; i < 8; i++)
        ack(r, i, 0);
    check_eq("accepted", r->n_accepted, 8);
    check_eq("resets", r->n_resets, 0);
    check_eq("cookies", r->account.n_cookies_received, 6);
    rig_free(r);
}

/* ---- the accept queue [07m]: listen(2) holds 3; of three ACKs one finds room */

static void set_small(struct tcp_params *p)
{
    p->backlog = 2;
}
static void set_abort(struct tcp_params *p)
{
    set_small(p);
    p->abort_on_overflow = true;
}

static struct rig *overflown(void (*set)(struct tcp_params *p))
{
    struct rig *r = rig_new("linux", set);
    r->holds = true;
    for (int i = 0; i < 2; i++) {
        syn(r, i);
        ack(r, i, 0);
    }
    syns(r, 2, 5);
    for (int i = 2; i < 5; i++)
        ack(r, i, 0);
    check_eq("wait for accept()", tcp_waiting(r->listener), 3);
    return r;
}

static void an_ack_finds_no_room(void **state)
{
    struct rig *r = overflown(set_small);
    check_eq("half-open", r->listener->n_half_open, 2);
    check_eq("no word", r->n_sent[3] + r->n_sent[4] + r->n_resets, 2);
    syn(r, 6);
    check_eq("a SYN is dropped", r->n_sent[6], 0);
    sim_run_until(r->sim, MS(1100));
    check_eq("the SYN-ACK again", r->n_sent[3], 2);
    while (tcp_accept(r->listener, &r->user) != NULL)
        ;
    ack(r, 3, 0);
    check_eq("now there is room", tcp_waiting(r->listener), 1);
    rig_free(r);
}

static void or_is_reset(void **state)
{
    struct rig *r = overflown(set_abort);
    check_eq("half-open", r->listener->n_half_open, 0);
    check_eq("resets", r->n_resets, 2);
    rig_free(r);
}

/* ---- deferred accept [02o]: 5 s cover the timeouts of 1, 2 and 4 s */

static void set_deferred(struct tcp_params *p)
{
    p->defer_accept = SEC(5);
}

static void data_is_waited_for(void **state)
{
    struct rig *r = rig_new("linux", set_deferred);
    syns(r, 0, 2);
    ack(r, 0, 0);
    ack(r, 1, 0);
    sim_run_until(r->sim, MS(2600));
    check_eq("no SYN-ACK again", r->n_sent[0], 1);
    check_eq("not accepted", r->n_accepted, 0);
    ack(r, 0, 10);
    check_eq("data", r->n_accepted, 1);
    sim_run_until(r->sim, MS(6900));
    check_eq("silence", r->n_sent[1], 1);
    sim_run_until(r->sim, MS(7100));
    check_eq("1 + 2 + 4 s: the SYN-ACK", r->n_sent[1], 2);
    ack(r, 1, 0);
    check_eq("a bare ACK will do", r->n_accepted, 2);
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_is_so_much_room),
        cmocka_unit_test(a_proven_peer_finds_room),
        cmocka_unit_test(the_old_are_pruned),
        cmocka_unit_test(the_syn_comes_again),
        cmocka_unit_test(a_listener_goes),
        cmocka_unit_test(every_policy_is_unlike_the_others),
        cmocka_unit_test(cookies_behind_a_cache),
        cmocka_unit_test(an_ack_finds_no_room),
        cmocka_unit_test(or_is_reset),
        cmocka_unit_test(data_is_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
