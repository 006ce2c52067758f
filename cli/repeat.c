/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/repeat.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Plain characters mean themselves to every shell; a single quote is written '\'' inside single
 * quotes. */
static void quote(FILE *out, const char *word)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,+@%";
    if (*word != '\0' && word[strspn(word, plain)] == '\0') {
        fputs(word, out);
        return;
    }
    putc('\'', out);
    for (; *word != '\0'; word++)
        fputs(*word == '\'' ? "'\\''" : (char[]){*word, '\0'}, out);
    putc('\'', out);
}

char *repeat_command(const char *const *words, int n)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return NULL;
    for (int i = 0; i < n; i++) {
        if (i > 0)
            putc(' ', out);
        quote(out, words[i]);
    }
    return fclose(out) == 0 ? text : NULL;
}
