/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/tcp/options.h"

#include <string.h>

#include "sim/octets.h"

enum kind {
    END = 0,
    NOP = 1,
    MSS = 2,
    WSCALE = 3,
    SACK_PERMITTED = 4,
    SACK = 5,
    TIMESTAMPS = 8
};
enum { MAX_SHIFT = 14 };                            /* RFC 7323 §2.3 */
enum { COOKIE = OPTION_FASTOPEN, EXP_ID = 0xf989 }; /* any kind that carries a cookie */

/* ---- layouts */

/* An option begins where its offset modulo 4 is `place`; with timestamps beside it at
 * `place_with_ts`. */
struct option_place {
    uint8_t kind, place, place_with_ts;
};

struct tcp_option_layout {
    const char *name, *help;
    struct option_place order[7]; /* ends with {END} */
    uint8_t pad;                  /* fills the last word */
};

static const struct tcp_option_layout layouts[] = {
    {"linux",
     "<mss,sackOK,TS,nop,wscale>",
     {{MSS, 0, 0},
      {SACK_PERMITTED, 2, 0},
      {TIMESTAMPS, 2, 2},
      {WSCALE, 1, 1},
      {SACK, 2, 2},
      {COOKIE, 0, 0},
      {END, 0, 0}},
     NOP},
    {"bsd",
     "<mss,nop,wscale,sackOK,TS>, the rest filled with eol",
     {{MSS, 0, 0},
      {WSCALE, 1, 1},
      {SACK_PERMITTED, 0, 0},
      {TIMESTAMPS, 2, 2},
      {SACK, 2, 2},
      {COOKIE, 0, 0},
      {END, 0, 0}},
     END},
};

const struct choice TCP_OPTION_LAYOUT_CHOICES[] = {
    {"linux", "<mss,sackOK,TS,nop,wscale>"},
    {"bsd", "<mss,nop,wscale,sackOK,TS>, the rest filled with eol"},
    {NULL, NULL},
};

const struct tcp_option_layout *tcp_option_layout_find(const char *name)
{
    const struct tcp_option_layout *l = layouts;
    while (strcmp(l->name, name) != 0)
        l++;
    return l;
}

/* ---- writing */

struct writer {
    uint8_t bytes[OPTION_BYTES];
    uint8_t n;
};

static void put8(struct writer *w, uint8_t v)
{
    w->bytes[w->n++] = v;
}

static void put16(struct writer *w, uint16_t v)
{
    octets_put16(w->bytes + w->n, v);
    w->n += 2;
}

static void put32(struct writer *w, uint32_t v)
{
    octets_put32(w->bytes + w->n, v);
    w->n += 4;
}

/* Kind, length, and what tells an experiment apart. */
static uint8_t cookie_head(uint8_t kind)
{
    return kind == OPTION_FASTOPEN_EXP ? 4 : 2;
}

/* How many bytes the option takes, kind and length included; 0: it is not there. */
static uint8_t option_length(const struct tcp_options *o, uint8_t kind, uint8_t room)
{
    const uint8_t fit = room >= 2 ? (uint8_t)((room - 2) / 8) : 0;
    const uint8_t n_sack = o->n_sack < fit ? o->n_sack : fit;
    switch (kind) {
    case MSS:
        return o->mss != 0 ? 4 : 0;
    case WSCALE:
        return o->has_wscale ? 3 : 0;
    case SACK_PERMITTED:
        return o->sack_permitted ? 2 : 0;
    case TIMESTAMPS:
        return o->has_timestamps ? 10 : 0;
    case COOKIE:
        if (o->cookie_kind == 0 || cookie_head(o->cookie_kind) + o->n_cookie > room)
            return 0;
        return (uint8_t)(cookie_head(o->cookie_kind) + o->n_cookie);
    default:
        return n_sack > 0 ? (uint8_t)(2 + 8 * n_sack) : 0;
    }
}

