/* SPDX-License-Identifier: GPL-3.0-or-later
 * SYN cookies: what comes back of a SYN, for how long, and what a false one gets.
 */
#include "models/tcp/cookie.h"
#include "models/tcp/endpoint.h"
#include "tests/check.h"

enum { HERE = 0x0a000001, PEER = 0x0a000002, PORT = 80, ISN = 500 };

struct rig {
    struct tcp_user user; /* first */
    struct sim *sim;
    struct tcp_stack *stack;
    struct tcp_account account;
    struct tcp_listener *listener;
    struct tcp *t; /* accepted */
    struct packet last;
    struct tcp_options opt;
    int n_sent;
};

static void on_output(void *ctx, struct packet *p)
{
    struct rig *r = ctx;
    r->last = *p;
    r->opt = tcp_options_get(r->sim, p);
    r->n_sent++;
    packet_free(r->sim, p);
}

static void on_event(struct tcp_user *user, struct tcp *t, uint32_t bits) {}

static void on_accept(struct tcp_user *user, struct tcp_listener *l)
{
    ((struct rig *)user)->t = tcp_accept(l, user);
}

static struct rig *rig_new(const char *profile, int64_t syncookies)
{
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    struct rig *r = sim_alloc(sim, sizeof *r);
    struct tcp_params params;
    tcp_params_init(&params, profile);
    params.syncookies = syncookies;
    r->sim = sim;
    r->user = (struct tcp_user){on_event, on_accept, &r->account, NULL};
    tcp_account_init(&r->account, 0);
    sim_run_until(sim, SEC(1000)); /* a clock that has run for a while */
    r->stack = tcp_stack_new(sim, sim_subject(sim, "host", "server"), ip4(HERE), &params,
                             on_output, r);
    check_eq("listen", tcp_listen(r->stack, PORT, 0, &r->user, &r->listener), 0);
    return r;
}

static void rig_free(struct rig *r)
{
    if (r->t != NULL)
        tcp_abort(r->t);
    tcp_stack_finish(r->stack);
    sim_free(r->sim);
}

static void deliver(struct rig *r, uint16_t flags, uint32_t at, uint32_t ack,
                    const struct tcp_options *opt)
{
    struct packet *p = packet_new(r->sim, 40);
    p->src = ip4(PEER);
    p->dst = ip4(HERE);
    p->proto = PROTO_TCP;
    p->sport = 1000;
    p->dport = PORT;
    p->flags = flags;
    p->seq = at;
    p->ack = ack;
    p->win = 1000;
    p->stream = 1;
    tcp_options_put(r->sim, p, opt, tcp_option_layout_find("linux"));
    tcp_input(r->stack, p);
}

/* SYN and, when it was answered, the ACK. */
static void exchange(struct rig *r, const struct tcp_options *syn)
{
    deliver(r, TCP_SYN, ISN, 0, syn);
    check_eq("no entry", r->stack->request_pool.n, 0);
    check_eq("SYN-ACK", r->last.flags, TCP_SYN | TCP_ACK);
    const struct tcp_options ack = {
        .has_timestamps = syn->has_timestamps, .tsval = syn->tsval + 20, .tsecr = r->opt.tsval};
    deliver(r, TCP_ACK, ISN + 1, r->last.seq + 1, &ack);
    check_true("accepted", r->t != NULL);
    check_eq("state", tcp_state_of(r->t), TCP_ESTABLISHED);
}

/* The largest of 536, 1300, 1440, 1460 that is not larger; 536 below, and unsaid. */
static void one_of_four_segment_sizes(void **state)
{
    static const uint16_t rows[][2] = {{100, 536},   {536, 536},   {1299, 536},  {1300, 1300},
                                       {1439, 1300}, {1440, 1440}, {1459, 1440}, {1460, 1460},
                                       {9000, 1460}, {0, 536}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct rig *r = rig_new("rfc9293", 2);
        exchange(r, &(struct tcp_options){.mss = rows[i][0]});
        check_eq("MSS", r->t->snd.mss, rows[i][1]);
        rig_free(r);
    }
}

