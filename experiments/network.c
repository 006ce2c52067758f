/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "experiments/network.h"

#include <stdlib.h>
#include <string.h>

#include "experiments/network_parts.h"
#include "experiments/sections.h"

int network_section(const struct loader *l, const char *name, const struct node **out)
{
    *out = node_get(l->root, name);
    if (*out == NULL || (*out)->kind == NODE_MAP)
        return 0;
    err_set(l->r.e, &(*out)->key_at, "'%s' must be a map, not %s", name,
            node_describe(l->r.pool, *out));
    return (*out)->kind == NODE_LIST
               ? err_hint(l->r.e, "its keys stand in braces or below it: %s: {KEY: ...}", name)
               : -1;
}

int network_unknown_kind(const struct loader *l, const char *what, const struct node *kind,
                         const char **names, size_t n)
{
    return read_unknown(&l->r, what, kind->text, names, n, &kind->at);
}

/* False: the entry is not given. A ~ that removes nothing is an error: *bad. */
static bool is_given(const struct loader *l, const struct node *n, const char *what, bool *bad)
{
    *bad = n->kind == NODE_NULL && !n->removes;
    if (*bad)
        err_set(l->r.e, &n->key_at, "there is no %s '%s' to remove", what, n->key);
    return n->kind != NODE_NULL;
}

/* ---- topology ---- */

static int unknown_topology(const struct loader *l, const struct node *kind)
{
    size_t n = 0;
    while (TOPOLOGY_KINDS[n] != NULL)
        n++;
    const char **names = pool_array(l->r.pool, n, sizeof(*names));
    for (size_t i = 0; i < n; i++)
        names[i] = TOPOLOGY_KINDS[i]->name;
    return network_unknown_kind(l, "topology", kind, names, n);
}

/* A generator's array, which it has malloc'd, in the pool. */
static void *take_array(struct loader *l, void *made, int n, size_t item_bytes)
{
    void *out = pool_array(l->r.pool, (size_t)n, item_bytes);
    if (n > 0)
        memcpy(out, made, (size_t)n * item_bytes);
    free(made);
    return out;
}

/* Copies what a generator made into the pool. */
static void take_expansion(struct loader *l, struct net_spec *made)
{
    struct net_spec *out = l->out;
    *out = *made;
    out->hosts = take_array(l, made->hosts, made->n_hosts, sizeof(*out->hosts));
    out->routers = take_array(l, made->routers, made->n_routers, sizeof(*out->routers));
    out->links = take_array(l, made->links, made->n_links, sizeof(*out->links));
}

static int read_topology(struct loader *l)
{
    const struct node *t, *kind;
    if (network_section(l, "topology", &t) != 0)
        return -1;
    if (t == NULL) {
        const struct node *removed = node_find(l->root, "topology");
        err_set(l->r.e, removed != NULL ? &removed->key_at : &l->root->at,
                "the experiment needs the key 'topology'");
        return err_hint(l->r.e, "for example topology: {two-hosts: {delay: 10ms}}");
    }
    if ((kind = node_get(t, "kind")) == NULL || kind->kind != NODE_SCALAR) {
        if (t->first != NULL && t->first->next == NULL && kind == NULL &&
            topology_kind_find(t->first->key) != NULL)
            return err_set(l->r.e, &t->first->at, "topology %s must be a map, not %s",
                           t->first->key, node_describe(l->r.pool, t->first));
        err_set(l->r.e, &t->key_at, "'topology' names one kind");
        return err_hint(l->r.e, "for example topology: {two-hosts: {delay: 10ms}}");
    }
    const struct topology_kind *k = topology_kind_find(kind->text);
    if (k == NULL)
        return unknown_topology(l, kind);
    static const struct key head[] = {{.name = "kind", .kind = KEY_TEXT, .default_text = ""},
                                      {0}};
    char scratch[TEXT_MAX_BYTES];
    void *params = pool_alloc(l->r.pool, k->params_bytes);
    const struct part parts[] = {{.keys = head, .out = scratch},
                                 {.keys = k->keys, .out = params}};
    const char *what = pool_printf(l->r.pool, "topology %s", k->name);
    if (read_map(&l->r, t, what, &t->key_at, parts, ARRAY_LEN(parts)) != 0)
        return -1;
    const struct misfit wrong = k->check != NULL ? k->check(params) : (struct misfit){0};
    if (read_misfit(&l->r, t, what, &wrong) != 0)
        return -1;
    struct net_spec made = {0};
    k->expand(params, &made);
    take_expansion(l, &made);
    return 0;
}

