/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output/ladder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "output/plot.h"
#include "output/words.h"
#include "tests/output/records.h"
#include "tests/output/svg.h"

/* Scenarios: synthetic runs as the models would record them */

enum { F = 1, S = 2, R = 4, P = 8, A = 16 };
#define ISN_CLIENT 4294967290u /* its numbers wrap within the first data segment */
#define ISN_SERVER 5000u

struct scene {
    struct recorder *r;
    uint32_t client_isn;
    uint32_t n_packets;
};

/* One event of a packet; numbers relative to the sender's and the receiver's ISN. */
static void packet(struct scene *scene, sim_time at, uint32_t link, const char *event,
                   uint32_t id, uint32_t flags, uint32_t seq, uint32_t ack, uint32_t len,
                   const char *cause)
{
    const bool up = link == UP;
    const uint32_t isn = up ? scene->client_isn : ISN_SERVER,
                   peer_isn = up ? ISN_SERVER : scene->client_isn;
    const ip_addr client = ip4(0x0a000001), server = ip4(0x0a000002);
    emit(scene->r, at, &REC_SEGMENTS,
         &(struct rec_segment){.link = link,
                               .packet = id,
                               .proto = 6,
                               .conn = up ? 1 : 2,
                               .event = event,
                               .src = up ? client : server,
                               .dst = up ? server : client,
                               .sport = up ? 40001 : 80,
                               .dport = up ? 80 : 40001,
                               .ttl = 64,
                               .flags = flags,
                               .seq = isn + seq,
                               .ack = (flags & A) != 0 ? peer_isn + ack : 0,
                               .len = len,
                               .win = 65535,
                               .cause = cause});
}

/* A segment that takes 10 ms. */
static void segment(struct scene *scene, sim_time at, uint32_t link, uint32_t flags,
                    uint32_t seq, uint32_t ack, uint32_t len)
{
    const uint32_t id = ++scene->n_packets;
    packet(scene, at, link, "send", id, flags, seq, ack, len, NULL);
    packet(scene, at + MS(10), link, "recv", id, flags, seq, ack, len, NULL);
}

static void state(struct scene *scene, sim_time at, uint32_t host, uint32_t conn,
                  const char *to)
{
    emit(scene->r, at, &REC_TRANSITION, &(struct rec_transition){host, conn, "", to, ""});
}

static void handshake(struct scene *s, sim_time at)
{
    state(s, at, CLIENT, 1, "SYN-SENT");
    segment(s, at, UP, S, 0, 0, 0);
    state(s, at + MS(10), SERVER, 2, "SYN-RECEIVED");
    segment(s, at + MS(10), DOWN, S | A, 0, 1, 0);
    state(s, at + MS(20), CLIENT, 1, "ESTABLISHED");
    segment(s, at + MS(20), UP, A, 1, 1, 0);
    state(s, at + MS(30), SERVER, 2, "ESTABLISHED");
}

/* The prototype's picture: the first SYN is lost, the second opens; data; an active close. */
static void lost_syn(struct scene *s)
{
    state(s, 0, SERVER, 0, "LISTEN");
    state(s, 0, CLIENT, 1, "SYN-SENT");
    packet(s, 0, UP, "send", ++s->n_packets, S, 0, 0, 0, NULL);
    packet(s, MS(10), UP, "drop", s->n_packets, S, 0, 0, 0, "loss");
    segment(s, SEC(1), UP, S, 0, 0, 0);
    segment(s, MS(1010), DOWN, S | A, 0, 1, 0);
    segment(s, MS(1020), UP, A, 1, 1, 0);
    segment(s, MS(1021), UP, P | A, 1, 1, 460);
    segment(s, MS(1031), DOWN, A, 1, 461, 0);
    state(s, MS(1041), CLIENT, 1, "FIN-WAIT-1");
    segment(s, MS(1041), UP, F | A, 461, 1, 0);
    state(s, MS(1051), SERVER, 2, "CLOSE-WAIT");
    segment(s, MS(1051), DOWN, A, 1, 462, 0);
    state(s, MS(1061), CLIENT, 1, "FIN-WAIT-2");
    state(s, MS(1200), SERVER, 2, "LAST-ACK");
    segment(s, MS(1200), DOWN, F | A, 1, 462, 0);
    state(s, MS(1210), CLIENT, 1, "TIME-WAIT");
    segment(s, MS(1210), UP, A, 462, 2, 0);
    state(s, MS(61210), CLIENT, 1, "CLOSED");
}

