/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output/ss.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "output/memory.h"
#include "sim/util.h"

/* clang-format off */
const struct ss_state SS_STATES[] = {
    {"LISTEN",       "LISTEN",     SS_ALL},
    {"SYN-SENT",     "SYN-SENT",   SS_ALL | SS_CONNECTED | SS_BIG},
    {"SYN-RECEIVED", "SYN-RECV",   SS_ALL | SS_CONNECTED | SS_SYNCHRONIZED | SS_BUCKET},
    {"ESTABLISHED",  "ESTAB",      SS_ALL | SS_CONNECTED | SS_SYNCHRONIZED | SS_BIG},
    {"FIN-WAIT-1",   "FIN-WAIT-1", SS_ALL | SS_CONNECTED | SS_SYNCHRONIZED | SS_BIG},
    {"FIN-WAIT-2",   "FIN-WAIT-2", SS_ALL | SS_CONNECTED | SS_SYNCHRONIZED | SS_BIG},
    {"CLOSE-WAIT",   "CLOSE-WAIT", SS_ALL | SS_CONNECTED | SS_SYNCHRONIZED | SS_BIG},
    {"CLOSING",      "CLOSING",    SS_ALL | SS_CONNECTED | SS_SYNCHRONIZED | SS_BIG},
    {"LAST-ACK",     "LAST-ACK",   SS_ALL | SS_CONNECTED | SS_SYNCHRONIZED | SS_BIG},
    {"TIME-WAIT",    "TIME-WAIT",  SS_ALL | SS_CONNECTED | SS_SYNCHRONIZED | SS_BUCKET},
    {NULL, NULL, 0},
};
/* clang-format on */

static const struct {
    const char *name, *state; /* of state; NULL: a group */
    unsigned group;
} NAMES[] = {{"all", NULL, SS_ALL},
             {"connected", NULL, SS_CONNECTED},
             {"synchronized", NULL, SS_SYNCHRONIZED},
             {"bucket", NULL, SS_BUCKET},
             {"big", NULL, SS_BIG},
             {"listening", "LISTEN", 0},
             {"listen", "LISTEN", 0},
             {"syn-sent", "SYN-SENT", 0},
             {"syn-recv", "SYN-RECEIVED", 0},
             {"established", "ESTABLISHED", 0},
             {"fin-wait-1", "FIN-WAIT-1", 0},
             {"fin-wait-2", "FIN-WAIT-2", 0},
             {"close-wait", "CLOSE-WAIT", 0},
             {"closing", "CLOSING", 0},
             {"last-ack", "LAST-ACK", 0},
             {"time-wait", "TIME-WAIT", 0}};

int ss_state_find(const char *rfc_name)
{
    for (int i = 0; SS_STATES[i].rfc != NULL; i++)
        if (strcmp(SS_STATES[i].rfc, rfc_name) == 0)
            return i;
    return -1;
}

unsigned ss_states_named(const char *name)
{
    unsigned set = 0;
    for (size_t k = 0; k < ARRAY_LEN(NAMES); k++) {
        if (strcmp(NAMES[k].name, name) != 0)
            continue;
        if (NAMES[k].state != NULL)
            return 1u << ss_state_find(NAMES[k].state);
        for (int i = 0; SS_STATES[i].rfc != NULL; i++)
            set |= (SS_STATES[i].groups & NAMES[k].group) != 0 ? 1u << i : 0;
    }
    return set;
}

struct ss_row *ss_add(struct ss_table *t)
{
    t->rows = mem_grow(t->rows, &t->cap, t->n + 1, sizeof(*t->rows));
    struct ss_row *row = &t->rows[t->n++];
    *row = (struct ss_row){.host = NULL};
    return row;
}

void ss_put_address(char out[SS_ADDRESS], const char *text)
{
    snprintf(out, SS_ADDRESS, strchr(text, ':') != NULL ? "[%s]" : "%s", text);
}

void ss_free(struct ss_table *t)
{
    for (uint32_t i = 0; i < t->n; i++) {
        free(t->rows[i].host);
        free(t->rows[i].more);
        free(t->rows[i].second);
    }
    free(t->rows);
    *t = (struct ss_table){.rows = NULL};
}

/* ---- printing */

enum { STATE, RECV_Q, SEND_Q, LOCAL, LOCAL_PORT, REMOTE, REMOTE_PORT, N_COLUMNS };
enum { CELL = SS_ADDRESS + 2 };

