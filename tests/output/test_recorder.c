/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output/recorder.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/output/records.h"

/* Helpers */

static struct recorder *open_or_fail(const char *path)
{
    struct err e = {0};
    struct recorder *r = recorder_open(path, &e);
    check_str("opens", e.text, "");
    return r;
}

static void close_or_fail(struct recorder *r, const char *status)
{
    struct err e = {0};
    recorder_close(r, status, &e);
    check_str("closes", e.text, "");
}

/* The first value of the first row, as a text ("(none)" when there is no row). */
static const char *query(const char *path, const char *sql)
{
    static char out[4096];
    sqlite3 *db = NULL;
    sqlite3_stmt *s = NULL;
    snprintf(out, sizeof(out), "(none)");
    check_eq(sql, sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
        snprintf(out, sizeof(out), "%s", sqlite3_errmsg(db));
    else if (sqlite3_step(s) == SQLITE_ROW)
        snprintf(out, sizeof(out), "%s",
                 sqlite3_column_text(s, 0) ? (const char *)sqlite3_column_text(s, 0) : "NULL");
    sqlite3_finalize(s);
    sqlite3_close(db);
    return out;
}

static char *dump(const char *path)
{
    char *text;
    size_t size;
    struct err e = {0};
    FILE *f = open_memstream(&text, &size);
    recorder_dump(path, f, &e);
    check_str("dumps", e.text, "");
    fclose(f);
    return text;
}

static bool is_there(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0;
}

static bool part_is_there(const char *path)
{
    char part[160];
    snprintf(part, sizeof(part), "%s.part", path);
    return is_there(part);
}

static void emit_transition(struct recorder *r, sim_time at, const char *to, const char *cause)
{
    emit(r, at, &REC_TRANSITION, &(struct rec_transition){CLIENT, 1, "CLOSED", to, cause});
}

/* A run with one transition. */
static int one_run(struct recorder *r, int64_t run, const char *to)
{
    const struct sim sim = two_hosts(MS(30));
    recorder_run_begin(r, run, 1, run - 1, 1);
    emit_transition(r, MS(run), to, "open");
    return recorder_run_end(r, &sim, 0.5);
}

/* Everything once; cpu_s is a fact of the machine. */
static void record_all_kinds(struct recorder *r, double cpu_s)
{
    const uint8_t options[] = {2, 4, 5, 180}; /* MSS 1460 */
    const ip_addr client = ip4(0x0a000001), server = ip4(0x0a000002);
    recorder_experiment(r, "demo", "abc", 7);
    recorder_point(r, 1, NULL, "");
    recorder_param(r, 1, "handshake", "two-way");
    recorder_run_begin(r, 1, 1, 0, UINT64_MAX);
    emit(r, 0, &REC_CONN, &(struct rec_conn){3, CLIENT, USER, 0, client, server, 40001, 80});
    emit(r, 0, &REC_TRANSITION,
         &(struct rec_transition){CLIENT, 3, "CLOSED", "SYN-SENT", NULL});
    emit(r, 0, &REC_SEGMENTS,
         &(struct rec_segment){.link = UP,
                               .packet = 1,
                               .proto = 6,
                               .conn = 3,
                               .event = "send",
                               .src = client,
                               .dst = server,
                               .sport = 40001,
                               .dport = 80,
                               .ttl = 64,
                               .flags = 2,
                               .seq = 4294967295u,
                               .win = 65535,
                               .options = {options, sizeof(options)},
                               .bytes = 44});
    emit(r, MS(10), &REC_SEGMENTS,
         &(struct rec_segment){.link = UP,
                               .packet = 1,
                               .proto = 6,
                               .conn = 3,
                               .event = "drop",
                               .src = client,
                               .dst = server,
                               .sport = 40001,
                               .dport = 80,
                               .ttl = 64,
                               .flags = 18,
                               .seq = 1,
                               .stream = 3,
                               .offset = UINT64_C(5000000000),
                               .len = 9,
                               .bytes = 49,
                               .cause = "loss"});
    emit(r, MS(10), &REC_TYPE_SAMPLE, &(struct rec_sample){CLIENT, "cwnd", -1});
    emit(r, MS(11), &REC_TYPE_EVENT, &(struct rec_event){USER, 3, "note", "a|b\\c\nd"});
    emit(r, MS(12), &REC_TYPE_EVENT, &(struct rec_event){0, 0, "note", ""});
    recorder_metric(r, "user", "took", &(struct value){VALUE_INT, .num = 20000000}, UNIT_TIME);
    recorder_metric(r, "user", "part", &(struct value){VALUE_RATIO, .num = 1, .den = 4},
                    UNIT_COUNT);
    recorder_metric(r, "user", "path", &(struct value){VALUE_TEXT, .text = "A B"}, UNIT_NONE);
    recorder_metric(r, "user", "never", &(struct value){VALUE_NONE}, UNIT_TIME);
    const struct sim sim = two_hosts(MS(30));
    check_eq("ends", recorder_run_end(r, &sim, cpu_s), 0);
    recorder_expectation(r, &(struct expectation_row){1, "user.took", "is", "20ms", NULL,
                                                      "20ms", "pass", "1 RTT", 1});
}

/* Written by hand from the records above. The digest of "abc" is FIPS 180-4's example. */
static const char DUMP[] =
    "# experiment|id|name|config|config_sha256|seed|status\n"
    "experiment|1|demo|abc|ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad|7|"
    "ok\n"
    "# point|id|variant|label\n"
    "point|1||\"\"\n"
    "# param|point|key|value\n"
    "param|1|handshake|two-way\n"
    "# run|id|point|replication|seed|status|sim_end_ns|n_events\n"
    "run|1|1|0|18446744073709551615|ok|30000000|7\n"
    "# subject|run_id|subject|kind|name\n"
    "subject|1|1|host|client\n"
    "subject|1|2|host|server\n"
    "subject|1|3|link|client->server\n"
    "subject|1|4|link|server->client\n"
    "subject|1|5|app|web\n"
    "subject|1|6|app|user\n"
    "# conn|run_id|t_ns|conn|host|app|passive|local|local_port|remote|remote_port\n"
    "conn|1|0|3|client|user|0|10.0.0.1|40001|10.0.0.2|80\n"
    "# metric|run_id|subject|name|value|unit|num|den\n"
    "metric|1|user|took|20000000|ns|20000000|1\n"
    "metric|1|user|part|0.25|\"\"|1|4\n"
    "metric|1|user|path|A B|\"\"||\n"
    "metric|1|user|never||ns||\n"
    "# expectation|point|metric|op|want|tol|got|n|verdict|source\n"
    "expectation|1|user.took|is|20ms||20ms|1|pass|1 RTT\n"
    "# transition|run_id|t_ns|host|conn|from_state|to_state|cause\n"
    "transition|1|0|client|3|CLOSED|SYN-SENT|\n"
    "# "
    "segment|run_id|t_ns|link|event|packet|parent|proto|conn|src|dst|ttl|flags|seq|ack|len|win|"
    "options|stream|"
    "offset|cause|injected_by|sport|dport|bytes|flag_names\n"
    "segment|1|0|client->server|send|1|0|6|3|10.0.0.1|10.0.0.2|64|2|4294967295|0|0|65535|"
    "020405b4|0|0|||"
    "40001|80|44|SYN\n"
    "segment|1|10000000|client->server|drop|1|0|6|3|10.0.0.1|10.0.0.2|64|18|1|0|9|0||3|"
    "5000000000|loss||"
    "40001|80|49|SYN,ACK\n"
    "# sample|run_id|t_ns|subject|name|value\n"
    "sample|1|10000000|client|cwnd|-1\n"
    "# event|run_id|t_ns|subject|kind|detail|conn\n"
    "event|1|11000000|user|note|a\\|b\\\\c\\nd|3\n"
    "event|1|12000000||note|\"\"|0\n";

/* Tests */

static void dump_is_the_contract(void **state)
{
    char path[128];
    temp_path(path, "dump.db");
    for (int i = 0; i < 2;
         i++) { /* the second time over the first: equal, whatever the machine did */
        struct recorder *r = open_or_fail(path);
        record_all_kinds(r, i);
        check_eq("nothing at FILE but the older one", is_there(path), i);
        close_or_fail(r, "ok");
        check_eq("no .part is left", part_is_there(path), false);
        char *text = dump(path);
        check_str("dump", text, DUMP);
        free(text);
    }
    check_str("host_fact tells machines apart",
              query(path, "SELECT cpu_s FROM host_fact WHERE run_id = 1"), "1.0");
    check_str("the file says what it is", query(path, "PRAGMA application_id"), "1751215206");
    check_str("and which schema", query(path, "PRAGMA user_version"), "1");
    unlink(path);
}

/* Values that queries rely on to be integers, also where a double would round. */
static void values_are_integers(void **state)
{
    char path[128];
    struct recorder *r = open_or_fail(temp_path(path, "integers.db"));
    record_all_kinds(r, 0);
    close_or_fail(r, "ok");
    check_str("segment",
              query(path, "SELECT group_concat(DISTINCT typeof(t_ns) || typeof(seq) || "
                          "typeof(offset)) FROM segment"),
              "integerintegerinteger");
    check_str("metric", query(path, "SELECT group_concat(typeof(value), ' ') FROM metric"),
              "integer real text null");
    unlink(path);
}

/* Every view is there and can be read, even when no record of its type ever came. */
static void views_of_an_empty_file(void **state)
{
    static const char *const columns[][2] = {
        {"experiment", "id,name,config,config_sha256"},
        {"point", "id,variant,label"},
        {"param", "point,key,value"},
        {"run", "id,point,replication,seed,status,sim_end_ns,n_events"},
        {"host_fact", "run_id,cpu_s,created_at,version"},
        {"metric", "run_id,subject,name,value,unit"},
        {"expectation", "point,metric,op,want,tol,got,n,verdict,source"},
        {"transition", "run_id,t_ns,host,conn,from_state,to_state,cause"},
        {"segment", "run_id,t_ns,link,event,packet,parent,proto,conn,src,dst,ttl,flags,seq,ack,"
                    "len,win,options,"
                    "stream,offset,cause,injected_by"},
        {"sample", "run_id,t_ns,subject,name,value"},
        {"event", "run_id,t_ns,subject,kind,detail"},
        {"host", "run_id,subject,name"},
        {"link", "run_id,subject,name"},
        {"app", "run_id,subject,name"},
        {"fault", "run_id,subject,name"},
        {"conn", "run_id"},
        {"stream", "run_id,stream,conn"},
        {"metric_by_point", "point"},
        {"dwell", "run_id"},
    };
    char path[128], sql[256], names[512];
    struct recorder *r = open_or_fail(temp_path(path, "empty.db"));
    close_or_fail(r, "interrupted");
    for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
        snprintf(sql, sizeof(sql), "SELECT group_concat(name) FROM pragma_table_info('%s')",
                 columns[i][0]);
        snprintf(names, sizeof(names), "%s", query(path, sql));
        names[strlen(columns[i][1])] = '\0'; /* more may follow the documented ones */
        check_str(columns[i][0], names, columns[i][1]);
        snprintf(sql, sizeof(sql), "SELECT * FROM %s", columns[i][0]);
        check_str(columns[i][0], query(path, sql), "(none)");
    }
    unlink(path);
}

