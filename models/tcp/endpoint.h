/* SPDX-License-Identifier: GPL-3.0-or-later
 * endpoint.h -- the inside of the TCP endpoint, for the files of models/tcp/ only.
 *
 *   stack.c    who a segment is for        table.c   who has which ends; lines of entries
 *   open.c     CLOSED, LISTEN, SYN-SENT    input.c   the steps of RFC 9293 §3.10.7.4
 *   synq.c     half-open: small entries    cookie.c  half-open: nothing at all
 *   tw.c       TIME-WAIT: small entries    state.c   the table of states; sets a state
 *   output.c   what to send and when       timer.c   retransmission, persist, delayed ACK
 *   socket.c   the application's calls     said.c    the options of a segment, and PAWS
 *   recovery.c what is sent again          tail.c    ... at the end: the tail loss probe
 *   give_up.c  how long without an answer  keepalive.c  whether a silent peer is there
 *   fastopen.c cookies for data in a SYN   cookie_echo.c, timer_based.c  research
 *   ecn.c      marks instead of losses     burst.c   segments that leave as one packet
 *   sndq.c, rcvq.c   the two buffers       scoreboard.c  what SACK tells the sender
 *   rcvwnd.c   the receive window of Linux text.c    ... of them those of URG, text, FIN
 *
 * The names of RFC 9293 §3.3.1 are kept: t->snd.una, t->rcv.nxt, t->iss.
 *
 * Not modelled yet: see docs/limits.md.
 */
#pragma once
#include "models/tcp/ack.h"
#include "models/tcp/cc.h"
#include "models/tcp/ecn.h"
#include "models/tcp/fastopen.h"
#include "models/tcp/give_up.h"
#include "models/tcp/handshake.h"
#include "models/tcp/isn.h"
#include "models/tcp/keepalive.h"
#include "models/tcp/options.h"
#include "models/tcp/peers.h"
#include "models/tcp/pmtu.h"
#include "models/tcp/ports.h"
#include "models/tcp/rcvq.h"
#include "models/tcp/rcvwnd.h"
#include "models/tcp/rules.h"
#include "models/tcp/scoreboard.h"
#include "models/tcp/seq.h"
#include "models/tcp/sndq.h"
#include "models/tcp/synq.h"
#include "models/tcp/table.h"
#include "models/tcp/tcp.h"
#include "models/tcp/time_wait.h"
#include "models/tcp/tw.h"
#include "models/tcp/validate.h"
#include "sim/pool.h"

/* In the order in which they are served when several are due at the same instant. */
enum tcp_timer {
    TCP_TIMER_NOTIFY,    /* events wait for an application that has just accepted */
    TCP_TIMER_RTX,       /* RFC 6298 */
    TCP_TIMER_PERSIST,   /* zero-window probe, RFC 9293 §3.8.6.1 */
    TCP_TIMER_DELACK,    /* RFC 9293 §3.8.6.3 */
    TCP_TIMER_TIME_WAIT, /* 2 MSL; fin_timeout in FIN-WAIT-2 */
    TCP_TIMER_KEEPALIVE, /* RFC 9293 §3.8.4 */
    TCP_N_TIMERS,
};

enum ack_need { ACK_NONE, ACK_DELAYED, ACK_NOW };

/* Socket options as many connections have them: a copy is made when one sets its own. */
struct tcp_shared_sockopts {
    struct tcp_sockopts opt; /* first */
    uint32_t n_owners;       /* connections, and the stack for the latest */
};

/* Fields stand in the order of their use: what every segment touches comes first, and no gaps
 * lie between (tests/tcp/test_sizes.c). What is rare goes behind a pointer. */
struct tcp {
    struct tcp_entry entry; /* in the stack's table */
    struct tcp_stack *stack;
    struct tcp_account *account; /* never NULL */
    struct tcp_user *user;       /* NULL before accept, and when nobody is told any more */

