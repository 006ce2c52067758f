/* SPDX-License-Identifier: GPL-3.0-or-later
 * commands.c -- commands in backticks: sysctls, commands that nothing in the model could tell
 * from nothing, and questions about states; the rest is unsupported.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drill/inside.h"
#include "models/tcp/fastopen.h"
#include "models/tcp/icmp.h"
#include "models/tcp/info.h"
#include "models/tcp/pmtu.h"

enum { MAX_WORDS = 64, MAX_COMMAND = 4096 };
static const char PROC_SYS[] = "/proc/sys/";

/* One command without its redirections; the words begin with its name. */
struct command {
    char *words[MAX_WORDS];
    int n;
    const char *target; /* of its output; NULL: nobody reads it */
};

typedef void (*command_fn)(struct drill_run *r, const struct mark *at, const struct command *c);

/* ---- commands that set something */

static void assign(struct drill_run *r, const struct mark *at, const struct command *c,
                   const char *flags)
{
    int n = 0;
    for (int i = 1; i < c->n && !r->decided; i++) {
        const char *word = c->words[i];
        if (word[0] != '-')
            drill_sysctl(r, at, c->words[i]);
        else if (word[1] == '\0' || strspn(word + 1, flags) != strlen(word + 1))
            drill_lacks(r, at, "%s %s", c->words[0], word);
        n += word[0] != '-';
    }
    if (n == 0)
        drill_lacks(r, at, "%s without an assignment", c->words[0]);
    tcp_stack_configure(r->stack, &r->params);
}

static void do_sysctl(struct drill_run *r, const struct mark *at, const struct command *c)
{
    assign(r, at, c, "eqw");
}

static void do_set_sysctls(struct drill_run *r, const struct mark *at, const struct command *c)
{
    assign(r, at, c, "");
}

/* Google's stands in ../common, the kernel's beside its scripts. */
static void do_defaults(struct drill_run *r, const struct mark *at, const struct command *c)
{
    const bool google = strstr(c->words[0], "common/") != NULL;
    drill_sysctl_baseline(r, at, google ? SUITE_GOOGLE : SUITE_KERNEL);
    tcp_stack_configure(r->stack, &r->params);
}

/* echo 4096 65536 1048576 > /proc/sys/net/ipv4/tcp_rmem */
static void do_echo(struct drill_run *r, const struct mark *at, const struct command *c)
{
    char assignment[MAX_COMMAND + MAX_WORDS];
    if (c->target == NULL)
        return;
    int n = snprintf(assignment, sizeof assignment, "%s=", c->target);
    for (int i = 1; i < c->n; i++)
        n += snprintf(assignment + n, sizeof assignment - (size_t)n, "%s%s", i > 1 ? " " : "",
                      c->words[i]);
    drill_sysctl(r, at, assignment);
    tcp_stack_configure(r->stack, &r->params);
}

/* ---- commands without effect here */

static void do_nothing(struct drill_run *r, const struct mark *at, const struct command *c) {}

/* Since 4.17 Linux's TCP hands out bursts whatever the device can do, and they are cut below.
 */
static void do_ethtool(struct drill_run *r, const struct mark *at, const struct command *c)
{
    if (c->n < 5 || strcmp(c->words[1], "-K") != 0)
        drill_lacks(r, at, "ethtool other than -K DEVICE FEATURE on|off");
}

static void do_sleep(struct drill_run *r, const struct mark *at, const struct command *c)
{
    enum { LONGEST_S = 1000000 };
    char *end = NULL;
    const double seconds = c->n == 2 ? strtod(c->words[1], &end) : 0;
    if (end == NULL || *end != '\0' || !(seconds >= 0 && seconds <= LONGEST_S))
        drill_lacks(r, at, "sleep %s", c->n > 1 ? c->words[1] : "without a time");
    else if (seconds > 0 && r->event != NULL) /* the clock does not run for the first command */
        drill_advance(r, time_add(r->sim->now, (sim_time)(seconds * 1e9)));
}