static void aborted_run_leaves_its_row_alone(void **state)
{
    static const struct rec_field fields[] = {{"n", REC_I64, 0, ""}};
    static const struct rec_type type = {"rare.thing", "", fields, 1, REC_LIFE};
    const int64_t n = 5;
    const struct sim sim = two_hosts(MS(30));
    char path[128];
    struct recorder *r = open_or_fail(temp_path(path, "abort.db"));
    recorder_point(r, 1, NULL, "");
    recorder_run_begin(r, 1, 1, 0, 1);
    emit_transition(r, 0, "lost word", "lost cause");
    emit(r, 0, &type, &n); /* its table is made in the run that is rolled back */
    check_eq("abort", recorder_run_abort(r, "interrupted"), 0);
    recorder_run_begin(r, 2, 1, 1, 1);
    emit(r, 0, &type, &n);
    emit_transition(r, 1, "kept word", "lost cause");
    check_eq("end", recorder_run_end(r, &sim, 0), 0);
    recorder_run_begin(r, 3, 1, 2, 1);
    emit_transition(r, 0, "never ended", "x");
    close_or_fail(r, "interrupted");
    check_str("status", query(path, "SELECT group_concat(id || ' ' || status) FROM run"),
              "1 interrupted,2 ok");
    check_str(
        "rows",
        query(path,
              "SELECT group_concat(run_id || ' ' || to_state || ' ' || cause) FROM transition"),
        "2 kept word lost cause");
    check_str("own table",
              query(path, "SELECT group_concat(run_id || ' ' || n) FROM rare_thing"), "2 5");
    check_str("experiment", query(path, "SELECT integrity_check FROM pragma_integrity_check"),
              "ok");
    unlink(path);
}