/* Arrows that cross: both ends send at once. */
static void simultaneous(struct scene *s)
{
    for (int i = 0; i < 2; i++) {
        state(s, MS(10) * i, CLIENT, 1, i == 0 ? "SYN-SENT" : "SYN-RECEIVED");
        state(s, MS(10) * i, SERVER, 2, i == 0 ? "SYN-SENT" : "SYN-RECEIVED");
        segment(s, MS(10) * i, UP, i == 0 ? S : S | A, 0, 1, 0);
        segment(s, MS(10) * i, DOWN, i == 0 ? S : S | A, 0, 1, 0);
    }
}

/* The stale SYN: held for two minutes, it makes a second connection whose sender is gone. Its
 * ISN is another one: each number must be counted from its own. */
static void held_syn(struct scene *s)
{
    state(s, 0, CLIENT, 1, "SYN-SENT");
    packet(s, 0, UP, "send", ++s->n_packets, S, 0, 0, 0, NULL);
    packet(s, 0, UP, "hold", 1, S, 0, 0, 0, "fault:old-syn");
    s->client_isn += 1000000;
    handshake(s, SEC(1));
    segment(s, SEC(1) + MS(31), UP, P | A, 1, 1, 100);
    s->client_isn -= 1000000;
    packet(s, SEC(121), UP, "release", 1, S, 0, 0, 0, "fault:old-syn");
    packet(s, SEC(121) + MS(10), UP, "recv", 1, S, 0, 0, 0, NULL);
    state(s, SEC(121) + MS(10), SERVER, 3, "ESTABLISHED");
    emit(s->r, SEC(121) + MS(10), &REC_TYPE_EVENT,
         &(struct rec_event){SERVER, 3, "ghost", "no such sender"});
    segment(s, SEC(121) + MS(10), DOWN, S | A, 0, 1, 0);
    segment(s, SEC(121) + MS(20), UP, R, 1, 0, 0);
    state(s, SEC(121) + MS(30), SERVER, 3, "CLOSED");
}

/* Several segments in one instant, states in one instant, all on the same way. */
static void back_to_back(struct scene *s)
{
    handshake(s, 0);
    segment(s, MS(20), UP, P | A, 1, 1, 100);
    segment(s, MS(20), UP, A, 101, 1, 1460);
    segment(s, MS(20), UP, A, 1561, 1, 1460);
    segment(s, MS(20), UP, F | P | A, 3021, 1, 1460);
    state(s, MS(20), CLIENT, 1, "FIN-WAIT-1");
    state(s, MS(30), SERVER, 2, "CLOSE-WAIT");
    state(s, MS(30), SERVER, 2, "LAST-ACK");
    segment(s, MS(30), DOWN, F | A, 1, 4482, 0);
}

/* All that can go wrong with a segment in a few milliseconds. */
static void troubles(struct scene *s)
{
    handshake(s, 0);
    packet(s, MS(40), UP, "send", 50, P | A, 1, 1, 100, NULL);
    packet(s, MS(50), UP, "drop", 50, P | A, 1, 1, 100, "loss");
    packet(s, MS(41), UP, "drop", 51, P | A, 101, 1, 100, "queue");
    packet(s, MS(42), UP, "send", 52, P | A, 201, 1, 100, NULL);
    packet(s, MS(42), UP, "dup", 53, P | A, 201, 1, 100, NULL);
    packet(s, MS(52), UP, "recv", 52, P | A, 201, 1, 100, NULL);
    packet(s, MS(58), UP, "recv", 53, P | A, 201, 1, 100, NULL);
    segment(s, MS(52), DOWN, A, 1, 1, 0);
    segment(s, MS(58), DOWN, A, 1, 1, 0);
    packet(s, MS(62), UP, "send", 60, P | A, 1, 1, 100, NULL);
    packet(s, MS(62), UP, "delay", 60, P | A, 1, 1, 100, "fault:slow");
    packet(s, MS(500), UP, "recv", 60, P | A, 1, 1, 100, NULL);
    segment(s, MS(300), DOWN, R | A, 1, 1, 0);
    packet(s, MS(600), UP, "send", 61, F | A, 301, 1, 0,
           NULL); /* under way when the run ends */
}

