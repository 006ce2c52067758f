/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/tcp/options.h"

enum { OPT_END = 0, OPT_NOP = 1, OPT_MSS = 2, OPT_MSS_LEN = 4 };

void tcp_options_put(struct sim *sim, struct packet *p, const struct tcp_options *o)
{
    uint8_t bytes[OPTION_BYTES];
    uint8_t n = 0;
    if (o->mss != 0) {
        bytes[n++] = OPT_MSS;
        bytes[n++] = OPT_MSS_LEN;
        bytes[n++] = (uint8_t)(o->mss >> 8);
        bytes[n++] = (uint8_t)o->mss;
    }
    while (n % 4 != 0)
        bytes[n++] = OPT_NOP;
    if (n > 0)
        packet_set_options(sim, p, bytes, n);
    p->bytes += n;
}

struct tcp_options tcp_options_get(const struct sim *sim, const struct packet *p)
{
    struct tcp_options o = {0};
    const uint8_t *b = packet_options(sim, p);
    int i = 0;
    while (i < p->options_len && b[i] != OPT_END) {
        if (b[i] == OPT_NOP) {
            i++;
            continue;
        }
        if (i + 1 >= p->options_len || b[i + 1] < 2 || i + b[i + 1] > p->options_len)
            break;
        if (b[i] == OPT_MSS && b[i + 1] == OPT_MSS_LEN)
            o.mss = (uint16_t)(b[i + 2] << 8 | b[i + 3]);
        i += b[i + 1];
    }
    return o;
}