struct rec_odd {
    int64_t i;
    uint64_t u;
    const char *text;
    ip_addr addr;
    uint32_t subject;
    struct rec_bytes bytes;
};

static void unknown_type_gets_a_table(void **state)
{
    static const struct rec_field fields[] = {
        {"order", REC_I64, offsetof(struct rec_odd, i), ""}, /* a keyword of SQL */
        {"u", REC_U64, offsetof(struct rec_odd, u), ""},
        {"word", REC_TEXT, offsetof(struct rec_odd, text), ""},
        {"addr", REC_ADDR, offsetof(struct rec_odd, addr), ""},
        {"who", REC_SUBJECT, offsetof(struct rec_odd, subject), ""},
        {"raw", REC_BYTES, offsetof(struct rec_odd, bytes), ""},
    };
    static const struct rec_type type = {"queue.mark", "", fields, ARRAY_LEN(fields), REC_LIFE};
    const uint8_t raw[] = {0, 255};
    const struct sim sim = two_hosts(0);
    char path[128];
    struct recorder *r = open_or_fail(temp_path(path, "odd.db"));
    recorder_run_begin(r, 1, 1, 0, 1);
    emit(r, 7, &type,
         &(struct rec_odd){INT64_MIN, INT64_MAX, "word", ip4(0xfffffffe), SERVER, {raw, 2}});
    emit(r, 8, &type, &(struct rec_odd){0, 0, NULL, ip4(0), 0, {NULL, 0}});
    recorder_run_end(r, &sim, 0);
    close_or_fail(r, "ok");
    char *text = dump(path);
    const char *tail = strstr(text, "# queue_mark");
    check_str("dump ends with it", tail != NULL ? tail : text,
              "# queue_mark|run_id|t_ns|order|u|word|addr|who|raw\n"
              "queue_mark|1|7|-9223372036854775808|9223372036854775807|word|255.255.255.254|"
              "server|00ff\n"
              "queue_mark|1|8|0|0||0.0.0.0||\n");
    free(text);
    unlink(path);
}

