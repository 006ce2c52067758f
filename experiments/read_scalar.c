/* SPDX-License-Identifier: GPL-3.0-or-later
 * read_scalar.c -- one function a kind of key: the text of a scalar becomes its field.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "experiments/forms.h"
#include "experiments/read_kinds.h"
#include "experiments/sections.h"
#include "experiments/typed.h"
#include "sim/address.h"

static int out_of_range(const struct reader *r, const struct key *k, const char *text,
                        bool is_endless, const struct mark *at)
{
    const int64_t max = k->min == 0 && k->max == 0 ? INT64_MAX : k->max;
    char lo[64], hi[64];
    err_set(r->e, at, "%s is out of range: '%s'", k->name, text);
    unit_format(k->min, k->unit, lo, sizeof(lo));
    if (max >= INT64_MAX - 1)
        return err_hint(r->e, "at least %s%s", lo, is_endless ? ", but with an end" : "");
    return err_hint(r->e, "%s to %s", lo, unit_format(max, k->unit, hi, sizeof(hi)));
}

int read_quantity(const struct reader *r, const struct key *k, const char *text,
                  const struct mark *at, void *out)
{
    int64_t value;
    const int64_t max = k->min == 0 && k->max == 0 ? INT64_MAX : k->max;
    /* what no integer holds: the key's own range says more, unless it has no upper end */
    if ((*text == '-' || max < INT64_MAX - 1) && unit_is_beyond(text, k->unit))
        return out_of_range(r, k, text, false, at);
    if (unit_parse(text, k->unit, &value, at, r->e) != 0)
        return -1;
    if (value < k->min || value > max)
        return out_of_range(r, k, text, value == INT64_MAX, at);
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

/* Of a KEY_NAMES: the text itself. */
static int read_list_name(const struct reader *r, const struct key *k, const char *text,
                          const struct mark *at, void *out)
{
    if (k->refers == REFERS_NONE ? read_check_word(r, text, at) != 0
                                 : read_check_name(r, k->refers, text, at) != 0)
        return -1;
    *(const char **)out = text;
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

int read_flag(const struct reader *r, const char *name, size_t len, const struct mark *at,
              uint32_t *flags)
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
        const size_t len = strcspn(p, ", +|/-");
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

static int read_address(const struct reader *r, const struct key *k, const char *text,
                        const struct mark *at, void *out)
{
    const char *wrong = address_parse(text, out);
    if (wrong == NULL)
        return 0;
    err_set(r->e, at, "'%s' is neither an address nor a prefix", text);
    if (strchr(text, ':') != NULL &&
        (text[0] == '[' || strcspn(text, ":") > strcspn(text, ".")))
        return err_hint(r->e,
                        "an address has no port: where one is taken, it is a key of its own");
    return err_hint(r->e, "%s", wrong);
}

/* A word that is no quantity but nearly the name of a kind. */
static bool is_misspelt_kind(const struct reader *r, const struct key *k, const char *text)
{
    enum unit unit;
    int64_t ignored;
    const char *names[VARIANTS_MAX];
    const size_t n = variant_names(k->variants, names);
    return r->pool != NULL && !unit_guess(text, &unit, &ignored) &&
           read_meant(text, names, n) != NULL;
}

int read_unknown_kind(const struct reader *r, const struct key *k, const char *text,
                      const struct mark *at)
{
    const char *names[VARIANTS_MAX];
    const size_t n = variant_names(k->variants, names);
    return read_unknown(r, k->name, text, names, n, at);
}

/* 10ms-20ms and 20ms 2ms (as tc has it): two quantities, where a kind would have two keys. */
static bool are_two(const char *text)
{
    const size_t first = strcspn(text, " -~");
    const char *second = text + first + strspn(text + first, " -~.");
    return first > 0 && isdigit((unsigned char)*text) && isdigit((unsigned char)*second);
}

/* {loss: periodic} is {loss: {kind: periodic}}; any other text is the first key of the first
 * kind, and called as the variant is. */
static int read_variant_text(const struct reader *r, const struct key *k, const char *text,
                             const struct mark *at, void *out)
{
    struct key_variant *v = out;
    const struct variant *named = variant_find(k->variants, text);
    const struct key *keys = named != NULL ? named->keys : k->variants->keys;
    *v = (struct key_variant){.variant = named != NULL ? named : k->variants};
    if (named == NULL && (keys->name == NULL || is_misspelt_kind(r, k, text)))
        return read_unknown_kind(r, k, text, at);
    for (const struct key *key = keys; key->name != NULL; key++) {
        struct key as_variant = *key;
        as_variant.name = k->name;
        if (key == keys && named == NULL) {
            if (are_two(text) && variant_find(k->variants, "uniform") != NULL) {
                err_set(r->e, at, "%s is one time, or drawn: not '%s'", k->name, text);
                return err_hint(r->e, "for example {uniform: {min: 10ms, max: 20ms}} or "
                                      "{normal: {mean: 20ms, sd: 2ms}}");
            }
            if (read_scalar(r, &as_variant, text, at, v->params) != 0)
                return -1;
        } else if (key->default_text != NULL || key->kind == KEY_GROUP) {
            read_default(key, v->params);
        } else {
            err_set(r->e, at, "%s %s needs the key '%s'", k->name, v->variant->name, key->name);
            return err_hint(r->e, "%s: %s", key->name, key->help);
        }
    }
    const struct misfit wrong =
        v->variant->check != NULL ? v->variant->check(v->params) : (struct misfit){0};
    return wrong.sentence == NULL
               ? 0
               : err_set(r->e, at, "%s %s: %s", k->name, v->variant->name, wrong.sentence);
}

static int (*const READ_TEXT[])(const struct reader *, const struct key *, const char *,
                                const struct mark *, void *) = {
    [KEY_QUANTITY] = read_quantity,
    [KEY_BOOL] = read_bool,
    [KEY_CHOICE] = read_choice,
    [KEY_NAME] = read_name,
    [KEY_TEXT] = read_text,
    [KEY_PORT] = read_port,
    [KEY_FLAGS] = read_flags,
    [KEY_UNTIL] = read_until,
    [KEY_VARIANT] = read_variant_text,
    [KEY_FILE] = read_series,
    /* an item of a list */
    [KEY_QUANTITIES] = read_quantity,
    [KEY_NAMES] = read_list_name,
    [KEY_ADDRESSES] = read_address,
};

int read_scalar(const struct reader *r, const struct key *k, const char *text,
                const struct mark *at, void *out)
{
    if (!typed_is_prose(k->name) && k->kind != KEY_FILE && at != NULL &&
        typed_check(text, at, r->e) != 0)
        return -1;
    return READ_TEXT[k->kind](r, k, text, at, (char *)out + k->offset);
}
