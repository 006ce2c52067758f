/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/tcp/rules.h"

#include <string.h>

#include "models/tcp/params.h"

static bool is(const char *choice, const char *name)
{
    return strcmp(choice, name) == 0;
}

struct tcp_rules tcp_rules_of(const struct tcp_params *p)
{
    return (struct tcp_rules){
        .minshall = is(p->nagle_rule, "minshall"),
        .variance_has_min = is(p->rto_min_bounds, "variance"),
        .exact_resets = is(p->rst_validation, "rfc5961"),
        .syns_challenged = is(p->syn_validation, "rfc5961"),
        .old_acks_refused = is(p->ack_validation, "rfc5961"),
        .straight_to_wait = is(p->fin_ack_in_fin_wait_1, "time-wait"),
        .syn_ack_again = is(p->repeated_syn, "syn-ack"),
        .closed_ports_reset = is(p->closed_port, "rst"),
        .keeps_syn_data = is(p->syn_data, "keep"),
        .third_goes_alone = is(p->handshake_ack, "alone"),
        .probes_by_old_ack = is(p->window_probe, "old-ack"),
        .gives_up_by_time = is(p->retries_rule, "time"),
        .stamps_measure = !is(p->rtt_timestamps, "none"),
        .stamps_measure_all = is(p->rtt_timestamps, "all"),
        .trims = is(p->seq_validation, "freebsd"),
        .takes_whole = is(p->seq_validation, "linux"),
        .synfin_opens_not = !is(p->drop_synfin, "no"),
        .synfin_is_lost = is(p->drop_synfin, "always"),
        .crossed_data = !is(p->crossed_syn_text, "ignore"),
        .crossed_fin = is(p->crossed_syn_text, "keep"),
        .syn_ack_ignored = is(p->syn_ack_in_listen, "drop"),
        .linux_buffers = is(p->socket_buffers, "linux"),
        .freebsd_buffers = is(p->socket_buffers, "freebsd"),
        .unsent_acks_lost = is(p->unsent_ack, "drop"),
        .fin_timeout_linux = is(p->fin_timeout_rule, "linux"),
        .linux_reset_error = is(p->reset_error, "linux"),
        .window_grows = is(p->receive_window, "linux"),
    };
}
