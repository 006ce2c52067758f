/* SPDX-License-Identifier: GPL-3.0-or-later
 * fuzz_segments.c -- any segments, calls and delays against an endpoint in any state, and what
 * must hold after each (ends.h).
 *
 *   input: ISNs, profile, handshake, buffers, two rules, a way (to a state), then a program of
 *   operations
 */
#include "tests/fuzz/ends.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { FORGED_STREAM = 7000 };

/* ---- forged segments */

/* The connection that a segment is aimed at; NULL: none. */
static struct tcp *aim(const struct end *e, uint8_t pick)
{
    struct tcp *t = e->stack->all;
    for (int i = 0; i < pick && t != NULL && t->next != NULL; i++)
        t = t->next;
    return t;
}

/* Around a number: 0, or up to 127 or 32767 from it. */
static uint32_t near(struct input *in, uint32_t base, uint8_t how)
{
    if (how == 0)
        return base;
    if (how == 1)
        return base + (uint32_t)(int8_t)u8(in);
    if (how == 2)
        return base + (uint32_t)(int16_t)u16(in);
    return u32(in);
}

static uint32_t some_seq(const struct tcp *t, struct input *in)
{
    const uint8_t how = u8(in);
    const uint32_t bases[] = {t->rcv.nxt.v, t->rcv.nxt.v, t->rcv.edge.v, t->irs.v};
    return near(in, bases[how % 4], how / 4 % 4);
}

static uint32_t some_ack(const struct tcp *t, struct input *in)
{
    const uint8_t how = u8(in);
    const uint32_t bases[] = {t->snd.nxt.v, t->snd.max.v, t->snd.una.v, t->iss.v};
    return near(in, bases[how % 4], how / 4 % 4);
}

static void forge_options(struct world *w, struct packet *p, struct input *in)
{
    static const uint8_t syn[] = {2, 4,  5, 180, 1, 3, 3, 7, 4, 2,
                                  8, 10, 0, 0,   0, 9, 0, 0, 0, 0};
    uint8_t b[OPTION_BYTES] = {0};
    const uint8_t how = u8(in);
    uint8_t n = 0;
    if (how % 4 == 1) { /* what a SYN says */
        n = sizeof syn;
        memcpy(b, syn, n);
        b[7] = how / 4 % 16;
    } else if (how % 4 == 2) { /* timestamps, around those of before */
        const uint8_t ts[] = {1, 1, 8, 10, 0, 0, 0, u8(in), 0, 0, 0, 0};
        n = sizeof ts;
        memcpy(b, ts, n);
        b[4] = how >= 128 ? 0x80 : 0;
    } else if (how % 4 == 3) { /* any bytes */
        n = (uint8_t)(how / 4 % 11 * 4);
        for (int i = 0; i < n; i++)
            b[i] = u8(in);
    }
    packet_set_options(w->sim, p, b, n);
    p->bytes += n;
}

/* The ends of a segment that arrives at e: those of t, or a new pair. */
static void forge_ends(const struct end *e, struct packet *p, const struct tcp *t, uint8_t pick)
{
    p->proto = PROTO_TCP;
    p->src = e->other->stack->addr;
    p->dst = e->stack->addr;
    p->sport = t != NULL ? t->remote.port : (uint16_t)(PEER_PORT + pick % 4);
    p->dport = t != NULL ? t->local.port : PORT;
}

static uint32_t forged_len(struct input *in)
{
    static const uint16_t lens[] = {0, 0, 0, 1, 10, 100, 1460, 9000};
    const uint8_t pick = u8(in);
    return pick < 128 ? lens[pick % ARRAY_LEN(lens)] : u16(in);
}

static uint16_t forged_window(struct input *in)
{
    static const uint16_t windows[] = {65535, 65535, 0, 1, 100, 1460, 3000, 20000};
    const uint8_t pick = u8(in);
    return pick < 128 ? windows[pick % ARRAY_LEN(windows)] : u16(in);
}

