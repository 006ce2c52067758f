/* SPDX-License-Identifier: GPL-3.0-or-later
 * texts.h -- the dictionary of texts that repeat: row_text(id, value), ids 0, 1, 2, ... in the
 * order of first use.
 *
 * SQLite stores 0 and 1 in no bytes and small numbers in one, so the first words of a run are
 * the cheapest.
 */
#pragma once
#include "sim/err.h"
#include <sqlite3.h>
#include <stdint.h>

/* Invariant: slots is open addressing over hashes of values; a slot is id + 1, 0 is empty; at
 * most half are used. */
struct texts {
    sqlite3 *db; /* borrowed */
    sqlite3_stmt *insert;
    char **values; /* [id], owned */
    uint32_t *slots;
    uint32_t n, cap, n_slots;
};

/* 0, or -1 with e. */
int texts_init(struct texts *t, sqlite3 *db, const char *path, struct err *e);
void texts_fini(struct texts *t);

/* The id of value, which is inserted on its first use. -1: the insertion failed (db tells). */
int64_t texts_id(struct texts *t, const char *value);

/* Forgets all ids from n on: their rows were rolled back. */
void texts_forget(struct texts *t, uint32_t n);