/* The version of IP of what has no addresses of its own. */
static int read_ip(struct loader *l)
{
    const struct key *key = key_find(TOP_KEYS, "ip");
    const struct node *n = node_get(l->root, key->name);
    struct top_params p;
    read_default(key, &p);
    if (n != NULL && read_value(&l->r, key, n, &p) != 0)
        return -1;
    l->out->is_ipv6 = strcmp(p.ip, "6") == 0;
    return 0;
}

/* ---- names: one namespace a file ---- */

static const char *const KINDS_OF_NAMES[N_REFERS] = {
    [REFERS_HOST] = "host",   [REFERS_LINK] = "link",     [REFERS_APP] = "app",
    [REFERS_FAULT] = "fault", [REFERS_ROUTER] = "router", [REFERS_ROUTE] = "route",
};

static bool has_name(const struct scope *s, enum refers refers, const char *name)
{
    for (size_t i = 0; i < s->n[refers]; i++)
        if (strcmp(s->names[refers][i], name) == 0)
            return true;
    return false;
}

/* The entries of a section; the enum's other kinds have their names already, or none yet. */
static int add_names(struct loader *l, const struct node *map, enum refers refers)
{
    struct scope *s = &l->scope;
    s->names[refers] =
        pool_array(l->r.pool, map != NULL ? (size_t)node_n_children(map) : 0, sizeof(char *));
    for (const struct node *n = map != NULL ? map->first : NULL; n != NULL; n = n->next) {
        bool bad;
        if (!is_given(l, n, KINDS_OF_NAMES[refers], &bad)) {
            if (bad)
                return -1;
            continue;
        }
        if (read_check_word(&l->r, n->key, &n->key_at) != 0)
            return -1;
        for (enum refers other = REFERS_HOST; other < N_REFERS; other++)
            if (KINDS_OF_NAMES[other] != NULL && has_name(s, other, n->key)) {
                err_set(l->r.e, &n->key_at, "the name '%s' is taken by the %s", n->key,
                        KINDS_OF_NAMES[other]);
                return err_hint(l->r.e, "all that a file names shares its names: hosts, "
                                        "routers, links, routes, apps, faults");
            }
        s->names[refers][s->n[refers]++] = n->key;
    }
    return 0;
}

/* The names of n items of item_bytes, each of which begins with its name, behind those that are
 * there; room for `more` besides. */
static void add_made(struct loader *l, enum refers refers, const void *items, int n,
                     size_t item_bytes, int more)
{
    struct scope *s = &l->scope;
    if (s->names[refers] == NULL)
        s->names[refers] = pool_array(l->r.pool, (size_t)(n + more), sizeof(char *));
    for (int i = 0; i < n; i++)
        s->names[refers][s->n[refers]++] = (const char *)items + (size_t)i * item_bytes;
}

/* What the topology has made. */
static void add_topology(struct loader *l)
{
    const struct net_spec *o = l->out;
    add_made(l, REFERS_HOST, o->hosts, o->n_hosts, sizeof(*o->hosts), 0);
    add_made(l, REFERS_ROUTER, o->routers, o->n_routers, sizeof(*o->routers), 0);
    add_made(l, REFERS_LINK, o->links, o->n_links, sizeof(*o->links), 0);
    add_made(l, REFERS_NODE, o->hosts, o->n_hosts, sizeof(*o->hosts), o->n_routers);
    add_made(l, REFERS_NODE, o->routers, o->n_routers, sizeof(*o->routers), 0);
}