static void op_forge(struct end *e, struct input *in)
{
    struct world *w = e->world;
    const uint8_t pick = u8(in);
    const struct tcp *t = pick < 192 ? aim(e, pick % 8) : NULL;
    t = t == NULL && pick < 192 ? newest(e) : t;
    const struct tcp nobody = {.rcv = {.nxt = seq(1)}};
    struct packet *p = packet_new(w->sim, 40);
    forge_ends(e, p, t, pick);
    p->flags = u8(in);
    p->seq = some_seq(t != NULL ? t : &nobody, in);
    p->ack = some_ack(t != NULL ? t : &nobody, in);
    p->len = forged_len(in);
    p->win = forged_window(in);
    p->bytes += p->len;
    p->payload = PAYLOAD_FORGED;
    p->marks = pick >= 250 ? PACKET_CORRUPT : 0;
    p->stream = FORGED_STREAM + (pick & 1);
    p->offset = p->seq + ((p->flags & TCP_SYN) != 0 ? 1u : 0u);
    forge_options(w, p, in);
    deliver(e, p);
}

/* A segment of the peer that fits: what a way is made of. */
static void honest(struct end *e, uint16_t flags, uint32_t irs, bool acks_all)
{
    const struct tcp *t = newest(e);
    struct packet *p = packet_new(e->world->sim, 40);
    forge_ends(e, p, t, 0);
    p->flags = flags;
    p->seq = (flags & TCP_SYN) != 0 ? irs : t->rcv.nxt.v;
    if ((flags & TCP_ACK) != 0)
        p->ack = acks_all ? t->snd.nxt.v : t->snd.una.v;
    p->win = 65535;
    if ((flags & TCP_SYN) != 0)
        forge_options(e->world, p, &e->world->in);
    deliver(e, p);
}

/* ---- what was sent */

static void op_deliver(struct end *e, struct input *in)
{
    if (e->n_waiting > 0)
        deliver(e->other, take_waiting(e, u8(in) % e->n_waiting));
}

static void op_double(struct end *e, struct input *in)
{
    if (e->n_waiting > 0)
        deliver(e->other, packet_copy(e->world->sim, e->waiting[u8(in) % e->n_waiting]));
}

static void op_drop(struct end *e, struct input *in)
{
    if (e->n_waiting > 0)
        packet_free(e->world->sim, take_waiting(e, u8(in) % e->n_waiting));
}

static void op_exchange(struct end *e, struct input *in)
{
    for (int i = 0; i < WAITING && e->n_waiting + e->other->n_waiting > 0; i++) {
        struct end *from = e->n_waiting > 0 ? e : e->other;
        deliver(from->other, take_waiting(from, 0));
    }
}

/* ---- time */

static void op_next(struct end *e, struct input *in)
{
    sim_step(e->world->sim, SIM_NEVER);
}

static void op_wait(struct end *e, struct input *in)
{
    static const sim_time waits[] = {MS(1), MS(10), MS(40), MS(200), SEC(1), SEC(60), SEC(300)};
    const uint8_t pick = u8(in);
    sim_time wait = waits[pick % ARRAY_LEN(waits)];
    if (pick == UINT8_MAX) /* the clock of timestamps says nothing any more: RFC 7323 §5.5 */
        wait = SEC(86400) * 30;
    sim_run_until(e->world->sim, e->world->sim->now + wait);
}

/* ---- parameters */

/* One rule or switch, whatever the profile says; of a quantity nothing. */
static void some_rule(struct tcp_params *params, struct input *in)
{
    size_t n_keys = 0, n = 0;
    while (TCP_KEYS[n_keys].name != NULL)
        n_keys++;
    const struct key *k = &TCP_KEYS[u8(in) % n_keys];
    const uint8_t pick = u8(in);
    while (k->kind == KEY_CHOICE && k->choices[n].name != NULL)
        n++;
    if (k->kind == KEY_CHOICE)
        *(const char **)((char *)params + k->offset) = k->choices[pick % n].name;
    else if (k->kind == KEY_BOOL)
        *(bool *)((char *)params + k->offset) = pick % 2;
}

