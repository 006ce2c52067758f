/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/apps/script.h"

#include "models/tcp/sockopt.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct script {
    struct app app; /* first */
    int next;       /* the first step that has not been called */
    struct tcp_listener *listener;
    struct app_conn *conn;                /* NULL: no socket but the listener's */
    const struct script_step *connecting; /* calls that have not returned yet; NULL: none */
    const struct script_step *accepting;
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

static void call_returned(struct script *s, const struct script_step *step, int64_t result)
{
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
    app_event(&s->app, s->conn == NULL || s->conn->t == NULL ? 0 : tcp_number(s->conn->t),
              "mismatch", "step %d: %s returned %s, not %s",
              (int)(step - steps_of(&s->app)) + 1, step->call,
              result_text(result, got, sizeof got), step->returns);
}

static void script_progress(struct app_conn *c)
{
    struct script *s = (struct script *)c->app;
    const struct script_step *connecting = s->connecting;
    const sim_time now = s->app.sim->now;

    s->conn = c; /* it may get here before app_conn_open has returned */
    if (c->connected)
        s->connected_at = time_min(s->connected_at, now);
    if (c->eof)
        s->eof_at = time_min(s->eof_at, now);
    if (c->broken)
        s->error_at = time_min(s->error_at, now);
    if (connecting == NULL || !(c->connected || c->broken))
        return;
    s->connecting = NULL;
    /* connect() hands the pending error out; a later break leaves it to the next call */
    const int error = c->connected ? 0 : tcp_error(c->t);
    if (error != 0)
        app_note_error(&s->app, tcp_number(c->t), "connect", error);
    call_returned(s, connecting, -error);
}

static const struct app_conn_kind SCRIPT_CONN = {
    .bytes = sizeof(struct app_conn), .progress = script_progress, .manual = true};

static bool try_accept(struct script *s)
{
    const struct script_params *params = s->app.params;

    s->conn = app_conn_accept(&s->app, &SCRIPT_CONN, s->listener, params->read);
    if (s->conn == NULL)
        return false;
    app_conn_look(s->conn);
    return true;
}

static void script_on_accept(struct tcp_user *user, struct tcp_listener *l)
{
    struct script *s = (struct script *)CONTAINER_OF(user, struct app, user);
    const struct script_step *accepting = s->accepting;

    if (accepting == NULL || !try_accept(s))
        return;
    s->accepting = NULL;
    call_returned(s, accepting, 0);
}

static int64_t call_listen(struct script *s, const struct script_step *step)
{
    if (s->listener != NULL)
        return -EINVAL;
    s->app.user.on_accept = script_on_accept;
    return tcp_listen(s->app.env.host->tcp, step->port, (int)step->backlog, &s->app.user,
                      &s->listener);
}

static int64_t call_accept(struct script *s, const struct script_step *step)
{
    if (s->listener == NULL || s->accepting != NULL)
        return -EINVAL;
    if (s->conn != NULL)
        return -EISCONN;
    if (try_accept(s))
        return 0;
    s->accepting = step;
    return BLOCKED;
}

static int64_t call_connect(struct script *s, const struct script_step *step)
{
    const struct script_params *params = s->app.params;
    const struct app_env *env = &s->app.env;
    const uint16_t port = step->port != 0 ? step->port : env->to_port;

    if (s->conn != NULL || s->accepting != NULL)
        return -EISCONN; /* accept() will want the place */
    if (env->to_host == NULL)
        return -EDESTADDRREQ;
    struct app_conn *c = app_conn_new(&s->app, &SCRIPT_CONN);
    c->reads = params->read;
    s->connecting = step;
    const int r =
        app_conn_open(c, (struct tcp_addr){env->to_host->addr, port}, step->local_port);
    if (r < 0) {
        s->connecting = NULL;
        return r;
    }
    s->conn = c;
    return BLOCKED; /* script_progress has told its outcome or will */
}