/* Far more than a page holds: 1 + 300 full segments and their ACKs, a loss in the middle. */
static void long_transfer(struct scene *s)
{
    handshake(s, 0);
    for (uint32_t i = 0; i < 300; i++) {
        segment(s, MS(40) + MS(5) * i, UP, A, 1 + 1000 * i, 1, 1000);
        segment(s, MS(50) + MS(5) * i, DOWN, A, 1, 1001 + 1000 * i, 0);
    }
    segment(s, SEC(3), UP, F | A, 300001, 1, 0);
}

enum { ATTACKER = N_TEST_SUBJECTS + 1, FORGED };

/* A third host: the one in the middle has its states between the lines, and an arrow passes it.
 */
static void forged_reset(struct scene *s)
{
    handshake(s, 0);
    const ip_addr client = ip4(0x0a000001), server = ip4(0x0a000002);
    struct rec_segment rst = {.link = FORGED,
                              .packet = 90,
                              .proto = 6,
                              .event = "send",
                              .src = server,
                              .dst = client,
                              .sport = 80,
                              .dport = 40001,
                              .ttl = 64,
                              .flags = R,
                              .seq = ISN_SERVER + 1,
                              .injected_by = ATTACKER};
    emit(s->r, MS(35), &REC_SEGMENTS, &rst);
    rst.event = "recv";
    emit(s->r, MS(45), &REC_SEGMENTS, &rst);
    state(s, MS(45), CLIENT, 1, "CLOSED");
    segment(s, MS(36), DOWN, P | A, 1, 1, 100);
    segment(s, MS(46), UP, R, 1, 0, 0);
    state(s, MS(56), SERVER, 2, "CLOSED");
}

/* The two hosts' run with an attacker declared behind it; most scenarios leave it idle. */
static struct sim three_hosts(void)
{
    static struct subject subjects[FORGED + 1];
    struct sim sim = two_hosts(SEC(600));
    memcpy(subjects, sim.subjects, (N_TEST_SUBJECTS + 1) * sizeof(*subjects));
    subjects[ATTACKER] = (struct subject){"host", "attacker"};
    subjects[FORGED] = (struct subject){"link", "attacker->client"};
    sim.subjects = subjects;
    sim.n_subjects = FORGED;
    return sim;
}

/* 400 retransmissions: nothing is dull, and yet it cannot all be told. */
static void endless(struct scene *s)
{
    handshake(s, 0);
    for (int i = 0; i < 400; i++) {
        segment(s, SEC(1 + i), UP, P | A, 1, 1, 100);
        state(s, SEC(1 + i), CLIENT, 1, "ESTABLISHED");
    }
}

static const struct scenario {
    const char *name;
    void (*play)(struct scene *s);
    const char *lang;
    const char *labels[14]; /* texts that must be there exactly once */
} SCENARIOS[] = {
    {"lost SYN",
     lost_syn,
     "en",
     {"SYN seq=0 (loss)", "SYN seq=0", "SYN,ACK seq=0 ack=1", "ACK ack=1", "PSH,ACK 1:461",
      "ACK ack=461", "FIN,ACK seq=461", "FIN,ACK seq=1", "TIME-WAIT", "≈ 0.99 s", "≈ 60 s",
      "1.021", "client", "10.0.0.2:80"}},
    {"simultaneous open", simultaneous, "en", {"0", "10", "20", "time (ms)", "10.0.0.1:40001"}},
    {"held SYN",
     held_syn,
     "en",
     {"SYN seq=0 (held 121 s)", "ESTABLISHED #2", "ghost #2", "RST seq=1", "PSH,ACK 1:101",
      "CLOSED #2", "≈ 120 s", "held", "reset", "retransmission"}},
    {"held SYN in Chinese",
     held_syn,
     "zh",
     {"SYN seq=0 (滞留 121 s)", "幽灵连接 #2", "时间 (s)", "滞留", "复位"}},
    {"back to back",
     back_to_back,
     "en",
     {"PSH,ACK 1:101", "ACK 101:1561", "ACK 1561:3021", "FIN,PSH,ACK 3021:4481", "CLOSE-WAIT",
      "LAST-ACK", "FIN-WAIT-1"}},
    {"troubles",
     troubles,
     "en",
     {"PSH,ACK 1:101 (loss)", "PSH,ACK 101:201 (queue)", "PSH,ACK 1:101", "RST,ACK seq=1 ack=1",
      "FIN,ACK seq=301", "lost", "duplicate", "delayed", "reset", "≈ 0.232 s"}},
    /* The dull stretch is the handshake's ACK, then 300 times data and ACK; three stay at each
     * end. So of the data the first and the last stay, of the ACKs the handshake's, the first
     * and the last two. */
    {"long transfer",
     long_transfer,
     "en",
     {"… 298 segments 1001:299001, 297 ACKs …", "ACK 1:1001", "ACK 299001:300001",
      "FIN,ACK seq=300001", "SYN seq=0"}},
    {"forged reset",
     forged_reset,
     "en",
     {"attacker", "client", "10.0.0.2:80", "SYN-RECEIVED", "PSH,ACK 1:101"}},
    {"endless", endless, "en", {"SYN,ACK seq=0 ack=1"}},
};

