/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/apps/script.h"

#include "models/tcp/sock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* A socket by name: socket() is its first call, and the first after close(). What it accepts
 * takes its place for all calls, until that is closed. */
struct script_socket {
    struct script *script;
    struct script_socket *next;
    const char *name;
    bool open;
    struct tcp_sock own, child;           /* child: what it has accepted */
    struct app_conn *conn;                /* own's or child's; NULL: no connection */
    const struct script_step *connecting; /* calls that have not returned yet; NULL: none */
    const struct script_step *accepting;
    struct tcp_user user; /* of the listener */
};

struct script {
    struct app app; /* first */
    int next;       /* the first step that has not been called */
    struct script_socket *sockets;
    int64_t n_returned, n_mismatches;
    sim_time connected_at, eof_at, error_at;
};

/* A call's return value before it has one. No errno is that large. */
enum { BLOCKED = -100000 };

static const struct script_step *steps_of(const struct app *a)
{
    return ((const struct script_params *)a->params)->steps.items;
}

/* What `returns` wants. False: no errno's name and no count. */
static bool parse_returns(const char *text, int64_t *want)
{
    enum unit unit;
    const int error = app_error_number(text);

    if (error > 0) {
        *want = -error;
        return true;
    }
    return unit_guess(text, &unit, want) && (unit == UNIT_COUNT || unit == UNIT_BYTES) &&
           *want >= 0;
}

static const char *result_text(int64_t result, char *buf, size_t size)
{
    snprintf(buf, size, "%lld", (long long)result);
    return result < 0 ? app_error_name((int)-result) : buf;
}

static void call_returned(struct script_socket *k, const struct script_step *step,
                          int64_t result)
{
    struct script *s = k->script;
    int64_t want;
    char got[24];

    s->n_returned++;
    if (step->returns[0] == '\0')
        return;
    const bool is_known = parse_returns(step->returns, &want);
    sim_assert(s->app.sim, is_known); /* script_check has seen it */
    if (want == result) {
        app_foresaw_error(&s->app, (int)-result);
        return;
    }
    s->n_mismatches++;
    app_event(&s->app, k->conn == NULL || k->conn->t == NULL ? 0 : tcp_number(k->conn->t),
              "mismatch", "step %d: %s returned %s, not %s",
              (int)(step - steps_of(&s->app)) + 1, step->call,
              result_text(result, got, sizeof got), step->returns);
}

/* ---- sockets */

/* The one that calls are about: what was accepted, before the one that listens. */
static struct tcp_sock *sock_of(struct script_socket *k)
{
    return k->child.t != NULL ? &k->child : &k->own;
}

static struct script_socket *socket_named(struct script *s, const char *name)
{
    struct script_socket **link = &s->sockets;
    while (*link != NULL && strcmp((*link)->name, name) != 0)
        link = &(*link)->next;
    if (*link == NULL) {
        *link = sim_alloc(s->app.sim, sizeof **link);
        **link = (struct script_socket){.script = s, .name = name};
    }
    return *link;
}

/* The connection has been let go: the socket that had it is without. */
static void forget_conn(struct script_socket *k)
{
    k->conn = NULL;
    k->connecting = NULL;
    if (k->child.t != NULL)
        k->child.t = NULL;
    else
        tcp_sock_lose(&k->own);
}

static int let_go(struct script_socket *k, int (*call)(struct app_conn *c))
{
    struct app_conn *c = k->conn;
    forget_conn(k);
    return call(c);
}

static struct script_socket *socket_with(struct script *s, const struct app_conn *c)
{
    struct script_socket *k = s->sockets;
    while (k != NULL && k->conn != c && !(k->connecting != NULL && k->conn == NULL))
        k = k->next;
    return k;
}

static void connect_returned(struct script_socket *k, struct app_conn *c)
{
    const struct script_step *connecting = k->connecting;
    /* connect() hands the pending error out; a later break leaves it to the next call */
    const int error = c->connected ? 0 : tcp_error(c->t);

    k->connecting = NULL;
    k->own.connecting = false;
    if (error != 0)
        app_note_error(&k->script->app, tcp_number(c->t), "connect", error);
    call_returned(k, connecting, -error);
    if (error != 0)
        let_go(k, app_conn_close); /* the socket may try again */
}

