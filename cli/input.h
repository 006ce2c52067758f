/* SPDX-License-Identifier: GPL-3.0-or-later
 * input.h -- FILE.db or EXP.yaml, whichever it is: what trace and ss look at.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* Whether the file begins as an SQLite database does. */
bool input_is_database(const char *path);

/* The number of an option that takes one, from 1. -1: text is none. */
int64_t input_number(const char *text);