/* Helpers */

static void record_scenarios(const char *path)
{
    struct err e = {0};
    struct recorder *r = recorder_open(path, &e);
    check_str("opens", e.text, "");
    recorder_experiment(r, "demo_{1}", "", 1);
    recorder_point(r, 1, NULL, "kind=it's \"odd\"_{x}^2");
    for (size_t i = 0; i < ARRAY_LEN(SCENARIOS); i++) {
        struct scene scene = {.r = r, .client_isn = ISN_CLIENT};
        const struct sim sim = three_hosts();
        recorder_run_begin(r, (int64_t)i + 1, 1, (int64_t)i, 1);
        SCENARIOS[i].play(&scene);
        check_eq(SCENARIOS[i].name, recorder_run_end(r, &sim, 0), 0);
    }
    recorder_run_begin(r, 100, 1, 100, 1); /* a run of which nothing was recorded */
    const struct sim sim = two_hosts(0);
    recorder_run_end(r, &sim, 0);
    recorder_close(r, "ok", &e);
    check_str("closes", e.text, "");
}

static char db[128], svg_path[128];

static int set_up(void **state)
{
    record_scenarios(temp_path(db, "ladder.db"));
    temp_path(svg_path, "ladder.svg");
    return 0;
}

static int tear_down(void **state)
{
    unlink(db);
    unlink(svg_path);
    return 0;
}

static int draw(const char *out, const char *lang, const int64_t *runs, int n, struct err *e)
{
    *e = (struct err){0};
    const struct plot_request req = {
        .db_path = db, .out_path = out, .lang = lang, .runs = runs, .n_runs = n};
    return plot_kind_find("ladder")->draw(&req, e);
}

static void read_svg(struct svg *svg)
{
    static char source[4000000];
    FILE *f = fopen(svg_path, "r");
    assert_non_null(f);
    source[fread(source, 1, sizeof(source) - 1, f)] = '\0';
    fclose(f);
    svg_parse(svg, source);
}

static struct svg picture;

/* Tests */

static void texts_do_not_overlap(void **state)
{
    char first[500];
    struct err e;
    for (size_t i = 0; i < ARRAY_LEN(SCENARIOS); i++) {
        const struct scenario *s = &SCENARIOS[i];
        draw(svg_path, s->lang, &(int64_t){(int64_t)i + 1}, 1, &e);
        check_str(s->name, e.text, "");
        read_svg(&picture);
        svg_overlaps(&picture, first);
        check_str(s->name, first, "");
        for (size_t k = 0; k < ARRAY_LEN(s->labels) && s->labels[k] != NULL; k++)
            check_eq(s->labels[k], svg_count(&picture, s->labels[k]), 1);
    }
}

static void columns_stand_side_by_side(void **state)
{
    char first[500];
    struct err e;
    draw(svg_path, "en", (int64_t[]){1, 3, 5}, 3, &e);
    check_str("drawn", e.text, "");
    read_svg(&picture);
    check_eq("overlaps", svg_overlaps(&picture, first), 0);
    check_eq("each has its hosts", svg_count(&picture, "client"), 3);
    check_eq("one time column", svg_count(&picture, "time (s)"), 1);
    check_eq("texts are not gnuplot's markup", svg_count(&picture, "kind=it's \"odd\"_{x}^2"),
             3);
    check_eq("nor the title", svg_count(&picture, "demo_{1}"), 1);
}