    enum tcp_state state : 8;
    uint8_t hold;     /* what it is to its port's other owners, while it is in the table */
    uint16_t busy;    /* calls under way: memory is kept */
    uint32_t pending; /* TCP_EV_ bits not yet told */
    uint32_t number;  /* of the connection, and name of the stream it sends */
    struct tcp_addr local, remote;
    tcp_seq iss, irs;
    bool passive, hashed;
    bool light;      /* made of an entry, for one event: it has no timer, is in no list */
    bool released;   /* the application has let go */
    bool accept_due; /* ESTABLISHED within this segment: queued for accept at its end */
    bool fin_seen;   /* a FIN has been sent or received: closing segments are counted */
    bool read_shut;  /* SHUT_RD: what has come may be read, then end of stream */
    struct {         /* what both SYNs agreed on */
        bool timestamps, sack, scaled;
        uint8_t snd_shift, rcv_shift; /* window = field << shift, RFC 7323 §2 */
    } agreed;
    struct tcp_ecn ecn;

    struct {
        tcp_seq una, nxt; /* RFC 9293 §3.3.1; nxt never goes back */
        tcp_seq max;      /* nxt, or one past a window probe */
        tcp_seq wl1, wl2;
        uint32_t wnd, max_wnd;
        uint32_t mss;        /* the effective one: RFC 9293 §3.7.1 */
        tcp_seq small_end;   /* end of the last small segment, for Minshall's rule */
        tcp_seq last;        /* the first number of the last new segment */
        uint16_t agreed_mss; /* what the peer takes; mss may be less: pmtu.h */
        uint16_t probe_mss;  /* payload that a black hole has left; 0: none was found */
        bool fin_queued, fin_acked;
        bool want_room; /* a tcp_send fell short */
        bool more;      /* the write under way says that it goes on */
        bool push_now;  /* an option was set that lets go of what waits */
        sim_time last_data_at;
        uint64_t urgent; /* where urgent data ends in our stream: RFC 6093; 0: none yet */
    } snd;
    struct {
        tcp_seq nxt;
        tcp_seq edge;              /* right edge announced; never goes back: RFC 9293 §3.8.6 */
        uint32_t syn_window;       /* announced in our SYN; 0: none yet */
        uint32_t mss_seen;         /* largest segment so far */
        uint32_t unacked_bytes;    /* since the last ACK sent */
        uint32_t unacked_segments; /* ... FreeBSD's */
        enum ack_need ack : 8;
        bool fin_taken;        /* the FIN and all before it have come: rcv.nxt covers it */
        bool told;             /* Linux's rule: the window, not by a SYN alone */
        bool overrun;          /* ... data beyond the window is not acknowledged at once */
        uint8_t quick;         /* ... ACKs that are not delayed yet */
        bool pingpong, pushed; /* ... it answers at once; a small segment waits for its ACK */
        sim_time ato, last_data_at; /* ... the delay of ACKs; the last arrival */
        uint64_t
            fin_at; /* position of the peer's FIN in the receive queue; UINT64_MAX: not seen */
        uint64_t urgent;        /* where urgent data ends in the peer's stream; 0: none yet */
        sim_time challenged_at; /* SIM_NEVER: not yet */
        sim_time heard_at;      /* when the last acceptable ACK came */
    } rcv;
    struct rcvq rcvq;
    struct sndq sndq;
    int64_t rcvbuf; /* bytes of payload; it begins as the option, and may grow */
    const struct tcp_sockopts
        *opt; /* of a struct tcp_shared_sockopts; a light one's: borrowed */
    const struct tcp_handshake *hs;
    const struct tcp_cc *cc;
    uint32_t cwnd, ssthresh, cwnd_acked; /* for congestion control */
    uint32_t most_out;                   /* ... outstanding in the present window of data */
    tcp_seq usage_end;                   /* ... where that window ends */
    bool was_full;                       /* ... whether cwnd was the limit in it */
    bool cc_begun;                       /* ... it has been initialised */

