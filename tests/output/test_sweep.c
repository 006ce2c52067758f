/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output/sweep.h"

#include "tests/output/picture.h"

/* Four values of rate, two of policy, three replications. refused is a fraction, its closed
 * form 10 %, 20 %, 40 %, 80 % with policy drop; with policy cookies it is 0 and nothing is
 * expected. Measured: 2 points below the closed form, on it, 2 above; at rate 10/s 6 above. */
static const char *const RATES[] = {"1/s", "2/s", "10/s", "100/s"};
static const int PERCENT[] = {10, 20, 40, 80};
enum { N_RATES = 4, REPLICATIONS = 3, POINTS = 2 * N_RATES };

static void put_metrics(struct recorder *r, int rate, bool drops, int replication)
{
    const int percent = drops ? PERCENT[rate] + 2 * (replication - 1) + (rate == 2 ? 6 : 0) : 0;
    const int64_t unit = FRACTION_ONE / 100;
    recorder_metric(r, "users", "refused",
                    &(struct value){.kind = VALUE_RATIO, .num = percent * unit, .den = 1},
                    UNIT_FRACTION);
    recorder_metric(r, "users", "wait",
                    &(struct value){drops ? VALUE_INT : VALUE_NONE, .num = MS(20)}, UNIT_TIME);
    recorder_metric(r, "users", "never", &(struct value){VALUE_NONE}, UNIT_TIME);
    recorder_metric(r, "users", "word", &(struct value){VALUE_TEXT, .text = "x"}, UNIT_NONE);
    /* 0, 20 ms, 2 s, 200 s */
    static const int64_t SPREAD[] = {0, MS(20), SEC(2), SEC(200)};
    recorder_metric(r, "users", "spread", &(struct value){VALUE_INT, .num = SPREAD[rate]},
                    UNIT_TIME);
}

static void put_point(struct recorder *r, int64_t point)
{
    const int rate = (int)(point - 1) % N_RATES;
    const bool drops = point <= N_RATES;
    char label[64];
    snprintf(label, sizeof(label), "rate=%s policy=%s", RATES[rate],
             drops ? "drop" : "cookies");
    recorder_point(r, point, NULL, label);
    recorder_param(r, point, "hold", "63s");
    recorder_param(r, point, "rate", RATES[rate]);
    recorder_param(r, point, "doubled", rate == 0 ? "2/s" : "other"); /* follows from rate */
    recorder_param(r, point, "policy", drops ? "drop" : "cookies");
}

static void put_expectation(struct recorder *r, int64_t point, const char *metric,
                            const char *op, const char *want, const char *verdict)
{
    recorder_expectation(r, &(struct expectation_row){.point = point,
                                                      .metric = metric,
                                                      .op = op,
                                                      .want = want,
                                                      .got = "",
                                                      .verdict = verdict,
                                                      .source = "by hand",
                                                      .n = REPLICATIONS});
}

static int set_up(void **state)
{
    struct err e = {0};
    picture_names("sweep");
    struct recorder *r = recorder_open(picture_db, &e);
    const struct sim sim = two_hosts(SEC(1));
    recorder_experiment(r, "flood", "", 1);
    for (int64_t point = 1; point <= POINTS; point++) {
        put_point(r, point);
        for (int k = 0; k < REPLICATIONS; k++) {
            recorder_run_begin(r, (point - 1) * REPLICATIONS + k + 1, point, k, 1);
            put_metrics(r, (int)(point - 1) % N_RATES, point <= N_RATES, k);
            recorder_run_end(r, &sim, 0);
        }
    }
    for (int i = 0; i < N_RATES; i++) {
        char want[16];
        snprintf(want, sizeof(want), "%d%%", PERCENT[i]);
        put_expectation(r, i + 1, "users.refused", "z_max", want, i == 2 ? "fail" : "pass");
        put_expectation(r, i + 1, "users.wait", "at_most", "30ms", "pass");
    }
    return recorder_close(r, "ok", &e);
}

static const char *const REFUSED[] = {"users.refused"};
static const int64_t DROPS[] = {1, 2, 3, 4};

static struct plot_request request(void)
{
    return (struct plot_request){.of = REFUSED,
                                 .n_of = 1,
                                 .points = DROPS,
                                 .n_points = N_RATES,
                                 .band = FRACTION_ONE / 100 * 95,
                                 .is_expected_on = true};
}

enum { CIRCLE = 6, RING = 5, BLUE = 0x0072B2, VERMILLION = 0xD55E00, TINT = 0xCCE3F0 };

