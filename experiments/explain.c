/* SPDX-License-Identifier: GPL-3.0-or-later
 * explain.c -- the reference manual: every key row and metric row, under a dotted path.
 *
 *   section . kind . key        topology.two-hosts.delay   tcp.msl   apps.server.reply
 *   metrics . subject . metric         metrics.tcp.ghosts         metrics.link.lost
 *   registry . kind . key              losses.periodic.every      distributions.normal.sd
 */
#include <stdlib.h>
#include <string.h>

#include "experiments/functions.h"
#include "experiments/reference.h"
#include "experiments/sections.h"

enum { PATH_BYTES = 160 };

/* One thing that can be explained; key and metric are NULL when it is neither. */
struct entry {
    char path[PATH_BYTES];
    const struct key *key;
    const struct metric *metric;
    const char *help;
};
typedef void (*visitor)(void *ctx, const struct entry *entry);

struct walk {
    visitor visit;
    void *ctx;
};

static void visit_plain(const struct walk *w, const char *path, const char *help)
{
    struct entry entry = {.help = help};
    snprintf(entry.path, sizeof(entry.path), "%s", path);
    w->visit(w->ctx, &entry);
}

static void visit_keys(const struct walk *w, const char *path, const struct key *keys)
{
    for (const struct key *k = keys; k->name != NULL; k++) {
        struct entry entry = {.key = k, .help = k->help};
        snprintf(entry.path, sizeof(entry.path), "%s%s%s", path, path[0] != '\0' ? "." : "",
                 k->name);
        w->visit(w->ctx, &entry);
        if (k->sub != NULL)
            visit_keys(w, entry.path, k->sub);
    }
}

static void visit_metrics(const struct walk *w, const char *path, const struct metric *m)
{
    for (; m != NULL && m->name != NULL; m++) {
        struct entry entry = {.metric = m, .help = m->help};
        snprintf(entry.path, sizeof(entry.path), "metrics.%s.%s", path, m->name);
        w->visit(w->ctx, &entry);
    }
}

static void visit_kind(const struct walk *w, const char *section, const char *name,
                       const char *help, const struct key *keys)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof(path), "%s.%s", section, name);
    visit_plain(w, path, help);
    visit_keys(w, path, keys);
}

static void visit_below(const struct walk *w, const char *section)
{
    static const struct {
        const char *section, *path;
        const struct key *keys;
    } tables[] = {{"tcp", "tcp", TCP_KEYS},         {"links", "links", LINK_KEYS},
                  {"hosts", "hosts", HOST_KEYS},    {"routers", "routers", ROUTER_KEYS},
                  {"routes", "routes", ROUTE_KEYS}, {"apps", "apps", APP_HEAD_KEYS},
                  {"faults", "faults", FAULT_KEYS}, {"expect", "expect", EXPECT_KEYS},
                  {"plot", "plot", PLOT_KEYS}};
    for (size_t i = 0; i < ARRAY_LEN(tables); i++)
        if (strcmp(section, tables[i].section) == 0)
            visit_keys(w, tables[i].path, tables[i].keys);
    if (strcmp(section, "topology") == 0)
        for (const struct topology_kind *const *k = TOPOLOGY_KINDS; *k != NULL; k++)
            visit_kind(w, section, (*k)->name, (*k)->help, (*k)->keys);
    if (strcmp(section, "apps") == 0)
        for (const struct app_kind *const *k = APP_KINDS; *k != NULL; k++)
            visit_kind(w, section, (*k)->name, (*k)->help, (*k)->keys);
    if (strcmp(section, "hosts") == 0)
        visit_plain(w, "hosts.tcp",
                    "the keys of tcp, for this host alone; they win over those of tcp");
}

static void walk_all(const struct walk *w)
{
    for (const struct section *s = SECTIONS; s->name != NULL; s++) {
        const struct key row[] = {
            s->help == NULL ? *key_find(TOP_KEYS, s->name) : (struct key){0}, {0}};
        if (s->help == NULL)
            visit_keys(w, "", row);
        else
            visit_plain(w, s->name, s->help);
        visit_below(w, s->name);
    }
    visit_metrics(w, "app", APP_METRICS);
    visit_metrics(w, "tcp", TCP_METRICS);
    for (const struct app_kind *const *k = APP_KINDS; *k != NULL; k++)
        visit_metrics(w, (*k)->name, (*k)->metrics);
    visit_metrics(w, "host", HOST_METRICS);
    visit_metrics(w, "router", ROUTER_METRICS);
    visit_metrics(w, "link", LINK_METRICS);
    visit_metrics(w, "route", ROUTE_METRICS);
    visit_metrics(w, "fault", FAULT_METRICS);
    for (const struct variant_table *t = VARIANT_TABLES; t->name != NULL; t++)
        for (const struct variant *v = t->variants; v->name != NULL; v++)
            visit_kind(w, t->name, v->name, v->help, v->keys);
    for (const struct function *f = FUNCTIONS; f->name != NULL; f++) {
        char path[PATH_BYTES];
        snprintf(path, sizeof(path), "functions.%s", f->name);
        visit_plain(w, path, f->help);
    }
}

