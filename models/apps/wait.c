/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/apps/wait.h"

#include "models/apps/app.h"

static void line_on_wake(struct sim *sim, struct event *e)
{
    struct app_wait_line *line = CONTAINER_OF(e, struct app_wait_line, wake);

    /* One wait an event: what its end brings about may cancel any other one. */
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
        line->over(w);
}

static void wait_fired(struct sim *sim, struct timer *t)
{
    struct app_wait *w = CONTAINER_OF(t, struct app_wait, timer);
    struct app_wait_line *line = w->line;

    app_wait_cancel(w);
    w->over = true;
    line->over(w);
}

static sim_time no_end_beyond(sim_time wait)
{
    return wait >= DIST_MAX ? SIM_NEVER : wait;
}

void app_wait_line_init(struct app_wait_line *line, struct app *a, const char *key,
                        const struct key_variant *wait, void (*over)(struct app_wait *w))
{
    const bool is_new = line->sim == NULL;
    const struct event wake = line->wake;

    *line = (struct app_wait_line){
        .sim = a->sim,
        .next = line->next,
        .wake = wake,
        .subject = a->subject,
        .wait = *wait,
        .rng = app_rng(a, key),
        .over = over,
        .constant = dist_is_constant(wait),
    };
    line->length = line->constant ? no_end_beyond(dist_mean(wait)) : 0;
    if (!is_new)
        return;
    line->next = a->lines;
    a->lines = line;
    event_init(a->sim, &line->wake, EV_APP, a->subject, line_on_wake);
}

void app_wait_line_clear(struct app_wait_line *line)
{
    while (line->head != NULL)
        app_wait_cancel(line->head);
    event_cancel(line->sim, &line->wake);
}

sim_time app_wait_once(const struct app *a, const char *key, const struct key_variant *wait)
{
    struct rng rng = app_rng(a, key);
    const sim_time length = dist_is_constant(wait) ? dist_mean(wait) : dist_draw(wait, &rng);

    return time_add(a->started_at, no_end_beyond(length));
}

sim_time app_wait_draw(struct app_wait_line *line)
{
    return line->constant ? line->length : no_end_beyond(dist_draw(&line->wait, &line->rng));
}

static void join(struct app_wait_line *line, struct app_wait *w)
{
    w->prev = line->tail;
    *(line->tail == NULL ? &line->head : &line->tail->next) = w;
    line->tail = w;
}

static void stand(struct app_wait_line *line, struct app_wait *w, sim_time length, void *owner)
{
    w->begun = true;
    w->over = false;
    w->owner = owner;
    w->due_at = time_add(line->sim->now, length);
    if (w->due_at == SIM_NEVER)
        return;
    w->line = line;
    join(line, w);
    if (line->constant && line->wake.at == SIM_NEVER)
        event_at(line->sim, &line->wake, w->due_at);
    if (line->constant)
        return;
    timer_init(line->sim, &w->timer, EV_APP, line->subject, wait_fired);
    timer_set(line->sim, &w->timer, w->due_at);
}

bool app_wait_begin(struct app_wait_line *line, struct app_wait *w, void *owner)
{
    if (w->begun)
        return false;
    const sim_time length = app_wait_draw(line);
    if (length > 0)
        stand(line, w, length, owner);
    w->begun = true;
    w->over = length == 0;
    return true;
}

void app_wait_queue(struct app_wait_line *line, struct app_wait *w, void *owner)
{
    sim_assert(line->sim, !w->begun);
    stand(line, w, app_wait_draw(line), owner);
}

void app_wait_again(struct app_wait *w)
{
    w->begun = w->over = false;
}

void app_wait_cancel(struct app_wait *w)
{
    struct app_wait_line *line = w->line;

    if (line == NULL)
        return;
    *(w->prev == NULL ? &line->head : &w->prev->next) = w->next;
    *(w->next == NULL ? &line->tail : &w->next->prev) = w->prev;
    if (!line->constant)
        timer_fini(line->sim, &w->timer);
    w->line = NULL;
    w->next = w->prev = NULL;
}
