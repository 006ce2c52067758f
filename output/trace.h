/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace.h -- what went by, as somebody who listens at one place would tell it.
 *
 *   records of segments --trace_row--> seen from here? --> waits for its fate --> a line (as
 *   of a file, or of a run                                                        tcpdump's)
 *   under way                                                                     or a packet
 *                                                                                 of a pcapng
 *
 * The one idea: a line stands where its packet was seen, and says at its end what the packet
 * could not know then (lost, held, forged). For that the last TRACE_WAITING packets wait until
 * their fate is known, or for the oldest to be pushed out: memory does not grow with the file.
 *
 * Not modelled: what is above TCP, which tcpdump would look into at well-known ports; the
 * urgent pointer and the type of service, which no record has.
 */
#pragma once
#include "sim/err.h"
#include "sim/sim.h"

enum { TRACE_WAITING = 4096, TRACE_ADDRESS = 48, TRACE_OPTIONS = 128, TRACE_NOTE = 240 };

/* One record of a segment. Texts are borrowed until the next, "" for none. */
struct trace_row {
    sim_time at;
    const char *link, *event, *cause, *injected_by, *src, *dst;
    uint32_t packet, parent, proto, ttl, flags, seq, ack, len, win, sport, dport, bytes;
    const uint8_t *options; /* of TCP, or an ICMP message */
    uint32_t options_len;
};

/* A packet that was seen. */
struct trace_packet {
    sim_time at;
    uint32_t number, proto, ttl, flags, seq, ack, len, win, sport, dport, bytes;
    char src[TRACE_ADDRESS], dst[TRACE_ADDRESS];
    uint8_t options[TRACE_OPTIONS];
    uint32_t options_len;
    char note[TRACE_NOTE]; /* "" : nothing befell it */
    bool is_corrupt;
};

/* Where packets go that were seen: a sink in the caller's memory. */
struct trace_sink {
    void (*packet)(struct trace_sink *sink, const struct trace_packet *p);
};

struct trace_options {
    const char *link, *host; /* where one listens; both NULL: where a packet enters the net */
    sim_time from, to;       /* [from, to) */
    char *const *filter;     /* the words of an expression, see trace_filter.c */
    int n_filter;
    bool is_plain; /* without notes: no packet waits */
};

struct trace; /* opaque: the ring of those that wait */

/* Borrows sink and options. NULL with e: the filter is wrong. */
struct trace *trace_new(const struct trace_options *options, struct trace_sink *sink,
                        struct err *e);
/* A host or a link ("host", "link"; other kinds are passed over) of what is listened to. */
void trace_add(struct trace *t, const char *kind, const char *name);
/* All have been added. 0, or -1 with e: options name another. */
int trace_ready(const struct trace *t, struct err *e);

void trace_row(struct trace *t, const struct trace_row *row);
/* `to` has come, and nobody waits: no more are wanted. */
bool trace_is_over(const struct trace *t);
/* Those that still wait are told, and all is freed. */
void trace_free(struct trace *t);

/* Adds and tells all of a run of a result file, of the first with segments if run is 0, while
 * goes_on(ctx). 0, or -1 with e: no such
 * run, host or link, no segments recorded, or the file's failure. */
int trace_file(struct trace *t, const char *path, int64_t run, bool (*goes_on)(void *ctx),
               void *ctx, struct err *e);

/* Tells the records of a run under way: a listener, which borrows both. Free it after the run.
 */
struct listener *trace_listen(struct trace *t, const struct sim *sim);
void trace_listen_free(struct listener *listener);

/* The fields of the record "segment" and where they go. */
struct trace_column {
    const char *name;
    size_t at; /* in struct trace_row: a uint32_t, or a text */
    bool is_text;
};
enum { TRACE_N_COLUMNS = 18 };
extern const struct trace_column TRACE_COLUMNS[TRACE_N_COLUMNS];
