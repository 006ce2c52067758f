/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/tcp/puppet.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include "models/tcp/endpoint.h"
#include "models/tcp/sockopt.h"

enum { PEER = 0x0a000002, HERE = 0x0a000001, TEXT = 512 };
/* RFC 9293 §3.2, RFC 7323, RFC 2018. Written and read here by hand: the endpoint's own code
 * would forgive its own slips. */
enum { NOP = 1, MSS = 2, WSCALE = 3, SACK_PERMITTED = 4, SACK = 5, TIMESTAMPS = 8 };

static const char FLAG_LETTERS[] = "SFRPA";
static const uint16_t FLAG_BITS[] = {TCP_SYN, TCP_FIN, TCP_RST, TCP_PSH, TCP_ACK};
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

static uint32_t u32_at(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3];
}

/* One option as text; timestamps of the stack are relative to the beginning, blocks of SACK to
 * the peer's ISN. */
static void describe_option(const struct puppet *p, const uint8_t *b, char *text, size_t size)
{
    const uint32_t began_ms = (uint32_t)(p->began_at / MS(1));
    int n = 0;
    if (b[0] == MSS && p->show_mss)
        snprintf(text, size, " mss %u", b[2] * 256u + b[3]);
    else if (b[0] == WSCALE && p->show_opts)
        snprintf(text, size, " ws %u", b[2]);
    else if (b[0] == SACK_PERMITTED && p->show_opts)
        snprintf(text, size, " sackok");
    else if (b[0] == TIMESTAMPS && p->show_opts)
        snprintf(text, size, " ts %u %u", u32_at(b + 2) - began_ms, u32_at(b + 6));
    for (int i = 2; b[0] == SACK && p->show_opts && i < b[1]; i += 8)
        n += snprintf(text + n, size - (size_t)n, " %s%d-%d", i == 2 ? "sack " : "",
                      (int32_t)(u32_at(b + i) - p->irs), (int32_t)(u32_at(b + i + 4) - p->irs));
}

/* Of an honest segment: options of kind and length, no-operations and ends. */
static void describe_options(const struct puppet *p, const struct packet *s, char *text,
                             size_t size)
{
    const uint8_t *b = packet_options(p->sim, s);
    for (int i = 0; i < s->options_len; i += b[i] <= NOP ? 1 : b[i + 1])
        if (b[i] > NOP)
            describe_option(p, b + i, text + strlen(text), size - strlen(text));
}

static void describe(struct puppet *p, const struct packet *s, char *text, size_t size)
{
    const int port = s->dport - PUPPET_PEER_PORT;
    size_t n = strlen(text);
    for (size_t i = 0; i < ARRAY_LEN(FLAG_BITS); i++)
        if ((s->flags & FLAG_BITS[i]) != 0)
            text[n++] = FLAG_LETTERS[i];
    n += (size_t)snprintf(text + n, size - n, " %d", (int32_t)(s->seq - p->iss[port]));
    if (s->len > 0)
        n += (size_t)snprintf(text + n, size - n, "(%u)", s->len);
    if ((s->flags & TCP_ACK) != 0)
        n += (size_t)snprintf(text + n, size - n, " ack %d", (int32_t)(s->ack - p->irs));
    if (p->show_win)
        n += (size_t)snprintf(text + n, size - n, " win %u", s->win);
    describe_options(p, s, text, size);
    n = strlen(text);
    if (port > 0)
        snprintf(text + n, size - n, " to %d", port);
}

static void on_output(void *ctx, struct packet *s)
{
    struct puppet *p = ctx;
    char text[TEXT] = "";
    const int port = s->dport - PUPPET_PEER_PORT;
    check_true(p->story, port >= 0 && port < PUPPET_PEERS && ip_eq(s->dst, ip4(PEER)) &&
                             ip_eq(s->src, ip4(HERE)));
    if ((s->flags & TCP_SYN) != 0)
        p->iss[port] = s->seq;
    if (s->len > 0)
        check_eq(p->story, (uint32_t)s->offset, s->seq - p->iss[port] - 1);
    check_eq(p->story, s->bytes, 40 + s->options_len + s->len);
    append_time(p, text, sizeof text);
    describe(p, s, text, sizeof text);
    append(p->sent, sizeof p->sent, ", ", text);
    packet_free(p->sim, s);
}

