/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "experiments/relay.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum message { MESSAGE_RECORD, MESSAGE_METRIC, MESSAGE_END, MESSAGE_OUTCOME };
enum { HEAD_BYTES = 5, CHUNK_BYTES = 1 << 16, POLL_MS = 50, RECORD_BYTES = 1024 };

static void reserve(struct bytes *b, size_t n)
{
    if (b->n + n <= b->cap)
        return;
    b->cap = 2 * (b->n + n);
    b->data = realloc(b->data, b->cap);
    if (b->data == NULL) {
        fputs("halfopen: out of memory\n", stderr);
        abort();
    }
}

static void put(struct bytes *b, const void *data, size_t n)
{
    reserve(b, n);
    if (n > 0)
        memcpy(b->data + b->n, data, n);
    b->n += n;
}

/* What has been read of a message: points into it. */
struct cursor {
    const unsigned char *p;
};

static void get(struct cursor *c, void *data, size_t n)
{
    memcpy(data, c->p, n);
    c->p += n;
}

/* Texts: a byte that says whether there is one, then it and its end. */
static void put_text(struct bytes *b, const char *text)
{
    put(b, &(unsigned char){text != NULL}, 1);
    if (text != NULL)
        put(b, text, strlen(text) + 1);
}

static const char *get_text(struct cursor *c)
{
    const char *text = (const char *)c->p + 1;
    if (*c->p++ == 0)
        return NULL;
    c->p += strlen(text) + 1;
    return text;
}

static void put_value(struct bytes *b, const struct value *v)
{
    put(b, &v->kind, sizeof(v->kind));
    put(b, &v->num, sizeof(v->num));
    put(b, &v->den, sizeof(v->den));
    put_text(b, v->kind == VALUE_TEXT ? v->text : NULL);
}

static struct value get_value(struct cursor *c)
{
    struct value v = {.kind = VALUE_NONE};
    get(c, &v.kind, sizeof(v.kind));
    get(c, &v.num, sizeof(v.num));
    get(c, &v.den, sizeof(v.den));
    const char *text = get_text(c);
    snprintf(v.text, sizeof(v.text), "%s", text != NULL ? text : "");
    return v;
}

/* Fields of records, by their kind. */

static const size_t FIELD_BYTES[] = {
    [REC_I64] = 8,
    [REC_U64] = 8,
    [REC_U32] = 4,
    [REC_SUBJECT] = 4,
    [REC_ADDR] = sizeof(ip_addr),
    [REC_TEXT] = sizeof(char *),
    [REC_BYTES] = sizeof(struct rec_bytes),
};

static void put_field(struct bytes *b, const struct rec_field *f, const unsigned char *rec)
{
    const char *text;
    struct rec_bytes bytes;
    if (f->kind == REC_TEXT) {
        memcpy(&text, rec + f->offset, sizeof(text));
        put_text(b, text);
    } else if (f->kind == REC_BYTES) {
        memcpy(&bytes, rec + f->offset, sizeof(bytes));
        put(b, &bytes.len, sizeof(bytes.len));
        put(b, bytes.data, bytes.len);
    } else {
        put(b, rec + f->offset, FIELD_BYTES[f->kind]);
    }
}

static void get_field(struct cursor *c, const struct rec_field *f, unsigned char *rec)
{
    sim_assert(NULL, f->offset + FIELD_BYTES[f->kind] <= RECORD_BYTES);
    if (f->kind == REC_TEXT) {
        const char *text = get_text(c);
        memcpy(rec + f->offset, &text, sizeof(text));
    } else if (f->kind == REC_BYTES) {
        struct rec_bytes bytes = {.len = 0};
        get(c, &bytes.len, sizeof(bytes.len));
        bytes.data = c->p;
        c->p += bytes.len;
        memcpy(rec + f->offset, &bytes, sizeof(bytes));
    } else {
        get(c, rec + f->offset, FIELD_BYTES[f->kind]);
    }
}

/* Writing */

static size_t begin(struct relay_writer *w, enum message type)
{
    const size_t at = w->out.n;
    reserve(&w->out, HEAD_BYTES);
    w->out.data[at + HEAD_BYTES - 1] = (unsigned char)type;
    w->out.n += HEAD_BYTES;
    return at;
}

/* 0, or -1: nobody reads. */
static int flush(struct relay_writer *w)
{
    for (size_t done = 0; done < w->out.n;) {
        const ssize_t n = write(w->fd, w->out.data + done, w->out.n - done);
        if (n < 0 && errno != EINTR)
            return -1;
        done += n > 0 ? (size_t)n : 0;
    }
    w->out.n = 0;
    return 0;
}

