/* SPDX-License-Identifier: GPL-3.0-or-later
 * The formats of a report, letter by letter, with every outcome and with letters that each
 * format must escape.
 */
#include "tests/check.h"

#include <stdlib.h>

#include "drill/report.h"

static char LADDER[] = "    0.000000 > S 0:0(0) win 9\n";

static const struct drill_result RESULTS[] = {
    {"a.pkt", {.outcome = DRILL_PASS}},
    {"b.pkt",
     {.outcome = DRILL_FAIL,
      .line = 7,
      .at = MS(1500),
      .text = "win: expected 1, actual 2",
      .detail = "expected +0 > . 1:1(0) ack 1 <nop>\nactual   say \"no\" & go\n",
      .ladder = LADDER}},
    {"c.pkt", {.outcome = DRILL_UNSUPPORTED, .line = 3, .text = "UDP \xc3\xa9 \xff\t"}},
    {"d\\.pkt", {.outcome = DRILL_BROKEN, .line = 1, .text = "what?"}},
};

static struct drill_summary summary_of_all(void)
{
    struct drill_summary s = {0};
    for (size_t i = 0; i < ARRAY_LEN(RESULTS); i++)
        drill_summary_add(&s, &RESULTS[i].verdict);
    return s;
}

/* malloc'd. */
static char *report(enum drill_format format, bool quiet)
{
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    const struct drill_summary s = summary_of_all();
    assert_non_null(out);
    drill_report_begin(out, format, ARRAY_LEN(RESULTS));
    for (size_t i = 0; i < ARRAY_LEN(RESULTS); i++)
        drill_report_one(out, format, (int)i + 1, &RESULTS[i], quiet);
    drill_report_end(out, format, &s);
    fclose(out);
    return text;
}

static void test_text(void **state)
{
    char *all = report(DRILL_AS_TEXT, false), *quiet = report(DRILL_AS_TEXT, true);
    check_str("all", all,
              "pass a.pkt\n"
              "FAIL b.pkt:7: win: expected 1, actual 2\n"
              "    expected +0 > . 1:1(0) ack 1 <nop>\n"
              "    actual   say \"no\" & go\n"
              "      0.000000 > S 0:0(0) win 9\n"
              "unsupported c.pkt:3: UDP \xc3\xa9 \xff\t\n"
              "broken d\\.pkt:1: what?\n"
              "4 scripts: 1 pass, 1 fail, 1 unsupported, 1 broken\n");
    check_str("quiet is all but the passes", quiet, all + strlen("pass a.pkt\n"));
    free(all);
    free(quiet);
}

static void test_tap(void **state)
{
    char *text = report(DRILL_AS_TAP, false);
    check_str("what is unsupported is not ok", text,
              "TAP version 13\n1..4\n"
              "ok 1 - a.pkt\n"
              "not ok 2 - b.pkt\n"
              "# FAIL at line 7: win: expected 1, actual 2\n"
              "#   expected +0 > . 1:1(0) ack 1 <nop>\n"
              "#   actual   say \"no\" & go\n"
              "#       0.000000 > S 0:0(0) win 9\n"
              "not ok 3 - c.pkt\n"
              "# unsupported at line 3: UDP \xc3\xa9 \xff\t\n"
              "not ok 4 - d\\.pkt\n"
              "# broken at line 1: what?\n");
    free(text);
}

static void test_json(void **state)
{
    char *text = report(DRILL_AS_JSON, false);
    check_str(
        "escapes", text,
        "{\"scripts\": [\n"
        "  {\"script\": \"a.pkt\", \"outcome\": \"pass\", \"line\": 0, \"at_s\": 0.000000000, "
        "\"text\": \"\", "
        "\"detail\": \"\"},\n"
        "  {\"script\": \"b.pkt\", \"outcome\": \"fail\", \"line\": 7, \"at_s\": 1.500000000, "
        "\"text\": "
        "\"win: expected 1, actual 2\", \"detail\": \"expected +0 > . 1:1(0) ack 1 "
        "<nop>\\u000aactual   say "
        "\\\"no\\\" & go\\u000a\", \"ladder\": \"    0.000000 > S 0:0(0) win 9\\u000a\"},\n"
        "  {\"script\": \"c.pkt\", \"outcome\": \"unsupported\", \"line\": 3, \"at_s\": "
        "0.000000000, \"text\": "
        "\"UDP \xc3\xa9 \\u00ff\\u0009\", \"detail\": \"\"},\n"
        "  {\"script\": \"d\\\\.pkt\", \"outcome\": \"broken\", \"line\": 1, \"at_s\": "
        "0.000000000, \"text\": "
        "\"what?\", \"detail\": \"\"}\n"
        "], \"pass\": 1, \"fail\": 1, \"unsupported\": 1, \"broken\": 1}\n");
    free(text);
}

static void test_junit(void **state)
{
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    const struct drill_summary s = summary_of_all();
    assert_non_null(out);
    drill_report_junit(out, RESULTS, &s);
    fclose(out);
    check_str("escapes", text,
              "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
              "<testsuite name=\"drill\" tests=\"4\" failures=\"1\" errors=\"2\">\n"
              "  <testcase name=\"a.pkt\"/>\n"
              "  <testcase name=\"b.pkt\">\n"
              "    <failure type=\"FAIL\" message=\"line 7: win: expected 1, actual "
              "2\">expected +0 &gt; . 1:1(0) ack 1 "
              "&lt;nop&gt;\nactual   say &quot;no&quot; &amp; go\n</failure>\n"
              "  </testcase>\n"
              "  <testcase name=\"c.pkt\">\n"
              "    <error type=\"unsupported\" message=\"line 3: UDP \xc3\xa9 ??\"></error>\n"
              "  </testcase>\n"
              "  <testcase name=\"d\\.pkt\">\n"
              "    <error type=\"broken\" message=\"line 1: what?\"></error>\n"
              "  </testcase>\n"
              "</testsuite>\n");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_tap),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_junit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
