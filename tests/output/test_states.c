/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output/states.h"

#include "tests/output/picture.h"

enum { HANDSHAKE = 1, ENDLESS, CROWD, NOTHING, REPEATED, SHORTEST_WAITS, N_RUNS };

static void enter(struct recorder *r, sim_time at, uint32_t host, uint32_t conn,
                  const char *state)
{
    emit(r, at, &REC_TRANSITION, &(struct rec_transition){host, conn, "CLOSED", state, NULL});
}

static void begin_conn(struct recorder *r, sim_time at, uint32_t host, uint32_t conn)
{
    emit(r, at, &REC_CONN,
         &(struct rec_conn){.conn = conn,
                            .host = host,
                            .app = host == CLIENT ? USER : WEB,
                            .passive = host == SERVER});
}

/* A connection at 10 ms each way; the client closes, the server at once; TIME-WAIT of 60 s. */
static void three_way(struct recorder *r)
{
    enter(r, 0, SERVER, 0, "LISTEN");
    begin_conn(r, 0, CLIENT, 1);
    enter(r, 0, CLIENT, 1, "SYN-SENT");
    begin_conn(r, MS(10), SERVER, 2);
    enter(r, MS(10), SERVER, 2, "SYN-RECEIVED");
    enter(r, MS(20), CLIENT, 1, "ESTABLISHED");
    enter(r, MS(30), SERVER, 2, "ESTABLISHED");
    enter(r, MS(40), CLIENT, 1, "FIN-WAIT-1");
    enter(r, MS(50), SERVER, 2, "CLOSE-WAIT");
    enter(r, MS(50), SERVER, 2, "LAST-ACK");
    enter(r, MS(60), CLIENT, 1, "FIN-WAIT-2");
    enter(r, MS(60), CLIENT, 1, "TIME-WAIT");
    enter(r, MS(70), SERVER, 2, "CLOSED");
    enter(r, SEC(60) + MS(60), CLIENT, 1, "CLOSED");
}

/* The second incarnation at the server never ends. */
static void endless(struct recorder *r)
{
    begin_conn(r, 0, SERVER, 1);
    enter(r, 0, SERVER, 1, "ESTABLISHED");
    enter(r, MS(20), SERVER, 1, "CLOSED");
    begin_conn(r, SEC(62), SERVER, 2);
    enter(r, SEC(62), SERVER, 2, "ESTABLISHED");
}

/* 100 connections a second apart: 20 ms, 40 ms ... of SYN-SENT, then 3 s ESTABLISHED. */
static void crowd(struct recorder *r)
{
    for (uint32_t i = 0; i < 100; i++) {
        const sim_time at = SEC(i), wait = i % 2 == 0 ? MS(20) : MS(40);
        begin_conn(r, at, CLIENT, i + 1);
        enter(r, at, CLIENT, i + 1, "SYN-SENT");
        enter(r, at + wait, CLIENT, i + 1, "ESTABLISHED");
        enter(r, at + wait + SEC(3), CLIENT, i + 1, "CLOSED");
    }
}

static void nothing(struct recorder *r)
{
    enter(r, 0, SERVER, 0, "LISTEN");
}

/* As many connections as are still drawn one by one, each later than the one before. */
static void repeated(struct recorder *r)
{
    for (uint32_t i = 0; i < STATES_BARS; i++) {
        begin_conn(r, MS(7) * i, CLIENT, i + 1);
        enter(r, MS(7) * i, CLIENT, i + 1, "SYN-SENT");
        enter(r, MS(7) * i + MS(20), CLIENT, i + 1, "ESTABLISHED");
        enter(r, SEC(2 + i), CLIENT, i + 1, "CLOSED");
    }
}

/* A state without a ms between events of minutes. */
static void shortest_waits(struct recorder *r)
{
    begin_conn(r, SEC(100), CLIENT, 1);
    enter(r, SEC(100), CLIENT, 1, "SYN-SENT");
    enter(r, SEC(200), CLIENT, 1, "ESTABLISHED");
    enter(r, SEC(200) + US(3), CLIENT, 1, "FIN-WAIT-1");
    enter(r, SEC(300), CLIENT, 1, "FIN-WAIT-2");
}

static const struct {
    void (*play)(struct recorder *r);
    sim_time end;
} RUNS[N_RUNS] = {
    [HANDSHAKE] = {three_way, SEC(100)}, [ENDLESS] = {endless, SEC(600)},
    [CROWD] = {crowd, SEC(200)},         [NOTHING] = {nothing, SEC(1)},
    [REPEATED] = {repeated, SEC(100)},   [SHORTEST_WAITS] = {shortest_waits, SEC(400)},
};

