/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/loss.h"

#include <stdio.h>
#include <string.h>

/* ---- parameters; probabilities in FRACTION_ONE parts */

struct bernoulli {
    int64_t p;
};
struct gilbert_elliott {
    int64_t p, r, h, k;
};
struct markov {
    int64_t p13, p31, p32, p23, p14;
};
struct periodic {
    int64_t every, offset;
};
struct listed {
    struct key_list packets; /* of int64_t, ascending */
};

#define SHARE(field_name, at, default_value, help_text)                                        \
    {                                                                                          \
        .name = (field_name), .kind = KEY_QUANTITY, .offset = (at),                            \
        .default_text = (default_value), .unit = UNIT_FRACTION, .max = FRACTION_ONE,           \
        .help = (help_text)                                                                    \
    }

static const struct key BERNOULLI_KEYS[] = {
    SHARE("p", offsetof(struct bernoulli, p), NULL,
          "each packet is lost with this probability"),
    {0},
};
static const struct key GILBERT_ELLIOTT_KEYS[] = {
    SHARE("p", offsetof(struct gilbert_elliott, p), NULL, "from good to bad, a packet"),
    SHARE("r", offsetof(struct gilbert_elliott, r), NULL, "from bad to good, a packet"),
    SHARE("h", offsetof(struct gilbert_elliott, h), "0%", "arrives in bad"),
    SHARE("k", offsetof(struct gilbert_elliott, k), "100%", "arrives in good"),
    {0},
};
static const struct key MARKOV_KEYS[] = {
    SHARE("p13", offsetof(struct markov, p13), NULL, "a burst of losses begins"),
    SHARE("p31", offsetof(struct markov, p31), NULL, "a burst ends"),
    SHARE("p32", offsetof(struct markov, p32), "0%", "within a burst packets arrive again"),
    SHARE("p23", offsetof(struct markov, p23), "100%", "within a burst packets are lost again"),
    SHARE("p14", offsetof(struct markov, p14), "0%", "one packet is lost alone"),
    {0},
};
static const struct key PERIODIC_KEYS[] = {
    {
        .name = "every",
        .kind = KEY_QUANTITY,
        .offset = offsetof(struct periodic, every),
        .default_text = NULL,
        .unit = UNIT_COUNT,
        .min = 1,
        .max = INT64_MAX - 1,
        .help = "100: the 100th, the 200th, ... packet is lost",
    },
    {
        .name = "offset",
        .kind = KEY_QUANTITY,
        .offset = offsetof(struct periodic, offset),
        .default_text = "0",
        .unit = UNIT_COUNT,
        .max = INT64_MAX - 1,
        .help = "packets that pass before the counting begins",
    },
    {0},
};
static const struct key LIST_KEYS[] = {
    {
        .name = "packets",
        .kind = KEY_QUANTITIES,
        .offset = offsetof(struct listed, packets),
        .default_text = NULL,
        .unit = UNIT_COUNT,
        .min = 1,
        .max = INT64_MAX - 1,
        .help = "which packets are lost, from 1 in the order in which they are sent, ascending",
    },
    {0},
};

/* ---- what does not go together */

static struct misfit check_markov(const void *params)
{
    const struct markov *m = params;
    if (m->p13 + m->p14 > FRACTION_ONE)
        return (struct misfit){"p13 and p14 exclude each other: at most 100% together",
                               .key = "p14"};
    if (m->p31 + m->p32 > FRACTION_ONE)
        return (struct misfit){"p31 and p32 exclude each other: at most 100% together",
                               .key = "p32"};
    return (struct misfit){0};
}

static struct misfit check_list(const void *params)
{
    const struct listed *l = params;
    const int64_t *packets = l->packets.items;
    for (int i = 1; i < l->packets.n; i++)
        if (packets[i - 1] >= packets[i])
            return (struct misfit){"the numbers must ascend", .key = "packets"};
    return (struct misfit){0};
}

/* ---- a packet's fate */

static bool chance(struct rng *r, int64_t p)
{
    return (int64_t)rng_below(r, FRACTION_ONE) < p;
}

static bool bernoulli_strikes(struct loss *s, const void *params)
{
    return chance(&s->fate, ((const struct bernoulli *)params)->p);
}

