/* SPDX-License-Identifier: GPL-3.0-or-later
 * The receive window of Linux: what unread packets weigh, how the window opens and the buffer
 * grows. tests/experiments/test_reference.c compares it with captures; here are the sums.
 *
 * A packet of 1500 bytes needs 64 + 1500 + 320, an allocation of 2048, and weighs 2304.
 */
#include "models/tcp/endpoint.h"
#include "tests/tcp/pair.h"
#include "tests/tcp/puppet.h"

#define SMALL "profile=linux timestamps=no window_scaling=no sack=no rcvbuf=8192B "

/* clang-format off */
static const struct play plays[] = {
    /* Memory is 16384. The first segment shows 1460 in 2304: 162/256, so that 10368 bytes fit; one unread leaves 8910,
     * two 7452, three 5994, five 3078, seven 162. */
    {"whole segments of what the memory left can hold", SMALL, {
        {0, "show win; connect; < SA 0 ack 1 mss 1460", "S 0 win 7300, A 1 ack 1 win 7300", "connected"},
        {MS(50), "< A 1(1460) ack 1", "A 1 ack 1461 win 8760", "readable"},
        {MS(50), "< A 1461(1460) ack 1", "A 1 ack 2921 win 7300", "readable"},
        /* the third is quick because the window grew: 7300 / (2 * 1460) is two */
        {MS(50), "< A 2921(1460) ack 1", "A 1 ack 4381 win 5840", "readable"},
        /* two segments, but the right edge would not move with them */
        {MS(50), "< A 4381(1460) ack 1; < A 5841(1460) ack 1", "", "readable readable"},
        {MS(90), "", "A 1 ack 7301 win 2920", ""},
        {MS(100), "< A 7301(1460) ack 1; < A 8761(1460) ack 1", "", "readable readable"},
        /* all is free; the limit is what the first one left */
        {MS(110), "recv 99999", "A 1 ack 10221 win 8760", "=10220"}}},
    /* 65536 - 1460 are the limit, 64240 were told: in units of 128 that is 502 */
    {"segments below 128 bytes do not open it", "profile=linux timestamps=no", {
        {0, "show win; connect; < SA 0 ack 1 mss 1460 ws 7; recv 1", "S 0 win 64240, A 1 ack 1 win 502", "connected =EAGAIN"},
        {MS(50), "< PA 1(8) ack 1", "A 1 ack 9 win 502", "readable"}}},
};
/* clang-format on */

static void sums(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(plays); i++)
        puppet_play_wrapped(&plays[i]);
}

/* 752 bytes weigh 2304, the ratio is 83/256: 747 bytes fit into 2304. With 747 as the limit no
 * segment of 752 would ever be let in again, however large the buffer becomes;
 * tcp_set_window_clamp() has 1152 as the least. Segments of 100 bytes do not let it grow. */
static void the_limit_stays_above_a_segment(void **state)
{
    struct puppet p;
    char sent[2 * sizeof p.sent];
    puppet_init(&p, "least clamp",
                "profile=linux timestamps=no window_scaling=no sack=no rcvbuf=1152B", 1000,
                1000);
    puppet_do(&p, 0, "show win; connect; < SA 0 ack 1 mss 1460");
    check_str("opening", p.sent, "S 0 win 1152, A 1 ack 1 win 1152");
    puppet_do(&p, MS(50), "< A 1(752) ack 1");
    check_str("full", p.sent, "A 1 ack 753 win 400");
    puppet_do(&p, MS(60), "recv 999; rcvbuf 32767; set window_clamp 5000B");
    puppet_do(
        &p, MS(70),
        "< A 753(100) ack 1; < A 853(100) ack 1; < A 953(100) ack 1; < A 1053(100) ack 1");
    strcpy(sent, p.sent);
    puppet_do(&p, MS(500), ""); /* delayed or not */
    strcat(sent, p.sent);
    check_true(sent, strstr(sent, "A 1 ack 1153 win 752") != NULL);
    puppet_fini(&p);
}

/* ---- right-sizing */

