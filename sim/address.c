/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/address.h"

#include <stdio.h>
#include <string.h>

/* A number of at most max at *text, without leading zeros (some read these as octal); moves
 * *text behind it. */
static bool number(const char **text, unsigned max, unsigned *out)
{
    const size_t n = strspn(*text, "0123456789");
    if (n < 1 || n > 3 || (n > 1 && **text == '0'))
        return false;
    *out = 0;
    for (size_t i = 0; i < n; i++)
        *out = *out * 10 + (unsigned)((*text)[i] - '0');
    *text += n;
    return *out <= max;
}

const char *address_parse(const char *text, struct key_address *out)
{
    uint32_t low = 0;
    unsigned bits = 32, part;
    for (int i = 0; i < 4; i++) {
        if ((i > 0 && *text++ != '.') || !number(&text, 255, &part))
            return "an address is four numbers up to 255, as in 10.0.0.1";
        low = low << 8 | part;
    }
    if (*text == '/') {
        text++;
        if (!number(&text, 32, &bits))
            return "a prefix has 0 to 32 bits, as in 203.0.113.0/24";
    }
    if (*text != '\0')
        return "an address is four numbers up to 255, as in 10.0.0.1";
    if ((low & ~address_mask(bits)) != 0)
        return "the address has bits beyond its prefix, as 203.0.113.1/24 has";
    *out = (struct key_address){low, (uint8_t)bits};
    return NULL;
}

const char *address_format(struct key_address a, char *buf, size_t size)
{
    const int n = snprintf(buf, size, "%u.%u.%u.%u", a.low >> 24, a.low >> 16 & 255,
                           a.low >> 8 & 255, a.low & 255);
    if (a.prefix_bits < 32 && n > 0 && (size_t)n < size)
        snprintf(buf + n, size - (size_t)n, "/%u", a.prefix_bits);
    return buf;
}