    struct {
        sim_time srtt, rttvar, rto; /* RFC 6298; srtt 0: no measurement yet */
        sim_time min_rtt;           /* the least so far */
        sim_time timed_at;
        tcp_seq timed; /* one segment at a time: its last sequence number + 1 */
        bool timing;   /* ... never a repeated one: Karn */
        bool syn_repeated;
        bool fast;         /* fast recovery, RFC 6582 or 6675 */
        bool sacking;      /* ... by the scoreboard, RFC 6675 */
        bool rescued;      /* ... its rule (4) has been used */
        bool recovering;   /* after a timeout, una < recover: every ACK repeats more */
        bool careful;      /* una <= recover: duplicates may be echoes, RFC 6582 §3.2 */
        bool doubted;      /* R1 has been told */
        bool tail;         /* TCP_TIMER_RTX stands for a tail loss probe: RFC 8985 §7 */
        bool tail_out;     /* one has been sent, what it covers is not all acknowledged */
        bool tail_again;   /* ... and was a segment sent again */
        uint8_t n_doubled; /* how often rto was since it was measured: RFC 6069's Backoff_cnt */
        uint32_t n_dupacks;
        tcp_seq recover, next; /* next: the first not repeated yet */
        tcp_seq tail_end;
        uint32_t n_repeats; /* of the earliest unacknowledged segment */
        uint32_t n_probes;  /* probes without an answer, of windows or keepalive */
        sim_time since;     /* since when what is outstanding has had no answer: give_up.h */
        sim_time rto_at;    /* when the retransmission timer expires, a tail probe or not */
        sim_time probe_wait;
        sim_time probing_since; /* since when a window stays closed: give_up.h */
    } rtx;
    struct scoreboard *board; /* NULL: no SACK block has come yet */
    struct timer timer;       /* the earliest of the deadlines */
    sim_time deadline[TCP_N_TIMERS];

    struct { /* for TCP_INFO: segments */
        uint32_t out, in, data_out, data_in;
        uint32_t delivered; /* that have arrived at the peer, the SYN counts */
        uint32_t repeats;
        uint64_t repeated_bytes;
        uint32_t duplicates;         /* that the peer's D-SACKs tell of: RFC 2883 */
        uint16_t timeouts;           /* of the retransmission timer ... */
        uint16_t timeout_recoveries; /* ... the first ones of a segment */
    } n;
    struct {             /* RFC 7323 §4.3 */
        uint32_t recent; /* TS.Recent */
        tcp_seq last_ack_sent;
        sim_time recent_at;
        uint8_t cookie; /* what the low bits of TSval say (cookie.h); 0: time alone */
    } ts;
    struct {
        uint64_t recent[MAX_SACK_BLOCKS]; /* positions in the runs to tell, the latest first:
                                             RFC 2018 §4 */
        struct sack_block duplicate;      /* RFC 2883; left == right: none */
        int n_recent;
        uint32_t n_early; /* segments that came before what was missing: for TCP_INFO */
    } sack;
    struct tcp_rcvwnd rw;

    /* of its birth, its end and its errors */
    sim_time state_since;
    int error;            /* positive errno, told once */
    uint32_t peer_stream; /* 0: not known yet */
    bool in_accept_queue;
    bool first_of_account;
    bool port_given; /* by bind(), or to connect() */
    bool ghost;
    bool was_reset; /* reset_time_wait: TIME-WAIT, and the peer may not know why */
    bool orphan;    /* counted among those that nobody holds */
    struct {
        int error;   /* by ICMP: see icmp.h; 0: none */
        tcp_seq una; /* SND.UNA when it came */
    } soft;
    struct tcp *prev, *next;       /* in the stack's list of all */
    struct tcp *accept_next;       /* in the listener's accept queue */
    struct tcp_listener *listener; /* passive, until accepted; NULL then */
    /* The entry of which this endpoint was made for one event; NULL: it is its own. */
    struct tcp_entry *stands_for;
    struct {                           /* cookies of an opening: fastopen.h, cookie_echo.h */
        struct tcp_listener *listener; /* that counts this child; NULL: none does */
        tcp_seq syn_data_end; /* of data on a SYN that was thrown away, and is sent again */
        uint8_t kind, n;      /* what the next segments carry; kind 0: nothing */
        uint8_t cookie[FASTOPEN_MAX];
        bool is_child;     /* opened by a SYN with a right cookie */
        bool asked;        /* our SYN brought a cookie or asked for one */
        bool experimental; /* ... by the option before RFC 7413's */
        bool deferred;     /* connect() has been called, the SYN waits for data */
        bool told;         /* TCP_EV_CONNECTED came before ESTABLISHED */
        bool syn_data;     /* a SYN carried data, ours or the peer's */
        bool data_acked;   /* ... and all of it was acknowledged with the SYN */
        bool again;        /* ... or not, and is sent again */
    } fo;
};