static int64_t call_send(struct script *s, const struct script_step *step)
{
    if (s->conn == NULL)
        return -EBADF;
    const int r = app_conn_write(s->conn, step->bytes);
    return r < 0 ? r : step->bytes;
}

static int64_t call_recv(struct script *s, const struct script_step *step)
{
    if (s->conn == NULL)
        return -EBADF;
    return app_conn_recv(s->conn, step->bytes != 0 ? step->bytes : INT64_MAX);
}

static int64_t call_shutdown(struct script *s, const struct script_step *step)
{
    static const char *const hows[] = {
        [TCP_SHUT_RD] = "rd", [TCP_SHUT_WR] = "wr", [TCP_SHUT_RDWR] = "rdwr"};

    if (s->conn == NULL)
        return -EBADF;
    for (size_t i = 0; i < ARRAY_LEN(hows); i++)
        if (strcmp(hows[i], step->how) == 0)
            return app_conn_shutdown(s->conn, (enum tcp_shut)i);
    return -EINVAL;
}

/* A blocked connect ends with its socket, without an outcome. */
static int64_t let_go(struct script *s, int (*call)(struct app_conn *c))
{
    struct app_conn *c = s->conn;

    if (c == NULL)
        return -EBADF;
    s->conn = NULL;
    s->connecting = NULL;
    return call(c);
}

static int64_t call_close(struct script *s, const struct script_step *step)
{
    if (s->conn != NULL || s->listener == NULL)
        return let_go(s, app_conn_close);
    tcp_listener_close(s->listener);
    s->listener = NULL;
    s->accepting = NULL;
    return 0;
}

static int64_t call_abort(struct script *s, const struct script_step *step)
{
    return let_go(s, app_conn_abort);
}

static int64_t call_set(struct script *s, const struct script_step *step)
{
    enum tcp_option option;

    if (s->conn == NULL)
        return -EBADF;
    if (!tcp_option_named(step->option, &option))
        return -EINVAL;
    const struct tcp_option_of o = tcp_option_of(s->conn->t);
    return tcp_option_set_int(&o, option, step->value);
}

static int64_t call_error(struct script *s, const struct script_step *step)
{
    return s->conn == NULL ? -EBADF : -tcp_error(s->conn->t);
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
    int64_t (*fn)(struct script *s, const struct script_step *step);
    uint32_t needs, takes; /* sets of KEY_OF_; takes: what it needs not counted */
    const char *lacks;     /* the sentence when something that it needs is not there */
} CALLS[] = {
    {"listen", call_listen, KEY_OF_PORT, KEY_OF_BACKLOG, "a listen step needs a port"},
    {"accept", call_accept, 0, 0, NULL},
    {"connect", call_connect, 0, KEY_OF_PORT | KEY_OF_LOCAL_PORT, NULL},
    {"send", call_send, KEY_OF_BYTES, 0, "a send step needs bytes"},
    {"recv", call_recv, 0, KEY_OF_BYTES, NULL},
    {"shutdown", call_shutdown, KEY_OF_HOW, 0, "a shutdown step needs how: rd, wr or rdwr"},
    {"close", call_close, 0, 0, NULL},
    {"abort", call_abort, 0, 0, NULL},
    {"set", call_set, KEY_OF_OPTION, KEY_OF_VALUE, "a set step needs an option"},
    {"error", call_error, 0, 0, NULL},
};

