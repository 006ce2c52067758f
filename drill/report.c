/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drill/report.h"

#include <string.h>

static const char *const OUTCOMES[] = {[DRILL_PASS] = "pass",
                                       [DRILL_FAIL] = "FAIL",
                                       [DRILL_UNSUPPORTED] = "unsupported",
                                       [DRILL_BROKEN] = "broken"};

const char *drill_outcome_name(enum drill_outcome outcome)
{
    return OUTCOMES[outcome];
}

void drill_summary_add(struct drill_summary *s, const struct drill_verdict *v)
{
    s->n++;
    s->n_pass += v->outcome == DRILL_PASS;
    s->n_fail += v->outcome == DRILL_FAIL;
    s->n_unsupported += v->outcome == DRILL_UNSUPPORTED;
    s->n_broken += v->outcome == DRILL_BROKEN;
}

/* Every line of text behind a margin. */
static void put_lines(FILE *out, const char *margin, const char *text)
{
    for (const char *line = text; line != NULL && *line != '\0';) {
        const size_t n = strcspn(line, "\n");
        fprintf(out, "%s%.*s\n", margin, (int)n, line);
        line += n + (line[n] == '\n');
    }
}

/* Bytes of the character at c: 1 to 4, and 0 where it is no UTF-8, as a line of a script may
 * be. */
static int utf8_bytes(const unsigned char *c)
{
    const int n = *c < 0x80   ? 1
                  : *c < 0xc2 ? 0
                  : *c < 0xe0 ? 2
                  : *c < 0xf0 ? 3
                  : *c < 0xf5 ? 4
                              : 0;
    for (int i = 1; i < n; i++)
        if ((c[i] & 0xc0) != 0x80)
            return 0;
    return n;
}

/* ---- text */

static void one_as_text(FILE *out, int number, const struct drill_result *result, bool quiet)
{
    const struct drill_verdict *v = &result->verdict;
    if (v->outcome == DRILL_PASS) {
        if (!quiet)
            fprintf(out, "pass %s\n", result->name);
    } else {
        fprintf(out, "%s %s:%d: %s\n", OUTCOMES[v->outcome], result->name, v->line, v->text);
        put_lines(out, "    ", v->detail);
    }
    if (v->ladder != NULL)
        put_lines(out, "  ", v->ladder);
}

static void end_of_text(FILE *out, const struct drill_summary *s)
{
    fprintf(out, "%d scripts: %d pass, %d fail, %d unsupported", s->n, s->n_pass, s->n_fail,
            s->n_unsupported);
    if (s->n_broken > 0)
        fprintf(out, ", %d broken", s->n_broken);
    fputc('\n', out);
}

/* ---- TAP 13 */

static void one_as_tap(FILE *out, int number, const struct drill_result *result, bool quiet)
{
    const struct drill_verdict *v = &result->verdict;
    fprintf(out, "%s %d - %s\n", v->outcome == DRILL_PASS ? "ok" : "not ok", number,
            result->name);
    if (v->outcome != DRILL_PASS)
        fprintf(out, "# %s at line %d: %s\n", OUTCOMES[v->outcome], v->line, v->text);
    put_lines(out, "#   ", v->detail);
    put_lines(out, "#   ", v->ladder);
}

static void end_of_tap(FILE *out, const struct drill_summary *s) {}

/* ---- JSON, one line a script */

static void put_json(FILE *out, const char *text)
{
    fputc('"', out);
    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
        const int more = utf8_bytes(c);
        if (*c == '"' || *c == '\\')
            fprintf(out, "\\%c", *c);
        else if (*c < ' ' || more == 0)
            fprintf(out, "\\u%04x", *c);
        else
            fwrite(c, 1, (size_t)more, out);
        c += more > 1 ? more - 1 : 0;
    }
    fputc('"', out);
}

static void one_as_json(FILE *out, int number, const struct drill_result *result, bool quiet)
{
    const struct drill_verdict *v = &result->verdict;
    fprintf(out, "%s\n  {\"script\": ", number > 1 ? "," : "");
    put_json(out, result->name);
    fprintf(out, ", \"outcome\": \"%s\", \"line\": %d, \"at_s\": %.9f, \"text\": ",
            v->outcome == DRILL_FAIL ? "fail" : OUTCOMES[v->outcome], v->line,
            (double)v->at / 1e9);
    put_json(out, v->text);
    fputs(", \"detail\": ", out);
    put_json(out, v->detail);
    if (v->ladder != NULL) {
        fputs(", \"ladder\": ", out);
        put_json(out, v->ladder);
    }
    fputc('}', out);
}

static void end_of_json(FILE *out, const struct drill_summary *s)
{
    fprintf(out, "\n], \"pass\": %d, \"fail\": %d, \"unsupported\": %d, \"broken\": %d}\n",
            s->n_pass, s->n_fail, s->n_unsupported, s->n_broken);
}

/* ---- the formats */

static const struct {
    void (*one)(FILE *out, int number, const struct drill_result *result, bool quiet);
    void (*end)(FILE *out, const struct drill_summary *s);
} FORMATS[] = {
    [DRILL_AS_TEXT] = {one_as_text, end_of_text},
    [DRILL_AS_TAP] = {one_as_tap, end_of_tap},
    [DRILL_AS_JSON] = {one_as_json, end_of_json},
};

void drill_report_begin(FILE *out, enum drill_format format, int n)
{
    if (format == DRILL_AS_TAP)
        fprintf(out, "TAP version 13\n1..%d\n", n);
    else if (format == DRILL_AS_JSON)
        fputs("{\"scripts\": [", out);
}

void drill_report_one(FILE *out, enum drill_format format, int number,
                      const struct drill_result *result, bool quiet)
{
    FORMATS[format].one(out, number, result, quiet);
}

void drill_report_end(FILE *out, enum drill_format format, const struct drill_summary *s)
{
    FORMATS[format].end(out, s);
}

/* ---- JUnit */

static void put_xml(FILE *out, const char *text)
{
    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
        const int more = utf8_bytes(c);
        const char *entity = *c == '&'   ? "&amp;"
                             : *c == '<' ? "&lt;"
                             : *c == '>' ? "&gt;"
                             : *c == '"' ? "&quot;"
                                         : NULL;
        if (entity != NULL)
            fputs(entity, out);
        else if (more == 0 || (*c < ' ' && *c != '\n'))
            fputc('?', out);
        else
            fwrite(c, 1, (size_t)more, out);
        c += more > 1 ? more - 1 : 0;
    }
}

void drill_report_junit(FILE *out, const struct drill_result *results,
                        const struct drill_summary *s)
{
    fprintf(out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"drill\" "
            "tests=\"%d\" failures=\"%d\" errors=\"%d\">\n",
            s->n, s->n_fail, s->n_unsupported + s->n_broken);
    for (int i = 0; i < s->n; i++) {
        const struct drill_verdict *v = &results[i].verdict;
        const char *element = v->outcome == DRILL_FAIL ? "failure" : "error";
        fputs("  <testcase name=\"", out);
        put_xml(out, results[i].name);
        if (v->outcome == DRILL_PASS) {
            fputs("\"/>\n", out);
            continue;
        }
        fprintf(out, "\">\n    <%s type=\"%s\" message=\"line %d: ", element,
                OUTCOMES[v->outcome], v->line);
        put_xml(out, v->text);
        fputs("\">", out);
        put_xml(out, v->detail);
        fprintf(out, "</%s>\n  </testcase>\n", element);
    }
    fputs("</testsuite>\n", out);
}
