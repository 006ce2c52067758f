/* SPDX-License-Identifier: GPL-3.0-or-later
 * sysctl.c -- sysctls become parameters of the endpoint.
 *
 * One table says of each what it sets, or with which values the model agrees and why.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drill/inside.h"
#include "models/tcp/cc.h"
#include "models/tcp/fastopen.h"

/* ---- what a value becomes; false: not a value of this kind */

struct sysctl_row;
typedef bool (*setter)(struct tcp_params *p, const struct sysctl_row *row, const char *value);

struct sysctl_row {
    const char *name; /* Linux: without net.ipv4.; FreeBSD: whole */
    setter set;       /* NULL: no parameter */
    size_t offset;    /* of the parameter */
    const char *only; /* words, the values that the model agrees with; NULL: all */
    const char *why;
};

static bool whole(const char *text, int64_t *out)
{
    char *end;
    errno = 0;
    *out = strtoll(text, &end, 0);
    return errno == 0 && end != text && *end == '\0';
}

/* 0 or 1, the only two that mean the same everywhere. */
static bool truth(const char *text, bool *out)
{
    int64_t n;
    if (!whole(text, &n) || (n != 0 && n != 1))
        return false;
    *out = n == 1;
    return true;
}

/* Whether the parameter at the offset may have the value. */
static bool is_in_range(size_t offset, int64_t value)
{
    for (const struct key *k = TCP_KEYS; k->name != NULL; k++)
        if (k->kind == KEY_QUANTITY && k->offset == offset)
            return value >= k->min &&
                   value <= (k->min == 0 && k->max == 0 ? INT64_MAX : k->max);
    return false;
}

static bool scaled(struct tcp_params *p, const struct sysctl_row *row, const char *value,
                   int64_t scale)
{
    int64_t n;
    if (!whole(value, &n) || n < 0 || n > INT64_MAX / scale ||
        !is_in_range(row->offset, n * scale))
        return false;
    *(int64_t *)((char *)p + row->offset) = n * scale;
    return true;
}

static bool set_count(struct tcp_params *p, const struct sysctl_row *row, const char *value)
{
    return scaled(p, row, value, 1);
}
static bool set_ms(struct tcp_params *p, const struct sysctl_row *row, const char *value)
{
    return scaled(p, row, value, MS(1));
}
static bool set_seconds(struct tcp_params *p, const struct sysctl_row *row, const char *value)
{
    return scaled(p, row, value, SEC(1));
}
static bool set_bool(struct tcp_params *p, const struct sysctl_row *row, const char *value)
{
    return truth(value, (bool *)((char *)p + row->offset));
}

/* FreeBSD's insecure_rst and insecure_syn: 1 is RFC 793's test. */
static bool set_validation(struct tcp_params *p, const struct sysctl_row *row,
                           const char *value)
{
    bool insecure;
    if (!truth(value, &insecure))
        return false;
    *(const char **)((char *)p + row->offset) = insecure ? "rfc793" : "rfc5961";
    return true;
}

/* "4096 131072 6291456": least, default, most; with overhead, of which half is left for the
 * window. */
static bool set_rmem(struct tcp_params *p, const struct sysctl_row *row, const char *value)
{
    long long least, middle, most;
    if (sscanf(value, "%lld %lld %lld", &least, &middle, &most) != 3 || least <= 0 ||
        middle < 2 || most < middle ||
        !is_in_range(offsetof(struct tcp_params, rcvbuf), middle / 2) ||
        !is_in_range(offsetof(struct tcp_params, rcvbuf_max), most))
        return false;
    p->rcvbuf = middle / 2;
    p->rcvbuf_max = most;
    return true;
}

static bool set_wmem(struct tcp_params *p, const struct sysctl_row *row, const char *value)
{
    long long least, middle, most;
    if (sscanf(value, "%lld %lld %lld", &least, &middle, &most) != 3 || least <= 0 ||
        middle < 1 || most < middle ||
        !is_in_range(offsetof(struct tcp_params, sndbuf), middle))
        return false;
    p->sndbuf = middle;
    return true;
}

static bool set_congestion_control(struct tcp_params *p, const struct sysctl_row *row,
                                   const char *value)
{
    for (const struct choice *c = TCP_CC_CHOICES; c->name != NULL; c++) {
        if (strcmp(c->name, value) == 0) {
            p->congestion_control = c->name;
            return true;
        }
    }
    return false;
}

