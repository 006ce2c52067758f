/* SPDX-License-Identifier: GPL-3.0-or-later
 * suite.h -- what the runners of the public suites for Linux define before each script: cookies
 * of Fast Open for their addresses and key, and names that differ between IPv4 and IPv6.
 */
#pragma once
#include "drill/run.h"

enum { DRILL_SUITE_DEFINES = 5 };

/* Fills out with the rows for the version of IP that the settings of the command line name. */
void drill_suite_defines(const struct drill_options *o,
                         struct drill_define out[DRILL_SUITE_DEFINES]);
