/* SPDX-License-Identifier: GPL-3.0-or-later
 * settings.c -- --name=value, of a script or of the command line: the later one holds.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "drill/inside.h"
#include "sim/address.h"

/* What a row does with its value, which is NULL when none was given. False: not a value of its
 * kind. */
typedef bool (*setter)(struct drill_config *c, const char *value);

static bool number(const char *value, int64_t min, int64_t max, int64_t *out)
{
    char *end;
    if (value == NULL || value[0] == '\0')
        return false;
    errno = 0;
    const long long n = strtoll(value, &end, 0);
    if (errno != 0 || *end != '\0' || n < min || n > max)
        return false;
    *out = n;
    return true;
}

static bool set_tolerance(struct drill_config *c, const char *value)
{
    int64_t us;
    if (!number(value, 0, INT64_C(1000000000), &us))
        return false;
    c->tolerance = US(us);
    return true;
}

static bool set_tolerance_percent(struct drill_config *c, const char *value)
{
    char *end;
    if (value == NULL || value[0] == '\0')
        return false;
    const double percent = strtod(value, &end);
    if (*end != '\0' || !(percent >= 0 && percent <= 1000))
        return false;
    c->tolerance_permille = (int64_t)(percent * 10 + 0.5);
    return true;
}

static bool set_ip_version(struct drill_config *c, const char *value)
{
    static const char *const NAMES[] = {"ipv4", "ipv6", "ipv4-mapped-ipv6"};
    for (size_t i = 0; value != NULL && i < ARRAY_LEN(NAMES); i++) {
        if (strcmp(NAMES[i], value) == 0) {
            c->ip_version = (enum drill_ip_version)i;
            return true;
        }
    }
    return false;
}

static bool set_mtu(struct drill_config *c, const char *value)
{
    return number(value, 68, 65535, &c->mtu);
}
static bool set_mss(struct drill_config *c, const char *value)
{
    return number(value, 1, 65535, &c->mss);
}
static bool set_bind_port(struct drill_config *c, const char *value)
{
    return number(value, 1, 65535, &c->bind_port);
}
static bool set_connect_port(struct drill_config *c, const char *value)
{
    return number(value, 1, 65535, &c->connect_port);
}
static bool set_ts_tick(struct drill_config *c, const char *value)
{
    return number(value, 0, 1000000, &c->ts_tick_us);
}

static bool address(const char *value, struct key_address *out)
{
    return value != NULL && address_parse(value, out) == NULL &&
           out->prefix_bits == address_bits(*out);
}

static bool set_local(struct drill_config *c, const char *value)
{
    return address(value, &c->local_given);
}
static bool set_remote(struct drill_config *c, const char *value)
{
    return address(value, &c->remote_given);
}

static bool flag(const char *value, bool *out)
{
    *out = value == NULL || strcmp(value, "0") != 0;
    return true;
}

static bool set_ecr_scaled(struct drill_config *c, const char *value)
{
    return flag(value, &c->ts_ecr_scaled);
}
static bool set_strict(struct drill_config *c, const char *value)
{
    return flag(value, &c->strict_segments);
}

/* Of the real runner's network device, of its speed and of its output: nothing here depends on
 * it. */
static bool ignore(struct drill_config *c, const char *value)
{
    return true;
}

static bool none(const char *value)
{
    return value == NULL || value[0] == '\0';
}

const struct drill_setting_row DRILL_SETTINGS[] = {
    {"tolerance_usecs", "how much earlier or later a packet may come, in us (4000)"},
    {"tolerance_percent",
     "the same in percent of the time since the event before (12.5); the larger of both holds"},
    {"ip_version", "ipv4, ipv6, ipv4-mapped-ipv6 (ipv4)"},
    {"mtu", "bytes (1500); the MSS is 40 less, 60 less for ipv6"},
    {"bind_port", "the port of bind(fd, ..., ...) (8080)"},
    {"connect_port", "the port of connect(fd, ..., ...) (8080)"},
    {"local_ip", "the address of the endpoint (192.168.0.1)"},
    {"remote_ip", "the address of the peer (192.0.2.1)"},
    {"tcp_ts_tick_usecs", "outbound timestamps are checked, with this tick; 0: not (0)"},
    {"tcp_ts_ecr_scaled",
     "an echoed timestamp that was never sent is put in relation to the first one"},
    {"mss", "inbound packets count as so many bytes a segment, as if coalesced (each is one)"},
    {"strict_segments",
     "segments of one burst are not put together to what the script expects"},
    {"gateway_ip", "without effect"},
    {"netmask_ip", "without effect"},
    {"live_gateway_ip", "without effect"},
    {"live_netmask_ip", "without effect"},
    {"speed", "without effect"},
    {"code", "without effect"},
    {"persistent_tun_dev", "without effect"},
    {"verbose", "without effect in a script"},
    {"debug", "without effect"},
    {"dry_run", "without effect"},
    {"send_omit_free", "without effect"},
    {"so_filename", "unsupported"},
    {"so_flags", "unsupported"},
    {"udp_encapsulation", "unsupported"},
    {"tcp_md5_secret", "unsupported"},
    {"non_fatal", "unsupported"},
    {"wire_client", "unsupported"},
    {"wire_server", "unsupported"},
    {"is_anyip", "unsupported"},
    {NULL, NULL},
};