/* Four words in hexadecimal, "a0bf63f7-ed803d81-cd641d30-cebc4a90"; or two such keys. */
static bool set_fastopen_key(struct tcp_params *p, const struct sysctl_row *row,
                             const char *value)
{
    unsigned w[8];
    const int n = sscanf(value, "%8x-%8x-%8x-%8x,%8x-%8x-%8x-%8x", &w[0], &w[1], &w[2], &w[3],
                         &w[4], &w[5], &w[6], &w[7]);
    if (n != 4 && n != 8)
        return false;
    p->fastopen_keys.n = n / 4;
    for (int i = 0; i < n / 2; i++)
        p->fastopen_keys.words[i] = (uint64_t)w[2 * i + 1] << 32 | w[2 * i];
    return true;
}

/* RFC 1323 is window scaling and timestamps together. */
static bool set_rfc1323(struct tcp_params *p, const struct sysctl_row *row, const char *value)
{
    if (!truth(value, &p->window_scaling))
        return false;
    p->timestamps = p->window_scaling;
    return true;
}

/* 1 drops SYNs only: no such parameter. */
static bool set_blackhole(struct tcp_params *p, const struct sysctl_row *row, const char *value)
{
    int64_t n;
    if (!whole(value, &n) || (n != 0 && n != 2))
        return false;
    p->closed_port = n == 0 ? "rst" : "drop";
    return true;
}

/* Off it forgets its cookies too, as tcp_fastopen.c's handler of the sysctl does. */
static bool set_fastopen_client(struct tcp_params *p, const struct sysctl_row *row,
                                const char *value)
{
    bool on;
    if (!truth(value, &on))
        return false;
    p->fastopen = on ? p->fastopen | FASTOPEN_CLIENT : p->fastopen & ~(int64_t)FASTOPEN_CLIENT;
    return true;
}

static bool set_drop_synfin(struct tcp_params *p, const struct sysctl_row *row,
                            const char *value)
{
    bool drops;
    if (!truth(value, &drops))
        return false;
    p->drop_synfin = drops ? "always" : "no";
    return true;
}

/* 2 and 3 distrust messages in other ways: no such parameter. */
static bool set_no_pmtu_disc(struct tcp_params *p, const struct sysctl_row *row,
                             const char *value)
{
    bool off;
    if (!truth(value, &off))
        return false;
    p->mtu_discovery = !off;
    return true;
}

/* The window shift ends at 14: beyond a GiB the limit means nothing. */
static bool set_maxsockbuf(struct tcp_params *p, const struct sysctl_row *row,
                           const char *value)
{
    const int64_t most = INT64_C(1) << 30;
    int64_t n;
    if (!whole(value, &n) || n < 1)
        return false;
    p->rcvbuf_max = n < most ? n : most;
    return true;
}

