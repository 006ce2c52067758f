/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/host.h"

enum { HOST_TTL = 64 }; /* RFC 1700, "IP time to live parameter" */

static void discard(struct host *h, struct packet *p, const char *cause)
{
    segment_emit(h->sim, SEG_DROP, h->subject, p, cause);
    packet_free(h->sim, p);
}

static void host_recv(struct sink *sink, struct packet *p)
{
    struct host *h = CONTAINER_OF(sink, struct host, sink);
    h->n_received++;
    if (!ip_eq(p->dst, h->addr) || p->proto != PROTO_TCP) {
        h->n_misdirected++;
        discard(h, p, ip_eq(p->dst, h->addr) ? "no listener" : "not for me");
        return;
    }
    tcp_input(h->tcp, p);
}

static void host_output(void *ctx, struct packet *p)
{
    struct host *h = ctx;
    h->n_sent++;
    p->ttl = HOST_TTL;
    p->src = h->addr;
    if (h->out == NULL)
        discard(h, p, "no route");
    else
        link_send(h->out, p);
}

void host_init(struct host *h, struct sim *sim, const char *name, ip_addr addr,
               const struct tcp_params *tcp)
{
    *h = (struct host){.sink = {host_recv}, .sim = sim, .addr = addr};
    h->subject = sim_subject(sim, "host", name);
    h->tcp = tcp_stack_new(sim, h->subject, addr, tcp, host_output, h);
}
