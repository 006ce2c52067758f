/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/apps/app.h"

#include "models/apps/bulk.h"
#include "models/apps/cbr.h"
#include "models/apps/connect.h"
#include "models/apps/injector.h"
#include "models/apps/on_off.h"
#include "models/apps/replayer.h"
#include "models/apps/request.h"
#include "models/apps/script.h"
#include "models/apps/server.h"
#include "models/apps/syn_flood.h"
#include "models/apps/udp_sink.h"
#include "models/apps/wait.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const struct app_kind *const APP_KINDS[] = {
    &APP_SERVER,   &APP_REQUEST, &APP_CONNECT,   &APP_BULK,     &APP_ON_OFF,   &APP_CBR,
    &APP_UDP_SINK, &APP_SCRIPT,  &APP_SYN_FLOOD, &APP_INJECTOR, &APP_REPLAYER, NULL,
};

static const struct {
    int number;
    const char *name;
} ERRORS[] = {
    {EACCES, "EACCES"},
    {EADDRINUSE, "EADDRINUSE"},
    {EADDRNOTAVAIL, "EADDRNOTAVAIL"},
    {EAGAIN, "EAGAIN"},
    {EALREADY, "EALREADY"},
    {EBADF, "EBADF"},
    {ECONNABORTED, "ECONNABORTED"},
    {ECONNREFUSED, "ECONNREFUSED"},
    {ECONNRESET, "ECONNRESET"},
    {EDESTADDRREQ, "EDESTADDRREQ"},
    {EHOSTUNREACH, "EHOSTUNREACH"},
    {EINVAL, "EINVAL"},
    {EISCONN, "EISCONN"},
    {ENETUNREACH, "ENETUNREACH"},
    {ENOBUFS, "ENOBUFS"},
    {ENOPROTOOPT, "ENOPROTOOPT"},
    {ENOTCONN, "ENOTCONN"},
    {EPIPE, "EPIPE"},
    {EPROTO, "EPROTO"},
    {ETIMEDOUT, "ETIMEDOUT"},
};

const char *app_error_name(int error)
{
    for (size_t i = 0; i < ARRAY_LEN(ERRORS); i++)
        if (ERRORS[i].number == error)
            return ERRORS[i].name;
    return "?";
}

int app_error_number(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(ERRORS); i++)
        if (strcmp(ERRORS[i].name, name) == 0)
            return ERRORS[i].number;
    return -1;
}

static struct value first_error(const struct sim *sim, const void *subject,
                                const struct metric *m)
{
    const struct app *a = subject;
    struct value v = {.kind = a->first_error == 0 ? VALUE_NONE : VALUE_TEXT};
    snprintf(v.text, sizeof v.text, "%s",
             a->first_error == 0 ? "" : app_error_name(a->first_error));
    return v;
}

#define METRIC(name, unit, field, help)                                                        \
    {                                                                                          \
        name, unit, offsetof(struct app, field), NULL, 0, help                                 \
    }
/* clang-format off */
const struct metric APP_METRICS[] = {
    METRIC("bytes_verified", UNIT_BYTES, bytes_verified,
           "received, of the peer's stream and in their place"),
    METRIC("bytes_wrong_stream", UNIT_BYTES, bytes_wrong_stream,
           "received, but sent by another incarnation of the connection"),
    METRIC("bytes_out_of_place", UNIT_BYTES, bytes_out_of_place,
           "received, of the peer's stream but not the next ones"),
    METRIC("first_byte_at", UNIT_TIME, first_byte_at,
           "when the application read its first byte"),
    METRIC("last_byte_at", UNIT_TIME, last_byte_at, "when the application read its last byte"),
    METRIC("errors", UNIT_COUNT, n_errors,
           "socket calls that failed, and connections that broke"),
    {"error", UNIT_NONE, 0, first_error, 0, "the first of these, by its errno's name"},
    {0},
};
/* clang-format on */

static void app_on_wake(struct sim *sim, struct event *e)
{
    struct app *a = CONTAINER_OF(e, struct app, wake);
    a->kind->on_wake(a);
}

struct app *app_new(struct sim *sim, const char *name, const struct app_kind *kind,
                    const struct app_env *env, const void *params)
{
    struct app *a = sim_alloc(sim, kind->bytes);
    *a = (struct app){
        .kind = kind,
        .sim = sim,
        .env = *env,
        .params = params,
        .subject = sim_subject(sim, "app", name),
        .user = {.account = &a->account},
        .first_byte_at = SIM_NEVER,
        .last_byte_at = SIM_NEVER,
    };
    tcp_account_init(&a->account, a->subject);
    event_init(sim, &a->wake, EV_APP, a->subject, app_on_wake);
    return a;
}

void app_start(struct app *a)
{
    a->n_starts++;
    a->kind->start(a);
}

void app_forget(struct app *a)
{
    for (struct app_wait_line *line = a->lines; line != NULL; line = line->next)
        app_wait_line_clear(line);
    event_cancel(a->sim, &a->wake);
}

