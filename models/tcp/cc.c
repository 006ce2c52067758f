/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/tcp/cc.h"

#include <string.h>

#include "models/tcp/endpoint.h"

static uint32_t no_limit(const struct tcp *t)
{
    return UINT32_MAX;
}

static const struct tcp_cc NONE = {
    .name = "none", .help = "the receiver's window alone", .window = no_limit};

static const struct tcp_cc *const registry[] = {&NONE, &TCP_CC_RENO, NULL};

const struct choice TCP_CC_CHOICES[] = {
    {"none", "the receiver's window alone"},
    {"reno", "slow start and congestion avoidance, RFC 5681, with NewReno, RFC 6582"},
    {NULL, NULL},
};

const struct tcp_cc *tcp_cc_find(const char *name)
{
    const struct tcp_cc *const *c = registry;
    while (*c != NULL && strcmp((*c)->name, name) != 0)
        c++;
    return *c;
}

void tcp_cc_choose(struct tcp *t, const struct tcp_cc *cc)
{
    const bool begins = t->cc_begun && t->cc->init == NULL && cc->init != NULL;
    tcp_sockopts_own(t)->cc = t->cc = cc;
    if (begins)
        cc->init(t);
    if (cc->on_loss == NULL) { /* nobody is left to end it */
        t->rtx.fast = t->rtx.sacking = false;
        t->rtx.n_dupacks = 0;
    }
}
