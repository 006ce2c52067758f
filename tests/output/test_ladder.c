/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output/ladder.h"

#include "tests/output/picture.h"
#include "tests/output/scenes.h"

static int set_up(void **state)
{
    picture_names("ladder");
    scenes_record(picture_db);
    return 0;
}

static struct plot_request request(const char *lang, const int64_t *runs, int n)
{
    return (struct plot_request){.lang = lang, .runs = runs, .n_runs = n};
}

static void draw(const char *story, const char *lang, const int64_t *runs, int n)
{
    picture_draw(story, "ladder", request(lang, runs, n));
}

static void texts_do_not_overlap(void **state)
{
    for (size_t i = 0; i < N_SCENARIOS; i++) {
        const struct scenario *s = &SCENARIOS[i];
        draw(s->name, s->lang, &(int64_t){(int64_t)i + 1}, 1);
        for (size_t k = 0; k < ARRAY_LEN(s->labels) && s->labels[k] != NULL; k++)
            check_eq(s->labels[k], svg_count(&picture, s->labels[k]), 1);
    }
}

static void columns_stand_side_by_side(void **state)
{
    draw("three columns", "en", (int64_t[]){1, 3, 5}, 3);
    check_eq("each has its hosts", svg_count(&picture, "client"), 3);
    check_eq("one time column", svg_count(&picture, "time (s)"), 1);
    check_eq("texts are not gnuplot's markup", svg_count(&picture, "kind=it's \"odd\"_{x}^2"),
             3);
    check_eq("nor the title", svg_count(&picture, "demo_{1}"), 1);
}

/* A label has its arrow's slope: to the right it falls, to the left it rises. */
static void labels_follow_arrows(void **state)
{
    draw("lost SYN", "en", &(int64_t){1}, 1);
    const struct svg_text *right = svg_find(&picture, "SYN seq=0"),
                          *left = svg_find(&picture, "SYN,ACK seq=0 ack=1");
    check_true("falls to the right", right->angle > 2 && right->angle < 40);
    check_true("rises to the right", left->angle < -2 && left->angle > -40);
}

/* Time runs down, and the same instant is the same height in all columns. */
static void slots_are_in_order(void **state)
{
    struct ladder l;
    struct err e = {0};
    const struct plot_request req = {.db_path = picture_db,
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

/* A router has a line between those that it joins, and passing on is no sending again. */
static void routers_stand_between(void **state)
{
    struct ladder l;
    struct err e = {0};
    const struct plot_request req = {
        .db_path = picture_db, .lang = "en", .runs = &(int64_t){N_SCENARIOS}, .n_runs = 1};
    check_eq("loads", ladder_load(&l, &req, &e), 0);
    const struct ladder_column *c = &l.columns[0];
    ladder_name_arrows(&l.columns[0], 0);
    check_eq("lines", c->n_hosts, 3);
    check_str("first", c->hosts[0].name, "client");
    check_str("between", c->hosts[1].name, "router");
    check_str("last", c->hosts[2].name, "server");
    check_str("a router has no address of its own", c->hosts[1].addr, "");
    check_eq("two links each", c->n_arrows, 2 * 202);
    for (uint32_t i = 0; i < c->n_arrows; i++) {
        check_eq("repeated", c->arrows[i].is_repeat, i == 2 || i == 3);
        check_eq("from", c->arrows[i].from, i % 2);
        check_eq("to", c->arrows[i].to, i % 2 + 1);
    }
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
        const struct plot_request req = {.db_path = picture_db,
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

static void refusals_are_sentences(void **state)
{
    picture_refuses("ladder", request("en", &(int64_t){50}, 1), "no run 50 in this file");
    picture_refuses("ladder", request("en", &(int64_t){EMPTY_RUN}, 1),
                    "run 100 has no segments recorded");
    picture_refuses("ladder", request("fr", &(int64_t){1}, 1),
                    "no language 'fr'; there are en and zh");
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_do_not_overlap),   cmocka_unit_test(columns_stand_side_by_side),
        cmocka_unit_test(labels_follow_arrows),   cmocka_unit_test(slots_are_in_order),
        cmocka_unit_test(folds_are_honest),       cmocka_unit_test(routers_stand_between),
        cmocka_unit_test(refusals_are_sentences), cmocka_unit_test(durations_have_three_digits),
    };
    return cmocka_run_group_tests(tests, set_up, picture_remove);
}