#define AT(field) offsetof(struct tcp_params, field)
static const struct sysctl_row LINUX_ROWS[] = {
    {"tcp_rmem", set_rmem},
    {"tcp_wmem", set_wmem},
    {"tcp_timestamps", set_bool, AT(timestamps)},
    {"tcp_window_scaling", set_bool, AT(window_scaling)},
    {"tcp_sack", set_bool, AT(sack)},
    {"tcp_dsack", set_bool, AT(dsack)},
    {"tcp_syn_retries", set_count, AT(syn_retries)},
    {"tcp_synack_retries", set_count, AT(synack_retries)},
    {"tcp_syn_linear_timeouts", set_count, AT(syn_linear_timeouts)},
    {"tcp_retries1", set_count, AT(retries1)},
    {"tcp_retries2", set_count, AT(retries2)},
    {"tcp_orphan_retries", set_count, AT(orphan_retries)},
    {"tcp_rto_min_us", NULL, 0, "200000", "the default"},
    {"tcp_rto_max_ms", set_ms, AT(rto_max)},
    {"ip_local_port_range", NULL, 0, NULL, "scripts do not name ephemeral ports"},
    {"tcp_congestion_control", set_congestion_control},
    {"tcp_ecn", set_count, AT(ecn)},
    {"tcp_ecn_fallback", NULL, 0, "1", "the default"},
    {"tcp_ecn_option", NULL, 0, NULL, "of AccECN only, which is off"},
    {"tcp_fack", NULL, 0, NULL, "without effect since Linux 4.15"},
    {"tcp_low_latency", NULL, 0, NULL, "without effect since Linux 4.14"},
    {"tcp_reordering", NULL, 0, "3", "the default"},
    {"tcp_frto", NULL, 0, "0 2", "F-RTO is not modelled: matters only in recovery"},
    {"tcp_early_retrans", set_count, AT(early_retrans)},
    {"tcp_fin_timeout", set_seconds, AT(fin_timeout)},
    {"tcp_recovery", NULL, 0, "0 1", "RACK is not modelled: matters only in recovery"},
    {"tcp_slow_start_after_idle", set_bool, AT(slow_start_after_idle)},
    {"tcp_min_tso_segs", set_count, AT(tso_segs)},
    {"tcp_tso_win_divisor", NULL, 0, NULL, "a burst never waits for the window to grow"},
    {"tcp_tso_rtt_log", NULL, 0, NULL, "bursts have one size, whatever the round-trip time"},
    {"tcp_limit_output_bytes", NULL, 0, NULL, "there is no queue below"},
    {"tcp_pacing_ss_ratio", NULL, 0, NULL, "nothing is paced"},
    {"tcp_pacing_ca_ratio", NULL, 0, NULL, "nothing is paced"},
    {"tcp_autocorking", NULL, 0, NULL, "there is no queue below that could fill"},
    {"tcp_notsent_lowat", NULL, 0, "-1 4294967295", "the default"},
    {"tcp_moderate_rcvbuf", NULL, 0, "0", "receive buffers do not grow"},
    {"tcp_mtu_probing", set_count, AT(mtu_probing)},
    {"tcp_base_mss", set_count, AT(base_mss)},
    {"tcp_mtu_probe_floor", set_count, AT(mtu_probe_floor)},
    {"ip_no_pmtu_disc", set_no_pmtu_disc},
    {"route.mtu_expires", set_seconds, AT(mtu_expires)},
    {"route.min_pmtu", set_count, AT(min_pmtu)},
    {"tcp_no_metrics_save", NULL, 0, NULL, "nothing is saved"},
    {"tcp_no_ssthresh_metrics_save", NULL, 0, NULL, "nothing is saved"},
    {"tcp_syncookies", set_count, AT(syncookies)},
    {"tcp_max_syn_backlog", set_count, AT(max_syn_backlog)},
    {"tcp_abort_on_overflow", set_bool, AT(abort_on_overflow)},
    {"tcp_max_tw_buckets", set_count, AT(max_tw_buckets)},
    {"tcp_tw_reuse", set_count, AT(tw_reuse)},
    {"tcp_rfc1337", set_bool, AT(rfc1337)},
    {"tcp_challenge_ack_limit", set_count, AT(challenge_ack_limit)},
    {"tcp_invalid_ratelimit", set_ms, AT(invalid_ratelimit)},
    {"tcp_fastopen", set_count, AT(fastopen)},
    {"tcp_fastopen_key", set_fastopen_key},
    {"tcp_fastopen_blackhole_timeout_sec", NULL, 0, NULL, "black holes are not looked for"},
    {"tcp_keepalive_time", set_seconds, AT(keepalive_time)},
    {"tcp_keepalive_intvl", set_seconds, AT(keepalive_intvl)},
    {"tcp_keepalive_probes", set_count, AT(keepalive_probes)},
    {"tcp_max_orphans", set_count, AT(max_orphans)},
    {"tcp_backlog_ack_defer", NULL, 0, NULL,
     "there is no backlog: a segment is processed when it comes"},
    {"tcp_comp_sack_nr", NULL, 0, "0", "SACKs are not compressed"},
    {NULL},
};

/* own: nothing but FreeBSD has it, and --relax freebsd ignores it. */
static const struct {
    struct sysctl_row row;
    bool own;
} FREEBSD_ROWS[] = {
    {{"net.inet.tcp.sack.enable", set_bool, AT(sack)}, false},
    {{"net.inet.tcp.rfc1323", set_rfc1323}, false},
    {{"net.inet.tcp.recvspace", set_count, AT(rcvbuf)}, false},
    {{"net.inet.tcp.sendspace", set_count, AT(sndbuf)}, false},
    {{"net.inet.tcp.delacktime", set_ms, AT(delack)}, false},
    {{"net.inet.tcp.rexmit_initial", set_ms, AT(rto_initial)}, false},
    {{"net.inet.tcp.rexmit_min", set_ms, AT(rto_min)}, false},
    {{"net.inet.tcp.blackhole", set_blackhole}, false},
    {{"kern.ipc.maxsockbuf", set_maxsockbuf}, false},
    {{"net.inet.tcp.ecn.enable", set_count, AT(ecn)}, false},
    {{"net.inet.tcp.hostcache.purgenow", NULL, 0, NULL, "nothing is saved"}, false},
    {{"net.inet.tcp.hostcache.purge", NULL, 0, NULL, "nothing is saved"}, false},
    {{"net.inet.tcp.rexmit_slop", set_ms, AT(rto_slop)}, false},
    {{"net.inet.tcp.keepinit", set_ms, AT(keepinit)}, false},
    {{"net.inet.tcp.keepidle", set_ms, AT(keepalive_time)}, false},
    {{"net.inet.tcp.keepintvl", set_ms, AT(keepalive_intvl)}, false},
    {{"net.inet.tcp.keepcnt", set_count, AT(keepalive_probes)}, false},
    {{"net.inet.tcp.always_keepalive", set_bool, AT(keepalive)}, false},
    {{"net.inet.tcp.rexmit_drop_options", NULL, 0, "0", "options stay"}, true},
    {{"net.inet.tcp.fastopen.client_enable", set_fastopen_client}, false},
    {{"net.inet.tcp.fastopen.path_disable_time", set_seconds, AT(fastopen_path_disable_time)},
     false},
    {{"net.inet.tcp.insecure_rst", set_validation, AT(rst_validation)}, false},
    {{"net.inet.tcp.insecure_syn", set_validation, AT(syn_validation)}, false},
    {{"net.inet.tcp.drop_synfin", set_drop_synfin}, false},
    {{"net.inet.tcp.icmp_may_rst", set_bool, AT(icmp_may_rst)}, false},
    {{"net.inet.tcp.path_mtu_discovery", set_bool, AT(mtu_discovery)}, false},
    {{"net.inet.tcp.hostcache.expire", set_seconds, AT(mtu_expires)}, false},
};
#undef AT

