/* SPDX-License-Identifier: GPL-3.0-or-later
 * sysctl.c -- commands in backticks: sysctls become parameters of the endpoint, others are
 * passed over where nothing in the model could tell, and the rest is unsupported.
 *
 * One table says of each sysctl what it sets, or with which values the model agrees and why.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drill/inside.h"
#include "models/tcp/cc.h"
#include "models/tcp/info.h"

enum { MAX_WORDS = 64, MAX_COMMAND = 4096 };

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
    *out = strtoll(text, &end, 0);
    return end != text && *end == '\0';
}

static bool scaled(struct tcp_params *p, const struct sysctl_row *row, const char *value,
                   int64_t scale)
{
    int64_t n;
    if (!whole(value, &n) || n < 0)
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
static bool set_bool(struct tcp_params *p, const struct sysctl_row *row, const char *value)
{
    int64_t n;
    if (!whole(value, &n))
        return false;
    *(bool *)((char *)p + row->offset) = n != 0;
    return true;
}

/* "4096 131072 6291456": least, default, most; with overhead, of which half is left for the
 * window. */
static bool set_rmem(struct tcp_params *p, const struct sysctl_row *row, const char *value)
{
    long long least, middle, most;
    if (sscanf(value, "%lld %lld %lld", &least, &middle, &most) != 3 || least <= 0 ||
        middle < 2 || most < middle)
        return false;
    p->rcvbuf = middle / 2;
    p->rcvbuf_max = most;
    return true;
}