/* How large the peer's segments are, as Linux guesses: RFC 9293 MUST-15's 536 at first. */
static inline uint32_t tcp_rcv_mss(const struct tcp *t)
{
    return t->rcv.mss_seen > 536 ? t->rcv.mss_seen : 536;
}

/* A segment that has arrived, as the steps see it. Borrows p. */
struct segment {
    struct packet *p;
    tcp_seq seq, ack;
    uint32_t len; /* SEG.LEN: payload + SYN + FIN */
    uint32_t wnd;
    uint16_t flags;
    bool whole; /* also what lies beyond the window is taken: seq_validation of Linux */
    struct tcp_options opt;
};

struct tcp_listener {
    struct tcp_stack *stack;
    struct tcp_listener *next, *port_next; /* of the stack; of the port */
    struct tcp_user *user;
    struct tcp_hold hold;
    int backlog;
    int n_half_open, n_queued; /* connections in SYN-RECEIVED; waiting for accept */
    struct tcp *queue_head, *queue_tail;
    /* The SYN queue: synq.h. Embryos with data are half-open, too, and not in it. */
    const struct tcp_synq_policy *synq;
    uint32_t oldest, newest; /* requests by age */
    int n_children;          /* of Fast Open, in SYN-RECEIVED and in the accept queue */
    int n_young;             /* whose first timeout is to come */
    sim_time cookie_at;      /* when the last cookie was sent; SIM_NEVER: none */
    uint32_t *requests;      /* the policy's own: synq_policy.c */
    uint32_t n_requests, cap_requests, bucket_limit;
    uint64_t secret;
};

struct tcp_stack {
    struct sim *sim;
    uint32_t host; /* subject */
    ip_addr addr;
    struct tcp_params params;
    const struct tcp_handshake *hs;
    const struct tcp_isn *isn;
    const struct tcp_cc *cc;
    const struct tcp_ack_rule *ack_rule;
    const struct tcp_time_wait *time_wait;
    const struct tcp_icmp_rule *icmp;
    struct tcp_injection *injections;
    struct tcp_rules rules;
    struct tcp_sockopts sockopts; /* what connections begin with */
    const struct tcp_option_layout *layout;
    uint8_t rcv_shift; /* to offer: the least for rcvbuf and rcvbuf_max */
    struct rng isn_rng;
    void (*output)(void *ctx, struct packet *p);
    void *ctx;
    struct tcp_network network;
    struct tcp_table table; /* endpoints and entries */
    struct tcp *all;        /* endpoints */
    struct pool endpoint_pool;
    struct tcp_shared_sockopts *latest; /* that a connection was given; NULL: none yet */
    struct pool tw_pool;
    struct tcp_line *tw_lines; /* one a value of 2 MSL */
    struct pool request_pool;
    struct tcp_line *syn_lines; /* one a back-off of the SYN-ACK */
    struct tcp_peers peers;     /* proven ones */
    struct tcp_paths paths;     /* narrower than the first link: pmtu.h */
    struct rng synq_rng;
    uint64_t cookie_secret[2];
    uint64_t isn_key[2], echo_key[2];
    struct tcp_fastopen fastopen;
    struct tcp_challenges challenges;
    struct tcp_listener *listeners;
    int64_t n_orphans;      /* let go and not over: give_up.h */
    bool blocked;           /* the host's own queue takes nothing */
    int64_t n_icmp_outside; /* ICMP messages about what is not in flight: RFC 5927 §4.1 */
    struct tcp_ports ports;
    struct tcp_account nobody; /* for segments and connections without an application */
};

/* ---- stack.c */
/* A segment for t, through to the end of its event. */
void tcp_input_endpoint(struct tcp *t, struct segment *g);
/* state: CLOSED for an active open, LISTEN for a passive one. */
struct tcp *tcp_new(struct tcp_stack *s, struct tcp_addr local, struct tcp_addr remote,
                    bool port_given, enum tcp_state state, const struct tcp_user *user);
