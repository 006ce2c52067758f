/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/middlebox_rows.h"

/* clang-format off */
#define AT(field) offsetof(struct ingress_filter_params, field)
static const struct key INGRESS_FILTER_KEYS[] = {
    {"catch", KEY_QUANTITY, AT(chance), "100%", "the part of the suspects that it drops", UNIT_FRACTION, 0, FRACTION_ONE},
    {"sources", KEY_ADDRESSES, AT(sources), "", "who may send through it; left out: all to whom its router has a route"},
    {0},
};
#undef AT

static const struct choice UNKNOWN_CHOICES[] = {
    {"drop", "without a word"},
    {"reset", "answered by a reset in the receiver's name"},
    {"prohibited", "dropped, and its sender is told by ICMP: admin prohibited"},
    {"port-unreachable", "dropped, and its sender is told by ICMP: port unreachable (iptables's REJECT)"},
    {NULL, NULL},
};
static const struct choice BEGINS_CHOICES[] = {
    {"inside", "a SYN from outside is unknown"},
    {"anybody", "a SYN from either side begins a connection"},
    {NULL, NULL},
};

/* Linux's nf_conntrack_tcp_timeout_established, _syn_sent, _time_wait; RFC 5382 asks for 2 h 4 min, 4 min. */
#define TIMEOUT_ROWS \
    {"timeout", KEY_QUANTITY, AT(timeout), "432000s", "an open connection that is silent for so long is forgotten (Linux: five days; RFC 5382 REQ-5: at least 2 h 4 min)", UNIT_TIME, 1, SIM_NEVER}, \
    {"opening_timeout", KEY_QUANTITY, AT(opening_timeout), "120s", "... one that is not open yet", UNIT_TIME, 1, SIM_NEVER}, \
    {"closing_timeout", KEY_QUANTITY, AT(closing_timeout), "120s", "... one that both sides have closed, or that was reset", UNIT_TIME, 1, SIM_NEVER}, \
    {"entries", KEY_QUANTITY, AT(entries), "65536", "how many it remembers; the first packet of one more is dropped", UNIT_COUNT, 1, 1 << 24}

#define AT(field) offsetof(struct firewall_params, field)
#define FIREWALL_ROWS \
    {"inside", KEY_ADDRESSES, AT(inside), NULL, "addresses and prefixes behind it"}, \
    TIMEOUT_ROWS, \
    {"unknown", KEY_CHOICE, AT(unknown), "drop", "what becomes of a packet that belongs to no connection it remembers", .choices = UNKNOWN_CHOICES}
static const struct key FIREWALL_KEYS[] = {
    FIREWALL_ROWS,
    {"begins", KEY_CHOICE, AT(begins), "inside", "who may begin a connection", .choices = BEGINS_CHOICES},
    {0},
};
static const struct key NAT_KEYS[] = {FIREWALL_ROWS, {0}};
#undef AT

#define AT(field) offsetof(struct syn_proxy_params, field)
static const struct key SYN_PROXY_KEYS[] = {
    {"servers", KEY_ADDRESSES, AT(servers), NULL, "addresses and prefixes in whose place it shakes hands"},
    TIMEOUT_ROWS,
    {"mss", KEY_QUANTITY, AT(mss), "1460B", "the MSS that it announces to clients, and to servers in their place; over IPv6 20 bytes less", UNIT_BYTES, 1, 65495},
    {0},
};
#undef AT

static struct misfit needs_inside(const void *p)
{
    const struct firewall_params *params = p;
    if (params->inside.n == 0)
        return (struct misfit){"it has nobody behind it: give an address"};
    return (struct misfit){0};
}

static struct misfit needs_servers(const void *p)
{
    const struct syn_proxy_params *params = p;
    if (params->servers.n == 0)
        return (struct misfit){"it has no server behind it: give an address"};
    return (struct misfit){0};
}

const struct variant MIDDLEBOX_KINDS[] = {
    {"ingress-filter", "drops packets whose source does not belong where they come from (RFC 2827)", INGRESS_FILTER_KEYS},
    {"firewall", "lets pass what belongs to a connection that it has seen begin", FIREWALL_KEYS, needs_inside},
    {"nat", "the same, and those inside share its router's address, by ports (RFC 3022)", NAT_KEYS, needs_inside},
    {"syn-proxy", "shakes hands in the servers' place, with an entry for each SYN; only a client that answers reaches them", SYN_PROXY_KEYS, needs_servers},
    {"syn-proxy-stateless", "the same by a cookie in its sequence number, with no entry before the client's answer", SYN_PROXY_KEYS, needs_servers},
    {0},
};
/* clang-format on */