/* A label has its arrow's slope: to the right it falls, to the left it rises. */
static void labels_follow_arrows(void **state)
{
    struct err e;
    draw(svg_path, "en", &(int64_t){1}, 1, &e);
    read_svg(&picture);
    const struct svg_text *right = svg_find(&picture, "SYN seq=0"),
                          *left = svg_find(&picture, "SYN,ACK seq=0 ack=1");
    check_true("falls to the right", right->angle > 2 && right->angle < 40);
    check_true("rises to the right", left->angle < -2 && left->angle > -40);
}

/* The checker finds what it looks for. */
static void checker_finds_an_overlap(void **state)
{
    static const char source[] =
        "<g transform=\"translate(100.00,50.00)\" font-size=\"14.00\"  "
        "text-anchor=\"middle\">\n"
        "<text><tspan font-family=\"DejaVu Sans\" >ESTABLISHED</tspan></text></g>\n"
        "<g transform=\"translate(%s) rotate(10)\" font-size=\"14.00\"  "
        "text-anchor=\"start\">\n"
        "<text><tspan font-family=\"DejaVu Sans\"  font-weight=\"bold\" "
        ">SYN</tspan></text></g>";
    char svg[1000], first[500];
    snprintf(svg, sizeof(svg), source, "130.00,50.00");
    svg_parse(&picture, svg);
    check_eq("overlap", svg_overlaps(&picture, first), 1);
    check_str("tells which", first, "'ESTABLISHED' on 'SYN'");
    snprintf(svg, sizeof(svg), source, "130.00,80.00");
    svg_parse(&picture, svg);
    check_eq("apart", svg_overlaps(&picture, first), 0);
}

/* Time runs down, and the same instant is the same height in all columns. */
static void slots_are_in_order(void **state)
{
    struct ladder l;
    struct err e = {0};
    const struct plot_request req = {.db_path = db,
                                     .out_path = "x.svg",
                                     .lang = "en",
                                     .runs = (int64_t[]){1, 3},
                                     .n_runs = 2};
    check_eq("loads", ladder_load(&l, &req, &e), 0);
    for (uint32_t i = 0; i < l.n_columns; i++)
        ladder_name_arrows(&l.columns[i], 0);
    ladder_layout(&l);
    for (uint32_t i = 1; i < l.n_slots; i++) {
        check_true("later", l.slots[i].at > l.slots[i - 1].at);
        check_true("lower, with room for a time", l.slots[i].y >= l.slots[i - 1].y + SIZE_TIME);
    }
    double x[4], y[4];
    const struct ladder_column *c = &l.columns[0];
    check_eq("a lost one ends on its way", arrow_points(&l, c, &c->arrows[0], x, y), 2);
    check_true("before the other host",
               x[1] > c->hosts[0].x + 100 && x[1] < c->hosts[1].x - 100);
    check_eq("one that arrives is whole", arrow_points(&l, c, &c->arrows[1], x, y), 2);
    check_true("from host to host",
               x[0] == c->hosts[0].x && x[1] == c->hosts[1].x && y[1] > y[0]);
    const double y_1s = y[0];
    c = &l.columns[1];
    check_eq("a held one waits and goes on", arrow_points(&l, c, &c->arrows[0], x, y), 4);
    check_true("where it waits time runs down",
               x[1] == x[2] && y[2] > y[1] + 100 && x[3] == c->hosts[1].x && y[3] > y[2]);
    arrow_points(&l, c, &c->arrows[1], x, y);
    check_true("1 s is at one height", y[0] == y_1s);
    ladder_free(&l);
}

