/* SPDX-License-Identifier: GPL-3.0-or-later
 * tcp.h -- the sockets-like face of the TCP endpoint, for applications, hosts and packet
 * scripts.
 *
 *   application  --tcp_connect, tcp_send, tcp_close...-->  struct tcp  --output-->  host, or a
 * script
 *                <------------ on_event(bits) -----------              <--tcp_input--
 *
 * Sans-I/O: an endpoint needs a clock, a timer and somewhere to hand a segment. Calls return 0
 * or a count, or a negative errno as Linux's calls would (-EAGAIN, -EPIPE, -ECONNRESET,
 * -ENOTCONN...). Nothing ever blocks.
 *
 * on_event may call anything here, tcp_close and tcp_abort included. A connection's memory is
 * given back when it is in CLOSED *and* the application has let it go (tcp_close, tcp_abort),
 * never within a call that was handed it.
 */
#pragma once
#include "models/tcp/account.h"
#include "models/tcp/params.h"
#include "sim/sim.h"

struct tcp;
struct tcp_stack;
struct tcp_listener;

struct tcp_addr {
    ip_addr ip;
    uint16_t port;
};

enum tcp_event_bits {
    TCP_EV_CONNECTED = 1, /* active open done: ESTABLISHED (or CLOSE-WAIT); handshakes that
                             carry data in a SYN tell it when they are ready for that */
    TCP_EV_READABLE = 2,  /* tcp_recv has bytes */
    TCP_EV_EOF = 4,       /* the peer's FIN is in order behind the last byte */
    TCP_EV_WRITABLE = 8,  /* send buffer has room again after a short tcp_send */
    TCP_EV_ERROR = 16,    /* reset, timed out, refused: tcp_error tells; the state is CLOSED */
    TCP_EV_CLOSED = 32,   /* CLOSED in the ordinary way (after LAST-ACK or TIME-WAIT), or let go
                             and in TIME-WAIT; last event of a connection */
    TCP_EV_SENT = 64,     /* all that was written has been acknowledged */
    TCP_EV_URGENT = 128,  /* the peer has urgent data (RFC 6093): see tcp_urgent */
    TCP_EV_DOUBT = 256,   /* R1, RFC 9293 SHLD-9: no answer for so long; nothing has ended */
};

/* Socket options of a connection. An accepted one begins with its listener's. */
struct tcp_sockopts {
    bool nodelay; /* TCP_NODELAY: Nagle's rule is off */
    bool cork;    /* TCP_CORK: only full segments, or after the retransmission timeout */
    bool reuse_addr, reuse_port;      /* SO_REUSEADDR, SO_REUSEPORT: see ports.h */
    bool fastopen_connect;            /* TCP_FASTOPEN_CONNECT */
    bool inq;                         /* TCP_INQ: reading tells what is left */
    bool recverr;                     /* IP_RECVERR: ICMP errors are told at once */
    bool keepalive;                   /* SO_KEEPALIVE: see keepalive.h */
    bool linger_on;                   /* SO_LINGER: l_onoff */
    uint8_t tos, ttl;                 /* IP_TOS without its ECN bits; IP_TTL, 0: the host's */
    sim_time linger;                  /* ... l_linger */
    int64_t rcvbuf, sndbuf;           /* bytes of payload */
    int64_t rcvbuf_told, sndbuf_told; /* what setsockopt() made of them, with Linux's overhead;
                                         0: it was not called */
    int64_t window_clamp;             /* TCP_WINDOW_CLAMP: the largest window told; 0: none */
    int64_t notsent_lowat; /* TCP_NOTSENT_LOWAT: writes wait at so many unsent bytes; 0: none */
    int64_t rcvlowat;      /* SO_RCVLOWAT: readable from so many bytes on; 0: from one on */
    int64_t maxseg;        /* TCP_MAXSEG: at most so many bytes a segment; 0: not set */
    int64_t syn_retries;   /* TCP_SYNCNT; 0: the parameter */
    sim_time keepinit;     /* TCP_KEEPINIT (FreeBSD); 0: none */
    int64_t fastopen_qlen; /* TCP_FASTOPEN, of a listener; 0: see the parameter */
    struct tcp_fastopen_keys
        fastopen_keys;     /* TCP_FASTOPEN_KEY, of a listener; none: the host's */
    sim_time defer_accept; /* TCP_DEFER_ACCEPT, of a listener: its wait for data; 0: none */
    sim_time keepidle, keepintvl; /* TCP_KEEPIDLE, TCP_KEEPINTVL */
    int64_t keepcnt;              /* TCP_KEEPCNT */
    sim_time user_timeout;        /* TCP_USER_TIMEOUT, RFC 5482: see give_up.h; 0: none */
    sim_time linger2;             /* TCP_LINGER2: its fin_timeout; 0: the parameter; SIM_NEVER:
                                     a reset instead */
    sim_time rto_min, rto_max;    /* TCP_RTO_MIN_US, TCP_RTO_MAX_MS */
    const struct tcp_cc *cc;      /* TCP_CONGESTION: a row of cc.h; NULL: the parameter's */
};
/* What a connection of this host begins with. */
struct tcp_sockopts tcp_sockopts_of(const struct tcp_stack *s);
struct tcp_sockopts tcp_sockopts_from(const struct tcp_params *p);
/* What this connection has now. */
struct tcp_sockopts tcp_sockopts_now(const struct tcp *t);

