/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/tcp/puppet.h"

#include <errno.h>
#include <stdlib.h>

#include "models/tcp/endpoint.h"
#include "models/tcp/icmp.h"
#include "models/tcp/sockopt.h"

enum { TEXT = 512 };

static const char *const EVENT_NAMES[PUPPET_EVENTS] = {
    "connected", "readable", "eof", "writable", "error", "closed", "sent"};
static const struct {
    int number;
    const char *name;
} ERRNO_NAMES[] = {{EAGAIN, "EAGAIN"},
                   {EPIPE, "EPIPE"},
                   {ENOTCONN, "ENOTCONN"},
                   {EINVAL, "EINVAL"},
                   {EADDRINUSE, "EADDRINUSE"},
                   {EADDRNOTAVAIL, "EADDRNOTAVAIL"},
                   {ECONNREFUSED, "ECONNREFUSED"},
                   {ECONNRESET, "ECONNRESET"},
                   {ECONNABORTED, "ECONNABORTED"},
                   {ETIMEDOUT, "ETIMEDOUT"},
                   {EHOSTUNREACH, "EHOSTUNREACH"},
                   {ENETUNREACH, "ENETUNREACH"},
                   {ENOPROTOOPT, "ENOPROTOOPT"},
                   {EPROTO, "EPROTO"},
                   {0, "0"}};

static const char *errno_name(int number)
{
    for (size_t i = 0; i < ARRAY_LEN(ERRNO_NAMES); i++)
        if (ERRNO_NAMES[i].number == number)
            return ERRNO_NAMES[i].name;
    return "another errno";
}

/* Appends to buf, with sep before it unless buf is empty. */
static void append(char *buf, size_t size, const char *sep, const char *text)
{
    const size_t used = strlen(buf);
    snprintf(buf + used, size - used, "%s%s", used > 0 ? sep : "", text);
}

/* ---- what the stack sends and tells */

static void append_time(struct puppet *p, char *text, size_t size)
{
    if (p->sim->now - p->began_at != p->step_at)
        snprintf(text, size, "@%gms ", (double)(p->sim->now - p->began_at) / 1e6);
}

static void on_output(void *ctx, struct packet *s)
{
    struct puppet *p = ctx;
    char text[TEXT] = "";
    const int port = s->dport - PUPPET_PEER_PORT;
    check_true(p->story, port >= 0 && port < PUPPET_PEERS && ip_eq(s->dst, ip4(PUPPET_PEER)) &&
                             ip_eq(s->src, ip4(PUPPET_HERE)));
    if ((s->flags & TCP_SYN) != 0)
        p->iss[port] = s->seq;
    if (s->len > 0)
        check_eq(p->story, (uint32_t)s->offset, s->seq - p->iss[port] - 1);
    check_eq(p->story, s->bytes, 40 + s->options_len + s->len);
    append_time(p, text, sizeof text);
    puppet_write_segment(p, s, text, sizeof text);
    append(p->sent, sizeof p->sent, ", ", text);
    packet_free(p->sim, s);
}

static void obey(struct puppet *p, const char *command);

static void on_event(struct tcp_user *user, struct tcp *t, uint32_t bits)
{
    struct puppet *p = CONTAINER_OF(user, struct puppet, user);
    p->n_doubts += (bits & TCP_EV_DOUBT) != 0;
    for (int i = 0; i < PUPPET_EVENTS; i++) {
        if ((bits & 1u << i) == 0)
            continue;
        if (1u << i != TCP_EV_SENT || p->show_sent)
            append(p->told, sizeof p->told, " ", EVENT_NAMES[i]);
        if (1u << i == TCP_EV_ERROR) {
            append(p->told, sizeof p->told, ":", errno_name(tcp_error(t)));
        }
        const char *reaction = p->reaction[i];
        p->reaction[i] = NULL;
        if (reaction != NULL)
            obey(p, reaction);
    }
}

static void take(struct puppet *p)
{
    struct tcp *t = tcp_accept(p->listener, &p->user);
    if (t == NULL)
        append(p->told, sizeof p->told, " ", "nobody");
    else
        append(p->told, sizeof p->told, " ", "accepted");
    p->t = t != NULL ? t : p->t;
}