/* The three parts of tcp_new. What every endpoint begins with; t is zeroed. user: whose socket
 * options it has, NULL: the parameters'. */
void tcp_endpoint_init(struct tcp *t, struct tcp_stack *s, struct tcp_addr local,
                       struct tcp_addr remote, const struct tcp_user *user);
/* A connection of user: its number, ISN and account. */
void tcp_begin(struct tcp *t, enum tcp_state state, const struct tcp_user *user);
/* A place among the others: the table, the list, a timer. */
void tcp_settle_in(struct tcp *t);
/* The whole endpoint with these ends, or NULL. */
struct tcp *tcp_lookup(const struct tcp_stack *s, struct tcp_addr local,
                       struct tcp_addr remote);
void tcp_unhash(struct tcp *t);
/* Gives the memory back when the connection is CLOSED, let go and no call is under way in it;
 * in TIME-WAIT it becomes an entry. */
void tcp_maybe_free(struct tcp *t);
void tcp_free(struct tcp *t);
/* Memory for an endpoint, zeroed; and back, when there is nothing in it. */
struct tcp *tcp_endpoint_take(struct tcp_stack *s);
void tcp_endpoint_give(struct tcp *t);
/* A listener, in the books; hold has HOLD_LISTENS. backlog <= 0: the parameter's. */
struct tcp_listener *tcp_listener_new(struct tcp_stack *s, struct tcp_hold hold, int backlog,
                                      struct tcp_user *user);
/* Enters the established connection in the accept queue of its listener. */
void tcp_enqueue_accept(struct tcp *t);
/* A connection that never reached the accept queue goes. */
void tcp_leave_listener(struct tcp *t);

/* ---- socket.c */
/* An active open: where from, to where, with which options, and how the port is chosen. */
struct tcp_opening {
    struct tcp_addr from; /* ip 0.0.0.0: as the route has it; port 0: an ephemeral one */
    struct tcp_addr to;
    bool bound; /* bind() has given the port */
};
int tcp_open(struct tcp_stack *s, const struct tcp_opening *o, struct tcp_user *user,
             struct tcp **out);
int64_t tcp_open_send(struct tcp_stack *s, const struct tcp_opening *o, struct tcp_user *user,
                      int64_t bytes, struct tcp **out);

/* ---- socket.c */
/* Whether tcp_abort sends a reset. */
bool tcp_abort_tells(const struct tcp *t);

/* ---- sockopt.c */
/* t has borrowed its options: from now on it shares what is equal to them. */
void tcp_sockopts_share(struct tcp *t);
/* They are t's alone, and may be changed. */
struct tcp_sockopts *tcp_sockopts_own(struct tcp *t);
/* t has them no more. */
void tcp_sockopts_drop(struct tcp *t);

/* ---- state.c */
struct tcp_state_row {
    const char *name;           /* RFC 9293 §3.3.2 */
    bool may_send, may_receive; /* data of the application; data of the peer */
    bool synchronized;          /* both ISNs are known, RFC 9293 §3.3.2 */
    uint16_t next;              /* set of 1 << allowed successors */
};
extern const struct tcp_state_row tcp_states[TCP_N_STATES];
extern const struct rec_type REC_TYPE_CONN, REC_TYPE_TRANSITION;
/* The only place that changes a state: asserts the transition, records it, runs the entry
 * action once. */
void tcp_set_state(struct tcp *t, enum tcp_state to, const char *cause);
/* CLOSED with an error for the application (errno; 0: the ordinary end). */
void tcp_finish(struct tcp *t, int error, const char *cause);
/* The same for want of an answer: ETIMEDOUT, or what ICMP has said. */
void tcp_give_up(struct tcp *t, const char *cause);
/* Counts the connection for its account and records it. */
void tcp_announce(struct tcp *t);
void tcp_record_listener(const struct tcp_listener *l, const char *cause);
void tcp_count_sent(struct tcp *t, const struct packet *p);
void tcp_count_received(struct tcp *t, const struct packet *p);

/* ---- open.c */
void tcp_input_closed(struct tcp_stack *s, const struct segment *g);
/* above: the ISN of a connection that this one follows at once must lie beyond it (RFC 9293
 * MAY-2); NULL: any. */
