/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "experiments/subst.h"

#include <string.h>

static const char LETTERS[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
static const char REST[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";

/* Bytes of the identifier that text begins with; 0: none. */
static size_t identifier(const char *text)
{
    return strspn(text, LETTERS) == 0 ? 0 : strspn(text, REST);
}

bool subst_is_identifier(const char *text)
{
    const size_t len = identifier(text);
    return len > 0 && text[len] == '\0';
}

const char *subst_name(const char *text)
{
    return text[0] == '$' && subst_is_identifier(text + 1) ? text + 1 : NULL;
}

void subst_each(const char *text, void (*visit)(void *ctx, const char *name, size_t len),
                void *ctx)
{
    while ((text = strchr(text, '$')) != NULL) {
        const size_t len = identifier(++text);
        if (len > 0)
            visit(ctx, text, len);
    }
}

static int unknown_name(const struct bindings *b, const char *name, const struct mark *at,
                        struct err *e)
{
    enum { NAMES_MAX = 256 };
    const char *names[NAMES_MAX];
    int n = 0;
    for (; n < b->n && n < NAMES_MAX; n++)
        names[n] = b->items[n].name;
    const char *near = nearest_name(name, names, (size_t)n);
    err_set(e, at, "the name '$%s' stands neither in 'let' nor in 'sweep'", name);
    return near == NULL ? -1 : err_hint(e, "did you mean '$%s'?", near);
}

/* A $name with something around it. */
static bool is_within(const char *text)
{
    const char *dollar = strchr(text, '$');
    return dollar != NULL && identifier(dollar + 1) > 0;
}

static int part_of_value(const struct node *n, struct err *e)
{
    err_set(e, &n->at, "a $name must be the whole value, not a part of '%s'", n->text);
    return err_hint(e, "arithmetic stands in the expressions of 'expect' alone");
}

const struct node *subst_value(const struct bindings *b, const char *name,
                               const struct mark *at, struct err *e)
{
    for (int depth = 0; depth <= b->n; depth++) {
        int i = 0;
        while (i < b->n && strcmp(b->items[i].name, name) != 0)
            i++;
        if (i == b->n) {
            unknown_name(b, name, at, e);
            return NULL;
        }
        const struct node *value = b->items[i].value;
        const char *next = subst_name(value->text);
        if (next == NULL && is_within(value->text)) {
            part_of_value(value, e);
            return NULL;
        }
        if (next == NULL)
            return value;
        name = next;
        at = &value->at;
    }
    err_set(e, at, "the name '$%s' refers to itself", name);
    return NULL;
}

static int subst_scalar(const struct bindings *b, struct node *n, struct err *e)
{
    if (!is_within(n->text))
        return 0;
    const char *name = subst_name(n->text);
    if (name == NULL)
        return part_of_value(n, e);
    const struct node *value = subst_value(b, name, &n->at, e);
    if (value == NULL)
        return -1;
    n->text = value->text;
    n->at = value->at;
    return 0;
}

int subst_tree(const struct bindings *b, struct node *n, struct err *e)
{
    if (n->kind == NODE_SCALAR)
        return subst_scalar(b, n, e);
    for (struct node *c = n->first; c != NULL; c = c->next)
        if (subst_tree(b, c, e) != 0)
            return -1;
    return 0;
}