static int set_up(void **state)
{
    struct err e = {0};
    picture_names("states");
    struct recorder *r = recorder_open(picture_db, &e);
    recorder_experiment(r, "lives", "", 1);
    recorder_point(r, 1, NULL, "answer=rst");
    for (int run = 1; run < N_RUNS; run++) {
        const struct sim sim = two_hosts(RUNS[run].end);
        recorder_run_begin(r, run, 1, run - 1, 1);
        RUNS[run].play(r);
        recorder_run_end(r, &sim, 0);
    }
    return recorder_close(r, "ok", &e);
}

static struct plot_request runs_of(const int64_t *runs, int n)
{
    return (struct plot_request){.runs = runs, .n_runs = n};
}

static const struct svg_shape *box_of(const char *text)
{
    const struct svg_text *t = svg_find(&picture, text);
    assert_non_null(t);
    for (const struct svg_shape *b = picture.boxes; b < picture.boxes + picture.n_boxes; b++)
        if (b->left < t->ink.x && t->ink.x < b->right && b->top < t->ink.y &&
            t->ink.y < b->bottom)
            return b;
    print_error("no box under '%s'\n", text);
    fail();
    return NULL;
}

static double tick_x(const char *text)
{
    const struct svg_text *t = svg_find(&picture, text);
    assert_non_null(t);
    return t->ink.x;
}

/* Each state is a box from its instant to the next, named, with its duration. */
static void bars_begin_and_end_at_their_instants(void **state)
{
    static const struct {
        const char *text, *from, *until;
    } rows[] = {
        {"SYN-SENT 20 ms", "0.00", "0.02"},   {"SYN-RECEIVED 20 ms", "0.01", "0.03"},
        {"FIN-WAIT-1 20 ms", "0.04", "0.06"}, {"TIME-WAIT 60 s", "0.06", "60.06"},
        {"LAST-ACK 20 ms", "0.05", "0.07"},
    };
    picture_draw("bars", "states", runs_of(&(int64_t){HANDSHAKE}, 1));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct svg_shape *b = box_of(rows[i].text);
        check_near(rows[i].text, b->left, tick_x(rows[i].from), 1.5);
        check_near(rows[i].text, b->right, tick_x(rows[i].until), 1.5);
    }
    check_eq("both were ESTABLISHED", svg_count(&picture, "ESTABLISHED 20 ms"), 2);
    check_eq("nothing else has a width", picture.n_boxes, 7);
    check_eq("a moment has a text", svg_count(&picture, "FIN-WAIT-2 0 s"), 1);
    check_eq("and another", svg_count(&picture, "CLOSE-WAIT 0 s"), 1);
    check_eq("the silence", svg_count(&picture, "≈ 60 s"), 1);
    check_eq("who", svg_count(&picture, "client user"), 1);
    check_eq("the listening socket has no bar", svg_count(&picture, "server"), 0);
    check_eq("axis", svg_count(&picture, "time (s); long waits are cut"), 1);
    check_true("colours tell states apart",
               box_of("SYN-SENT 20 ms")->color != box_of("SYN-RECEIVED 20 ms")->color);
}

static void what_the_end_cuts_short_says_so(void **state)
{
    picture_draw("endless", "states",
                 (struct plot_request){.runs = &(int64_t){ENDLESS}, .n_runs = 1, .lang = "zh"});
    check_eq("at least", svg_count(&picture, "ESTABLISHED ≥ 538 s"), 1);
    check_eq("the other is over", svg_count(&picture, "ESTABLISHED 20 ms"), 1);
    check_eq("incarnations", svg_count(&picture, "server web #2"), 1);
    check_eq("in Chinese", svg_count(&picture, "时间 (s)，较长的等待已截断"), 1);
    check_near("to the run's end", box_of("ESTABLISHED ≥ 538 s")->right, tick_x("600.00"), 1.5);
}

static void runs_stand_below_each_other(void **state)
{
    picture_draw("two runs", "states",
                 (struct plot_request){.runs = (int64_t[]){HANDSHAKE, ENDLESS},
                                       .run_titles = (const char *[]){"first", NULL},
                                       .n_runs = 2});
    check_eq("own title", svg_count(&picture, "first"), 1);
    check_eq("the point's label", svg_count(&picture, "answer=rst"), 1);
    check_eq("bars", picture.n_boxes, 7 + 2);
    check_true("in order", svg_find(&picture, "server web #2")->ink.y >
                               svg_find(&picture, "client user")->ink.y);
}

