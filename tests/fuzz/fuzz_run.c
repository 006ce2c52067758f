/* SPDX-License-Identifier: GPL-3.0-or-later
 * fuzz_run.c -- any bytes as a packet script that is run too: no crash, no leak, no arithmetic
 * that overflows, and a verdict that says why it is no pass. The length picks the profile.
 *
 * Scripts with Python in them are left out: starting it takes longer than a thousand others.
 */
#include "drill/run.h"

#include <stdlib.h>
#include <string.h>

#include "sim/util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static bool has_code(const struct drill_script *s)
{
    for (int i = 0; i < s->n_events; i++)
        if (s->events[i].kind == DRILL_CODE)
            return true;
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const char *const PROFILES[] = {"rfc9293", "linux", "bsd"};
    const struct drill_options o = {.profile = PROFILES[n % ARRAY_LEN(PROFILES)],
                                    .ladder = true};
    struct err e = {0};
    struct drill_verdict v;
    struct drill_script *s = drill_script_parse("fuzz.pkt", (const char *)data, n, NULL, 0, &e);
    if (s != NULL && !has_code(s)) {
        drill_run(s, "fuzz.pkt", &o, &v);
        if ((v.outcome == DRILL_PASS) != (v.text[0] == '\0'))
            abort();
        drill_verdict_free(&v);
    }
    drill_script_free(s);
    return 0;
}
