/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/apps/close_rule.h"

#include "sim/assert.h"
#include "sim/util.h"

#include <stddef.h>
#include <string.h>

static const char *const NAMES[] = {
    [CLOSE_NEVER] = "never",
    [CLOSE_AT_ONCE] = "at-once",
    [CLOSE_AFTER_SEND] = "after-send",
    [CLOSE_AFTER_ACK] = "after-ack",
    [CLOSE_AFTER_REPLY] = "after-reply",
    [CLOSE_AFTER_EOF] = "after-eof",
};

enum close_rule close_rule_of(const char *name)
{
    size_t i = 0;
    while (i < ARRAY_LEN(NAMES) && strcmp(NAMES[i], name) != 0)
        i++;
    sim_assert(NULL,
               i < ARRAY_LEN(NAMES)); /* the config has checked it against the kind's choices */
    return (enum close_rule)i;
}