struct tcp_user {
    void (*on_event)(struct tcp_user *user, struct tcp *t, uint32_t bits);
    void (*on_accept)(struct tcp_user *user,
                      struct tcp_listener *l); /* a connection waits for tcp_accept */
    struct tcp_account *account; /* borrowed: where this user's connections are counted */
    const struct tcp_sockopts
        *sockopts; /* borrowed: what its connections begin with; NULL: the stack's parameters */
};

/* A run of payload bytes, as received: who sent them and where in that stream they stood. */
struct tcp_extent {
    uint64_t offset; /* in the sender's stream */
    uint32_t stream; /* the sending connection's number */
    uint32_t len;
    uint8_t payload; /* enum payload_kind */
};

/* One per host. Takes nothing; output is called with each segment ready for the network and
 * takes it. */
struct tcp_stack *tcp_stack_new(struct sim *sim, uint32_t host_subject, ip_addr addr,
                                const struct tcp_params *params,
                                void (*output)(void *ctx, struct packet *p), void *ctx);

/* What the host below a stack can be asked; ctx is that of output. Without it the stack has one
 * address and every other one is reached. */
struct tcp_network {
    /* Where the way to `to` begins, in *from; 0, -ENETUNREACH. */
    int (*route)(void *ctx, ip_addr to, ip_addr *from);
    bool (*owns)(void *ctx, ip_addr addr);  /* addr is one of the host's own */
    uint32_t (*mtu)(void *ctx, ip_addr to); /* of the first link to it; UINT32_MAX: any size */
};
void tcp_stack_ask(struct tcp_stack *s, const struct tcp_network *network);

/* Changes the parameters of a running stack, as a sysctl does: what connections have copied or
 * agreed on stays. */
void tcp_stack_configure(struct tcp_stack *s, const struct tcp_params *params);

/* The host's own queue takes nothing, or does again: TCP knows that what it sends is lost,
 * tries the same again after 500 ms, and is not slowed by it (Linux). */
void tcp_stack_block(struct tcp_stack *s, bool blocked);

/* A segment has arrived at this host. Takes p. */
void tcp_input(struct tcp_stack *s, struct packet *p);

/* Someone whose forged segments (packet.injected_by) come to this host wants to know what they
 * do there. hit is called when one has ended a connection, when `taken` bytes of its payload
 * have entered a receive buffer, or, neither, when an ICMP message has made its segments
 * smaller; within tcp_input: it may not call anything here. */
struct tcp_injection {
    struct tcp_injection *next;
    uint32_t by; /* subject */
    void (*hit)(struct tcp_injection *in, const struct packet *p, bool reset, int64_t taken);
};
/* Borrows in, for the rest of the run. A second time: nothing. */
void tcp_tell_injection(struct tcp_stack *s, struct tcp_injection *in);