static void hosts_are_chosen(void **state)
{
    struct plot_request req = runs_of(&(int64_t){HANDSHAKE}, 1);
    req.of = (const char *[]){"server"};
    req.n_of = 1;
    picture_draw("one host", "states", req);
    check_eq("server only", picture.n_boxes, 3);
    check_eq("no client", svg_count(&picture, "client user"), 0);
    req.of = (const char *[]){"sever"};
    picture_refuses("states", req, "there is no host 'sever'");
    picture_refuses("dwell", req, "did you mean 'server'?");
    req.of = (const char *[]){"web.ghosts"};
    picture_refuses("dwell", req, "there are: client, server");
}

/* Texts that find no room are in the key, in its place. */
static void crowded_bars_are_explained(void **state)
{
    picture_draw("many", "states", runs_of(&(int64_t){REPEATED}, 1));
    check_eq("each has its two boxes, and the key's", picture.n_boxes, 2 * STATES_BARS + 1);
    check_eq("key", svg_count(&picture, "SYN-SENT"), 1);
    picture_draw("short", "states", runs_of(&(int64_t){SHORTEST_WAITS}, 1));
    check_eq("3 us are named", svg_count(&picture, "ESTABLISHED 0.003 ms"), 1);
}

/* Of a hundred connections the sums: 50 x 20 ms + 50 x 40 ms of SYN-SENT, 100 x 3 s, in 200 s.
 */
static void many_connections_are_summed_up(void **state)
{
    for (int i = 0; i < 2; i++) {
        picture_draw("crowd", i == 0 ? "states" : "dwell", runs_of(&(int64_t){CROWD}, 1));
        check_eq("stays", svg_count(&picture, "100"), 2);
        check_eq("mean", svg_count(&picture, "30 ms"), 1);
        check_eq("mean 2", svg_count(&picture, "3 s"), 1);
        check_eq("at once", svg_count(&picture, "0.015"), 1);
        check_eq("at once 2", svg_count(&picture, "1.5"), 1);
        check_eq("one host", svg_count(&picture, "client"), 1);
        check_eq("two rows and the key", picture.n_boxes, 3);
    }
    /* from 20 ms to 40 ms, and the 5 pixels that a box has beyond its ends */
    const double low = log10(0.02), at = log10(0.1), one = log10(1);
    const double x = picture_at(low, at, "0.1 s", one, "1 s", false);
    check_near("shortest", picture.boxes[1].left, x - 5, 1.5);
    check_near("longest", picture.boxes[1].right,
               picture_at(log10(0.04), at, "0.1 s", one, "1 s", false) + 5, 1.5);
}

/* 20 ms and 60 s on one axis, and what took no time at its own place. */
static void dwell_reaches_from_nothing_to_minutes(void **state)
{
    picture_draw("dwell", "dwell", runs_of((int64_t[]){HANDSHAKE, ENDLESS}, 2));
    check_eq("a place for 0", svg_count(&picture, "0"), 3); /* two rows have 0 at once */
    check_eq("means", svg_count(&picture, "60 s"), 1);
    check_eq("not over", svg_count(&picture, "≥ 269 s"), 1); /* (20 ms + 538 s) / 2 */
    check_eq("order of life",
             svg_find(&picture, "SYN-SENT")->ink.y < svg_find(&picture, "TIME-WAIT")->ink.y,
             true);
}

static void refusals_are_sentences(void **state)
{
    static const char *const kinds[] = {"states", "dwell"};
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        picture_refuses(kinds[i], runs_of(&(int64_t){NOTHING}, 1),
                        "no connection changed its state in run 4");
        picture_refuses(kinds[i], runs_of(&(int64_t){99}, 1), "no run 99 in this file");
        picture_refuses(kinds[i], (struct plot_request){.lang = "fr"}, "no language 'fr'");
    }
    struct err e = {0};
    char path[128];
    recorder_close(recorder_open(temp_path(path, "states-empty.db"), &e), "ok", &e);
    const struct plot_request req = {.db_path = path, .out_path = picture_path, .lang = "en"};
    e = (struct err){0};
    check_eq("empty", states_draw(&req, &e), -1);
    check_true(e.text, strstr(e.text, ": no run has a transition recorded") != NULL);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bars_begin_and_end_at_their_instants),
        cmocka_unit_test(what_the_end_cuts_short_says_so),
        cmocka_unit_test(runs_stand_below_each_other),
        cmocka_unit_test(hosts_are_chosen),
        cmocka_unit_test(crowded_bars_are_explained),
        cmocka_unit_test(many_connections_are_summed_up),
        cmocka_unit_test(dwell_reaches_from_nothing_to_minutes),
        cmocka_unit_test(refusals_are_sentences),
    };
    return cmocka_run_group_tests(tests, set_up, picture_remove);
}