/* clang-format off */
static const struct choice CALL_CHOICES[] = {
    {"listen", "listens on port; 0, EADDRINUSE"},
    {"accept", "takes the next connection, waiting for it; 0"},
    {"connect",
     "opens a connection to `to`, port and local_port; 0 when ESTABLISHED, or ECONNREFUSED, "
     "ETIMEDOUT, ..."},
    {"send", "writes bytes, the rest as room comes; their number, or EPIPE, ECONNRESET, ..."},
    {"recv",
     "reads at most bytes (left out: all there is), with read: no; their number, 0 at the end "
     "of stream, EAGAIN"},
    {"shutdown", "closes the direction `how`; 0, ENOTCONN"},
    {"close",
     "closes the connection, or the listener when there is none; what send could not write "
     "yet is lost; 0, EBADF"},
    {"abort", "resets the connection; 0, EBADF"},
    {"set", "sets a socket option to value; 0, EINVAL"},
    {"error", "reads and clears the pending error (SO_ERROR); 0 or its errno"},
    {NULL, NULL},
};
static const struct choice HOW_CHOICES[] = {
    {"rd", "SHUT_RD: nothing more is read"},
    {"wr", "SHUT_WR: nothing more is written, the FIN follows the last byte"},
    {"rdwr", "SHUT_RDWR: both"},
    {NULL, NULL},
};
static const struct choice OPTION_CHOICES[] = {
    {"nodelay", "TCP_NODELAY: 1 turns Nagle's algorithm off"},
    {"rcvbuf", "SO_RCVBUF in bytes"},
    {"sndbuf", "SO_SNDBUF in bytes"},
    {"maxseg", "TCP_MAXSEG in bytes"},
    {NULL, NULL},
};

#define STEP(field) offsetof(struct script_step, field)
const struct key SCRIPT_STEP_KEYS[] = {
    {"at", KEY_QUANTITY, STEP(at), "0s",
     "when, from the start of the run; steps stand in the order of their times", UNIT_TIME},
    {"call", KEY_CHOICE, STEP(call), NULL, "the socket call", .choices = CALL_CHOICES},
    {"port", KEY_PORT, STEP(port), "",
     "listen: the local port; connect: the remote one, left out: that of `to`"},
    {"local_port", KEY_PORT, STEP(local_port), "",
     "connect: the local port; left out: an ephemeral one"},
    {"backlog", KEY_QUANTITY, STEP(backlog), "",
     "listen: the accept queue; left out: the host's tcp.backlog", UNIT_COUNT, 1, 1 << 20},
    {"bytes", KEY_QUANTITY, STEP(bytes), "", "send, recv: how many", UNIT_BYTES, 1,
     INT64_C(1) << 50},
    {"how", KEY_CHOICE, STEP(how), "", "shutdown: which direction", .choices = HOW_CHOICES},
    {"option", KEY_CHOICE, STEP(option), "", "set: which option",
     .choices = OPTION_CHOICES},
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
    return (struct value){.kind = VALUE_INT,
                          .num = (s->connecting != NULL) + (s->accepting != NULL)};
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
    static const char *const counted[] = {"listen", "recv", "shutdown",
                                          "set"}; /* others' failures are counted already */
    const int64_t result = find_call(step->call)->fn(s, step);

    for (size_t i = 0; i < ARRAY_LEN(counted); i++)
        if (result < 0 && result != -EAGAIN && strcmp(counted[i], step->call) == 0)
            app_note_error(&s->app, 0, step->call, (int)-result);
    if (result != BLOCKED)
        call_returned(s, step, result);
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
    s->conn = NULL;
    s->listener = NULL;
    s->connecting = s->accepting = NULL;
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
        if (strcmp(steps[i].call, "listen") == 0)
            return steps[i].port;
    return 0;
}

/* Whether the step gives the key of this bit. */
static bool is_given(const struct script_step *step, uint32_t key)
{
    const uint32_t given =
        (step->port != 0 ? KEY_OF_PORT : 0) | (step->local_port != 0 ? KEY_OF_LOCAL_PORT : 0) |
        (step->backlog != 0 ? KEY_OF_BACKLOG : 0) | (step->bytes != 0 ? KEY_OF_BYTES : 0) |
        (step->how != NULL ? KEY_OF_HOW : 0) | (step->option != NULL ? KEY_OF_OPTION : 0) |
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
    int64_t want;

    if (wrong.sentence != NULL)
        return wrong;
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
