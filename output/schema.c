/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output/schema.h"

#include <stdio.h>
#include <string.h>

#include "sim/assert.h"

/* $ is the number: prefix * 2^32 + the low 32 bits. */
static const char ADDRESS[] =
    "iif($ >> 32 = 0,\n"
    "           format('%d.%d.%d.%d', $ >> 24 & 255, $ >> 16 & 255, $ >> 8 & 255, $ & 255),\n"
    "           (SELECT x.value || iif($ & 0xffffffff = 0, '',\n"
    "                iif($ & 0xffff0000 = 0, format('%x', $ & 65535),\n"
    "                    format('%x:%x', $ >> 16 & 65535, $ & 65535)))\n"
    "            FROM row_prefix p CROSS JOIN row_text x ON x.id = iif($ & 0xffffffff = 0,\n"
    "                p.zero, iif($ & 0xffff0000 = 0, p.low, p.high))\n"
    "            WHERE p.prefix = $ >> 32\n"
    "                  AND p.id BETWEEN r.id << 32 AND (r.id << 32) + 0xffffffff))";

static void put_address(FILE *out, const char *number, size_t len)
{
    for (const char *c = ADDRESS; *c != '\0'; c++)
        if (*c == '$')
            fprintf(out, "%.*s", (int)len, number);
        else
            fputc(*c, out);
}

char *schema_expand(const char *sql)
{
    static const char name[] = "$address(";
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    sim_assert(NULL, out != NULL);
    for (const char *at; (at = strstr(sql, name)) != NULL;) {
        const char *number = at + strlen(name);
        const size_t len = strcspn(number, ")");
        fprintf(out, "%.*s", (int)(at - sql), sql);
        put_address(out, number, len);
        sql = number + len + 1;
    }
    fputs(sql, out);
    fclose(out);
    return text;
}
