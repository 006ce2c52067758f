/* SPDX-License-Identifier: GPL-3.0-or-later
 * options.h -- TCP options in wire form: encoded once by the sender, parsed once by the
 * receiver.
 *
 * RFC 9293 §3.2 (MSS), RFC 7323 §2, §3 (window scale, timestamps), RFC 2018 (SACK). Where an
 * option may stand and what pads it differs between systems and is data: a layout is a list of
 * kinds with their places modulo 4.
 */
#pragma once
#include "sim/schema.h"
#include "sim/sim.h"

enum { MAX_SACK_BLOCKS = 4, TIMESTAMPS_BYTES = 12 }; /* with its two NOPs */

/* Options that carry a cookie: RFC 7413's, its experimental form before it (RFC 6994), and that
 * of cookie-echo (RFC 4727). */
enum { OPTION_FASTOPEN = 34, OPTION_FASTOPEN_EXP = 254, OPTION_ECHO = 253 };

struct sack_block {
    uint32_t left, right; /* sequence numbers; right is one past the last byte */
};

/* What a segment says in options. */
struct tcp_options {
    uint16_t mss; /* 0: absent */
    bool has_wscale, sack_permitted, has_timestamps;
    uint8_t wscale; /* shift, 0..14 */
    uint8_t n_sack;
    uint32_t tsval, tsecr;
    struct sack_block sack[MAX_SACK_BLOCKS];
    uint8_t cookie_kind, n_cookie; /* OPTION_FASTOPEN ...; 0: absent */
    const uint8_t *cookie;         /* borrowed; of what was read, the packet's own */
};

struct tcp_option_layout;
extern const struct choice TCP_OPTION_LAYOUT_CHOICES[]; /* one a layout, ends with {NULL} */
/* Never NULL: the name comes from TCP_OPTION_LAYOUT_CHOICES. */
const struct tcp_option_layout *tcp_option_layout_find(const char *name);

/* Writes o into p's option block in the layout's order and adds the bytes to p->bytes. SACK
 * blocks that do not fit into 40 bytes are left out, the last first. */
void tcp_options_put(struct sim *sim, struct packet *p, const struct tcp_options *o,
                     const struct tcp_option_layout *layout);

/* Bytes that o takes in the layout, at most 40. */
uint32_t tcp_options_bytes(const struct tcp_options *o, const struct tcp_option_layout *layout);

/* Reads p's options. Unknown ones are skipped by their length; a length that is wrong ends the
 * list (RFC 9293 MUST-7). */
struct tcp_options tcp_options_get(const struct sim *sim, const struct packet *p);