static void on_accept(struct tcp_user *user, struct tcp_listener *l)
{
    struct puppet *p = CONTAINER_OF(user, struct puppet, user);
    if (!p->hold)
        take(p);
}

/* ---- the peer */

const char *puppet_expand(const struct puppet *p, const char *text, char *buf, size_t size)
{
    size_t n = 0;
    while (*text != '\0' && n + 24 < size) {
        if (*text != '$') {
            buf[n++] = *text++;
            continue;
        }
        const long long base = p->sym[text[1] - 'A'];
        char *end = (char *)text + 2;
        const long long more = *end == '+' || *end == '-' ? strtoll(end, &end, 10) : 0;
        n += (size_t)snprintf(buf + n, size - n, "%lld", base + more);
        text = end;
    }
    buf[n] = '\0';
    return buf;
}

static void inject(struct puppet *p, const char *written)
{
    char text[TEXT];
    tcp_input(p->stack, puppet_read_segment(p, puppet_expand(p, written, text, sizeof text)));
}

/* ---- the application */

static void tell_result(struct puppet *p, long long got, long long asked)
{
    char text[32];
    if (got < 0)
        snprintf(text, sizeof text, "=%s", errno_name((int)-got));
    else
        snprintf(text, sizeof text, "=%lld", got);
    if (got != asked)
        append(p->told, sizeof p->told, " ", text);
}

static void do_listen(struct puppet *p, const char *arg)
{
    tell_result(p, tcp_listen(p->stack, PUPPET_PORT, atoi(arg), &p->user, &p->listener), 0);
}

static void do_connect(struct puppet *p, const char *arg)
{
    const struct tcp_addr to = {ip4(PUPPET_PEER), PUPPET_PEER_PORT};
    struct tcp *t;
    const int result = tcp_connect(p->stack, to, PUPPET_PORT, &p->user, &t);
    p->t = result == 0 ? t : p->t;
    tell_result(p, result, 0);
}

static void do_accept(struct puppet *p, const char *arg)
{
    take(p);
}
static void do_hold(struct puppet *p, const char *arg)
{
    p->hold = true;
}
static void do_unlisten(struct puppet *p, const char *arg)
{
    tcp_listener_close(p->listener);
}
static void do_send(struct puppet *p, const char *arg)
{
    tell_result(p, tcp_send(p->t, atoll(arg)), atoll(arg));
}

static void do_recv(struct puppet *p, const char *arg)
{
    struct tcp_extent x[8];
    int n = (int)ARRAY_LEN(x);
    const int64_t got = tcp_recv(p->t, atoll(arg), x, &n);
    int64_t sum = 0;
    for (int i = 0; got > 0 && i < n; i++) {
        check_eq(p->story, x[i].stream, PUPPET_STREAM);
        check_eq(p->story, x[i].offset, p->n_read);
        p->n_read += x[i].len;
        sum += x[i].len;
    }
    check_true(p->story, got <= 0 || got == sum);
    tell_result(p, got, -1);
}

static void do_close(struct puppet *p, const char *arg)
{
    struct tcp *t = p->t;
    p->t = NULL;
    tell_result(p, tcp_close(t), 0);
}

static void do_abort(struct puppet *p, const char *arg)
{
    struct tcp *t = p->t;
    p->t = NULL;
    tell_result(p, tcp_abort(t), 0);
}

static void do_shutdown(struct puppet *p, const char *arg)
{
    const enum tcp_shut how = strcmp(arg, "rd") == 0   ? TCP_SHUT_RD
                              : strcmp(arg, "wr") == 0 ? TCP_SHUT_WR
                                                       : TCP_SHUT_RDWR;
    tell_result(p, tcp_shutdown(p->t, how), 0);
}

