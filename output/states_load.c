/* SPDX-License-Identifier: GPL-3.0-or-later
 * states_load.c -- lives of connections, state by state, out of the database (states.h).
 */
#include "output/states.h"

#include <stdlib.h>
#include <string.h>

#include "output/memory.h"

/* clang-format off */
static const struct state_style STYLES[] = {
    {"SYN-SENT", "#F0E442", COLOR_BLACK},
    {"SYN-RECEIVED", "#E69F00", COLOR_BLACK},
    {"ESTABLISHED", "#0072B2", "#FFFFFF"},
    {"FIN-WAIT-1", "#56B4E9", COLOR_BLACK},
    {"FIN-WAIT-2", "#BFE3F7", COLOR_BLACK},
    {"CLOSING", "#E0A8C8", COLOR_BLACK},
    {"TIME-WAIT", "#C2C2C2", COLOR_BLACK},
    {"CLOSE-WAIT", "#007A5A", "#FFFFFF"},
    {"LAST-ACK", "#9BDCC4", COLOR_BLACK},
};
/* clang-format on */

int state_rank(const char *name)
{
    int i = 0;
    while (i < (int)ARRAY_LEN(STYLES) && strcmp(STYLES[i].name, name) != 0)
        i++;
    return i;
}

const struct state_style *state_style(const char *name)
{
    const int rank = state_rank(name);
    return rank < (int)ARRAY_LEN(STYLES) ? &STYLES[rank] : NULL;
}

bool states_wants(const struct plot_request *req, const char *host)
{
    bool named = req->n_of == 0;
    for (int i = 0; i < req->n_of && !named; i++)
        named = strcmp(req->of[i], host) == 0;
    return named;
}

struct names {
    char **items;
    uint32_t n, cap;
};

static int on_name(void *ctx, sqlite3_stmt *stmt)
{
    struct names *names = ctx;
    names->items = mem_grow(names->items, &names->cap, names->n + 1, sizeof(*names->items));
    names->items[names->n++] = mem_text(db_text(stmt, 0));
    return 0;
}

int states_check_hosts(const struct source *s)
{
    struct names hosts = {0};
    int rc = source_each(s, "SELECT DISTINCT name FROM host", NULL, 0, on_name, &hosts);
    for (int i = 0; i < s->req->n_of && rc == 0; i++)
        rc = source_known(s, "host", s->req->of[i], (const char *const *)hosts.items,
                          (int)hosts.n);
    for (uint32_t i = 0; i < hosts.n; i++)
        free(hosts.items[i]);
    free(hosts.items);
    return rc;
}

struct reading {
    struct states *s;
    int run;
    int64_t conn;  /* the one whose stays come */
    uint32_t rank; /* of it among those of its host and application */
    char who[SOURCE_TEXT];
};

/* "server web", "server web #2" */
static void name_bar(struct reading *r, struct state_bar *bar, const char *host,
                     const char *app)
{
    char who[SOURCE_TEXT];
    snprintf(who, sizeof(who), *app != '\0' ? "%.70s %.70s" : "%.70s", host, app);
    r->rank = strcmp(r->who, who) == 0 ? r->rank + 1 : 1;
    memcpy(r->who, who, sizeof(who));
    if (r->rank > 1)
        snprintf(bar->label, sizeof(bar->label), "%.145s #%u", who, r->rank);
    else
        snprintf(bar->label, sizeof(bar->label), "%s", who);
}

enum { STAY_HOST, STAY_CONN, STAY_STATE, STAY_FROM, STAY_UNTIL, STAY_IS_OPEN, STAY_APP };

static int on_stay(void *ctx, sqlite3_stmt *stmt)
{
    struct reading *r = ctx;
    struct states *s = r->s;
    const struct state_style *style = state_style(db_text(stmt, STAY_STATE));
    const char *host = db_text(stmt, STAY_HOST);
    if (style == NULL || !states_wants(s->source.req, host))
        return 0;
    if (sqlite3_column_int64(stmt, STAY_CONN) != r->conn) {
        r->conn = sqlite3_column_int64(stmt, STAY_CONN);
        s->bars = mem_grow(s->bars, &s->cap_bars, s->n_bars + 1, sizeof(*s->bars));
        s->bars[s->n_bars] = (struct state_bar){.run = r->run};
        name_bar(r, &s->bars[s->n_bars++], host, db_text(stmt, STAY_APP));
    }
    struct state_bar *bar = &s->bars[s->n_bars - 1];
    bar->stays = mem_grow(bar->stays, &bar->cap_stays, bar->n_stays + 1, sizeof(*bar->stays));
    bar->stays[bar->n_stays++] =
        (struct stay){.style = style,
                      .from = sqlite3_column_int64(stmt, STAY_FROM),
                      .until = sqlite3_column_int64(stmt, STAY_UNTIL),
                      .is_open = sqlite3_column_int(stmt, STAY_IS_OPEN) != 0};
    return 0;
}

static int on_count(void *ctx, sqlite3_stmt *stmt)
{
    *(int64_t *)ctx += sqlite3_column_int64(stmt, 0);
    return 0;
}

/* Before all are read: there may be millions. */
static int count_conns(struct states *s)
{
    int64_t n = 0;
    for (int i = 0; i < s->source.n_runs; i++)
        if (source_each(&s->source,
                        "SELECT count(DISTINCT conn) FROM transition WHERE run_id = ?1 AND "
                        "conn > 0",
                        &s->source.runs[i].id, 1, on_count, &n) != 0)
            return -1;
    s->is_crowded = n > STATES_BARS;
    return 0;
}

static int load_run(struct states *s, int run)
{
    static const char SQL[] =
        "SELECT d.host, d.conn, d.state, d.from_ns, coalesce(d.until_ns, ?2) AS until, "
        "d.until_ns IS NULL, "
        "(SELECT c.app FROM conn c WHERE c.run_id = ?1 AND c.conn = d.conn) "
        "FROM dwell d JOIN host h ON h.run_id = ?1 AND h.name = d.host "
        "WHERE d.run_id = ?1 AND d.conn > 0 ORDER BY h.subject, d.conn, d.from_ns, until";
    struct reading r = {.s = s, .run = run};
    const int64_t args[] = {s->source.runs[run].id, s->source.runs[run].end_ns};
    return source_each(&s->source, SQL, args, ARRAY_LEN(args), on_stay, &r);
}

int states_load(struct states *s, const struct plot_request *req, struct err *e)
{
    *s = (struct states){0};
    if (source_open(&s->source, req, e) != 0 ||
        source_runs(&s->source, "transition", "run it with `record: life` or `record: all`") !=
            0 ||
        states_check_hosts(&s->source) != 0 || count_conns(s) != 0)
        return -1;
    for (int i = 0; i < s->source.n_runs && !s->is_crowded; i++)
        if (load_run(s, i) != 0)
            return -1;
    if (s->n_bars == 0 && !s->is_crowded)
        return err_set(e, NULL, "%s: no connection changed its state in run %lld", req->db_path,
                       (long long)s->source.runs[0].id);
    return 0;
}

void states_free(struct states *s)
{
    for (uint32_t i = 0; i < s->n_bars; i++)
        free(s->bars[i].stays);
    free(s->bars);
    source_close(&s->source);
}