/* A plain queue that never fills is none, and one of length 0 takes nothing. netem is a link
 * with delay, which stands not here. */
static void do_tc(struct drill_run *r, const struct mark *at, const struct command *c)
{
    static const char *const PLAIN[] = {"pfifo", "pfifo_fast", "fq"};
    int root = 1;
    while (root < c->n && strcmp(c->words[root], "root") != 0)
        root++;
    if (root >= c->n || strcmp(c->words[1], "qdisc") != 0) {
        drill_lacks(r, at, "tc other than a qdisc at the root");
        return;
    }
    const int kind = root + 1;
    bool is_plain = false;
    for (size_t i = 0; kind < c->n && i < ARRAY_LEN(PLAIN); i++)
        is_plain = is_plain || strcmp(c->words[kind], PLAIN[i]) == 0;
    const bool none = is_plain && c->n == kind + 3 &&
                      strcmp(c->words[kind + 1], "limit") == 0 &&
                      strcmp(c->words[kind + 2], "0") == 0;
    const int wrong = kind + is_plain + 2 * none; /* the first word that should not be there */
    if (wrong < c->n) {
        drill_lacks(r, at, "tc qdisc with %s", c->words[wrong]);
        return;
    }
    r->blocked = none;
    tcp_stack_block(r->stack, none);
}

/* ip link set dev tun0 mtu N */
static bool set_link_mtu(struct drill_run *r, const struct command *c)
{
    if (c->n != 7 || strcmp(c->words[1], "link") != 0 || strcmp(c->words[2], "set") != 0 ||
        strcmp(c->words[3], "dev") != 0 || strcmp(c->words[5], "mtu") != 0)
        return false;
    const long long mtu = strtoll(c->words[6], NULL, 10);
    if (mtu <= address_header_bytes(r->config.local) + TCP_HEADER_BYTES || mtu > UINT16_MAX)
        return false;
    r->config.mtu = mtu;
    r->params.mss = mtu - IP4_HEADER_BYTES - TCP_HEADER_BYTES; /* IPv6: 20 less */
    tcp_stack_configure(r->stack, &r->params);
    return true;
}

/* One address and one route. Of Linux's caches there is what Fast Open keeps, and the MTUs of
 * paths. */
static void do_ip(struct drill_run *r, const struct mark *at, const struct command *c)
{
    if (c->n >= 3 && strcmp(c->words[1], "tcp_metrics") == 0 &&
        strcmp(c->words[2], "flush") == 0)
        tcp_fastopen_flush(r->stack);
    else if (c->n == 4 && strcmp(c->words[1], "route") == 0 &&
             strcmp(c->words[2], "flush") == 0 && strcmp(c->words[3], "cache") == 0)
        tcp_paths_flush(r->stack);
    else if (!set_link_mtu(r, c))
        drill_lacks(r, at,
                    "ip other than tcp_metrics flush, route flush cache and link set dev "
                    "DEVICE mtu N");
}

/* Connections end with the script: nothing may come after it that could see them. */
static void do_tcpdrop(struct drill_run *r, const struct mark *at, const struct command *c)
{
    const struct drill_script *s = r->script;
    const struct drill_event *next = r->event != NULL ? r->event + 1 : s->events;
    for (; next < s->events + s->n_events; next++) {
        const bool is_close =
            next->kind == DRILL_CALL && strcmp(next->call->name, "close") == 0;
        const bool is_sysctl =
            next->kind == DRILL_COMMAND && strncmp(next->text, "sysctl ", 7) == 0;
        if (!is_close && !is_sysctl) {
            drill_lacks(r, at, "tcpdrop before the end of the script");
            return;
        }
    }
}

/* ---- nstat: counters of the host, from one call to the next */

static const struct {
    const char *name;
    int64_t (*get)(const struct tcp_stack *s);
} COUNTERS[] = {
    {"TcpExtOutOfWindowIcmps", tcp_icmp_outside},
};

