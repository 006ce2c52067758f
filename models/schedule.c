/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/schedule.h"

#include <stdio.h>
#include <string.h>

#include "models/link.h"

static const struct choice STATE_CHOICES[] = {
    {"same", "as it is"},
    {"up", "takes packets"},
    {"down", "drops what has not left yet, and what is sent; what is in flight arrives"},
    {NULL, NULL},
};

#define AT(field) offsetof(struct link_step, field)
const struct key LINK_STEP_KEYS[] = {
    {
        .name = "at",
        .kind = KEY_QUANTITY,
        .offset = AT(at),
        .default_text = NULL,
        .unit = UNIT_TIME,
        .max = SIM_NEVER - 1,
        .help = "when, from the start of the run; the steps ascend",
    },
    {
        .name = "state",
        .kind = KEY_CHOICE,
        .offset = AT(state),
        .default_text = "same",
        .choices = STATE_CHOICES,
        .help = "whether it carries packets from now on",
    },
    {
        .name = "rate",
        .kind = KEY_QUANTITY,
        .offset = AT(rate_bps),
        .default_text = "",
        .unit = UNIT_RATE,
        .min = LINK_RATE_MIN,
        .max = UNIT_UNLIMITED,
        .help = "from now on, the rest of the packet on the wire included",
    },
    {
        .name = "delay",
        .kind = KEY_VARIANT,
        .offset = AT(delay),
        .default_text = "",
        .variants = DIST_KINDS,
        .help = "of packets sent from now on",
    },
    {
        .name = "loss",
        .kind = KEY_VARIANT,
        .offset = AT(loss),
        .default_text = "",
        .variants = LOSS_MODELS,
        .help = "of packets sent from now on; a model begins anew",
    },
    {0},
};
#undef AT

const struct key FLAP_KEYS[] = {
    {
        .name = "up",
        .kind = KEY_VARIANT,
        .offset = offsetof(struct flap_params, up),
        .default_text = NULL,
        .variants = DIST_KINDS,
        .help = "how long it stays up",
    },
    {
        .name = "down",
        .kind = KEY_VARIANT,
        .offset = offsetof(struct flap_params, down),
        .default_text = NULL,
        .variants = DIST_KINDS,
        .help = "how long it then stays down",
    },
    {0},
};

static bool is_zero(const struct key_variant *wait)
{
    return dist_is_constant(wait) && dist_mean(wait) == 0;
}

static bool changes_nothing(const struct link_step *step)
{
    return strcmp(step->state, "same") == 0 && step->rate_bps == 0 &&
           step->delay.variant == NULL && step->loss.variant == NULL;
}

struct misfit schedule_check(const struct key_list *steps, const struct flap_params *flap)
{
    const struct link_step *s = steps->items;
    for (int i = 0; i < steps->n; i++) {
        if (i > 0 && s[i - 1].at > s[i].at)
            return (struct misfit){"the steps must ascend", "at", "schedule", i};
        if (changes_nothing(&s[i]))
            return (struct misfit){"the step changes nothing: give state, rate, delay or loss",
                                   "at", "schedule", i};
        if (dist_is_constant(&s[i].delay) && dist_mean(&s[i].delay) >= LINK_DELAY_MAX)
            return (struct misfit){"the delay of a link is less than a year", "delay",
                                   "schedule", i};
    }
    if (flap->up.variant == NULL)
        return (struct misfit){0};
    for (int i = 0; i < steps->n; i++)
        if (strcmp(s[i].state, "same") != 0)
            return (struct misfit){"a link that flaps cannot be set up or down", "state",
                                   "schedule", i};
    return is_zero(&flap->up) || is_zero(&flap->down)
               ? (struct misfit){"flapping needs times above 0s", .key = "flap"}
               : (struct misfit){0};
}

static void apply(struct link *l, const struct link_step *step)
{
    if (strcmp(step->state, "same") != 0)
        link_set_up(l, strcmp(step->state, "up") == 0);
    if (step->rate_bps != 0)
        link_set_rate(l, step->rate_bps);
    if (step->delay.variant != NULL)
        link_set_delay(l, &step->delay);
    if (step->loss.variant != NULL)
        link_set_loss(l, &step->loss);
}

static void on_step(struct sim *sim, struct event *e)
{
    struct schedule *s = CONTAINER_OF(e, struct schedule, step);
    while (s->next < s->n && s->steps[s->next].at <= sim->now)
        apply(s->link, &s->steps[s->next++]);
    if (s->next < s->n)
        event_at(sim, e, s->steps[s->next].at);
}

/* At least 1 ns, so that time goes on. After `never` there is no turn. */
static sim_time next_turn_at(struct schedule *s, const struct key_variant *wait)
{
    return time_add(s->link->sim->now, time_max(1, dist_draw(wait, &s->rng)));
}

static void on_turn(struct sim *sim, struct event *e)
{
    struct schedule *s = CONTAINER_OF(e, struct schedule, turn);
    const bool up = !s->link->is_up;
    link_set_up(s->link, up);
    event_at(sim, e, next_turn_at(s, up ? &s->flap.up : &s->flap.down));
}

void schedule_new(struct link *l, const char *name, const struct key_list *steps,
                  const struct flap_params *flap)
{
    struct sim *sim = l->sim;
    struct schedule *s = sim_alloc(sim, sizeof(*s));
    char stream[sizeof(((struct subject *)0)->name) + 24];
    snprintf(stream, sizeof(stream), "%s/flap", name);
    *s =
        (struct schedule){.link = l, .n = steps->n, .flap = *flap, .rng = sim_rng(sim, stream)};
    event_init(sim, &s->step, EV_WORLD, l->subject, on_step);
    event_init(sim, &s->turn, EV_WORLD, l->subject, on_turn);
    if (steps->n > 0) {
        const size_t bytes = (size_t)steps->n * sizeof(*s->steps);
        s->steps = memcpy(sim_alloc(sim, bytes), steps->items, bytes);
        event_at(sim, &s->step, s->steps[0].at);
    }
    if (flap->up.variant != NULL)
        event_at(sim, &s->turn, next_turn_at(s, &flap->up));
}