/* Passive open. backlog <= 0: the parameter's. -EADDRINUSE. *out stays valid until
 * tcp_listener_close. */
int tcp_listen(struct tcp_stack *s, uint16_t port, int backlog, struct tcp_user *user,
               struct tcp_listener **out);
void tcp_listener_close(struct tcp_listener *l);
/* The next established connection, or NULL; from now on its events go to user. */
struct tcp *tcp_accept(struct tcp_listener *l, struct tcp_user *user);

/* What a backlog is that nobody gives. */
int tcp_default_backlog(const struct tcp_stack *s);

/* Connections that tcp_accept would give. */
int tcp_waiting(const struct tcp_listener *l);

/* Active open; local_port 0: ephemeral. -EADDRNOTAVAIL: the pair of ends is taken. The SYN
 * leaves within the call. */
int tcp_connect(struct tcp_stack *s, struct tcp_addr to, uint16_t local_port,
                struct tcp_user *user, struct tcp **out);

/* connect() and send() in one, sendto(MSG_FASTOPEN): with a cookie at hand the SYN carries up
 * to bytes, else it asks for one. Returns how many it carries, 0 included, or as tcp_connect;
 * -EOPNOTSUPP: the host's clients do not use Fast Open (RFC 7413). */
int64_t tcp_connect_send(struct tcp_stack *s, struct tcp_addr to, uint16_t local_port,
                         struct tcp_user *user, int64_t bytes, struct tcp **out);

/* Queues up to bytes of this connection's stream; returns how many, or -EAGAIN (no room),
 * -EPIPE, the pending error. In SYN-SENT and SYN-RECEIVED bytes are queued until
 * ESTABLISHED. */
int64_t tcp_send(struct tcp *t, int64_t bytes);
/* The same with flags: TCP_MORE (MSG_MORE) says that this write does not end here, and corks
 * its last small segment. */
enum {
    TCP_MORE = 1,
    TCP_OOB = 2, /* MSG_OOB: what is in the stream up to here is urgent, RFC 6093 */
    TCP_EOR = 4  /* MSG_EOR: nothing that is written later goes into its last segment */
};
int64_t tcp_sendmsg(struct tcp *t, int64_t bytes, uint32_t flags);

/* Moves up to max bytes in order out of the receive buffer as at most *n extents; returns
 * bytes, *n is set. 0: end of stream. -EAGAIN, or the pending error (once). */
int64_t tcp_recv(struct tcp *t, int64_t max, struct tcp_extent *out, int *n);
/* The same and the bytes stay (MSG_PEEK). */
int64_t tcp_peek(struct tcp *t, int64_t max, struct tcp_extent *out, int *n);

enum tcp_shut { TCP_SHUT_RD, TCP_SHUT_WR, TCP_SHUT_RDWR };
int tcp_shutdown(struct tcp *t, enum tcp_shut how); /* -ENOTCONN */
/* Lets the connection go: FIN after the queued data, or RST when received data was never read
 * (RFC 9293 §3.10.4, RFC 2525 §2.17). t must not be used after, but on_event still tells
 * TCP_EV_CLOSED or TCP_EV_ERROR once (a counter's matter: the application has no socket any
 * more). */
int tcp_close(struct tcp *t);
/* RST at once, unsent data lost; no TCP_EV_CLOSED follows. */
int tcp_abort(struct tcp *t);

