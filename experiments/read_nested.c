/* SPDX-License-Identifier: GPL-3.0-or-later
 * read_nested.c -- values that are maps and lists.
 */
#include <string.h>

#include "experiments/forms.h"
#include "experiments/read_kinds.h"
#include "experiments/sections.h"
#include "experiments/typed.h"

static int wrong_kind(const struct reader *r, const struct key *k, const struct node *n)
{
    char buf[KIND_TEXT_MAX];
    return err_set(r->e, &n->key_at, "%s must be %s, not %s", k->name,
                   key_kind_text(k, buf, sizeof(buf)), node_describe(r->pool, n));
}

static int read_group(const struct reader *r, const struct key *k, const struct node *n,
                      void *out)
{
    const struct part part = {.keys = k->sub, .out = (char *)out + k->sub_at};
    if (k->sub != NULL)
        return read_map(r, n, k->name, &n->key_at, &part, 1);
    return n->kind == NODE_MAP ? 0
                               : err_set(r->e, &n->at, "%s must be a map, not %s", k->name,
                                         node_describe(r->pool, n));
}

static int read_steps(const struct reader *r, const struct key *k, const struct node *list,
                      void *out)
{
    struct key_list *items = out;
    if (list->kind != NODE_LIST) {
        err_set(r->e, &list->at, "%s is a list of maps, not %s", k->name,
                node_describe(r->pool, list));
        return err_hint(r->e, "for example %s: [{...}, {...}]", k->name);
    }
    *items =
        (struct key_list){pool_array(r->pool, (size_t)node_n_children(list), k->item_bytes), 0};
    for (const struct node *n = list->first; n != NULL; n = n->next) {
        char *item = (char *)items->items + (size_t)items->n * k->item_bytes;
        const struct part part = {.keys = k->sub, .out = item + k->sub_at};
        const char *what = pool_printf(r->pool, "item %d of %s", ++items->n, k->name);
        if (n->kind != NODE_MAP)
            return err_set(r->e, &n->at, "%s must be a map, not %s", what,
                           node_describe(r->pool, n));
        if (read_map(r, n, what, &n->at, &part, 1) != 0)
            return -1;
    }
    return 0;
}

/* ---- maps of maps ---- */

/* a->b or a<->b, both words and not the same. */
static int check_pair(const struct reader *r, const char *name, const struct mark *at)
{
    const char *arrow = strstr(name, "->");
    if (typed_check(name, at, r->e) != 0)
        return -1;
    if (arrow == NULL) {
        err_set(r->e, at, "'%s' cannot be a link", name);
        return err_hint(r->e, "a link is called a->b, or a<->b for both ways");
    }
    const bool both = arrow > name && arrow[-1] == '<';
    const char *from = pool_slice(r->pool, name, (size_t)(arrow - both - name));
    if (read_check_word(r, from, at) != 0 || read_check_word(r, arrow + 2, at) != 0)
        return -1;
    return strcmp(from, arrow + 2) != 0
               ? 0
               : err_set(r->e, at, "the link '%s' leads from '%s' to itself", name, from);
}

/* Without a value, as in {a->b, b->c}: all defaults. */
static int read_named_map(const struct reader *r, const struct key *k, const struct node *n,
                          char *item)
{
    const bool pair = k->refers == REFERS_LINK;
    const char *what = pool_printf(r->pool, "%s '%s'", pair ? "link" : k->name, n->key);
    const struct part part = {.keys = k->sub, .out = item + k->sub_at};
    if ((pair ? check_pair(r, n->key, &n->key_at) : read_check_word(r, n->key, &n->key_at)) !=
        0)
        return -1;
    memcpy(item, n->key, strlen(n->key) + 1);
    return read_map(r, n->kind == NODE_NULL ? NULL : n, what, &n->key_at, &part, 1);
}

