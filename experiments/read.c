/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "experiments/read.h"

#include <string.h>
#include <strings.h>

#include "experiments/read_kinds.h"
#include "experiments/sections.h"
#include "experiments/synonyms.h"

const char *read_meant(const char *text, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcasecmp(text, names[i]) == 0)
            return names[i];
    const char *near = nearest_name(text, names, n);
    return near != NULL ? near : synonym_of(text, names, n);
}

/* "LEAD a, b, c" */
static int hint_list(const struct reader *r, const char *lead, const char *const *names,
                     size_t n)
{
    const char *list = names[0];
    for (size_t i = 1; i < n; i++)
        list = pool_printf(r->pool, "%s, %s", list, names[i]);
    return err_hint(r->e, "%s %s", lead, list);
}

/* Into `like` those with the text in them. Their number. */
static size_t names_with(const char *text, const char *const *names, size_t n,
                         const char **like)
{
    enum { TELLING = 3 }; /* letters */
    size_t n_like = 0;
    for (size_t i = 0; i < n && strlen(text) >= TELLING; i++)
        if (strstr(names[i], text) != NULL)
            like[n_like++] = names[i];
    return n_like;
}

int read_hint(const struct reader *r, const char *text, const char *const *names, size_t n,
              const char *lead)
{
    enum { LISTED_MAX = 24 };
    const char *meant = read_meant(text, names, n);
    if (meant != NULL)
        return err_hint(r->e, "did you mean '%s'?", meant);
    const char *advice = synonym_advice(text, names, n);
    if (advice != NULL)
        return err_hint(r->e, "%s", advice);
    if (n == 0)
        return err_hint(r->e, "there is none");
    if (n > LISTED_MAX) {
        const char **like = pool_array(r->pool, n, sizeof(*like));
        const size_t n_like = names_with(text, names, n, like);
        return n_like > 0 && n_like <= LISTED_MAX
                   ? hint_list(r, "there are", like, n_like)
                   : err_hint(r->e, "halfopen explain lists what there is");
    }
    return hint_list(r, n == 1 ? "there is only" : lead, names, n);
}

int read_hint_key(const struct reader *r, const struct node *key, const struct node *before,
                  const char *const *names, size_t n)
{
    if (before != NULL && before->kind == NODE_NULL && !before->removes &&
        read_meant(key->key, names, n) == NULL)
        return err_hint(r->e, "'%s' before it is empty: indent what belongs to it",
                        before->key);
    return read_hint(r, key->key, names, n, "its keys:");
}

int read_unknown(const struct reader *r, const char *what, const char *text,
                 const char *const *names, size_t n, const struct mark *at)
{
    err_set(r->e, at, "unknown %s '%s'", what, text);
    return read_hint(r, text, names, n, "one of");
}

int read_check_name(const struct reader *r, enum refers refers, const char *name,
                    const struct mark *at)
{
    static const char *const what[N_REFERS] = {
        [REFERS_HOST] = "host",   [REFERS_LINK] = "link",     [REFERS_APP] = "app",
        [REFERS_FAULT] = "fault", [REFERS_ROUTER] = "router", [REFERS_NODE] = "host or router",
    };
    if (r->scope == NULL || what[refers] == NULL)
        return 0;
    for (size_t i = 0; i < r->scope->n[refers]; i++)
        if (strcmp(r->scope->names[refers][i], name) == 0)
            return 0;
    const bool either = refers == REFERS_APP && r->scope->apps_or_hosts;
    if (either && strpbrk(name, ".:") != NULL) {
        err_set(r->e, at, "'%s' is not the name of an app or host", name);
        return err_hint(r->e, "an end is a name and a port beside it: to: server, port: 80");
    }
    return read_unknown(r, either ? "app or host" : what[refers], name, r->scope->names[refers],
                        r->scope->n[refers], at);
}

int read_check_word(const struct reader *r, const char *text, const struct mark *at)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    if (text[0] == '\0' || text[strspn(text, allowed)] != '\0') {
        err_set(r->e, at, "'%s' cannot be a name", text);
        return err_hint(r->e, "a name has letters, digits, - and _ only");
    }
    if (strlen(text) >= NAME_MAX_BYTES)
        return err_set(r->e, at, "the name is longer than %d bytes", NAME_MAX_BYTES - 1);
    return 0;
}

/* ---- maps ---- */

void read_default(const struct key *k, void *out)
{
    struct err e = {0};
    const struct reader r = {.e = &e};
    if (k->kind == KEY_GROUP) {
        for (const struct key *sub = k->sub; sub != NULL && sub->name != NULL; sub++)
            if (sub->default_text != NULL)
                read_default(sub, (char *)out + k->sub_at);
        return;
    }
    if (k->default_text[0] == '\0')
        return;
    const int bad = read_scalar(&r, k, k->default_text, NULL, out);
    sim_assert(NULL, bad == 0); /* the invariant of struct key */
}

int read_value(const struct reader *r, const struct key *k, const struct node *n, void *out)
{
    return n->kind == NODE_SCALAR && k->kind != KEY_GROUP && k->kind != KEY_STEPS &&
                   k->kind != KEY_MAPS && !key_is_list(k)
               ? read_scalar(r, k, n->text, &n->at, out)
               : read_nested(r, k, n, out);
}

