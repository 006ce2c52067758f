/* SPDX-License-Identifier: GPL-3.0-or-later
 * dwell.c -- the picture `dwell` (states.h): how long connections stayed in each state.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "output/font.h"
#include "output/ladder.h"
#include "output/memory.h"
#include "output/states.h"
#include "output/words.h"

enum { DWELL_TEXT = 40 };

/* What dwell_by_state says of a host's stays in one state, in seconds. */
struct dwell_row {
    int run;
    char host[SOURCE_TEXT];
    const struct state_style *style;
    int64_t n, n_longer; /* n_longer go on and are longer than all that are over */
    double mean, shortest, longest;
    double at_once; /* connections in the state, on average over the run */
    double y;
    char texts[3][DWELL_TEXT]; /* the columns at the right */
};

struct dwell {
    struct source source;
    struct dwell_row *rows;
    uint32_t n_rows, cap_rows;
    int run; /* the one being read */
    struct axis axis;
    double left, width, height, axis_y;
    double columns[3]; /* right ends */
};

enum { HOST, STATE, STAYS, LONGER, MEAN, SHORTEST, LONGEST, TOTAL };

static int on_row(void *ctx, sqlite3_stmt *stmt)
{
    struct dwell *d = ctx;
    const struct source_run *run = &d->source.runs[d->run];
    const struct state_style *style = state_style(db_text(stmt, STATE));
    if (style == NULL || !states_wants(d->source.req, db_text(stmt, HOST)))
        return 0;
    d->rows = mem_grow(d->rows, &d->cap_rows, d->n_rows + 1, sizeof(*d->rows));
    struct dwell_row *row = &d->rows[d->n_rows++];
    *row = (struct dwell_row){
        .run = d->run,
        .style = style,
        .n = sqlite3_column_int64(stmt, STAYS),
        .n_longer = sqlite3_column_int64(stmt, LONGER),
        .mean = sqlite3_column_double(stmt, MEAN) / 1e9,
        .shortest = sqlite3_column_double(stmt, SHORTEST) / 1e9,
        .longest = sqlite3_column_double(stmt, LONGEST) / 1e9,
        .at_once = sqlite3_column_double(stmt, TOTAL) * 1e9 / (double)run->end_ns,
    };
    snprintf(row->host, sizeof(row->host), "%s", db_text(stmt, HOST));
    return 0;
}

/* Hosts stand in the order of declaration, their states in that of a connection's life; the
 * former is SQL's, and kept. */
static void sort_states(struct dwell_row *rows, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++) {
        const struct dwell_row row = rows[i];
        uint32_t k = i;
        for (; k > 0 && rows[k - 1].run == row.run && strcmp(rows[k - 1].host, row.host) == 0 &&
               rows[k - 1].style > row.style;
             k--)
            rows[k] = rows[k - 1];
        rows[k] = row;
    }
}

static int load(struct dwell *d, const struct plot_request *req, struct err *e)
{
    static const char SQL[] =
        "SELECT d.host, d.state, d.n, d.n_longer, d.mean_ns, d.min_ns, d.max_ns, d.total_s "
        "FROM dwell_by_state d JOIN host h ON h.run_id = ?1 AND h.name = d.host "
        "WHERE d.run_id = ?1 ORDER BY h.subject";
    if (source_open(&d->source, req, e) != 0 ||
        source_runs(&d->source, "transition", "run it with `record: life` or `record: all`") !=
            0 ||
        states_check_hosts(&d->source) != 0)
        return -1;
    for (d->run = 0; d->run < d->source.n_runs; d->run++)
        if (source_each(&d->source, SQL, &d->source.runs[d->run].id, 1, on_row, d) != 0)
            return -1;
    sort_states(d->rows, d->n_rows);
    if (d->n_rows == 0)
        return err_set(e, NULL, "%s: no connection changed its state in run %lld", req->db_path,
                       (long long)d->source.runs[0].id);
    return 0;
}

enum { MARGIN = 20, TOP_ROOM = 92, ROW = 24, HOST_ROOM = 30, RUN_ROOM = 42, SPAN = 560 };
enum { COLUMN_ROOM = 26 };

static bool begins_run(const struct dwell *d, uint32_t i)
{
    return d->source.n_runs > 1 && (i == 0 || d->rows[i].run != d->rows[i - 1].run);
}

static bool begins_host(const struct dwell *d, uint32_t i)
{
    return i == 0 || d->rows[i].run != d->rows[i - 1].run ||
           strcmp(d->rows[i].host, d->rows[i - 1].host) != 0;
}

static void choose_axis(struct dwell *d)
{
    double low = INFINITY, high = 0;
    bool any_zero = false;
    for (const struct dwell_row *r = d->rows; r < d->rows + d->n_rows; r++) {
        any_zero = any_zero || r->shortest == 0;
        low = fmin(low, r->shortest > 0 ? r->shortest : r->mean > 0 ? r->mean : INFINITY);
        high = fmax(high, r->longest);
    }
    axis_log(&d->axis, high > 0 ? low : 0.1, high > 0 ? high : 1);
    for (int i = 0; i < d->axis.n_ticks; i++)
        if (d->axis.ticks[i].text[0] != '\0')
            ladder_duration((sim_time)llround(d->axis.ticks[i].at * 1e9), d->axis.ticks[i].text,
                            TICK_TEXT);
    if (any_zero)
        axis_add_zero(&d->axis);
}

static void fill_texts(struct dwell_row *r)
{
    char mean[32];
    ladder_duration((sim_time)llround(r->mean * 1e9), mean, sizeof(mean));
    snprintf(r->texts[0], DWELL_TEXT, "%lld", (long long)r->n);
    snprintf(r->texts[1], DWELL_TEXT, "%s%s", r->n_longer > 0 ? "≥ " : "",
             r->mean == 0 ? "0 s" : mean);
    snprintf(r->texts[2], DWELL_TEXT, "%.3g", r->at_once);
}

