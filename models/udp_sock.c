/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* POLLRDHUP */
#include "models/udp_sock.h"

#include <errno.h>
#include <poll.h>

#include "sim/arena.h"

enum { LEAST_MTU = 552 }; /* Linux's min_pmtu */

/* ---- what comes */

static void on_datagram(struct udp_user *user, struct udp_socket *s, const struct packet *p)
{
    struct udp_sock *k = CONTAINER_OF(user, struct udp_sock, user);
    const struct tcp_addr from = {p->src, p->sport};
    if (k->connected && !(ip_eq(from.ip, k->peer.ip) && from.port == k->peer.port))
        return;
    k->queue =
        arena_grow(&k->sim->arena, k->queue, &k->cap_queue, k->n_queue + 1, sizeof *k->queue);
    k->queue[k->n_queue++] = (struct udp_waiting){p->len, from};
}

void udp_sock_init(struct udp_sock *k, struct sim *sim, struct udp_stack *stack, int64_t mtu)
{
    *k = (struct udp_sock){.user.on_datagram = on_datagram,
                           .stack = stack,
                           .sim = sim,
                           .mtu_discover = UDP_PMTUDISC_WANT,
                           .mtu = mtu};
}

static void add_report(struct udp_sock *k, struct udp_report report)
{
    k->reports = arena_grow(&k->sim->arena, k->reports, &k->cap_reports, k->n_reports + 1,
                            sizeof *k->reports);
    k->reports[k->n_reports++] = report;
}

static void learn_mtu(struct udp_sock *k, const struct icmp_error *e)
{
    const int64_t least = address_is_ipv6(e->dst) ? IPV6_LEAST_MTU : LEAST_MTU;
    const int64_t mtu = e->mtu > least ? e->mtu : least;
    if (mtu < k->mtu)
        k->mtu = mtu;
}

void udp_sock_icmp(struct udp_sock *k, const struct icmp_error *e)
{
    const struct icmp_row *row = icmp_row_of(e->type, e->code);
    const bool is_ipv6 = address_is_ipv6(e->src);
    const bool too_big = e->type == ICMP_UNREACHABLE && e->code == ICMP_TOO_BIG;
    const int error = icmp_errno(e);
    if (error == 0 || row == NULL)
        return;
    if (too_big)
        learn_mtu(k, e);
    if (too_big && k->mtu_discover == UDP_PMTUDISC_DONT)
        return;
    if (!k->recverr && !(k->connected && (row->fatal || too_big)))
        return; /* what is not fatal is told to those that have asked for it */
    if (k->recverr)
        add_report(k, (struct udp_report){.error = error,
                                          .type = is_ipv6 ? (uint8_t)row->v6_type : row->type,
                                          .code = is_ipv6 ? (uint8_t)row->v6_code : row->code,
                                          .info = e->mtu,
                                          .to = {e->dst, e->dport}});
    k->error = error;
}

/* ---- ports and peers */

static int take_port(struct udp_sock *k, uint16_t port)
{
    return udp_bind(k->stack, port, &k->user, &k->socket);
}

int udp_sock_bind(struct udp_sock *k, uint16_t port)
{
    if (k->socket != NULL)
        return -EINVAL;
    const int error = take_port(k, port);
    k->port_asked = error == 0 && port != 0;
    return error;
}

/* An ephemeral port, where there is none: inet_autobind's -EAGAIN. */
static int have_port(struct udp_sock *k)
{
    return k->socket != NULL || take_port(k, 0) == 0 ? 0 : -EAGAIN;
}

int udp_sock_connect(struct udp_sock *k, struct tcp_addr to)
{
    const int error = have_port(k);
    if (error != 0)
        return error;
    k->peer = to;
    k->connected = true;
    return 0;
}

void udp_sock_disconnect(struct udp_sock *k)
{
    k->connected = false;
    k->peer = (struct tcp_addr){0};
    if (!k->port_asked)
        udp_sock_close(k);
}