/* Types that would hide or break what schema.sql documents are refused with a sentence, not
 * with a wrong table. */
static void known_names_are_kept(void **state)
{
    static const struct rec_field extra[] = {{"host", REC_SUBJECT, 0, ""},
                                             {"mood", REC_TEXT, 0, ""}};
    static const struct {
        struct rec_type type;
        const char *says;
    } rows[] = {
        {{"transition", "", extra, 2, REC_LIFE}, "row_transition has no column named mood"},
        {{"dwell", "", extra, 1, REC_LIFE}, "schema.sql has another view of this name"},
    };
    const uint64_t nothing[2] = {0};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char path[128];
        struct err e = {0};
        struct recorder *r = open_or_fail(temp_path(path, "clash.db"));
        recorder_run_begin(r, 1, 1, 0, 1);
        emit(r, 0, &rows[i].type, nothing);
        check_true(rows[i].says, recorder_failed(r, &e));
        check_true(e.text, strstr(e.text, rows[i].says) != NULL);
        check_eq("close tells too", recorder_close(r, "ok", NULL), -1);
        check_eq("nothing at FILE", is_there(path) || part_is_there(path), false);
    }
}

static void too_many_rows_stop_with_a_sentence(void **state)
{
    char path[128];
    struct err e = {0};
    struct recorder *r = open_or_fail(temp_path(path, "limit.db"));
    recorder_limit(r, "transition", 2);
    check_eq("whole", one_run(r, 1, "A"), 0);
    check_eq("the count begins anew in each run", one_run(r, 2, "A"), 0);
    recorder_run_begin(r, 3, 1, 2, 1);
    emit_transition(r, 0, "A", "x");
    emit_transition(r, 0, "B", "x");
    check_eq("two are allowed", recorder_failed(r, &e), false);
    emit_transition(r, 0, "C", "x");
    check_true("three are not", recorder_failed(r, &e));
    check_str("sentence", e.text,
              "more than 2 rows of transition in run 3; say `record: all` to keep them all, or "
              "`record: metrics` to keep none");
    recorder_run_abort(r, "failed");
    recorder_discard(r);
    check_eq("discarded", is_there(path) || part_is_there(path), false);
}