static void script_progress(struct app_conn *c)
{
    struct script *s = (struct script *)c->app;
    struct script_socket *k = socket_with(s, c);
    const sim_time now = s->app.sim->now;

    k->conn = c; /* it may get here before app_conn_open_from has returned */
    if (c->connected)
        s->connected_at = time_min(s->connected_at, now);
    if (c->eof)
        s->eof_at = time_min(s->eof_at, now);
    if (c->broken)
        s->error_at = time_min(s->error_at, now);
    if (k->connecting != NULL && (c->connected || c->broken))
        connect_returned(k, c);
}

static const struct app_conn_kind SCRIPT_CONN = {
    .bytes = sizeof(struct app_conn), .progress = script_progress, .manual = true};

/* ---- the calls */

static int64_t call_bind(struct script_socket *k, const struct script_step *step)
{
    return tcp_sock_bind(&k->own, (struct tcp_addr){ip4(0), step->port});
}

static bool try_accept(struct script_socket *k)
{
    const struct script_params *params = k->script->app.params;

    k->conn = app_conn_accept(&k->script->app, &SCRIPT_CONN, k->own.listener, params->read);
    if (k->conn == NULL)
        return false;
    tcp_sock_init(&k->child, k->own.stack);
    tcp_sock_adopt(&k->child, k->conn->t);
    app_conn_look(k->conn);
    return true;
}

static void script_on_accept(struct tcp_user *user, struct tcp_listener *l)
{
    struct script_socket *k = CONTAINER_OF(user, struct script_socket, user);
    const struct script_step *accepting = k->accepting;

    if (accepting == NULL || !try_accept(k))
        return;
    k->accepting = NULL;
    call_returned(k, accepting, 0);
}

static int64_t call_listen(struct script_socket *k, const struct script_step *step)
{
    if (k->own.listener != NULL && step->port != 0)
        return -EINVAL;
    if (step->port != 0) {
        const int64_t error = call_bind(k, step);
        if (error != 0)
            return error;
    }
    k->user =
        (struct tcp_user){.on_accept = script_on_accept, .account = &k->script->app.account};
    const int64_t backlog =
        step->backlog != 0 ? step->backlog : tcp_default_backlog(k->own.stack);
    return tcp_sock_listen(&k->own, (int)backlog, &k->user);
}

static int64_t call_accept(struct script_socket *k, const struct script_step *step)
{
    if (k->own.listener == NULL || k->accepting != NULL)
        return -EINVAL;
    if (k->conn != NULL)
        return -EISCONN;
    if (try_accept(k))
        return 0;
    k->accepting = step;
    return BLOCKED;
}

static int64_t call_connect(struct script_socket *k, const struct script_step *step)
{
    struct script *s = k->script;
    const struct script_params *params = s->app.params;
    const struct app_env *env = &s->app.env;
    const uint16_t port = step->port != 0 ? step->port : env->to_port;

    if (k->connecting != NULL)
        return -EALREADY;
    if (k->conn != NULL || k->own.listener != NULL)
        return -EISCONN;
    if (env->to_host == NULL)
        return -EDESTADDRREQ;
    struct app_conn *c = app_conn_new(&s->app, &SCRIPT_CONN);
    c->reads = params->read;
    k->connecting = step;
    const int r = app_conn_open_from(c, &k->own, (struct tcp_addr){env->to_host->addr, port},
                                     step->local_port);
    if (r < 0) {
        k->connecting = NULL;
        return r;
    }
    k->conn = c;
    return BLOCKED; /* script_progress has told its outcome or will */
}

static int64_t call_disconnect(struct script_socket *k, const struct script_step *step)
{
    struct app_conn *c = k->conn;
    struct tcp_sock *sock = sock_of(k);

    k->conn = NULL;
    k->connecting = k->accepting = NULL;
    return c != NULL ? app_conn_disconnect(c, sock) : tcp_sock_disconnect(sock);
}

