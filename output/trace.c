/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Packets have numbers in the order of birth, and are sent when they are born. So a packet
 * enters the network where a number is sent that is above all before; only copies that a link
 * made have been born without being sent. That is why nothing has to be remembered of packets
 * that are not on their way.
 */
#include "output/trace.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "output/memory.h"
#include "output/trace_filter.h"

enum { BUCKETS = 2 * TRACE_WAITING, NOBODY = -1 };

struct waiting {
    struct trace_packet p;
    bool is_settled;     /* its way is over, or the part of it that is looked at */
    uint64_t settled_by; /* number of the row: the next may still be about it */
    int next;            /* in its bucket */
};

struct names {
    char **items;
    uint32_t n, cap;
};

struct trace {
    const struct trace_options *o;
    struct trace_sink *sink;
    struct trace_filter filter;
    struct names hosts, links;
    uint32_t last; /* the highest number of a packet so far */
    uint64_t n_rows;
    bool is_over;
    struct waiting *ring; /* [TRACE_WAITING], from `first` on */
    int first, n;
    int buckets[BUCKETS];
};

struct trace *trace_new(const struct trace_options *options, struct trace_sink *sink,
                        struct err *e)
{
    struct trace *t = mem_zeroed(1, sizeof(*t));
    t->o = options;
    t->sink = sink;
    t->ring = mem_zeroed(TRACE_WAITING, sizeof(*t->ring));
    for (int i = 0; i < BUCKETS; i++)
        t->buckets[i] = NOBODY;
    if (trace_filter_read(&t->filter, options->filter, options->n_filter, e) == 0)
        return t;
    trace_free(t);
    return NULL;
}

/* ---- names */

static void add_name(struct names *names, const char *name)
{
    names->items = mem_grow(names->items, &names->cap, names->n + 1, sizeof(*names->items));
    names->items[names->n++] = mem_text(name);
}

void trace_add(struct trace *t, const char *kind, const char *name)
{
    if (strcmp(kind, "host") == 0)
        add_name(&t->hosts, name);
    else if (strcmp(kind, "link") == 0)
        add_name(&t->links, name);
}

static bool has_name(const struct names *names, const char *name)
{
    for (uint32_t i = 0; i < names->n; i++)
        if (strcmp(names->items[i], name) == 0)
            return true;
    return false;
}

static int check_name(const struct names *names, const char *what, const char *name,
                      struct err *e)
{
    if (name == NULL || has_name(names, name))
        return 0;
    const char *meant = nearest_name(name, (const char *const *)names->items, names->n);
    err_set(e, NULL, "there is no %s '%s'", what, name);
    if (meant != NULL || names->n > 0)
        err_hint(e, meant != NULL ? "did you mean '%s'?" : "the first is '%s'",
                 meant != NULL ? meant : names->items[0]);
    return -1;
}

int trace_ready(const struct trace *t, struct err *e)
{
    return check_name(&t->hosts, "host", t->o->host, e) != 0 ||
                   check_name(&t->links, "link", t->o->link, e) != 0
               ? -1
               : 0;
}

/* Whether `link` is a way from (to) the host of this name: a->b. */
static bool leaves(const char *link, const char *host)
{
    const size_t n = strlen(host);
    return strncmp(link, host, n) == 0 && strncmp(link + n, "->", 2) == 0;
}

static bool leads_to(const char *link, const char *host)
{
    const char *arrow = strstr(link, "->");
    return arrow != NULL && strcmp(arrow + 2, host) == 0;
}

static bool leads_to_a_host(const struct trace *t, const char *link)
{
    const char *arrow = strstr(link, "->");
    return arrow != NULL && has_name(&t->hosts, arrow + 2);
}

/* ---- those that wait */

static int bucket_of(uint32_t number)
{
    return (int)(number % BUCKETS);
}

static struct waiting *find(const struct trace *t, uint32_t number)
{
    for (int i = t->buckets[bucket_of(number)]; i != NOBODY; i = t->ring[i].next)
        if (t->ring[i].p.number == number)
            return &t->ring[i];
    return NULL;
}

static void tell_first(struct trace *t)
{
    struct waiting *w = &t->ring[t->first];
    int *at = &t->buckets[bucket_of(w->p.number)];
    while (*at != t->first)
        at = &t->ring[*at].next;
    *at = w->next;
    t->first = (t->first + 1) % TRACE_WAITING;
    t->n--;
    t->sink->packet(t->sink, &w->p);
}

/* In the order in which they were seen, up to the first whose fate is open. */
static void tell_settled(struct trace *t)
{
    while (t->n > 0 && t->ring[t->first].is_settled && t->ring[t->first].settled_by < t->n_rows)
        tell_first(t);
}

static void fill(struct trace_packet *p, const struct trace_row *row)
{
    p->at = row->at;
    p->number = row->packet;
    p->proto = row->proto;
    p->ttl = row->ttl;
    p->flags = row->flags;
    p->seq = row->seq;
    p->ack = row->ack;
    p->len = row->len;
    p->win = row->win;
    p->sport = row->sport;
    p->dport = row->dport;
    p->bytes = row->bytes;
    snprintf(p->src, sizeof(p->src), "%s", row->src);
    snprintf(p->dst, sizeof(p->dst), "%s", row->dst);
    p->options_len =
        row->options_len < sizeof(p->options) ? row->options_len : sizeof(p->options);
    if (p->options_len > 0)
        memcpy(p->options, row->options, p->options_len);
}

