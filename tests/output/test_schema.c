/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The views of schema.sql, which readers rely on, and the dump.
 */
#include "output/recorder.h"

#include "output/schema.h"
#include "sim/address.h"
#include "sim/rng.h"
#include "tests/output/results.h"

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

static void dump_is_the_contract(void **state)
{
    char path[128];
    temp_path(path, "dump.db");
    for (int i = 0; i < 2;
         i++) { /* the second time over the first: equal, whatever the machine did */
        struct recorder *r = open_or_fail(path);
        record_all_kinds(r, i);
        close_or_fail(r, "ok");
        char *text = dump(path);
        check_str("dump", text, DUMP);
        free(text);
    }
    check_str("host_fact tells machines apart",
              query(path, "SELECT cpu_s FROM host_fact WHERE run_id = 1"), "1.0");
    check_str("the file says what it is", query(path, "PRAGMA application_id"), "1751215206");
    check_str("and which schema", query(path, "PRAGMA user_version"), "2");
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
        {"router", "run_id,subject,name"},
        {"link", "run_id,subject,name"},
        {"app", "run_id,subject,name"},
        {"fault", "run_id,subject,name"},
        {"conn", "run_id"},
        {"stream", "run_id,stream,conn"},
        {"metric_by_point", "point,label,subject,name,n,mean,min,max,unit,variance"},
        {"dwell", "run_id,host,conn,state,from_ns,until_ns"},
        {"dwell_by_state", "run_id,host,state,n,n_open,n_longer,mean_ns,min_ns,max_ns,total_s"},
        {"retransmission", "run_id,t_ns,packet,conn,stream,offset,len"},
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

/* Zeros are frequent, in groups and in digits. */
static struct key_address random_address(struct rng *r)
{
    uint32_t words[4] = {0};
    for (int g = 0; g < 8; g++)
        if (rng_below(r, 2) == 0)
            words[g / 2] |= (uint32_t)rng_below(r, rng_below(r, 2) == 0 ? 16 : 65536)
                            << (g % 2 == 0 ? 16 : 0);
    if (rng_below(r, 4) == 0) /* few prefixes are met again, and IPv4 is among them */
        return (struct key_address){words[3], 32};
    return (struct key_address){
        words[3], 128, true, {0x20010000 | words[0], words[1], words[2]}};
}

/* Each run numbers the prefixes that it meets anew; a view's text is that of address_text. */
static void addresses_are_texts(void **state)
{
    enum { N = 400, N_RUNS = 2 };
    static char want[N_RUNS][N][2][ADDRESS_TEXT_BYTES];
    char path[128], sql[200];
    struct recorder *r = open_or_fail(temp_path(path, "addresses.db"));
    for (int run = 0; run < N_RUNS; run++) {
        struct sim *sim = sim_new(&(struct sim_params){.seed = (uint64_t)run});
        struct rng rng = sim_rng(sim, "addresses");
        recorder_run_begin(r, run + 1, 1, run, 1);
        sim_listen(sim, recorder_listener(r, REC_LIFE));
        for (uint32_t i = 0; i < N; i++) {
            struct rec_conn c = {.conn = i, .host = CLIENT};
            c.local = address_intern(sim, random_address(&rng));
            c.remote = address_intern(sim, random_address(&rng));
            address_text(sim, c.local, want[run][i][0], ADDRESS_TEXT_BYTES);
            address_text(sim, c.remote, want[run][i][1], ADDRESS_TEXT_BYTES);
            sim_emit(sim, &REC_CONN, &c);
        }
        const struct sim ended = two_hosts(0);
        recorder_run_end(r, &ended, 0);
        sim_free(sim);
    }
    close_or_fail(r, "ok");
    for (int run = 0; run < N_RUNS; run++)
        for (int i = 0; i < N; i++) {
            char both[2 * ADDRESS_TEXT_BYTES + 2];
            snprintf(both, sizeof(both), "%s %s", want[run][i][0], want[run][i][1]);
            snprintf(sql, sizeof(sql),
                     "SELECT local || ' ' || remote FROM conn WHERE run_id = %d AND conn = %d",
                     run + 1, i);
            check_str(sql, query(path, sql), both);
        }
    unlink(path);
}

/* What the expression looks like in a file is of no interest; that it stands for each. */
static void abbreviations_are_written_out(void **state)
{
    char *plain = schema_expand("SELECT 1"),
         *two = schema_expand("a $address(x.y) b $address(?2)");
    check_str("nothing to do", plain, "SELECT 1");
    check_true("none is left",
               strchr(two, '$') == NULL && strncmp(two, "a iif(x.y >> 32", 15) == 0);
    check_true("each its own", strstr(two, ") b iif(?2 >> 32 = 0") != NULL);
    free(plain);
    free(two);
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

/* Client, up to the run's end at 90 ms: 20 ms and 40 ms of SYN-SENT and 5 ms so far; 0 ms of
 * ESTABLISHED and 20 ms so far, more than any that is over; a socket that listens has no number
 * of its own, nor has the server's. */
static void stays_are_summed_up(void **state)
{
    static const struct {
        sim_time at;
        uint32_t host, conn;
        const char *state;
    } rows[] = {
        {MS(5), CLIENT, 1, "SYN-SENT"},     {MS(10), SERVER, 0, "LISTEN"},
        {MS(25), CLIENT, 1, "ESTABLISHED"}, {MS(25), CLIENT, 1, "SYN-SENT"},
        {MS(65), CLIENT, 1, "CLOSED"},      {MS(70), CLIENT, 0, "LISTEN"},
        {MS(70), CLIENT, 2, "ESTABLISHED"}, {MS(85), CLIENT, 3, "SYN-SENT"},
    };
    const struct sim sim = two_hosts(MS(90));
    char path[128];
    struct recorder *r = open_or_fail(temp_path(path, "stays.db"));
    recorder_run_begin(r, 1, 1, 0, 1);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        emit(r, rows[i].at, &REC_TRANSITION,
             &(struct rec_transition){rows[i].host, rows[i].conn, "", rows[i].state, NULL});
    recorder_run_end(r, &sim, 0);
    close_or_fail(r, "ok");
    check_str("sums",
              query(path,
                    "SELECT group_concat(host || ' ' || state || ' ' || n || ' ' || n_open "
                    "|| ' ' || n_longer || ' ' || mean_ns || ' ' || min_ns || ' ' || "
                    "max_ns || ' ' || total_s, '; ') FROM dwell_by_state"),
              "client CLOSED 1 1 1 25000000.0 25000000 25000000 0.025; "
              "client ESTABLISHED 2 1 1 10000000.0 0 20000000 0.02; "
              "client LISTEN 1 1 1 20000000.0 20000000 20000000 0.02; "
              "client SYN-SENT 3 1 0 30000000.0 20000000 40000000 0.065; "
              "server LISTEN 1 1 1 80000000.0 80000000 80000000 0.08");
    unlink(path);
}

/* 1, 2 and 6 ms: mean 3 ms, variance (4 + 1 + 9) / 2 ms^2 = 7e12 ns^2. */
static void replications_are_summed_up(void **state)
{
    static const int64_t values[] = {1, 2, 6};
    const struct sim sim = two_hosts(0);
    char path[128];
    struct recorder *r = open_or_fail(temp_path(path, "points.db"));
    recorder_point(r, 1, NULL, "a");
    recorder_point(r, 2, NULL, "b");
    for (int64_t run = 1; run <= 4; run++) {
        recorder_run_begin(r, run, run <= 3 ? 1 : 2, 0, 1);
        recorder_metric(r, "user", "took",
                        &(struct value){VALUE_INT, .num = MS(values[(run - 1) % 3])},
                        UNIT_TIME);
        recorder_metric(r, "user", "never",
                        &(struct value){run == 2 ? VALUE_INT : VALUE_NONE, .num = 5},
                        UNIT_COUNT);
        recorder_metric(r, "user", "word", &(struct value){VALUE_TEXT, .text = "x"}, UNIT_NONE);
        recorder_run_end(r, &sim, 0);
    }
    close_or_fail(r, "ok");
    check_str("points",
              query(path,
                    "SELECT group_concat(label || ' ' || name || ' ' || n || ' ' || mean "
                    "|| ' ' || min || ' ' || max || ' ' || coalesce(variance, '-'), '; ') "
                    "FROM metric_by_point WHERE n > 0"),
              "a never 1 5.0 5 5 -; a took 3 3000000.0 1000000 6000000 7000000000000.0; "
              "b took 1 1000000.0 1000000 1000000 -");
    unlink(path);
}

static void send_bytes(struct recorder *r, uint32_t link, uint32_t packet, uint32_t stream,
                       uint64_t offset, uint32_t len, const char *event)
{
    emit(r, MS(packet), &REC_SEGMENTS,
         &(struct rec_segment){.link = link,
                               .event = event,
                               .packet = packet,
                               .stream = stream,
                               .offset = offset,
                               .len = len});
}

static void bytes_sent_twice_are_found(void **state)
{
    const struct sim sim = two_hosts(0);
    char path[128];
    struct recorder *r = open_or_fail(temp_path(path, "again.db"));
    recorder_run_begin(r, 1, 1, 0, 1);
    send_bytes(r, UP, 1, 7, 0, 100, "send");
    send_bytes(r, DOWN, 1, 7, 0, 100, "send"); /* the same packet on its second link */
    send_bytes(r, UP, 2, 7, 100, 100, "send");
    send_bytes(r, UP, 3, 8, 0, 100, "send");   /* another stream */
    send_bytes(r, UP, 4, 7, 0, 0, "send");     /* an acknowledgement */
    send_bytes(r, UP, 5, 7, 0, 100, "send");   /* once more */
    send_bytes(r, UP, 6, 7, 150, 100, "send"); /* half of it once more */
    send_bytes(r, UP, 6, 7, 150, 100, "dup");  /* the network's doing */
    send_bytes(r, UP, 7, 7, 250, 100, "send");
    recorder_run_end(r, &sim, 0);
    close_or_fail(r, "ok");
    check_str("again",
              query(path, "SELECT group_concat(packet || ' at ' || t_ns, ', ') FROM "
                          "retransmission WHERE run_id = 1"),
              "5 at 5000000, 6 at 6000000");
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dump_is_the_contract),
        cmocka_unit_test(values_are_integers),
        cmocka_unit_test(views_of_an_empty_file),
        cmocka_unit_test(a_run_is_a_range_of_keys),
        cmocka_unit_test(addresses_are_texts),
        cmocka_unit_test(abbreviations_are_written_out),
        cmocka_unit_test(states_have_durations),
        cmocka_unit_test(stays_are_summed_up),
        cmocka_unit_test(replications_are_summed_up),
        cmocka_unit_test(bytes_sent_twice_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
