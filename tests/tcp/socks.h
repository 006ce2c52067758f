/* SPDX-License-Identifier: GPL-3.0-or-later
 * socks.h -- sockets over the two stacks of pair.h, each with a user that forgets what it is
 * told: what a call gives is all that is looked at.
 */
#pragma once
#include "models/tcp/sock.h"
#include "tests/tcp/pair.h"

struct plug {
    struct tcp_sock sock;
    struct tcp_user user;
};

/* As socket(). */
void plug_new(struct plug *k, struct tcp_stack *s);

/* Everything that happens in the next so many ms. */
void pair_run(struct pair *p, int ms);

extern const struct tcp_addr ANY;