/* Runs fn in a child that may be killed; returns its exit status, or -signal. */
static int in_child(void (*fn)(const char *path), const char *path)
{
    const pid_t pid = fork();
    if (pid == 0) {
        fn(path);
        _exit(99);
    }
    int status;
    waitpid(pid, &status, 0);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static void run_into_full_disk(const char *path)
{
    signal(SIGXFSZ, SIG_IGN); /* a write beyond the limit fails as on a full disk */
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){400000, 400000});
    struct err e = {0}, at_close = {0};
    struct recorder *r = recorder_open(path, &e);
    if (r == NULL || one_run(r, 1, "kept") != 0)
        _exit(1);
    const struct sim sim = two_hosts(0);
    char word[64];
    recorder_run_begin(r, 2, 1, 1, 1);
    for (int i = 0; i < 3000000 && !recorder_failed(r, NULL); i++) {
        snprintf(word, sizeof(word), "a word of its own for each row, number %d", i);
        emit_transition(r, i, word, "x");
    }
    if (recorder_run_end(r, &sim, 0) != -1 || !recorder_failed(r, &e) ||
        recorder_metric(r, "x", "y", &(struct value){0}, UNIT_TIME) != -1)
        _exit(2);
    if (strstr(e.text, "cannot write: ") == NULL)
        _exit(3);
    if (recorder_close(r, "ok", &at_close) != -1 || strcmp(at_close.text, e.text) != 0)
        _exit(4);
    _exit(strstr(at_close.hint, "the 1 whole runs are in ") == at_close.hint ? 0 : 5);
}

static void killed_while_recording(const char *path)
{
    struct recorder *r = recorder_open(path, &(struct err){0});
    one_run(r, 1, "new");
    recorder_run_begin(r, 2, 1, 1, 1);
    for (int i = 0; i < 100000; i++)
        emit_transition(r, i, "new", "x");
    kill(getpid(), SIGKILL);
}

static void older_file_survives(void **state)
{
    static const struct {
        const char *story;
        void (*fn)(const char *path);
        int status;
    } rows[] = {{"disk full", run_into_full_disk, 0},
                {"kill -9", killed_while_recording, -SIGKILL}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char path[128], part[160];
        struct recorder *r = open_or_fail(temp_path(path, "survives.db"));
        one_run(r, 1, "old");
        close_or_fail(r, "ok");
        check_eq(rows[i].story, in_child(rows[i].fn, path), rows[i].status);
        check_str(rows[i].story, query(path, "SELECT group_concat(to_state) FROM transition"),
                  "old");
        snprintf(part, sizeof(part), "%s.part", path);
        if (rows[i].status ==
            0) /* the whole run can be read from the .part, the broken one is not there */
            check_str(rows[i].story,
                      query(part, "SELECT group_concat(to_state) FROM transition"), "kept");
        r = open_or_fail(path); /* whatever .part is left is no obstacle */
        one_run(r, 1, "newer");
        close_or_fail(r, "ok");
        check_str(rows[i].story, query(path, "SELECT group_concat(to_state) FROM transition"),
                  "newer");
        unlink(path);
    }
}

static void put_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    fputs(text, f);
    fclose(f);
}

static void check_says(const char *story, const struct err *e, const char *path,
                       const char *says)
{
    char want[512];
    snprintf(want, sizeof(want), "%s%s", path, says);
    check_str(story, e->text, want);
}

static void refusals_are_sentences(void **state)
{
    char path[128], missing[160], newer[160];
    struct err e = {0};
    put_file(temp_path(path, "notes.txt"),
             "my only copy, and longer than the hundred bytes that a header of SQLite has: "
             "so it is read whole and is still no database");
    check_true("a stranger's file is not overwritten", recorder_open(path, &e) == NULL);
    check_says("open", &e, path,
               ": is there and is no result file of halfopen; it stays as it is");
    e = (struct err){0};
    check_eq("nor dumped", recorder_dump(path, stdout, &e), -1);
    check_says("dump", &e, path, ": cannot read: file is not a database");
    unlink(path);

    snprintf(missing, sizeof(missing), "%s-directory/x.db", path);
    e = (struct err){0};
    check_true("no such directory", recorder_open(missing, &e) == NULL);
    snprintf(missing + strlen(missing), 8, ".part");
    check_says("directory", &e, missing, ": cannot create: No such file or directory");
    e = (struct err){0};
    check_eq("no such file", recorder_dump(path, stdout, &e), -1);
    check_says("file", &e, path, ": No such file or directory");
    e = (struct err){0};
    check_true("a device", recorder_open("/dev/null", &e) == NULL);
    check_str("device", e.text, "/dev/null: not a regular file");

    struct recorder *r = open_or_fail(temp_path(newer, "newer.db"));
    e = (struct err){0};
    close_or_fail(r, "ok");
    sqlite3 *db;
    sqlite3_open(newer, &db);
    sqlite3_exec(db, "PRAGMA user_version = 2", NULL, NULL, NULL);
    sqlite3_close(db);
    check_eq("a newer schema", recorder_dump(newer, stdout, &e), -1);
    check_says("newer", &e, newer,
               ": written by a newer halfopen (schema 2, this one knows 1)");
    sqlite3_open(newer, &db);
    sqlite3_exec(db, "PRAGMA application_id = 1; PRAGMA user_version = 1", NULL, NULL, NULL);
    sqlite3_close(db);
    e = (struct err){0};
    check_eq("another program's database", recorder_dump(newer, stdout, &e), -1);
    check_says("other", &e, newer, ": not a result file of halfopen");
    unlink(newer);
}

