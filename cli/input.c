/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/input.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool input_is_database(const char *path)
{
    static const char head[16] = "SQLite format 3";
    char got[sizeof head] = "";
    FILE *in = fopen(path, "rb");
    const bool is_one =
        in != NULL && fread(got, sizeof got, 1, in) == 1 && memcmp(got, head, sizeof got) == 0;
    if (in != NULL)
        fclose(in);
    return is_one;
}

int64_t input_number(const char *text)
{
    char *end;
    errno = 0;
    const long long number = strtoll(text, &end, 10);
    return *text == '\0' || *end != '\0' || errno != 0 || number < 1 ? -1 : number;
}