/* Marks that stand among the data, not in the key above it. */
static int n_marks(int type, int color, const struct svg_shape **first)
{
    int n = 0;
    for (const struct svg_shape *m = picture.marks; m < picture.marks + picture.n_marks; m++) {
        if (m->type != type || m->color != color || m->top < 75)
            continue;
        *first = n++ == 0 ? m : *first;
    }
    return n;
}

/* By the numbers 0 and 20 of the y axis ("100" is one of x too), 1 and 10 of x. */
static double percent_y(double percent)
{
    return picture_at(percent, 0, "0", 20, "20", true);
}

static double rate_x(double rate)
{
    return picture_at(log10(rate), 0, "1", 1, "10", false);
}

static const struct svg_shape *shape_of(const struct svg_shape *shapes, int n, int color)
{
    for (int i = 0; i < n; i++)
        if (shapes[i].color == color)
            return &shapes[i];
    fail();
    return NULL;
}

static void means_stand_where_they_are(void **state)
{
    static const double MEANS[] = {10, 20, 46, 80}, AT[] = {1, 2, 10, 100};
    const struct svg_shape *m = NULL;
    picture_draw("points", "sweep", request());
    check_eq("a mark for each point", n_marks(CIRCLE, BLUE, &m), N_RATES);
    for (int i = 0; i < N_RATES; i++) {
        check_near("mean", m[i].top, percent_y(MEANS[i]), 1);
        check_near("rate", m[i].left, rate_x(AT[i]), 1);
    }
    check_eq("axis", svg_count(&picture, "rate (1/s)"), 1);
    check_eq("metric", svg_count(&picture, "users.refused (%)"), 1);
    check_eq("what marks are", svg_count(&picture, "mean (3 runs), 95% interval"), 1);
}

/* sd 2 %, n 3: t(0.975; 2) = 4.3027, 4.3027 * 2 / sqrt(3) = 4.968 %. */
static void intervals_are_student_s(void **state)
{
    picture_draw("band", "sweep", request());
    const struct svg_shape *band = shape_of(picture.boxes, picture.n_boxes, TINT);
    check_near("from 10 - 4.968 %", band->bottom, percent_y(5.032), 1);
    check_near("to 80 + 4.968 %", band->top, percent_y(84.968), 1);
    struct plot_request req = request();
    req.band = FRACTION_ONE / 100 * 50; /* t(0.75; 2) = 0.8165: 0.943 % */
    picture_draw("narrower", "sweep", req);
    band = shape_of(picture.boxes, picture.n_boxes, TINT);
    check_near("to 80 + 0.943 %", band->top, percent_y(80.943), 1);
    check_eq("said", svg_count(&picture, "mean (3 runs), 50% interval"), 1);
    req.band = 0;
    picture_draw("none", "sweep", req);
    check_eq("not said", svg_count(&picture, "mean (3 runs)"), 1);
}