static bool gilbert_elliott_strikes(struct loss *s, const void *params)
{
    const struct gilbert_elliott *g = params;
    const bool is_bad = s->state == 1;
    const bool lost = !chance(&s->fate, is_bad ? g->h : g->k);
    if (chance(&s->change, is_bad ? g->r : g->p))
        s->state = !is_bad;
    return lost;
}

static bool markov_strikes(struct loss *s, const void *params)
{
    enum { GAP, WITHIN, BURST, ALONE };
    const struct markov *m = params;
    /* from a state: to the first with probability p, else to the second with q, else stay */
    const struct {
        int64_t p, q;
        int first, second;
    } from[] = {
        [GAP] = {m->p14, m->p13, ALONE, BURST},
        [WITHIN] = {m->p23, 0, BURST, BURST},
        [BURST] = {m->p32, m->p31, WITHIN, GAP},
        [ALONE] = {FRACTION_ONE, 0, GAP, GAP},
    };
    const int64_t u = (int64_t)rng_below(&s->change, FRACTION_ONE);
    if (u < from[s->state].p)
        s->state = from[s->state].first;
    else if (u < from[s->state].p + from[s->state].q)
        s->state = from[s->state].second;
    return s->state == BURST || s->state == ALONE;
}

static bool periodic_strikes(struct loss *s, const void *params)
{
    const struct periodic *p = params;
    return s->n > p->offset && (s->n - p->offset) % p->every == 0;
}

/* state: how many of the list have been passed. */
static bool list_strikes(struct loss *s, const void *params)
{
    const struct listed *l = params;
    const int64_t *packets = l->packets.items;
    if (s->state == l->packets.n || packets[s->state] != s->n)
        return false;
    s->state++;
    return true;
}

/* ---- the registry */

enum { BERNOULLI, GILBERT_ELLIOTT, MARKOV, PERIODIC, LIST, N_MODELS };

/* clang-format off */
const struct variant LOSS_MODELS[] = {
    [BERNOULLI]       = {"bernoulli", "each packet independently", BERNOULLI_KEYS},
    [GILBERT_ELLIOTT] = {"gilbert-elliott", "bursts: a good state and a bad one", GILBERT_ELLIOTT_KEYS},
    [MARKOV]          = {"markov", "tc-netem's four states", MARKOV_KEYS, check_markov},
    [PERIODIC]        = {"periodic", "every n-th packet", PERIODIC_KEYS},
    [LIST]            = {"list", "exactly these packets", LIST_KEYS, check_list},
    [N_MODELS]        = {NULL, NULL, NULL},
};

static bool (*const STRIKES[N_MODELS])(struct loss *s, const void *params) = {
    [BERNOULLI]       = bernoulli_strikes,
    [GILBERT_ELLIOTT] = gilbert_elliott_strikes,
    [MARKOV]          = markov_strikes,
    [PERIODIC]        = periodic_strikes,
    [LIST]            = list_strikes,
};
/* clang-format on */

struct key_variant loss_bernoulli(int64_t p)
{
    struct key_variant model = {.variant = &LOSS_MODELS[BERNOULLI]};
    memcpy(model.params, &(struct bernoulli){p}, sizeof(struct bernoulli));
    return model;
}

bool loss_is_none(const struct key_variant *model)
{
    static const struct bernoulli NEVER;
    return model->variant == NULL || (model->variant == &LOSS_MODELS[BERNOULLI] &&
                                      memcmp(model->params, &NEVER, sizeof(NEVER)) == 0);
}

void loss_init(struct loss *s, const struct sim *sim, const char *name,
               const struct key_variant *model)
{
    char stream[sizeof(((struct subject *)0)->name) + 24];
    snprintf(stream, sizeof(stream), "%s/loss", name);
    s->fate = sim_rng(sim, stream);
    snprintf(stream, sizeof(stream), "%s/loss-state", name);
    s->change = sim_rng(sim, stream);
    loss_set(s, model);
}

void loss_set(struct loss *s, const struct key_variant *model)
{
    s->model = model->variant == NULL ? loss_bernoulli(0) : *model;
    s->n = 0;
    s->state = 0;
}

bool loss_strikes(struct loss *s)
{
    s->n++;
    return STRIKES[s->model.variant - LOSS_MODELS](s, s->model.params);
}