static void make_app_scope(struct loader *l)
{
    const struct scope *s = &l->scope;
    const size_t n_apps = s->n[REFERS_APP], n_hosts = s->n[REFERS_HOST];
    l->app_scope = *s;
    l->app_scope.names[REFERS_APP] = pool_array(l->r.pool, n_apps + n_hosts, sizeof(char *));
    l->app_scope.n[REFERS_APP] = n_apps + n_hosts;
    l->app_scope.apps_or_hosts = true;
    for (size_t i = 0; i < n_apps + n_hosts; i++)
        l->app_scope.names[REFERS_APP][i] =
            i < n_apps ? s->names[REFERS_APP][i] : s->names[REFERS_HOST][i - n_apps];
}

/* ---- the whole ---- */

/* What is wrong with the network though its parts are right; at the entry to blame, or at the
 * topology that has made it. */
static int check_net(const struct loader *l)
{
    const struct net_misfit wrong = net_check(l->out);
    if (wrong.section == NULL)
        return 0;
    const struct node *entry = node_get(node_get(l->root, wrong.section), wrong.name);
    const struct node *key = wrong.key != NULL ? node_get(entry, wrong.key) : NULL;
    const struct mark *at = key != NULL     ? &key->at
                            : entry != NULL ? &entry->key_at
                                            : &node_get(l->root, "topology")->key_at;
    err_set(l->r.e, at, "%s", wrong.sentence);
    if (wrong.hint != NULL)
        return err_hint(l->r.e, "%s", wrong.hint);
    return wrong.meant != NULL ? err_hint(l->r.e, "did you mean '%s'?", wrong.meant) : -1;
}

int network_read(struct pool *pool, const struct node *root, struct net_spec *out,
                 struct err *e)
{
    struct loader l = {.r = {.pool = pool, .e = e}, .root = root, .out = out};
    const struct node *apps, *faults, *routes;
    l.r.scope = &l.scope;
    if (read_topology(&l) != 0 || read_ip(&l) != 0 || network_section(&l, "apps", &apps) != 0 ||
        network_section(&l, "faults", &faults) != 0 ||
        network_section(&l, "routes", &routes) != 0)
        return -1;
    add_topology(&l);
    if (add_names(&l, apps, REFERS_APP) != 0 || add_names(&l, faults, REFERS_FAULT) != 0 ||
        add_names(&l, routes, REFERS_ROUTE) != 0)
        return -1;
    make_app_scope(&l);
    return network_links(&l) != 0 || network_hosts(&l) != 0 || network_routers(&l) != 0 ||
                   network_routes(&l, routes) != 0 || network_apps(&l, apps) != 0 ||
                   network_faults(&l, faults) != 0
               ? -1
               : check_net(&l);
}

/* ---- metrics ---- */

static bool is_named(const void *items, int n, size_t item_bytes, const char *name, int *found)
{
    for (*found = 0; *found < n; ++*found)
        if (strcmp((const char *)items + (size_t)*found * item_bytes, name) == 0)
            return true;
    return false;
}

bool network_metrics(const struct net_spec *spec, const char *subject,
                     const struct metric *tables[METRIC_TABLES])
{
    const struct {
        const void *items;
        int n;
        size_t item_bytes;
        const struct metric *metrics; /* NULL: an app's, by its kind */
    } rows[] = {
        {spec->apps, spec->n_apps, sizeof(*spec->apps), NULL},
        {spec->hosts, spec->n_hosts, sizeof(*spec->hosts), HOST_METRICS},
        {spec->routers, spec->n_routers, sizeof(*spec->routers), ROUTER_METRICS},
        {spec->links, spec->n_links, sizeof(*spec->links), LINK_METRICS},
        {spec->routes, spec->n_routes, sizeof(*spec->routes), ROUTE_METRICS},
        {spec->faults, spec->n_faults, sizeof(*spec->faults), FAULT_METRICS},
    };
    int found;
    size_t i = 0;
    memset(tables, 0, METRIC_TABLES * sizeof(*tables));
    while (i < ARRAY_LEN(rows) &&
           !is_named(rows[i].items, rows[i].n, rows[i].item_bytes, subject, &found))
        i++;
    if (i == ARRAY_LEN(rows))
        return false;
    tables[0] = rows[i].metrics;
    if (tables[0] == NULL) {
        tables[0] = spec->apps[found].kind->metrics;
        tables[1] = APP_METRICS;
        tables[2] = TCP_METRICS;
    }
    return true;
}