/* ---- printing ---- */

static void print_quantity(const struct key *k, FILE *out)
{
    char lo[64], hi[64];
    const bool has_max = k->max != 0 && k->max < INT64_MAX - 1;
    if (has_max)
        fprintf(out, "; %s to %s", unit_format(k->min, k->unit, lo, sizeof(lo)),
                unit_format(k->max, k->unit, hi, sizeof(hi)));
    else if (k->min > 0)
        fprintf(out, "; at least %s", unit_format(k->min, k->unit, lo, sizeof(lo)));
}

static bool is_below(const char *path, const char *section)
{
    const size_t n = strlen(section);
    return strncmp(path, section, n) == 0 && path[n] == '.';
}

/* Where a profile has another value than the default. */
static void print_profiles(const struct key *k, FILE *out)
{
    for (const struct tcp_profile *p = TCP_PROFILES; p->name != NULL; p++)
        for (const struct tcp_profile_row *r = p->rows; r->key != NULL; r++)
            if (strcmp(r->key, k->name) == 0)
                fprintf(out, "    profile %s: %s\n", p->name, r->value);
}

/* Sections about what is there already: what is left out of an entry. What is left out of a map
 * within it is not. */
static bool is_as_made(const char *path)
{
    const char *key = strchr(path, '.');
    return key != NULL && strchr(key + 1, '.') == NULL &&
           (is_below(path, "links") || is_below(path, "hosts") || is_below(path, "routers"));
}

static void print_key(const char *path, const struct key *k, FILE *out)
{
    char buf[KIND_TEXT_MAX];
    fprintf(out, "    %s", key_kind_text(k, buf, sizeof(buf)));
    if (k->kind == KEY_QUANTITY || k->kind == KEY_QUANTITIES)
        print_quantity(k, out);
    if (is_as_made(path))
        fputs("; left out: as the topology has it\n", out);
    else if (k->kind != KEY_GROUP && k->default_text == NULL)
        fputs("; must be given\n", out);
    else if (k->kind != KEY_GROUP && k->default_text[0] != '\0')
        fprintf(out, "; default %s\n", k->default_text);
    else
        fputs("; may be left out\n", out);
}

struct printer {
    const char *section; /* only below it, and `wanted` begins there; NULL: anywhere */
    const char *wanted;  /* NULL: all */
    bool from_start;     /* what only ends with `wanted` does not count */
    FILE *out;
    int n_printed;
    unsigned told; /* bit i: the kinds of VARIANT_TABLES[i] stand above */
};

/* The kinds with their keys, the first time that somebody asks for a key that has them. */
static void print_kinds(struct printer *p, const struct key *k)
{
    char buf[KIND_TEXT_MAX];
    unsigned i = 0;
    while (VARIANT_TABLES[i].name != NULL && VARIANT_TABLES[i].variants != k->variants)
        i++;
    if (p->told >> i & 1)
        return;
    p->told |= 1u << i;
    for (const struct variant *v = k->variants; v->name != NULL; v++) {
        fprintf(p->out, "      %-16s %s\n", v->name, v->help);
        for (const struct key *key = v->keys; p->wanted != NULL && key->name != NULL; key++)
            fprintf(p->out, "        %-14s %s: %s\n", key->name,
                    key_kind_text(key, buf, sizeof(buf)), key->help);
    }
}

static void print_entry(struct printer *p, const struct entry *entry)
{
    fprintf(p->out, "%s%s\n", p->n_printed++ > 0 ? "\n" : "", entry->path);
    if (entry->key != NULL)
        print_key(entry->path, entry->key, p->out);
    if (entry->key != NULL && is_below(entry->path, "tcp"))
        print_profiles(entry->key, p->out);
    if (entry->metric != NULL)
        fprintf(p->out, "    a metric: %s\n",
                entry->metric->unit == UNIT_NONE ? "a text" : units[entry->metric->unit].name);
    fprintf(p->out, "    %s\n", entry->help);
    if (entry->key != NULL && entry->key->kind == KEY_CHOICE)
        for (const struct choice *c = entry->key->choices; c->name != NULL; c++)
            fprintf(p->out, "      %-14s %s\n", c->name, c->help);
    if (entry->key != NULL && entry->key->kind == KEY_VARIANT)
        print_kinds(p, entry->key);
}

/* Whether path is `wanted`, lies below it or, unless from_start, ends with it. */
static bool is_wanted(const char *path, const char *wanted, bool from_start)
{
    const size_t n_path = strlen(path), n = strlen(wanted);
    if (n_path < n)
        return false;
    const bool begins = strncmp(path, wanted, n) == 0 && (path[n] == '\0' || path[n] == '.');
    const bool ends =
        strcmp(path + n_path - n, wanted) == 0 && (n_path == n || path[n_path - n - 1] == '.');
    return begins || (ends && !from_start);
}