void app_start_anew(struct app *a)
{
    a->is_down = false;
    a->started_at = a->sim->now;
    app_start(a);
}

void app_warm_up(struct app *a)
{
    a->bytes_verified = 0;
    a->bytes_wrong_stream = 0;
    a->bytes_out_of_place = 0;
    a->n_errors = 0;
    tcp_account_warm_up(&a->account, a->sim->now);
    if (a->kind->on_warm_up != NULL)
        a->kind->on_warm_up(a);
}

struct rng app_rng(const struct app *a, const char *key)
{
    char stream[ARRAY_LEN(a->sim->subjects->name) + 32];
    const char *name = a->sim->subjects[a->subject].name;

    if (a->n_starts > 1)
        snprintf(stream, sizeof stream, "app/%s/%s/%lld", name, key, (long long)a->n_starts);
    else
        snprintf(stream, sizeof stream, "app/%s/%s", name, key);
    return sim_rng(a->sim, stream);
}

static int64_t number_at(const void *subject, int64_t offset)
{
    int64_t n;

    memcpy(&n, (const char *)subject + offset, sizeof n);
    return n;
}

struct value app_mean(const struct sim *sim, const void *subject, const struct metric *m)
{
    const int64_t n = number_at(subject, m->arg);
    return (struct value){.kind = n > 0 ? VALUE_RATIO : VALUE_NONE,
                          .num = number_at(subject, (int64_t)m->offset),
                          .den = n};
}

struct value app_max(const struct sim *sim, const void *subject, const struct metric *m)
{
    return (struct value){.kind = number_at(subject, m->arg) > 0 ? VALUE_INT : VALUE_NONE,
                          .num = number_at(subject, (int64_t)m->offset),
                          .den = 1};
}

/* In parts per 10^12; where these do not fit 64 bits, rounded to one of them. */
struct value app_share(const struct sim *sim, const void *subject, const struct metric *m)
{
    const int64_t n = number_at(subject, (int64_t)m->offset), of = number_at(subject, m->arg);
    int64_t parts;

    if (of == 0)
        return (struct value){.kind = VALUE_NONE};
    if (!__builtin_mul_overflow(n, FRACTION_ONE, &parts))
        return (struct value){.kind = VALUE_RATIO, .num = parts, .den = of};
    parts = (int64_t)((__int128)n * FRACTION_ONE / of);
    return (struct value){.kind = VALUE_RATIO, .num = parts, .den = 1};
}

static const struct metric *find(const struct metric *rows, const char *name)
{
    for (; rows->name != NULL; rows++)
        if (strcmp(rows->name, name) == 0)
            return rows;
    return NULL;
}

const struct metric *app_metric(const struct app *a, const char *name, const void **subject)
{
    const struct metric *m = find(a->kind->metrics, name);
    if (m == NULL)
        m = find(APP_METRICS, name);
    *subject = a;
    if (m == NULL) {
        m = find(TCP_METRICS, name);
        *subject = &a->account;
    }
    return m;
}

/* A record may keep the text's address (record.h), so it lies in the arena, until the end of
 * the run. */
void app_event(struct app *a, uint32_t conn, const char *kind, const char *fmt, ...)
{
    char text[160];
    va_list args;

    if (!sim_listens(a->sim, REC_TYPE_EVENT.level))
        return;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    const size_t bytes = strlen(text) + 1;
    sim_event(a->sim, a->subject, conn, kind, memcpy(sim_alloc(a->sim, bytes), text, bytes));
}

/* Only listen() and connect() have these. */
static bool is_taken(int error)
{
    return error == EADDRINUSE || error == EADDRNOTAVAIL;
}

void app_foresaw_error(struct app *a, int error)
{
    a->n_taken -= is_taken(error);
}

void app_note_error(struct app *a, uint32_t conn, const char *what, int error)
{
    a->n_errors++;
    a->n_taken += is_taken(error);
    if (a->taken_error == 0 && is_taken(error))
        a->taken_error = error;
    if (a->first_error == 0)
        a->first_error = error;
    app_event(a, conn, "error", "%s: %s", what, app_error_name(error));
}

void app_check_extent(struct app *a, uint32_t conn, uint32_t stream, uint64_t *next,
                      const struct tcp_extent *x)
{
    a->first_byte_at = time_min(a->first_byte_at, a->sim->now);
    a->last_byte_at = a->sim->now;
    if (x->stream != stream) {
        a->bytes_wrong_stream += x->len;
        app_event(a, conn, "wrong-stream", "%u bytes of stream %u at %llu, not of stream %u",
                  x->len, x->stream, (unsigned long long)x->offset, stream);
    } else if (x->offset != *next) {
        a->bytes_out_of_place += x->len;
        app_event(a, conn, "out-of-place", "%u bytes from %llu, not from %llu", x->len,
                  (unsigned long long)x->offset, (unsigned long long)*next);
    } else {
        a->bytes_verified += x->len;
    }
    *next += x->len; /* wrong ones took the place of as many right ones */
}
