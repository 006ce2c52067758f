/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/packet.h"

#include <string.h>

#include "sim/sim.h"

/* A list of their own, not the arena's: the way is hot, and the size is known here. */
static struct packet *take_packet(struct sim *sim)
{
    struct packet *p = sim->free_packets;
    if (p == NULL)
        return sim_alloc(sim, sizeof(*p));
    arena_show(p, sizeof(*p));
    sim->free_packets = p->next;
    return p;
}

/* By whole lines: a plain assignment becomes `rep stos`, slower than all else here. */
static void clear(struct packet *p)
{
    typedef uint64_t line __attribute__((vector_size(64), may_alias));
    ((line *)p)[0] = (line){0};
    ((line *)p)[1] = (line){0};
}

struct packet *packet_new(struct sim *sim, uint32_t bytes)
{
    struct packet *p = take_packet(sim);
    clear(p);
    p->born_at = sim->now;
    p->bytes = bytes;
    p->id = ++sim->last_packet_id;
    sim->live_packets++;
    return p;
}

struct packet *packet_copy(struct sim *sim, const struct packet *p)
{
    struct packet *copy = take_packet(sim);
    *copy = *p;
    copy->next = NULL;
    copy->id = ++sim->last_packet_id;
    copy->parent = p->id;
    copy->options = 0;
    sim->live_packets++;
    if (p->options != 0) {
        uint8_t options[BLOCK_BYTES];
        memcpy(options, packet_options(sim, p), p->options_len);
        packet_set_options(sim, copy, options, p->options_len);
    }
    return copy;
}

/* Block 0 stands for none; free ones are linked by index through their first bytes. */
static uint32_t take_option_block(struct sim *sim)
{
    const uint32_t block = sim->free_option_block;
    if (block != 0) {
        memcpy(&sim->free_option_block, sim->option_blocks[block], sizeof(uint32_t));
        return block;
    }
    const uint32_t fresh = ++sim->n_option_blocks;
    sim->option_blocks = arena_grow(&sim->arena, sim->option_blocks, &sim->cap_option_blocks,
                                    fresh + 1, BLOCK_BYTES);
    return fresh;
}

static void free_options(struct sim *sim, struct packet *p)
{
    if (p->options == 0)
        return;
    memcpy(sim->option_blocks[p->options], &sim->free_option_block, sizeof(uint32_t));
    sim->free_option_block = p->options;
    p->options = 0;
}

void packet_free(struct sim *sim, struct packet *p)
{
    sim_assert(sim, sim->live_packets > 0);
    free_options(sim, p);
    p->next = sim->free_packets;
    sim->free_packets = p;
    sim->live_packets--;
    arena_hide(p, sizeof(*p));
}

void packet_set_options(struct sim *sim, struct packet *p, const uint8_t *bytes, uint8_t len)
{
    sim_assert(sim, len <= BLOCK_BYTES);
    p->options_len = len;
    if (len == 0) {
        free_options(sim, p);
        return;
    }
    if (p->options == 0)
        p->options = take_option_block(sim);
    memcpy(sim->option_blocks[p->options], bytes, len);
}

const uint8_t *packet_options(const struct sim *sim, const struct packet *p)
{
    return p->options == 0 ? NULL : sim->option_blocks[p->options];
}
