/* SPDX-License-Identifier: GPL-3.0-or-later
 * ladder_fold.c -- fewer arrows (ladder.h): a stretch in which nothing would be missed becomes
 * one line that says what it stands for.
 */
#include "output/ladder.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "output/memory.h"
#include "output/words.h"
#include "sim/packet.h"

enum { KEEP = 3 }; /* arrows at each end of a folded stretch, so that its rhythm is seen */

/* Nothing would be missed: plain data or a plain acknowledgement that arrives. */
static bool is_dull(const struct arrow *a)
{
    return (a->flags & (TCP_SYN | TCP_FIN | TCP_RST)) == 0 && arrow_look(a) == LOOK_PLAIN &&
           a->end == ARROW_ARRIVES && a->win != 0;
}

static bool is_bare_ack(const struct arrow *a)
{
    return a->len == 0 && (a->flags & (TCP_SYN | TCP_FIN | TCP_RST)) == 0;
}

/* Whether all are what routers passed on. */
static bool are_hops(const struct arrow *arrows, uint32_t n)
{
    uint32_t n_hops = 0;
    for (const struct arrow *a = arrows; a < arrows + n; a++)
        n_hops += a->hop_of >= 0;
    return n_hops == n;
}

/* "… 12 segments 1:14481, 6 ACKs …": how many, and which bytes when one host
 * sent them all. A segment counts once, not on each link, where it sets out. */
static void name_fold(const struct arrow *arrows, uint32_t n, int lang, char *out, size_t size)
{
    int64_t low = INT64_MAX, high = 0;
    uint32_t n_acks = 0, n_segments = 0;
    bool one_sender = true;
    const bool hops_only = are_hops(arrows, n);
    const struct arrow *first = NULL;
    for (const struct arrow *a = arrows; a < arrows + n; a++) {
        if (a->hop_of >= 0 && !hops_only)
            continue;
        n_acks += is_bare_ack(a);
        n_segments += !is_bare_ack(a);
        if (a->len == 0)
            continue;
        first = first == NULL ? a : first;
        one_sender = one_sender && a->from == first->from;
        low = a->rel_seq < low ? a->rel_seq : low;
        high = a->rel_seq + a->len > high ? a->rel_seq + a->len : high;
    }
    char data[64] = "", range[64] = "", acks[64] = "";
    if (first != NULL && one_sender)
        snprintf(range, sizeof(range), " %" PRId64 ":%" PRId64, low, high);
    if (n_segments > 0)
        snprintf(data, sizeof(data), " %u %s", n_segments,
                 word_in(lang, n_segments == 1 ? WORD_SEGMENT : WORD_SEGMENTS));
    if (n_acks > 0)
        snprintf(acks, sizeof(acks), "%s %u %s", n_segments > 0 ? "," : "", n_acks,
                 word_in(lang, n_acks == 1 ? WORD_ACK : WORD_ACKS));
    snprintf(out, size, "…%s%s%s …", data, range, acks);
}

/* When all that was sent before arrow `upto` has arrived; what is late of its nature is not
 * waited for. */
struct clearance {
    uint32_t upto;
    sim_time at;
};

static sim_time clear_at(struct clearance *clear, const struct ladder_column *c, uint32_t upto)
{
    for (; clear->upto < upto; clear->upto++) {
        const struct arrow *a = &c->arrows[clear->upto];
        if (a->end_at != SIM_NEVER && a->held_at == SIM_NEVER && !a->is_delayed && !a->is_copy)
            clear->at = time_max(clear->at, a->end_at);
    }
    return time_max(clear->at, c->arrows[upto].sent_at);
}

/* Only when the fold comes between what stays before and what stays behind: arrows must not run
 * through it. */
static uint32_t fold_stretch(struct ladder_column *c, struct clearance *clear, uint32_t first,
                             uint32_t n, bool *gone, int lang)
{
    const sim_time at = clear_at(clear, c, first);
    if (first + n < c->n_arrows && c->arrows[first + n].sent_at <= at)
        return 0;
    c->folds = mem_grow(c->folds, &c->cap_folds, c->n_folds + 1, sizeof(*c->folds));
    struct fold *f = &c->folds[c->n_folds++];
    *f = (struct fold){.at = at};
    name_fold(&c->arrows[first], n, lang, f->text, sizeof(f->text));
    memset(gone + first, true, n * sizeof(*gone));
    return n;
}

/* Marks the insides of dull stretches, each but its ends. Returns how many arrows go. */
static uint32_t fold_dull(struct ladder_column *c, bool *gone, int lang)
{
    uint32_t n_gone = 0;
    struct clearance clear = {0};
    for (uint32_t i = 0; i < c->n_arrows;) {
        uint32_t n = 0;
        while (i + n < c->n_arrows && is_dull(&c->arrows[i + n]))
            n++;
        if (n > 2 * KEEP + 1)
            n_gone += fold_stretch(c, &clear, i + KEEP, n - 2 * KEEP, gone, lang);
        i += n > 0 ? n : 1;
    }
    return n_gone;
}

static bool leaves_beside(const struct arrow *a, const struct arrow *b)
{
    return is_dull(a) && is_dull(b) && a->from == b->from && a->to == b->to &&
           a->sent_at == b->sent_at && a->end_at == b->end_at && (a->len > 0) == (b->len > 0);
}

/* Of many that leave together and arrive together the first and the last stay; one arrow
 * between stands for the rest. */
static void bundle(struct ladder_column *c, bool *gone, int lang)
{
    for (uint32_t i = 0; i < c->n_arrows;) {
        uint32_t n = 1;
        while (i + n < c->n_arrows && !gone[i] && !gone[i + n] &&
               leaves_beside(&c->arrows[i], &c->arrows[i + n]))
            n++;
        if (n > KEEP + 1) {
            struct arrow *rest = &c->arrows[i + 1];
            name_fold(rest, n - 2, lang, rest->text, sizeof(rest->text));
            memset(gone + i + 2, true, (n - 3) * sizeof(*gone));
        }
        i += n;
    }
}

static void sweep(struct ladder_column *c, const bool *gone)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < c->n_arrows; i++)
        if (!gone[i])
            c->arrows[n++] = c->arrows[i];
    c->n_arrows = n;
}

/* States that were entered while nothing is drawn would stand alone in an empty stretch,
 * thousands of them. */
static void drop_states(struct ladder_column *c, sim_time after, sim_time before)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < c->n_states; i++)
        if (c->states[i].at <= after || c->states[i].at >= before)
            c->states[n++] = c->states[i];
    c->n_states = n;
}

void ladder_fold(struct ladder_column *c, uint32_t max, int lang)
{
    if (c->n_arrows <= max)
        return;
    bool *gone = mem_zeroed(c->n_arrows, sizeof(*gone));
    const uint32_t left = c->n_arrows - fold_dull(c, gone, lang);
    if (left > max + max / 2) { /* too eventful to be told: the beginning and the end */
        const uint32_t first = max / 2, n = c->n_arrows - first - max / 4;
        memset(gone, false, c->n_arrows * sizeof(*gone));
        c->n_folds = 0;
        if (fold_stretch(c, &(struct clearance){0}, first, n, gone, lang) > 0)
            drop_states(c, c->folds[0].at, c->arrows[first + n].sent_at);
    }
    bundle(c, gone, lang);
    sweep(c, gone);
    free(gone);
}
