/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output/samples.h"

#include "tests/output/picture.h"

/* Run 1: two links' queues and a window over 100 s, with drops and a retransmission. Run 2: the
 * same queue, longer. Run 3: 200,000 values, one of them a peak. Run 4: nothing. */
enum { QUEUES = 1, SECOND, LONG, NOTHING, MANY };
enum { BLUE = 0x0072B2, VERMILLION = 0xD55E00, TRIANGLE = 8, CROSS = 1 };

static void sample(struct recorder *r, sim_time at, uint32_t subject, const char *name,
                   int64_t value)
{
    emit(r, at, &REC_TYPE_SAMPLE, &(struct rec_sample){subject, name, value});
}

static void put_segment(struct recorder *r, sim_time at, uint32_t link, const char *event,
                        uint32_t packet, uint64_t offset)
{
    emit(r, at, &REC_SEGMENTS,
         &(struct rec_segment){.link = link,
                               .event = event,
                               .packet = packet,
                               .conn = 9,
                               .stream = 9,
                               .offset = offset,
                               .len = 1000,
                               .cause = strcmp(event, "drop") == 0 ? "queue" : NULL});
}

/* The queue of UP is 0, 100, ... 1000, that of DOWN always 300; cwnd grows by 2 kB/s. */
static void queues(struct recorder *r)
{
    emit(r, 0, &REC_CONN, &(struct rec_conn){.conn = 9, .host = CLIENT, .app = USER});
    put_segment(r, 0, UP, "send", 1, 0);
    for (int i = 0; i <= 10; i++) {
        sample(r, SEC(10) * i, UP, "queue_length", 100 * i);
        sample(r, SEC(10) * i, DOWN, "queue_length", 300);
        sample(r, SEC(10) * i, USER, "cwnd", 20000 * i);
        if (i == 5)
            put_segment(r, SEC(52), UP, "drop", 2, 1000);
        if (i == 6) {
            put_segment(r, SEC(60), UP, "send", 3, 1000);
            put_segment(r, SEC(61), DOWN, "send", 3, 1000); /* the same packet's next link */
            put_segment(r, SEC(62), UP, "send", 4, 2000);
        }
        if (i == 7)
            put_segment(r, SEC(75), UP, "send", 5, 1000); /* once more */
    }
}

static void long_one(struct recorder *r)
{
    for (int i = 0; i < 200000; i++)
        sample(r, MS(1) * i, UP, "queue_length", i == 145678 ? 97 : i % 7);
}

static void metric(struct recorder *r, const char *subject, const char *name, enum unit unit)
{
    recorder_metric(r, subject, name, &(struct value){VALUE_INT, .num = 1}, unit);
}

static int set_up(void **state)
{
    struct err e = {0};
    const struct sim sim = two_hosts(SEC(100));
    picture_names("samples");
    struct recorder *r = recorder_open(picture_db, &e);
    recorder_experiment(r, "a queue", "", 1);
    recorder_point(r, 1, NULL, "rate=5Mbit");
    for (int run = QUEUES; run <= MANY; run++) {
        recorder_run_begin(r, run, 1, run - 1, 1);
        if (run == QUEUES)
            queues(r);
        if (run == SECOND)
            for (int i = 0; i <= 10; i++)
                sample(r, SEC(10) * i, UP, "queue_length", 50 * i);
        if (run == LONG)
            long_one(r);
        for (int i = 0; run == MANY && i < 13; i++)
            sample(r, 0, UP,
                   (const char *[]){"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l",
                                    "m"}[i],
                   1);
        metric(r, "client->server", "queue_length", UNIT_COUNT);
        metric(r, "user", "cwnd", UNIT_BYTES);
        recorder_run_end(r, &sim, 0);
    }
    return recorder_close(r, "ok", &e);
}

static struct plot_request run_of(const int64_t *run)
{
    return (struct plot_request){.runs = run, .n_runs = 1};
}

/* Curves with more than `least` points: lines, not what leads to their labels. */
static const struct svg_shape *line_of(int color, int nth)
{
    for (int i = 0; i < picture.n_curves; i++)
        if (picture.curves[i].color == color && picture.curves[i].n_points > 3 && nth-- == 0)
            return &picture.curves[i];
    fail();
    return NULL;
}

static const struct svg_shape *marks_of(int type, int *n)
{
    const struct svg_shape *first = NULL;
    *n = 0;
    for (const struct svg_shape *m = picture.marks; m < picture.marks + picture.n_marks; m++) {
        if (m->type != type || m->top < 75) /* the key's stand above */
            continue;
        first = (*n)++ == 0 ? m : first;
    }
    return first;
}

static double seconds_x(double at)
{
    return picture_at(at, 20, "20", 60, "60", false);
}

