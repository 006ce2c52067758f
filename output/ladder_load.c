/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads the row tables, not the views: only their keys tell the order of simultaneous rows of
 * different tables.
 */
#include "output/ladder.h"

#include <stdlib.h>
#include <string.h>

#include "output/db.h"
#include "output/icmp_text.h"
#include "output/ladder_nodes.h"
#include "output/memory.h"
#include "output/schema.h"
#include "output/words.h"

struct loader {
    sqlite3 *db;
    const char *path;
    int64_t run;
    int lang;
    struct ladder_column *c;
    struct ladder_nodes nodes;
    int64_t *arrow_of; /* [packet]: index of its latest arrow + 1 */
    uint32_t cap_packets;
    int64_t *conns; /* connections seen at any host, in the order of their first state */
    int *conn_hosts;
    uint32_t n_conns, cap_conns, cap_conn_hosts;
    struct err *e;
};

/* Rows of one run in the order in which they happened; ?1 and ?2 are its first and last key. */
/* clang-format off */
static const char SEGMENTS[] =
    "SELECT s.id, s.t_ns, "
    "s.link, (SELECT value FROM row_text WHERE id = s.event), s.packet, s.proto, s.src, s.dst, "
    "s.sport, s.dport, s.flags, s.seq, s.ack, s.win, s.len, "
    "(SELECT value FROM row_text WHERE id = s.cause), s.injected_by IS NOT NULL, s.options "
    "FROM row_segment s WHERE s.id BETWEEN ?1 AND ?2 ORDER BY s.id";
enum { SEG_ID, SEG_AT, SEG_LINK, SEG_EVENT_NAME, SEG_PACKET, SEG_PROTO, SEG_SRC, SEG_DST,
       SEG_SPORT, SEG_DPORT, SEG_FLAGS, SEG_SEQ, SEG_ACK, SEG_WIN, SEG_LEN, SEG_CAUSE,
       SEG_IS_FORGED, SEG_OPTIONS };
static const char STATES[] =
    "SELECT t.id, t.t_ns, t.host, t.conn, "
    "(SELECT value FROM row_text WHERE id = t.to_state), 0 "
    "FROM row_transition t WHERE t.id BETWEEN ?1 AND ?2 "
    "UNION ALL "
    "SELECT e.id, e.t_ns, e.subject, e.conn, "
    "(SELECT value FROM row_text WHERE id = e.kind), 1 "
    "FROM row_event e WHERE e.id BETWEEN ?1 AND ?2 AND "
    "(SELECT kind FROM row_subject WHERE id = (?1 & ~0xffffffff) + e.subject) = 'host' "
    "ORDER BY 1";
enum { STATE_ID, STATE_AT, STATE_HOST, STATE_CONN, STATE_TEXT, STATE_IS_REMARK };
/* clang-format on */

/* Calls row for each row of the run. 0, or -1 with e. */
static int each_row(struct loader *ld, const char *sql, int (*row)(void *ld, sqlite3_stmt *s))
{
    const int64_t keys[] = {ld->run << 32, (ld->run << 32) + UINT32_MAX};
    return db_each(ld->db, ld->path, sql, keys, ARRAY_LEN(keys), row, ld, ld->e);
}

/* The line of a node. -1 with e: one too many. */
static int line_of(struct loader *ld, int node)
{
    const int line = nodes_line(&ld->nodes, ld->c, node);
    return line >= 0 ? line
                     : err_set(ld->e, NULL,
                               "%s: in run %lld more than %d hosts and routers are busy, too "
                               "many for a ladder",
                               ld->path, (long long)ld->run, LADDER_HOSTS);
}

