/* SPDX-License-Identifier: GPL-3.0-or-later
 * wait.h -- an application waits: before a reply, between requests, before a close.
 *
 * The one idea: waits of one length end in the order in which they began, so they stand in a
 * FIFO whose head alone is in the event queue: a server with a thousand replies pending costs
 * one entry. Only waits of random length have a timer each.
 */
#pragma once
#include "sim/dist.h"
#include "sim/sim.h"

struct app;
struct app_wait;

/* One a kind of wait and application. */
struct app_wait_line {
    struct sim *sim;            /* NULL: not yet in use */
    struct app_wait_line *next; /* of the same application */
    uint32_t subject;
    struct key_variant wait;          /* of DIST_KINDS */
    struct rng rng;                   /* "app/NAME/KEY" */
    void (*over)(struct app_wait *w); /* w->over is set */
    bool constant;
    sim_time length; /* when constant; SIM_NEVER: waits in this line never end */
    /* All that stand in it. Invariant: when constant due_at never decreases along the line;
     * wake, of class EV_APP, is queued at or before head->due_at when head != NULL. */
    struct app_wait *head, *tail;
    struct event wake;
};

/* Lives in whatever waits, zeroed at first. */
struct app_wait {
    struct app_wait *next, *prev;
    struct app_wait_line *line; /* in which it stands; NULL: in none */
    void *owner;                /* for line->over */
    sim_time due_at;
    struct timer timer; /* of a random wait, while it stands in its line */
    bool begun, over;
};

/* key: the name of the parameter, which names the random numbers too. A wait of a year or more
 * never ends. The line's memory is zeroed, or it was initialised before and is empty. */
void app_wait_line_init(struct app_wait_line *line, struct app *a, const char *key,
                        const struct key_variant *wait, void (*over)(struct app_wait *w));

/* Takes all out of the line, without a call. */
void app_wait_line_clear(struct app_wait_line *line);

/* The instant of a parameter such as `at`: so long after the application's start, which is that
 * of the run unless its host has failed since; SIM_NEVER: none. */
sim_time app_wait_once(const struct app *a, const char *key, const struct key_variant *wait);

/* A wait's length, drawn now; SIM_NEVER: without end. */
sim_time app_wait_draw(struct app_wait_line *line);

/* Begins w unless it has begun before; true if it did now. A wait of 0 is over at once, without
 * a call; of any other end line->over tells. */
bool app_wait_begin(struct app_wait_line *line, struct app_wait *w, void *owner);

/* Begins w, which has not begun; of its end line->over tells, from an event of its own: never
 * within this call, nor within the one that is under way. */
void app_wait_queue(struct app_wait_line *line, struct app_wait *w, void *owner);

/* w is as it was before it began. It must be over. */
void app_wait_again(struct app_wait *w);

/* Takes w out of its line if it stands in one. To be called before its memory is given back. */
void app_wait_cancel(struct app_wait *w);