static bool set_wmem(struct tcp_params *p, const struct sysctl_row *row, const char *value)
{
    long long least, middle, most;
    if (sscanf(value, "%lld %lld %lld", &least, &middle, &most) != 3 || least <= 0 ||
        middle < 1 || most < middle)
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

/* RFC 1323 is window scaling and timestamps together. */
static bool set_rfc1323(struct tcp_params *p, const struct sysctl_row *row, const char *value)
{
    int64_t n;
    if (!whole(value, &n))
        return false;
    p->window_scaling = p->timestamps = n != 0;
    return true;
}

static bool set_blackhole(struct tcp_params *p, const struct sysctl_row *row, const char *value)
{
    int64_t n;
    if (!whole(value, &n))
        return false;
    p->closed_port = n == 0 ? "rst" : "drop";
    return true;
}

static bool set_maxsockbuf(struct tcp_params *p, const struct sysctl_row *row,
                           const char *value)
{
    int64_t n;
    if (!whole(value, &n) || n < 1)
        return false;
    p->rcvbuf_max = n;
    return true;
}

/* clang-format off */
#define AT(field) offsetof(struct tcp_params, field)
static const struct sysctl_row LINUX_ROWS[] = {
    {"tcp_rmem", set_rmem}, {"tcp_wmem", set_wmem},
    {"tcp_timestamps", set_bool, AT(timestamps)}, {"tcp_window_scaling", set_bool, AT(window_scaling)},
    {"tcp_sack", set_bool, AT(sack)}, {"tcp_dsack", set_bool, AT(dsack)},
    {"tcp_syn_retries", set_count, AT(syn_retries)}, {"tcp_synack_retries", set_count, AT(synack_retries)},
    {"tcp_syn_linear_timeouts", set_count, AT(syn_linear_timeouts)},
    {"tcp_retries2", set_count, AT(retries2)}, {"tcp_orphan_retries", set_count, AT(orphan_retries)},
    {"tcp_rto_min_us", NULL, 0, "200000", "the default"}, {"tcp_rto_max_ms", set_ms, AT(rto_max)},
    {"ip_local_port_range", NULL, 0, NULL, "scripts do not name ephemeral ports"},
    {"tcp_congestion_control", set_congestion_control},
    {"tcp_ecn", NULL, 0, "0 2", "the endpoint never asks for ECN"},
    {"tcp_ecn_option", NULL, 0, NULL, "of AccECN only, which is off"},
    {"tcp_fack", NULL, 0, NULL, "without effect since Linux 4.15"},
    {"tcp_low_latency", NULL, 0, NULL, "without effect since Linux 4.14"},
    {"tcp_reordering", NULL, 0, "3", "the default"}, {"tcp_frto", NULL, 0, "0 2", "off, or the default"},
    {"tcp_early_retrans", NULL, 0, "0 3 4", "off, or the default"}, {"tcp_recovery", NULL, 0, "0 1", "off, or the default"},
    {"tcp_slow_start_after_idle", NULL, 0, "0 1", "of congestion control"},
    {"tcp_tso_win_divisor", NULL, 0, NULL, "segments leave one by one"},
    {"tcp_min_tso_segs", NULL, 0, NULL, "segments leave one by one"},
    {"tcp_tso_rtt_log", NULL, 0, NULL, "segments leave one by one"},
    {"tcp_limit_output_bytes", NULL, 0, NULL, "there is no queue below"},
    {"tcp_pacing_ss_ratio", NULL, 0, NULL, "nothing is paced"}, {"tcp_pacing_ca_ratio", NULL, 0, NULL, "nothing is paced"},
    {"tcp_autocorking", NULL, 0, NULL, "there is no queue below that could fill"},
    {"tcp_notsent_lowat", NULL, 0, "-1 4294967295", "the default"},
    {"tcp_moderate_rcvbuf", NULL, 0, "0", "receive buffers do not grow"},
    {"tcp_mtu_probing", NULL, 0, "0", "off"}, {"tcp_no_metrics_save", NULL, 0, NULL, "nothing is saved"},
    {"tcp_no_ssthresh_metrics_save", NULL, 0, NULL, "nothing is saved"},
    {"tcp_syncookies", NULL, 0, "0 1", "no queue overflows in a script"},
    {"tcp_fastopen", NULL, 0, NULL, "Fast Open itself is unsupported"},
    {"tcp_fastopen_key", NULL, 0, NULL, "Fast Open itself is unsupported"},
    {"tcp_fastopen_blackhole_timeout_sec", NULL, 0, NULL, "Fast Open itself is unsupported"},
    {"tcp_keepalive_time", NULL, 0, NULL, "SO_KEEPALIVE itself is unsupported"},
    {"tcp_keepalive_intvl", NULL, 0, NULL, "SO_KEEPALIVE itself is unsupported"},
    {"tcp_keepalive_probes", NULL, 0, NULL, "SO_KEEPALIVE itself is unsupported"},
    {"tcp_backlog_ack_defer", NULL, 0, NULL, "there is no backlog: a segment is processed when it comes"},
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
    {{"net.inet.tcp.ecn.enable", NULL, 0, "0 2", "the endpoint never asks for ECN"}, false},
    {{"net.inet.tcp.hostcache.purgenow", NULL, 0, NULL, "nothing is saved"}, false},
    {{"net.inet.tcp.hostcache.purge", NULL, 0, NULL, "nothing is saved"}, false},
    {{"net.inet.tcp.rexmit_slop", NULL, 0, "200", "the default"}, true},
    {{"net.inet.tcp.keepinit", NULL, 0, "75000", "the default"}, true},
    {{"net.inet.tcp.rexmit_drop_options", NULL, 0, "0", "options stay"}, true},
    {{"net.inet.tcp.insecure_rst", NULL, 0, "0", "RFC 9293 §3.10.7.4, second check"}, true},
    {{"net.inet.tcp.insecure_syn", NULL, 0, "0", "RFC 9293 §3.10.7.4, fourth check"}, true},
    {{"net.inet.tcp.drop_synfin", NULL, 0, "0", "a SYN with FIN is a SYN"}, true},
};
#undef AT

/* The baseline of the public suites: defaults.sh. Congestion control is the profile's own. */
static const struct {
    const char *name, *value;
} BASELINE[] = {
    {"tcp_rmem", "4096 540000 15728640"}, {"tcp_wmem", "4096 262144 4194304"}, {"tcp_timestamps", "1"},
    {"tcp_syn_retries", "5"}, {"tcp_synack_retries", "5"}, {"tcp_sack", "1"}, {"tcp_dsack", "1"},
};
/* clang-format on */

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

/* NAME=VALUE of a path below /proc/sys or of a dotted name. */
static void assign(struct drill_run *r, const struct mark *at, char *word)
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

/* ---- commands: a function gets the words, the command's name first */

typedef void (*command_fn)(struct drill_run *r, const struct mark *at, char **words, int n);

static void do_assignments(struct drill_run *r, const struct mark *at, char **words, int n)
{
    for (int i = 1; i < n && !r->decided; i++)
        if (words[i][0] != '-')
            assign(r, at, words[i]);
    tcp_stack_configure(r->stack, &r->params);
}

static void do_defaults(struct drill_run *r, const struct mark *at, char **words, int n)
{
    for (size_t i = 0; i < ARRAY_LEN(BASELINE); i++)
        set_sysctl(r, at, BASELINE[i].name, BASELINE[i].value);
    tcp_stack_configure(r->stack, &r->params);
}

static void do_nothing(struct drill_run *r, const struct mark *at, char **words, int n) {}

static void do_sleep(struct drill_run *r, const struct mark *at, char **words, int n)
{
    const double seconds = n > 1 ? strtod(words[1], NULL) : 0;
    if (seconds > 0)
        drill_advance(r, time_add(r->sim->now, (sim_time)(seconds * 1e9)));
}

/* A queue that drops all is a dead link, and netem is one with delay: neither stands here. */
static void do_tc(struct drill_run *r, const struct mark *at, char **words, int n)
{
    for (int i = 1; i < n; i++)
        if (strcmp(words[i], "netem") == 0 || strcmp(words[i], "limit") == 0 ||
            strcmp(words[i], "tbf") == 0)
            drill_lacks(r, at, "tc qdisc with %s", words[i]);
}

static const struct {
    const char *name; /* the last part of the path */
    command_fn run;
    const char *why; /* of what does nothing */
} COMMANDS[] = {
    {"sysctl", do_assignments, NULL},
    {"set_sysctls.py", do_assignments, NULL},
    {"defaults.sh", do_defaults, NULL},
    {"sleep", do_sleep, NULL},
    {"tc", do_tc, NULL},
    {"ethtool", do_nothing, "there is no offload: segments leave one by one"},
    {"ip", do_nothing, "there is one address, one route and no cache"},
    {"nstat", do_nothing, "counters of the host are not looked at"},
    {"tcpdrop", do_nothing, "connections end with the script"},
    {"true", do_nothing, "it does nothing"},
    {":", do_nothing, "it does nothing"},
    {"echo", do_nothing, "its output goes nowhere"},
};

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* What a run of set_sysctls.py leaves to undo it. */
static bool is_restore(const char *path)
{
    return strncmp(base_name(path), "sysctl_restore", 14) == 0;
}

static void run_words(struct drill_run *r, const struct mark *at, char **words, int n)
{
    if (n == 0 || is_restore(words[0]))
        return;
    for (size_t i = 0; i < ARRAY_LEN(COMMANDS); i++) {
        if (strcmp(COMMANDS[i].name, base_name(words[0])) == 0) {
            COMMANDS[i].run(r, at, words, n);
            return;
        }
    }
    drill_lacks(r, at, "command '%s'", words[0]);
}

/* ---- sockstat ... | grep -c STATE | grep N: how many connections are in a state */

static const struct {
    const char *name; /* FreeBSD's */
    enum tcp_state state;
} STATES[] = {
    {"CLOSED", TCP_CLOSED},         {"SYN_SENT", TCP_SYN_SENT},
    {"SYN_RCVD", TCP_SYN_RECEIVED}, {"ESTABLISHED", TCP_ESTABLISHED},
    {"CLOSE_WAIT", TCP_CLOSE_WAIT}, {"FIN_WAIT_1", TCP_FIN_WAIT_1},
    {"FIN_WAIT_2", TCP_FIN_WAIT_2}, {"CLOSING", TCP_CLOSING},
    {"LAST_ACK", TCP_LAST_ACK},     {"TIME_WAIT", TCP_TIME_WAIT},
};

static void count_state(struct drill_run *r, const struct mark *at, const char *command)
{
    char word[32], wanted[16], actual[16];
    int64_t port = 0;
    const char *count = strstr(command, "grep -c "), *port_at = strstr(command, "-p ");
    if (count == NULL || sscanf(count, "grep -c %31s | grep %15s", word, wanted) != 2) {
        drill_lacks(r, at, "command 'sockstat' without a count");
        return;
    }
    if (port_at != NULL)
        port = strtoll(port_at + 3, NULL, 10);
    for (size_t i = 0; i < ARRAY_LEN(STATES); i++) {
        if (strcmp(STATES[i].name, word) != 0)
            continue;
        snprintf(actual, sizeof actual, "%u",
                 tcp_count_in(r->stack, STATES[i].state, (uint16_t)port));
        if (strstr(actual, wanted) == NULL)
            drill_fail(r, at, "connections in %s: expected %s, actual %s", word, wanted,
                       actual);
        return;
    }
    drill_lacks(r, at, "sockstat's state %s", word);
}

/* ---- the shell's grammar, as far as scripts use it */

/* Cuts text into words, quotes honoured; redirections are left out. Returns how many. */
static int split(char *text, char **words)
{
    int n = 0;
    char *w = text;
    while (*w != '\0' && n < MAX_WORDS) {
        w += strspn(w, " \t");
        if (*w == '\0')
            break;
        char *out = w, *start = w;
        char quote = '\0';
        for (; *w != '\0' && (quote != '\0' || !isspace((unsigned char)*w)); w++) {
            if (quote == '\0' && (*w == '"' || *w == '\''))
                quote = *w;
            else if (*w == quote)
                quote = '\0';
            else
                *out++ = *w;
        }
        const bool more = *w != '\0';
        *out = '\0';
        w += more;
        if (strcmp(start, ">") == 0 || strcmp(start, "2>") == 0)
            w += strcspn(w + strspn(w, " \t"), " \t") + strspn(w, " \t");
        else if (strchr(start, '>') == NULL)
            words[n++] = start;
    }
    return n;
}

static void run_line(struct drill_run *r, const struct mark *at, char *line)
{
    char *words[MAX_WORDS];
    line += strspn(line, " \t");
    if (line[0] == '\0' || line[0] == '#')
        return;
    if (strncmp(line, "sockstat", 8) == 0)
        count_state(r, at, line);
    else if (strchr(line, '|') != NULL)
        drill_lacks(r, at, "a pipe in a command: %s", line);
    else
        run_words(r, at, words, split(line, words));
}

void drill_command(struct drill_run *r, const char *text, const struct mark *at)
{
    char copy[MAX_COMMAND];
    size_t n = 0;
    for (const char *c = text; *c != '\0' && n < sizeof copy - 1; c++) {
        const bool goes_on = c[0] == '\\' && c[1] == '\n';
        copy[n++] = goes_on ? ' ' : *c;
        c += goes_on;
    }
    copy[n] = '\0';
    for (char *line = copy; line != NULL && !r->decided;) {
        char *end = line + strcspn(line, "\n;");
        char *and = strstr(line, "&&");
        const bool cut_and = and != NULL && and < end;
        end = cut_and ? and : end;
        const bool more = *end != '\0';
        *end = '\0';
        run_line(r, at, line);
        line = more ? end + (cut_and ? 2 : 1) : NULL;
    }
}
