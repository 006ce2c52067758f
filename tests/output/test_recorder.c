/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output/recorder.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/output/results.h"

/* Helpers */

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

/* Tests */

/* The file is there when it is whole; until then an older one of its name stays. */
static void files_appear_when_whole(void **state)
{
    char path[128];
    temp_path(path, "whole.db");
    for (int i = 0; i < 2; i++) {
        struct recorder *r = open_or_fail(path);
        one_run(r, 1, "any");
        check_eq("nothing at FILE but the older one", is_there(path), i);
        close_or_fail(r, "ok");
        check_eq("no .part is left", part_is_there(path), false);
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
    sqlite3_exec(db, "PRAGMA user_version = 3", NULL, NULL, NULL);
    sqlite3_close(db);
    check_eq("a newer schema", recorder_dump(newer, stdout, &e), -1);
    check_says("newer", &e, newer,
               ": written by a newer halfopen (schema 3, this one knows 2)");
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_appear_when_whole),
        cmocka_unit_test(aborted_run_leaves_its_row_alone),
        cmocka_unit_test(unknown_type_gets_a_table),
        cmocka_unit_test(known_names_are_kept),
        cmocka_unit_test(too_many_rows_stop_with_a_sentence),
        cmocka_unit_test(older_file_survives),
        cmocka_unit_test(refusals_are_sentences),
        cmocka_unit_test(two_writers_do_not_mix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