/* As one blocking write: what finds no room goes out as room comes. */
static int64_t call_send(struct script_socket *k, const struct script_step *step)
{
    if (k->conn == NULL)
        return tcp_sock_send(&k->own, step->bytes, 0);
    const int r = app_conn_write(k->conn, step->bytes);
    return r < 0 ? r : step->bytes;
}

static int64_t call_send_urgent(struct script_socket *k, const struct script_step *step)
{
    return tcp_sock_send(sock_of(k), step->bytes, TCP_OOB);
}

static int64_t call_at_mark(struct script_socket *k, const struct script_step *step)
{
    const struct tcp *t = sock_of(k)->t;
    return t != NULL ? tcp_at_mark(t) : 0;
}

static int64_t call_recv(struct script_socket *k, const struct script_step *step)
{
    struct tcp_extent x;
    int n = 1;

    return k->conn == NULL ? tcp_sock_recv(&k->own, 1, &x, &n, false)
                           : app_conn_recv(k->conn, step->bytes != 0 ? step->bytes : INT64_MAX);
}

static int64_t call_shutdown(struct script_socket *k, const struct script_step *step)
{
    static const char *const hows[] = {
        [TCP_SHUT_RD] = "rd", [TCP_SHUT_WR] = "wr", [TCP_SHUT_RDWR] = "rdwr"};
    size_t how = 0;

    while (strcmp(hows[how], step->how) != 0)
        how++; /* ends: it is one of HOW_CHOICES */
    if (k->connecting != NULL || (k->own.listener != NULL && k->conn == NULL && how != 1))
        return call_disconnect(k, step);
    return tcp_sock_shutdown(sock_of(k), (enum tcp_shut)how);
}

/* What was accepted, then the socket itself. A blocked connect ends with its socket, without an
 * outcome. */
static int64_t call_close(struct script_socket *k, const struct script_step *step)
{
    const bool is_child = k->child.t != NULL;
    const struct tcp_sockopts opt = k->conn != NULL ? tcp_sockopts_now(k->conn->t) : k->own.opt;
    const bool resets = opt.linger_on && opt.linger == 0;

    if (k->conn != NULL)
        let_go(k, resets ? app_conn_abort : app_conn_close);
    if (is_child)
        return 0;
    k->open = false;
    k->accepting = NULL;
    return tcp_sock_close(&k->own);
}

static int64_t call_abort(struct script_socket *k, const struct script_step *step)
{
    const bool is_child = k->child.t != NULL;

    if (k->conn == NULL)
        return -EBADF;
    let_go(k, app_conn_abort);
    if (is_child)
        return 0;
    k->open = false;
    return tcp_sock_close(&k->own);
}

static enum tcp_option option_of(const struct script_socket *k, const struct script_step *step)
{
    enum tcp_option option = TCP_OPT_NODELAY;
    const bool is_known = tcp_option_named(step->option, &option);
    sim_assert(k->script->app.sim, is_known); /* script_check has seen it */
    return option;
}

static int64_t call_set(struct script_socket *k, const struct script_step *step)
{
    return tcp_sock_set(sock_of(k), option_of(k, step), step->value);
}

static int64_t call_get(struct script_socket *k, const struct script_step *step)
{
    return tcp_sock_get(sock_of(k), option_of(k, step));
}

static int64_t call_error(struct script_socket *k, const struct script_step *step)
{
    return -tcp_sock_error(sock_of(k));
}

/* Keys of a step beside at, call and returns. */
enum {
    KEY_OF_PORT = 1,
    KEY_OF_LOCAL_PORT = 2,
    KEY_OF_BACKLOG = 4,
    KEY_OF_BYTES = 8,
    KEY_OF_HOW = 16,
    KEY_OF_OPTION = 32,
    KEY_OF_VALUE = 64,
};

