/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/record.h"

#include "sim/sim.h"

static const struct rec_field EVENT_FIELDS[] = {
    {"subject", REC_SUBJECT, offsetof(struct rec_event, subject), "whom it happened to"},
    {"conn", REC_U32, offsetof(struct rec_event, conn), "connection number, 0: none"},
    {"kind", REC_TEXT, offsetof(struct rec_event, kind), "what happened"},
    {"detail", REC_TEXT, offsetof(struct rec_event, detail), "more about it, or NULL"},
};
const struct rec_type REC_TYPE_EVENT = {"event",
                                        "a thing that happened and has no table of its own",
                                        EVENT_FIELDS, ARRAY_LEN(EVENT_FIELDS), REC_LIFE};

static const struct rec_field SAMPLE_FIELDS[] = {
    {"subject", REC_SUBJECT, offsetof(struct rec_sample, subject), "whose quantity it is"},
    {"name", REC_TEXT, offsetof(struct rec_sample, name), "the quantity"},
    {"value", REC_I64, offsetof(struct rec_sample, value), "in the quantity's stored unit"},
};
const struct rec_type REC_TYPE_SAMPLE = {"sample", "a quantity that changes over time",
                                         SAMPLE_FIELDS, ARRAY_LEN(SAMPLE_FIELDS), REC_SAMPLE};

void sim_listen(struct sim *sim, struct listener *listener)
{
    sim->listener = listener;
    sim->levels = listener == NULL ? 0 : listener->levels;
}

void sim_event(struct sim *sim, uint32_t subject, uint32_t conn, const char *kind,
               const char *detail)
{
    if (sim_listens(sim, REC_LIFE))
        sim_emit(sim, &REC_TYPE_EVENT,
                 &(struct rec_event){
                     .subject = subject, .conn = conn, .kind = kind, .detail = detail});
}
