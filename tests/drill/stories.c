/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/drill/stories.h"

#include <stdlib.h>

static struct drill_verdict play(const struct story *s)
{
    char name[64] = "";
    struct err e = {0};
    struct drill_verdict v;
    struct drill_setting setting = {.name = name};
    const bool relaxed = strcmp(s->profile, "relax") == 0;
    struct drill_options o = {.profile = relaxed ? NULL : s->profile, .relax_freebsd = relaxed};
    struct drill_script *script =
        drill_script_parse("test.pkt", s->script, strlen(s->script), NULL, 0, &e);
    if (script == NULL) {
        print_error("%s: line %d: %s\n", s->story, e.line, e.text);
        fail();
    }
    if (s->setting != NULL) {
        snprintf(name, sizeof name, "%.*s", (int)strcspn(s->setting, "="), s->setting);
        setting.value =
            strchr(s->setting, '=') != NULL ? (char *)strchr(s->setting, '=') + 1 : NULL;
        o.settings = &setting;
        o.n_settings = 1;
    }
    drill_run(script, "test.pkt", &o, &v);
    drill_script_free(script);
    return v;
}

void check_stories(const struct story *stories, size_t n)
{
    int n_wrong = 0;
    for (size_t i = 0; i < n; i++) {
        const struct story *s = &stories[i];
        struct drill_verdict v = play(s);
        const char *want = s->text != NULL ? s->text : "";
        if (strcmp(v.text, want) != 0 || v.line != s->line ||
            v.outcome != (s->text != NULL ? s->outcome : DRILL_PASS)) {
            print_error("%s: line %d, outcome %d: \"%s\"\n"
                        "  expected line %d, \"%s\"\n"
                        "%s",
                        s->story, v.line, v.outcome, v.text, s->line, want, v.detail);
            n_wrong++;
        }
        drill_verdict_free(&v);
    }
    check_eq("all stories", n_wrong, 0);
}