static const struct call {
    const char *name;
    int64_t (*fn)(struct script_socket *k, const struct script_step *step);
    uint32_t needs, takes; /* sets of KEY_OF_; takes: what it needs not counted */
    const char *lacks;     /* the sentence when something that it needs is not there */
    bool makes;            /* socket() comes before it where there is none */
} CALLS[] = {
    {"bind", call_bind, 0, KEY_OF_PORT, NULL, true},
    {"listen", call_listen, 0, KEY_OF_PORT | KEY_OF_BACKLOG, NULL, true},
    {"accept", call_accept, 0, 0, NULL},
    {"connect", call_connect, 0, KEY_OF_PORT | KEY_OF_LOCAL_PORT, NULL, true},
    {"disconnect", call_disconnect, 0, 0, NULL},
    {"send", call_send, KEY_OF_BYTES, 0, "a send step needs bytes"},
    {"send_urgent", call_send_urgent, KEY_OF_BYTES, 0, "a send_urgent step needs bytes"},
    {"recv", call_recv, 0, KEY_OF_BYTES, NULL},
    {"at_mark", call_at_mark, 0, 0, NULL},
    {"shutdown", call_shutdown, KEY_OF_HOW, 0, "a shutdown step needs how: rd, wr or rdwr"},
    {"close", call_close, 0, 0, NULL},
    {"abort", call_abort, 0, 0, NULL},
    {"set", call_set, KEY_OF_OPTION, KEY_OF_VALUE, "a set step needs an option", true},
    {"get", call_get, KEY_OF_OPTION, 0, "a get step needs an option", true},
    {"error", call_error, 0, 0, NULL},
};

/* clang-format off */
static const struct choice CALL_CHOICES[] = {
    {"bind", "takes the local port, left out: an ephemeral one; 0, EADDRINUSE, EINVAL"},
    {"listen", "listens, on port if it is not bound; 0, EADDRINUSE"},
    {"accept", "takes the next connection, waiting for it; 0"},
    {"connect",
     "opens a connection to `to`, port and local_port; 0 when ESTABLISHED, or ECONNREFUSED, "
     "ETIMEDOUT, ..."},
    {"disconnect", "connect() with AF_UNSPEC: resets the connection, or listens no more; 0"},
    {"send", "writes bytes, the rest as room comes; their number, or EPIPE, ECONNRESET, ..."},
    {"send_urgent",
     "writes bytes of which the last is urgent (MSG_OOB, RFC 6093); their number, or EAGAIN, EPIPE, ..."},
    {"at_mark", "1 when the next byte to read is the peer's urgent one, else 0 (SIOCATMARK)"},
    {"recv",
     "reads at most bytes (left out: all there is), with read: no; their number, 0 at the end "
     "of stream, EAGAIN"},
    {"shutdown", "closes the direction `how`; 0, ENOTCONN"},
    {"close",
     "closes what was accepted, or the socket when there is nothing; what send could not write "
     "yet is lost; 0, EBADF"},
    {"abort", "resets the connection; 0, EBADF"},
    {"set", "sets a socket option to value, as setsockopt() takes it; 0, EINVAL"},
    {"get", "reads a socket option; its value, as getsockopt() tells it"},
    {"error", "reads and clears the pending error (SO_ERROR); 0 or its errno"},
    {NULL, NULL},
};
static const struct choice HOW_CHOICES[] = {
    {"rd", "SHUT_RD: nothing more is read"},
    {"wr", "SHUT_WR: nothing more is written, the FIN follows the last byte"},
    {"rdwr", "SHUT_RDWR: both"},
    {NULL, NULL},
};
#define STEP(field) offsetof(struct script_step, field)
const struct key SCRIPT_STEP_KEYS[] = {
    {"at", KEY_QUANTITY, STEP(at), "0s",
     "when, from the start of the run; steps stand in the order of their times", UNIT_TIME},
    {"call", KEY_CHOICE, STEP(call), NULL, "the socket call", .choices = CALL_CHOICES},
    {"socket", KEY_TEXT, STEP(socket), "",
     "which of the script's sockets, by any name; left out: the one without a name"},
    {"port", KEY_PORT, STEP(port), "",
     "bind, listen: the local port; connect: the remote one, left out: that of `to`"},
    {"local_port", KEY_PORT, STEP(local_port), "",
     "connect: the local port; left out: an ephemeral one"},
    {"backlog", KEY_QUANTITY, STEP(backlog), "",
     "listen: the accept queue; left out: the host's tcp.backlog", UNIT_COUNT, 1, 1 << 20},
    {"bytes", KEY_QUANTITY, STEP(bytes), "", "send, recv: how many", UNIT_BYTES, 1,
     INT64_C(1) << 50},
    {"how", KEY_CHOICE, STEP(how), "", "shutdown: which direction", .choices = HOW_CHOICES},
    {"option", KEY_TEXT, STEP(option), "",
     "set, get: which option, by its name in docs/sockets.md: nodelay, reuseaddr, rcvbuf, ..."},
    {"value", KEY_QUANTITY, STEP(value), "", "set: the option's value", UNIT_COUNT},
    {"returns", KEY_TEXT, STEP(returns), "",
     "what the call must return, an errno's name or a number; anything else counts in "
     "mismatches"},
    {0},
};

