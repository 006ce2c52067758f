/* SPDX-License-Identifier: GPL-3.0-or-later
 * host.h -- an end system: addresses, a way out, and what listens behind it.
 *
 *   link --> sink.recv --is it for me?--> tcp_input ... TCP ... output --ttl--> out (a link)
 *                               \-- ICMP: recorded, and told to the TCP that is meant
 *
 * A host with one link has no table: all goes out there. One with several, or with routes of
 * the configuration, looks the link up. It may own whole prefixes: it then is every address of
 * them.
 *
 * What is for itself goes by its loopback, and connect() asks for a route before it begins.
 *
 * Not modelled: forwarding, fragments, the time that an end system takes for a packet (0).
 */
#pragma once
#include "models/icmp.h"
#include "models/link.h"
#include "models/loopback.h"
#include "models/route.h"
#include "models/tcp/tcp.h"
#include "models/udp.h"

struct crash_params {
    sim_time at;           /* 0 or SIM_NEVER: it does not fail */
    sim_time reboot_after; /* SIM_NEVER: it stays away */
    sim_time quiet_time;   /* from then on, before its applications start */
};

struct host_params {
    struct key_list addresses; /* of struct key_address; none: the network gives one */
    int64_t ttl;               /* of what it sends; 0: the default */
    bool icmp;                 /* whether it answers by ICMP what none of its ports takes */
    struct crash_params crash;
};
extern const struct key HOST_KEYS[]; /* addresses, ttl, icmp, crash */
/* sent, received, down_drops, misdirected, no_listener, checksum_drops, no_route, icmp_sent,
 * icmp_received, resets_sent, held_bytes, ports_in_use, ports_in_use_max, no_port, no_port_at
 */
extern const struct metric HOST_METRICS[];

struct host {
    struct sink sink; /* where links deliver */
    struct sim *sim;
    uint32_t subject;
    ip_addr addr; /* what it sends from */
    uint8_t ttl;
    struct link *out; /* borrowed; the only way out. NULL: by routes */
    struct tcp_stack *tcp;
    struct udp_stack *udp;
    int64_t n_received, n_sent;
    struct route_table routes;           /* looked up when out is NULL */
    const struct key_address *addresses; /* borrowed; all that it owns. NULL: addr alone */
    int n_addresses;
    struct icmp_source icmp;
    int64_t n_misdirected, n_no_listener, n_checksum_drops, n_no_route, n_icmp_received;
    struct crash_params crash;
    int64_t n_down_drops;
    struct loopback loopback;
};

/* The defaults of HOST_KEYS. */
struct host_params host_defaults(void);

/* Declares the subject "host" `name` with the default parameters. Copies tcp parameters. The
 * way out is set afterwards. */
void host_init(struct host *h, struct sim *sim, const char *name, ip_addr addr,
               const struct tcp_params *tcp);

/* Gives a new host its parameters; its address must be among those. Copies
 * params, the list of addresses is borrowed. */
void host_configure(struct host *h, const struct host_params *params);

/* The address that a host with these parameters sends from: the first that it owns, of a prefix
 * the first host's; otherwise, if they give none. */
struct key_address host_address(const struct host_params *params, struct key_address otherwise);

bool host_owns(const struct host *h, ip_addr addr);

/* Sends p by the host's way out, as it is: source address and TTL are the caller's. Takes p. */
void host_send(struct host *h, struct packet *p);

/* Nothing takes p: drops it, and tells its sender by ICMP, if the host does that. code: of
 * ICMP_UNREACHABLE. Takes p. */
void host_unreachable(struct host *h, struct packet *p, uint8_t code);

/* It fails: what its TCP and UDP know is gone, and it drops all that comes. */
void host_crash(struct host *h);
/* It is there again; nobody listens yet. */
void host_reboot(struct host *h);

/* Ends the run: gives back the packets that are on the way inside. */
void host_drain(struct host *h);

/* Counts start anew. */
void host_warm_up(struct host *h);
