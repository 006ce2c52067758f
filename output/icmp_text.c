/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 *   | type | code | checksum | 4 bytes, of which 2 an MTU | quoted IP header | ports ... |
 */
#include "output/icmp_text.h"

#include <arpa/inet.h>
#include <string.h>

#include "output/wire.h"
#include "sim/octets.h"

enum {
    HEADER = 8,
    UNREACHABLE = 3,
    TIME_EXCEEDED = 11,
    NEED_TO_FRAG = 4,
    PROTOCOL = 2,
    PORT = 3
};
enum { UNREACHABLE_6 = 1, TOO_BIG_6 = 2, TIME_EXCEEDED_6 = 3, NO_PORT_6 = 4 };

/* What stands before and behind the quoted destination, by code of `unreachable`. */
static const struct {
    const char *before, *behind;
} UNREACHABLES[] = {
    [0] = {"net ", " unreachable"},
    [1] = {"host ", " unreachable"},
    [NEED_TO_FRAG] = {"", " unreachable - need to frag"},
    [5] = {"", " unreachable - source route failed"},
    [6] = {"net ", " unreachable - unknown"},
    [7] = {"host ", " unreachable - unknown"},
    [8] = {"", " unreachable - source host isolated"},
    [9] = {"net ", " unreachable - admin prohibited"},
    [10] = {"host ", " unreachable - admin prohibited"},
    [11] = {"net ", " unreachable - tos prohibited"},
    [12] = {"host ", " unreachable - tos prohibited"},
    [13] = {"host ", " unreachable - admin prohibited filter"},
    [14] = {"host ", " unreachable - host precedence violation"},
    [15] = {"host ", " unreachable - precedence cutoff"},
};

static const char *proto_name(unsigned proto)
{
    return proto == PROTO_TCP ? "tcp" : proto == PROTO_UDP ? "udp" : NULL;
}

static void put_unreachable(const uint8_t *m, unsigned code, FILE *out)
{
    const uint8_t *quote = m + HEADER;
    char dst[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, quote + 16, dst, sizeof(dst));
    const unsigned proto = quote[9], port = octets_get16(quote + (quote[0] & 15) * 4 + 2);
    if (code == PROTOCOL)
        fprintf(out, "%s protocol %u unreachable", dst, proto);
    else if (code == PORT && proto_name(proto) != NULL)
        fprintf(out, "%s %s port %u unreachable", dst, proto_name(proto), port);
    else if (code == PORT)
        fprintf(out, "%s protocol %u port %u unreachable", dst, proto, port);
    else if (code < ARRAY_LEN(UNREACHABLES))
        fprintf(out, "%s%s%s", UNREACHABLES[code].before, dst, UNREACHABLES[code].behind);
    else
        fprintf(out, "%s unreachable - #%u", dst, code);
    if (code == NEED_TO_FRAG && octets_get16(m + 6) != 0)
        fprintf(out, " (mtu %u)", octets_get16(m + 6));
}

static void put_icmp4(const struct trace_packet *p, FILE *out)
{
    static const char *const exceeded[] = {"time exceeded in-transit",
                                           "ip reassembly time exceeded"};
    const uint8_t *m = p->options;
    fputs("ICMP ", out);
    if (m[0] == UNREACHABLE)
        put_unreachable(m, m[1], out);
    else if (m[0] == TIME_EXCEEDED && m[1] < ARRAY_LEN(exceeded))
        fputs(exceeded[m[1]], out);
    else
        fprintf(out, "type-#%u", m[0]);
}

static void put_icmp6(const struct trace_packet *p, FILE *out)
{
    static const char *const codes[] = {"unreachable route", " unreachable prohibited",
                                        "beyond scope", "unreachable address",
                                        "unreachable port"};
    const uint8_t *m = p->options, *quote = m + HEADER;
    char dst[INET6_ADDRSTRLEN];
    inet_ntop(AF_INET6, quote + 24, dst, sizeof(dst));
    fputs("ICMP6, ", out);
    if (m[0] == UNREACHABLE_6 && m[1] == NO_PORT_6 && proto_name(quote[6]) != NULL)
        fprintf(out, "destination unreachable, unreachable port, %s %s port %u", dst,
                proto_name(quote[6]), octets_get16(quote + 40 + 2));
    else if (m[0] == UNREACHABLE_6 && m[1] < ARRAY_LEN(codes))
        fprintf(out, "destination unreachable, %s %s", codes[m[1]], dst);
    else if (m[0] == TOO_BIG_6)
        fprintf(out, "packet too big, mtu %u", octets_get32(m + 4));
    else if (m[0] == TIME_EXCEEDED_6)
        fprintf(out, "time exceeded in-transit for %s", dst);
    else
        fprintf(out, "unknown icmp6 type (%u)", m[0]);
}

void icmp_text_put(const struct trace_packet *p, FILE *out)
{
    if (wire_is_ipv6(p))
        put_icmp6(p, out);
    else
        put_icmp4(p, out);
    fprintf(out, ", length %u", p->options_len);
}

/* What the code of an `unreachable` says cannot be reached, as far as it has a name of its own.
 */
static const char *unreachable(unsigned code, bool is_ipv6)
{
    static const char *const in_4[] = {"net", "host", "protocol", "port"};
    static const char *const in_6[] = {"net", NULL, NULL, "host", "port"};
    const size_t n = is_ipv6 ? ARRAY_LEN(in_6) : ARRAY_LEN(in_4);
    const char *what = code >= n ? NULL : is_ipv6 ? in_6[code] : in_4[code];
    return what != NULL ? what : "destination";
}

void icmp_text_label(const uint8_t *m, size_t n, bool is_ipv6, char *out, size_t size)
{
    const char *name = is_ipv6 ? "ICMP6" : "ICMP";
    const uint8_t type = n >= HEADER ? m[0] : 0;
    if (type == (is_ipv6 ? TIME_EXCEEDED_6 : TIME_EXCEEDED))
        snprintf(out, size, "%s time exceeded", name);
    else if (is_ipv6 && type == TOO_BIG_6)
        snprintf(out, size, "%s packet too big, mtu %u", name, octets_get32(m + 4));
    else if (!is_ipv6 && type == UNREACHABLE && m[1] == NEED_TO_FRAG)
        snprintf(out, size, "%s need to frag, mtu %u", name, octets_get16(m + 6));
    else if (type == (is_ipv6 ? UNREACHABLE_6 : UNREACHABLE))
        snprintf(out, size, "%s %s unreachable", name, unreachable(m[1], is_ipv6));
    else
        snprintf(out, size, "%s", name);
}
