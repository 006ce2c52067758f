/* SPDX-License-Identifier: GPL-3.0-or-later
 * network_apps.c -- apps and faults: what runs on hosts, and what happens to segments.
 */
#include <string.h>

#include "experiments/network_parts.h"
#include "experiments/sections.h"
#include "experiments/synonyms.h"

/* ---- apps ---- */

static int find_app_kind(const struct loader *l, const struct node *app, const char *what,
                         const struct app_kind **out)
{
    static const char *const kind_key = "kind";
    const struct node *kind = node_get(app, kind_key);
    size_t n = 0;
    for (const struct node *c = app->first; kind == NULL && c != NULL; c = c->next)
        if (synonym_of(c->key, &kind_key, 1) != NULL) {
            err_set(l->r.e, &c->key_at, "unknown key '%s' in %s", c->key, what);
            return err_hint(l->r.e, "did you mean '%s'?", kind_key);
        }
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
    return network_unknown_kind(l, "app kind", kind, names, n);
}

/* Into out the name that an app of this kind has in its key; "": it has no such key. */
static void copy_name(const struct app_kind *kind, const void *params, const char *key,
                      char out[NAME_MAX_BYTES])
{
    const struct key *k = key_find(kind->keys, key);
    if (k != NULL && k->kind == KEY_NAME)
        memcpy(out, (const char *)params + k->offset, NAME_MAX_BYTES);
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
    if (read_misfit(&l->r, n, what, &wrong) != 0)
        return -1;
    app->params = params;
    memcpy(app->name, n->key, strlen(n->key) + 1);
    memcpy(app->host, head.host, sizeof(app->host));
    copy_name(app->kind, params, "to", app->to);
    copy_name(app->kind, params, "as", app->as);
    copy_name(app->kind, params, "link", app->link);
    return 0;
}

static int check_transport(const struct loader *l, const struct app_spec *app,
                           const struct app_spec *to, const struct mark *at)
{
    static const char *const names[] = {"TCP", "UDP"};
    if (app->kind->datagrams == to->kind->datagrams)
        return 0;
    return err_set(l->r.e, at, "'%s' (%s) speaks %s and '%s' (%s) listens by %s", app->name,
                   app->kind->name, names[app->kind->datagrams], to->name, to->kind->name,
                   names[to->kind->datagrams]);
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
            return check_transport(l, app, other, &to->at);
        err_set(l->r.e, &to->at, "the app '%s' (%s) listens on no port", app->to,
                other->kind->name);
        return err_hint(l->r.e, "give the key 'port', or an app that listens");
    }
    err_set(l->r.e, &to->at, "'%s' is a host: which port of it?", app->to);
    return err_hint(l->r.e, "give the key 'port', or the name of an app that listens");
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
            other->kind->datagrams == app->kind->datagrams &&
            strcmp(other->host, app->host) == 0)
            return err_set(l->r.e, &node_get(n, "port")->at,
                           "the app '%s' listens on port %d of the host '%s' already",
                           other->name, own_port(app), app->host);
    return 0;
}

/* What an app and the one it talks to say together. */
static int check_to(const struct loader *l, const struct app_spec *app, const struct node *n)
{
    int64_t reply_bytes = 0;
    if (app->kind->check_to == NULL)
        return 0;
    for (int i = 0; i < l->out->n_apps; i++) {
        const struct app_spec *to = &l->out->apps[i];
        if (strcmp(to->name, app->to) == 0 && to->kind->reply_bytes != NULL)
            reply_bytes = to->kind->reply_bytes(to->params);
    }
    const struct misfit wrong = app->kind->check_to(app->params, reply_bytes);
    const char *what = pool_printf(l->r.pool, "app '%s' (%s)", app->name, app->kind->name);
    return read_misfit(&l->r, n, what, &wrong);
}

static int check_app(const struct loader *l, const struct app_spec *app, const struct node *n)
{
    return check_port(l, app, n) != 0 || check_taken(l, app, n) != 0 || check_to(l, app, n) != 0
               ? -1
               : 0;
}

int network_apps(struct loader *l, const struct node *apps)
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

int network_faults(struct loader *l, const struct node *faults)
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
        if (read_misfit(&l->r, n, what, &wrong) != 0)
            return -1;
        memcpy(f->name, n->key, strlen(n->key) + 1);
    }
    return 0;
}