int udp_sock_shutdown(struct udp_sock *k, bool rd, bool wr)
{
    k->shut_rd = k->shut_rd || rd;
    k->shut_wr = k->shut_wr || wr;
    return k->connected ? 0 : -ENOTCONN;
}

void udp_sock_close(struct udp_sock *k)
{
    if (k->socket != NULL)
        udp_close(k->socket);
    k->socket = NULL;
}

/* ---- sending and receiving */

int udp_sock_error(struct udp_sock *k)
{
    const int error = k->error;
    k->error = 0;
    return error;
}

static int64_t room(const struct udp_sock *k, ip_addr to)
{
    return k->mtu - address_header_bytes(to) - UDP_HEADER_BYTES;
}

/* The DF bit is meant: Linux's !ip_sk_ignore_df(). */
static bool is_whole(const struct udp_sock *k)
{
    return k->mtu_discover >= UDP_PMTUDISC_DO && k->mtu_discover < UDP_PMTUDISC_OMIT;
}

bool udp_sock_fragments(const struct udp_sock *k, ip_addr to, int64_t bytes)
{
    return bytes > room(k, to) && bytes <= UDP_PAYLOAD_MAX && !is_whole(k);
}

/* Too large for the path and not to be cut: ip_local_error(), which leaves SO_ERROR alone. */
static int64_t refuse(struct udp_sock *k, struct tcp_addr to)
{
    if (k->recverr)
        add_report(k,
                   (struct udp_report){
                       .error = EMSGSIZE, .local = true, .info = (uint32_t)k->mtu, .to = to});
    return -EMSGSIZE;
}

int64_t udp_sock_send(struct udp_sock *k, const struct tcp_addr *to, int64_t bytes)
{
    const struct tcp_addr peer = to != NULL ? *to : k->peer;
    if (bytes > UINT16_MAX)
        return -EMSGSIZE;
    if (to == NULL && !k->connected)
        return -EDESTADDRREQ;
    if (peer.port == 0)
        return -EINVAL;
    if (have_port(k) != 0)
        return -EAGAIN;
    if (bytes > UDP_PAYLOAD_MAX || (is_whole(k) && bytes > room(k, peer.ip)))
        return refuse(k, peer);
    if (k->error != 0)
        return -udp_sock_error(k);
    if (k->shut_wr)
        return -EPIPE;
    const int error = udp_send(k->socket, peer, bytes);
    return error != 0 ? error : bytes;
}

int udp_sock_recv(struct udp_sock *k, bool peek, struct udp_waiting *out)
{
    if (k->error != 0)
        return -udp_sock_error(k);
    if (k->n_read == k->n_queue)
        return -EAGAIN;
    *out = k->queue[k->n_read];
    k->n_read += !peek;
    return 0;
}

/* The pending error becomes that of the next report: Linux's sock_dequeue_err_skb(). */
int udp_sock_report(struct udp_sock *k, struct udp_report *out)
{
    if (k->n_told == k->n_reports)
        return -EAGAIN;
    *out = k->reports[k->n_told++];
    const struct udp_report *next = k->n_told < k->n_reports ? &k->reports[k->n_told] : NULL;
    const bool next_counts = next != NULL && !next->local;
    if (next_counts)
        k->error = next->error;
    else if (!out->local)
        k->error = 0;
    return 0;
}

uint32_t udp_sock_poll(const struct udp_sock *k)
{
    uint32_t events = POLLOUT | POLLWRNORM | POLLWRBAND;
    if (k->error != 0 || k->n_told < k->n_reports)
        events |= POLLERR;
    if (k->shut_rd)
        events |= POLLRDHUP | POLLIN | POLLRDNORM;
    if (k->shut_rd && k->shut_wr)
        events |= POLLHUP;
    if (k->n_read < k->n_queue)
        events |= POLLIN | POLLRDNORM;
    return events;
}