/* A metric a panel, a subject a line; steps, for a value holds until the next. */
static void lines_go_through_their_values(void **state)
{
    struct plot_request req = run_of(&(int64_t){QUEUES});
    req.of = (const char *[]){"client->server.queue_length", "server->client.queue_length"};
    req.n_of = 2;
    picture_draw("queues", "samples", req);
    const struct svg_shape *line = line_of(BLUE, 0);
    const double zero = svg_find(&picture, "0")->ink.y; /* of y: it is drawn first */
    const double most = svg_find(&picture, "1000")->ink.y;
    check_near("from 0", line->bottom, zero, 1);
    check_near("over the whole axis", line->right, seconds_x(100), 1.5);
    int n = 0;
    for (int i = 0; i < line->n_points; i++) /* the corner from 400 up to 500 at 50 s */
        n += fabs(picture.x[line->first_point + i] - seconds_x(50)) < 1 &&
             fabs(picture.y[line->first_point + i] - (zero + 0.4 * (most - zero))) < 1;
    check_eq("holds 400 until 50 s", n, 1);
    check_near("the other stays at 300", line_of(VERMILLION, 0)->top,
               zero + 0.3 * (most - zero), 1);
    check_eq("label", svg_count(&picture, "client->server"), 1);
    check_eq("label 2", svg_count(&picture, "server->client"), 1);
    check_eq("count", svg_count(&picture, "queue_length"), 1);
    check_eq("time", svg_count(&picture, "time (s)"), 1);
}

static void metrics_have_panels(void **state)
{
    picture_draw("all", "samples",
                 (struct plot_request){.runs = &(int64_t){QUEUES}, .n_runs = 1, .lang = "zh"});
    check_eq("unit", svg_count(&picture, "cwnd (kB)"), 1);
    check_eq("count", svg_count(&picture, "queue_length"), 1);
    check_eq("one time axis", svg_count(&picture, "时间 (s)"), 1);
    check_true("cwnd below", svg_find(&picture, "cwnd (kB)")->ink.y >
                                 svg_find(&picture, "queue_length")->ink.y + 100);
    check_eq("drops", svg_count(&picture, "丢弃"), 1);
    check_eq("retransmissions", svg_count(&picture, "重传"), 1);
}

/* A drop is on its link's line where the line is then; so is what was sent twice. */
static void events_are_marked_on_their_lines(void **state)
{
    int n;
    picture_draw("all", "samples", run_of(&(int64_t){QUEUES}));
    const struct svg_shape *drop = marks_of(CROSS, &n);
    check_eq("one drop", n, 1);
    check_near("when", drop->left, seconds_x(52), 1);
    const struct svg_shape *queue = line_of(BLUE, 0);
    check_near("at 500 of 1000", drop->top, (queue->top + queue->bottom) / 2, 1);
    const struct svg_shape *again = marks_of(TRIANGLE, &n);
    check_eq("one retransmission", n, 1);
    check_near("when", again->left, seconds_x(75), 1);
    const struct svg_shape *window = line_of(BLUE, 1);
    check_near("at 140 of 200 kB", again->top,
               window->bottom + 0.7 * (window->top - window->bottom), 1);
}

static void runs_share_a_panel(void **state)
{
    struct plot_request req = {.runs = (int64_t[]){QUEUES, SECOND},
                               .run_titles = (const char *[]){"first", NULL},
                               .n_runs = 2,
                               .of = (const char *[]){"client->server.queue_length"},
                               .n_of = 1};
    picture_draw("two runs", "samples", req);
    check_eq("own title", svg_count(&picture, "client->server, first"), 1);
    check_eq("the point's label", svg_count(&picture, "client->server, rate=5Mbit"), 1);
    check_near("half as high", line_of(VERMILLION, 0)->top - line_of(BLUE, 0)->bottom,
               (line_of(BLUE, 0)->top - line_of(BLUE, 0)->bottom) / 2, 1);
}

/* Eighteen lines in a panel: their labels have room. */
static void many_lines_have_labels(void **state)
{
    int64_t runs[12];
    for (int i = 0; i < 12; i++)
        runs[i] = i % 2 == 0 ? QUEUES : SECOND;
    picture_draw("twelve runs", "samples",
                 (struct plot_request){.runs = runs, .n_runs = ARRAY_LEN(runs)});
    check_eq("labels", svg_count(&picture, "client->server, rate=5Mbit"), 12);
    check_eq("labels", svg_count(&picture, "server->client, rate=5Mbit"), 6);
}

/* 200,000 values become a few thousand points, and the one peak is among them. */
static void a_peak_is_not_lost(void **state)
{
    picture_draw("long", "samples", run_of(&(int64_t){LONG}));
    const struct svg_shape *line = line_of(BLUE, 0);
    check_true("few points", line->n_points > 800 && line->n_points < SVG_POINTS);
    const double zero = svg_find(&picture, "0")->ink.y, full = svg_find(&picture, "80")->ink.y;
    check_near("97", line->top, zero + (full - zero) * 97 / 80, 1);
}

static void refusals_are_sentences(void **state)
{
    struct plot_request req = run_of(&(int64_t){QUEUES});
    req.of = (const char *[]){"client->server.queue_lenght"};
    req.n_of = 1;
    picture_refuses("samples", req, "did you mean 'client->server.queue_length'?");
    picture_refuses("samples", run_of(&(int64_t){NOTHING}), "run 4 has no samples");
    picture_refuses("samples", run_of(&(int64_t){99}), "no run 99 in this file");
    picture_refuses("samples", run_of(&(int64_t){MANY}), "more than 12 metrics were sampled");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_go_through_their_values),
        cmocka_unit_test(metrics_have_panels),
        cmocka_unit_test(events_are_marked_on_their_lines),
        cmocka_unit_test(runs_share_a_panel),
        cmocka_unit_test(many_lines_have_labels),
        cmocka_unit_test(a_peak_is_not_lost),
        cmocka_unit_test(refusals_are_sentences),
    };
    return cmocka_run_group_tests(tests, set_up, picture_remove);
}
