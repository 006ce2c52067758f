/* SPDX-License-Identifier: GPL-3.0-or-later
 * The handshakes that are not TCP's own: each segment of cookie-echo and timer-based lost once,
 * what their servers hold meanwhile, and how long records live.
 *
 * Two stacks, 10 ms apart. A row says which segments of those sent, counted from 0, are lost,
 * and what both sides then sent, as FLAGS SEQ(LEN) from > client, < server.
 */
#include <errno.h>

#include "models/tcp/endpoint.h"
#include "models/tcp/info.h"
#include "models/tcp/timer_based.h"
#include "tests/check.h"

enum { CLIENT = 0x0a000001, SERVER = 0x0a000002, PORT = 80, MOST = 64 };

struct rig {
    struct sim *sim;
    struct tcp_stack *stack[2];
    struct tcp_user user[2];
    struct tcp_account account[2];
    struct tcp_listener *listener;
    struct tcp *t, *accepted;
    struct event arrival;
    struct packet_fifo flight;
    uint64_t lost; /* a bit a segment */
    int n_sent;
    int64_t request; /* bytes, as soon as the client is told that it may */
    int64_t n_read;
    sim_time connected_at, urgent_at;
    char log[2000];
};

static void on_arrival(struct sim *sim, struct event *e)
{
    struct rig *r = CONTAINER_OF(e, struct rig, arrival);
    struct packet *p = fifo_pop(&r->flight);
    if (r->flight.head != NULL)
        event_at(sim, &r->arrival, r->flight.head->arrives_at);
    tcp_input(r->stack[p->dst.low == SERVER], p);
}

static void say(struct rig *r, const struct packet *p)
{
    static const struct {
        uint16_t flag;
        char letter;
    } FLAGS[] = {
        {TCP_SYN, 'S'}, {TCP_FIN, 'F'}, {TCP_RST, 'R'}, {TCP_PSH, 'P'}, {TCP_ACK, 'A'}};
    const size_t n = strlen(r->log);
    char flags[8] = "";
    for (size_t i = 0, n_flags = 0; i < ARRAY_LEN(FLAGS); i++)
        if ((p->flags & FLAGS[i].flag) != 0)
            flags[n_flags++] = FLAGS[i].letter;
    snprintf(r->log + n, sizeof r->log - n, "%s%c%s(%u)", n > 0 ? " " : "",
             p->src.low == CLIENT ? '>' : '<', flags, p->len);
}

static void on_output(void *ctx, struct packet *p)
{
    struct rig *r = ctx;
    say(r, p);
    if ((r->lost >> r->n_sent++ & 1) != 0) {
        packet_free(r->sim, p);
        return;
    }
    p->arrives_at = r->sim->now + MS(10);
    if (fifo_push(&r->flight, p))
        event_at(r->sim, &r->arrival, p->arrives_at);
}

static void on_client(struct tcp_user *user, struct tcp *t, uint32_t bits)
{
    struct rig *r = CONTAINER_OF(user, struct rig, user[0]);
    if ((bits & TCP_EV_CONNECTED) == 0)
        return;
    r->connected_at = r->sim->now;
    if (r->request > 0)
        check_eq("sent", tcp_send(t, r->request), r->request);
}

static void on_server(struct tcp_user *user, struct tcp *t, uint32_t bits)
{
    struct rig *r = CONTAINER_OF(user, struct rig, user[1]);
    struct tcp_extent x[4];
    int n = ARRAY_LEN(x);
    if ((bits & TCP_EV_READABLE) != 0)
        r->n_read += tcp_recv(t, 100000, x, &n);
}

static void on_accept(struct tcp_user *user, struct tcp_listener *l)
{
    CONTAINER_OF(user, struct rig, user[1])->accepted = tcp_accept(l, user);
}

