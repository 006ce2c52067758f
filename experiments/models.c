/* SPDX-License-Identifier: GPL-3.0-or-later
 * models.c -- `halfopen models`: the registries, one line a row.
 */
#include "experiments/functions.h"
#include "experiments/reference.h"
#include "experiments/sections.h"
#include "output/plot.h"

static void print_row(FILE *out, const char *name, const char *help)
{
    fprintf(out, "  %-16s %s\n", name, help);
}

/* The choices of a TCP key are its registry. */
static void print_choices(FILE *out, const char *title, const char *key)
{
    fprintf(out, "\n%s (tcp.%s)\n", title, key);
    for (const struct choice *c = key_find(TCP_KEYS, key)->choices; c->name != NULL; c++)
        print_row(out, c->name, c->help);
}

int models_print(FILE *out)
{
    static const struct {
        const char *title, *key;
    } choices[] = {{"profiles", "profile"},
                   {"handshakes", "handshake"},
                   {"initial sequence numbers", "isn"},
                   {"congestion controls", "congestion_control"},
                   {"policies of a full SYN queue", "syn_queue"},
                   {"rules of TIME-WAIT", "time_wait"}};
    fputs("topologies (topology)\n", out);
    for (const struct topology_kind *const *k = TOPOLOGY_KINDS; *k != NULL; k++)
        print_row(out, (*k)->name, (*k)->help);
    fputs("\napplications (apps.NAME.kind)\n", out);
    for (const struct app_kind *const *k = APP_KINDS; *k != NULL; k++)
        print_row(out, (*k)->name, (*k)->help);
    for (const struct variant_table *t = VARIANT_TABLES; t->name != NULL; t++) {
        fprintf(out, "\n%s (halfopen explain %s)\n", t->title, t->name);
        for (const struct variant *v = t->variants; v->name != NULL; v++)
            print_row(out, v->name, v->help);
    }
    for (size_t i = 0; i < ARRAY_LEN(choices); i++)
        print_choices(out, choices[i].title, choices[i].key);
    fputs("\npictures (plot.NAME.kind)\n", out);
    for (const struct plot_kind *k = PLOT_KINDS; k->name != NULL; k++)
        print_row(out, k->name, k->help);
    fputs("\nfunctions (in `is`, `at_least`, `at_most`)\n", out);
    for (const struct function *f = FUNCTIONS; f->name != NULL; f++)
        print_row(out, f->name, f->help);
    return fflush(out) != 0 || ferror(out) ? -1 : 0;
}