static int finish(struct relay_writer *w, size_t at)
{
    const uint32_t length = (uint32_t)(w->out.n - at - HEAD_BYTES);
    memcpy(w->out.data + at, &length, sizeof(length));
    return w->out.n >= CHUNK_BYTES ? flush(w) : 0;
}

static void on_record(struct listener *self, sim_time now, const struct rec_type *type,
                      const void *rec)
{
    struct relay_writer *w = CONTAINER_OF(self, struct relay_writer, listener);
    const size_t at = begin(w, MESSAGE_RECORD);
    put(&w->out, &type, sizeof(type));
    put(&w->out, &now, sizeof(now));
    for (uint32_t i = 0; i < type->n_fields; i++)
        put_field(&w->out, &type->fields[i], rec);
    finish(w, at);
}

static struct listener *writer_listen(struct outlet *o, uint32_t levels)
{
    struct relay_writer *w = CONTAINER_OF(o, struct relay_writer, outlet);
    w->listener.levels = levels;
    return &w->listener;
}

/* Whoever reads ends this process when it wants no more. */
static bool writer_goes_on(struct outlet *o, const struct sim *sim)
{
    return true;
}

static int writer_metric(struct outlet *o, const char *subject, const char *name,
                         const struct value *v, enum unit unit)
{
    struct relay_writer *w = CONTAINER_OF(o, struct relay_writer, outlet);
    const size_t at = begin(w, MESSAGE_METRIC);
    put_text(&w->out, subject);
    put_text(&w->out, name);
    put_value(&w->out, v);
    put(&w->out, &unit, sizeof(unit));
    return finish(w, at);
}

static int writer_end(struct outlet *o, const struct sim *sim, double cpu_s)
{
    struct relay_writer *w = CONTAINER_OF(o, struct relay_writer, outlet);
    const size_t at = begin(w, MESSAGE_END);
    put(&w->out, &cpu_s, sizeof(cpu_s));
    put(&w->out, &sim->now, sizeof(sim->now));
    put(&w->out, &sim->n_events, sizeof(sim->n_events));
    put(&w->out, &sim->n_subjects, sizeof(sim->n_subjects));
    put(&w->out, &sim->subjects[1], sim->n_subjects * sizeof(*sim->subjects));
    return finish(w, at);
}

void relay_writer_init(struct relay_writer *w, int fd)
{
    *w = (struct relay_writer){
        .outlet = {writer_listen, writer_goes_on, writer_metric, writer_end},
        .listener = {.emit = on_record},
        .fd = fd};
}

void relay_writer_fini(struct relay_writer *w)
{
    free(w->out.data);
}

int relay_outcome(struct relay_writer *w, enum run_end end, const struct outcome *out,
                  int n_columns, const struct err *e)
{
    const size_t at = begin(w, MESSAGE_OUTCOME);
    put(&w->out, &end, sizeof(end));
    if (end != RUN_WHOLE)
        put(&w->out, e, sizeof(*e));
    for (int i = 0; end == RUN_WHOLE && i < n_columns; i++) {
        const struct observed *o = &out->seen[i];
        put(&w->out, &o->kind, sizeof(o->kind));
        put(&w->out, &o->num, sizeof(o->num));
        put(&w->out, &o->den, sizeof(o->den));
        put_text(&w->out, o->text);
    }
    if (end == RUN_WHOLE)
        for (int i = 0; i < out->tally->n; i++)
            put(&w->out, out->tally->rows[i].n, sizeof(out->tally->rows[i].n));
    return finish(w, at) != 0 || flush(w) != 0 ? -1 : 0;
}

/* Reading */

void relay_reader_init(struct relay_reader *r, int fd)
{
    *r = (struct relay_reader){.fd = fd};
}

void relay_reader_fini(struct relay_reader *r)
{
    free(r->in.data);
}

enum fill { FILLED, NOTHING_YET, CLOSED };

