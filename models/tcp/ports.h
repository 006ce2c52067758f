/* SPDX-License-Identifier: GPL-3.0-or-later
 * ports.h -- the local ports of a host: who owns them, who may own them together, who listens,
 * and which one is given out next.
 *
 *   port 80:  listener (10.0.0.1)  3 connections      an owner: a bound socket, a listener, a
 *   port 81:  socket, bound                           connection from its first SYN to the end
 *   port 82:  2 connections                           of TIME-WAIT. Requests own nothing.
 *
 * The one idea: whether two owners may share a port depends on four bits and the address of
 * each, so that a port counts its owners by these: a million connections in TIME-WAIT are one
 * class with a count, and bind() looks at classes, never at owners.
 *
 * Sharing, as Linux has it, where the addresses overlap (0.0.0.0 overlaps all):
 *   both SO_REUSEADDR, and the owner does not listen    shared
 *   both SO_REUSEPORT                                   shared, and listeners get SYNs in turn
 *   else                                                EADDRINUSE
 * bind() with port 0 wants a port that nobody has at that address. connect() takes any port
 * that no bind() has, as long as the pair of ends is free: a port serves many destinations.
 *
 * Not modelled: users (Linux: SO_REUSEPORT among sockets of one user), devices, IPv6 sockets
 * that take IPv4, groups of SO_REUSEPORT chosen by a program (BPF).
 */
#pragma once
#include "models/tcp/tcp.h"
#include "sim/level.h"
#include "sim/rng.h"

struct tcp_port_choice;

enum tcp_hold_bits {
    HOLD_REUSEADDR = 1,
    HOLD_REUSEPORT = 2,
    HOLD_LISTENS = 4,
    HOLD_BOUND = 8, /* the port was asked for, not given to a connect() */
};

/* One owner. ip 0.0.0.0: of every address. */
struct tcp_hold {
    ip_addr ip;
    uint16_t port;
    uint8_t bits;
};

/* Owners of a port that are alike. */
struct tcp_hold_class {
    struct tcp_hold_class *next;
    ip_addr ip;
    uint32_t n;
    uint8_t bits;
};

struct tcp_port {
    struct tcp_listener *listeners; /* in the order of listen() */
    struct tcp_hold_class first;    /* n 0: none */
    uint32_t n_bound;               /* owners with HOLD_BOUND */
    uint8_t tos, ttl;               /* of the socket that was bound last; 0: none's */
};

enum { PORTS_A_PAGE = 64, PORT_PAGES = 65536 / PORTS_A_PAGE, PORT_PERTURB = 256 };

struct tcp_port_page {
    uint64_t owned, bound; /* a bit a port: it has an owner, one with HOLD_BOUND */
    struct tcp_port ports[PORTS_A_PAGE];
};

struct tcp_ports {
    struct tcp_port_page **pages; /* NULL in it: none of its ports has an owner */
    struct level in_use;          /* ports with an owner */
    uint32_t n_owners;            /* of all ports */
    uint32_t n_sockets;           /* ... these are bound sockets */
    int64_t n_exhausted;          /* calls that found no port */
    sim_time exhausted_at;        /* the first of them; SIM_NEVER: none */
    const struct tcp_port_choice *choice;
    uint32_t next;     /* the choice's own: a counter */
    uint32_t *perturb; /* ... PORT_PERTURB counters, NULL until needed */
    uint64_t key[2];
    struct rng rng;
};

/* Those of a stack, for its host's metrics; warm-up begins the counts anew. */
const struct tcp_ports *tcp_ports_of(const struct tcp_stack *s);
void tcp_ports_warm_up(struct tcp_stack *s);

void tcp_ports_init(struct tcp_ports *p, struct sim *sim, const char *host);
/* The host fails: no port has an owner, and sockets are not heard of again. */
void tcp_ports_forget(struct tcp_stack *s);

/* ---- owners */

void tcp_port_take(struct tcp_stack *s, struct tcp_hold hold);
void tcp_port_drop(struct tcp_stack *s, struct tcp_hold hold);
/* What a bound socket has its port's packets look like that are of no connection: resets. As
 * on FreeBSD; Linux answers with the TOS of the segment. */
void tcp_port_mark(struct tcp_stack *s, uint16_t port, uint8_t tos, uint8_t ttl);
void tcp_port_mark_packet(const struct tcp_stack *s, uint16_t port, struct packet *p);
/* Bits of an owner with these options. */
uint8_t tcp_hold_bits(const struct tcp_sockopts *opt);

/* Whether bind() may add this owner, or listen() make it one that listens. */
bool tcp_port_admits(const struct tcp_stack *s, const struct tcp_hold *want);
/* Whether a listener at this end has the port to itself, connections not counted. */
bool tcp_port_is_unheard(const struct tcp_stack *s, const struct tcp_hold *want);
/* Whether connect() may give the port to a connection between these ends. */
bool tcp_port_serves(const struct tcp_stack *s, struct tcp_addr from, struct tcp_addr to);

/* ---- listeners */

void tcp_port_listen(struct tcp_listener *l);
void tcp_port_unlisten(struct tcp_listener *l);
/* Who listens there: at that address before 0.0.0.0; several with SO_REUSEPORT share by a hash
 * of the ends. NULL: nobody. */
struct tcp_listener *tcp_listener_for(const struct tcp_stack *s, struct tcp_addr local,
                                      struct tcp_addr remote);

/* ---- which port is next: port_choice.c */

/* One way of choosing, RFC 6056 §3.3: where among n ports the search begins for this pair of
 * addresses, and what is remembered of it. */
struct tcp_port_choice {
    const char *name, *help, *source;
    uint32_t (*offset)(struct tcp_stack *s, ip_addr from, struct tcp_addr to);
    /* The port was found after n that were taken; NULL: nothing to remember. */
    void (*found)(struct tcp_stack *s, ip_addr from, struct tcp_addr to, uint16_t port,
                  uint32_t n_taken);
    bool halves; /* every second port first: even ones for connect(), odd ones for bind() */
};
extern const struct choice TCP_PORT_CHOICES[];
/* Never NULL: the name comes from TCP_PORT_CHOICES. */
const struct tcp_port_choice *tcp_port_choice_find(const char *name);

/* An ephemeral port for connect(), for bind() with port 0; 0: there is none, which is counted.
 */
uint16_t tcp_port_for_connect(struct tcp_stack *s, ip_addr from, struct tcp_addr to);
uint16_t tcp_port_for_bind(struct tcp_stack *s, const struct tcp_hold *want);
