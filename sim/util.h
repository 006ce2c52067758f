/* SPDX-License-Identifier: GPL-3.0-or-later
 * util.h -- the few things that C lacks.
 */
#pragma once
#include <stddef.h>

#define ARRAY_LEN(a)                  (sizeof(a) / sizeof((a)[0]))
#define CONTAINER_OF(p, type, member) ((type *)((char *)(p)-offsetof(type, member)))
#define PRINTF_LIKE(fmt, args)        __attribute__((format(printf, fmt, args)))
