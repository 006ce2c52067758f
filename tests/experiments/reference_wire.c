/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/experiments/reference.h"

static uint32_t be32(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* One option of `len` bytes at b, by its name in segments.csv. */
static void take_option(struct ref_row *r, const uint8_t *b, uint8_t len)
{
    char name[32];
    snprintf(name, sizeof name, "opt%u", b[0]);
    if (b[0] == 2 && len == 4) {
        snprintf(name, sizeof name, "mss=%u", b[2] << 8 | b[3]);
    } else if (b[0] == 3 && len == 3) {
        snprintf(name, sizeof name, "ws=%u", b[2]);
    } else if (b[0] == 4) {
        snprintf(name, sizeof name, "sackOK");
    } else if (b[0] == 8 && len == 10) {
        snprintf(name, sizeof name, "ts");
        r->opt.has_timestamps = r->has_echo = true;
        r->opt.tsval = be32(b + 2);
        r->opt.tsecr = be32(b + 6);
    } else if (b[0] == 5) {
        snprintf(name, sizeof name, "sack");
        for (int i = 2; i + 8 <= len; i += 8)
            r->opt.sack[r->opt.n_sack++] = (struct sack_block){be32(b + i), be32(b + i + 4)};
    } else if (b[0] == OPTION_FASTOPEN) {
        snprintf(name, sizeof name, len == 2 ? "TFO=req" : "TFO=cookie");
    } else if (b[0] == OPTION_FASTOPEN_EXP && len == 4) {
        snprintf(name, sizeof name, "opt254=%02x%02x", b[2], b[3]);
    }
    ref_add_kind(r, name);
}

void ref_take_options(struct ref_row *r, const uint8_t *wire, uint32_t len)
{
    for (uint32_t i = 0; i < len && wire[i] != 0;) {
        const bool nop = wire[i] == 1;
        if (!nop)
            take_option(r, wire + i, wire[i + 1]);
        i += nop ? 1 : wire[i + 1];
    }
}
