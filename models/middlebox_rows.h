/* SPDX-License-Identifier: GPL-3.0-or-later
 * middlebox_rows.h -- the parameters of middleboxes; for the files that implement them, and
 * their tests.
 */
#pragma once
#include "models/middlebox.h"

struct ingress_filter_params {
    int64_t chance;          /* in FRACTION_ONE parts */
    struct key_list sources; /* of struct key_address; n 0: those with a route */
};

/* Of firewall and nat. */
struct firewall_params {
    struct key_list inside; /* of struct key_address */
    sim_time timeout, opening_timeout, closing_timeout;
    int64_t entries;
    const char *unknown; /* "drop", "reset", "prohibited" or "port-unreachable" */
    const char *begins;  /* "inside" or "anybody"; nat: not given */
};

/* Of both syn-proxies. */
struct syn_proxy_params {
    struct key_list servers; /* of struct key_address */
    sim_time timeout, opening_timeout, closing_timeout;
    int64_t entries;
    int64_t mss; /* that it announces in the server's place */
};
_Static_assert(sizeof(struct firewall_params) <= VARIANT_BYTES &&
                   sizeof(struct syn_proxy_params) <= VARIANT_BYTES,
               "parameters fit beside their variant");
