/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "experiments/warnings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "experiments/foresee.h"
#include "experiments/tree.h"

/* count: of a run; NULL: n[0] is foreseen, before any run. is_due: of the counts at a point.
 * what stands behind the name, say behind the point. */
struct warning_kind {
    const char *subject, *what;
    void (*count)(const struct net *net, const struct sampler *s, int i, int64_t n[2]);
    bool (*is_due)(const struct experiment *x, const struct tally_row *row, int point);
    void (*say)(const int64_t n[2], char *buf, size_t size);
    int64_t (*foresee)(const struct foresight *f, int i);
    bool is_behind_hosts; /* nothing new where a host has dropped packets for it */
};

static const char *plural(int64_t n)
{
    return n == 1 ? "" : "s";
}

/* Faults: segments that matched; that were acted on. */

static void count_fault(const struct net *net, const struct sampler *s, int i, int64_t n[2])
{
    n[0] += net->faults[i].n_matched;
    n[1] += net->faults[i].n_acted;
}

static bool is_idle(const struct experiment *x, const struct tally_row *row, int point)
{
    return row->n[1] == 0;
}

static void say_matched(const int64_t n[2], char *buf, size_t size)
{
    snprintf(buf, size, "%lld segment%s matched", (long long)n[0], plural(n[0]));
}

/* Routes: packets that took them. */

static void count_route(const struct net *net, const struct sampler *s, int i, int64_t n[2])
{
    n[0] += net->routes[i].n_used;
}

static bool is_unused(const struct experiment *x, const struct tally_row *row, int point)
{
    return row->n[0] == 0;
}

static void say_no_packet(const int64_t n[2], char *buf, size_t size)
{
    snprintf(buf, size, "no packet to its addresses came by while it was there");
}

/* Samples: rows; runs that took any. */

static void count_sampled(const struct net *net, const struct sampler *s, int i, int64_t n[2])
{
    n[0] += s != NULL ? s->items[i].n_rows : 0;
    n[1] += s != NULL;
}

static bool is_empty(const struct experiment *x, const struct tally_row *row, int point)
{
    return row->n[0] == 0 && row->n[1] > 0;
}

static void say_no_value(const int64_t n[2], char *buf, size_t size)
{
    snprintf(buf, size, "what it measures had not happened whenever it was looked at");
}

/* Apps: calls that found no free address; the first errno. */

static void count_taken(const struct net *net, const struct sampler *s, int i, int64_t n[2])
{
    n[0] += net->apps[i]->n_taken;
    n[1] = n[1] != 0 ? n[1] : net->apps[i]->taken_error;
}

/* Whether an expectation about this metric selects the point. */
static bool expects(const struct experiment *x, const char *subject, const char *metric,
                    int point)
{
    for (int i = 0; i < x->n_expects; i++) {
        const struct expect *row = &x->expects[i];
        if (row->selects[point] && strcmp(row->subject, subject) == 0 &&
            strcmp(row->metric, metric) == 0)
            return true;
    }
    return false;
}

/* The same of whatever subject. */
static bool expects_any(const struct experiment *x, const char *metric, int point)
{
    for (int i = 0; i < x->n_expects; i++)
        if (x->expects[i].selects[point] && strcmp(x->expects[i].metric, metric) == 0)
            return true;
    return false;
}

static bool is_taken(const struct experiment *x, const struct tally_row *row, int point)
{
    return row->n[0] > 0 && !expects(x, row->name, "error", point) &&
           !expects(x, row->name, "errors", point);
}

static void say_taken(const int64_t n[2], char *buf, size_t size)
{
    snprintf(buf, size,
             "%lld listen or connect call%s found no free address (%s), and nothing expects it",
             (long long)n[0], plural(n[0]), app_error_name((int)n[1]));
}

/* Hosts: packets that had no way out, unless `routes` has laid its hands on the table. */

static void count_no_route(const struct net *net, const struct sampler *s, int i, int64_t n[2])
{
    const struct host *h = &net->hosts[i];
    n[0] += h->routes.routes == NULL ? h->n_no_route : 0;
}

static bool is_cut_off(const struct experiment *x, const struct tally_row *row, int point)
{
    return row->n[0] > 0 && !expects(x, row->name, "no_route", point);
}

static void say_no_route(const int64_t n[2], char *buf, size_t size)
{
    snprintf(buf, size,
             "%lld packet%s dropped, as no links lead to where they were to go, and nothing "
             "expects it",
             (long long)n[0], plural(n[0]));
}

/* What is foreseen. */

