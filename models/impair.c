/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/impair.h"

#include <stdio.h>

#include "models/link.h"

bool impair_is_none(const struct link_params *params)
{
    return !link_params_vary(params) && loss_is_none(&params->loss) && params->duplicate == 0 &&
           params->corrupt == 0;
}

static struct rng stream(const struct sim *sim, const char *name, const char *kind)
{
    char full[sizeof(((struct subject *)0)->name) + 32];
    snprintf(full, sizeof(full), "%s/%s", name, kind);
    return sim_rng(sim, full);
}

/* A schedule may bring loss or jitter later; the draws before it count, so that when it comes
 * is no matter to what a packet draws. */
void impair_init(struct impair *im, const struct sim *sim, const char *name,
                 const struct link_params *params)
{
    *im = (struct impair){
        .delay = params->delay,
        .delay_correlation = params->delay_correlation,
        .draws_loss = !loss_is_none(&params->loss) || params->schedule.n > 0,
        .draws_delay = !dist_is_constant(&params->delay) || params->schedule.n > 0,
        .duplicate = params->duplicate,
        .corrupt = params->corrupt,
        .reorder = params->reorder,
        .delay_rng = stream(sim, name, "delay"),
        .duplicate_rng = stream(sim, name, "duplicate"),
        .corrupt_rng = stream(sim, name, "corrupt"),
        .reorder_rng = stream(sim, name, "reorder"),
    };
    loss_init(&im->loss, sim, name, &params->loss);
}

static bool chance(struct rng *r, int64_t p)
{
    return p > 0 && (int64_t)rng_below(r, FRACTION_ONE) < p;
}

static bool leaves_its_place(struct impair *im)
{
    const bool drawn = chance(&im->reorder_rng, im->reorder.probability);
    const bool leaves = drawn && im->n_in_place >= im->reorder.gap - 1;
    im->n_in_place = leaves ? 0 : im->n_in_place + 1;
    return leaves;
}

static sim_time draw_delay(struct impair *im)
{
    if (!im->draws_delay)
        return dist_mean(&im->delay);
    if (im->delay_correlation > 0)
        return dist_draw_next(&im->delay, &im->delay_rng, im->delay_correlation, &im->chain);
    return dist_draw(&im->delay, &im->delay_rng);
}

struct luck impair_draw(struct impair *im)
{
    struct luck luck = {
        .lost = im->draws_loss && loss_strikes(&im->loss),
        .corrupt = chance(&im->corrupt_rng, im->corrupt),
        .doubled = chance(&im->duplicate_rng, im->duplicate),
        .moved = leaves_its_place(im),
        .delay = draw_delay(im),
    };
    if (luck.moved)
        luck.delay = im->reorder.delay == 0 ? 0 : luck.delay + im->reorder.delay;
    return luck;
}