/* A row each in sockopt.h, which says what they are. */
enum tcp_option {
    TCP_OPT_NODELAY,
    TCP_OPT_RCVBUF,
    TCP_OPT_SNDBUF,
    TCP_OPT_MAXSEG,
    TCP_OPT_CORK,
    TCP_OPT_SYNCNT,
    TCP_OPT_DEFER_ACCEPT,
    TCP_OPT_FASTOPEN,
    TCP_OPT_FASTOPEN_CONNECT,
    TCP_OPT_INQ,
    TCP_OPT_RECVERR,
    TCP_OPT_TOS,
    TCP_OPT_TTL,
    TCP_OPT_REUSEADDR,
    TCP_OPT_REUSEPORT,
    TCP_OPT_WINDOW_CLAMP,
    TCP_OPT_NOTSENT_LOWAT,
    TCP_OPT_RCVLOWAT,
    TCP_OPT_LINGER_ON,
    TCP_OPT_LINGER,
    TCP_OPT_KEEPALIVE,
    TCP_OPT_KEEPIDLE,
    TCP_OPT_KEEPINTVL,
    TCP_OPT_KEEPCNT,
    TCP_OPT_USER_TIMEOUT,
    TCP_OPT_LINGER2,
    TCP_OPT_QUICKACK,
    TCP_OPT_RTO_MIN,
    TCP_OPT_RTO_MAX,
    TCP_OPT_KEEPINIT,
    TCP_N_OPTIONS
};
/* In units of struct tcp_sockopts: ns, bytes, counts. */
int tcp_set_option(struct tcp *t, enum tcp_option option, int64_t value); /* -EINVAL */
int64_t tcp_get_option(const struct tcp *t, enum tcp_option option);

enum tcp_state {
    TCP_CLOSED,
    TCP_LISTEN,
    TCP_SYN_SENT,
    TCP_SYN_RECEIVED,
    TCP_ESTABLISHED,
    TCP_FIN_WAIT_1,
    TCP_FIN_WAIT_2,
    TCP_CLOSE_WAIT,
    TCP_CLOSING,
    TCP_LAST_ACK,
    TCP_TIME_WAIT,
};

/* The name in RFC 9293 §3.3.2, "SYN-SENT". */
const char *tcp_state_name(enum tcp_state state);
/* The state of that name in *out; false: none has it. */
bool tcp_state_named(const char *name, enum tcp_state *out);

enum tcp_state tcp_state_of(const struct tcp *t);
int tcp_error(
    struct tcp *t); /* pending error as a positive errno, cleared; 0: none (SO_ERROR) */
uint32_t tcp_number(const struct tcp *t); /* the connection's number: its stream's name */
uint32_t
tcp_peer_stream(const struct tcp *t); /* the stream it was opened with; 0: not known yet */
int64_t tcp_send_room(const struct tcp *t); /* free bytes of the send buffer */
int64_t tcp_unread(const struct tcp *t);    /* bytes that tcp_recv would give now (SIOCINQ) */
/* Bytes from here to where the peer's urgent data ends, whether they have come or not; 0: none
 * is ahead. They are read in their turn like all others (SO_OOBINLINE). */
int64_t tcp_urgent(const struct tcp *t);
/* The next byte to read is the peer's urgent one (SIOCATMARK): 1, else 0. No read goes past it
 * from before. */
int64_t tcp_at_mark(const struct tcp *t);
int64_t tcp_unacked(const struct tcp *t); /* bytes written and not acknowledged, the FIN counts
                                             one (SIOCOUTQ) */
int64_t tcp_unsent(const struct tcp *t);  /* of these, never sent (SIOCOUTQNSD) */
/* What poll() would tell now: POLLIN, POLLOUT, POLLRDHUP, POLLHUP, POLLERR. */
uint32_t tcp_poll(const struct tcp *t);
struct tcp_addr tcp_local(const struct tcp *t), tcp_remote(const struct tcp *t);

/* What the stack did for segments that were for no connection: borrowed. */
const struct tcp_account *tcp_nobody(const struct tcp_stack *s);
/* The warm-up is over: counts of nobody's and of ports begin anew. */
void tcp_stack_warm_up(struct tcp_stack *s);

/* The host fails: connections, entries and listeners are gone and no packet tells. Each user is
 * told once, TCP_EV_ERROR, and has no connection any more. Not within a call of here. */
void tcp_stack_crash(struct tcp_stack *s);

/* Ends the run: asserts that the stack's books agree (table and list of connections, each
 * listener's counts). Endpoints hold no packets; accounts are read at the present time. */
void tcp_stack_finish(struct tcp_stack *s);