static bool is_foreseen(const struct experiment *x, const struct tally_row *row, int point)
{
    return row->n[0] != 0;
}

static void say_late(const int64_t n[2], char *buf, size_t size)
{
    char at[40];
    snprintf(buf, size, "what it has at %s is after the end of the run",
             unit_format(n[0], UNIT_TIME, at, sizeof(at)));
}

static void say_no_wait(const int64_t n[2], char *buf, size_t size)
{
    snprintf(buf, size,
             "without a `rate` packets leave at once, and its queue is always empty");
}

static bool is_stranded(const struct experiment *x, const struct tally_row *row, int point)
{
    return row->n[0] != 0 && !expects_any(x, "no_route", point);
}

static void say_no_way(const int64_t n[2], char *buf, size_t size)
{
    snprintf(buf, size,
             n[0] == 1 ? "no links lead from its host to where it sends"
                       : "links lead to where it sends, and none lead back");
}

enum { FAULT, ROUTE, SAMPLE, APP, HOST, LATE_APP, LATE_LINK, LATE_HOST, QUEUE, WAY, N_KINDS };
static const struct warning_kind KINDS[N_KINDS] = {
    [LATE_APP] = {"app", "", NULL, is_foreseen, say_late, foresee_late_app},
    [LATE_LINK] = {"link", "", NULL, is_foreseen, say_late, foresee_late_link},
    [LATE_HOST] = {"host", "", NULL, is_foreseen, say_late, foresee_late_host},
    [QUEUE] = {"link", "", NULL, is_foreseen, say_no_wait, foresee_queue},
    [WAY] = {"app", "", NULL, is_stranded, say_no_way, foresee_no_way, true},
    [FAULT] = {"fault", " never acted", count_fault, is_idle, say_matched},
    [ROUTE] = {"route", " was never used", count_route, is_unused, say_no_packet},
    [SAMPLE] = {"sample", " was never taken", count_sampled, is_empty, say_no_value},
    [APP] = {"app", "", count_taken, is_taken, say_taken},
    [HOST] = {"host", "", count_no_route, is_cut_off, say_no_route},
};

/* Tallies */

int tally_init(struct tally *t, const struct experiment *x, const struct net_spec *spec)
{
    const struct { /* items begin with their names, or with a pointer to them */
        const void *items;
        int n;
        size_t item_bytes;
        bool has_pointer;
    } things[N_KINDS] = {
        [FAULT] = {spec->faults, spec->n_faults, sizeof(*spec->faults), false},
        [ROUTE] = {spec->routes, spec->n_routes, sizeof(*spec->routes), false},
        [SAMPLE] = {x->sample.metrics.items, x->sample.metrics.n, sizeof(const char *), true},
        [APP] = {spec->apps, spec->n_apps, sizeof(*spec->apps), false},
        [HOST] = {spec->hosts, spec->n_hosts, sizeof(*spec->hosts), false},
        [LATE_APP] = {spec->apps, spec->n_apps, sizeof(*spec->apps), false},
        [LATE_LINK] = {spec->links, spec->n_links, sizeof(*spec->links), false},
        [LATE_HOST] = {spec->hosts, spec->n_hosts, sizeof(*spec->hosts), false},
        [QUEUE] = {spec->links, spec->n_links, sizeof(*spec->links), false},
        [WAY] = {spec->apps, spec->n_apps, sizeof(*spec->apps), false}};
    struct reach reach;
    const struct foresight sight = {x, spec, &reach};
    *t = (struct tally){0};
    for (int kind = 0; kind < N_KINDS; kind++)
        t->n += things[kind].n;
    t->rows = calloc((size_t)t->n + 1, sizeof(*t->rows));
    const bool has_memory = reach_init(&reach, spec) == 0 && t->rows != NULL;
    if (!has_memory) {
        reach_fini(&reach);
        return -1;
    }
    struct tally_row *row = t->rows;
    for (int kind = 0; kind < N_KINDS; kind++)
        for (int i = 0; i < things[kind].n; i++) {
            const char *item =
                (const char *)things[kind].items + (size_t)i * things[kind].item_bytes;
            *row++ = (struct tally_row){
                .kind = &KINDS[kind],
                .name = things[kind].has_pointer ? *(const char *const *)item : item,
                .n = {KINDS[kind].foresee != NULL ? KINDS[kind].foresee(&sight, i) : 0}};
        }
    reach_fini(&reach);
    return 0;
}

void tally_fini(struct tally *t)
{
    free(t->rows);
    *t = (struct tally){0};
}