static const struct key KEYS[] = {
    {"to", KEY_NAME, offsetof(struct script_params, to), "",
     "the app or host to which connect connects", .refers = REFERS_APP},
    {"steps", KEY_STEPS, offsetof(struct script_params, steps), NULL,
     "the calls, in the order of their times",
     .sub = SCRIPT_STEP_KEYS, .item_bytes = sizeof(struct script_step)},
    {"read", KEY_BOOL, offsetof(struct script_params, read), "yes",
     "reads whatever comes by itself; no: only the recv steps read"},
    {0},
};
/* clang-format on */

static struct value n_blocked(const struct sim *sim, const void *subject,
                              const struct metric *m)
{
    const struct script *s = subject;
    int64_t n = 0;
    for (const struct script_socket *k = s->sockets; k != NULL; k = k->next)
        n += (k->connecting != NULL) + (k->accepting != NULL);
    return (struct value){.kind = VALUE_INT, .num = n};
}

/* clang-format off */
#define METRIC(name, unit, field, help) \
    {name, unit, offsetof(struct script, field), NULL, 0, help}
static const struct metric METRICS[] = {
    METRIC("mismatches", UNIT_COUNT, n_mismatches,
           "calls that returned something else than `returns`"),
    METRIC("returned", UNIT_COUNT, n_returned, "calls that have returned"),
    {"blocked", UNIT_COUNT, 0, n_blocked, 0, "connect and accept calls that have not returned"},
    METRIC("connected_at", UNIT_TIME, connected_at,
           "when it first had an established connection"),
    METRIC("eof_at", UNIT_TIME, eof_at,
           "when the first end of a peer's stream was seen; with read: no, before it is read"),
    METRIC("error_at", UNIT_TIME, error_at, "when a connection first broke"),
    {0},
};
/* clang-format on */

static const struct call *find_call(const char *name)
{
    size_t i = 0;
    while (strcmp(CALLS[i].name, name) != 0)
        i++; /* ends: the name is one of CALL_CHOICES */
    return &CALLS[i];
}

static void make_call(struct script *s, const struct script_step *step)
{
    static const char *const counted[] = {
        "bind",     "listen", "recv",
        "shutdown", "set",    "get"}; /* others' failures are counted already */
    const struct call *call = find_call(step->call);
    struct script_socket *k = socket_named(s, step->socket);

    if (!k->open && call->makes) {
        tcp_sock_init(&k->own, s->app.env.host->tcp);
        k->open = true;
    }
    const int64_t result = k->open ? call->fn(k, step) : -EBADF;
    for (size_t i = 0; i < ARRAY_LEN(counted); i++)
        if (result < 0 && result != -EAGAIN && strcmp(counted[i], step->call) == 0)
            app_note_error(&s->app, 0, step->call, (int)-result);
    if (result != BLOCKED)
        call_returned(k, step, result);
}

/* All steps of this instant, then sleep until the next one's. */
static void script_on_wake(struct app *a)
{
    struct script *s = (struct script *)a;
    const struct script_params *params = a->params;
    const struct script_step *steps = params->steps.items;

    while (s->next < params->steps.n && steps[s->next].at <= a->sim->now)
        make_call(s, &steps[s->next++]);
    if (s->next < params->steps.n && steps[s->next].at != SIM_NEVER)
        event_at(a->sim, &a->wake, steps[s->next].at);
}