static int read_maps(const struct reader *r, const struct key *k, const struct node *map,
                     void *out)
{
    struct key_list *items = out;
    if (map->kind != NODE_MAP)
        return wrong_kind(r, k, map);
    *items =
        (struct key_list){pool_array(r->pool, (size_t)node_n_children(map), k->item_bytes), 0};
    for (const struct node *n = map->first; n != NULL; n = n->next)
        if (n->kind != NODE_NULL || !n->removes)
            if (read_named_map(r, k, n,
                               (char *)items->items + (size_t)items->n++ * k->item_bytes) != 0)
                return -1;
    return 0;
}

/* ---- lists of scalars ---- */

bool key_is_list(const struct key *k)
{
    return k->kind == KEY_QUANTITIES || k->kind == KEY_NAMES || k->kind == KEY_ADDRESSES;
}

static size_t list_item_bytes(const struct key *k)
{
    return k->kind == KEY_QUANTITIES ? sizeof(int64_t)
           : k->kind == KEY_NAMES    ? sizeof(const char *)
                                     : sizeof(struct key_address);
}

/* The same name twice is a slip; the same number is not. */
static int check_repeated(const struct reader *r, const struct key *k, const struct node *list,
                          const struct node *n)
{
    if (k->kind != KEY_NAMES || list->kind != NODE_LIST)
        return 0;
    for (const struct node *other = list->first; other != n; other = other->next)
        if (strcmp(other->text, n->text) == 0)
            return err_set(r->e, &n->at, "%s has '%s' twice", k->name, n->text);
    return 0;
}

/* One alone may stand without brackets. */
static int read_list(const struct reader *r, const struct key *k, const struct node *list,
                     void *out)
{
    const size_t item_bytes = list_item_bytes(k);
    struct key item = *k;
    struct key_list *items = out;
    item.offset = 0;
    if (list->kind == NODE_MAP)
        return wrong_kind(r, k, list);
    if (list->kind == NODE_LIST && list->first == NULL && k->default_text == NULL)
        return err_set(r->e, &list->at, "%s is empty", k->name);
    *items = (struct key_list){
        pool_array(r->pool, (size_t)node_n_children(list) + 1, item_bytes), 0};
    for (const struct node *n = list->kind == NODE_LIST ? list->first : list; n != NULL;
         n = list->kind == NODE_LIST ? n->next : NULL) {
        if (n->kind != NODE_SCALAR)
            return wrong_kind(r, k, n == list ? n : list);
        if (read_scalar(r, &item, n->text, &n->at,
                        (char *)items->items + (size_t)items->n++ * item_bytes) != 0 ||
            check_repeated(r, k, list, n) != 0)
            return -1;
    }
    return 0;
}

/* [SYN, ACK] */
static int read_flag_list(const struct reader *r, const struct key *k, const struct node *list,
                          void *out)
{
    uint32_t flags = UINT32_C(1) << FLAGS_GIVEN;
    if (list->kind != NODE_LIST)
        return wrong_kind(r, k, list);
    if (list->first == NULL)
        return err_set(r->e, &list->at, "%s names at least one flag", k->name);
    for (const struct node *n = list->first; n != NULL; n = n->next) {
        if (n->kind != NODE_SCALAR)
            return err_set(r->e, &n->at, "%s is a list of TCP flags, not of %s", k->name,
                           node_describe(r->pool, n));
        if (read_flag(r, n->text, strlen(n->text), &n->at, &flags) != 0)
            return -1;
    }
    *(uint32_t *)out = flags;
    return 0;
}

/* ---- kinds ---- */

/* The first kind that has all the keys of the map; else the first of all. */
static const struct variant *likely_kind(const struct key *k, const struct node *map)
{
    for (const struct variant *v = k->variants; v->name != NULL; v++) {
        const struct node *n = map->first;
        while (n != NULL && key_find(v->keys, n->key) != NULL)
            n = n->next;
        if (n == NULL)
            return v;
    }
    return k->variants;
}