static struct rig *rig_new(const char *handshake, uint64_t lost)
{
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    struct rig *r = sim_alloc(sim, sizeof *r);
    struct tcp_params params;
    tcp_params_init(&params, "rfc9293");
    params.handshake = handshake;
    params.msl = SEC(1);
    params.retries2 = 2;
    *r = (struct rig){.sim = sim, .lost = lost};
    event_init(sim, &r->arrival, EV_ARRIVAL, sim_subject(sim, "link", "both"), on_arrival);
    for (uint32_t i = 0; i < 2; i++) {
        tcp_account_init(&r->account[i], 0);
        r->stack[i] = tcp_stack_new(sim, sim_subject(sim, "host", i == 0 ? "c" : "s"),
                                    ip4(CLIENT + i), &params, on_output, r);
    }
    r->user[0] = (struct tcp_user){.on_event = on_client, .account = &r->account[0]};
    r->user[1] = (struct tcp_user){
        .on_event = on_server, .on_accept = on_accept, .account = &r->account[1]};
    tcp_listen(r->stack[1], PORT, 0, &r->user[1], &r->listener);
    return r;
}

static void rig_connect(struct rig *r)
{
    tcp_connect(r->stack[0], (struct tcp_addr){ip4(SERVER), PORT}, 0, &r->user[0], &r->t);
}

static void rig_free(struct rig *r)
{
    struct sim *sim = r->sim;
    sim_run_until(sim, SIM_NEVER);
    tcp_stack_finish(r->stack[0]);
    tcp_stack_finish(r->stack[1]);
    check_eq("packets alive", sim->live_packets, 0);
    sim_free(sim);
}

/* ---- one segment lost */

/* clang-format off */
static const struct loss_row {
    const char *story, *handshake;
    uint64_t lost;
    int64_t request;
    const char *log;
    sim_time connected_at;
} loss_rows[] = {
    {"nothing is lost",               "cookie-echo", 0, 0,   ">S(0) <SA(0) >A(0) <A(0)", MS(40)},
    {"the SYN",                       "cookie-echo", 1, 0,   ">S(0) >S(0) <SA(0) >A(0) <A(0)", MS(1040)},
    {"its answer: asked for again",   "cookie-echo", 2, 0,   ">S(0) <SA(0) >S(0) <SA(0) >A(0) <A(0)", MS(1040)},
    {"the echo: its own timer",       "cookie-echo", 4, 0,   ">S(0) <SA(0) >A(0) >A(0) <A(0)", MS(1040)},
    {"its ACK: the echo again",       "cookie-echo", 8, 0,   ">S(0) <SA(0) >A(0) <A(0) >A(0) <A(0)", MS(1040)},
    {"data waits for the fourth",     "cookie-echo", 0, 100, ">S(0) <SA(0) >A(0) <A(0) >PA(100) <A(0)", MS(40)},
    {"data goes with the SYN",        "timer-based", 0, 100, ">S(100) <SA(0)", 0},
    {"nothing to say: the SYN alone", "timer-based", 0, 0,   ">S(0) <SA(0)", 0},
    {"the SYN: again without data",   "timer-based", 1, 100, ">S(100) >S(0) <SA(0) >PA(100) <A(0)", 0},
    {"its answer: all was taken",     "timer-based", 2, 100, ">S(100) <SA(0) >S(0) <SA(0)", 0},
};
/* clang-format on */

static void losses(void **state)
{
    for (const struct loss_row *row = loss_rows; row < loss_rows + ARRAY_LEN(loss_rows);
         row++) {
        struct rig *r = rig_new(row->handshake, row->lost);
        r->request = row->request;
        rig_connect(r);
        sim_run_until(r->sim, SEC(9));
        check_str(row->story, r->log, row->log);
        check_eq(row->story, r->connected_at, row->connected_at);
        check_eq(row->story, r->n_read, row->request);
        check_str(row->story, tcp_state_name(tcp_state_of(r->t)), "ESTABLISHED");
        rig_free(r);
    }
}

/* The second of two connections, whose cookie the first has brought. */
static const struct loss_row fast_rows[] = {
    {"nothing is lost", "fast-open", 0, 100, ">S(0) <SA(0) >A(0) >S(100) <SA(0) >A(0)", 0},
    {"the SYN: again without data", "fast-open", 8, 100,
     ">S(0) <SA(0) >A(0) >S(100) >S(0) <SA(0) >PA(100) <A(0)", 0},
    {"its answer: all was taken", "fast-open", 16, 100,
     ">S(0) <SA(0) >A(0) >S(100) <SA(0) >S(0) <SA(0) >A(0)", 0},
    {"the last ACK: the server asks", "fast-open", 32, 100,
     ">S(0) <SA(0) >A(0) >S(100) <SA(0) >A(0) <SA(0) >A(0)", 0},
};

