/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/repeat.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"

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

int repeat_begin(struct repeat *r, const struct load_args *load, const char *path,
                 uint64_t seed, bool shuffle_ties)
{
    enum { FIXED = 6 }; /* words below but those of -p */
    *r = (struct repeat){
        .words = calloc((size_t)load->n_overrides * 2 + FIXED + REPEAT_MORE, sizeof *r->words)};
    if (r->words == NULL)
        return -1;
    snprintf(r->seed, sizeof r->seed, "%llu", (unsigned long long)seed);
    r->words[r->n++] = program_path;
    r->words[r->n++] = "run";
    r->words[r->n++] = path;
    for (int i = 0; i < load->n_overrides; i++) {
        r->words[r->n++] = "-p";
        r->words[r->n++] = load->overrides[i];
    }
    r->words[r->n++] = "--seed";
    r->words[r->n++] = r->seed;
    if (shuffle_ties)
        r->words[r->n++] = "--ties=shuffle";
    return 0;
}

char *repeat_end(struct repeat *r)
{
    char *text = repeat_command(r->words, r->n);
    free(r->words);
    return text;
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
