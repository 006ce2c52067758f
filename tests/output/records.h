/* SPDX-License-Identifier: GPL-3.0-or-later
 * records.h -- record types of the shape that models emit, for tests that know no model, and a
 * run with two hosts.
 */
#pragma once
#include <unistd.h>

#include "output/recorder.h"
#include "tests/check.h"

struct rec_conn {
    uint32_t conn, host, app, passive;
    ip_addr local, remote;
    uint32_t local_port, remote_port;
};

struct rec_transition {
    uint32_t host, conn;
    const char *from_state, *to_state, *cause;
};

struct rec_segment {
    uint32_t link, packet, parent, proto, conn;
    const char *event, *cause;
    ip_addr src, dst;
    uint32_t sport, dport, ttl, flags, seq, ack, len, win;
    struct rec_bytes options;
    uint32_t stream;
    uint64_t offset;
    uint32_t bytes, injected_by;
};

static const struct rec_field REC_CONN_FIELDS[] = {
    {"conn", REC_U32, offsetof(struct rec_conn, conn), ""},
    {"host", REC_SUBJECT, offsetof(struct rec_conn, host), ""},
    {"app", REC_SUBJECT, offsetof(struct rec_conn, app), ""},
    {"passive", REC_U32, offsetof(struct rec_conn, passive), ""},
    {"local", REC_ADDR, offsetof(struct rec_conn, local), ""},
    {"local_port", REC_U32, offsetof(struct rec_conn, local_port), ""},
    {"remote", REC_ADDR, offsetof(struct rec_conn, remote), ""},
    {"remote_port", REC_U32, offsetof(struct rec_conn, remote_port), ""},
};
static const struct rec_field REC_TRANSITION_FIELDS[] = {
    {"host", REC_SUBJECT, offsetof(struct rec_transition, host), ""},
    {"conn", REC_U32, offsetof(struct rec_transition, conn), ""},
    {"from_state", REC_TEXT, offsetof(struct rec_transition, from_state), ""},
    {"to_state", REC_TEXT, offsetof(struct rec_transition, to_state), ""},
    {"cause", REC_TEXT, offsetof(struct rec_transition, cause), ""},
};
static const struct rec_field REC_SEGMENT_FIELDS[] = {
    {"link", REC_SUBJECT, offsetof(struct rec_segment, link), ""},
    {"event", REC_TEXT, offsetof(struct rec_segment, event), ""},
    {"packet", REC_U32, offsetof(struct rec_segment, packet), ""},
    {"parent", REC_U32, offsetof(struct rec_segment, parent), ""},
    {"proto", REC_U32, offsetof(struct rec_segment, proto), ""},
    {"conn", REC_U32, offsetof(struct rec_segment, conn), ""},
    {"src", REC_ADDR, offsetof(struct rec_segment, src), ""},
    {"dst", REC_ADDR, offsetof(struct rec_segment, dst), ""},
    {"sport", REC_U32, offsetof(struct rec_segment, sport), ""},
    {"dport", REC_U32, offsetof(struct rec_segment, dport), ""},
    {"ttl", REC_U32, offsetof(struct rec_segment, ttl), ""},
    {"flags", REC_U32, offsetof(struct rec_segment, flags), ""},
    {"seq", REC_U32, offsetof(struct rec_segment, seq), ""},
    {"ack", REC_U32, offsetof(struct rec_segment, ack), ""},
    {"len", REC_U32, offsetof(struct rec_segment, len), ""},
    {"win", REC_U32, offsetof(struct rec_segment, win), ""},
    {"options", REC_BYTES, offsetof(struct rec_segment, options), ""},
    {"stream", REC_U32, offsetof(struct rec_segment, stream), ""},
    {"offset", REC_U64, offsetof(struct rec_segment, offset), ""},
    {"bytes", REC_U32, offsetof(struct rec_segment, bytes), ""},
    {"cause", REC_TEXT, offsetof(struct rec_segment, cause), ""},
    {"injected_by", REC_SUBJECT, offsetof(struct rec_segment, injected_by), ""},
};
static const struct rec_type REC_CONN = {"conn", "", REC_CONN_FIELDS,
                                         ARRAY_LEN(REC_CONN_FIELDS), REC_LIFE};
static const struct rec_type REC_TRANSITION = {"transition", "", REC_TRANSITION_FIELDS,
                                               ARRAY_LEN(REC_TRANSITION_FIELDS), REC_LIFE};
static const struct rec_type REC_SEGMENTS = {"segment", "", REC_SEGMENT_FIELDS,
                                             ARRAY_LEN(REC_SEGMENT_FIELDS), REC_SEGMENT};

/* Subjects of the run below. */
enum { CLIENT = 1, SERVER, UP, DOWN, WEB, USER, N_TEST_SUBJECTS = USER };

/* What the recorder reads of a simulation at a run's end: two hosts, a link each way, two
 * applications. */
static inline struct sim two_hosts(sim_time now)
{
    static struct subject subjects[N_TEST_SUBJECTS + 1] = {
        [CLIENT] = {"host", "client"},
        [SERVER] = {"host", "server"},
        [UP] = {"link", "client->server"},
        [DOWN] = {"link", "server->client"},
        [WEB] = {"app", "web"},
        [USER] = {"app", "user"},
    };
    return (struct sim){
        .now = now, .n_events = 7, .subjects = subjects, .n_subjects = N_TEST_SUBJECTS};
}

static inline void emit(struct recorder *r, sim_time at, const struct rec_type *type,
                        const void *rec)
{
    struct listener *l = recorder_listener(r, REC_LIFE | REC_SEGMENT | REC_SAMPLE);
    l->emit(l, at, type, rec);
}

/* A path of this process in the temporary directory; buf holds 128 bytes. */
static inline const char *temp_path(char buf[128], const char *name)
{
    snprintf(buf, 128, "/tmp/halfopen-test-%d-%s", (int)getpid(), name);
    return buf;
}
