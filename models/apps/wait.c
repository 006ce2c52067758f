/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/apps/wait.h"

#include "models/apps/conn.h"

static void line_on_wake(struct sim *sim, struct event *e)
{
    struct app_wait_line *line = CONTAINER_OF(e, struct app_wait_line, wake);

    /* One wait an event: what c does may cancel any other one. */
    struct app_wait *w = line->head;
    const bool is_due =
        w != NULL && w->due_at <= sim->now; /* not if the one it was queued for is gone */
    if (is_due) {
        app_wait_cancel(w);
        w->over = true;
    }
    if (line->head != NULL)
        event_at(sim, e, time_max(line->head->due_at, sim->now));
    if (is_due)
        app_conn_progress(w->conn);
}

void app_wait_line_init(struct app_wait_line *line, struct sim *sim, uint32_t subject,
                        sim_time wait)
{
    *line = (struct app_wait_line){.sim = sim, .wait = wait};
    event_init(sim, &line->wake, EV_APP, subject, line_on_wake);
}

bool app_wait_begin(struct app_wait_line *line, struct app_wait *w, struct app_conn *c)
{
    if (w->begun)
        return false;
    w->begun = true;
    w->conn = c;
    w->over = line->wait == 0;
    w->due_at = time_add(line->sim->now, line->wait);
    if (w->over || w->due_at == SIM_NEVER)
        return true;
    w->line = line;
    w->prev = line->tail;
    *(line->tail == NULL ? &line->head : &line->tail->next) = w;
    line->tail = w;
    if (line->wake.at == SIM_NEVER)
        event_at(line->sim, &line->wake, w->due_at);
    return true;
}

void app_wait_cancel(struct app_wait *w)
{
    struct app_wait_line *line = w->line;

    if (line == NULL)
        return;
    *(w->prev == NULL ? &line->head : &w->prev->next) = w->next;
    *(w->next == NULL ? &line->tail : &w->next->prev) = w->prev;
    w->line = NULL;
    w->next = w->prev = NULL;
}
