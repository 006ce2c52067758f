/* SPDX-License-Identifier: GPL-3.0-or-later
 * fuzz_script.c -- any bytes as a packet script: no crash, no leak, an error exactly when there
 * is no script, and all that the script points to can be read.
 */
#include "drill/script.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/drill/script_dump.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Reads everything by printing it to nowhere. */
static FILE *nowhere(void)
{
    static FILE *file;
    if (file == NULL)
        file = fopen("/dev/null", "w");
    return file;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const struct drill_define defines[] = {
        {"W", "word"},       {"N", "-12"},       {"X", "0x1f"},  {"F", "1.5"},
        {"Q", "\"q\\x41\""}, {"B", "`command`"}, {"TWO", "1 2"}, {"E", ""},
    };
    struct err e = {0};
    struct drill_script *s = drill_script_parse("fuzz.pkt", (const char *)data, n, defines,
                                                sizeof(defines) / sizeof(defines[0]), &e);
    if ((s == NULL) != (e.text[0] != '\0'))
        abort();
    if (s != NULL)
        script_dump(s, nowhere());
    else
        err_print(&e, nowhere(), 0);
    drill_script_free(s);
    return 0;
}