static struct arrow *new_arrow(struct loader *ld, sqlite3_stmt *s, int from, int to,
                               int64_t *index)
{
    struct ladder_column *c = ld->c;
    c->arrows = mem_grow(c->arrows, &c->cap_arrows, c->n_arrows + 1, sizeof(*c->arrows));
    struct arrow *a = &c->arrows[c->n_arrows++];
    *a = (struct arrow){
        .from = from,
        .to = to,
        .held_at = SIM_NEVER,
        .released_at = SIM_NEVER,
        .end_at = SIM_NEVER,
        .sent_at = sqlite3_column_int64(s, SEG_AT),
        .sent_order = sqlite3_column_int64(s, SEG_ID),
        .flow = {sqlite3_column_int64(s, SEG_SRC), sqlite3_column_int64(s, SEG_DST),
                 sqlite3_column_int64(s, SEG_SPORT), sqlite3_column_int64(s, SEG_DPORT)},
        .proto = (uint32_t)sqlite3_column_int64(s, SEG_PROTO),
        .flags = (uint32_t)sqlite3_column_int64(s, SEG_FLAGS),
        .seq = (uint32_t)sqlite3_column_int64(s, SEG_SEQ),
        .ack = (uint32_t)sqlite3_column_int64(s, SEG_ACK),
        .win = (uint32_t)sqlite3_column_int64(s, SEG_WIN),
        .len = sqlite3_column_int64(s, SEG_LEN),
        .is_forged = sqlite3_column_int(s, SEG_IS_FORGED) != 0,
        .hop_of = *index - 1,
    };
    if (a->proto == PROTO_ICMP || a->proto == PROTO_ICMPV6)
        icmp_text_label(sqlite3_column_blob(s, SEG_OPTIONS),
                        (size_t)sqlite3_column_bytes(s, SEG_OPTIONS), a->proto == PROTO_ICMPV6,
                        a->text, sizeof(a->text));
    *index = c->n_arrows;
    return a;
}

/* What each event does to its packet's arrow. */
static void on_send(struct arrow *a, sqlite3_stmt *s) {}

static void on_dup(struct arrow *a, sqlite3_stmt *s)
{
    a->is_copy = true;
    a->hop_of = -1;
}

static void on_recv(struct arrow *a, sqlite3_stmt *s)
{
    a->end = ARROW_ARRIVES;
    a->end_at = sqlite3_column_int64(s, SEG_AT);
    a->end_order = sqlite3_column_int64(s, SEG_ID);
}

static void on_drop(struct arrow *a, sqlite3_stmt *s)
{
    on_recv(a, s);
    a->end = ARROW_LOST;
    snprintf(a->cause, sizeof(a->cause), "%s", db_text(s, SEG_CAUSE));
}

static void on_hold(struct arrow *a, sqlite3_stmt *s)
{
    a->held_at = sqlite3_column_int64(s, SEG_AT);
}

static void on_release(struct arrow *a, sqlite3_stmt *s)
{
    a->released_at = sqlite3_column_int64(s, SEG_AT);
    a->released_order = sqlite3_column_int64(s, SEG_ID);
}

static void on_delay(struct arrow *a, sqlite3_stmt *s)
{
    a->is_delayed = true;
}

static const struct {
    const char *name;
    bool begins; /* a new crossing of a link */
    void (*apply)(struct arrow *a, sqlite3_stmt *s);
} EVENTS[] = {
    {"send", true, on_send},    {"dup", true, on_dup},    {"recv", false, on_recv},
    {"drop", false, on_drop},   {"hold", false, on_hold}, {"release", false, on_release},
    {"delay", false, on_delay},
};

static int on_segment(void *ctx, sqlite3_stmt *s)
{
    struct loader *ld = ctx;
    const struct ladder_wire *wire = nodes_wire(&ld->nodes, sqlite3_column_int64(s, SEG_LINK));
    if (wire == NULL)
        return 0;
    const int from = line_of(ld, wire->from), to = line_of(ld, wire->to);
    if (from < 0 || to < 0)
        return -1;
    const uint32_t packet = (uint32_t)sqlite3_column_int64(s, SEG_PACKET);
    const uint32_t had = ld->cap_packets;
    ld->arrow_of = mem_grow(ld->arrow_of, &ld->cap_packets, packet + 1, sizeof(*ld->arrow_of));
    memset(ld->arrow_of + had, 0, (ld->cap_packets - had) * sizeof(*ld->arrow_of));
    int64_t *index = &ld->arrow_of[packet];
    for (size_t i = 0; i < ARRAY_LEN(EVENTS); i++) {
        if (strcmp(EVENTS[i].name, db_text(s, SEG_EVENT_NAME)) != 0)
            continue;
        struct arrow *a = EVENTS[i].begins || *index == 0 ? new_arrow(ld, s, from, to, index)
                                                          : &ld->c->arrows[*index - 1];
        EVENTS[i].apply(a, s);
    }
    return 0;
}

