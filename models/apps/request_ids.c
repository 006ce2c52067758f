/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/apps/request_ids.h"

#include <string.h>

enum { FIRST_STREAMS = 16 };

static void grow(struct request_ids *ids, struct sim *sim, uint32_t stream)
{
    const struct request_ids old = *ids;

    ids->n_streams = old.n_streams > 0 ? old.n_streams : FIRST_STREAMS;
    while (ids->n_streams <= stream)
        ids->n_streams *= 2;
    ids->n_known = sim_alloc(sim, ids->n_streams * sizeof *ids->n_known);
    if (old.n_streams > 0)
        memcpy(ids->n_known, old.n_known, old.n_streams * sizeof *old.n_known);
    sim_release(sim, old.n_known, old.n_streams * sizeof *old.n_known);
}

/* The requests of a stream come in their order, each copy of it from the first on. */
bool request_id_is_new(struct request_ids *ids, struct sim *sim, uint32_t stream, int64_t rank)
{
    if (stream == 0)
        return true;
    if (stream >= ids->n_streams)
        grow(ids, sim, stream);
    if (rank < ids->n_known[stream])
        return false;
    ids->n_known[stream]++;
    return true;
}
