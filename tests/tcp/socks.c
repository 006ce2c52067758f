/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/tcp/socks.h"

static struct tcp_account account;
const struct tcp_addr ANY = {{0, 0}, 0};

static void ignore(struct tcp_user *user, struct tcp *t, uint32_t bits) {}

void plug_new(struct plug *k, struct tcp_stack *s)
{
    tcp_account_init(&account, 0);
    *k = (struct plug){.user = {.on_event = ignore, .account = &account}};
    tcp_sock_init(&k->sock, s);
}

void pair_run(struct pair *p, int ms)
{
    sim_run_until(p->sim, p->sim->now + MS(ms));
}
