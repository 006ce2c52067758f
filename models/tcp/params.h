/* SPDX-License-Identifier: GPL-3.0-or-later
 * params.h -- a TCP's parameters, named as Linux names its sysctls and socket options; profiles
 * are rows of values.
 *
 * default < profile < config. One table serves profiles, YAML and packet scripts.
 */
#pragma once
#include "sim/schema.h"

/* Keys of Fast Open's cookies, two words each: the first makes them, all are good. */
enum { FASTOPEN_KEYS_MAX = 2 };
struct tcp_fastopen_keys {
    int n;
    uint64_t words[2 * FASTOPEN_KEYS_MAX];
};

struct tcp_params {
    const char *profile;
    const char *handshake;             /* registry name; see handshake.h */
    const char *isn;                   /* registry name; see isn.h */
    const char *congestion_control;    /* registry name; see cc.h */
    const char *closed_port;           /* "rst" or "drop" */
    const char *fin_ack_in_fin_wait_1; /* "fin-wait-2" or "time-wait" */
    const char *window_probe;          /* "octet" or "old-ack" */
    sim_time persmin, persmax;         /* persmin 0: as the retransmission timeout */
    const char *time_wait;             /* registry name; see time_wait.h */
    const char *ack_rule;              /* registry name; see ack.h */
    const char *handshake_ack;         /* "with-data" or "alone" */
    const char *syn_data;              /* "keep" or "ignore" */
    const char *crossed_syn_text;      /* "keep", "no-fin" or "ignore" */
    const char *syn_ack_in_listen;     /* "rst" or "drop" */
    const char *reset_error;           /* "rfc9293" or "linux" */
    const char *seq_validation;        /* "rfc9293", "freebsd" or "linux" */
    const char *rto_min_bounds;        /* "rto" or "variance" */
    const char *rst_validation, *syn_validation, *ack_validation; /* "rfc5961" or "rfc793" */
    const char *unsent_ack;                                       /* "ack" or "drop" */
    const char *option_layout; /* registry name; see options.h */
    bool window_scaling, timestamps, sack, dsack;
    int64_t ecn;        /* 0: none; 1: asked for; 2: granted: see ecn.h */
    bool window_in_mss; /* windows of SYNs are whole multiples of the MSS */
    int64_t rcvbuf_max; /* bytes; with rcvbuf decides window scaling */
    sim_time msl;
    int64_t hz; /* ticks a second: wheel.h; 0: timers are exact */
    sim_time uptime;
    sim_time rto_initial, rto_min, rto_max, rto_slop;
    sim_time timeout_min; /* SIM_NEVER: none */
    int64_t syn_retries, synack_retries, retries2,
        orphan_retries; /* repeats before giving up */
    int64_t syn_linear_timeouts, retries1;
    const char *retries_rule;   /* "count" or "time" */
    const char *rtt_timestamps; /* "none", "repeats" or "all" */
    bool keepalive;             /* SO_KEEPALIVE, of every connection */
    sim_time keepalive_time, keepalive_intvl;
    int64_t keepalive_probes;
    sim_time user_timeout;   /* 0: none */
    int64_t max_orphans;     /* 0: no limit */
    sim_time delack;         /* 0: an ACK at once */
    int64_t delack_segments; /* >= 1 */
    const char *drop_synfin; /* "no", "listen" or "always" */
    bool slow_start_after_idle, cwnd_by_delivery;
    int64_t early_retrans;                            /* 3 and more: tail loss probes */
    sim_time fin_timeout;                             /* SIM_NEVER: none */
    const char *fin_timeout_rule;                     /* "exact" or "linux" */
    int64_t init_cwnd, slow_start_segments, tso_segs; /* segments */
    bool nagle;
    const char *nagle_rule;     /* "rfc896" or "minshall" */
    int64_t mss;                /* bytes */
    int64_t rcvbuf, sndbuf;     /* bytes of payload */
    bool rcvbuf_in_mss;         /* rounded up to whole segments */
    const char *receive_window; /* "buffer" or "linux" */
    bool moderate_rcvbuf;       /* ... and then its buffer grows up to rcvbuf_max */
    sim_time keepinit;          /* 0: the retries alone end an opening */
    const char *socket_buffers; /* "payload", "linux" or "freebsd" */
    int64_t syn_window;         /* bytes; 0: the receive buffer */
    int64_t port_min, port_max;
    const char *port_selection; /* registry name; see ports.h */
    int64_t backlog;
    int64_t max_tw_buckets; /* 0: no limit */
    int64_t tw_reuse;       /* 0: never; 1: by connect(); 2: on loopback */
    sim_time tw_reuse_delay;
    bool rfc1337;                       /* no reset ends TIME-WAIT */
    bool reset_time_wait;               /* who resets by a call stays in TIME-WAIT */
    const char *syn_queue;              /* registry name; see synq.h */
    const char *repeated_syn;           /* "ack" or "syn-ack" */
    int64_t max_syn_backlog, somaxconn; /* 0: one backlog for both queues */
    int64_t syncookies;                 /* 0: none; 1: when the queue is full; 2: always */
    bool syn_pruning, abort_on_overflow;
    sim_time defer_accept; /* 0: none */
    int64_t syn_cache_buckets, syn_cache_limit;
    int64_t fastopen, fastopen_qlen;
    sim_time fastopen_path_disable_time; /* 0: Linux's way */
    sim_time cookie_life;
    int64_t challenge_ack_limit; /* a second; 0: no limit */
    sim_time invalid_ratelimit;  /* 0: no limit */
    const char *icmp_errors;     /* registry name; see icmp.h */
    bool icmp_may_rst;           /* ... freebsd: refusals end what opens */
    bool mtu_discovery;          /* see pmtu.h */
    sim_time mtu_expires;
    int64_t min_pmtu;                               /* bytes; of IPv4 */
    int64_t mtu_probing, base_mss, mtu_probe_floor; /* 0: none; 1: of black holes */
    int64_t coalesced_mss; /* of a packet script: arriving segments are made of such; 0:
                              each is one */
    struct tcp_fastopen_keys fastopen_keys; /* of a packet script; none: the host draws one */
    /* memory: account.h */
    int64_t request_bytes, time_wait_bytes, endpoint_bytes;
};
extern const struct key TCP_KEYS[]; /* ends with {0}; "profile" comes first */

struct tcp_profile_row {
    const char *key, *value;
};
struct tcp_profile {
    const char *name, *help;
    const struct tcp_profile_row *rows; /* ends with {NULL} */
};
extern const struct tcp_profile TCP_PROFILES[]; /* ends with {NULL} */

/* Fills p with the defaults and then the named profile's rows. -1: no such profile. */
int tcp_params_init(struct tcp_params *p, const char *profile);
