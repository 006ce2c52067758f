/* SPDX-License-Identifier: GPL-3.0-or-later
 * slots.h -- small numbers for things that come and go: always the lowest free one.
 *
 * The lowest, because numbers then depend on who is alive and not on the order in which others
 * left: what is taken in a row is in ascending order. A tree of bits finds it in a step a
 * level.
 */
#pragma once
#include <stdint.h>

struct arena;

enum { SLOT_LEVELS = 5 }; /* 64^5 numbers */

struct slots {
    uint32_t n;                     /* numbers below n have been taken at some time */
    uint32_t cap[SLOT_LEVELS];      /* words */
    uint64_t *is_free[SLOT_LEVELS]; /* level 0: bit s; above: word w below is not 0 */
};

uint32_t slots_take(struct slots *s, struct arena *a);
/* Gives back a number that was taken. */
void slots_give(struct slots *s, uint32_t number);