static const struct {
    const char *title, *before;
    bool is_right;
} COLUMNS[N_COLUMNS] = {
    [STATE] = {"State", "", false},      [RECV_Q] = {"Recv-Q", " ", false},
    [SEND_Q] = {"Send-Q", " ", false},   [LOCAL] = {"Local Address:", " ", true},
    [LOCAL_PORT] = {"Port", "", false},  [REMOTE] = {"Peer Address:", " ", true},
    [REMOTE_PORT] = {"Port", "", false},
};

static void put_count(char *out, int64_t n)
{
    if (n < 0)
        snprintf(out, CELL, "-");
    else
        snprintf(out, CELL, "%" PRId64, n);
}

static void put_port(char *out, int port)
{
    if (port == 0)
        snprintf(out, CELL, "*");
    else
        snprintf(out, CELL, "%d", port);
}

static void put_cells(const struct ss_row *row, char cells[N_COLUMNS][CELL])
{
    snprintf(cells[STATE], CELL, "%s", SS_STATES[row->state].name);
    put_count(cells[RECV_Q], row->recv_q);
    put_count(cells[SEND_Q], row->send_q);
    snprintf(cells[LOCAL], CELL, "%s:", row->local);
    put_port(cells[LOCAL_PORT], row->local_port);
    snprintf(cells[REMOTE], CELL, "%s:", row->remote);
    put_port(cells[REMOTE_PORT], row->remote_port);
}

static int widest(int width, const char *cell)
{
    const int n = (int)strlen(cell);
    return n > width ? n : width;
}

/* One line; more may be "". */
static void put_line(const char *const *cells, const int *widths, const char *more, FILE *out)
{
    for (int i = 0; i < N_COLUMNS; i++) {
        const bool is_last = i == N_COLUMNS - 1 && more[0] == '\0';
        const int width = is_last ? 0 : COLUMNS[i].is_right ? widths[i] : -widths[i];
        fprintf(out, "%s%*s", COLUMNS[i].before, width, cells[i]);
    }
    fprintf(out, "%s\n", more);
}

static void put_row(const struct ss_row *row, const int *widths, const struct ss_format *format,
                    FILE *out)
{
    char texts[N_COLUMNS][CELL];
    const char *cells[N_COLUMNS];
    put_cells(row, texts);
    for (int i = 0; i < N_COLUMNS; i++)
        cells[i] = texts[i];
    if (!format->is_oneline || row->second == NULL) {
        put_line(cells, widths, row->more, out);
        if (row->second != NULL)
            fprintf(out, "\t%s\n", row->second);
        return;
    }
    char more[2000];
    snprintf(more, sizeof(more), "%s%s", row->more, row->second);
    put_line(cells, widths, more, out);
}

static void print_host(const struct ss_row *rows, uint32_t n, const struct ss_format *format,
                       FILE *out)
{
    int widths[N_COLUMNS] = {0};
    const char *titles[N_COLUMNS];
    for (int i = 0; i < N_COLUMNS; i++) {
        titles[i] = COLUMNS[i].title;
        widths[i] = format->is_bare ? 0 : widest(0, COLUMNS[i].title);
    }
    for (uint32_t k = 0; k < n; k++) {
        char cells[N_COLUMNS][CELL];
        put_cells(&rows[k], cells);
        for (int i = 0; i < N_COLUMNS; i++)
            widths[i] = widest(widths[i], cells[i]);
    }
    if (!format->is_bare)
        put_line(titles, widths, "Process", out);
    for (uint32_t k = 0; k < n; k++)
        put_row(&rows[k], widths, format, out);
}

/* Listeners, then connections by number. */
static int compare(const void *a, const void *b)
{
    const struct ss_row *x = a, *y = b;
    if (x->number != y->number)
        return x->number < y->number ? -1 : 1;
    return x->local_port != y->local_port ? (x->local_port < y->local_port ? -1 : 1)
                                          : strcmp(x->local, y->local);
}

void ss_print(struct ss_table *t, const struct ss_format *format, FILE *out)
{
    if (t->n == 0)
        print_host(t->rows, 0, format, out);
    for (uint32_t from = 0, to; from < t->n; from = to) {
        for (to = from + 1; to < t->n && strcmp(t->rows[to].host, t->rows[from].host) == 0;)
            to++;
        qsort(t->rows + from, to - from, sizeof(*t->rows), compare);
        if (!format->one_host)
            fprintf(out, "%shost %s\n", from > 0 ? "\n" : "", t->rows[from].host);
        print_host(t->rows + from, to - from, format, out);
    }
}