static void set(struct puppet *p, enum tcp_option option, const char *arg)
{
    tell_result(p, tcp_set_option(p->t, option, atoll(arg)), 0);
}
static void do_nodelay(struct puppet *p, const char *arg)
{
    set(p, TCP_OPT_NODELAY, arg);
}
static void do_rcvbuf(struct puppet *p, const char *arg)
{
    set(p, TCP_OPT_RCVBUF, arg);
}
static void do_sndbuf(struct puppet *p, const char *arg)
{
    set(p, TCP_OPT_SNDBUF, arg);
}
static void do_maxseg(struct puppet *p, const char *arg)
{
    set(p, TCP_OPT_MAXSEG, arg);
}

static void do_set(struct puppet *p, const char *arg)
{
    char name[32], value[32];
    enum tcp_option option;
    struct err e = {0};
    int64_t n = 0;
    const bool two = sscanf(arg, "%31s %31s", name, value) == 2;
    if (!two || !tcp_option_named(name, &option)) {
        check_str(p->story, arg, "an option and its value");
        return;
    }
    const enum unit unit = TCP_OPTIONS[option].unit;
    if (unit_parse(value, unit == UNIT_NONE ? UNIT_COUNT : unit, &n, NULL, &e) != 0)
        check_str(p->story, value, "a value with its unit");
    tell_result(p, tcp_set_option(p->t, option, n), 0);
}

static void do_on(struct puppet *p, const char *arg)
{
    for (int i = 0; i < PUPPET_EVENTS; i++) {
        const size_t n = strlen(EVENT_NAMES[i]);
        if (strncmp(arg, EVENT_NAMES[i], n) == 0 && arg[n] == ' ') {
            char *kept = sim_alloc(p->sim, strlen(arg + n));
            strcpy(kept, arg + n + 1);
            p->reaction[i] = kept;
            return;
        }
    }
    check_str(p->story, arg, "an event's name");
}

static void do_show(struct puppet *p, const char *arg)
{
    p->show_win = p->show_win || strcmp(arg, "win") == 0;
    p->show_mss = p->show_mss || strcmp(arg, "mss") == 0;
    p->show_opts = p->show_opts || strcmp(arg, "opts") == 0;
    p->show_sent = p->show_sent || strcmp(arg, "sent") == 0;
}

static void do_icmp(struct puppet *p, const char *arg)
{
    const struct icmp_error e = puppet_read_icmp(p, arg);
    append(p->told, sizeof p->told, " ", tcp_icmp(p->stack, &e) != 0 ? "taken" : "ignored");
}

static void do_error(struct puppet *p, const char *arg)
{
    tell_result(p, -tcp_error(p->t), 1);
}

static const struct {
    const char *name;
    void (*run)(struct puppet *p, const char *arg);
} commands_known[] = {
    {"<", inject},         {"listen", do_listen},     {"connect", do_connect},
    {"accept", do_accept}, {"hold", do_hold},         {"send", do_send},
    {"recv", do_recv},     {"close", do_close},       {"abort", do_abort},
    {"rcvbuf", do_rcvbuf}, {"shutdown", do_shutdown}, {"nodelay", do_nodelay},
    {"sndbuf", do_sndbuf}, {"maxseg", do_maxseg},     {"on", do_on},
    {"show", do_show},     {"unlisten", do_unlisten}, {"set", do_set},
    {"icmp", do_icmp},     {"error", do_error},
};

static void obey(struct puppet *p, const char *command)
{
    char name[16];
    int n = 0;
    sscanf(command, " %15s %n", name, &n);
    for (size_t i = 0; i < ARRAY_LEN(commands_known); i++) {
        if (strcmp(commands_known[i].name, name) == 0) {
            commands_known[i].run(p, command + n);
            return;
        }
    }
    check_str(p->story, name, "a command");
}

/* ---- the play */

static void set_param(struct tcp_params *params, const char *name, const char *text)
{
    const struct key *k = TCP_KEYS;
    while (k->name != NULL && strcmp(k->name, name) != 0)
        k++;
    check_true(name, k->name != NULL);
    void *at = (char *)params + k->offset;
    struct err e = {0};
    if (k->kind == KEY_QUANTITY)
        check_eq(text, unit_parse(text, k->unit, at, NULL, &e), 0);
    else if (k->kind == KEY_BOOL)
        *(bool *)at = strcmp(text, "yes") == 0;
    else
        for (const struct choice *c = k->choices; c->name != NULL; c++)
            if (strcmp(c->name, text) == 0)
                *(const char **)at = c->name;
}

