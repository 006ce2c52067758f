/* SPDX-License-Identifier: GPL-3.0-or-later
 * assert.h -- our own bug: stop at once, tell the simulated time and the event.
 *
 * sim_assert stays on in every build: a simulator that goes on after a broken invariant prints
 * wrong numbers.
 */
#pragma once

struct sim;

/* Prints file:line, the condition, the simulated time and the event under way to stderr, then
 * abort(). sim may be NULL. */
_Noreturn void sim_assert_fail(const struct sim *sim, const char *cond, const char *file,
                               int line);

#define sim_assert(sim, cond)                                                                  \
    (__builtin_expect(!!(cond), 1) ? (void)0                                                   \
                                   : sim_assert_fail((sim), #cond, __FILE__, __LINE__))