static void obey(struct puppet *p, const char *command);

static void on_event(struct tcp_user *user, struct tcp *t, uint32_t bits)
{
    struct puppet *p = CONTAINER_OF(user, struct puppet, user);
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

/* The number behind a word of the segment's text; `otherwise` when the word is not there. */
static long long field(const char *text, const char *word, long long otherwise)
{
    const char *at = strstr(text, word);
    return at == NULL ? otherwise : strtoll(at + strlen(word), NULL, 10);
}

static void write_options(struct puppet *p, struct packet *s, const char *text)
{
    uint8_t b[OPTION_BYTES];
    uint8_t n = 0;
    const long long mss = field(text, " mss ", 0), ws = field(text, " ws ", -1),
                    ts = field(text, " ts ", -1);
    if (mss > 0) {
        memcpy(b + n, (const uint8_t[]){MSS, 4, (uint8_t)(mss / 256), (uint8_t)mss}, 4);
        n += 4;
    }
    if (ws >= 0) {
        memcpy(b + n, (const uint8_t[]){NOP, WSCALE, 3, (uint8_t)ws}, 4);
        n += 4;
    }
    if (strstr(text, " sackok") != NULL) {
        memcpy(b + n, (const uint8_t[]){NOP, NOP, SACK_PERMITTED, 2}, 4);
        n += 4;
    }
    if (ts >= 0) {
        const long long ecr = field(text, " ecr ", -1);
        const uint32_t v = (uint32_t)ts;
        const uint32_t e = ecr < 0 ? 0 : (uint32_t)(p->began_at / MS(1) + ecr);
        memcpy(b + n, (const uint8_t[]){NOP, NOP, TIMESTAMPS, 10}, 4);
        memcpy(b + n + 4, (const uint32_t[]){htonl(v), htonl(e)}, 8);
        n += 12;
    }
    packet_set_options(p->sim, s, b, n);
}

static void inject(struct puppet *p, const char *written)
{
    char text[TEXT];
    puppet_expand(p, written, text, sizeof text);
    const char *c = text;
    uint16_t flags = 0;
    for (; isupper((unsigned char)*c); c++)
        flags |= FLAG_BITS[strchr(FLAG_LETTERS, *c) - FLAG_LETTERS];
    c += *c == '-' && c[1] == ' ';
    char *end;
    const long long seq_written = strtoll(c, &end, 10);
    const uint32_t len = *end == '(' ? (uint32_t)strtoul(end + 1, NULL, 10) : 0;
    const int port = (int)field(text, " from ", 0);
    struct packet *s = packet_new(p->sim, 40 + len);
    s->proto = PROTO_TCP;
    s->src = ip4(PEER);
    s->dst = ip4(HERE);
    s->sport = (uint16_t)(PUPPET_PEER_PORT + port);
    s->dport = PUPPET_PORT;
    s->flags = flags;
    s->seq = p->irs + (uint32_t)seq_written;
    if ((flags & TCP_ACK) != 0)
        s->ack = p->iss[port] + (uint32_t)field(text, " ack ", 0);
    s->win = (uint16_t)field(text, " win ", 65535);
    s->len = len;
    s->stream = (uint32_t)field(text, " stream ", PUPPET_STREAM);
    s->offset = (uint64_t)field(text, " off ", seq_written - ((flags & TCP_SYN) == 0));
    if (strstr(text, " corrupt") != NULL)
        s->marks |= PACKET_CORRUPT;
    write_options(p, s, text);
    tcp_input(p->stack, s);
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
    const struct tcp_addr to = {ip4(PEER), PUPPET_PEER_PORT};
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
    p->stack = tcp_stack_new(p->sim, sim_subject(p->sim, "host", "here"), ip4(HERE), &tcp,
                             on_output, p);
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
    for (const struct play_step *s = play->steps; s->does != NULL; s++) {
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
