/* SPDX-License-Identifier: GPL-3.0-or-later
 * tail.c -- the tail loss probe: RFC 8985 §7.
 *
 *   last segment        +--- PTO = 2 SRTT ----> probe ---- RTO ----> timeout, as ever
 *        |--------------+
 *
 * The end of a flight has nobody behind it whose SACK could tell that it was lost. A probe
 * after two round trips makes the peer say something, without the price of a timeout. It shares
 * the retransmission timer, so at most one of the two is pending.
 *
 * Not modelled: the probe's part in RACK (RFC 8985 §7.4.1: what it brings to light is looked
 * after by RFC 6675).
 */
#include "models/tcp/endpoint.h"

enum { TLP = 3 }; /* of tcp_early_retrans */

/* RFC 8985 §7.2: SACK, no recovery, no SACKed holes; one probe at a time (§7.3). */
static bool may_probe(const struct tcp *t)
{
    return t->agreed.sack && !t->rtx.fast && !t->rtx.recovering && !t->rtx.tail_out &&
           t->rtx.srtt > 0 && t->rtx.n_repeats == 0 && !seq_eq(t->snd.una, t->iss) &&
           (t->board == NULL || t->board->bytes == 0);
}

/* RFC 8985 §7.2, TLP_calc_PTO(). The peer may delay its ACK of a lone segment. */
static sim_time probe_wait(const struct tcp *t)
{
    const bool alone = !seq_lt(t->snd.una, t->snd.last);
    return 2 * t->rtx.srtt + (alone ? t->stack->params.rto_min : 0);
}

sim_time tcp_tail_at(struct tcp *t, sim_time rto_at)
{
    t->rtx.tail = t->stack->params.early_retrans >= TLP && rto_at != SIM_NEVER && may_probe(t);
    if (!t->rtx.tail)
        return rto_at;
    return time_min(rto_at, time_add(t->stack->sim->now, probe_wait(t)));
}

void tcp_tail_expired(struct tcp *t)
{
    t->rtx.tail = false;
    t->rtx.tail_again = tcp_send_tail_probe(t);
    t->rtx.tail_out = true;
    t->rtx.tail_end = t->snd.nxt;
    tcp_rtx_start(t);
}

/* The probe was a duplicate: the segment itself has come, too. */
static bool tells_of_duplicate(const struct tcp *t, const struct segment *g)
{
    return g->opt.n_sack > 0 && g->opt.sack[0].right == t->rtx.tail_end.v &&
           seq_leq(seq(g->opt.sack[0].right), g->ack);
}

/* RFC 8985 §7.4.2: an ACK beyond the probe's end with no word of a duplicate means that the
 * probe has repaired a loss, which congestion control must hear of. */
void tcp_tail_on_ack(struct tcp *t, const struct segment *g)
{
    if (!t->rtx.tail_out || seq_lt(g->ack, t->rtx.tail_end))
        return;
    const bool beyond = seq_lt(t->rtx.tail_end, g->ack);
    const bool arrived = !t->rtx.tail_again || tells_of_duplicate(t, g);
    t->rtx.tail_out = !arrived && !beyond;
    if (beyond && !arrived && t->cc->on_tail_loss != NULL)
        t->cc->on_tail_loss(t);
}
