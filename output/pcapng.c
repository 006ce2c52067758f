/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Blocks of draft-ietf-opsawg-pcapng, in the byte order of this machine, as the format has it.
 *
 *   | type | length | body, padded to 4 | options: code, length, value, padded ... 0 | length |
 */
#include "output/pcapng.h"

#include <string.h>

#include "output/wire.h"

enum { SECTION = 0x0a0d0d0a, INTERFACE = 1, PACKET = 6, ORDER_OF_BYTES = 0x1a2b3c4d };
enum { LINKTYPE_RAW = 101 };
enum { OPT_COMMENT = 1, OPT_IF_NAME = 2, OPT_IF_TSRESOL = 9, NANOSECONDS = 9 };

static void put32(FILE *out, uint32_t v)
{
    fwrite(&v, sizeof(v), 1, out);
}

static void put16(FILE *out, uint16_t v)
{
    fwrite(&v, sizeof(v), 1, out);
}

static uint32_t padded(size_t n)
{
    return (uint32_t)(n + 3) & ~3u;
}

static void put_zeros(FILE *out, size_t n)
{
    static const char zeros[256];
    for (; n > sizeof(zeros); n -= sizeof(zeros))
        fwrite(zeros, sizeof(zeros), 1, out);
    fwrite(zeros, n, 1, out);
}

static void put_option(FILE *out, uint16_t code, const void *value, size_t n)
{
    put16(out, code);
    put16(out, (uint16_t)n);
    fwrite(value, n, 1, out);
    put_zeros(out, padded(n) - n);
}

static void put_packet(struct trace_sink *sink, const struct trace_packet *p)
{
    FILE *out = ((struct pcapng *)sink)->out;
    uint8_t headers[WIRE_HEADERS];
    const size_t n = wire_headers(p, headers), note = strlen(p->note);
    const size_t all = p->bytes > n ? p->bytes : n;
    const uint32_t length = 32 + padded(all) + (note > 0 ? 4 + padded(note) + 4 : 0);
    put32(out, PACKET);
    put32(out, length);
    put32(out, 0); /* of the only interface */
    put32(out, (uint32_t)((uint64_t)p->at >> 32));
    put32(out, (uint32_t)p->at);
    put32(out, (uint32_t)all);
    put32(out, (uint32_t)all);
    fwrite(headers, n, 1, out);
    put_zeros(out, padded(all) - n);
    if (note > 0) {
        put_option(out, OPT_COMMENT, p->note, note);
        put32(out, 0);
    }
    put32(out, length);
}

void pcapng_init(struct pcapng *g, FILE *out, const char *interface)
{
    const uint8_t resolution = NANOSECONDS;
    const size_t name = strlen(interface);
    *g = (struct pcapng){.sink = {put_packet}, .out = out};
    put32(out, SECTION);
    put32(out, 28);
    put32(out, ORDER_OF_BYTES);
    put16(out, 1);
    put16(out, 0);
    put32(out, UINT32_MAX); /* the section's length is not said */
    put32(out, UINT32_MAX);
    put32(out, 28);
    const uint32_t length = (uint32_t)(20 + 4 + padded(name) + 8 + 4);
    put32(out, INTERFACE);
    put32(out, length);
    put16(out, LINKTYPE_RAW);
    put16(out, 0);
    put32(out, 0); /* no limit to a packet's bytes */
    put_option(out, OPT_IF_NAME, interface, name);
    put_option(out, OPT_IF_TSRESOL, &resolution, 1);
    put32(out, 0);
    put32(out, length);
}
