/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/apps/crash.h"

static void on_fails(struct sim *sim, struct event *e)
{
    struct crash *c = CONTAINER_OF(e, struct crash, fails);
    struct host *h = c->host;

    sim_event(sim, h->subject, 0, "crash", "connections and applications are gone");
    for (int i = 0; i < c->n_apps; i++)
        if (c->apps[i]->env.host == h)
            c->apps[i]->is_down = true;
    host_crash(h);
    for (int i = 0; i < c->n_apps; i++)
        if (c->apps[i]->env.host == h)
            app_forget(c->apps[i]);
    event_at(sim, &c->comes_back, time_add(sim->now, h->crash.reboot_after));
}

static void on_comes_back(struct sim *sim, struct event *e)
{
    struct crash *c = CONTAINER_OF(e, struct crash, comes_back);

    sim_event(sim, c->host->subject, 0, "reboot", NULL);
    host_reboot(c->host);
    event_at(sim, &c->starts, time_add(sim->now, c->host->crash.quiet_time));
}

static void on_starts(struct sim *sim, struct event *e)
{
    struct crash *c = CONTAINER_OF(e, struct crash, starts);

    for (int i = 0; i < c->n_apps; i++)
        if (c->apps[i]->env.host == c->host)
            app_start_anew(c->apps[i]);
}

void crash_init(struct crash *c, struct host *h, struct app **apps, int n_apps)
{
    *c = (struct crash){.host = h, .apps = apps, .n_apps = n_apps};
    event_init(h->sim, &c->fails, EV_WORLD, h->subject, on_fails);
    event_init(h->sim, &c->comes_back, EV_WORLD, h->subject, on_comes_back);
    event_init(h->sim, &c->starts, EV_WORLD, h->subject, on_starts);
    event_at(h->sim, &c->fails, h->crash.at);
}