/* The baseline of the public suites: defaults.sh. Congestion control is the profile's own. */
static const struct {
    const char *name, *value;
} BASELINE[] = {
    {"tcp_rmem", "4096 540000 15728640"},
    {"tcp_wmem", "4096 262144 4194304"},
    {"tcp_timestamps", "1"},
    {"tcp_syn_retries", "5"},
    {"tcp_synack_retries", "5"},
    {"tcp_sack", "1"},
    {"tcp_dsack", "1"},
    {"tcp_slow_start_after_idle", "0"},
    {"tcp_ecn", "0"},
    {"tcp_fastopen_key", "a1a1a1a1-b2b2b2b2-c3c3c3c3-d4d4d4d4"},
};

/* ---- one sysctl */

static bool is_one_of(const char *words, const char *value)
{
    const size_t n = strlen(value);
    for (const char *w = words; w != NULL && *w != '\0';) {
        const size_t len = strcspn(w, " ");
        if (len == n && strncmp(w, value, n) == 0)
            return true;
        w += len + strspn(w + len, " ");
    }
    return words == NULL;
}

static void apply(struct drill_run *r, const struct mark *at, const struct sysctl_row *row,
                  const char *value)
{
    const bool fits =
        row->set != NULL ? row->set(&r->params, row, value) : is_one_of(row->only, value);
    if (!fits)
        drill_lacks(r, at, "sysctl %s=%s", row->name, value);
}

static const char LINUX_PREFIX[] = "net.ipv4.";

static void set_sysctl(struct drill_run *r, const struct mark *at, const char *name,
                       const char *value)
{
    const size_t prefix =
        strncmp(name, LINUX_PREFIX, strlen(LINUX_PREFIX)) == 0 ? strlen(LINUX_PREFIX) : 0;
    for (const struct sysctl_row *row = LINUX_ROWS; row->name != NULL; row++) {
        if (strcmp(row->name, name + prefix) == 0) {
            apply(r, at, row, value);
            return;
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(FREEBSD_ROWS); i++) {
        if (strcmp(FREEBSD_ROWS[i].row.name, name) == 0) {
            if (!(FREEBSD_ROWS[i].own && r->options->relax_freebsd))
                apply(r, at, &FREEBSD_ROWS[i].row, value);
            return;
        }
    }
    drill_lacks(r, at, "sysctl %s", name);
}

void drill_sysctl(struct drill_run *r, const struct mark *at, char *word)
{
    static const char PROC[] = "/proc/sys/";
    char *name = strncmp(word, PROC, strlen(PROC)) == 0 ? word + strlen(PROC) : word;
    char *equals = strchr(word, '=');
    if (equals == NULL) {
        drill_lacks(r, at, "reading sysctl %s", name);
        return;
    }
    *equals = '\0';
    for (char *slash = strchr(name, '/'); slash != NULL; slash = strchr(slash, '/'))
        *slash = '.';
    set_sysctl(r, at, name, equals + 1);
}

void drill_sysctl_baseline(struct drill_run *r, const struct mark *at, enum drill_suite suite)
{
    for (size_t i = 0; i < ARRAY_LEN(BASELINE); i++)
        set_sysctl(r, at, BASELINE[i].name, BASELINE[i].value);
    /* Google's lets every listener take a cookie (0x400). */
    set_sysctl(r, at, "tcp_fastopen", suite == SUITE_GOOGLE ? "0x70403" : "0x3");
}