static void __attribute__((format(printf, 2, 3)))
note(struct waiting *w, const char *format, ...)
{
    char *text = w->p.note;
    size_t n = strlen(text);
    if (n > 0 && n < sizeof(w->p.note))
        n += (size_t)snprintf(text + n, sizeof(w->p.note) - n, ", ");
    if (n >= sizeof(w->p.note))
        return;
    va_list args;
    va_start(args, format);
    vsnprintf(text + n, sizeof(w->p.note) - n, format, args);
    va_end(args);
}

static void see(struct trace *t, const struct trace_row *row)
{
    if (t->n == TRACE_WAITING)
        tell_first(t);
    const int i = (t->first + t->n++) % TRACE_WAITING;
    struct waiting *w = &t->ring[i];
    int *bucket = &t->buckets[bucket_of(row->packet)];
    *w = (struct waiting){.next = *bucket, .is_settled = t->o->is_plain};
    *bucket = i;
    fill(&w->p, row);
    if (!t->o->is_plain && row->injected_by[0] != '\0')
        note(w, "forged by %s", row->injected_by);
}

/* ---- what befell them */

static void on_drop(struct waiting *w, const struct trace_row *row)
{
    if (strcmp(row->cause, "end") == 0)
        note(w, "under way at the end");
    else if (row->cause[0] != '\0')
        note(w, "lost on %s (%s)", row->link, row->cause);
    else
        note(w, "lost on %s", row->link);
}

static void on_corrupt(struct waiting *w, const struct trace_row *row)
{
    w->p.is_corrupt = true;
    note(w, "corrupted on %s", row->link);
}

static void on_hold(struct waiting *w, const struct trace_row *row)
{
    note(w, "held on %s (%s)", row->link, row->cause);
}

static void on_delay(struct waiting *w, const struct trace_row *row)
{
    note(w, "delayed on %s (%s)", row->link, row->cause);
}

static void on_double(struct waiting *w, const struct trace_row *row)
{
    note(w, "doubled on %s", row->link);
}

static const struct {
    const char *event;
    void (*on)(struct waiting *w, const struct trace_row *row);
    bool ends_way, is_of_copy;
} FATES[] = {{"drop", on_drop, true, false},
             {"corrupt", on_corrupt, false, false},
             {"hold", on_hold, false, false},
             {"delay", on_delay, false, false},
             {"dup", on_double, false, true}};

static void tell_fate(struct trace *t, const struct trace_row *row)
{
    for (size_t i = 0; i < ARRAY_LEN(FATES); i++) {
        if (strcmp(row->event, FATES[i].event) != 0)
            continue;
        struct waiting *w = find(t, FATES[i].is_of_copy ? row->parent : row->packet);
        if (w == NULL || (t->o->link != NULL && strcmp(row->link, t->o->link) != 0))
            return;
        FATES[i].on(w, row);
        w->is_settled |= FATES[i].ends_way;
        w->settled_by = t->n_rows;
        return;
    }
}

static void arrive(struct trace *t, const struct trace_row *row)
{
    const bool is_end =
        t->o->link != NULL ? strcmp(row->link, t->o->link) == 0 : leads_to_a_host(t, row->link);
    struct waiting *w = is_end ? find(t, row->packet) : NULL;
    if (w == NULL)
        return;
    w->is_settled = true;
    w->settled_by = t->n_rows;
}

/* Whether the row is the moment in which somebody at the chosen place sees its packet. */
static bool is_seen(const struct trace *t, const struct trace_row *row, bool is_send,
                    bool enters)
{
    if (t->o->link != NULL)
        return is_send && strcmp(row->link, t->o->link) == 0;
    if (t->o->host != NULL)
        return is_send ? leaves(row->link, t->o->host) : leads_to(row->link, t->o->host);
    return is_send && enters;
}

void trace_row(struct trace *t, const struct trace_row *row)
{
    const bool is_send = strcmp(row->event, "send") == 0;
    const bool is_arrival = strcmp(row->event, "recv") == 0;
    const bool enters = row->packet > t->last;
    t->n_rows++;
    if (enters)
        t->last = row->packet;
    if (row->at < t->o->from)
        return;
    if ((is_send || is_arrival) && row->at < t->o->to && is_seen(t, row, is_send, enters) &&
        trace_filter_takes(&t->filter, row))
        see(t, row);
    if (is_arrival)
        arrive(t, row);
    else if (!is_send && !t->o->is_plain)
        tell_fate(t, row);
    tell_settled(t);
    t->is_over = row->at >= t->o->to && t->n == 0;
}

bool trace_is_over(const struct trace *t)
{
    return t->is_over;
}

static void free_names(struct names *names)
{
    for (uint32_t i = 0; i < names->n; i++)
        free(names->items[i]);
    free(names->items);
}

void trace_free(struct trace *t)
{
    if (t == NULL)
        return;
    while (t->n > 0)
        tell_first(t);
    free_names(&t->hosts);
    free_names(&t->links);
    free(t->ring);
    free(t);
}
