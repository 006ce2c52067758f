/* SPDX-License-Identifier: GPL-3.0-or-later
 * ends.h -- two TCPs and their applications for the fuzzing of segments, and what must hold
 * after each step.
 *
 *   here <--- forged segments ---> there       each with its own stack and sockets
 *      `--- what each sends waits ---'         delivered, doubled or dropped by the program
 *
 * The one idea: every payload byte and every FIN that is handed to a stack is noted with its
 * sequence number, so whatever the application reads can be looked up, however often segments
 * overlapped. What an endpoint says on the wire is judged apart from its variables.
 *
 * Not looked at: whether an answer is the right one. That is what the tables of tests/tcp and
 * the packet scripts are for.
 */
#pragma once
#include "models/tcp/endpoint.h"

enum { HERE = 0x0a000001, THERE = 0x0a000002, PORT = 80, PEER_PORT = 1000 };
enum { SOCKS = 8, LIVES = 512, SEEN = 1024, WAITING = 64, MOST_SENT = 4000 };
enum { N_SIZES = 8, MOST_SNDBUF = 18000 };

/* The input; what is read behind its end is 0. */
struct input {
    const uint8_t *at;
    size_t left;
};

static inline uint8_t u8(struct input *in)
{
    if (in->left == 0)
        return 0;
    in->left--;
    return *in->at++;
}
static inline uint16_t u16(struct input *in)
{
    const uint8_t high = u8(in);
    return (uint16_t)(high << 8 | u8(in));
}
static inline uint32_t u32(struct input *in)
{
    const uint32_t high = u16(in);
    return high << 16 | u16(in);
}

/* Payload, or a FIN, handed to a stack: `seq` is that of the first byte (of the FIN, if len
 * is 0). */
struct seen {
    uint32_t seq, len, stream;
    uint64_t offset;
    bool fin;
};

/* What a connection was at the last look; none of these numbers goes back. */
struct life {
    bool known, spoke, ended; /* looked at; an ACK was on the wire; its last event was told */
    tcp_seq una, nxt, max, rcv_nxt, edge;
    uint64_t ready, read;
    tcp_seq said_ack, said_edge; /* on the wire */
};

struct sock {
    struct tcp_user user; /* first */
    struct end *end;
    struct tcp *t; /* NULL: free, or let go */
    uint64_t n_read;
    bool read_shut;
};

struct end {
    struct world *world;
    struct end *other;
    struct tcp_stack *stack;
    struct tcp_user listening;
    struct tcp_account account;
    struct tcp_listener *listener;
    struct sock socks[SOCKS];
    struct life lives[LIVES];
    struct seen seen[SEEN];
    struct packet *waiting[WAITING]; /* sent, the oldest first */
    int n_seen, n_waiting;
    int64_t n_bytes;     /* payload sent since the last segment arrived */
    int n_bare;          /* segments without payload, since then */
    uint8_t reaction;    /* a call to make within the next event; 0: none */
    bool holds;          /* does not accept at once */
    bool takes_whole;    /* some segment may have gone beyond the right edge */
    struct tcp likeness; /* of an entry: see newest */
};

struct world {
    struct sim *sim;
    struct input in;
    struct end ends[2];
    int n_sent; /* by both, in all */
};

/* One end, `there` is i = 1; its address is that of its name. Borrows params. */
void end_begin(struct world *w, int i, const struct tcp_params *params);
struct life *life_of(struct end *e, const struct tcp *t);
/* The newest endpoint; without one what the last request or entry in TIME-WAIT would be made
 * into for an event, or NULL. */
const struct tcp *newest(struct end *e);
/* So much has happened that the books are nearly full: the run is to end. */
bool is_over(const struct world *w);

/* A segment arrives at e. Takes p. */
void deliver(struct end *e, struct packet *p);
/* The i-th of those that e has sent and that wait. */
struct packet *take_waiting(struct end *from, int i);

/* The books of both stacks, and of each connection: queues, numbers, timers; nothing went
 * back. */
void check_world(struct world *w);

/* ---- calls.c: what applications do; the rest of the input tells with what */
extern const int64_t SIZES[N_SIZES]; /* bytes */
void op_listen(struct end *e, struct input *in);
void op_unlisten(struct end *e, struct input *in);
void op_hold(struct end *e, struct input *in); /* accepts no more at once, or again */
void op_accept(struct end *e, struct input *in);
void op_connect(struct end *e, struct input *in);
void connect_from(struct end *e, uint16_t port);      /* 0: ephemeral */
void op_call(struct end *e, struct input *in);        /* a call on one of the open sockets */
void op_react(struct end *e, struct input *in);       /* the same within the next event */
void sock_shutdown(struct sock *k, struct input *in); /* of writing if in is at its end */
void sock_close(struct sock *k, struct input *in);
void sock_abort(struct sock *k, struct input *in);
void on_accept(struct tcp_user *user, struct tcp_listener *l);
