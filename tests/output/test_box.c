/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output/box.h"

#include <math.h>

#include "output/font.h"
#include "tests/check.h"

/* Boxes of 100 x 20 about the origin and about a second centre; answers by drawing them on
 * squared paper. */
/* clang-format off */
static const struct row {
    const char *story;
    double x, y, degrees;
    bool overlaps;
} rows[] = {
    {"the same place", 0, 0, 0, true},
    {"side by side, touching", 100, 0, 0, false},
    {"a pixel into the other", 99, 0, 0, true},
    {"one above the other, touching", 0, 20, 0, false},
    {"a cross", 0, 0, 90, true},
    {"upright beside: 50 + 10 wide", 61, 0, 90, false},
    {"upright, a pixel nearer", 59, 0, 90, true},
    {"parallel and inclined: 20 apart across", 0, 30, 0, false},
    /* turned 45 degrees it reaches 35.4 + 7.1 = 42.4 out from its centre */
    {"inclined, its corner beyond", 92.6, 0, 45, false},
    /* falling to the right: across its length the other's nearest corner (50, -10) is 46 from
     * its middle, it reaches 10 */
    {"the boxes' bounds meet, the boxes do not", 85, -40, -45, false},
    /* rising to the right its low end is at (49.6, -4.6) */
    {"the same place, turned the other way", 85, -40, 45, true},
};
/* clang-format on */

static void boxes_overlap(void **state)
{
    for (const struct row *r = rows; r < rows + ARRAY_LEN(rows); r++) {
        const struct box a = {0, 0, 100, 20, 0},
                         b = {r->x, r->y, 100, 20, r->degrees * M_PI / 180};
        check_eq(r->story, box_overlap(&a, &b), r->overlaps);
        check_eq(r->story, box_overlap(&b, &a), r->overlaps);
    }
}

/* Turning is counterclockwise on the screen: at +45 degrees the right end is up. */
static void turn_is_counterclockwise(void **state)
{
    const struct box label = {0, 0, 100, 4, M_PI / 4};
    const struct box up_right = {30, -30, 4, 4, 0}, down_right = {30, 30, 4, 4, 0};
    check_true("up", box_overlap(&label, &up_right));
    check_true("not down", !box_overlap(&label, &down_right));
}

static void lines_cross(void **state)
{
    const struct box b = {0, 0, 100, 20, 0};
    check_true("through", box_crossed(&b, -100, -5, 100, 5));
    check_true("ends inside", box_crossed(&b, -100, 0, 0, 0));
    check_true("stops short", !box_crossed(&b, -100, 0, -51, 0));
    check_true("passes a corner outside",
               !box_crossed(&b, 40, -40, 80, 5)); /* at x = 50 it is at y = -28.75 */
    check_true("cuts the corner",
               box_crossed(&b, 30, -20, 60, 10)); /* y = x - 50: enters at (40, -10) */
    check_true("along the edge", !box_crossed(&b, -100, -10, 100, -10));
}

static void texts_have_widths(void **state)
{
    /* DejaVu Sans, 2048 units an em: W is 2025 wide, i is 569 */
    check_eq("W", lround(font_width("W", 2048, false)), 2025);
    check_eq("i", lround(font_width("i", 2048, false)), 569);
    check_true("bold is wider",
               font_width("SYN-SENT", 10, true) > font_width("SYN-SENT", 10, false));
    check_eq("an ideograph is as wide as the em", lround(font_width("时间", 10, false)), 20);
    check_eq("half a character is one", lround(font_width("\xe6", 10, false)), 10);
    check_true("cjk", font_is_cjk("time 时") && !font_is_cjk("≈ 1 s …"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(boxes_overlap),
        cmocka_unit_test(turn_is_counterclockwise),
        cmocka_unit_test(lines_cross),
        cmocka_unit_test(texts_have_widths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
