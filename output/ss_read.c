/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a file knows are the changes of state, in the order of time: of each connection the last
 * before the moment counts. Memory is that of the connections which there are then.
 */
#include "output/ss.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "output/db.h"
#include "output/memory.h"

struct live {
    uint32_t number;
    int state;
    UT_hash_handle hh;
};

struct reading {
    struct ss_table *table;
    struct live *live;
};

static void set_state(struct reading *r, uint32_t number, int state)
{
    struct live *l;
    HASH_FIND(hh, r->live, &number, sizeof(number), l);
    if (state < 0) { /* CLOSED */
        if (l != NULL)
            HASH_DEL(r->live, l);
        free(l);
        return;
    }
    if (l == NULL) {
        l = mem_zeroed(1, sizeof(*l));
        l->number = number;
        HASH_ADD(hh, r->live, number, sizeof(l->number), l);
    }
    l->state = state;
}

static int on_change(void *ctx, sqlite3_stmt *s)
{
    struct reading *r = ctx;
    const uint32_t number = (uint32_t)sqlite3_column_int64(s, 0);
    const int state = ss_state_find(db_text(s, 1));
    /* of a listener nothing is recorded but that it listens; a connection that is back in
     * LISTEN is none any more */
    if (number != 0)
        set_state(r, number,
                  state >= 0 && strcmp(SS_STATES[state].rfc, "LISTEN") == 0 ? -1 : state);
    return 0;
}

static int on_conn(void *ctx, sqlite3_stmt *s)
{
    struct reading *r = ctx;
    struct live *l;
    const uint32_t number = (uint32_t)sqlite3_column_int64(s, 0);
    HASH_FIND(hh, r->live, &number, sizeof(number), l);
    if (l == NULL)
        return 0;
    struct ss_row *row = ss_add(r->table);
    row->host = mem_text(db_text(s, 1));
    row->state = l->state;
    row->number = number;
    row->recv_q = row->send_q = -1;
    ss_put_address(row->local, db_text(s, 2));
    ss_put_address(row->remote, db_text(s, 4));
    row->local_port = sqlite3_column_int(s, 3);
    row->remote_port = sqlite3_column_int(s, 5);
    row->more = mem_text("");
    return 0;
}

static int by_host(const void *a, const void *b)
{
    const struct ss_row *x = a, *y = b;
    return strcmp(x->host, y->host);
}

static int on_end(void *ctx, sqlite3_stmt *s)
{
    *(sim_time *)ctx = sqlite3_column_int64(s, 0);
    return 0;
}

/* The run has come as far as `at`. */
static int check_end(sqlite3 *db, const char *path, int64_t run, sim_time at, struct err *e)
{
    sim_time end = 0;
    if (db_each(db, path, "SELECT sim_end_ns FROM run WHERE id = ?1", &run, 1, on_end, &end,
                e) != 0)
        return -1;
    return at <= end ? 0 : err_set(e, NULL, "%s: the run was over before that moment", path);
}

int ss_read(struct ss_table *t, const char *path, int64_t run, sim_time at, struct err *e)
{
    struct reading r = {.table = t};
    sqlite3 *db = db_open_result(path, e);
    if (db == NULL)
        return -1;
    int rc =
        db_choose_run(db, path, "transition",
                      "record: life keeps them; or look at the experiment itself, not at its "
                      "database",
                      &run, e);
    const int64_t args[] = {run, at};
    if (rc == 0)
        rc = check_end(db, path, run, at, e);
    if (rc == 0)
        rc = db_each(db, path,
                     "SELECT conn, to_state FROM transition WHERE run_id = ?1 AND t_ns <= ?2",
                     args, 2, on_change, &r, e);
    if (rc == 0)
        rc = db_each(db, path,
                     "SELECT conn, host, local, local_port, remote, remote_port FROM conn "
                     "WHERE run_id = ?1 AND t_ns <= ?2",
                     args, 2, on_conn, &r, e);
    struct live *l, *next;
    HASH_ITER(hh, r.live, l, next)
    {
        HASH_DEL(r.live, l);
        free(l);
    }
    if (t->n > 0)
        qsort(t->rows, t->n, sizeof(*t->rows), by_host);
    sqlite3_close(db);
    return rc;
}
