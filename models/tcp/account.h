/* SPDX-License-Identifier: GPL-3.0-or-later
 * account.h -- what the connections of one application did: the counters behind its TCP
 * metrics.
 *
 * The endpoint writes here and knows nothing of applications; an application owns one account
 * and its metric rows. Instants are from the start of the run, SIM_NEVER: has not happened.
 * "First" is the account's first connection.
 */
#pragma once
#include "sim/level.h"
#include "sim/schema.h"

enum { TCP_N_STATES = 11, ACCOUNT_PATH = 24 };

/* Someone waits for a connection of this account to enter a state. fired is called at each
 * entry. */
struct tcp_watch {
    struct tcp_watch *next;
    uint8_t state; /* enum tcp_state */
    void (*fired)(struct tcp_watch *w);
    uint32_t conn; /* whose entry it is, for fired */
};

/* Why a reset was sent. */
enum tcp_reset_cause {
    RESET_NO_CONNECTION, /* RFC 9293 §3.10.7.1; §3.10.7.2, an ACK in LISTEN */
    RESET_BAD_ACK,       /* of what was not sent, in SYN-SENT or SYN-RECEIVED: §3.10.7.3, .4 */
    RESET_ABORT,         /* the application's: abort(), SO_LINGER 0 */
    RESET_UNREAD,        /* close() with unread data: RFC 2525 §2.17 */
    RESET_LATE_DATA,     /* data after close(): RFC 9293 SHLD-3 */
    RESET_SYN,           /* a SYN in the window, where RFC 793 validates */
    RESET_TIMEOUT,       /* no answer to keepalive */
    RESET_OVERFLOW,      /* the accept queue is full: abort_on_overflow */
    RESET_ORPHAN,        /* TCP_LINGER2, max_orphans */
    TCP_N_RESET_CAUSES,
};

/* What became of a reset that came; the others, outside the window or to deaf ears, changed
 * nothing. */
enum tcp_reset_fate {
    RESET_REFUSES,    /* ended SYN-SENT */
    RESET_HALF_OPEN,  /* ended SYN-RECEIVED */
    RESET_ENDS,       /* ended a connection between ESTABLISHED and LAST-ACK */
    RESET_TIME_WAIT,  /* ended TIME-WAIT: RFC 1337 */
    RESET_CHALLENGED, /* in the window, and not the number expected: RFC 5961 §3 */
    TCP_N_RESET_FATES,
};

/* In which form a connection is kept; it weighs `request_bytes`, `time_wait_bytes` or
 * `endpoint_bytes` of its host's parameters. */
enum tcp_form { FORM_REQUEST, FORM_TIME_WAIT, FORM_ENDPOINT, TCP_N_FORMS };

struct tcp;
struct tcp_params;

struct tcp_account {
    uint32_t subject; /* the application; 0: none */
    struct tcp_watch *watches;
    int64_t n_opened; /* connections made, either side */
    int64_t n_established, n_closed, n_reset, n_refused, n_timed_out, n_icmp_ends;
    int64_t n_cookies_sent, n_cookies_received; /* received: valid ones */
    int64_t n_challenges, n_challenges_skipped; /* RFC 5961 §7 */
    sim_time established_at;                    /* first connection */
    sim_time closed_at;                         /* first connection: CLOSED again */
    uint32_t first_conn;                        /* its number; 0: none yet */
    const struct tcp *first;    /* it, from ESTABLISHED on; NULL: not yet, or gone */
    uint8_t path[ACCOUNT_PATH]; /* states entered by the first connection, in order */
    uint8_t n_path;
    struct level in_state[TCP_N_STATES]; /* all connections */
    struct level entries[FORM_ENDPOINT]; /* of SYN-RECEIVED and TIME-WAIT those that are no
                                            endpoints */
    const struct tcp_params *params;     /* of its host; NULL: it had no connection yet */
    struct level ghosts; /* connections that reached ESTABLISHED for a SYN whose sender had no
                            such connection */
    int64_t n_ghosts;
    sim_time
        completed_half_open; /* sum of the times in SYN-RECEIVED that ended in ESTABLISHED */
    sim_time counts_from;    /* the end of the warm-up; 0: there is none */
    int64_t segments_sent, segments_received, retransmissions, resets_sent, resets_received;
    int64_t resets_by[TCP_N_RESET_CAUSES];  /* of resets_sent */
    int64_t resets_that[TCP_N_RESET_FATES]; /* of resets_received */
    int64_t closing_segments; /* sent or received from the connection's first FIN on, both
                                 included */
    int64_t n_injected_ends, injected_bytes; /* by segments with packet.injected_by */
    int64_t bytes_sent,
        bytes_delivered; /* payload: first transmissions; handed to the application */
    int64_t isn_local, isn_remote, window_local, window_remote, mss_local,
        mss_remote;       /* first connection; -1: none */
    int64_t isn_acked_by; /* first connection: the ACK that answered its SYN, relative to its
                             ISN; -1: none */
};
void tcp_account_init(struct tcp_account *a, uint32_t subject);

/* The warm-up is over: counts and integrals begin anew, with the connections that there are.
 * Instants stay, and so does what is said of the first connection. */
void tcp_account_warm_up(struct tcp_account *a, sim_time now);

/* Metrics of any application with an account; offsets are from the start of struct tcp_account:
 * states, established_at, closed_at, dwell_syn_received ..., mean_syn_received ...,
 * max_syn_received ..., ghosts, ghost_time, half_open_time, segments_sent, memory, ... */
extern const struct metric TCP_METRICS[];