static void print_wanted(void *ctx, const struct entry *entry)
{
    struct printer *p = ctx;
    const char *path = entry->path;
    if (p->section != NULL && !is_below(path, p->section))
        return;
    path += p->section != NULL ? strlen(p->section) + 1 : 0;
    if (p->wanted == NULL || is_wanted(path, p->wanted, p->from_start))
        print_entry(p, entry);
}

/* A path as a file or -p has it: SECTION.NAME.REST with a name of the file's own, or
 * SECTION.REST where the kind has not been said. REST is then looked for below that section,
 * whatever the kind; a name without REST is the section itself. */
static void print_named(struct printer *p, const char *path)
{
    static const struct {
        const char *section, *below; /* below NULL: REST is a path of its own */
        bool has_names;
    } rows[] = {{"hosts", NULL, true},          {"links", "links", true},
                {"routers", "routers", true},   {"routes", "routes", true},
                {"apps", "apps", true},         {"faults", "faults", true},
                {"plot", "plot", true},         {"let", "let", true},
                {"sweep", "sweep", true},       {"variants", "variants", true},
                {"topology", "topology", false}};
    const struct walk w = {print_wanted, p};
    size_t i = 0;
    while (i < ARRAY_LEN(rows) && !is_below(path, rows[i].section))
        i++;
    if (i == ARRAY_LEN(rows))
        return;
    p->section = rows[i].section;
    p->wanted = path + strlen(rows[i].section) + 1;
    walk_all(&w);
    if (p->n_printed > 0 || !rows[i].has_names)
        return;
    const char *dot = strchr(p->wanted, '.');
    p->section = dot != NULL ? rows[i].below : NULL;
    p->wanted = dot != NULL ? dot + 1 : rows[i].section;
    p->from_start = dot == NULL;
    walk_all(&w);
}

/* SUBJECT.METRIC as an expectation has it, with a name of the file's own. */
static void print_metric(struct printer *p, const char *path)
{
    const struct walk w = {print_wanted, p};
    const char *dot = strrchr(path, '.');
    if (dot == NULL)
        return;
    p->section = "metrics";
    p->wanted = dot + 1;
    p->from_start = false;
    walk_all(&w);
}

/* ---- what is near ---- */

enum { NAMES_MAX = 4000 };

/* Paths, and at the same index their last parts. */
struct names {
    char *paths[NAMES_MAX], *parts[NAMES_MAX];
    size_t n;
};

static void collect(void *ctx, const struct entry *entry)
{
    struct names *names = ctx;
    if (names->n == NAMES_MAX)
        return;
    const char *dot = strrchr(entry->path, '.');
    names->paths[names->n] = strdup(entry->path);
    names->parts[names->n++] = strdup(dot != NULL ? dot + 1 : entry->path);
}

/* A path is compared with paths, and what it ends with with what they end with. */
static const char *nearest_key(const struct names *names, const char *key)
{
    const char *dot = strrchr(key, '.');
    const char *part = dot != NULL ? dot + 1 : key;
    const char *near = dot != NULL || part[0] == '\0'
                           ? NULL
                           : nearest_name(key, (const char *const *)names->parts, names->n);
    if (near == NULL && key[0] != '\0')
        near = nearest_name(key, (const char *const *)names->paths, names->n);
    if (near == NULL && dot != NULL && part[0] != '\0')
        near = nearest_name(part, (const char *const *)names->parts, names->n);
    return near;
}

static int unknown_key(const char *key, struct err *e)
{
    struct names *names = calloc(1, sizeof(*names));
    err_set(e, NULL, "there is no key or metric '%s'", key);
    if (names == NULL)
        return -1;
    const struct walk w = {collect, names};
    walk_all(&w);
    const char *near = nearest_key(names, key);
    if (near != NULL)
        err_hint(e, "did you mean '%s'?", near);
    for (size_t i = 0; i < names->n; i++) {
        free(names->paths[i]);
        free(names->parts[i]);
    }
    free(names);
    return -1;
}

int explain_print(const char *key_or_null, FILE *out, struct err *e)
{
    struct printer p = {.wanted = key_or_null, .out = out};
    const struct walk w = {print_wanted, &p};
    *e = (struct err){0};
    walk_all(&w);
    if (p.n_printed == 0)
        print_named(&p, key_or_null);
    if (p.n_printed == 0)
        print_metric(&p, key_or_null);
    if (p.n_printed == 0)
        return unknown_key(key_or_null, e);
    if (fflush(out) != 0 || ferror(out))
        return err_set(e, NULL, "cannot write the reference");
    return 0;
}
