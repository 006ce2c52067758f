/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drill/suite.h"

#include <string.h>

/* run_all.py and ksft_runner.sh; a runner's defines are stronger than the script's own. */
static const struct {
    const char *word, *ipv4, *ipv6;
} ROWS[DRILL_SUITE_DEFINES] = {
    {"TFO_COOKIE", "3021b9d889017eeb", "c1d1e9742a47a9bc"},
    {"TFO_COOKIE_ZERO", "b7c12350a90dc8f5", "82af1a8f9a205c34"}, /* of a key of zeros */
    {"CODE", "host_unreachable", "address_unreachable"},
    {"CMSG_LEVEL_IP", "SOL_IP", "SOL_IPV6"},
    {"CMSG_TYPE_RECVERR", "IP_RECVERR", "IPV6_RECVERR"},
};

static bool is_ipv6(const struct drill_options *o)
{
    bool ipv6 = false;
    for (int i = 0; i < o->n_settings; i++)
        if (strcmp(o->settings[i].name, "ip_version") == 0)
            ipv6 = o->settings[i].value != NULL && strcmp(o->settings[i].value, "ipv6") == 0;
    return ipv6;
}

void drill_suite_defines(const struct drill_options *o,
                         struct drill_define out[DRILL_SUITE_DEFINES])
{
    const bool ipv6 = is_ipv6(o);
    for (int i = 0; i < DRILL_SUITE_DEFINES; i++)
        out[i] = (struct drill_define){ROWS[i].word, ipv6 ? ROWS[i].ipv6 : ROWS[i].ipv4};
}
