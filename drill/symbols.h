/* SPDX-License-Identifier: GPL-3.0-or-later
 * symbols.h -- the names that a script may write for numbers: errno, flags, options, commands.
 *
 * The values are those of Linux; scripts compare them only with each other.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* True and the value when name is a known constant. */
bool drill_symbol(const char *name, int64_t *value);

/* "EAGAIN"; "0" for 0 and "?" for a number without a name. */
const char *drill_errno_name(int number);
