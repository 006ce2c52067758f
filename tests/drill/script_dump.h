/* SPDX-License-Identifier: GPL-3.0-or-later
 * script_dump.h -- a parsed packet script as one line an event, for tests to compare.
 *
 *   +10000000 in tcp flags=0x12 0:0(0) ack=1 win=5 <mss=1460 nop>
 *   5000000..6000000 call read(3,...,100) = -1 error=EAGAIN
 *
 * Times in ns, flags as the bits of the header, fields only where the script gave them.
 */
#pragma once
#include <stdio.h>

#include "drill/script.h"

void script_dump(const struct drill_script *s, FILE *out);