enum { PORT = 80 };

struct transfer {
    struct tcp_user source, sink, door;
    struct tcp_account account;
    struct sim *sim;
    int64_t to_write, n_read, widest; /* the largest window told */
    sim_time read_at;
};

static void on_source(struct tcp_user *user, struct tcp *t, uint32_t bits)
{
    struct transfer *x = CONTAINER_OF(user, struct transfer, source);
    if ((bits & TCP_EV_CONNECTED) != 0)
        check_eq("all is queued", tcp_send(t, x->to_write), x->to_write);
    if ((bits & TCP_EV_SENT) != 0) {
        x->widest = t->snd.max_wnd;
        tcp_abort(t);
    }
}

static void on_sink(struct tcp_user *user, struct tcp *t, uint32_t bits)
{
    struct transfer *x = CONTAINER_OF(user, struct transfer, sink);
    struct tcp_extent got[4];
    int n = (int)ARRAY_LEN(got);
    for (int64_t bytes;
         (bits & TCP_EV_READABLE) != 0 && (bytes = tcp_recv(t, INT32_MAX, got, &n)) > 0;
         n = (int)ARRAY_LEN(got)) {
        x->n_read += bytes;
        x->read_at = x->sim->now;
    }
    if ((bits & TCP_EV_ERROR) != 0)
        tcp_close(t);
}

static void on_accept(struct tcp_user *user, struct tcp_listener *l)
{
    (void)tcp_accept(l, &CONTAINER_OF(user, struct transfer, door)->sink);
}

static struct transfer transfer(int64_t bytes, bool moderate)
{
    struct tcp_params params;
    struct pair p;
    struct tcp_listener *l;
    struct tcp *t;
    check_eq("linux", tcp_params_init(&params, "linux"), 0);
    params.sndbuf = bytes;
    params.moderate_rcvbuf = moderate;
    pair_init(&p, &params, &params, MS(50));
    struct transfer x = {.sim = p.sim, .to_write = bytes};
    x.source = (struct tcp_user){.on_event = on_source, .account = &x.account};
    x.sink = (struct tcp_user){.on_event = on_sink, .account = &x.account};
    x.door =
        (struct tcp_user){.on_event = on_sink, .on_accept = on_accept, .account = &x.account};
    check_eq("listens", tcp_listen(p.b, PORT, 8, &x.door, &l), 0);
    check_eq("opens", tcp_connect(p.a, (struct tcp_addr){p.b->addr, PORT}, 0, &x.source, &t),
             0);
    sim_run_until(p.sim, SEC(60));
    tcp_listener_close(l);
    check_eq("all is read", x.n_read, bytes);
    pair_fini(&p);
    return x;
}

/* 10 MB are 6907 segments. Slow start alone sends 10 (2^k - 1) of them in k round trips of
 * 100 ms: ten; the last arrives 150 ms + 9 round trips after the SYN left. A window that stays
 * takes a round trip for each 81920 bytes at best: 131072 * 160/256. */
static void window_keeps_ahead_of_slow_start(void **state)
{
    const struct transfer grows = transfer(10000000, true), stays = transfer(10000000, false);
    check_eq("as if there were no window", grows.read_at, MS(1050));
    check_eq("wide", grows.widest > 10 * 64 * 1448, true);
    check_eq("a fixed buffer", stays.read_at > 10000000 / 81920 * MS(100), true);
    check_eq("... is told in units of 128", stays.widest <= 81920, true);
}

/* 6291456 bytes of memory but the packet that is acknowledged, at 160/256, in units of 128. */
static void window_grows_up_to_rcvbuf_max(void **state)
{
    const struct transfer x = transfer(40000000, true);
    check_eq("tcp_rmem[2]", x.widest, ((6291456 - 2304) * 160 / 256 + 127) / 128 * 128);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sums),
                                       cmocka_unit_test(the_limit_stays_above_a_segment),
                                       cmocka_unit_test(window_keeps_ahead_of_slow_start),
                                       cmocka_unit_test(window_grows_up_to_rcvbuf_max)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