/* In the order of DRILL_SETTINGS; NULL: unsupported. */
static const setter SETTERS[] = {
    set_tolerance,  set_tolerance_percent,
    set_ip_version, set_mtu,
    set_bind_port,  set_connect_port,
    set_local,      set_remote,
    set_ts_tick,    set_ecr_scaled,
    set_mss,        set_strict,
    ignore,         ignore,
    ignore,         ignore,
    ignore,         ignore,
    ignore,         ignore,
    ignore,         ignore,
    ignore,         NULL,
    NULL,           NULL,
    NULL,           NULL,
    NULL,           NULL,
    NULL,
};
_Static_assert(ARRAY_LEN(DRILL_SETTINGS) == ARRAY_LEN(SETTERS) + 1, "a setter for each row");

static int find(const char *name)
{
    for (int i = 0; DRILL_SETTINGS[i].name != NULL; i++)
        if (strcmp(DRILL_SETTINGS[i].name, name) == 0)
            return i;
    return -1;
}

static int unknown(const struct drill_setting *s, struct err *e)
{
    const char *names[ARRAY_LEN(DRILL_SETTINGS)];
    for (size_t i = 0; i < ARRAY_LEN(DRILL_SETTINGS) - 1; i++)
        names[i] = DRILL_SETTINGS[i].name;
    err_set(e, &s->at, "there is no setting --%s", s->name);
    const char *meant = nearest_name(s->name, names, ARRAY_LEN(DRILL_SETTINGS) - 1);
    return meant != NULL ? err_hint(e, "did you mean --%s?", meant) : -1;
}

static int apply(struct drill_config *c, const struct drill_setting *rows, int n,
                 const char **lacks, struct err *e)
{
    for (int i = 0; i < n; i++) {
        if (strcmp(rows[i].name, "define") == 0)
            continue; /* the parser has put its text in place */
        const int row = find(rows[i].name);
        if (row < 0)
            return unknown(&rows[i], e);
        if (SETTERS[row] == NULL)
            *lacks = DRILL_SETTINGS[row].name;
        else if (!SETTERS[row](c, rows[i].value))
            return err_set(e, &rows[i].at, "--%s does not take %s%s%s", rows[i].name,
                           none(rows[i].value) ? "" : "'",
                           none(rows[i].value) ? "nothing" : rows[i].value,
                           none(rows[i].value) ? "" : "'");
    }
    return 0;
}

/* Of IPv4 and of IPv6, as the public runners give them: fd3d:a0b:17d6::1, fd3d:fa7b:d17d::1. */
static const struct {
    struct key_address local, remote;
} DEFAULTS[] = {
    {{.low = 0xc0a80001, .prefix_bits = 32}, {.low = 0xc0000201, .prefix_bits = 32}},
    {{1, 128, true, {0xfd3d0a0b, 0x17d60000, 0}}, {1, 128, true, {0xfd3dfa7b, 0xd17d0000, 0}}},
};

int drill_config_read(struct drill_config *c, const struct drill_setting *script, int n_script,
                      const struct drill_setting *given, int n_given, const char **lacks,
                      struct err *e)
{
    *lacks = NULL;
    *c = (struct drill_config){
        .tolerance = MS(4),
        .tolerance_permille = 125,
        .mtu = 1500,
        .bind_port = 8080,
        .connect_port = 8080,
        .local_given = DEFAULTS[0].local,
        .remote_given = DEFAULTS[0].remote,
    };
    if (apply(c, script, n_script, lacks, e) != 0 || apply(c, given, n_given, lacks, e) != 0)
        return -1;
    /* an address of the other version is none of this run's */
    const bool ipv6 = c->ip_version == DRILL_IPV6;
    if (c->local_given.is_ipv6 != ipv6)
        c->local_given = DEFAULTS[ipv6].local;
    if (c->remote_given.is_ipv6 != ipv6)
        c->remote_given = DEFAULTS[ipv6].remote;
    return 0;
}

int drill_options_check(const struct drill_options *o, struct err *e)
{
    struct drill_config c;
    const char *lacks;
    return drill_config_read(&c, NULL, 0, o->settings, o->n_settings, &lacks, e);
}
