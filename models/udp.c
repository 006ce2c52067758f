/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/udp.h"

#include "models/tcp/world.h"
#include "sim/address.h"

#include <errno.h>

enum { N_BUCKETS = 64, PORT_MIN = 32768, PORT_MAX = 60999 }; /* Linux's ip_local_port_range */

struct udp_socket {
    struct udp_stack *stack;
    struct udp_socket *next; /* in its bucket */
    struct udp_user *user;
    uint32_t stream;
    uint16_t port;
    uint64_t n_sent, n_bytes;
};

struct udp_stack {
    struct sim *sim;
    ip_addr addr;
    void (*output)(void *ctx, struct packet *p);
    void *ctx;
    uint16_t next_port;
    struct udp_socket *sockets[N_BUCKETS]; /* by port */
};

struct udp_stack *udp_stack_new(struct sim *sim, ip_addr addr,
                                void (*output)(void *ctx, struct packet *p), void *ctx)
{
    struct udp_stack *u = sim_alloc(sim, sizeof *u);
    *u = (struct udp_stack){
        .sim = sim, .addr = addr, .output = output, .ctx = ctx, .next_port = PORT_MIN};
    return u;
}

static struct udp_socket *socket_at(const struct udp_stack *u, uint16_t port)
{
    struct udp_socket *s = u->sockets[port % N_BUCKETS];
    while (s != NULL && s->port != port)
        s = s->next;
    return s;
}

/* 0: all are taken. */
static uint16_t choose_port(struct udp_stack *u)
{
    for (int i = PORT_MIN; i <= PORT_MAX; i++) {
        const uint16_t port = u->next_port;
        u->next_port = port == PORT_MAX ? PORT_MIN : (uint16_t)(port + 1);
        if (socket_at(u, port) == NULL)
            return port;
    }
    return 0;
}

/* Streams are named out of the numbers of connections, so that no two in a run are the same. */
int udp_bind(struct udp_stack *u, uint16_t port, struct udp_user *user, struct udp_socket **out)
{
    port = port != 0 ? port : choose_port(u);
    if (port == 0 || socket_at(u, port) != NULL)
        return -EADDRINUSE;
    struct udp_socket **bucket = &u->sockets[port % N_BUCKETS];
    struct udp_socket *s = sim_alloc(u->sim, sizeof *s);
    *s = (struct udp_socket){.stack = u,
                             .next = *bucket,
                             .user = user,
                             .stream = tcp_world_open(u->sim),
                             .port = port};
    *bucket = s;
    *out = s;
    return 0;
}

void udp_close(struct udp_socket *s)
{
    struct udp_stack *u = s->stack;
    struct udp_socket **link = &u->sockets[s->port % N_BUCKETS];
    while (*link != s)
        link = &(*link)->next;
    *link = s->next;
    tcp_world_close(u->sim, s->stream);
    sim_release(u->sim, s, sizeof *s);
}

void udp_stack_crash(struct udp_stack *u)
{
    for (int i = 0; i < N_BUCKETS; i++)
        while (u->sockets[i] != NULL)
            udp_close(u->sockets[i]);
    u->next_port = PORT_MIN;
}

int udp_send(struct udp_socket *s, struct tcp_addr to, int64_t bytes)
{
    struct udp_stack *u = s->stack;

    if (bytes < 0 || bytes > UDP_PAYLOAD_MAX)
        return -EMSGSIZE;
    struct packet *p =
        packet_new(u->sim, address_header_bytes(to.ip) + UDP_HEADER_BYTES + (uint32_t)bytes);
    p->proto = PROTO_UDP;
    p->src = u->addr;
    p->dst = to.ip;
    p->sport = s->port;
    p->dport = to.port;
    p->seq = (uint32_t)s->n_sent++;
    p->stream = s->stream;
    p->offset = s->n_bytes;
    p->len = (uint32_t)bytes;
    s->n_bytes += (uint64_t)bytes;
    u->output(u->ctx, p);
    return 0;
}

bool udp_input(struct udp_stack *u, struct packet *p)
{
    struct udp_socket *s = socket_at(u, p->dport);

    if (s == NULL)
        return false;
    s->user->on_datagram(s->user, s, p);
    packet_free(u->sim, p);
    return true;
}

void udp_on_unreachable(struct udp_stack *u, uint16_t local_port, int error)
{
    struct udp_socket *s = socket_at(u, local_port);

    if (s != NULL && error != 0 && s->user->on_error != NULL)
        s->user->on_error(s->user, s, error);
}

uint16_t udp_port(const struct udp_socket *s)
{
    return s->port;
}
uint32_t udp_stream(const struct udp_socket *s)
{
    return s->stream;
}
int64_t udp_n_sent(const struct udp_socket *s)
{
    return (int64_t)s->n_sent;
}
