/* SPDX-License-Identifier: GPL-3.0-or-later
 * digest.c -- what a record says goes into the hash, not where it lies: texts by content.
 */
#include <string.h>

#include "sim/sim.h"

static uint64_t load_u32(const void *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof(v));
    return v;
}

static uint64_t load_u64(const void *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof(v));
    return v;
}

static uint64_t hash_text(const void *p)
{
    const char *text = *(const char *const *)p;
    return text == NULL ? 0 : mix64(1, hash64(text));
}

static uint64_t hash_rec_bytes(const void *p)
{
    const struct rec_bytes *b = p;
    uint64_t h = b->len;
    for (uint32_t i = 0; i < b->len; i++)
        h = mix64(h, b->data[i]);
    return h;
}

static uint64_t hash_addr(const void *p)
{
    const ip_addr *a = p;
    return (uint64_t)a->prefix << 32 | a->low;
}

/* clang-format off */
static uint64_t (*const HASH_OF[])(const void *field) = {
    [REC_I64] = load_u64,   [REC_U64] = load_u64,   [REC_U32] = load_u32,
    [REC_ADDR] = hash_addr, [REC_TEXT] = hash_text, [REC_BYTES] = hash_rec_bytes,
    [REC_SUBJECT] = load_u32,
};
/* clang-format on */

static void digest_emit(struct listener *self, sim_time now, const struct rec_type *type,
                        const void *rec)
{
    struct digest *d = CONTAINER_OF(self, struct digest, listener);
    uint64_t h = mix64(mix64(d->hash, (uint64_t)now), hash64(type->name));
    for (const struct rec_field *f = type->fields; f < type->fields + type->n_fields; f++)
        h = mix64(h, HASH_OF[f->kind]((const char *)rec + f->offset));
    d->hash = h;
    d->n_records++;
}

void digest_init(struct digest *d, uint32_t levels)
{
    *d = (struct digest){.listener = {.emit = digest_emit, .levels = levels}};
}