static void script_start(struct app *a)
{
    struct script *s = (struct script *)a;
    const struct script_params *params = a->params;
    const struct script_step *steps = params->steps.items;

    s->connected_at = s->eof_at = s->error_at = SIM_NEVER;
    for (struct script_socket *k = s->sockets; k != NULL; k = k->next)
        *k = (struct script_socket){.script = s, .name = k->name, .next = k->next};
    while (s->next < params->steps.n && steps[s->next].at < a->sim->now)
        s->next++; /* while its host was down */
    if (s->next < params->steps.n && steps[s->next].at != SIM_NEVER)
        event_at(a->sim, &a->wake, steps[s->next].at);
}

static uint16_t script_port(const void *p)
{
    const struct script_params *params = p;
    const struct script_step *steps = params->steps.items;

    for (int i = 0; i < params->steps.n; i++)
        if (strcmp(steps[i].call, "listen") == 0 || strcmp(steps[i].call, "bind") == 0)
            return steps[i].port;
    return 0;
}

/* Whether the step gives the key of this bit. */
static bool is_given(const struct script_step *step, uint32_t key)
{
    const uint32_t given =
        (step->port != 0 ? KEY_OF_PORT : 0) | (step->local_port != 0 ? KEY_OF_LOCAL_PORT : 0) |
        (step->backlog != 0 ? KEY_OF_BACKLOG : 0) | (step->bytes != 0 ? KEY_OF_BYTES : 0) |
        (step->how != NULL ? KEY_OF_HOW : 0) | (step->option[0] != '\0' ? KEY_OF_OPTION : 0) |
        (step->value != 0 ? KEY_OF_VALUE : 0);
    return (given & key) != 0;
}

static struct misfit check_call_keys(const struct script_step *step, const struct call *call)
{
    static const char *const names[] = {"port", "local_port", "backlog", "bytes",
                                        "how",  "option",     "value"}; /* by KEY_OF_ */

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const uint32_t key = UINT32_C(1) << i;
        if ((call->needs & key) != 0 && !is_given(step, key))
            return (struct misfit){call->lacks, .key = "call"};
        if (((call->needs | call->takes) & key) == 0 && is_given(step, key))
            return (struct misfit){"the call of this step does not take this key",
                                   .key = names[i]};
    }
    return (struct misfit){0};
}

static struct misfit check_step(const struct script_params *params,
                                const struct script_step *step)
{
    const struct call *call = find_call(step->call);
    const struct misfit wrong = check_call_keys(step, call);
    enum tcp_option option;
    int64_t want;

    if (wrong.sentence != NULL)
        return wrong;
    if (step->option[0] != '\0' && !tcp_option_named(step->option, &option))
        return (struct misfit){"option names no socket option; docs/sockets.md lists them",
                               .key = "option"};
    if (call->fn == call_recv && params->read)
        return (struct misfit){"a recv step needs read: no, else the bytes are read already",
                               .key = "call"};
    if (call->fn == call_connect && params->to[0] == '\0')
        return (struct misfit){"a connect step needs the script's to", .key = "call"};
    if (step->returns[0] != '\0' && !parse_returns(step->returns, &want))
        return (struct misfit){"returns is neither the name of a socket call's errno nor a "
                               "count",
                               .key = "returns"};
    return (struct misfit){0};
}

static struct misfit script_check(const void *p)
{
    const struct script_params *params = p;
    const struct script_step *steps = params->steps.items;
    struct misfit wrong = {0};

    for (int i = 0; i < params->steps.n && wrong.sentence == NULL; i++) {
        wrong = check_step(params, &steps[i]);
        if (wrong.sentence == NULL && i > 0 && steps[i].at < steps[i - 1].at)
            wrong =
                (struct misfit){"steps must stand in the order of their times", .key = "at"};
        wrong.list = "steps";
        wrong.item = i;
    }
    return wrong;
}

const struct app_kind APP_SCRIPT = {
    .name = "script",
    .help = "makes socket calls at given times and compares what they return",
    .keys = KEYS,
    .params_bytes = sizeof(struct script_params),
    .metrics = METRICS,
    .bytes = sizeof(struct script),
    .start = script_start,
    .on_wake = script_on_wake,
    .port = script_port,
    .check = script_check,
};