/* Which kind, from a map that form_variant has seen. */
static int find_kind(const struct reader *r, const struct key *k, const struct node *map,
                     const struct variant **out)
{
    const struct node *kind = node_get(map, "kind"), *one = map->first;
    if (one != NULL && variant_find(k->variants, one->key) != NULL && one->next == NULL)
        return err_set(r->e, &one->key_at, "%s %s takes no value", k->name, one->key);
    if (kind == NULL && one != NULL && one->next == NULL)
        return read_unknown_kind(r, k, one->key, &one->key_at);
    if (kind == NULL) {
        err_set(r->e, &map->key_at, "%s does not say of which kind it is", k->name);
        return err_hint(r->e, "for example %s: {%s: {...}}", k->name,
                        likely_kind(k, map)->name);
    }
    if (kind->kind != NODE_SCALAR)
        return err_set(r->e, &kind->key_at, "kind must be a name, not %s",
                       node_describe(r->pool, kind));
    *out = variant_find(k->variants, kind->text);
    return *out != NULL ? 0 : read_unknown_kind(r, k, kind->text, &kind->at);
}

/* {normal: [20ms, 2ms]}: a list has come for the kind's first key. */
static int takes_a_map(const struct reader *r, const struct variant *v, const struct node *map)
{
    const struct node *first = v->keys->name != NULL ? node_get(map, v->keys->name) : NULL;
    if (first == NULL || first->kind != NODE_LIST || v->keys[1].name == NULL)
        return -1;
    const char *keys = "";
    for (const struct key *k = v->keys; k->name != NULL; k++)
        keys = pool_printf(r->pool, "%s%s%s: ...", keys, k > v->keys ? ", " : "", k->name);
    return err_hint(r->e, "%s takes a map: {%s: {%s}}", v->name, v->name, keys);
}

static int read_variant(const struct reader *r, const struct key *k, const struct node *n,
                        void *out)
{
    static const struct key head[] = {{.name = "kind", .kind = KEY_TEXT, .default_text = ""},
                                      {0}};
    char kind[TEXT_MAX_BYTES];
    struct key_variant *v = out;
    if (n->kind != NODE_MAP)
        return wrong_kind(r, k, n);
    struct node *map = node_copy(r->pool, n);
    if (map->first != NULL && map->first->kind == NODE_NULL)
        map->first->kind = NODE_MAP; /* {flat: } */
    form_variant(r->pool, map, k->variants);
    *v = (struct key_variant){0};
    if (find_kind(r, k, map, &v->variant) != 0)
        return -1;
    const struct part parts[] = {{.keys = head, .out = kind},
                                 {.keys = v->variant->keys, .out = v->params}};
    const char *what = pool_printf(r->pool, "%s %s", k->name, v->variant->name);
    map->key_at = node_get(map, "kind")->at; /* what is wrong with a kind is wrong there */
    if (read_map(r, map, what, &map->key_at, parts, ARRAY_LEN(parts)) != 0)
        return takes_a_map(r, v->variant, map);
    const struct misfit wrong =
        v->variant->check != NULL ? v->variant->check(v->params) : (struct misfit){0};
    return read_misfit(r, map, what, &wrong);
}

static int (*const READ_NESTED[])(const struct reader *, const struct key *,
                                  const struct node *, void *) = {
    [KEY_FLAGS] = read_flag_list, [KEY_STEPS] = read_steps,     [KEY_GROUP] = read_group,
    [KEY_VARIANT] = read_variant, [KEY_QUANTITIES] = read_list, [KEY_NAMES] = read_list,
    [KEY_MAPS] = read_maps,       [KEY_ADDRESSES] = read_list,
};

int read_nested(const struct reader *r, const struct key *k, const struct node *n, void *out)
{
    const bool takes = (size_t)k->kind < ARRAY_LEN(READ_NESTED) && READ_NESTED[k->kind] != NULL;
    return takes ? READ_NESTED[k->kind](r, k, n, (char *)out + k->offset) : wrong_kind(r, k, n);
}