static void quantiles_are_the_table_s(void **state)
{
    static const struct {
        int n;
        double variance, want;
    } rows[] = {{2, 2, 12.7062}, {3, 3, 4.30265}, {4, 4, 3.18245}, {30, 30, 2.04523}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        check_near("t(0.975)",
                   sweep_half_width(rows[i].n, rows[i].variance, FRACTION_ONE / 100 * 95),
                   rows[i].want, 1e-4);
    check_near("t(0.995; 4)", sweep_half_width(5, 5, FRACTION_ONE / 100 * 99), 4.60409, 1e-4);
}

/* A black line through what was wanted, not through what was measured. */
static void closed_form_is_a_line(void **state)
{
    const struct svg_shape *m = NULL;
    picture_draw("line", "sweep", request());
    const struct svg_shape *line = shape_of(picture.curves, picture.n_curves, 0);
    check_eq("a point each", line->n_points, N_RATES);
    for (int i = 0; i < N_RATES; i++)
        check_near("want", picture.y[line->first_point + i], percent_y(PERCENT[i]), 1);
    check_eq("said", svg_count(&picture, "closed form"), 1);
    check_eq("one does not hold", n_marks(RING, VERMILLION, &m), 1);
    check_near("which", m->top, percent_y(46), 1);
    check_eq("said too", svg_count(&picture, "expectation does not hold"), 1);
    struct plot_request req = request();
    req.is_expected_on = false;
    req.lang = "zh";
    picture_draw("without", "sweep", req);
    check_eq("not wanted", svg_count(&picture, "理论值"), 0);
    check_eq("the measured are joined", n_marks(CIRCLE, BLUE, &m), N_RATES);
    check_eq("in Chinese", svg_count(&picture, "平均 (3 次运行), 95% 置信区间"), 1);
}

/* A bound is no closed form. */
static void bounds_are_not_drawn(void **state)
{
    struct plot_request req = request();
    req.of = (const char *[]){"users.wait"};
    picture_draw("bound", "sweep", req);
    check_eq("no line", svg_count(&picture, "closed form"), 0);
    check_eq("unit", svg_count(&picture, "users.wait (ms)"), 1);
}

/* What varies and does not follow from x tells lines apart. */
static void lines_are_told_apart(void **state)
{
    const struct svg_shape *m = NULL;
    struct plot_request req = request();
    req.n_points = 0;
    picture_draw("all points", "sweep", req);
    check_eq("label", svg_count(&picture, "policy drop"), 1);
    check_eq("label 2", svg_count(&picture, "policy cookies"), 1);
    check_true("at the ends of their lines", svg_find(&picture, "policy drop")->ink.y <
                                                 svg_find(&picture, "policy cookies")->ink.y);
    check_eq("points of the first, and its label's", n_marks(CIRCLE, BLUE, &m), N_RATES + 1);
    req.x = "policy";
    req.series = "rate";
    picture_draw("names along x", "sweep", req);
    check_eq("name", svg_count(&picture, "cookies"), 1);
    check_eq("series", svg_count(&picture, "rate 100/s"), 1);
    req.series = NULL; /* "doubled" follows from rate and is not told */
    picture_draw("names along x, all series", "sweep", req);
    check_eq("series", svg_count(&picture, "rate 100/s"), 1);
    req.of = (const char *[]){"users.wait", "users.spread"};
    req.n_of = 2;
    req.x = "rate";
    picture_draw("two metrics", "sweep", req);
    check_eq("metric and value", svg_count(&picture, "users.wait, policy drop"), 1);
    check_eq("unit alone", svg_count(&picture, "s"), 1);
}

/* 20 ms, 2 s and 200 s are equally far apart; 0 has its place. */
static void wide_ranges_are_logarithmic(void **state)
{
    const struct svg_shape *m = NULL;
    struct plot_request req = request();
    req.of = (const char *[]){"users.spread"};
    picture_draw("spread", "sweep", req);
    check_eq("points", n_marks(CIRCLE, BLUE, &m), N_RATES);
    check_near("two decades each", m[1].top - m[2].top, m[2].top - m[3].top, 1);
    check_true("0 below", m[0].top > m[1].top + 10);
    check_near("at its number", m[0].top, svg_find(&picture, "0")->ink.y, 1);
}

static void refusals_are_sentences(void **state)
{
    static const struct {
        const char *of[2], *x, *series;
        int64_t points[2];
        const char *says;
    } rows[] = {
        {{NULL}, NULL, NULL, {0}, "a sweep needs a metric for its y axis"},
        {{"users.refusd"}, NULL, NULL, {0}, "there is no metric 'users.refusd'"},
        {{"users.refusd"}, NULL, NULL, {0}, "did you mean 'users.refused'?"},
        {{"users.refused"}, "rats", NULL, {0}, "there is no dimension 'rats'"},
        {{"users.refused"}, NULL, "polcy", {0}, "did you mean 'policy'?"},
        {{"users.refused"}, "hold", "policy", {0}, "rate varies as well as hold and policy"},
        {{"users.refused", "users.wait"}, NULL, NULL, {0}, "has another unit than"},
        {{"users.never"}, NULL, NULL, {0}, "users.never has no number at any of these points"},
        {{"users.word"}, NULL, NULL, {0}, "users.word has no number at any of these points"},
        {{"users.refused"}, NULL, NULL, {1}, "its points differ in nothing"},
        {{"users.refused"}, NULL, NULL, {99}, "no point 99 in this file"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        picture_refuses(
            "sweep",
            (struct plot_request){.of = rows[i].of,
                                  .n_of = (rows[i].of[0] != NULL) + (rows[i].of[1] != NULL),
                                  .x = rows[i].x,
                                  .series = rows[i].series,
                                  .points = rows[i].points,
                                  .n_points = rows[i].points[0] != 0},
            rows[i].says);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(means_stand_where_they_are),
        cmocka_unit_test(intervals_are_student_s),
        cmocka_unit_test(quantiles_are_the_table_s),
        cmocka_unit_test(closed_form_is_a_line),
        cmocka_unit_test(bounds_are_not_drawn),
        cmocka_unit_test(lines_are_told_apart),
        cmocka_unit_test(wide_ranges_are_logarithmic),
        cmocka_unit_test(refusals_are_sentences),
    };
    return cmocka_run_group_tests(tests, set_up, picture_remove);
}