static void second_writer(const char *path)
{
    char says[200];
    struct err e = {0};
    snprintf(says, sizeof(says), "%s.part: being written by another process", path);
    _exit(recorder_open(path, &e) == NULL && strcmp(e.text, says) == 0 ? 0 : 1);
}

static void two_writers_do_not_mix(void **state)
{
    char path[128];
    struct recorder *r = open_or_fail(temp_path(path, "busy.db"));
    check_eq("refused", in_child(second_writer, path), 0);
    one_run(r, 1, "first");
    close_or_fail(r, "ok");
    check_str("unharmed", query(path, "SELECT to_state FROM transition"), "first");
    unlink(path);
}

/* A run's rows are found by key, not by reading all: the plan must seek in both tables. */
static void a_run_is_a_range_of_keys(void **state)
{
    char path[128];
    struct recorder *r = open_or_fail(temp_path(path, "plan.db"));
    for (int64_t run = 1; run <= 3; run++)
        one_run(r, run, run == 2 ? "two" : "other");
    close_or_fail(r, "ok");
    check_str("rows",
              query(path, "SELECT group_concat(to_state) FROM transition WHERE run_id = 2"),
              "two");
    char plan[512];
    sqlite3 *db;
    sqlite3_stmt *s;
    sqlite3_open(path, &db);
    sqlite3_prepare_v2(db, "EXPLAIN QUERY PLAN SELECT t_ns FROM transition WHERE run_id = 2",
                       -1, &s, NULL);
    plan[0] = '\0';
    while (sqlite3_step(s) == SQLITE_ROW)
        snprintf(plan + strlen(plan), sizeof(plan) - strlen(plan), "%s; ",
                 sqlite3_column_text(s, 3));
    sqlite3_finalize(s);
    sqlite3_close(db);
    check_str("plan", plan,
              "SEARCH r USING INTEGER PRIMARY KEY (rowid=?); SEARCH t USING INTEGER PRIMARY "
              "KEY (rowid>? AND rowid<?); ");
    unlink(path);
}

static void states_have_durations(void **state)
{
    const struct sim sim = two_hosts(MS(90));
    char path[128];
    struct recorder *r = open_or_fail(temp_path(path, "dwell.db"));
    recorder_run_begin(r, 1, 1, 0, 1);
    emit_transition(r, MS(5), "SYN-SENT", "open");
    emit_transition(r, MS(25), "ESTABLISHED", "ack");
    recorder_run_end(r, &sim, 0);
    close_or_fail(r, "ok");
    check_str("dwell",
              query(path, "SELECT group_concat(state || ' ' || from_ns || ' ' || "
                          "coalesce(until_ns, '-'), '; ') FROM dwell"),
              "SYN-SENT 5000000 25000000; ESTABLISHED 25000000 -");
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dump_is_the_contract),
        cmocka_unit_test(values_are_integers),
        cmocka_unit_test(views_of_an_empty_file),
        cmocka_unit_test(aborted_run_leaves_its_row_alone),
        cmocka_unit_test(unknown_type_gets_a_table),
        cmocka_unit_test(known_names_are_kept),
        cmocka_unit_test(too_many_rows_stop_with_a_sentence),
        cmocka_unit_test(older_file_survives),
        cmocka_unit_test(refusals_are_sentences),
        cmocka_unit_test(two_writers_do_not_mix),
        cmocka_unit_test(a_run_is_a_range_of_keys),
        cmocka_unit_test(states_have_durations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