static void set_params(struct tcp_params *params, const char *text)
{
    char name[64], value[64];
    int n;
    tcp_params_init(params, "rfc9293");
    if (sscanf(text, " profile=%63s%n", value, &n) == 1) {
        check_eq(value, tcp_params_init(params, value), 0);
        text += n;
    }
    set_param(params, "isn", "clock"); /* unless the rest says otherwise */
    for (; sscanf(text, " %63[^=]=%63s%n", name, value, &n) == 2; text += n)
        set_param(params, name, value);
}

void puppet_init(struct puppet *p, const char *story, const char *params, uint32_t iss,
                 uint32_t irs)
{
    struct tcp_params tcp;
    set_params(&tcp, params);
    *p = (struct puppet){.story = story, .irs = irs};
    p->sim = sim_new(&(struct sim_params){.seed = 1});
    p->began_at = iss * US(4); /* RFC 9293 §3.4.1: a clock that ticks every 4 us */
    sim_run_until(p->sim, p->began_at);
    for (int i = 0; i < PUPPET_PEERS; i++)
        p->iss[i] = iss;
    tcp_account_init(&p->account, 0);
    p->user =
        (struct tcp_user){.on_event = on_event, .on_accept = on_accept, .account = &p->account};
    p->stack = tcp_stack_new(p->sim, sim_subject(p->sim, "host", "here"), ip4(PUPPET_HERE),
                             &tcp, on_output, p);
}

void puppet_fini(struct puppet *p)
{
    tcp_stack_finish(p->stack);
    check_eq(p->story, p->sim->live_packets, 0);
    sim_free(p->sim);
}

void puppet_do(struct puppet *p, sim_time at, const char *commands)
{
    char copy[TEXT];
    snprintf(copy, sizeof copy, "%s", commands);
    p->sent[0] = p->told[0] = '\0';
    p->step_at = at;
    sim_run_until(p->sim, p->began_at + at);
    char *save = NULL;
    for (char *c = strtok_r(copy, ";", &save); c != NULL; c = strtok_r(NULL, ";", &save))
        obey(p, c);
}

const char *puppet_state(const struct puppet *p)
{
    const struct tcp_account *a = &p->account;
    if (a->n_path > 0)
        return tcp_states[a->path[a->n_path - 1]].name;
    return tcp_states[p->listener != NULL ? TCP_LISTEN : TCP_CLOSED].name;
}

const char *puppet_path(const struct puppet *p, char *buf, size_t size)
{
    buf[0] = '\0';
    for (int i = 0; i < p->account.n_path; i++)
        append(buf, size, " ", tcp_states[p->account.path[i]].name);
    return buf;
}

void puppet_play(const struct play *play, uint32_t iss, uint32_t irs)
{
    struct puppet p;
    puppet_init(&p, play->story, play->params, iss, irs);
    const struct play_step *end = play->steps + PLAY_STEPS;
    for (const struct play_step *s = play->steps; s < end && s->does != NULL; s++) {
        char where[TEXT];
        snprintf(where, sizeof where, "%s (ISN %u, peer's %u), step %d: \"%s\"", play->story,
                 iss, irs, (int)(s - play->steps) + 1, s->does);
        p.story = where;
        puppet_do(&p, s->at, s->does);
        check_str(where, p.sent, s->sends);
        check_str(where, p.told, s->tells);
        if (s->state != NULL)
            check_str(where, puppet_state(&p), s->state);
    }
    p.story = play->story;
    puppet_fini(&p);
}

void puppet_play_wrapped(const struct play *play)
{
    /* just before the wrap; just before the sign of a difference with 0 turns; anywhere */
    static const uint32_t isns[] = {1000, 0xffffffff, 0xffffff80, 0x7fffff80};
    for (size_t i = 0; i < ARRAY_LEN(isns); i++)
        for (size_t k = 0; k < ARRAY_LEN(isns); k++)
            puppet_play(play, isns[i], isns[k]);
}
