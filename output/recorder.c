/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Everything goes to FILE.part, which becomes FILE by one rename at the end: until then nothing
 * at FILE changes, even when the process is killed. So SQLite need not sync, and its journal
 * may stay in memory: it serves to roll a run back.
 */
#include "output/recorder.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <nettle/sha2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "output/db.h"
#include "output/memory.h"
#include "output/rows.h"
#include "output/schema.h"

extern const char schema_sql[]; /* schema.sql, embedded by the build */

/* clang-format off */
enum statement {
    ADD_EXPERIMENT, ADD_POINT, ADD_PARAM, ADD_RUN, ADD_HOST_FACT, ADD_SUBJECT, ADD_METRIC,
    ADD_EXPECTATION, SET_STATUS, N_STATEMENTS,
};
/* clang-format on */
static const char *const SQL[N_STATEMENTS] = {
    [ADD_EXPERIMENT] = "INSERT INTO row_experiment (name, config, config_sha256, seed, status) "
                       "VALUES (?, ?, ?, ?, 'running')",
    [ADD_POINT] = "INSERT INTO row_point (id, variant, label) VALUES (?, ?, ?)",
    [ADD_PARAM] = "INSERT INTO row_param (point, key, value) VALUES (?, ?, ?)",
    [ADD_RUN] =
        "INSERT INTO row_run (id, point, replication, seed, status, sim_end_ns, n_events) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
    [ADD_HOST_FACT] =
        "INSERT INTO row_host_fact (run, cpu_s, created_at, version, machine, kernel) "
        "VALUES (?, ?, ?, ?, ?, ?)",
    [ADD_SUBJECT] = "INSERT INTO row_subject (id, kind, name) VALUES (?, ?, ?)",
    [ADD_METRIC] = "INSERT INTO row_metric (id, subject, name, unit, num, den, text) VALUES "
                   "(?, ?, ?, ?, ?, ?, ?)",
    [ADD_EXPECTATION] =
        "INSERT INTO row_expectation (point, metric, op, want, tol, got, n, verdict, source) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [SET_STATUS] = "UPDATE row_experiment SET status = ?",
};

enum { PATH_BYTES = 4096 };

struct recorder {
    struct listener listener;
    sqlite3 *db;
    sqlite3_stmt *statements[N_STATEMENTS];
    struct texts texts;
    struct rows rows;
    char path[PATH_BYTES], part[PATH_BYTES + 8];
    struct err failure; /* the first one; nothing is written after it */
    bool in_run;
    int64_t run, point, replication;
    uint64_t seed;
    int64_t n_metrics;    /* in this run */
    int64_t n_whole_runs; /* committed */
    uint32_t n_texts;     /* when the run began */
};

static bool is_failed(const struct recorder *r)
{
    return r->failure.text[0] != '\0';
}

static int fail(struct recorder *r)
{
    return db_fail(r->db, r->part, "cannot write", &r->failure);
}