/* Linux [07c]: with timestamps all comes back, without them nothing. */
static void timestamps_carry_the_rest(void **state)
{
    const struct tcp_options with = {.mss = 1460,
                                     .has_wscale = true,
                                     .wscale = 7,
                                     .sack_permitted = true,
                                     .has_timestamps = true,
                                     .tsval = 100};
    struct tcp_options without = with;
    without.has_timestamps = false;
    struct rig *r = rig_new("linux", 2);
    exchange(r, &with);
    check_true("all", r->t->agreed.timestamps && r->t->agreed.sack && r->t->agreed.scaled);
    check_eq("shift", r->t->agreed.snd_shift, 7);
    check_eq("window", r->t->snd.wnd, 1000 << 7);
    rig_free(r);
    r = rig_new("linux", 2);
    exchange(r, &without);
    check_true("nothing",
               !r->t->agreed.timestamps && !r->t->agreed.sack && !r->t->agreed.scaled);
    check_true("nor offered", !r->opt.has_wscale && !r->opt.sack_permitted);
    check_eq("window", r->t->snd.wnd, 1000);
    rig_free(r);
    r = rig_new("linux", 2);
    exchange(r, &(struct tcp_options){.mss = 1460, .has_timestamps = true, .tsval = 100});
    check_true("no more than was offered", !r->t->agreed.sack && !r->t->agreed.scaled);
    rig_free(r);
}

/* The stamp is never later than the clock, and at most 64 ms earlier. */
static void the_stamp_is_near_the_clock(void **state)
{
    for (uint32_t clock = 1000; clock < 1200; clock++) {
        for (uint32_t bits = 0; bits < 64; bits++) {
            const uint32_t stamp = tcp_cookie_stamp(clock, (uint8_t)(64 | bits));
            check_eq("bits", stamp & 63, bits);
            check_true("not later", stamp <= clock && clock - stamp < 64);
        }
    }
}

/* A cookie of minute m is believed in m and m + 1. It was sent at 1000 s, in minute 16, which
 * ends at 1020 s; minute 17 ends at 1080 s. */
static void a_cookie_grows_old(void **state)
{
    static const struct {
        sim_time at;
        bool believed;
    } rows[] = {{SEC(1001), true}, {SEC(1079), true}, {SEC(1081), false}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct rig *r = rig_new("rfc9293", 2);
        deliver(r, TCP_SYN, ISN, 0, &(struct tcp_options){.mss = 1460});
        sim_run_until(r->sim, rows[i].at);
        deliver(r, TCP_ACK, ISN + 1, r->last.seq + 1, &(struct tcp_options){0});
        check_eq("believed", r->t != NULL, rows[i].believed);
        check_eq("or reset", r->last.flags == TCP_RST, !rows[i].believed);
        check_eq("SYN-ACKs are never repeated", r->n_sent, rows[i].believed ? 1 : 2);
        rig_free(r);
    }
}

static void a_false_one_is_reset(void **state)
{
    struct rig *r = rig_new("rfc9293", 2);
    deliver(r, TCP_SYN, ISN, 0, &(struct tcp_options){.mss = 1460});
    const uint32_t cookie = r->last.seq;
    deliver(r, TCP_ACK, ISN + 1, cookie + 1 + (1 << 20), &(struct tcp_options){0});
    check_eq("another number", r->last.flags, TCP_RST);
    deliver(r, TCP_ACK, ISN + 1001, cookie + 1, &(struct tcp_options){0});
    check_eq("another ISN", r->last.flags, TCP_RST);
    check_eq("each", r->n_sent, 3);
    check_true("nobody", r->t == NULL);
    check_eq("valid ones", r->account.n_cookies_received, 0);
    rig_free(r);
}

/* Linux's hole: a byte later it is the cookie of the next smaller size. */
static void a_byte_later_it_passes(void **state)
{
    struct rig *r = rig_new("rfc9293", 2);
    deliver(r, TCP_SYN, ISN, 0, &(struct tcp_options){.mss = 1460});
    deliver(r, TCP_ACK, ISN + 2, r->last.seq + 1, &(struct tcp_options){0});
    check_true("accepted", r->t != NULL);
    check_eq("MSS", r->t->snd.mss, 1440);
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_of_four_segment_sizes),
        cmocka_unit_test(timestamps_carry_the_rest),
        cmocka_unit_test(the_stamp_is_near_the_clock),
        cmocka_unit_test(a_cookie_grows_old),
        cmocka_unit_test(a_false_one_is_reset),
        cmocka_unit_test(a_byte_later_it_passes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
