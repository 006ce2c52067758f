/* SPDX-License-Identifier: GPL-3.0-or-later
 * usage.h -- the CPU time that this process has spent in user mode, in seconds.
 */
#pragma once
#include <sys/resource.h>

static inline double user_seconds()
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return u.ru_utime.tv_sec + u.ru_utime.tv_usec * 1e-6;
}
