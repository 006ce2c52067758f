/* SPDX-License-Identifier: GPL-3.0-or-later
 * commands.c -- commands in backticks: sysctls, commands that nothing in the model could tell
 * from nothing, and questions about states; the rest is unsupported.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drill/inside.h"
#include "models/tcp/info.h"

enum { MAX_WORDS = 64, MAX_COMMAND = 4096 };

/* ---- commands: a function gets the words, the command's name first */

typedef void (*command_fn)(struct drill_run *r, const struct mark *at, char **words, int n);

static void do_assignments(struct drill_run *r, const struct mark *at, char **words, int n)
{
    for (int i = 1; i < n && !r->decided; i++)
        if (words[i][0] != '-')
            drill_sysctl(r, at, words[i]);
    tcp_stack_configure(r->stack, &r->params);
}

static void do_defaults(struct drill_run *r, const struct mark *at, char **words, int n)
{
    drill_sysctl_baseline(r, at);
    tcp_stack_configure(r->stack, &r->params);
}

static void do_nothing(struct drill_run *r, const struct mark *at, char **words, int n) {}

static void do_sleep(struct drill_run *r, const struct mark *at, char **words, int n)
{
    const double seconds = n > 1 ? strtod(words[1], NULL) : 0;
    if (seconds > 0 && r->event != NULL) /* the clock does not run yet for the first command */
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