static void do_nstat(struct drill_run *r, const struct mark *at, const struct command *c)
{
    for (size_t i = 0; i < ARRAY_LEN(COUNTERS); i++)
        r->counted[i] = COUNTERS[i].get(r->stack);
}

static const struct {
    const char *name; /* the last part of the path */
    command_fn run;
    const char *why; /* of what does nothing */
} COMMANDS[] = {
    {"sysctl", do_sysctl, NULL},
    {"set_sysctls.py", do_set_sysctls, NULL},
    {"defaults.sh", do_defaults, NULL},
    {"echo", do_echo, "its output goes nowhere but to /proc/sys"},
    {"ethtool", do_ethtool, "bursts are cut into segments here, as below TCP there"},
    {"sleep", do_sleep, NULL},
    {"tc", do_tc, "there is no queue below"},
    {"ip", do_ip, "there is no cache of metrics"},
    {"tcpdrop", do_tcpdrop, "connections end with the script"},
    {"nstat", do_nstat, NULL},
    {"true", do_nothing, "it does nothing"},
    {":", do_nothing, "it does nothing"},
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

static void run_command(struct drill_run *r, const struct mark *at, const struct command *c)
{
    if (c->n == 0 || is_restore(c->words[0]))
        return;
    const char *name = base_name(c->words[0]);
    if (c->target != NULL &&
        (strcmp(name, "echo") != 0 || strncmp(c->target, PROC_SYS, strlen(PROC_SYS)) != 0)) {
        drill_lacks(r, at, "output of %s to %s", name, c->target);
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(COMMANDS); i++) {
        if (strcmp(COMMANDS[i].name, name) == 0) {
            COMMANDS[i].run(r, at, c);
            return;
        }
    }
    drill_lacks(r, at, "command '%s'", c->words[0]);
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
    const bool is_ipv6 = r->config.ip_version == DRILL_IPV6;
    const bool other_version = strstr(command, is_ipv6 ? "-4" : "-6") != NULL;
    for (size_t i = 0; i < ARRAY_LEN(STATES); i++) {
        if (strcmp(STATES[i].name, word) != 0)
            continue;
        snprintf(actual, sizeof actual, "%u",
                 other_version ? 0 : tcp_count_in(r->stack, STATES[i].state, (uint16_t)port));
        if (strstr(actual, wanted) == NULL)
            drill_fail(r, at, "connections in %s: expected %s, actual %s", word, wanted,
                       actual);
        return;
    }
    drill_lacks(r, at, "sockstat's state %s", word);
}

/* ---- nstat | grep */

/* nstat | grep NAME: whether it has counted since the last time. */
static void look_for_counter(struct drill_run *r, const struct mark *at, const char *line)
{
    char name[64];
    if (sscanf(line, "nstat | grep %63s", name) != 1) {
        drill_lacks(r, at, "a pipe in a command: %s", line);
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(COUNTERS); i++) {
        if (strcmp(COUNTERS[i].name, name) != 0)
            continue;
        if (COUNTERS[i].get(r->stack) == r->counted[i])
            drill_fail(r, at, "nstat: %s has not counted", name);
        do_nstat(r, at, NULL);
        return;
    }
    drill_lacks(r, at, "nstat's %s", name);
}

/* ---- the shell's grammar, as far as scripts use it */

/* $((15*1024*1024)) at *w becomes its value at out, which is no longer; *w goes to its last
 * character. Returns the digits; what is no product stays as it is. */
static size_t put_product(char **w, char *out)
{
    char *end, *at = *w + 3;
    long long product = strtoll(at, &end, 10);
    while (end != at && *end == '*') {
        at = end + 1;
        product *= strtoll(at, &end, 10);
    }
    if (end == at || strncmp(end, "))", 2) != 0) {
        *out = **w;
        return 1;
    }
    char digits[24];
    const size_t n = (size_t)snprintf(digits, sizeof digits, "%lld", product);
    const size_t room = (size_t)(end + 2 - *w);
    memcpy(out, digits, n < room ? n : room);
    *w = end + 1;
    return n < room ? n : room;
}

/* The next word from *at on, quotes taken away, or NULL; changes the text. */
static char *next_word(char **at)
{
    char *w = *at + strspn(*at, " \t");
    char *out = w, *start = w;
    char quote = '\0';
    if (*w == '\0')
        return NULL;
    for (; *w != '\0' && (quote != '\0' || !isspace((unsigned char)*w)); w++) {
        if (strncmp(w, "$((", 3) == 0 && quote != '\'')
            out += put_product(&w, out);
        else if (quote == '\0' && (*w == '"' || *w == '\''))
            quote = *w;
        else if (*w == quote)
            quote = '\0';
        else
            *out++ = *w;
    }
    *at = w + (*w != '\0');
    *out = '\0';
    return start;
}

/* What comes before the target of "> FILE", "2>FILE", "&>>FILE"; 0: no redirection of output.
 */
static size_t redirection(const char *word)
{
    const size_t which = strspn(word, "12&");
    return which <= 1 && word[which] == '>' ? which + 1 + (word[which + 1] == '>') : 0;
}

/* Where a redirection sends the output: what goes to /dev/null or beside the errors is lost,
 * and so are errors. */
static void redirect(struct command *c, const char *word, const char *target)
{
    if (word[0] != '2' && strcmp(target, "/dev/null") != 0 && strcmp(target, "&2") != 0)
        c->target = target;
}

/* Cuts text into words and redirections. False: there are too many words. */
static bool split(char *text, struct command *c)
{
    *c = (struct command){.n = 0};
    for (char *word = next_word(&text); word != NULL; word = next_word(&text)) {
        const size_t sign = redirection(word);
        if (sign > 0) {
            const char *target = word[sign] != '\0' ? word + sign : next_word(&text);
            redirect(c, word, target != NULL ? target : "nowhere");
        } else if (c->n < MAX_WORDS) {
            c->words[c->n++] = word;
        } else {
            return false;
        }
    }
    return true;
}

static void run_line(struct drill_run *r, const struct mark *at, char *line)
{
    struct command c;
    line += strspn(line, " \t");
    if (line[0] == '\0' || line[0] == '#')
        return;
    if (strncmp(line, "sockstat", 8) == 0)
        count_state(r, at, line);
    else if (strncmp(line, "nstat |", 7) == 0)
        look_for_counter(r, at, line);
    else if (strchr(line, '|') != NULL)
        drill_lacks(r, at, "a pipe in a command: %s", line);
    else if (!split(line, &c))
        drill_lacks(r, at, "a command of more than %d words", MAX_WORDS);
    else
        run_command(r, at, &c);
}

/* Without comments, and each line as one that goes on behind a backslash. */
static void copy_lines(char *copy, const char *text)
{
    char quote = '\0', before = ' ';
    for (const char *c = text; *c != '\0'; c++) {
        const bool goes_on = c[0] == '\\' && c[1] == '\n';
        if (quote == '\0' && *c == '#' && strchr(" \t\n;", before) != NULL) {
            c += strcspn(c, "\n") - 1;
            continue;
        }
        if (quote == '\0' ? *c == '"' || *c == '\'' : *c == quote)
            quote = quote == '\0' ? *c : '\0';
        before = *copy++ = goes_on ? ' ' : *c;
        c += goes_on;
    }
    *copy = '\0';
}

void drill_command(struct drill_run *r, const char *text, const struct mark *at)
{
    char copy[MAX_COMMAND];
    if (strlen(text) >= sizeof copy) {
        drill_lacks(r, at, "commands of more than %d bytes", MAX_COMMAND - 1);
        return;
    }
    copy_lines(copy, text);
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
