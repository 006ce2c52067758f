/* SPDX-License-Identifier: GPL-3.0-or-later
 * rules.h -- the choices among a TCP's parameters, as a segment asks for them.
 *
 * A parameter names its choice (params.h), for people; a segment wants to know yes or no. The
 * names are looked at once, when a stack is configured.
 */
#pragma once
#include <stdbool.h>

struct tcp_params;

struct tcp_rules {
    bool minshall;           /* nagle_rule: the last small segment only is waited for */
    bool variance_has_min;   /* rto_min_bounds: the variance, not the whole RTO */
    bool exact_resets;       /* rst_validation: RFC 5961 §3 */
    bool syns_challenged;    /* syn_validation: RFC 5961 §4 */
    bool old_acks_refused;   /* ack_validation: RFC 5961 §5 */
    bool straight_to_wait;   /* fin_ack_in_fin_wait_1: past FIN-WAIT-2 */
    bool syn_ack_again;      /* repeated_syn */
    bool closed_ports_reset; /* closed_port */
    bool keeps_syn_data;     /* syn_data */
    bool third_goes_alone;   /* handshake_ack */
    bool probes_by_old_ack;  /* window_probe */
    bool gives_up_by_time;   /* retries_rule */
    bool stamps_measure;     /* rtt_timestamps: what was sent again, at least */
    bool stamps_measure_all; /* ... every ACK */
    bool trims;              /* seq_validation: FreeBSD's */
    bool takes_whole;        /* ... Linux's */
    bool synfin_opens_not;   /* drop_synfin: by a listener */
    bool synfin_is_lost;     /* ... and in every state */
    bool crossed_data;       /* crossed_syn_text: data is kept */
    bool crossed_fin;        /* ... and a FIN */
    bool syn_ack_ignored;    /* syn_ack_in_listen */
    bool linux_buffers; /* socket_buffers: SO_RCVBUF counts double, bounds the window's scale */
    bool freebsd_buffers;   /* socket_buffers: ... has a limit that is an error */
    bool unsent_acks_lost;  /* unsent_ack: in ESTABLISHED without an answer */
    bool fin_timeout_linux; /* fin_timeout_rule */
    bool linux_reset_error; /* reset_error */
    bool window_grows;      /* receive_window: Linux's, rcvwnd.h */
};

struct tcp_rules tcp_rules_of(const struct tcp_params *p);
