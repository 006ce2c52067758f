/* SPDX-License-Identifier: GPL-3.0-or-later
 * relay.h -- a run's rows as bytes, from the process that runs it to the one that has the
 * database.
 *
 *   replication_run --outlet--> relay_writer ==pipe==> relay_read --outlet--> recorder
 *
 * A message is its length (4 bytes), its type (1 byte) and its fields one after another; texts
 * with their end. Both processes are forks of one, so they agree on sizes and on the addresses
 * of const data, and nothing else is assumed of the format.
 */
#pragma once
#include "experiments/replication.h"

/* Bytes that grow as they are written to. */
struct bytes {
    unsigned char *data;
    size_t n, cap;
};

struct relay_writer {
    struct outlet outlet; /* hand it to replication_run */
    struct listener listener;
    int fd;
    struct bytes out; /* not yet written */
};
void relay_writer_init(struct relay_writer *w, int fd);
void relay_writer_fini(struct relay_writer *w);
/* The last message of a run, by how it ended; n_columns of seen. 0, or -1: nobody reads. */
int relay_outcome(struct relay_writer *w, enum run_end end, const struct outcome *out,
                  int n_columns, const struct err *e);

struct relay_reader {
    int fd;
    struct bytes in;
    size_t at; /* in.data[at .. n) is not read yet */
};
void relay_reader_init(struct relay_reader *r, int fd);
void relay_reader_fini(struct relay_reader *r);
/* One run, handed on to the outlet. As replication_run; closed: the other end went away in the
 * middle of it, which is RUN_BROKEN without an error. */
enum run_end relay_read(struct relay_reader *r, struct outlet *outlet, uint32_t levels,
                        struct outcome *out, int n_columns, bool *closed, struct err *e);
