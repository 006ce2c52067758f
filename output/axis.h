/* SPDX-License-Identifier: GPL-3.0-or-later
 * axis.h -- numbers to pixels: a range that ends at round numbers, ticks that read well, units
 * of a fitting size.
 *
 *   stored integer --measure--> 12.5 ms --axis_at--> pixel
 */
#pragma once
#include "sim/units.h"
#include <stdbool.h>

enum { AXIS_TICKS = 64, TICK_TEXT = 64, AXIS_ZERO_ROOM = 40 };

/* The unit in which numbers are told: shown = SI number * factor. */
struct measure {
    double factor;
    const char *name; /* "ms"; "" for counts */
};

/* The largest unit in which `most`, an SI number, is at least 1. */
struct measure measure_choose(enum unit unit, double most);

/* What `base` (the unit column of the metric view) stands for; counts when it is empty. */
enum unit unit_of_base(const char *base);

/* "name (unit)", or that of the two which is not "". */
void measure_title(const char *name, const struct measure *m, char *buf, size_t size);

/* A quantity's text ("20ms", "1.25%", "3.5", also with more digits than a stored integer has)
 * as an SI number; *unit is set. NAN for anything else, `never` among it. */
double quantity_parse(const char *text, enum unit *unit);

enum axis_scale { SCALE_LINEAR, SCALE_LOG, SCALE_NAMES };

struct tick {
    double at;
    char text[TICK_TEXT]; /* "": a small tick */
};

struct axis {
    enum axis_scale scale;
    double low, high; /* the range; names stand at 0, 1, ... */
    double from, to;  /* their pixels, set by whoever draws */
    bool has_zero;    /* a logarithmic one with a place for 0 at its beginning */
    struct tick ticks[AXIS_TICKS];
    int n_ticks;
};

/* An axis for values from low to high, with at most n_most ticks. One that would begin near 0
 * begins there. */
void axis_linear(struct axis *a, double low, double high, int n_most);

/* Cuts the range to low..high, which lie in it; ticks outside are gone. */
void axis_trim(struct axis *a, double low, double high);

/* Leaves the ticks at whole numbers, where only those can be: there is no half a connection. */
void axis_whole(struct axis *a);

/* axis_linear for positive values on a logarithmic scale; ticks are powers of ten, and 2 and 5
 * times those when there are few. */
void axis_log(struct axis *a, double low, double high);

/* Gives a logarithmic axis a place for 0, AXIS_ZERO_ROOM pixels before its lowest value. */
void axis_add_zero(struct axis *a);

/* One place for each of names[0..n), n <= AXIS_TICKS. */
void axis_names(struct axis *a, const char *const *names, int n);

double axis_at(const struct axis *a, double value);
