/* SPDX-License-Identifier: GPL-3.0-or-later
 * What `run --json` prints is one JSON document, and says what the table says.
 */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/check.h"

static const char YAML[] =
    "name: j\n"
    "topology: {two-hosts: {delay: $delay}}\n"
    "apps:\n"
    "  web: {kind: server, host: server, port: 80, reply: 1kB, close: after-eof}\n"
    "  user: {kind: request, host: client, to: web, send: 100B, close: after-reply}\n"
    "stop: 10min\n"
    "repeat: 2\n"
    "sweep: {delay: [10ms, 20ms]}\n"
    "expect:\n"
    "  - {metric: user.established_at, is: 2 * $delay, source: 1 RTT}\n"
    "  - {metric: user.established_at, is: 20ms, source: right at one point}\n";

static char dir[] = "/tmp/halfopen-json-XXXXXX";

static int make_dir(void **state)
{
    const char *program = getenv("HALFOPEN");
    char *path = program != NULL ? realpath(program, NULL) : NULL;
    if (path == NULL || mkdtemp(dir) == NULL || chdir(dir) != 0)
        return -1;
    setenv("HALFOPEN", path, 1);
    free(path);
    FILE *f = fopen("j.yaml", "w");
    return f == NULL || fputs(YAML, f) < 0 || fclose(f) != 0 ? -1 : 0;
}

static int remove_dir(void **state)
{
    unlink("j.yaml");
    unlink("j.db");
    return chdir("/") == 0 ? rmdir(dir) : -1;
}

static const json_t *item(const json_t *list, size_t i, const char *key)
{
    return json_object_get(json_array_get(list, i), key);
}

static void document_is_whole(void **state)
{
    FILE *p = popen("\"$HALFOPEN\" run j.yaml --json", "r");
    json_error_t error;
    assert_non_null(p);
    json_t *j = json_loadf(p, 0, &error);
    if (j == NULL)
        fail_msg("line %d: %s", error.line, error.text);
    const int status = pclose(p);
    check_eq("one expectation does not hold", WEXITSTATUS(status), 1);
    check_str("name", json_string_value(json_object_get(j, "name")), "j");
    check_eq("seed", json_integer_value(json_object_get(j, "seed")), 1);
    check_eq("runs", json_integer_value(json_object_get(j, "runs")), 4);
    check_eq("of", json_integer_value(json_object_get(j, "of")), 4);
    check_eq("hold", json_integer_value(json_object_get(j, "hold")), 3);
    const json_t *points = json_object_get(j, "points"),
                 *verdicts = json_object_get(j, "expectations");
    check_eq("points", json_array_size(points), 2);
    check_str("params", json_string_value(json_object_get(item(points, 1, "params"), "delay")),
              "20ms");
    const json_t *metric = json_object_get(item(points, 1, "metrics"), "user.established_at");
    check_str("unit", json_string_value(json_object_get(metric, "unit")), "s");
    check_eq("values", json_array_size(json_object_get(metric, "values")), 2);
    check_true("40 ms",
               fabs(json_number_value(json_array_get(json_object_get(metric, "values"), 1)) -
                    0.04) < 1e-12);
    check_eq("verdicts", json_array_size(verdicts), 4);
    check_str("the first", json_string_value(item(verdicts, 0, "verdict")), "pass");
    check_str("the last", json_string_value(item(verdicts, 3, "verdict")), "fail");
    check_str("got", json_string_value(item(verdicts, 3, "got")), "40ms (2 of 2 do not hold)");
    json_decref(j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(document_is_whole)};
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
