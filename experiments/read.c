/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "experiments/read.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "experiments/sections.h"

/* The name that was meant: the same but for the case, or one a few letters away. */
static const char *meant_name(const char *text, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcasecmp(text, names[i]) == 0)
            return names[i];
    return nearest_name(text, names, n);
}

int read_hint(const struct reader *r, const char *text, const char *const *names, size_t n,
              const char *lead)
{
    enum { LISTED_MAX = 20 };
    const char *meant = meant_name(text, names, n);
    if (meant != NULL)
        return err_hint(r->e, "did you mean '%s'?", meant);
    if (n == 0)
        return err_hint(r->e, "there is none");
    if (n > LISTED_MAX)
        return err_hint(r->e, "halfopen explain lists what there is");
    const char *list = names[0];
    for (size_t i = 1; i < n; i++)
        list = pool_printf(r->pool, "%s, %s", list, names[i]);
    return err_hint(r->e, "%s %s", n == 1 ? "there is only" : lead, list);
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
    static const char *const what[] = {"name", "host", "link", "app", "fault"};
    if (r->scope == NULL || refers == REFERS_NONE)
        return 0;
    for (size_t i = 0; i < r->scope->n[refers]; i++)
        if (strcmp(r->scope->names[refers][i], name) == 0)
            return 0;
    const bool either = refers == REFERS_APP && r->scope->apps_or_hosts;
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

/* ---- one function a kind: text of a scalar at `at` into out ---- */

static int read_quantity(const struct reader *r, const struct key *k, const char *text,
                         const struct mark *at, void *out)
{
    int64_t value;
    char lo[64], hi[64];
    if (unit_parse(text, k->unit, &value, at, r->e) != 0)
        return -1;
    const int64_t max = k->min == 0 && k->max == 0 ? INT64_MAX : k->max;
    if (value < k->min || value > max) {
        err_set(r->e, at, "%s is out of range: '%s'", k->name, text);
        if (max >= INT64_MAX - 1)
            return err_hint(r->e, "at least %s%s", unit_format(k->min, k->unit, lo, sizeof(lo)),
                            value == INT64_MAX ? ", but with an end" : "");
        return err_hint(r->e, "%s to %s", unit_format(k->min, k->unit, lo, sizeof(lo)),
                        unit_format(max, k->unit, hi, sizeof(hi)));
    }
    memcpy(out, &value, sizeof(value));
    return 0;
}

static int read_bool(const struct reader *r, const struct key *k, const char *text,
                     const struct mark *at, void *out)
{
    static const char *const words[] = {"no", "yes", "false", "true", "off", "on"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strcmp(text, words[i]) == 0) {
            *(bool *)out = i % 2 == 1;
            return 0;
        }
    return err_set(r->e, at, "%s is yes or no, not '%s'", k->name, text);
}

static int read_choice(const struct reader *r, const struct key *k, const char *text,
                       const struct mark *at, void *out)
{
    size_t n = 0;
    for (; k->choices[n].name != NULL; n++)
        if (strcmp(k->choices[n].name, text) == 0) {
            *(const char **)out = k->choices[n].name;
            return 0;
        }
    const char **names = pool_array(r->pool, n, sizeof(*names));
    for (size_t i = 0; i < n; i++)
        names[i] = k->choices[i].name;
    return read_unknown(r, k->name, text, names, n, at);
}

static int read_name(const struct reader *r, const struct key *k, const char *text,
                     const struct mark *at, void *out)
{
    const bool refers = k->refers != REFERS_NONE;
    if ((refers ? read_check_name(r, k->refers, text, at) : read_check_word(r, text, at)) != 0)
        return -1;
    snprintf(out, NAME_MAX_BYTES, "%s", text);
    return 0;
}

static int read_text(const struct reader *r, const struct key *k, const char *text,
                     const struct mark *at, void *out)
{
    if (strlen(text) >= TEXT_MAX_BYTES)
        return err_set(r->e, at, "%s is longer than %d bytes", k->name, TEXT_MAX_BYTES - 1);
    memcpy(out, text, strlen(text) + 1);
    return 0;
}

static int read_port(const struct reader *r, const struct key *k, const char *text,
                     const struct mark *at, void *out)
{
    const size_t n = strspn(text, "0123456789");
    const long port = n > 0 && n < 6 && text[n] == '\0' ? atol(text) : 0;
    if (port < 1 || port > UINT16_MAX)
        return err_set(r->e, at, "%s is a port from 1 to 65535, not '%s'", k->name, text);
    *(uint16_t *)out = (uint16_t)port;
    return 0;
}

static const struct {
    const char *name;
    uint32_t bit;
} FLAGS[] = {{"FIN", TCP_FIN}, {"SYN", TCP_SYN}, {"RST", TCP_RST}, {"PSH", TCP_PSH},
             {"ACK", TCP_ACK}, {"URG", TCP_URG}, {"ECE", TCP_ECE}, {"CWR", TCP_CWR}};
enum { FLAGS_GIVEN = 31 }; /* bit */

/* Sets the bit of one name of len bytes. */
static int read_flag(const struct reader *r, const char *name, size_t len,
                     const struct mark *at, uint32_t *flags)
{
    const char *names[ARRAY_LEN(FLAGS)];
    for (size_t i = 0; i < ARRAY_LEN(FLAGS); i++) {
        names[i] = FLAGS[i].name;
        if (strlen(names[i]) == len && strncmp(names[i], name, len) == 0) {
            *flags |= FLAGS[i].bit;
            return 0;
        }
    }
    return read_unknown(r, "TCP flag", pool_slice(r->pool, name, len), names, ARRAY_LEN(FLAGS),
                        at);
}

static int read_flags(const struct reader *r, const struct key *k, const char *text,
                      const struct mark *at, void *out)
{
    uint32_t flags = UINT32_C(1) << FLAGS_GIVEN;
    for (const char *p = text;; p++) {
        p += strspn(p, " ");
        const size_t len = strcspn(p, ", +|/");
        if (read_flag(r, p, len, at, &flags) != 0)
            return -1;
        p += len;
        p += strspn(p, " ");
        if (*p == '\0')
            break;
        if (*p != ',')
            return err_set(r->e, at, "%s are joined by commas, as in SYN,ACK, not '%s'",
                           k->name, text);
    }
    *(uint32_t *)out = flags;
    return 0;
}

/* [SYN, ACK] */
static int read_flag_list(const struct reader *r, const struct key *k, const struct node *list,
                          uint32_t *out)
{
    uint32_t flags = UINT32_C(1) << FLAGS_GIVEN;
    if (list->first == NULL)
        return err_set(r->e, &list->at, "%s names at least one flag", k->name);
    for (const struct node *n = list->first; n != NULL; n = n->next) {
        if (n->kind != NODE_SCALAR)
            return err_set(r->e, &n->at, "%s is a list of TCP flags, not of %s", k->name,
                           node_describe(r->pool, n));
        if (read_flag(r, n->text, strlen(n->text), &n->at, &flags) != 0)
            return -1;
    }
    *out = flags;
    return 0;
}

static int read_until(const struct reader *r, const struct key *k, const char *text,
                      const struct mark *at, void *out)
{
    struct key_until *until = out;
    const size_t len = strcspn(text, " ");
    const char *state = text + len + strspn(text + len, " ");
    const char *name = pool_slice(r->pool, text, len);
    if (len == 0 || *state == '\0') {
        err_set(r->e, at, "%s is the name of an app and a TCP state, not '%s'", k->name, text);
        return err_hint(r->e, "for example user CLOSED");
    }
    if (read_check_name(r, k->refers, name, at) != 0 || read_check_word(r, name, at) != 0)
        return -1;
    const char *states[TCP_N_STATES];
    enum tcp_state ignored;
    for (int i = 0; i < TCP_N_STATES; i++)
        states[i] = tcp_state_name((enum tcp_state)i);
    if (!tcp_state_named(state, &ignored))
        return read_unknown(r, "TCP state", state, states, TCP_N_STATES, at);
    snprintf(until->name, sizeof(until->name), "%s", name);
    snprintf(until->state, sizeof(until->state), "%s", state);
    return 0;
}

static int (*const READ_TEXT[])(const struct reader *, const struct key *, const char *,
                                const struct mark *, void *) = {
    [KEY_QUANTITY] = read_quantity, [KEY_BOOL] = read_bool,   [KEY_CHOICE] = read_choice,
    [KEY_NAME] = read_name,         [KEY_TEXT] = read_text,   [KEY_PORT] = read_port,
    [KEY_FLAGS] = read_flags,       [KEY_UNTIL] = read_until,
};

/* ---- maps ---- */

void read_default(const struct key *k, void *out)
{
    struct err e = {0};
    const struct reader r = {.e = &e};
    if (k->kind == KEY_GROUP) {
        for (const struct key *sub = k->sub; sub != NULL && sub->name != NULL; sub++)
            if (sub->default_text != NULL)
                read_default(sub, out);
        return;
    }
    if (k->default_text[0] == '\0' || k->kind == KEY_STEPS)
        return;
    const int bad = READ_TEXT[k->kind](&r, k, k->default_text, NULL, (char *)out + k->offset);
    sim_assert(NULL, bad == 0); /* the invariant of struct key */
}

static int read_steps(const struct reader *r, const struct key *k, const struct node *list,
                      struct key_list *out)
{
    if (list->kind != NODE_LIST) {
        err_set(r->e, &list->at, "%s is a list of maps, not %s", k->name,
                node_describe(r->pool, list));
        return err_hint(r->e, "for example %s: [{...}, {...}]", k->name);
    }
    *out =
        (struct key_list){pool_array(r->pool, (size_t)node_n_children(list), k->item_bytes), 0};
    for (const struct node *n = list->first; n != NULL; n = n->next) {
        const struct part part = {.keys = k->sub,
                                  .out = (char *)out->items + (size_t)out->n * k->item_bytes};
        const char *what = pool_printf(r->pool, "item %d of %s", ++out->n, k->name);
        if (n->kind != NODE_MAP)
            return err_set(r->e, &n->at, "%s must be a map, not %s", what,
                           node_describe(r->pool, n));
        if (read_map(r, n, what, &n->at, &part, 1) != 0)
            return -1;
    }
    return 0;
}

int read_value(const struct reader *r, const struct key *k, const struct node *n, void *out)
{
    char buf[400];
    if (k->kind == KEY_GROUP) {
        const struct part part = {.keys = k->sub, .out = out};
        if (n->kind != NODE_MAP)
            return err_set(r->e, &n->at, "%s must be a map, not %s", k->name,
                           node_describe(r->pool, n));
        return k->sub == NULL ? 0 : read_map(r, n, k->name, &n->key_at, &part, 1);
    }
    if (k->kind == KEY_STEPS)
        return read_steps(r, k, n, (struct key_list *)((char *)out + k->offset));
    if (k->kind == KEY_FLAGS && n->kind == NODE_LIST)
        return read_flag_list(r, k, n, (uint32_t *)((char *)out + k->offset));
    if (n->kind != NODE_SCALAR)
        return err_set(r->e, &n->key_at, "%s must be %s, not %s", k->name,
                       key_kind_text(k, buf, sizeof(buf)), node_describe(r->pool, n));
    return READ_TEXT[k->kind](r, k, n->text, &n->at, (char *)out + k->offset);
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

static int check_keys(const struct reader *r, const struct node *map, const char *what,
                      const struct part *parts, int n_parts)
{
    enum { KEYS_MAX = 128 };
    const char *names[KEYS_MAX];
    size_t n = 0;
    const struct node *before = NULL;
    for (int i = 0; i < n_parts; i++)
        for (const struct key *k = parts[i].keys; k->name != NULL && n < KEYS_MAX; k++)
            names[n++] = k->name;
    for (const struct node *c = map->first; c != NULL; before = c, c = c->next) {
        size_t i = 0;
        while (i < n && strcmp(names[i], c->key) != 0)
            i++;
        if (i < n)
            continue;
        err_set(r->e, &c->key_at, "unknown key '%s' in %s", c->key, what);
        if (before != NULL && before->kind == NODE_SCALAR && is_made_by_comma(c))
            return hint_at_comma(r, before, c);
        return read_hint(r, c->key, names, n, "its keys:");
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
        return err_set(r->e, &map->at, "%s must be a map, not %s", what,
                       node_describe(r->pool, map));
    if (map != NULL && check_keys(r, map, what, parts, n_parts) != 0)
        return -1;
    for (int i = 0; i < n_parts; i++)
        for (const struct key *k = parts[i].keys; k->name != NULL; k++)
            if (read_row(r, map, what, at, &parts[i], k) != 0)
                return -1;
    return 0;
}