static void put_value(struct writer *w, const struct tcp_options *o, uint8_t kind,
                      uint8_t length)
{
    put8(w, kind == COOKIE ? o->cookie_kind : kind);
    put8(w, length);
    switch (kind) {
    case MSS:
        put16(w, o->mss);
        break;
    case WSCALE:
        put8(w, o->wscale);
        break;
    case TIMESTAMPS:
        put32(w, o->tsval);
        put32(w, o->tsecr);
        break;
    case COOKIE:
        if (o->cookie_kind == OPTION_FASTOPEN_EXP)
            put16(w, EXP_ID);
        for (int i = 0; i < o->n_cookie; i++)
            put8(w, o->cookie[i]);
        break;
    case SACK:
        for (int i = 0; i < (length - 2) / 8; i++) {
            put32(w, o->sack[i].left);
            put32(w, o->sack[i].right);
        }
        break;
    default:
        break;
    }
}

static struct writer encode(const struct tcp_options *o, const struct tcp_option_layout *layout)
{
    struct writer w = {.n = 0};
    for (const struct option_place *p = layout->order; p->kind != END; p++) {
        const uint8_t place = o->has_timestamps ? p->place_with_ts : p->place;
        const uint8_t gap = (uint8_t)((place + 4 - w.n % 4) % 4);
        const uint8_t room = (uint8_t)(OPTION_BYTES - w.n - gap);
        const uint8_t length = option_length(o, p->kind, room);
        if (length == 0)
            continue;
        for (uint8_t i = 0; i < gap; i++)
            put8(&w, NOP);
        put_value(&w, o, p->kind, length);
    }
    while (w.n % 4 != 0)
        put8(&w, layout->pad);
    return w;
}

void tcp_options_put(struct sim *sim, struct packet *p, const struct tcp_options *o,
                     const struct tcp_option_layout *layout)
{
    const struct writer w = encode(o, layout);
    if (w.n > 0)
        packet_set_options(sim, p, w.bytes, w.n);
    p->bytes += w.n;
    p->tsval = o->tsval;
    p->tsecr = o->tsecr;
}

uint32_t tcp_options_bytes(const struct tcp_options *o, const struct tcp_option_layout *layout)
{
    return encode(o, layout).n;
}

/* ---- reading */

/* One option of `length` bytes at b, its kind and length included. Others than those of a known
 * length are skipped. */
static void read_option(struct tcp_options *o, const uint8_t *b, uint8_t length)
{
    if (b[0] == MSS && length == 4) {
        o->mss = (uint16_t)(b[2] << 8 | b[3]);
    } else if (b[0] == WSCALE && length == 3) {
        o->has_wscale = true;
        o->wscale = b[2] < MAX_SHIFT ? b[2] : MAX_SHIFT;
    } else if (b[0] == SACK_PERMITTED && length == 2) {
        o->sack_permitted = true;
    } else if (b[0] == TIMESTAMPS && length == 10) {
        o->has_timestamps = true;
        o->tsval = octets_get32(b + 2);
        o->tsecr = octets_get32(b + 6);
    } else if (b[0] == SACK && length >= 10 && length % 8 == 2) {
        o->n_sack = (uint8_t)((length - 2) / 8);
        for (int i = 0; i < o->n_sack; i++)
            o->sack[i] =
                (struct sack_block){octets_get32(b + 2 + 8 * i), octets_get32(b + 6 + 8 * i)};
    } else if (b[0] == OPTION_FASTOPEN || b[0] == OPTION_ECHO ||
               (b[0] == OPTION_FASTOPEN_EXP && length >= 4 && octets_get16(b + 2) == EXP_ID)) {
        o->cookie_kind = b[0];
        o->cookie = b + cookie_head(b[0]);
        o->n_cookie = (uint8_t)(length - cookie_head(b[0]));
    }
}

struct tcp_options tcp_options_get(const struct sim *sim, const struct packet *p)
{
    struct tcp_options o = {0};
    const uint8_t *b = packet_options(sim, p);
    int i = 0;
    while (i < p->options_len && b[i] != END) {
        if (b[i] == NOP) {
            i++;
            continue;
        }
        if (i + 1 >= p->options_len || b[i + 1] < 2 || i + b[i + 1] > p->options_len)
            break;
        read_option(&o, b + i, b[i + 1]);
        i += b[i + 1];
    }
    return o;
}
