/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/schema.h"

#include <math.h>
#include <string.h>

#include "sim/time.h"

struct value metric_value(const struct sim *sim, const struct metric *m, const void *subject)
{
    if (m->get != NULL)
        return m->get(sim, subject, m);
    int64_t stored;
    memcpy(&stored, (const char *)subject + m->offset, sizeof(stored));
    if (stored == SIM_NEVER)
        return (struct value){.kind = VALUE_NONE};
    return (struct value){.kind = VALUE_INT, .num = stored};
}

/* A scale below 1 is 1 / 10^n, and 10^n is exact: divide, so that 20000000 ns are 0.02 s. */
static double scaled(double x, double scale)
{
    return scale < 1 ? x / rint(1 / scale) : x * scale;
}

double value_number(const struct value *v, enum unit unit)
{
    if (v->kind == VALUE_INT)
        return scaled((double)v->num, units[unit].scale);
    if (v->kind == VALUE_RATIO)
        return scaled((double)v->num / (double)v->den, units[unit].scale);
    return NAN;
}
