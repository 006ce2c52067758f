/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/slots.h"

#include "sim/arena.h"

enum { WORD_BITS = 64 };

static uint32_t new_number(struct slots *s, struct arena *a)
{
    uint32_t word = s->n / WORD_BITS;
    for (int k = 0; k < SLOT_LEVELS; k++, word /= WORD_BITS)
        s->is_free[k] = arena_grow(a, s->is_free[k], &s->cap[k], word + 1, sizeof(uint64_t));
    return s->n++;
}

uint32_t slots_take(struct slots *s, struct arena *a)
{
    if (s->n == 0 || s->is_free[SLOT_LEVELS - 1][0] == 0)
        return new_number(s, a);
    uint32_t number = 0;
    for (int k = SLOT_LEVELS - 1; k >= 0; k--)
        number = number * WORD_BITS + (uint32_t)__builtin_ctzll(s->is_free[k][number]);
    uint32_t bit = number;
    for (int k = 0; k < SLOT_LEVELS; k++, bit /= WORD_BITS)
        if ((s->is_free[k][bit / WORD_BITS] &= ~(UINT64_C(1) << bit % WORD_BITS)) != 0)
            break;
    return number;
}

void slots_give(struct slots *s, uint32_t number)
{
    for (int k = 0; k < SLOT_LEVELS; k++, number /= WORD_BITS)
        s->is_free[k][number / WORD_BITS] |= UINT64_C(1) << number % WORD_BITS;
}