static void fast_open_losses(void **state)
{
    for (const struct loss_row *row = fast_rows; row < fast_rows + ARRAY_LEN(fast_rows);
         row++) {
        struct rig *r = rig_new(row->handshake, row->lost);
        rig_connect(r);
        sim_run_until(r->sim, SEC(1));
        r->request = row->request;
        rig_connect(r);
        sim_run_until(r->sim, SEC(9));
        check_str(row->story, r->log, row->log);
        check_eq(row->story, r->connected_at, SEC(1));
        check_eq(row->story, r->n_read, row->request);
        check_str(row->story, tcp_state_name(tcp_state_of(r->accepted)), "ESTABLISHED");
        check_eq("children", r->listener->n_children, 0);
        rig_free(r);
    }
}

/* RFC 7413 §5.1: a limit of one. Of two SYNs at once the second opens in three ways; its data
 * is kept and read 20 ms later, with the ACK. */
static void fast_open_has_a_limit(void **state)
{
    struct rig *r = rig_new("fast-open", 0);
    struct tcp_sockopts opt = tcp_sockopts_of(r->stack[1]);
    opt.fastopen_qlen = 1;
    r->user[1].sockopts = &opt;
    rig_connect(r);
    sim_run_until(r->sim, SEC(1));
    r->request = 100;
    rig_connect(r);
    rig_connect(r);
    sim_run_until(r->sim, MS(1010));
    check_eq("children", r->listener->n_children, 1);
    check_eq("read", r->n_read, 100);
    sim_run_until(r->sim, MS(1029));
    check_eq("read", r->n_read, 100);
    sim_run_until(r->sim, MS(1030));
    check_eq("read", r->n_read, 200);
    rig_free(r);
}

/* What was written before the cookie came rides with its echo: 30 ms, not 50. */
static void data_rides_with_the_echo(void **state)
{
    struct rig *r = rig_new("cookie-echo", 0);
    rig_connect(r);
    check_eq("queued", tcp_send(r->t, 100), 100);
    sim_run_until(r->sim, MS(30));
    check_eq("read", r->n_read, 100);
    sim_run_until(r->sim, SEC(9));
    check_str("segments", r->log, ">S(0) <SA(0) >PA(100) <A(0)");
    rig_free(r);
}

/* The path has shrunk between the echo and its repeat, to 80 bytes of which the cookie takes
 * 20: the rest follows when the first part has been acknowledged. */
static void an_echo_fits_the_path_again(void **state)
{
    struct rig *r = rig_new("cookie-echo", 4); /* the first echo */
    rig_connect(r);
    check_eq("queued", tcp_send(r->t, 100), 100);
    sim_run_until(r->sim, MS(25));
    r->t->snd.mss = 80;
    sim_run_until(r->sim, SEC(9));
    check_str("segments", r->log, ">S(0) <SA(0) >PA(100) >A(60) <A(0) >PA(40) <A(0)");
    check_eq("read", r->n_read, 100);
    rig_free(r);
}

/* A server that answers SYNs holds nothing; a cookie that is too old, or another's, opens
 * nothing. */
static void no_state_before_the_echo(void **state)
{
    struct rig *r = rig_new("cookie-echo", 4); /* the first echo */
    rig_connect(r);
    sim_run_until(r->sim, MS(25));
    check_eq("half-open", tcp_count_in(r->stack[1], TCP_SYN_RECEIVED, 0), 0);
    check_eq("connections", r->account[1].n_opened, 0);
    r->stack[1]->params.cookie_life = MS(500); /* the next echo comes at 1.02 s */
    sim_run_until(r->sim, SEC(2));
    check_eq("stale", tcp_error(r->t), ECONNREFUSED);
    check_eq("connections", r->account[1].n_opened, 0);
    tcp_close(r->t);
    rig_free(r);

    r = rig_new("cookie-echo", 4);
    rig_connect(r);
    sim_run_until(r->sim, MS(25));
    r->t->fo.cookie[12] ^= 1; /* the MSS: not what was signed */
    sim_run_until(r->sim, SEC(2));
    check_eq("forged", tcp_error(r->t), ECONNREFUSED);
    tcp_close(r->t);
    rig_free(r);
}