static int exec(struct recorder *r, const char *sql)
{
    return sqlite3_exec(r->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : fail(r);
}

/* Runs one of our statements, whose values are bound. */
static int finish(struct recorder *r, enum statement which)
{
    sqlite3_stmt *s = r->statements[which];
    const int rc = sqlite3_step(s);
    const int result = rc == SQLITE_DONE ? 0 : fail(r);
    sqlite3_reset(s);
    sqlite3_clear_bindings(s);
    return result;
}

static void bind_text(sqlite3_stmt *s, int i, const char *text)
{
    sqlite3_bind_text(s, i, text, -1, SQLITE_STATIC); /* NULL binds NULL */
}

/* path may be replaced: nothing there, an empty file, or a result file. */
static int check_replaceable(const char *path, struct err *e)
{
    struct stat st;
    unsigned char head[72] = {0};
    if (stat(path, &st) != 0)
        return errno == ENOENT ? 0 : err_set(e, NULL, "%s: %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return err_set(e, NULL, "%s: not a regular file", path);
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        return err_set(e, NULL, "%s: %s", path, strerror(errno));
    const size_t n = fread(head, 1, sizeof(head), f);
    fclose(f);
    /* SQLite's header: "SQLite format 3", the application's id at byte 68, big-endian */
    const uint32_t application =
        (uint32_t)head[68] << 24 | head[69] << 16 | head[70] << 8 | head[71];
    if (n == 0 ||
        (memcmp(head, "SQLite format 3", 16) == 0 && application == DB_APPLICATION_ID))
        return 0;
    err_set(e, NULL, "%s: is there and is no result file of halfopen; it stays as it is", path);
    return err_hint(e, "choose another name, or remove the file");
}

/* Another process that writes this .part holds SQLite's exclusive lock on it. */
static int check_unused(const char *part, struct err *e)
{
    struct stat st;
    if (stat(part, &st) != 0)
        return 0;
    sqlite3 *db = NULL;
    int rc = sqlite3_open_v2(part, &db, SQLITE_OPEN_READWRITE, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, "BEGIN EXCLUSIVE", NULL, NULL, NULL);
    sqlite3_close(db);
    return rc == SQLITE_BUSY ? err_set(e, NULL, "%s: being written by another process", part)
                             : 0;
}

static int make_tables(sqlite3 *db)
{
    char *sql = schema_expand(schema_sql);
    const int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    free(sql);
    return rc;
}

static int open_part(struct recorder *r, struct err *e)
{
    if (unlink(r->part) != 0 && errno != ENOENT)
        return err_set(e, NULL, "%s: %s", r->part, strerror(errno));
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(r->part, &r->db, flags, NULL) != SQLITE_OK)
        return db_fail(r->db, r->part, "cannot create", e);
    static const char pragmas[] =
        "PRAGMA page_size = 8192; PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; "
        "PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -65536;";
    if (sqlite3_exec(r->db, pragmas, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(r->db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK ||
        make_tables(r->db) != SQLITE_OK ||
        sqlite3_exec(r->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
        return db_fail(r->db, r->part, "cannot create", e);
    for (int i = 0; i < N_STATEMENTS; i++)
        if ((r->statements[i] = db_prepare(r->db, r->part, SQL[i], e)) == NULL)
            return -1;
    rows_init(&r->rows, r->db, &r->texts, r->part);
    return texts_init(&r->texts, r->db, r->part, e);
}

static void close_db(struct recorder *r)
{
    rows_fini(&r->rows);
    texts_fini(&r->texts);
    for (int i = 0; i < N_STATEMENTS; i++)
        sqlite3_finalize(r->statements[i]);
    sqlite3_close(r->db);
}

static void on_record(struct listener *self, sim_time now, const struct rec_type *type,
                      const void *rec)
{
    struct recorder *r = CONTAINER_OF(self, struct recorder, listener);
    if (!r->in_run || is_failed(r))
        return;
    struct row_table *t = rows_table(&r->rows, type, &r->failure);
    if (t == NULL)
        return;
    if (t->n >= t->max)
        err_set(&r->failure, NULL,
                "more than %lld rows of %s in run %lld; say `record: all` to keep "
                "them all, or `record: metrics` to keep none",
                (long long)t->max, type->name, (long long)r->run);
    else if (rows_insert(&r->rows, t, r->run, now, rec) != 0)
        fail(r);
}

struct recorder *recorder_open(const char *path, struct err *e)
{
    if (strlen(path) >= PATH_BYTES) {
        err_set(e, NULL, "%.40s...: %s", path, strerror(ENAMETOOLONG));
        return NULL;
    }
    struct recorder *r = mem_zeroed(1, sizeof(*r));
    r->listener.emit = on_record;
    snprintf(r->path, sizeof(r->path), "%s", path);
    snprintf(r->part, sizeof(r->part), "%s.part", path);
    if (check_replaceable(path, e) == 0 && check_unused(r->part, e) == 0 &&
        open_part(r, e) == 0)
        return r;
    close_db(r);
    free(r);
    return NULL;
}

void recorder_limit(struct recorder *r, const char *name, int64_t max)
{
    rows_limit(&r->rows, name, max);
}

static void sha256_hex(const char *text, char hex[2 * SHA256_DIGEST_SIZE + 1])
{
    struct sha256_ctx ctx;
    uint8_t digest[SHA256_DIGEST_SIZE];
    sha256_init(&ctx);
    sha256_update(&ctx, strlen(text), (const uint8_t *)text);
    sha256_digest(&ctx, sizeof(digest), digest);
    for (size_t i = 0; i < sizeof(digest); i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

int recorder_experiment(struct recorder *r, const char *name, const char *config_text,
                        uint64_t seed)
{
    if (is_failed(r))
        return -1;
    char hex[2 * SHA256_DIGEST_SIZE + 1];
    sha256_hex(config_text, hex);
    sqlite3_stmt *s = r->statements[ADD_EXPERIMENT];
    bind_text(s, 1, name);
    bind_text(s, 2, config_text);
    bind_text(s, 3, hex);
    sqlite3_bind_int64(s, 4, (int64_t)seed);
    return finish(r, ADD_EXPERIMENT);
}

int recorder_point(struct recorder *r, int64_t point, const char *variant, const char *label)
{
    if (is_failed(r))
        return -1;
    sqlite3_stmt *s = r->statements[ADD_POINT];
    sqlite3_bind_int64(s, 1, point);
    bind_text(s, 2, variant);
    bind_text(s, 3, label);
    return finish(r, ADD_POINT);
}

int recorder_param(struct recorder *r, int64_t point, const char *key, const char *value)
{
    if (is_failed(r))
        return -1;
    sqlite3_stmt *s = r->statements[ADD_PARAM];
    sqlite3_bind_int64(s, 1, point);
    bind_text(s, 2, key);
    bind_text(s, 3, value);
    return finish(r, ADD_PARAM);
}

int recorder_run_begin(struct recorder *r, int64_t run, int64_t point, int64_t replication,
                       uint64_t seed)
{
    sim_assert(NULL, !r->in_run && run > 0 && run <= INT32_MAX);
    if (is_failed(r) || exec(r, "BEGIN") != 0)
        return -1;
    r->in_run = true;
    r->run = run;
    r->point = point;
    r->replication = replication;
    r->seed = seed;
    r->n_metrics = 0;
    r->n_texts = r->texts.n;
    return 0;
}

struct listener *recorder_listener(struct recorder *r, uint32_t levels)
{
    r->listener.levels = levels;
    return &r->listener;
}

static int64_t text_id(struct recorder *r, const char *text)
{
    const int64_t id = texts_id(&r->texts, text);
    if (id < 0)
        fail(r);
    return id;
}

static void bind_value(sqlite3_stmt *s, int i, const struct value *v)
{
    if (v->kind == VALUE_INT || v->kind == VALUE_RATIO) {
        sqlite3_bind_int64(s, i, v->num);
        sqlite3_bind_int64(s, i + 1, v->kind == VALUE_INT ? 1 : v->den);
    } else if (v->kind == VALUE_TEXT) {
        bind_text(s, i + 2, v->text);
    }
}

int recorder_metric(struct recorder *r, const char *subject, const char *name,
                    const struct value *v, enum unit unit)
{
    if (is_failed(r))
        return -1;
    sim_assert(NULL, r->in_run);
    const int64_t ids[] = {text_id(r, subject), text_id(r, name), text_id(r, units[unit].base)};
    sqlite3_stmt *s = r->statements[ADD_METRIC];
    sqlite3_bind_int64(s, 1, (r->run << ROW_RUN_SHIFT) + ++r->n_metrics);
    for (int i = 0; i < 3; i++)
        sqlite3_bind_int64(s, i + 2, ids[i]);
    bind_value(s, 5, v);
    return is_failed(r) ? -1 : finish(r, ADD_METRIC);
}

static int add_run(struct recorder *r, const char *status, const struct sim *sim)
{
    sqlite3_stmt *s = r->statements[ADD_RUN];
    sqlite3_bind_int64(s, 1, r->run);
    sqlite3_bind_int64(s, 2, r->point);
    sqlite3_bind_int64(s, 3, r->replication);
    sqlite3_bind_int64(s, 4, (int64_t)r->seed);
    bind_text(s, 5, status);
    if (sim != NULL) {
        sqlite3_bind_int64(s, 6, sim->now);
        sqlite3_bind_int64(s, 7, (int64_t)sim->n_events);
    }
    return finish(r, ADD_RUN);
}

static int add_subjects(struct recorder *r, const struct sim *sim)
{
    sqlite3_stmt *s = r->statements[ADD_SUBJECT];
    for (uint32_t i = 1; i <= sim->n_subjects; i++) {
        sqlite3_bind_int64(s, 1, (r->run << ROW_RUN_SHIFT) + i);
        bind_text(s, 2, sim->subjects[i].kind);
        bind_text(s, 3, sim->subjects[i].name);
        if (finish(r, ADD_SUBJECT) != 0)
            return -1;
    }
    return 0;
}

static int add_host_fact(struct recorder *r, double cpu_s)
{
    struct utsname host;
    char created_at[32];
    const time_t now = time(NULL);
    struct tm utc;
    uname(&host);
    strftime(created_at, sizeof(created_at), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
    sqlite3_stmt *s = r->statements[ADD_HOST_FACT];
    sqlite3_bind_int64(s, 1, r->run);
    sqlite3_bind_double(s, 2, cpu_s);
    bind_text(s, 3, created_at);
    bind_text(s, 4, HALFOPEN_VERSION);
    bind_text(s, 5, host.machine);
    bind_text(s, 6, host.release);
    return finish(r, ADD_HOST_FACT);
}

/* After a failure SQLite may have rolled back by itself already. */
static void roll_back(struct recorder *r)
{
    if (!r->in_run)
        return;
    if (!sqlite3_get_autocommit(r->db))
        sqlite3_exec(r->db, "ROLLBACK", NULL, NULL, NULL);
    texts_forget(&r->texts, r->n_texts);
    rows_end_run(&r->rows, true);
    r->in_run = false;
}

int recorder_run_end(struct recorder *r, const struct sim *sim, double cpu_s)
{
    sim_assert(NULL, r->in_run || is_failed(r));
    if (is_failed(r) || add_subjects(r, sim) != 0 || add_run(r, "ok", sim) != 0 ||
        add_host_fact(r, cpu_s) != 0 || exec(r, "COMMIT") != 0) {
        roll_back(r);
        return -1;
    }
    rows_end_run(&r->rows, false);
    r->in_run = false;
    r->n_whole_runs++;
    return 0;
}

int recorder_run_abort(struct recorder *r, const char *status)
{
    sim_assert(NULL, r->in_run || is_failed(r));
    roll_back(r);
    return is_failed(r) ? -1 : add_run(r, status, NULL);
}

int recorder_expectation(struct recorder *r, const struct expectation_row *row)
{
    if (is_failed(r))
        return -1;
    sqlite3_stmt *s = r->statements[ADD_EXPECTATION];
    const char *const texts[] = {row->metric, row->op, row->want, row->tol, row->got};
    sqlite3_bind_int64(s, 1, row->point);
    for (int i = 0; i < (int)ARRAY_LEN(texts); i++)
        bind_text(s, i + 2, texts[i]);
    sqlite3_bind_int64(s, 7, row->n);
    bind_text(s, 8, row->verdict);
    bind_text(s, 9, row->source);
    return finish(r, ADD_EXPECTATION);
}

static int sync_path(const char *path, int flags)
{
    const int fd = open(path, flags | O_CLOEXEC);
    if (fd < 0)
        return -1;
    const int rc = fsync(fd);
    const int saved = errno;
    close(fd);
    errno = saved;
    return rc;
}

/* The bytes, then the name, then the directory: after a power cut path is the old file or the
 * whole new one. */
static int publish(struct recorder *r)
{
    char dir[PATH_BYTES];
    snprintf(dir, sizeof(dir), "%s", r->path);
    if (sync_path(r->part, O_RDWR) != 0 || rename(r->part, r->path) != 0)
        return err_set(&r->failure, NULL, "%s: cannot be finished: %s", r->path,
                       strerror(errno));
    sync_path(dirname(dir),
              O_RDONLY | O_DIRECTORY); /* not every file system can; the file is whole anyway */
    return 0;
}

int recorder_close(struct recorder *r, const char *status, struct err *e)
{
    roll_back(r);
    if (!is_failed(r)) {
        bind_text(r->statements[SET_STATUS], 1, status);
        finish(r, SET_STATUS);
    }
    close_db(r);
    if (is_failed(r) || publish(r) != 0) {
        if (r->n_whole_runs == 0)
            unlink(r->part);
        else
            err_hint(&r->failure, "the %lld whole runs are in %s", (long long)r->n_whole_runs,
                     r->part);
    }
    const int result = is_failed(r) ? -1 : 0;
    recorder_failed(r, e);
    free(r);
    return result;
}

void recorder_discard(struct recorder *r)
{
    close_db(r);
    unlink(r->part);
    free(r);
}

bool recorder_failed(const struct recorder *r, struct err *e)
{
    if (is_failed(r) && e != NULL && e->text[0] == '\0')
        *e = r->failure;
    return is_failed(r);
}
