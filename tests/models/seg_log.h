/* SPDX-License-Identifier: GPL-3.0-or-later
 * seg_log.h -- a listener that writes the segment records down as text: "drop2@11(fault:f)
 * recv3@12.5", times in ms. Sends are left out. It reads the records by their rows only, as the
 * recorder does.
 */
#pragma once
#include "models/link.h"
#include "tests/check.h"

struct seg_log {
    struct listener listener; /* first */
    size_t used;
    char text[4096];
};

static inline const void *rec_get(const struct rec_type *type, const void *rec,
                                  const char *field)
{
    for (uint32_t i = 0; i < type->n_fields; i++)
        if (strcmp(type->fields[i].name, field) == 0)
            return (const char *)rec + type->fields[i].offset;
    print_error("no field %s in records of type %s\n", field, type->name);
    fail();
    return NULL;
}

static inline void seg_log_emit(struct listener *self, sim_time now,
                                const struct rec_type *type, const void *rec)
{
    struct seg_log *log = CONTAINER_OF(self, struct seg_log, listener);
    if (type != &REC_TYPE_SEGMENT)
        return;
    const char *event = *(const char *const *)rec_get(type, rec, "event");
    const char *cause = *(const char *const *)rec_get(type, rec, "cause");
    const uint32_t packet = *(const uint32_t *)rec_get(type, rec, "packet");
    const uint32_t parent = *(const uint32_t *)rec_get(type, rec, "parent");
    if (strcmp(event, "send") == 0)
        return;
    char of[16] = "";
    if (strcmp(event, "dup") == 0)
        snprintf(of, sizeof(of), "<%u", parent);
    log->used += (size_t)snprintf(log->text + log->used, sizeof(log->text) - log->used,
                                  "%s%s%u%s@%.15g%s%s%s", log->used == 0 ? "" : " ", event,
                                  packet, of, (double)now / 1e6, cause == NULL ? "" : "(",
                                  cause == NULL ? "" : cause, cause == NULL ? "" : ")");
    assert_true(log->used < sizeof(log->text));
}

static inline struct seg_log seg_log_new(void)
{
    return (struct seg_log){.listener = {seg_log_emit, REC_SEGMENT}};
}

/* Packets that are in the link by its books, its faults' hands included; link_inside counts
 * them. */
static inline int64_t link_books(const struct link *l)
{
    return l->n_sent + l->n_copies + l->n_carried - l->n_delivered - l->n_lost -
           l->n_queue_drops - l->n_fault_drops - l->n_down_drops - l->n_lifetime_drops -
           l->n_ended;
}