static void some_params(struct tcp_params *params, struct input *in)
{
    static const int64_t buffers[] = {0, 0, 1, 3000, 20000, 200000};
    const uint8_t profile = u8(in), sizes = u8(in);
    tcp_params_init(params, TCP_PROFILES[profile % 4].name);
    params->handshake = TCP_HANDSHAKE_CHOICES[profile / 4 % 3].name;
    params->isn = "clock";
    params->sndbuf = 2 * SIZES[2 + sizes % 6]; /* at most MOST_SNDBUF */
    const int64_t rcvbuf = buffers[sizes / 8 % ARRAY_LEN(buffers)];
    params->rcvbuf = rcvbuf > 0 ? rcvbuf : params->rcvbuf;
    some_rule(params, in);
    some_rule(params, in);
}

/* As a sysctl in the midst of it. */
static void op_configure(struct end *e, struct input *in)
{
    struct tcp_params params;
    some_params(&params, in);
    tcp_stack_configure(e->stack, &params);
}

/* ---- the ways to the states */

static const uint32_t ISNS[] = {1000, 0xffffffff, 0xffffff80, 0x7fffff80};

/* state: by the three-way handshake. */
static const struct way {
    const char *letters;
    enum tcp_state state;
} ways[] = {
    {"", TCP_CLOSED},          {"L", TCP_LISTEN},         {"C", TCP_SYN_SENT},
    {"Ls", TCP_SYN_RECEIVED},  {"Cs", TCP_SYN_RECEIVED},  {"CS", TCP_ESTABLISHED},
    {"Lsa", TCP_ESTABLISHED},  {"CSw", TCP_FIN_WAIT_1},   {"Lsac", TCP_FIN_WAIT_1},
    {"CSwa", TCP_FIN_WAIT_2},  {"CSca", TCP_FIN_WAIT_2},  {"CSf", TCP_CLOSE_WAIT},
    {"Lsaf", TCP_CLOSE_WAIT},  {"CSwf", TCP_CLOSING},     {"CScf", TCP_CLOSING},
    {"CSfw", TCP_LAST_ACK},    {"CSfc", TCP_LAST_ACK},    {"CSwaf", TCP_TIME_WAIT},
    {"CScaf", TCP_TIME_WAIT},  {"pCx", TCP_ESTABLISHED},  {"Lkx", TCP_ESTABLISHED},
    {"pCxwx", TCP_FIN_WAIT_2}, {"Lsawaf", TCP_TIME_WAIT},
};

static void way_listen(struct end *e, uint32_t irs)
{
    op_listen(e, NULL);
}
static void way_connect(struct end *e, uint32_t irs)
{
    connect_from(e, PEER_PORT);
}
static void way_syn(struct end *e, uint32_t irs)
{
    honest(e, TCP_SYN, irs, false);
}
static void way_syn_ack(struct end *e, uint32_t irs)
{
    honest(e, TCP_SYN | TCP_ACK, irs, true);
}
static void way_ack(struct end *e, uint32_t irs)
{
    honest(e, TCP_ACK, irs, true);
}
static void way_fin(struct end *e, uint32_t irs)
{
    honest(e, TCP_FIN | TCP_ACK, irs, false);
}
static void way_shutdown(struct end *e, uint32_t irs)
{
    struct input none = {0};
    sock_shutdown(&e->socks[0], &none);
}
static void way_close(struct end *e, uint32_t irs)
{
    sock_close(&e->socks[0], NULL);
}
static void way_other_listens(struct end *e, uint32_t irs)
{
    op_listen(e->other, NULL);
}
static void way_other_connects(struct end *e, uint32_t irs)
{
    connect_from(e->other, PEER_PORT);
}
static void way_exchange(struct end *e, uint32_t irs)
{
    op_exchange(e, NULL);
}

