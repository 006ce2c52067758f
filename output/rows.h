/* SPDX-License-Identifier: GPL-3.0-or-later
 * rows.h -- the row tables of record types: one prepared INSERT each, filled by walking the
 * type's fields.
 *
 *   struct rec_type "link.drop" {at, why TEXT}  ->  row_link_drop(id, t_ns, at, why)  and the
 * view link_drop(run_id, t_ns, ...)
 *
 * Types that schema.sql knows find their table there, every field of theirs must have a column
 * of its name.
 */
#pragma once
#include "output/texts.h"
#include "sim/record.h"
#include <stdbool.h>

enum { ROW_RUN_SHIFT = 32, ROW_NAME_BYTES = 64, ROW_LIMITS = 4 };

struct row_table {
    const struct rec_type *type; /* borrowed: const data of its owner */
    char name[ROW_NAME_BYTES];   /* of the view; its table is row_NAME */
    sqlite3_stmt *insert;
    int64_t n, max;   /* rows in the present run, at most */
    bool made_in_run; /* a rollback of the present run takes the table away */
};

struct rows {
    sqlite3 *db;         /* borrowed */
    struct texts *texts; /* borrowed */
    const char *path;    /* borrowed; for sentences */
    struct row_table *tables;
    uint32_t n, cap;
    int64_t n_in_run; /* rows of all tables: numbers them, so that their order across tables is
                         kept */
    struct row_limit {
        const char *type;
        int64_t max;
    } limits[ROW_LIMITS];
    uint32_t n_limits;
};

void rows_init(struct rows *rows, sqlite3 *db, struct texts *texts, const char *path);
void rows_fini(struct rows *rows);

/* Tables of types of this name, made from now on, take max rows a run. At most ROW_LIMITS
 * names; borrows type. */
void rows_limit(struct rows *rows, const char *type, int64_t max);

/* The table of a type, made on first use. NULL with e. Valid until the next call. */
struct row_table *rows_table(struct rows *rows, const struct rec_type *type, struct err *e);

/* Inserts one record of the run. 0, or -1: db tells. */
int rows_insert(struct rows *rows, struct row_table *t, int64_t run, sim_time now,
                const void *rec);

/* A run is over: counts begin at 0 again; rolled_back: tables made in it are forgotten. */
void rows_end_run(struct rows *rows, bool rolled_back);
