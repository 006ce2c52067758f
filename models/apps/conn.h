/* SPDX-License-Identifier: GPL-3.0-or-later
 * conn.h -- one connection as an application holds it: reads and verifies, writes as room
 * comes, ends tidily.
 *
 *   tcp events --> read, write, note what happened --> kind->progress(c) decides what is next
 *
 * The one idea: progress is level-triggered. It is called after any change and sees the whole
 * state (connected, received, eof, unwritten, acknowledged, error), so it need not care which
 * event came first or what came with it.
 *
 * The memory is given back when the connection is in CLOSED and the socket has been let go, and
 * never within a call that works with it: whoever holds c across a call that may end it stands
 * inside progress.
 */
#pragma once
#include "models/apps/app.h"
#include "models/tcp/sock.h"

struct app_conn;

struct app_conn_kind {
    size_t bytes;                         /* of its struct, which begins with struct app_conn */
    void (*progress)(struct app_conn *c); /* c->t is not NULL. May do anything to c */
    /* Before the memory goes, once: leave every line. May be NULL. */
    void (*release)(struct app_conn *c);
    /* It has just been let go, by whatever way: nothing more can be done to it. May be NULL. */
    void (*on_let_go)(struct app_conn *c);
    /* The application lets go by itself and reads pending errors by itself (a script).
     * Otherwise a connection that broke, or went to CLOSED, is let go after progress has seen
     * it. */
    bool manual;
};

struct app_conn {
    const struct app_conn_kind *kind;
    struct app *app;
    struct tcp_user user;
    struct tcp *t;         /* NULL: not open yet, or let go */
    uint64_t next_offset;  /* of the peer's stream: see app_check_extent */
    int64_t received;      /* bytes read */
    sim_time last_byte_at; /* when it read the last of them */
    int64_t unwritten;     /* bytes that wait for room in the send buffer, or UNIT_UNLIMITED */
    int error;         /* errno that broke it; 0: none. Not set by events when kind->manual */
    uint16_t depth;    /* calls under way that hold it */
    bool reads;        /* reads whatever comes; false: only by app_conn_recv */
    bool connected;    /* it has been ESTABLISHED */
    bool readable;     /* bytes have come */
    bool eof;          /* the peer's FIN is in order; if it reads: behind the last byte read */
    bool acknowledged; /* all that was written, and unwritten is 0 */
    bool broken;       /* an error ended it: TCP_EV_ERROR */
    bool let_go;       /* by close or abort */
    bool shut;         /* app_conn_end_writing was called */
    bool ended;        /* no event will follow: it is CLOSED, or let go and in TIME-WAIT */
    bool in_time_wait; /* the latter */
    uint32_t number;   /* tcp_number, when it has ended */
};

/* In the arena, zeroed but for what is said here; reads is true. Open it next. */
struct app_conn *app_conn_new(struct app *a, const struct app_conn_kind *kind);

/* connect(). 0, or a negative errno that has been counted as an error. When the kind is not
 * manual, or on failure, c may be gone afterwards. */
int app_conn_open(struct app_conn *c, struct tcp_addr to, uint16_t local_port);
/* The same with a first write of so many bytes, sendto(MSG_FASTOPEN): tcp_connect_send. */
int app_conn_open_send(struct app_conn *c, struct tcp_addr to, uint16_t local_port,
                       int64_t bytes);

/* The same from a socket, with what it is bound to and its options; the socket has the
 * endpoint, too. local_port not 0: as above, whatever it is bound to. */
int app_conn_open_from(struct app_conn *c, struct tcp_sock *from, struct tcp_addr to,
                       uint16_t local_port);

/* accept(): a new connection of l, or NULL: none waits. app_conn_look must follow. */
struct app_conn *app_conn_accept(struct app *a, const struct app_conn_kind *kind,
                                 struct tcp_listener *l, bool reads);

/* Reads what came before accept() and calls progress; events tell the rest. When the kind is
 * not manual c may be gone afterwards. */
void app_conn_look(struct app_conn *c);

/* Calls progress, from a timed call; nothing when it has been let go. c may then be gone. */
void app_conn_progress(struct app_conn *c);

/* Below: for progress, and for manual kinds at any time. c->t must not be NULL. */

/* Writes bytes (> 0; UNIT_UNLIMITED: for ever) as room comes. 0, or a negative errno (c->error
 * is set). */
int app_conn_write(struct app_conn *c, int64_t bytes);

/* Reads and verifies up to max (> 0) bytes; fewer when they come from more than 16 pieces of
 * streams. The count, 0 at end of stream (eof is set), -EAGAIN or another negative errno. */
int64_t app_conn_recv(struct app_conn *c, int64_t max);

/* tcp_shutdown, tcp_close, tcp_abort and what they return. After close and abort c->t is NULL
 * and what is unwritten is lost; a manual c may then be gone. */
int app_conn_shutdown(struct app_conn *c, enum tcp_shut how);
int app_conn_close(struct app_conn *c);
int app_conn_abort(struct app_conn *c);
/* connect(AF_UNSPEC) on the socket that has the endpoint: c is as after abort. */
int app_conn_disconnect(struct app_conn *c, struct tcp_sock *k);

/* shutdown(SHUT_WR), the first time; it holds the socket on, until the connection is CLOSED. */
int app_conn_end_writing(struct app_conn *c);

/* app_wait_line.over, of waits whose owner is a connection. */
struct app_wait;
void app_conn_wait_over(struct app_wait *w);