void tally_run(struct tally *t, const struct net *net, const struct sampler *sampler)
{
    for (int i = 0, rank = 0; i < t->n; i++) {
        rank = i > 0 && t->rows[i].kind == t->rows[i - 1].kind ? rank + 1 : 0;
        if (t->rows[i].kind->count != NULL)
            t->rows[i].kind->count(net, sampler, rank, t->rows[i].n);
    }
}

void tally_add(struct tally *t, int i, const int64_t n[2])
{
    int64_t *sum = t->rows[i].n;
    if (t->rows[i].kind->count == NULL)
        return;
    sum[0] += n[0];
    if (t->rows[i].kind != &KINDS[APP])
        sum[1] += n[1];
    else if (sum[1] == 0)
        sum[1] = n[1];
}

/* Warnings */

static struct warning *warned(const struct warnings *w, const struct tally_row *row)
{
    for (int i = 0; i < w->n; i++)
        if (w->items[i].kind == row->kind && strcmp(w->items[i].name, row->name) == 0)
            return &w->items[i];
    return NULL;
}

static void warn(struct warnings *w, const struct tally_row *row, int point)
{
    struct warning *old = warned(w, row);
    if (old != NULL) {
        old->n_points++;
        return;
    }
    struct warning *grown = realloc(w->items, (size_t)(w->n + 1) * sizeof(*w->items));
    if (grown == NULL)
        return; /* a warning less */
    w->items = grown;
    struct warning *new = &w->items[w->n++];
    *new = (struct warning){
        .kind = row->kind, .point = point, .n_points = 1, .n = {row->n[0], row->n[1]}};
    snprintf(new->name, sizeof(new->name), "%s", row->name);
}

void warnings_add(struct warnings *w, const struct experiment *x, int point,
                  const struct tally *t)
{
    bool has_dropped = false;
    for (const struct tally_row *row = t->rows; row < t->rows + t->n; row++)
        has_dropped |= row->kind == &KINDS[HOST] && row->kind->is_due(x, row, point);
    for (const struct tally_row *row = t->rows; row < t->rows + t->n; row++)
        if (!(row->kind->is_behind_hosts && has_dropped) && row->kind->is_due(x, row, point))
            warn(w, row, point);
}

int warnings_foresee(struct warnings *w, const struct experiment *x, struct err *e)
{
    for (int point = 0; point < x->n_points; point++) {
        struct point_spec spec;
        struct tally t = {0};
        const bool is_read =
            experiment_point(x, point, &spec, e) == 0 && tally_init(&t, x, &spec.net) == 0;
        for (const struct tally_row *row = t.rows; is_read && row < t.rows + t.n; row++)
            if (row->kind->foresee != NULL && row->kind->is_due(x, row, point))
                warn(w, row, point);
        tally_fini(&t);
        point_spec_free(&spec);
        if (!is_read)
            return err_set(e, NULL, "no memory for warnings");
    }
    return 0;
}

void warnings_fini(struct warnings *w)
{
    free(w->items);
    *w = (struct warnings){0};
}

const char *warning_text(const struct warning *w, const struct experiment *x, char *buf,
                         size_t size)
{
    const char *label = x->points[w->point].label;
    char detail[160], more[48] = "";
    w->kind->say(w->n, detail, sizeof(detail));
    if (w->n_points > 1)
        snprintf(more, sizeof(more), " and %d more point%s", w->n_points - 1,
                 plural(w->n_points - 1));
    snprintf(buf, size, "%s '%s'%s%s%s%s: %s", w->kind->subject, w->name, w->kind->what,
             label[0] != '\0' ? " at " : "", label, more, detail);
    return buf;
}

/* Where the thing is written, or what it comes of; NULL: nowhere. */
static const struct mark *written_at(const struct warning *w, const struct experiment *x)
{
    char section[16];
    snprintf(section, sizeof(section), "%ss", w->kind->subject);
    const struct node *entries = node_get(x->tree, section);
    const struct node *entry = node_get(entries, w->name);
    entry = entry != NULL ? entry : node_get(x->tree, w->kind->subject);
    entry = entry != NULL ? entry : node_get(x->tree, "topology");
    return entry != NULL && entry->key_at.path != NULL ? &entry->key_at : NULL;
}

void warning_print(const struct warning *w, const struct experiment *x, const char *name,
                   FILE *out)
{
    char text[600];
    const struct mark *at = written_at(w, x);
    if (at != NULL)
        fprintf(out, "%s:%d:%d: ", at->path, at->line, at->column);
    fprintf(out, "warning: %s%s%s\n", name != NULL ? name : "", name != NULL ? ": " : "",
            warning_text(w, x, text, sizeof(text)));
}
