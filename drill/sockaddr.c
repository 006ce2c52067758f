/* SPDX-License-Identifier: GPL-3.0-or-later
 * sockaddr.c -- addresses in system calls: "...", AF_UNSPEC, a struct sockaddr_in or _in6.
 */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "drill/inside.h"

/* connect(fd, AF_UNSPEC, ...) */
static bool is_family(const struct drill_expr *addr)
{
    return addr->kind == EXPR_WORD && strcmp(addr->text, "AF_UNSPEC") == 0;
}

int drill_check_address(struct drill_run *r, const struct drill_pending *c, int i,
                        int64_t least)
{
    enum { LONGEST = 128 /* struct sockaddr_storage */ };
    const struct drill_expr *addr = c->call->args[i], *length = c->call->args[i + 1];
    const bool given = length->kind != EXPR_ELLIPSIS;
    const int64_t n = given ? drill_int(r, length) : LONGEST;
    if (n < 0 || n > LONGEST)
        return -EINVAL;
    if (addr->kind == EXPR_NULL && n > 0)
        return -EFAULT;
    if (addr->kind != EXPR_ELLIPSIS && addr->kind != EXPR_NULL && !is_family(addr) &&
        (addr->kind != EXPR_STRUCT || addr->n_items == 0 || addr->names[0][0] == '\0'))
        drill_lacks(r, &addr->at, "an address of this shape");
    return n < least ? -EINVAL : 0;
}

int64_t drill_family_of(struct drill_run *r, const struct drill_expr *addr)
{
    static const char *const NAMES[] = {"sa_family", "sin_family", "sin6_family"};
    for (size_t i = 0; i < ARRAY_LEN(NAMES); i++)
        if (drill_member(addr, NAMES[i]) != NULL)
            return drill_int(r, drill_member(addr, NAMES[i]));
    return is_family(addr) ? AF_UNSPEC : AF_INET;
}

int64_t drill_least_length(struct drill_run *r, const struct drill_expr *addr)
{
    enum { IP4 = 16, IP6 = 24 };
    return drill_family_of(r, addr) == AF_INET6 ? IP6 : IP4;
}

/* "192.0.2.1", "2001:db8::1"; of IPv6 :: is any address, as 0.0.0.0 is, and ::ffff:192.0.2.1
 * an IPv4 one. */
static bool read_ip(struct drill_run *r, const char *text, ip_addr *out)
{
    static const char MAPPED[] = "::ffff:";
    const size_t n = strlen(MAPPED);
    const bool is_mapped = strncmp(text, MAPPED, n) == 0 && strchr(text, '.') != NULL;
    struct key_address a;
    if (address_parse(is_mapped ? text + n : text, &a) != NULL ||
        a.prefix_bits != address_bits(a))
        return false;
    const bool is_any = (a.high[0] | a.high[1] | a.high[2] | a.low) == 0;
    *out = is_any ? ip4(0) : address_intern(r->sim, a);
    return true;
}

bool drill_ip_of(struct drill_run *r, const struct drill_expr *addr, ip_addr *out)
{
    const struct drill_expr *e = drill_member(addr, "sin_addr");
    if (e == NULL)
        e = drill_member(addr, "sin6_addr");
    if (e == NULL)
        return false;
    if (e->kind != EXPR_CALL || e->n_items != 1 || e->items[0]->kind != EXPR_STRING)
        *out = ip4((uint32_t)drill_value(r, e));
    else if (!read_ip(r, e->items[0]->text, out))
        drill_fail(r, &e->at, "'%s' is no address", e->items[0]->text);
    return !r->decided;
}

uint16_t drill_port_of(struct drill_run *r, const struct drill_expr *addr, int64_t choice)
{
    const struct drill_expr *port = drill_member(addr, "sin_port");
    if (port == NULL)
        port = drill_member(addr, "sin6_port");
    const int64_t value = port != NULL ? drill_value(r, port) : choice;
    if (value < 0 || value > UINT16_MAX)
        drill_fail(r, &port->at, "%lld is no port", (long long)value);
    return (uint16_t)value;
}