/* The rank of a connection among those of its host, from 1. */
static int rank_of_conn(struct loader *ld, int64_t conn, int host)
{
    int rank = 1;
    for (uint32_t i = 0; i < ld->n_conns; i++) {
        if (ld->conns[i] == conn)
            return rank;
        rank += ld->conn_hosts[i] == host;
    }
    ld->conns = mem_grow(ld->conns, &ld->cap_conns, ld->n_conns + 1, sizeof(*ld->conns));
    ld->conn_hosts =
        mem_grow(ld->conn_hosts, &ld->cap_conn_hosts, ld->n_conns + 1, sizeof(*ld->conn_hosts));
    ld->conns[ld->n_conns] = conn;
    ld->conn_hosts[ld->n_conns++] = host;
    return rank;
}

static int on_state(void *ctx, sqlite3_stmt *s)
{
    struct loader *ld = ctx;
    struct ladder_column *c = ld->c;
    const int node = nodes_find(&ld->nodes, sqlite3_column_int64(s, STATE_HOST));
    const int host = node >= 0 ? line_of(ld, node) : 0;
    if (node < 0 || host < 0)
        return node < 0 ? 0 : -1;
    c->states = mem_grow(c->states, &c->cap_states, c->n_states + 1, sizeof(*c->states));
    struct state *state = &c->states[c->n_states++];
    *state = (struct state){.host = host,
                            .at = sqlite3_column_int64(s, STATE_AT),
                            .order = sqlite3_column_int64(s, STATE_ID),
                            .is_remark = sqlite3_column_int(s, STATE_IS_REMARK) != 0};
    const int64_t conn = sqlite3_column_int64(s, STATE_CONN);
    const int rank = conn != 0 ? rank_of_conn(ld, conn, host) : 1;
    const char *text = db_text(s, STATE_TEXT);
    if (strcmp(text, "ghost") == 0)
        text = word_in(ld->lang, WORD_GHOST);
    /* the second and later incarnations at a host are told apart by number */
    if (rank > 1)
        snprintf(state->text, sizeof(state->text), "%.90s #%d", text, rank);
    else
        snprintf(state->text, sizeof(state->text), "%s", text);
    return 0;
}

static int on_address(void *ctx, sqlite3_stmt *s)
{
    snprintf(ctx, LADDER_TEXT, "%s", db_text(s, 0));
    return 0;
}

/* 0, or -1 with e. Files of before IPv6 have no prefixes: IPv4 needs none. */
static int put_address(const struct loader *ld, int64_t addr, char out[LADDER_TEXT])
{
    const int64_t args[] = {ld->run, addr};
    if (addr >> 32 == 0) {
        snprintf(out, LADDER_TEXT, "%d.%d.%d.%d", (int)(addr >> 24), (int)(addr >> 16 & 255),
                 (int)(addr >> 8 & 255), (int)(addr & 255));
        return 0;
    }
    char *sql = schema_expand("SELECT $address(?2) FROM row_run r WHERE r.id = ?1");
    const int rc =
        db_each(ld->db, ld->path, sql, args, ARRAY_LEN(args), on_address, out, ld->e);
    free(sql);
    return rc;
}

/* "10.0.0.1:40001", "[fd00::1]:40001", the address alone when the host's segments have several
 * ports, "" when they tell none; a router's do not. 0, or -1 with e. */
static int name_address(const struct loader *ld, int host)
{
    const struct ladder_column *c = ld->c;
    char *out = ld->c->hosts[host].addr, text[LADDER_TEXT] = "";
    int64_t addr = -1, port = -1;
    if (c->hosts[host].is_router)
        return 0;
    for (uint32_t i = 0; i < c->n_arrows; i++) {
        const struct arrow *a = &c->arrows[i];
        if ((a->from != host && a->to != host) || (a->from == host && a->is_forged))
            continue;
        const int64_t this_port = a->from == host ? a->flow.sport : a->flow.dport;
        addr = addr < 0 ? (a->from == host ? a->flow.src : a->flow.dst) : addr;
        port = port == -1 || port == this_port ? this_port : 0;
    }
    if (addr < 0)
        return 0;
    if (put_address(ld, addr, text) != 0)
        return -1;
    const bool has_colons = strchr(text, ':') != NULL;
    if (port > 0)
        snprintf(out, LADDER_TEXT, has_colons ? "[%.48s]:%d" : "%.48s:%d", text, (int)port);
    else
        snprintf(out, LADDER_TEXT, "%s", text);
    return 0;
}

