/* SPDX-License-Identifier: GPL-3.0-or-later
 * syn_proxy.c -- a box that shakes hands in the servers' place, so that only clients that exist
 * reach them; as Linux's SYNPROXY.
 *
 *   client                     proxy                     server
 *     | SYN x                    |                          |
 *     | <--- SYN-ACK p, window 0 |                          |
 *     | ACK p+1 ---------------> | SYN x -----------------> |
 *     |                          | <------------- SYN-ACK s |
 *     | <---- ACK, window opens  | ACK s+1 ---------------> |
 *     | ack p+k ---------------> | ack s+k ---------------> |   and seq s+k -> p+k back
 *
 * The one idea: both handshakes are the client's and the server's own, and all that is kept of
 * them is p - s. The stateful proxy has an entry for each SYN, so that a flood fills its table;
 * the stateless one makes p of the SYN and a secret, and has an entry once p+1 has come back.
 * The price of either: no option but the MSS, and a round trip more before the first byte.
 *
 * A proxy has no timer: what is lost of the second handshake comes again with the client's next
 * segment (a window probe). Not modelled: ageing of cookies; what begins on the servers' side
 * passes untouched; data on a SYN is dropped.
 */
#include <stdio.h>

#include "models/middlebox_rows.h"
#include "models/router.h"

/* flow.step; flow.isn is the client's, flow.other the proxy's, and then p - s. */
enum { STEP_GREETED, STEP_CONNECTING, STEP_THROUGH };

struct syn_proxy {
    struct middlebox box; /* first */
    struct flow_table table;
    uint64_t secret[2];
    bool is_stateless;
};

static void syn_proxy_init(struct middlebox *m)
{
    struct syn_proxy *y = (struct syn_proxy *)m;
    struct syn_proxy_params *params = (void *)m->how.params;
    char stream[ARRAY_LEN(m->sim->subjects->name) + 32];
    snprintf(stream, sizeof(stream), "router/%s/syn-proxy",
             m->sim->subjects[m->router->subject].name);
    struct rng rng = sim_rng(m->sim, stream);
    y->secret[0] = rng_u64(&rng);
    y->secret[1] = rng_u64(&rng);
    middlebox_keep(m, &params->servers);
    flow_table_init(&y->table, m->sim, params->entries, params->opening_timeout,
                    params->timeout, params->closing_timeout);
    m->flows = &y->table;
    y->is_stateless = m->kind == &SYN_PROXY_STATELESS;
}

/* p for a client's SYN; a function of both ends, the client's ISN and the secret. */
static uint32_t cookie(const struct syn_proxy *y, const struct flow_ends *e, uint32_t isn)
{
    const uint64_t nets = (uint64_t)e->here.prefix << 48 ^ (uint64_t)e->there.prefix << 32;
    const uint64_t ips = (uint64_t)e->here.low << 32 | e->there.low;
    const uint64_t ports = (uint64_t)e->here_port << 16 | e->there_port;
    return (uint32_t)mix64(mix64(y->secret[0] ^ ips, y->secret[1] ^ nets ^ ports), isn);
}

static void add_mss(const struct syn_proxy *y, struct packet *p)
{
    const struct syn_proxy_params *params = (const void *)y->box.how.params;
    const int64_t less = address_header_bytes(p->src) - IP4_HEADER_BYTES;
    const int64_t mss = params->mss > less ? params->mss - less : 1;
    const uint8_t option[] = {2, 4, (uint8_t)(mss >> 8), (uint8_t)mss};
    packet_set_options(y->box.sim, p, option, sizeof(option));
    p->bytes += sizeof(option);
}

/* The first answer: the window is closed until the server has one. */
static void greet(struct syn_proxy *y, const struct packet *syn, uint32_t isn)
{
    struct packet *p = middlebox_answer(&y->box, syn, isn, syn->seq + 1, TCP_SYN | TCP_ACK, 0);
    add_mss(y, p);
    router_send(y->box.router, p);
}

/* In the client's place; about: a segment from there. */
static void connect_server(struct syn_proxy *y, const struct flow *f,
                           const struct packet *about)
{
    struct packet *p = middlebox_answer(&y->box, about, f->isn, 0, TCP_SYN, f->window);
    p->src = about->src;
    p->dst = about->dst;
    p->sport = about->sport;
    p->dport = about->dport;
    add_mss(y, p);
    router_send(y->box.router, p);
}

static struct packet *swallow(struct syn_proxy *y, struct packet *p)
{
    segment_emit(y->box.sim, SEG_DROP, y->box.router->subject, p, y->box.kind->name);
    packet_free(y->box.sim, p);
    return NULL;
}

/* ---- from the client */

static struct packet *take_syn(struct syn_proxy *y, struct packet *p, struct flow *f,
                               const struct flow_ends *ends)
{
    const bool is_repeat = f != NULL && f->step == STEP_GREETED && f->isn == p->seq;
    if (f != NULL && !is_repeat) /* of an earlier connection, or of one that has gone on */
        flow_remove(&y->table, f);
    if (!is_repeat && !y->is_stateless) {
        f = flow_add(&y->table, ends, ends);
        if (f == NULL) {
            y->box.n_full++;
            return middlebox_drop(&y->box, p);
        }
        f->isn = p->seq;
        f->other = cookie(y, ends, p->seq);
    }
    greet(y, p, cookie(y, ends, p->seq));
    return swallow(y, p);
}