static const enum word COLUMN_WORDS[3] = {WORD_STAYS, WORD_MEAN, WORD_AT_ONCE};

static void lay_out(struct dwell *d)
{
    double y = TOP_ROOM;
    choose_axis(d);
    for (uint32_t i = 0; i < d->n_rows; i++) {
        struct dwell_row *r = &d->rows[i];
        y += (begins_run(d, i) ? RUN_ROOM : 0) + (begins_host(d, i) ? HOST_ROOM : 0);
        r->y = y + ROW / 2.0;
        y += ROW;
        fill_texts(r);
        d->left = fmax(d->left, font_width(r->style->name, SIZE_AXIS, false));
        d->left = fmax(d->left, font_width(r->host, SIZE_PANEL, true));
    }
    d->left += MARGIN + 14;
    d->axis.from = d->left + 12;
    d->axis.to = d->left + SPAN;
    d->axis_y = y + 6;
    d->height = d->axis_y + 62;
    double x = d->axis.to + 20;
    for (int k = 0; k < 3; k++) {
        double width = font_width(word_in(d->source.lang, COLUMN_WORDS[k]), SIZE_TICK, false);
        for (uint32_t i = 0; i < d->n_rows; i++)
            width = fmax(width, font_width(d->rows[i].texts[k], SIZE_TICK, false));
        x += width + COLUMN_ROOM;
        d->columns[k] = x;
    }
    d->width =
        fmax(x + MARGIN, font_width(d->source.title, SIZE_CHART_TITLE, false) + 2 * MARGIN);
}

static void draw_axis(struct canvas *c, const struct dwell *d)
{
    static const struct pen grid = {COLOR_GRID, "solid", 1}, line = {COLOR_BLACK, "solid", 1};
    canvas_line(c, d->left, d->axis_y, d->axis.to, d->axis_y, &line);
    for (int i = 0; i < d->axis.n_ticks; i++) {
        const double x = axis_at(&d->axis, d->axis.ticks[i].at);
        canvas_line(c, x, TOP_ROOM, x, d->axis_y, &grid);
        canvas_line(c, x, d->axis_y, x, d->axis_y + 5, &line);
        canvas_text(c, x, d->axis_y + 16, ANCHOR_CENTER, 0, &CHART_TICK, d->axis.ticks[i].text);
    }
    if (d->axis.has_zero)
        chart_cut(c, d->axis.from + AXIS_ZERO_ROOM / 2.0, d->axis_y, false);
    canvas_text(c, (d->left + d->axis.to) / 2, d->axis_y + 42, ANCHOR_CENTER, 0, &CHART_AXIS,
                word_in(d->source.lang, WORD_TIME_IN_STATE));
}

static void draw_row(struct canvas *c, const struct dwell *d, const struct dwell_row *r)
{
    enum { THICK = 14 };
    const double from = axis_at(&d->axis, r->shortest), to = axis_at(&d->axis, r->longest),
                 mean = axis_at(&d->axis, r->mean);
    canvas_text(c, d->left - 14, r->y, ANCHOR_RIGHT, 0, &CHART_AXIS, r->style->name);
    canvas_box(c, (from + to) / 2, r->y, to - from + 10, THICK, r->style->color);
    canvas_marks(c, &mean, &r->y, 1, MARK_CIRCLE, 6, COLOR_BLACK);
    for (int k = 0; k < 3; k++)
        canvas_text(c, d->columns[k], r->y, ANCHOR_RIGHT, 0, &CHART_KEY, r->texts[k]);
}

static const struct type_style HOST_LABEL = {SIZE_AXIS, COLOR_BLACK, true};

static void draw_rows(struct canvas *c, const struct dwell *d)
{
    for (uint32_t i = 0; i < d->n_rows; i++) {
        const struct dwell_row *r = &d->rows[i];
        if (begins_run(d, i))
            canvas_text(c, MARGIN, r->y - HOST_ROOM - 16, ANCHOR_LEFT, 0, &CHART_PANEL,
                        d->source.runs[r->run].title);
        if (begins_host(d, i))
            canvas_text(c, d->left - 14, r->y - ROW, ANCHOR_RIGHT, 0, &HOST_LABEL, r->host);
        draw_row(c, d, r);
    }
    for (int k = 0; k < 3; k++)
        canvas_text(c, d->columns[k], TOP_ROOM - 4, ANCHOR_RIGHT, 0, &CHART_TICK,
                    word_in(d->source.lang, COLUMN_WORDS[k]));
}

static int draw(const struct dwell *d, const char *out_path, struct err *e)
{
    struct canvas c;
    if (canvas_begin(&c, out_path, ceil(d->width), ceil(d->height), e) != 0)
        return -1;
    const struct key_item key[] = {
        {word_in(d->source.lang, WORD_RANGE), NULL, 0, "#C2C2C2", true},
        {word_in(d->source.lang, WORD_MEAN), NULL, MARK_CIRCLE, COLOR_BLACK, false},
    };
    canvas_text(&c, d->width / 2, 28, ANCHOR_CENTER, 0, &CHART_TITLE, d->source.title);
    key_draw(&c, key, ARRAY_LEN(key), d->left, 46, SPAN);
    draw_axis(&c, d);
    draw_rows(&c, d);
    return canvas_finish(&c, out_path, e);
}

int dwell_draw(const struct plot_request *req, struct err *e)
{
    struct dwell d = {0};
    int rc = load(&d, req, e);
    if (rc == 0) {
        lay_out(&d);
        rc = draw(&d, req->out_path, e);
    }
    free(d.rows);
    source_close(&d.source);
    return rc;
}
