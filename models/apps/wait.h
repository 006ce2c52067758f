/* SPDX-License-Identifier: GPL-3.0-or-later
 * wait.h -- a connection waits for a length of time that is the same for all connections of its
 * application.
 *
 * The one idea: equal waits end in the order in which they began, so they stand in a FIFO whose
 * head alone is in the event queue: a server with a thousand replies pending costs one entry.
 */
#pragma once
#include "sim/sim.h"

struct app_conn;
struct app_wait;

/* One a kind of wait (before the reply, before the close) and application. */
struct app_wait_line {
    struct sim *sim;
    sim_time wait;
    struct app_wait *head, *tail; /* by due_at; invariant: never decreases along the line */
    struct event wake; /* class EV_APP; queued at or before head->due_at when head != NULL */
};

/* Lives in its connection, zeroed at first. */
struct app_wait {
    struct app_wait *next, *prev;
    struct app_wait_line *line; /* in which it stands; NULL: in none */
    struct app_conn *conn;
    sim_time due_at;
    bool begun, over;
};

/* wait >= 0; SIM_NEVER: waits in this line never end. subject: the application's. */
void app_wait_line_init(struct app_wait_line *line, struct sim *sim, uint32_t subject,
                        sim_time wait);

/* Begins w unless it has begun before; true if it did now. A wait of 0 is over at once; of any
 * other end c is told by app_conn_progress, w->over being set. */
bool app_wait_begin(struct app_wait_line *line, struct app_wait *w, struct app_conn *c);

/* Takes w out of its line if it stands in one. To be called before its memory is given back. */
void app_wait_cancel(struct app_wait *w);