/* The client has answered, and the server learns of it. */
static struct packet *take_answer(struct syn_proxy *y, struct packet *p, struct flow *f)
{
    f->window = p->win;
    f->step = STEP_CONNECTING;
    flow_set_stage(&y->table, f, FLOW_OPENING);
    connect_server(y, f, p);
    return swallow(y, p);
}

/* Whether p acknowledges the proxy's SYN, by what it says alone. */
static bool is_answer(const struct syn_proxy *y, const struct packet *p,
                      const struct flow_ends *ends)
{
    return (p->flags & (TCP_ACK | TCP_RST)) == TCP_ACK &&
           p->ack - 1 == cookie(y, ends, p->seq - 1);
}

static struct flow *remember(struct syn_proxy *y, const struct packet *p,
                             const struct flow_ends *ends)
{
    struct flow *f = flow_add(&y->table, ends, ends);
    if (f != NULL) {
        f->isn = p->seq - 1;
        f->other = p->ack - 1;
    }
    return f;
}

/* A client that has not asked for anything resets, and its entry goes. */
static struct packet *take_from_greeted(struct syn_proxy *y, struct packet *p, struct flow *f,
                                        const struct flow_ends *ends)
{
    if (is_answer(y, p, ends))
        return take_answer(y, p, f);
    if ((p->flags & TCP_RST) != 0 && p->seq == f->isn + 1)
        flow_remove(&y->table, f);
    return middlebox_drop(&y->box, p);
}

static struct packet *from_client(struct syn_proxy *y, struct packet *p)
{
    const struct flow_ends ends = middlebox_ends(p, false);
    struct flow *f = flow_find(&y->table, FLOW_NEAR, &ends);
    const bool is_syn = (p->flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN;
    if (is_syn && (f == NULL || f->step == STEP_GREETED || f->stage == FLOW_CLOSING))
        return take_syn(y, p, f, &ends);
    if (f == NULL && y->is_stateless && is_answer(y, p, &ends)) {
        f = remember(y, p, &ends);
        if (f == NULL) {
            y->box.n_full++;
            return middlebox_drop(&y->box, p);
        }
    }
    if (f == NULL) /* the server knows best what to say to it */
        return p;
    if (f->step == STEP_GREETED)
        return take_from_greeted(y, p, f, &ends);
    if (f->step == STEP_CONNECTING) {
        connect_server(y, f, p);
        return swallow(y, p);
    }
    p->ack -= (p->flags & TCP_ACK) != 0 ? f->other : 0;
    flow_pass(&y->table, f, p, false);
    return p;
}

/* ---- from the server */

/* Both sides are joined: each hears what it waits for. */
static struct packet *join(struct syn_proxy *y, struct packet *p, struct flow *f)
{
    struct packet *ack =
        middlebox_answer(&y->box, p, f->isn + 1, p->seq + 1, TCP_ACK, f->window);
    f->other -= p->seq;
    f->step = STEP_THROUGH;
    flow_set_stage(&y->table, f, FLOW_OPEN);
    router_send(y->box.router, ack);
    p->seq += f->other + 1; /* its SYN has been counted: this only opens the window */
    p->flags = TCP_ACK;
    p->bytes -= p->options_len;
    packet_set_options(y->box.sim, p, NULL, 0);
    return p;
}

/* The server does not want it: nor does the proxy any more. */
static struct packet *give_up(struct syn_proxy *y, struct packet *p, struct flow *f)
{
    p->seq = f->other + 1;
    flow_remove(&y->table, f);
    return p;
}

static struct packet *from_server(struct syn_proxy *y, struct packet *p)
{
    const struct flow_ends ends = middlebox_ends(p, true);
    const uint16_t syn_ack = TCP_SYN | TCP_ACK;
    struct flow *f = flow_find(&y->table, FLOW_NEAR, &ends);
    if (f == NULL || f->step == STEP_GREETED)
        return p;
    if (f->step == STEP_CONNECTING && (p->flags & TCP_RST) != 0)
        return give_up(y, p, f);
    if (f->step == STEP_CONNECTING && (p->flags & syn_ack) == syn_ack)
        return join(y, p, f);
    if (f->step == STEP_CONNECTING)
        return middlebox_drop(&y->box, p);
    p->seq += f->other;
    flow_pass(&y->table, f, p, true);
    return p;
}

static struct packet *syn_proxy_pass(struct middlebox *m, struct packet *p)
{
    struct syn_proxy *y = (struct syn_proxy *)m;
    const struct syn_proxy_params *params = (const void *)m->how.params;
    if (p->proto != PROTO_TCP)
        return p;
    if (middlebox_has(m, &params->servers, p->dst))
        return from_client(y, p);
    return middlebox_has(m, &params->servers, p->src) ? from_server(y, p) : p;
}

const struct middlebox_kind SYN_PROXY = {
    .name = "syn-proxy",
    .bytes = sizeof(struct syn_proxy),
    .init = syn_proxy_init,
    .pass = syn_proxy_pass,
};

const struct middlebox_kind SYN_PROXY_STATELESS = {
    .name = "syn-proxy-stateless",
    .bytes = sizeof(struct syn_proxy),
    .init = syn_proxy_init,
    .pass = syn_proxy_pass,
};
