/* SPDX-License-Identifier: GPL-3.0-or-later
 * explain_profiles.c -- the profiles side by side: a line a key, a star where a value is not
 * that of the first profile, whose values are the defaults.
 */
#include <stdio.h>
#include <string.h>

#include "experiments/reference.h"
#include "models/tcp/params.h"

enum { PROFILES_MAX = 8, VALUE_BYTES = 40, KEY_WIDTH = 26, VALUE_WIDTH = 14 };

static const char *text_in(const struct tcp_profile *p, const struct key *k)
{
    for (const struct tcp_profile_row *r = p->rows; r->key != NULL; r++)
        if (strcmp(r->key, k->name) == 0)
            return r->value;
    return k->default_text;
}

/* Equal values are equal texts then, however a row has written them. */
static const char *value_in(const struct tcp_profile *p, const struct key *k, char *buf)
{
    const char *text = text_in(p, k);
    int64_t value;
    struct err e = {0};
    if (k->kind == KEY_QUANTITY && unit_parse(text, k->unit, &value, NULL, &e) == 0)
        return unit_format(value, k->unit, buf, VALUE_BYTES);
    snprintf(buf, VALUE_BYTES, "%s", text);
    return buf;
}

static void put_key(const struct key *k, FILE *out)
{
    char first[VALUE_BYTES], buf[VALUE_BYTES];
    fprintf(out, "%-*s", KEY_WIDTH, k->name);
    value_in(&TCP_PROFILES[0], k, first);
    for (const struct tcp_profile *p = TCP_PROFILES; p->name != NULL; p++) {
        value_in(p, k, buf);
        const char *star = strcmp(buf, first) != 0 ? "*" : "";
        const int width = p[1].name != NULL ? VALUE_WIDTH - (int)strlen(star) : 0;
        fprintf(out, " %s%s%*s", buf, star,
                width > (int)strlen(buf) ? width - (int)strlen(buf) : 0, "");
    }
    putc('\n', out);
}

int profiles_print(FILE *out)
{
    char star[KEY_WIDTH + 1];
    snprintf(star, sizeof(star), "* not as in %s", TCP_PROFILES[0].name);
    fprintf(out, "%-*s", KEY_WIDTH, star);
    for (const struct tcp_profile *p = TCP_PROFILES; p->name != NULL; p++)
        fprintf(out, p[1].name != NULL ? " %-*s" : " %.*s", VALUE_WIDTH, p->name);
    putc('\n', out);
    for (const struct key *k = TCP_KEYS + 1; k->name != NULL; k++) /* all but `profile` */
        put_key(k, out);
    return fflush(out) == 0 && !ferror(out) ? 0 : -1;
}
