/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output/texts.h"

#include <stdlib.h>
#include <string.h>

#include "output/db.h"
#include "output/memory.h"

/* FNV-1a: the words are short. */
static uint32_t hash(const char *s)
{
    uint32_t h = 2166136261u;
    for (; *s != '\0'; s++)
        h = (h ^ (unsigned char)*s) * 16777619u;
    return h;
}

/* The slot of value, or the empty one where it belongs. */
static uint32_t *slot_of(const struct texts *t, const char *value)
{
    uint32_t i = hash(value) & (t->n_slots - 1);
    while (t->slots[i] != 0 && strcmp(t->values[t->slots[i] - 1], value) != 0)
        i = (i + 1) & (t->n_slots - 1);
    return &t->slots[i];
}

static void rebuild(struct texts *t, uint32_t n_slots)
{
    free(t->slots);
    t->slots = mem_zeroed(n_slots, sizeof(*t->slots));
    t->n_slots = n_slots;
    for (uint32_t id = 0; id < t->n; id++)
        *slot_of(t, t->values[id]) = id + 1;
}

int texts_init(struct texts *t, sqlite3 *db, const char *path, struct err *e)
{
    *t = (struct texts){.db = db};
    t->insert = db_prepare(db, path, "INSERT INTO row_text(id, value) VALUES (?, ?)", e);
    rebuild(t, 64);
    return t->insert != NULL ? 0 : -1;
}

void texts_fini(struct texts *t)
{
    texts_forget(t, 0);
    sqlite3_finalize(t->insert);
    free(t->values);
    free(t->slots);
}

int64_t texts_id(struct texts *t, const char *value)
{
    uint32_t *slot = slot_of(t, value);
    if (*slot != 0)
        return *slot - 1;
    sqlite3_bind_int64(t->insert, 1, t->n);
    sqlite3_bind_text(t->insert, 2, value, -1, SQLITE_STATIC);
    const int rc = sqlite3_step(t->insert);
    sqlite3_reset(t->insert);
    if (rc != SQLITE_DONE)
        return -1;
    t->values = mem_grow(t->values, &t->cap, t->n + 1, sizeof(*t->values));
    t->values[t->n] = mem_text(value);
    *slot = ++t->n;
    if (2 * t->n > t->n_slots)
        rebuild(t, 2 * t->n_slots);
    return t->n - 1;
}

void texts_forget(struct texts *t, uint32_t n)
{
    while (t->n > n)
        free(t->values[--t->n]);
    rebuild(t, t->n_slots);
}