static int load_column(struct loader *ld)
{
    struct ladder_column *c = ld->c;
    if (nodes_load(&ld->nodes, ld->db, ld->path, ld->run, ld->e) != 0 ||
        each_row(ld, SEGMENTS, on_segment) != 0 || each_row(ld, STATES, on_state) != 0)
        return -1;
    if (c->n_arrows == 0) {
        err_set(ld->e, NULL, "%s: run %lld has no segments recorded", ld->path,
                (long long)ld->run);
        return err_hint(ld->e, "run it with `record: all`");
    }
    nodes_order(&ld->nodes, c);
    for (uint32_t i = 0; i < c->n_hosts; i++)
        if (name_address(ld, (int)i) != 0)
            return -1;
    return 0;
}

/* One text of a query with the run's number as its parameter; -1 with e: no row. */
static int query_text(const struct loader *ld, const char *sql, char *out, size_t size)
{
    sqlite3_stmt *s = db_prepare(ld->db, ld->path, sql, ld->e);
    if (s == NULL)
        return -1;
    sqlite3_bind_int64(s, 1, ld->run);
    const int rc = sqlite3_step(s);
    if (rc == SQLITE_ROW)
        snprintf(out, size, "%s", db_text(s, 0));
    else if (rc == SQLITE_DONE)
        err_set(ld->e, NULL, "%s: no run %lld in this file", ld->path, (long long)ld->run);
    else
        db_fail(ld->db, ld->path, "cannot read", ld->e);
    sqlite3_finalize(s);
    return rc == SQLITE_ROW ? 0 : -1;
}

/* The first run with segments, or 1 when none has any: then that is said. */
static int64_t first_run(const struct plot_request *req, sqlite3 *db, struct err *e)
{
    static const char sql[] = "SELECT r.id FROM row_run r"
                              " WHERE EXISTS (SELECT 1 FROM segment s WHERE s.run_id = r.id)"
                              " ORDER BY r.id LIMIT 1";
    sqlite3_stmt *s = db_prepare(db, req->db_path, sql, e);
    const int64_t run =
        s != NULL && sqlite3_step(s) == SQLITE_ROW ? sqlite3_column_int64(s, 0) : 1;
    sqlite3_finalize(s);
    return run;
}

static int load_run(struct ladder *l, const struct plot_request *req, int i, sqlite3 *db,
                    struct err *e)
{
    struct loader ld = {.db = db,
                        .path = req->db_path,
                        .run = req->n_runs > 0 ? req->runs[i] : first_run(req, db, e),
                        .lang = l->lang,
                        .c = &l->columns[i],
                        .e = e};
    int rc = query_text(
        &ld, "SELECT p.label FROM row_run r JOIN row_point p ON p.id = r.point WHERE r.id = ?1",
        ld.c->title, sizeof(ld.c->title));
    if (rc == 0 && req->run_titles != NULL)
        snprintf(ld.c->title, sizeof(ld.c->title), "%s", req->run_titles[i]);
    rc = rc == 0 ? load_column(&ld) : rc;
    if (rc == 0 && req->title != NULL)
        snprintf(l->title, sizeof(l->title), "%s", req->title);
    else if (rc == 0)
        rc = query_text(&ld, "SELECT name FROM row_experiment", l->title, sizeof(l->title));
    nodes_free(&ld.nodes);
    free(ld.arrow_of);
    free(ld.conns);
    free(ld.conn_hosts);
    return rc;
}

int ladder_load(struct ladder *l, const struct plot_request *req, struct err *e)
{
    *l = (struct ladder){.lang = language_find(req->lang),
                         .n_columns = req->n_runs > 0 ? (uint32_t)req->n_runs : 1};
    if (l->lang < 0)
        return err_set(e, NULL, "no language '%s'; there are en and zh", req->lang);
    sqlite3 *db = db_open_result(req->db_path, e);
    if (db == NULL)
        return -1;
    l->columns = mem_zeroed(l->n_columns, sizeof(*l->columns));
    int result = 0;
    for (uint32_t i = 0; i < l->n_columns && result == 0; i++)
        result = load_run(l, req, (int)i, db, e);
    sqlite3_close(db);
    return result;
}

void ladder_free(struct ladder *l)
{
    for (uint32_t i = 0; l->columns != NULL && i < l->n_columns; i++) {
        free(l->columns[i].arrows);
        free(l->columns[i].states);
        free(l->columns[i].folds);
    }
    free(l->columns);
    free(l->slots);
}