static const struct {
    char letter;
    void (*go)(struct end *here, uint32_t irs);
} letters[] = {
    {'L', way_listen},
    {'C', way_connect},
    {'s', way_syn}, /* of the forged peer, as the next three */
    {'S', way_syn_ack},
    {'a', way_ack}, /* of all */
    {'f', way_fin}, /* acknowledges nothing new */
    {'w', way_shutdown},
    {'c', way_close},
    {'p', way_other_listens}, /* the other stack is the peer */
    {'k', way_other_connects},
    {'x', way_exchange}, /* all that waits is delivered */
};

static enum tcp_state state_here(struct end *e)
{
    if (newest(e) != NULL)
        return newest(e)->state;
    return e->listener != NULL ? TCP_LISTEN : TCP_CLOSED;
}

/* A handshake may keep nothing for a SYN (cookie-echo): then nobody is there for what follows.
 */
static bool has_somebody(struct world *w, char letter)
{
    struct end *here = &w->ends[0];
    return strchr("wc", letter) != NULL    ? here->socks[0].t != NULL
           : strchr("Saf", letter) != NULL ? newest(here) != NULL
                                           : true;
}

static void go(struct world *w, const struct way *way, uint32_t irs)
{
    for (const char *c = way->letters; *c != '\0' && has_somebody(w, *c); c++) {
        for (size_t i = 0; i < ARRAY_LEN(letters); i++)
            if (letters[i].letter == *c)
                letters[i].go(&w->ends[0], irs);
        check_world(w);
    }
    if (w->ends[0].stack->hs == tcp_handshake_find("three-way"))
        sim_assert(w->sim, state_here(&w->ends[0]) == way->state);
}

/* ---- a run */

/* As often as they stand here. */
static void (*const ops[])(struct end *e, struct input *in) = {
    op_forge, op_forge, op_forge,  op_forge,  op_call,     op_call,    op_call,
    op_next,  op_next,  op_wait,   op_drop,   op_deliver,  op_double,  op_exchange,
    op_react, op_hold,  op_accept, op_listen, op_unlisten, op_connect, op_configure,
};

static void run_program(struct world *w)
{
    while (w->in.left > 0 && !is_over(w)) {
        const uint8_t op = u8(&w->in);
        ops[op % 128 % ARRAY_LEN(ops)](&w->ends[op / 128], &w->in);
        check_world(w);
    }
}

static void drop_waiting(struct end *e)
{
    while (e->n_waiting > 0)
        packet_free(e->world->sim, take_waiting(e, 0));
}

/* Every application lets go of all it has, and time passes: nobody but the closed in
 * FIN-WAIT-2, which waits for a FIN without a timer, may be left. */
static void let_all_go(struct world *w)
{
    for (int i = 0; i < 2; i++) {
        struct end *e = &w->ends[i];
        e->reaction = 0;
        for (struct sock *k = e->socks; k < e->socks + SOCKS; k++)
            if (k->t != NULL)
                sock_abort(k, NULL);
        op_unlisten(e, NULL);
    }
    while (sim_step(w->sim, SIM_NEVER)) {
        drop_waiting(&w->ends[0]);
        drop_waiting(&w->ends[1]);
    }
    for (int i = 0; i < 2; i++) {
        drop_waiting(&w->ends[i]);
        for (const struct tcp *t = w->ends[i].stack->all; t != NULL; t = t->next)
            sim_assert(w->sim, t->state == TCP_FIN_WAIT_2);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct world world;
    struct world *w = &world;
    struct tcp_params params;
    memset(w, 0, sizeof *w);
    w->in = (struct input){data, n};
    w->sim = sim_new(&(struct sim_params){.seed = 1});
    const uint8_t isns = u8(&w->in);
    sim_run_until(w->sim, ISNS[isns % 4] * US(4)); /* RFC 9293 §3.4.1: the ISN clock's tick */
    some_params(&params, &w->in);
    end_begin(w, 0, &params);
    end_begin(w, 1, &params);
    go(w, &ways[u8(&w->in) % ARRAY_LEN(ways)], ISNS[isns / 4 % 4]);
    run_program(w);
    let_all_go(w);
    check_world(w);
    sim_free(w->sim);
    return 0;
}