void tcp_input_listen(struct tcp_listener *l, const struct segment *g, const tcp_seq *above);
void tcp_input_syn_sent(struct tcp *t, const struct segment *g);
void tcp_established(struct tcp *t, const char *cause);
void tcp_syn_acked(struct tcp *t, const struct segment *g); /* g->ack covers our SYN */
void tcp_learn_syn(struct tcp *t, const struct segment *g); /* g is the peer's SYN */
void tcp_round_rcvbuf(struct tcp *t); /* the MSS is known: rcvbuf_in_mss */

/* ---- input.c, text.c */
void tcp_input_steps(struct tcp *t, struct segment *g);
void tcp_take_text(struct tcp *t, const struct segment *g);
void tcp_take_ack(struct tcp *t, const struct segment *g); /* SND.UNA goes forward to g->ack */
void tcp_take_fin(struct tcp *t);                          /* when all before it has come */
/* The end of every segment and timer: tells the application, then sends what is to be sent. */
void tcp_settle(struct tcp *t);

/* ---- output.c */
void tcp_output(struct tcp *t); /* new data and FIN, as the windows and Nagle allow */
/* The first SYN of an active open, with data if it may. */
void tcp_send_first_syn(struct tcp *t);
void tcp_send_syn(struct tcp *t); /* SYN alone, or SYN-ACK in SYN-RECEIVED and for two-way */
void tcp_send_synack(struct tcp *t);
/* The ACK with a cookie (cookie_echo.h), and with the data that is queued. */
void tcp_send_echo(struct tcp *t);
void tcp_send_ack(struct tcp *t);
/* <SEQ=SND.NXT><ACK=RCV.NXT><CTL=RST,ACK> */
void tcp_send_reset(struct tcp *t, enum tcp_reset_cause cause);
void tcp_reply_reset(struct tcp_stack *s, struct tcp_account *account, const struct segment *g,
                     enum tcp_reset_cause cause);
void tcp_retransmit(struct tcp *t); /* the earliest unacknowledged segment */
/* Sends again from `at`, which lies in [una, nxt): at most `most` and a segment, and the FIN if
 * it follows. Returns its length; 0 when the window, which shrank, ends before it. */
uint32_t tcp_resend(struct tcp *t, tcp_seq at, uint32_t most);
void tcp_send_probe(struct tcp *t);      /* into a window that is closed or too small */
bool tcp_send_tail_probe(struct tcp *t); /* new data, else the last again: true */
void tcp_send_keepalive(struct tcp *t);
/* TCP_QUICKACK. 1: what waits leaves now; 2: for once; 0: ACKs may wait for an answer. */
void tcp_ack_quickly(struct tcp *t, int64_t quickly);
void tcp_ack_soon(struct tcp *t, enum ack_need need); /* raises the need, never lowers it */
int64_t tcp_initial_window(const struct tcp *t);      /* before the field in a SYN limits it */
uint32_t tcp_syn_window(const struct tcp *t);         /* ... of a SYN or SYN-ACK */
bool tcp_window_opened(struct tcp *t);                /* by enough to tell the peer unasked */
tcp_seq tcp_seq_of(const struct tcp *t, uint64_t offset);

/* ---- said.c */
void tcp_agree(struct tcp *t, const struct segment *g); /* g is the peer's SYN */
void tcp_say(struct tcp *t, struct packet *p); /* puts the options of p, whose flags are set */
/* What this host takes: the parameter, 20 bytes less for IPv6's header, or what the first link
 * on the way has room for. */
