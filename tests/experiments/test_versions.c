/* SPDX-License-Identifier: GPL-3.0-or-later
 * Shipped experiments by IPv4 and by IPv6. Where no link has a rate and no queue counts bytes,
 * a longer header changes nothing but itself: every state, every fate of a packet and every
 * metric is the same, at the same instant.
 *
 * What would differ is the MSS, and all that is counted in it; so IPv4 has 1440 here too, which
 * the cookies of both know. Sequence numbers do differ: they are a function of the addresses.
 */
#include "tests/experiments/runs.h"

enum { OVERRIDES_MAX = 4 };

/* clang-format off */
static const struct row {
    const char *name;
    const char *addresses;                /* -p: those that it names, by IPv6; NULL: none */
    const char *smaller[OVERRIDES_MAX];   /* -p of both */
} rows[] = {
    {"three-way-handshake"},
    {"four-way-close"},
    {"handshake-variants"},
    {"simultaneous-open"},
    {"simultaneous-close"},
    {"stale-syn"},
    {"lost-syn"},
    {"lost-syn-ack"},
    {"last-ack-lost"},
    {"two-generals"},
    {"one-way-path"},
    {"half-open-connection"},
    {"time-wait-assassination"},
    {"routing-loop"},
    {"nat-timeout", "routers.nat.middlebox.nat.inside=fd00::1"},
    {"syn-reflection", "apps.one.sources=fd00::1"},
    {"syn-queue", "apps.flood.sources=2001:db8::/111", {"apps.flood.syns=300"}},
    {"syn-flood", "apps.flood.sources=2001:db8::/120",
     {"sweep.rate=[2/s, 10/s]", "repeat=2", "warm_up=100s", "stop=400s"}},
};

/* What is compared of the two databases: the number of rows that have no equal. */
static const struct comparison {
    const char *what, *sql;
} comparisons[] = {
    {"metrics",
     "SELECT count(*) FROM main.metric a LEFT JOIN six.metric b USING (run_id, subject, name) "
     "WHERE a.value IS NOT b.value AND a.name NOT IN ('isn_local', 'isn_remote')"},
    {"states",
     "SELECT count(*) FROM (SELECT run_id, t_ns, host, conn, from_state, to_state, cause FROM main.transition EXCEPT "
     "SELECT run_id, t_ns, host, conn, from_state, to_state, cause FROM six.transition)"},
    {"fates of packets: 20 bytes more each, and where a packet is quoted in one 20 for either",
     "SELECT count(*) FROM (SELECT run_id, t_ns, link, event, packet, flags, len, ttl, cause, "
     "bytes + iif(proto = 1, 40, 20), iif(proto = 1, 58, proto) FROM main.segment EXCEPT "
     "SELECT run_id, t_ns, link, event, packet, flags, len, ttl, cause, bytes, proto FROM six.segment)"},
    {"how many there are",
     "SELECT (SELECT count(*) FROM main.segment) - (SELECT count(*) FROM six.segment)"},
    {"addresses of IPv4 in the second", "SELECT count(*) FROM six.segment WHERE src LIKE '%.%' OR dst LIKE '%.%'"},
    {"... or none", "SELECT count(*) FROM six.segment WHERE src IS NULL OR dst IS NULL"},
};
/* clang-format on */

static void run_shipped(const char *sources, const struct row *r, bool is_ipv6, const char *db)
{
    char path[600];
    struct err e;
    const char *overrides[OVERRIDES_MAX + 4] = {"record=all",
                                                is_ipv6 ? "tcp.mss=1460B" : "tcp.mss=1440B"};
    int n = 2;
    snprintf(path, sizeof(path), "%s/experiments/%s.yaml", sources, r->name);
    for (int i = 0; i < OVERRIDES_MAX && r->smaller[i] != NULL; i++)
        overrides[n++] = r->smaller[i];
    if (is_ipv6)
        overrides[n++] = "ip=6";
    if (is_ipv6 && r->addresses != NULL)
        overrides[n++] = r->addresses;
    struct experiment *x = experiment_load(path, overrides, n, &e);
    check_str(r->name, x == NULL ? e.text : "", "");
    results_free(run_loaded(x, 1, db));
    experiment_free(x);
}

static int64_t number(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *s;
    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    const int64_t n = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return n;
}

static void the_same_by_either_version(void **state)
{
    for (const struct row *r = rows; r < rows + ARRAY_LEN(rows); r++) {
        sqlite3 *db;
        char story[200];
        run_shipped(*state, r, false, "four.db");
        run_shipped(*state, r, true, "six.db");
        assert_int_equal(sqlite3_open("four.db", &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, "ATTACH 'six.db' AS six", NULL, NULL, NULL),
                         SQLITE_OK);
        for (size_t i = 0; i < ARRAY_LEN(comparisons); i++) {
            snprintf(story, sizeof(story), "%s: %s", r->name, comparisons[i].what);
            check_eq(story, number(db, comparisons[i].sql), 0);
        }
        check_true("there is something to compare",
                   number(db, "SELECT count(*) FROM main.segment") > 4 &&
                       number(db, "SELECT count(*) FROM main.metric") > 100);
        sqlite3_close(db);
    }
}

static char sources[512];

static int remember_sources(void **state)
{
    *state = sources;
    return getcwd(sources, sizeof(sources)) == NULL ? -1 : enter_folder(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_by_either_version),
    };
    return cmocka_run_group_tests(tests, remember_sources, leave_folder);
}
