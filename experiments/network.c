/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "experiments/network.h"

#include <stdlib.h>
#include <string.h>

#include "experiments/read.h"
#include "experiments/sections.h"

struct loader {
    struct reader r;
    const struct node *root;
    struct net_spec *out;
    struct scope scope;
    struct scope app_scope; /* the same, but `to` may name a host as well */
};

/* A section that is a map or not given. 0, or -1 with e. */
static int section(const struct loader *l, const char *name, const struct node **out)
{
    *out = node_get(l->root, name);
    if (*out == NULL || (*out)->kind == NODE_MAP)
        return 0;
    return err_set(l->r.e, &(*out)->key_at, "'%s' must be a map, not %s", name,
                   node_describe(l->r.pool, *out));
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

static int unknown_kind(const struct loader *l, const char *what, const struct node *kind,
                        const char **names, size_t n)
{
    return read_unknown(&l->r, what, kind->text, names, n, &kind->at);
}

static int unknown_topology(const struct loader *l, const struct node *kind)
{
    size_t n = 0;
    while (TOPOLOGY_KINDS[n] != NULL)
        n++;
    const char **names = pool_array(l->r.pool, n, sizeof(*names));
    for (size_t i = 0; i < n; i++)
        names[i] = TOPOLOGY_KINDS[i]->name;
    return unknown_kind(l, "topology", kind, names, n);
}

/* Copies what a generator made into the pool. */
static void take_expansion(struct loader *l, struct net_spec *made)
{
    struct net_spec *out = l->out;
    *out = *made;
    out->hosts = pool_array(l->r.pool, (size_t)made->n_hosts, sizeof(*out->hosts));
    out->links = pool_array(l->r.pool, (size_t)made->n_links, sizeof(*out->links));
    memcpy(out->hosts, made->hosts, (size_t)made->n_hosts * sizeof(*out->hosts));
    memcpy(out->links, made->links, (size_t)made->n_links * sizeof(*out->links));
    free(made->hosts);
    free(made->links);
}

static int read_topology(struct loader *l)
{
    const struct node *t, *kind;
    if (section(l, "topology", &t) != 0)
        return -1;
    if (t == NULL) {
        const struct node *removed = node_find(l->root, "topology");
        err_set(l->r.e, removed != NULL ? &removed->key_at : &l->root->at,
                "the experiment needs the key 'topology'");
        return err_hint(l->r.e, "for example topology: {two-hosts: {delay: 10ms}}");
    }
    if ((kind = node_get(t, "kind")) == NULL || kind->kind != NODE_SCALAR) {
        if (t->first != NULL && t->first->next == NULL && kind == NULL)
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
    struct net_spec made = {0};
    k->expand(params, &made);
    take_expansion(l, &made);
    return 0;
}

/* ---- names: one namespace a file ---- */

static bool has_name(const struct scope *s, enum refers refers, const char *name)
{
    for (size_t i = 0; i < s->n[refers]; i++)
        if (strcmp(s->names[refers][i], name) == 0)
            return true;
    return false;
}

static int add_names(struct loader *l, const struct node *map, enum refers refers,
                     const char *what)
{
    static const char *const taken[] = {
        [REFERS_HOST] = "host", [REFERS_LINK] = "link", [REFERS_APP] = "app"};
    struct scope *s = &l->scope;
    s->names[refers] =
        pool_array(l->r.pool, map != NULL ? (size_t)node_n_children(map) : 0, sizeof(char *));
    for (const struct node *n = map != NULL ? map->first : NULL; n != NULL; n = n->next) {
        bool bad;
        if (!is_given(l, n, what, &bad)) {
            if (bad)
                return -1;
            continue;
        }
        if (read_check_word(&l->r, n->key, &n->key_at) != 0)
            return -1;
        for (enum refers other = REFERS_HOST; other < refers; other++)
            if (has_name(s, other, n->key)) {
                err_set(l->r.e, &n->key_at, "the name '%s' is taken by the %s", n->key,
                        taken[other]);
                return err_hint(l->r.e, "hosts, links, apps and faults share their names");
            }
        s->names[refers][s->n[refers]++] = n->key;
    }
    return 0;
}

static int collect_names(struct loader *l, const struct node *apps, const struct node *faults)
{
    struct scope *s = &l->scope;
    const size_t n_hosts = (size_t)l->out->n_hosts, n_links = (size_t)l->out->n_links;
    s->names[REFERS_HOST] = pool_array(l->r.pool, n_hosts, sizeof(char *));
    s->names[REFERS_LINK] = pool_array(l->r.pool, n_links, sizeof(char *));
    for (size_t i = 0; i < n_hosts; i++)
        s->names[REFERS_HOST][s->n[REFERS_HOST]++] = l->out->hosts[i].name;
    for (size_t i = 0; i < n_links; i++)
        s->names[REFERS_LINK][s->n[REFERS_LINK]++] = l->out->links[i].name;
    if (add_names(l, apps, REFERS_APP, "app") != 0 ||
        add_names(l, faults, REFERS_FAULT, "fault") != 0)
        return -1;
    const size_t n_apps = s->n[REFERS_APP];
    l->app_scope = *s;
    l->app_scope.names[REFERS_APP] = pool_array(l->r.pool, n_apps + n_hosts, sizeof(char *));
    l->app_scope.n[REFERS_APP] = n_apps + n_hosts;
    l->app_scope.apps_or_hosts = true;
    for (size_t i = 0; i < n_apps + n_hosts; i++)
        l->app_scope.names[REFERS_APP][i] =
            i < n_apps ? s->names[REFERS_APP][i] : s->names[REFERS_HOST][i - n_apps];
    return 0;
}

/* ---- links and hosts ---- */

static int read_links(struct loader *l)
{
    const struct node *links;
    if (section(l, "links", &links) != 0)
        return -1;
    for (const struct node *n = links != NULL ? links->first : NULL; n != NULL; n = n->next) {
        if (read_check_name(&l->r, REFERS_LINK, n->key, &n->key_at) != 0)
            return -1;
        struct link_spec *link = l->out->links;
        while (strcmp(link->name, n->key) != 0)
            link++;
        const struct part part = {.keys = LINK_KEYS, .out = &link->params, .keep = true};
        if (n->kind != NODE_NULL &&
            read_map(&l->r, n, pool_printf(l->r.pool, "link '%s'", n->key), &n->key_at, &part,
                     1) != 0)
            return -1;
    }
    return 0;
}

/* Errors stand at the upper bound if this map gives it, else at the lower. */
static int check_bounds(const struct loader *l, const struct node *map, int64_t lo, int64_t hi,
                        const char *lo_key, const char *hi_key)
{
    const struct node *at =
        node_get(map, hi_key) != NULL ? node_get(map, hi_key) : node_get(map, lo_key);
    return lo <= hi ? 0
                    : err_set(l->r.e, at != NULL ? &at->at : &map->key_at, "%s is above %s",
                              lo_key, hi_key);
}

static int check_tcp(const struct loader *l, const struct tcp_params *p, const struct node *map)
{
    return check_bounds(l, map, p->port_min, p->port_max, "port_min", "port_max") != 0 ||
                   check_bounds(l, map, p->rto_min, p->rto_max, "rto_min", "rto_max") != 0
               ? -1
               : 0;
}

/* global and own: the two `tcp` maps, each NULL when not given. */
static int read_tcp(const struct loader *l, const struct node *global, const struct node *own,
                    struct tcp_params *out)
{
    const struct part part = {.keys = TCP_KEYS, .out = out, .keep = true};
    const struct node *maps[] = {global, own};
    const struct key *profile = key_find(TCP_KEYS, "profile");
    const char *name = profile->default_text;
    for (size_t i = 0; i < ARRAY_LEN(maps); i++) {
        const struct node *n = node_get(maps[i], profile->name);
        if (n == NULL)
            continue;
        if (read_value(&l->r, profile, n, out) != 0)
            return -1;
        name = out->profile;
    }
    const int bad = tcp_params_init(out, name);
    sim_assert(NULL, bad == 0); /* the choices of `profile` are the profiles */
    for (size_t i = 0; i < ARRAY_LEN(maps); i++)
        if (maps[i] != NULL && read_map(&l->r, maps[i], "tcp", &maps[i]->key_at, &part, 1) != 0)
            return -1;
    const struct node *last = own != NULL ? own : global;
    return last != NULL ? check_tcp(l, out, last)
                        : 0; /* the profiles themselves are in order */
}

static int read_hosts(struct loader *l)
{
    static const struct key keys[] = {{.name = "tcp", .kind = KEY_GROUP, .default_text = ""},
                                      {0}};
    const struct part part = {.keys = keys};
    const struct node *hosts, *global;
    if (section(l, "hosts", &hosts) != 0 || section(l, "tcp", &global) != 0)
        return -1;
    for (const struct node *n = hosts != NULL ? hosts->first : NULL; n != NULL; n = n->next) {
        if (read_check_name(&l->r, REFERS_HOST, n->key, &n->key_at) != 0)
            return -1;
        if (n->kind != NODE_NULL &&
            read_map(&l->r, n, pool_printf(l->r.pool, "host '%s'", n->key), &n->key_at, &part,
                     1) != 0)
            return -1;
    }
    for (int i = 0; i < l->out->n_hosts; i++) {
        struct host_spec *host = &l->out->hosts[i];
        if (read_tcp(l, global, node_get(node_get(hosts, host->name), "tcp"), &host->tcp) != 0)
            return -1;
    }
    return 0;
}

/* A handshake variant changes both ends, so hosts with different ones cannot open a connection.
 */
static int check_handshakes(const struct loader *l)
{
    const struct node *hosts = node_get(l->root, "hosts");
    const struct host_spec *first = &l->out->hosts[0];
    for (int i = 1; i < l->out->n_hosts; i++) {
        const struct host_spec *host = &l->out->hosts[i];
        if (strcmp(first->tcp.handshake, host->tcp.handshake) == 0)
            continue;
        const struct node *own = node_get(node_get(hosts, host->name), "tcp");
        const struct node *other = node_get(node_get(hosts, first->name), "tcp");
        const struct node *at = node_get(own, "handshake");
        if (at == NULL)
            at = node_get(other, "handshake");
        err_set(l->r.e, at != NULL ? &at->at : &hosts->key_at,
                "'%s' shakes hands by %s and '%s' by %s: no connection can come of it",
                first->name, first->tcp.handshake, host->name, host->tcp.handshake);
        return err_hint(l->r.e, "a handshake takes two: give it in tcp, for all hosts");
    }
    return 0;
}

/* ---- apps ---- */

/* Where a misfit among the parameters that n gives is: at its key, else at the item, else at n.
 */
static const struct mark *misfit_at(const struct node *n, const struct misfit *wrong)
{
    const struct mark *at = &n->key_at;
    if (wrong->list != NULL) {
        n = node_get(n, wrong->list)->first;
        for (int i = 0; i < wrong->item; i++)
            n = n->next;
        at = &n->at;
    }
    const struct node *key = wrong->key != NULL ? node_get(n, wrong->key) : NULL;
    return key != NULL ? &key->key_at : at;
}

/* Reports wrong, of what n is called; 0 when nothing is. */
static int check_misfit(const struct loader *l, const struct node *n, const char *what,
                        const struct misfit *wrong)
{
    if (wrong->sentence == NULL)
        return 0;
    if (wrong->list != NULL)
        what = pool_printf(l->r.pool, "%s, item %d of %s", what, wrong->item + 1, wrong->list);
    return err_set(l->r.e, misfit_at(n, wrong), "%s: %s", what, wrong->sentence);
}

static int find_app_kind(const struct loader *l, const struct node *app, const char *what,
                         const struct app_kind **out)
{
    const struct node *kind = node_get(app, "kind");
    size_t n = 0;
    if (kind == NULL) {
        err_set(l->r.e, &app->key_at, "%s needs the key 'kind'", what);
        return err_hint(l->r.e, "kind: %s", key_find(APP_HEAD_KEYS, "kind")->help);
    }
    if (kind->kind != NODE_SCALAR)
        return err_set(l->r.e, &kind->key_at, "kind must be a name, not %s",
                       node_describe(l->r.pool, kind));
    *out = app_kind_find(kind->text);
    if (*out != NULL)
        return 0;
    while (APP_KINDS[n] != NULL)
        n++;
    const char **names = pool_array(l->r.pool, n, sizeof(*names));
    for (size_t i = 0; i < n; i++)
        names[i] = APP_KINDS[i]->name;
    return unknown_kind(l, "app kind", kind, names, n);
}

static int read_app(const struct loader *l, const struct node *n, struct app_spec *app)
{
    const struct reader r = {l->r.pool, &l->app_scope, l->r.e};
    const char *what = pool_printf(r.pool, "app '%s'", n->key);
    struct app_head head;
    if (n->kind != NODE_MAP)
        return err_set(r.e, &n->key_at, "%s must be a map, not %s", what,
                       node_describe(r.pool, n));
    if (find_app_kind(l, n, what, &app->kind) != 0)
        return -1;
    void *params = pool_alloc(r.pool, app->kind->params_bytes);
    const struct part parts[] = {{.keys = APP_HEAD_KEYS, .out = &head},
                                 {.keys = app->kind->keys, .out = params}};
    what = pool_printf(r.pool, "app '%s' (%s)", n->key, app->kind->name);
    if (read_map(&r, n, what, &n->key_at, parts, ARRAY_LEN(parts)) != 0)
        return -1;
    const struct misfit wrong =
        app->kind->check != NULL ? app->kind->check(params) : (struct misfit){0};
    if (check_misfit(l, n, what, &wrong) != 0)
        return -1;
    app->params = params;
    memcpy(app->name, n->key, strlen(n->key) + 1);
    memcpy(app->host, head.host, sizeof(app->host));
    const struct key *to = key_find(app->kind->keys, "to");
    if (to != NULL)
        memcpy(app->to, (const char *)params + to->offset, sizeof(app->to));
    return 0;
}

/* An app that connects by one key `port` needs that key, or an app with a port behind `to`.
 * Calls of a script name their own. */
static int check_port(const struct loader *l, const struct app_spec *app, const struct node *n)
{
    const struct key *port = key_find(app->kind->keys, "port");
    if (app->to[0] == '\0' || port == NULL ||
        *(const uint16_t *)((const char *)app->params + port->offset) != 0)
        return 0;
    const struct node *to = node_get(n, "to");
    for (int i = 0; i < l->out->n_apps; i++) {
        const struct app_spec *other = &l->out->apps[i];
        if (strcmp(other->name, app->to) != 0)
            continue;
        if (other->kind->port != NULL && other->kind->port(other->params) != 0)
            return 0;
        err_set(l->r.e, &to->at, "the app '%s' (%s) listens on no port", app->to,
                other->kind->name);
        return err_hint(l->r.e, "give the key 'port', or an app that listens");
    }
    err_set(l->r.e, &to->at, "'%s' is a host: which port of it?", app->to);
    return err_hint(l->r.e, "give the key 'port', or the name of an app that listens");
}

/* Packets leave a host by its link alone. */
static int check_loopback(const struct loader *l, const struct app_spec *app,
                          const struct node *n)
{
    const char *host = app->to;
    if (host[0] == '\0')
        return 0;
    for (int i = 0; i < l->out->n_apps; i++)
        if (strcmp(l->out->apps[i].name, app->to) == 0)
            host = l->out->apps[i].host;
    if (strcmp(host, app->host) != 0)
        return 0;
    err_set(l->r.e, &node_get(n, "to")->at,
            "'%s' runs on the host '%s' itself: no loopback is modelled", app->name, host);
    return err_hint(l->r.e, "the two ends of a connection stand on different hosts");
}

/* The port on which it listens from the first moment to the last; 0: none. A script's calls are
 * its own affair. */
static uint16_t own_port(const struct app_spec *app)
{
    const bool listens = app->kind->port != NULL && key_find(app->kind->keys, "port") != NULL;
    return listens ? app->kind->port(app->params) : 0;
}

static int check_taken(const struct loader *l, const struct app_spec *app, const struct node *n)
{
    for (const struct app_spec *other = l->out->apps; other < app; other++)
        if (own_port(app) != 0 && own_port(other) == own_port(app) &&
            strcmp(other->host, app->host) == 0)
            return err_set(l->r.e, &node_get(n, "port")->at,
                           "the app '%s' listens on port %d of the host '%s' already",
                           other->name, own_port(app), app->host);
    return 0;
}

static int check_app(const struct loader *l, const struct app_spec *app, const struct node *n)
{
    return check_port(l, app, n) != 0 || check_loopback(l, app, n) != 0 ||
                   check_taken(l, app, n) != 0
               ? -1
               : 0;
}

static int read_apps(struct loader *l, const struct node *apps)
{
    l->out->apps = pool_array(l->r.pool, l->scope.n[REFERS_APP], sizeof(*l->out->apps));
    for (const struct node *n = apps != NULL ? apps->first : NULL; n != NULL; n = n->next)
        if (n->kind != NODE_NULL && read_app(l, n, &l->out->apps[l->out->n_apps++]) != 0)
            return -1;
    for (int i = 0; i < l->out->n_apps; i++)
        if (check_app(l, &l->out->apps[i], node_get(apps, l->out->apps[i].name)) != 0)
            return -1;
    return 0;
}

/* ---- faults ---- */

static int read_faults(struct loader *l, const struct node *faults)
{
    l->out->faults = pool_array(l->r.pool, l->scope.n[REFERS_FAULT], sizeof(*l->out->faults));
    for (const struct node *n = faults != NULL ? faults->first : NULL; n != NULL; n = n->next) {
        if (n->kind == NODE_NULL)
            continue;
        struct fault_spec *f = &l->out->faults[l->out->n_faults++];
        const struct part part = {.keys = FAULT_KEYS, .out = &f->params};
        const char *what = pool_printf(l->r.pool, "fault '%s'", n->key);
        if (read_map(&l->r, n, what, &n->key_at, &part, 1) != 0)
            return -1;
        const struct misfit wrong = fault_check(&f->params);
        if (check_misfit(l, n, what, &wrong) != 0)
            return -1;
        memcpy(f->name, n->key, strlen(n->key) + 1);
    }
    return 0;
}

int network_read(struct pool *pool, const struct node *root, struct net_spec *out,
                 struct err *e)
{
    struct loader l = {.r = {.pool = pool, .e = e}, .root = root, .out = out};
    const struct node *apps, *faults;
    l.r.scope = &l.scope;
    if (read_topology(&l) != 0 || section(&l, "apps", &apps) != 0 ||
        section(&l, "faults", &faults) != 0 || collect_names(&l, apps, faults) != 0)
        return -1;
    return read_links(&l) != 0 || read_hosts(&l) != 0 || check_handshakes(&l) != 0 ||
                   read_apps(&l, apps) != 0 || read_faults(&l, faults) != 0
               ? -1
               : 0;
}

bool network_metrics(const struct net_spec *spec, const char *subject,
                     const struct metric *tables[METRIC_TABLES])
{
    memset(tables, 0, METRIC_TABLES * sizeof(*tables));
    for (int i = 0; i < spec->n_apps; i++)
        if (strcmp(spec->apps[i].name, subject) == 0) {
            tables[0] = spec->apps[i].kind->metrics;
            tables[1] = APP_METRICS;
            tables[2] = TCP_METRICS;
            return true;
        }
    for (int i = 0; i < spec->n_links; i++)
        if (strcmp(spec->links[i].name, subject) == 0) {
            tables[0] = LINK_METRICS;
            return true;
        }
    for (int i = 0; i < spec->n_faults; i++)
        if (strcmp(spec->faults[i].name, subject) == 0) {
            tables[0] = FAULT_METRICS;
            return true;
        }
    return false;
}