/* What is left out is said, and nothing else is missing: shown + folded = sent. */
static void folds_are_honest(void **state)
{
    static const struct {
        const char *story;
        int64_t run;
        uint32_t n_sent;
    } rows[] = {{"long transfer", 7, 3 + 600 + 1}, {"endless", 9, 3 + 400}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct ladder l;
        struct err e = {0};
        const struct plot_request req = {.db_path = db,
                                         .out_path = "x.svg",
                                         .lang = "en",
                                         .runs = &rows[i].run,
                                         .n_runs = 1};
        check_eq(rows[i].story, ladder_load(&l, &req, &e), 0);
        struct ladder_column *c = &l.columns[0];
        ladder_name_arrows(c, 0);
        check_eq(rows[i].story, c->n_arrows, rows[i].n_sent);
        ladder_fold(c, LADDER_ARROWS, 0);
        uint32_t n = c->n_arrows;
        for (uint32_t k = 0; k < c->n_folds; k++) {
            uint32_t n_data = 0, n_acks = 0;
            check_true(c->folds[k].text, sscanf(c->folds[k].text, "… %u segments %*u:%*u, %u",
                                                &n_data, &n_acks) >= 1);
            n += n_data + n_acks;
        }
        check_eq(rows[i].story, n, rows[i].n_sent);
        check_true(rows[i].story, c->n_arrows <= LADDER_ARROWS && c->n_folds == 1);
        ladder_free(&l);
    }
}

/* The same picture in each format, whole or not at all. */
static void formats_are_what_they_say(void **state)
{
    static const struct {
        const char *name, *magic;
    } rows[] = {{"x.png", "\x89PNG"}, {"x.svg", "<?xml"}, {"x.pdf", "%PDF"}};
    struct err e;
    char path[128], part[160], head[8];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        temp_path(path, rows[i].name);
        draw(path, "en", &(int64_t){1}, 1, &e);
        check_str(rows[i].name, e.text, "");
        FILE *f = fopen(path, "rb");
        head[fread(head, 1, strlen(rows[i].magic), f)] = '\0';
        fclose(f);
        check_str(rows[i].name, head, rows[i].magic);
        snprintf(part, sizeof(part), "%s.part", path);
        check_eq("nothing else is left", access(part, F_OK), -1);
        unlink(path);
    }
}

static void check_refused(const char *out, const char *lang, int64_t run, const char *says)
{
    struct err e;
    check_eq(says, draw(out, lang, &run, 1, &e), -1);
    check_true(e.text, strstr(e.text, says) != NULL);
}

static void draw_without_gnuplot(void)
{
    struct err e;
    setenv("PATH", "/nonexistent", 1);
    const int rc = draw(svg_path, "en", &(int64_t){1}, 1, &e);
    _exit(rc == -1 &&
                  strcmp(e.text, "gnuplot is not installed; its package is gnuplot-nox") == 0
              ? 0
              : 1);
}

static void refusals_are_sentences(void **state)
{
    check_refused("x.gif", "en", 1, "x.gif: a picture's name ends in .png, .svg or .pdf");
    check_refused(svg_path, "en", 50, "no run 50 in this file");
    check_refused(svg_path, "en", 100, "run 100 has no segments recorded");
    check_refused(svg_path, "fr", 1, "no language 'fr'; there are en and zh");
    check_refused("/nonexistent/x.svg", "en", 1, "/nonexistent/x.svg");
    const pid_t pid = fork();
    if (pid == 0)
        draw_without_gnuplot();
    int status;
    waitpid(pid, &status, 0);
    check_eq("no gnuplot", status, 0);
}

static void durations_have_three_digits(void **state)
{
    static const struct {
        sim_time wait;
        const char *text;
    } rows[] = {
        {MS(995), "0.995 s"},  {SEC(60), "60 s"},           {SEC(537) + MS(910), "538 s"},
        {SEC(3600), "3600 s"}, {MS(2) + US(500), "2.5 ms"}, {US(20), "0.020 ms"},
        {MS(100), "0.1 s"}};
    char text[64];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        ladder_duration(rows[i].wait, text, sizeof(text));
        check_str("duration", text, rows[i].text);
    }
}

/* Every word is there in every language. */
static void languages_are_complete(void **state)
{
    for (int lang = 0; LANGUAGES[lang] != NULL; lang++)
        for (int w = 0; w < N_WORDS; w++)
            assert_non_null(word_in(lang, w));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checker_finds_an_overlap),    cmocka_unit_test(texts_do_not_overlap),
        cmocka_unit_test(columns_stand_side_by_side),  cmocka_unit_test(labels_follow_arrows),
        cmocka_unit_test(slots_are_in_order),          cmocka_unit_test(folds_are_honest),
        cmocka_unit_test(formats_are_what_they_say),   cmocka_unit_test(refusals_are_sentences),
        cmocka_unit_test(durations_have_three_digits), cmocka_unit_test(languages_are_complete),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