int64_t tcp_own_mss(const struct tcp *t);
/* What a peer takes that does not say: RFC 9293 MUST-15. */
uint32_t tcp_default_mss(ip_addr peer);
int64_t
tcp_announced_mss(const struct tcp *t); /* the MSS option: TCP_MAXSEG, or the parameter */
/* ... less what timestamps take of each segment: Linux's advmss. */
int64_t tcp_advised_mss(const struct tcp *t);
/* Most segments of a connection without timestamps have no options. */
static inline bool tcp_is_silent(const struct tcp *t)
{
    const bool blocks = t->agreed.sack && (rcvq_has_gap(&t->rcvq) ||
                                           t->sack.duplicate.left != t->sack.duplicate.right);
    return !t->agreed.timestamps && !blocks && t->fo.kind == 0;
}
uint32_t tcp_mss_beside_options(const struct tcp *t);
/* Payload that fits beside the options. */
static inline uint32_t tcp_send_mss(const struct tcp *t)
{
    return tcp_is_silent(t) ? t->snd.mss : tcp_mss_beside_options(t);
}
/* In SYN-SENT: TSecr is none of the times at which our SYN was sent. */
bool tcp_echoes_no_stamp(const struct tcp *t, const struct segment *g);
/* The round trip that g's echo tells of; SIM_NEVER: none. */
sim_time tcp_echoed_rtt(const struct tcp *t, const struct segment *g);
bool tcp_paws_rejects(const struct tcp *t, const struct segment *g);
void tcp_note_timestamp(struct tcp *t, const struct segment *g);
void tcp_note_arrival(struct tcp *t,
                      uint64_t at); /* out of order: the run around it is told first */
tcp_seq tcp_seq_at(const struct tcp *t, uint64_t position); /* of the receive queue */
void tcp_note_duplicate(struct tcp *t, tcp_seq left, tcp_seq right);

/* ---- recovery.c */
void tcp_look_for_loss(struct tcp *t, const struct segment *g); /* before g->ack is taken */
void tcp_recover_on_ack(struct tcp *t, uint32_t acked);         /* SND.UNA went forward */
void tcp_recover_on_timeout(struct tcp *t);
void tcp_recover_on_mtu(struct tcp *t); /* at once, and no sign of congestion: RFC 1191 §6.4 */
void tcp_repeat_first(struct tcp *t);   /* the segment at SND.UNA */
/* t->board is not NULL: bytes that are in the network, as far as SACK tells. */
uint32_t tcp_pipe(const struct tcp *t);
/* In a recovery with SACK, as far as congestion control allows: what is lost, before new data;
 * what may be, when there is none. RFC 6675 §4, NextSeg(). */
void tcp_repeat_lost(struct tcp *t);
void tcp_repeat_rest(struct tcp *t);

/* ---- tail.c */
/* The retransmission timer would expire at rto_at: when it is to be set to, t->rtx.tail. */
sim_time tcp_tail_at(struct tcp *t, sim_time rto_at);
void tcp_tail_expired(struct tcp *t);
void tcp_tail_on_ack(struct tcp *t, const struct segment *g); /* after SND.UNA went forward */

/* ---- timer.c */
void tcp_rtx_expired(struct tcp *t);
/* The last doubling of the timeout is taken back, RFC 6069 §4.1; what is over of the new one is
 * over. Nothing, if none is left. */
void tcp_rtx_halve(struct tcp *t);
/* An ACK has come while a window probe is due. */
void tcp_persist_on_ack(struct tcp *t);
void tcp_persist_start(struct tcp *t, bool open); /* nothing can leave: probes begin */
void tcp_timer_fired(struct sim *sim, struct timer *timer);
void tcp_timer_set(struct tcp *t, enum tcp_timer which, sim_time at); /* SIM_NEVER: off */
/* Most segments find the timers off that they switch off. */
static inline void tcp_timer_off(struct tcp *t, enum tcp_timer which)
{
    if (__builtin_expect(t->deadline[which] != SIM_NEVER, 0))
        tcp_timer_set(t, which, SIM_NEVER);
}
void tcp_timers_off(struct tcp *t);
void tcp_rtx_start(struct tcp *t); /* (re)starts it when something is outstanding, else stops
                                      it: RFC 6298 §5 */
void tcp_rtx_sent(struct tcp *t);  /* new segments have left */
void tcp_rtt_sample(struct tcp *t, sim_time rtt);
/* g acknowledges what is new, and SND.UNA's account of repeats stands yet: takes a round trip
 * from it. False: it tells none. */
bool tcp_measure(struct tcp *t, const struct segment *g);
void tcp_fin_timeout_start(struct tcp *t); /* in FIN-WAIT-2, once the application has let go */
