/* SPDX-License-Identifier: GPL-3.0-or-later
 * read_series.c -- a file of quantities, one a line: what was measured elsewhere and is to be
 * replayed.
 *
 *   # instants of arrivals
 *   0.125s
 *   0.5s
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "experiments/read_kinds.h"
#include "experiments/typed.h"

enum { SERIES_MAX_BYTES = 64 << 20 };
static const char BOM[] = "\xEF\xBB\xBF"; /* says nothing that is not so without it */

/* Relative to the folder of the file that names it; of -p: to where we are. */
static const char *series_path(struct pool *pool, const struct mark *at, const char *name)
{
    const char *slash = at->path != NULL ? strrchr(at->path, '/') : NULL;
    return slash == NULL || name[0] == '/'
               ? name
               : pool_printf(pool, "%.*s%s", (int)(slash - at->path + 1), at->path, name);
}

/* An open file into text, which is ended by a NUL; what is wrong, or NULL. */
static const char *read_bytes(struct pool *pool, FILE *f, char **text, size_t *len)
{
    struct stat about;
    if (fstat(fileno(f), &about) != 0)
        return strerror(errno);
    if (!S_ISREG(about.st_mode))
        return "it is no regular file";
    if (about.st_size > SERIES_MAX_BYTES)
        return "it is larger than 64 MiB";
    *text = pool_alloc(pool, (size_t)about.st_size + 1);
    *len = fread(*text, 1, (size_t)about.st_size, f);
    return ferror(f) ? strerror(errno) : NULL;
}

/* One line without its end; lines without a quantity are passed over. */
static int read_line(const struct reader *r, const struct key *k, struct mark *at,
                     struct key_list *out)
{
    const char *text = at->line_text + strspn(at->line_text, " \t");
    size_t len = strcspn(text, "#");
    while (len > 0 && strchr(" \t\r", text[len - 1]) != NULL)
        len--;
    if (len == 0)
        return 0;
    const char *word = pool_slice(r->pool, text, len);
    at->column = (int)(text - at->line_text) + 1;
    at->width = tree_n_characters(word, len);
    return typed_check(word, at, r->e) != 0
               ? -1
               : read_quantity(r, k, word, at, (int64_t *)out->items + out->n++);
}

static int read_lines(const struct reader *r, const struct key *k, const char *path, char *text,
                      size_t len, struct key_list *out)
{
    char wrong_text[120];
    const char *hint;
    size_t offset, n_lines = 1;
    const char *wrong = typed_bytes(text, len, &offset, &hint, wrong_text, sizeof(wrong_text));
    struct mark at = {.path = path, .width = 1};
    if (wrong != NULL) {
        err_set(r->e, &at, "%s", wrong);
        return err_hint(r->e, "%s", hint);
    }
    for (size_t i = 0; i < len; i++)
        n_lines += text[i] == '\n';
    *out = (struct key_list){pool_array(r->pool, n_lines, sizeof(int64_t)), 0};
    for (char *line = text, *next; line != NULL; line = next) {
        next = strchr(line, '\n');
        if (next != NULL)
            *next++ = '\0';
        at.line++;
        at.line_text = line;
        if (read_line(r, k, &at, out) != 0)
            return -1;
    }
    return 0;
}

int read_series(const struct reader *r, const struct key *k, const char *text,
                const struct mark *at, void *out)
{
    const char *path = series_path(r->pool, at, text);
    FILE *f = fopen(path, "rb");
    char *bytes = NULL;
    size_t len = 0;
    if (f == NULL)
        return err_set(r->e, at, "cannot open the file '%s': %s", path, strerror(errno));
    const char *wrong = read_bytes(r->pool, f, &bytes, &len);
    fclose(f);
    if (wrong != NULL)
        return err_set(r->e, at, "cannot read the file '%s': %s", path, wrong);
    if (len >= sizeof(BOM) - 1 && memcmp(bytes, BOM, sizeof(BOM) - 1) == 0) {
        bytes += sizeof(BOM) - 1;
        len -= sizeof(BOM) - 1;
    }
    if (read_lines(r, k, path, bytes, len, out) != 0)
        return -1;
    return ((const struct key_list *)out)->n > 0
               ? 0
               : err_set(r->e, at, "nothing stands in the file '%s'", path);
}
