/* SPDX-License-Identifier: GPL-3.0-or-later
 * repeat.h -- the command that has the same result again, as it would be typed into a shell.
 */
#pragma once
#include "cli/load.h"

struct repeat {
    const char **words;
    int n;
    char seed[24];
};

enum { REPEAT_MORE = 8 }; /* words that there is room for behind those of repeat_begin */

/* The words on which a result depends: the file at `path`, what `load` changes of it, the seed
 * even when it is the file's. Borrows them. 0, or -1: no memory. */
int repeat_begin(struct repeat *r, const struct load_args *load, const char *path,
                 uint64_t seed, bool shuffle_ties);

/* Its text, and frees the words. malloc'd; NULL: no memory. */
char *repeat_end(struct repeat *r);

/* words[0..n) quoted where a shell needs it and joined by spaces; malloc'd, NULL: no memory. */
char *repeat_command(const char *const *words, int n);