/* In {is: f(1,2)} the key '2)' has neither colon nor value: a comma within a text made it. */
static bool is_made_by_comma(const struct node *n)
{
    const char *p = n->key_at.line_text;
    if (n->kind != NODE_NULL || p == NULL)
        return false;
    for (int column = 1; *p != '\0' && column < n->key_at.column + n->key_at.width; column++)
        do
            p++;
        while (((unsigned char)*p & 0xc0) == 0x80); /* within a character */
    p += strspn(p, " ");
    return *p == ',' || *p == '}' || *p == '\0';
}

/* c stands behind `before`, from whose text a comma has cut it off. */
static int hint_at_comma(const struct reader *r, const struct node *before,
                         const struct node *c)
{
    const char *whole = before->text;
    for (; c != NULL && is_made_by_comma(c); c = c->next)
        whole = pool_printf(r->pool, "%s,%s", whole, c->key);
    return err_hint(r->e, "a comma separates keys here: write %s: \"%s\"", before->key, whole);
}

enum { KEYS_MAX = 128 };

static size_t key_names(const struct part *parts, int n_parts, const char *names[KEYS_MAX])
{
    size_t n = 0;
    for (int i = 0; i < n_parts; i++)
        for (const struct key *k = parts[i].keys; k->name != NULL && n < KEYS_MAX; k++)
            names[n++] = k->name;
    return n;
}

static int no_map(const struct reader *r, const struct node *map, const char *what,
                  const struct part *parts, int n_parts)
{
    enum { LISTED_MAX = 24 };
    const char *names[KEYS_MAX];
    const size_t n = key_names(parts, n_parts, names);
    err_set(r->e, &map->at, "%s must be a map, not %s", what, node_describe(r->pool, map));
    return n > 0 && n <= LISTED_MAX ? hint_list(r, "its keys:", names, n) : -1;
}

static int check_keys(const struct reader *r, const struct node *map, const char *what,
                      const struct part *parts, int n_parts)
{
    const char *names[KEYS_MAX];
    const size_t n = key_names(parts, n_parts, names);
    const struct node *before = NULL;
    for (const struct node *c = map->first; c != NULL; before = c, c = c->next) {
        size_t i = 0;
        while (i < n && strcmp(names[i], c->key) != 0)
            i++;
        if (i < n)
            continue;
        err_set(r->e, &c->key_at, "unknown key '%s' in %s", c->key, what);
        const size_t len = strcspn(c->key, ":");
        if (c->kind == NODE_NULL && c->key[len] == ':')
            return err_hint(r->e, "a space is missing behind the ':': write %.*s: %s", (int)len,
                            c->key, c->key + len + 1);
        if (before != NULL && before->kind == NODE_SCALAR && is_made_by_comma(c))
            return hint_at_comma(r, before, c);
        return read_hint_key(r, c, before, names, n);
    }
    return 0;
}

static int read_row(const struct reader *r, const struct node *map, const char *what,
                    const struct mark *at, const struct part *part, const struct key *k)
{
    const struct node *n = node_get(map, k->name);
    if (n != NULL)
        return read_value(r, k, n, part->out);
    if (part->keep)
        return 0;
    if (k->default_text != NULL || k->kind == KEY_GROUP) {
        read_default(k, part->out);
        return 0;
    }
    const struct node *removed = node_find(map, k->name);
    err_set(r->e, removed != NULL ? &removed->key_at : at, "%s needs the key '%s'", what,
            k->name);
    return err_hint(r->e, "%s: %s", k->name, k->help);
}

int read_map(const struct reader *r, const struct node *map, const char *what,
             const struct mark *at, const struct part *parts, int n_parts)
{
    if (map != NULL && map->kind != NODE_MAP)
        return no_map(r, map, what, parts, n_parts);
    if (map != NULL && check_keys(r, map, what, parts, n_parts) != 0)
        return -1;
    for (int i = 0; i < n_parts; i++)
        for (const struct key *k = parts[i].keys; k->name != NULL; k++)
            if (read_row(r, map, what, at, &parts[i], k) != 0)
                return -1;
    return 0;
}

/* ---- parameters that do not go together ---- */

/* The item that a misfit is about; n itself when there is none, or the topology has given it.
 */
static const struct node *misfit_item(const struct node *n, const struct misfit *wrong)
{
    const struct node *list = wrong->list != NULL ? node_get(n, wrong->list) : NULL;
    const struct node *item = list != NULL ? list->first : n;
    for (int i = 0; list != NULL && i < wrong->item; i++)
        item = item->next;
    return item;
}

int read_misfit(const struct reader *r, const struct node *n, const char *what,
                const struct misfit *wrong)
{
    if (wrong->sentence == NULL)
        return 0;
    const struct node *item = misfit_item(n, wrong);
    const struct node *key = wrong->key != NULL ? node_get(item, wrong->key) : NULL;
    const bool in_list = wrong->list != NULL && item != n && item->key == NULL;
    if (in_list)
        what = pool_printf(r->pool, "%s, item %d of %s", what, wrong->item + 1, wrong->list);
    else if (wrong->list != NULL && item != n)
        what = pool_printf(r->pool, "%s, '%s' of %s", what, item->key, wrong->list);
    err_set(r->e,
            key != NULL ? &key->key_at
            : in_list   ? &item->at
                        : &item->key_at,
            "%s: %s", what, wrong->sentence);
    return wrong->meant != NULL ? err_hint(r->e, "did you mean '%s'?", wrong->meant) : -1;
}
