/* SPDX-License-Identifier: GPL-3.0-or-later
 * table.h -- who has which pair of ends on a host: one hash table for whole endpoints, for
 * entries of the SYN queue and for entries in TIME-WAIT; and the lines in which entries wait.
 *
 *   buckets --> entry --next--> entry          an entry is the first field of struct tcp,
 *                                              struct tcp_request, struct tcp_tw
 *   line (wait 1 s):  head -> entry -> entry -> tail      what has a constant delay is a FIFO:
 *   line (wait 2 s):  head -> entry                       its head alone has a timer
 *
 * Entries name each other by arena_ref, in 4 bytes: a million of them are meant to fit.
 */
#pragma once
#include "models/tcp/tcp.h"

enum tcp_entry_kind { ENTRY_ENDPOINT, ENTRY_REQUEST, ENTRY_TIME_WAIT, N_ENTRY_KINDS };

struct tcp_entry {
    ip_addr remote;
    uint32_t local; /* the low half; the prefix: local_prefix */
    uint16_t local_port, remote_port;
    uint16_t local_prefix; /* a host's own prefixes are among the first interned */
    uint8_t kind;          /* enum tcp_entry_kind */
    uint8_t flags;         /* the kind's own */
    uint32_t hash_next;
    uint32_t line_prev, line_next;
    sim_time due_at; /* when its wait is over; SIM_NEVER: in no line */
};

struct tcp_table {
    uint32_t *buckets;
    uint32_t n_buckets; /* a power of two */
    uint32_t n;
    struct tcp_entry *latest; /* that a segment was for; NULL: none yet, or it is gone */
    struct tcp_crowd *crowds; /* crowd.h; NULL: none, as mostly */
};

void tcp_table_init(struct tcp_table *h, struct sim *sim);
/* Writes the ends and the kind of e. */
void tcp_entry_init(struct tcp_entry *e, enum tcp_entry_kind kind, struct tcp_addr local,
                    struct tcp_addr remote);
struct tcp_addr tcp_entry_local(const struct tcp_entry *e);
struct tcp_addr tcp_entry_remote(const struct tcp_entry *e);
/* NULL: nobody has these ends. */
struct tcp_entry *tcp_table_find(const struct tcp_table *h, const struct sim *sim,
                                 struct tcp_addr local, struct tcp_addr remote);
/* The same for a segment: they come in trains. */
struct tcp_entry *tcp_table_find_for_segment(struct tcp_table *h, const struct sim *sim,
                                             struct tcp_addr local, struct tcp_addr remote);
void tcp_table_add(struct tcp_table *h, struct sim *sim, struct tcp_entry *e);
void tcp_table_remove(struct tcp_table *h, struct sim *sim, struct tcp_entry *e);

/* A line: all its entries wait equally long. */
struct tcp_line {
    struct tcp_line *next;
    struct tcp_line **list; /* in which it is */
    struct tcp_stack *stack;
    sim_time wait;
    void (*due)(struct tcp_stack *s, struct tcp_entry *e); /* e has left the line by then */
    uint32_t head, tail;
    struct timer timer; /* for the head */
};

/* The line with this wait in a list of lines, made when there is none. The host's subject is
 * the entity of its timer. */
struct tcp_line *tcp_line_of(struct tcp_stack *s, struct tcp_line **list, sim_time wait,
                             void (*due)(struct tcp_stack *s, struct tcp_entry *e));
/* e becomes the last: due_at is now + wait. */
void tcp_line_add(struct tcp_line *line, struct tcp_entry *e);
/* e leaves the line of the list in which it is; due_at is SIM_NEVER then. */
void tcp_line_remove(struct tcp_stack *s, struct tcp_line *list, struct tcp_entry *e);
/* Entries of all lines of the list with this local port; 0: any. */
uint32_t tcp_line_count(const struct tcp_stack *s, const struct tcp_line *list,
                        uint16_t local_port);