/* Waits a little for more bytes, so that whoever wants no more is not kept waiting. */
static enum fill fill(struct relay_reader *r)
{
    struct pollfd p = {.fd = r->fd, .events = POLLIN};
    if (poll(&p, 1, POLL_MS) <= 0)
        return NOTHING_YET;
    if (r->at > 0) {
        memmove(r->in.data, r->in.data + r->at, r->in.n - r->at);
        r->in.n -= r->at;
        r->at = 0;
    }
    reserve(&r->in, CHUNK_BYTES);
    const ssize_t n = read(r->fd, r->in.data + r->in.n, CHUNK_BYTES);
    if (n < 0)
        return errno == EINTR || errno == EAGAIN ? NOTHING_YET : CLOSED;
    r->in.n += (size_t)n;
    return n > 0 ? FILLED : CLOSED;
}

/* The bytes of the next message with its head; 0: it is not whole yet. */
static size_t message_bytes(const struct relay_reader *r)
{
    uint32_t length;
    if (r->in.n - r->at < HEAD_BYTES)
        return 0;
    memcpy(&length, r->in.data + r->at, sizeof(length));
    return r->in.n - r->at >= HEAD_BYTES + length ? HEAD_BYTES + length : 0;
}

static void read_record(struct cursor *c, struct listener *listener)
{
    _Alignas(8) unsigned char rec[RECORD_BYTES];
    const struct rec_type *type;
    sim_time now;
    get(c, &type, sizeof(type));
    get(c, &now, sizeof(now));
    for (uint32_t i = 0; i < type->n_fields; i++)
        get_field(c, &type->fields[i], rec);
    listener->emit(listener, now, type, rec);
}

static int read_metric(struct cursor *c, struct outlet *outlet)
{
    enum unit unit;
    const char *subject = get_text(c), *name = get_text(c);
    const struct value v = get_value(c);
    get(c, &unit, sizeof(unit));
    return outlet->metric(outlet, subject, name, &v, unit);
}

/* Of a simulation the outlet looks at no more than what is known here at its end. */
static int read_end(struct cursor *c, struct outlet *outlet, struct outcome *out)
{
    struct sim facts = {0};
    double cpu_s;
    get(c, &cpu_s, sizeof(cpu_s));
    get(c, &facts.now, sizeof(facts.now));
    get(c, &facts.n_events, sizeof(facts.n_events));
    get(c, &facts.n_subjects, sizeof(facts.n_subjects));
    facts.subjects = calloc((size_t)facts.n_subjects + 1, sizeof(*facts.subjects));
    if (facts.subjects == NULL)
        return -1;
    get(c, &facts.subjects[1], facts.n_subjects * sizeof(*facts.subjects));
    out->n_events = facts.n_events;
    const int rc = outlet->end(outlet, &facts, cpu_s);
    free(facts.subjects);
    return rc;
}

static enum run_end read_outcome(struct cursor *c, struct outcome *out, int n_columns,
                                 struct err *e)
{
    enum run_end end;
    get(c, &end, sizeof(end));
    if (end != RUN_WHOLE) {
        get(c, e, sizeof(*e));
        return end;
    }
    for (int i = 0; i < n_columns; i++) {
        struct observed *o = &out->seen[i];
        get(c, &o->kind, sizeof(o->kind));
        get(c, &o->num, sizeof(o->num));
        get(c, &o->den, sizeof(o->den));
        const char *text = get_text(c);
        o->text = text != NULL ? strdup(text) : NULL;
    }
    for (int i = 0; i < out->tally->n; i++) {
        int64_t n[2];
        get(c, n, sizeof(n));
        tally_add(out->tally, i, n);
    }
    return RUN_WHOLE;
}

enum run_end relay_read(struct relay_reader *r, struct outlet *outlet, uint32_t levels,
                        struct outcome *out, int n_columns, bool *closed, struct err *e)
{
    struct listener *listener = outlet->listen(outlet, levels);
    *closed = false;
    if (!outlet->goes_on(outlet, NULL))
        return RUN_STOPPED;
    for (;;) {
        const size_t length = message_bytes(r);
        if (length == 0) {
            if (!outlet->goes_on(outlet, NULL))
                return RUN_STOPPED;
            if (fill(r) == CLOSED) {
                *closed = true;
                return RUN_BROKEN;
            }
            continue;
        }
        struct cursor c = {r->in.data + r->at + HEAD_BYTES};
        const enum message type = (enum message)c.p[-1];
        r->at += length;
        if (type == MESSAGE_OUTCOME)
            return read_outcome(&c, out, n_columns, e);
        if (type == MESSAGE_RECORD)
            read_record(&c, listener);
        else if ((type == MESSAGE_METRIC ? read_metric(&c, outlet)
                                         : read_end(&c, outlet, out)) != 0)
            return RUN_STOPPED;
    }
}