/* Delta-t = MSL 1 s + timeouts 1 + 2 + 4 s + ACK delay 0.2 s = 8.2 s. Who opened keeps its
 * record for three, who was opened for two, the FINs having crossed the path once more. */
static void records_live_for_delta_t(void **state)
{
    const sim_time delta_t = MS(8200);
    struct rig *r = rig_new("timer-based", 0);
    check_eq("Delta-t", tcp_delta_t(&r->stack[0]->params), delta_t);
    check_eq("after a crash", tcp_crash_silence(&r->stack[0]->params), 3 * delta_t);
    r->request = 100;
    rig_connect(r);
    sim_run_until(r->sim, SEC(1));
    tcp_close(r->t);               /* FIN there 10 ms later, its ACK back at 20 */
    sim_run_until(r->sim, SEC(2)); /* FIN of the server: client in TIME-WAIT after 10 ms */
    tcp_close(r->accepted);
    sim_run_until(r->sim, SEC(2) + MS(20) + 2 * delta_t - 1);
    check_eq("the server's", tcp_count_in(r->stack[1], TCP_TIME_WAIT, 0), 1);
    sim_run_until(r->sim, SEC(2) + MS(20) + 2 * delta_t);
    check_eq("is over", tcp_count_in(r->stack[1], TCP_TIME_WAIT, 0), 0);
    sim_run_until(r->sim, SEC(2) + MS(10) + 3 * delta_t - 1);
    check_eq("the client's", tcp_count_in(r->stack[0], TCP_TIME_WAIT, 0), 1);
    sim_run_until(r->sim, SEC(2) + MS(10) + 3 * delta_t);
    check_eq("is over", tcp_count_in(r->stack[0], TCP_TIME_WAIT, 0), 0);
    rig_free(r);
}

/* ---- urgent data, RFC 6093 */

/* Reads nothing. */
static void on_urgent(struct tcp_user *user, struct tcp *t, uint32_t bits)
{
    struct rig *r = CONTAINER_OF(user, struct rig, user[1]);
    if ((bits & TCP_EV_URGENT) != 0)
        r->urgent_at = r->sim->now;
}

static void urgent_data(void **state)
{
    struct tcp_extent x[4];
    struct rig *r = rig_new("three-way", 0);
    rig_connect(r);
    sim_run_until(r->sim, SEC(1));
    r->user[1].on_event = on_urgent;
    check_eq("plain", tcp_send(r->t, 100), 100);
    check_eq("urgent", tcp_sendmsg(r->t, 50, TCP_OOB), 50);
    check_eq("plain", tcp_send(r->t, 30), 30);
    sim_run_until(r->sim, SEC(2));
    /* Nagle's rule: with the delayed ACK of the 100, 1 s + 10 + 200 + 10 ms, and 10 more */
    check_eq("told at once", r->urgent_at, MS(1230));
    check_eq("the mark is where it ends", tcp_urgent(r->accepted), 150);
    int n = ARRAY_LEN(x);
    check_eq("in its turn", tcp_recv(r->accepted, 120, x, &n), 120);
    check_eq("ahead", tcp_urgent(r->accepted), 30);
    n = ARRAY_LEN(x);
    check_eq("a read stops before the last urgent byte", tcp_recv(r->accepted, 1000, x, &n),
             29);
    check_eq("which is the mark", tcp_at_mark(r->accepted), 1);
    n = ARRAY_LEN(x);
    check_eq("the rest", tcp_recv(r->accepted, 1000, x, &n), 31);
    check_eq("behind", tcp_urgent(r->accepted), 0);
    check_eq("and behind the mark", tcp_at_mark(r->accepted), 0);
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(losses),
        cmocka_unit_test(fast_open_losses),
        cmocka_unit_test(fast_open_has_a_limit),
        cmocka_unit_test(data_rides_with_the_echo),
        cmocka_unit_test(an_echo_fits_the_path_again),
        cmocka_unit_test(no_state_before_the_echo),
        cmocka_unit_test(records_live_for_delta_t),
        cmocka_unit_test(urgent_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
