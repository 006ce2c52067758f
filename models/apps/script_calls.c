/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* POLLRDHUP */
#include "models/apps/script_calls.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

/* A call's return value before it has one. No errno is that large. */
enum { BLOCKED = -100000 };

static const struct script_step *steps_of(const struct app *a)
{
    return ((const struct script_params *)a->params)->steps.items;
}

bool script_parse_returns(const char *text, int64_t *want)
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
    const bool is_known = script_parse_returns(step->returns, &want);
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

/* The last small segment waits for what comes after it. */
static int64_t call_send_more(struct script_socket *k, const struct script_step *step)
{
    return tcp_sock_send(sock_of(k), step->bytes, TCP_MORE);
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

/* One extent is enough to know that there is something; how much, the queue knows. */
static int64_t call_peek(struct script_socket *k, const struct script_step *step)
{
    struct tcp_sock *sock = sock_of(k);
    struct tcp_extent x;
    int n = 1;
    const int64_t found = tcp_sock_recv(sock, 1, &x, &n, true);
    if (found <= 0)
        return found;
    const int64_t unread = tcp_unread(sock->t);
    return step->bytes != 0 && step->bytes < unread ? step->bytes : unread;
}

static int64_t call_poll(struct script_socket *k, const struct script_step *step)
{
    return tcp_sock_poll(sock_of(k)) & (POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDHUP);
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

static const struct script_call CALLS[] = {
    {"bind", call_bind, 0, KEY_OF_PORT, NULL, true},
    {"listen", call_listen, 0, KEY_OF_PORT | KEY_OF_BACKLOG, NULL, true},
    {"accept", call_accept, 0, 0, NULL},
    {"connect", call_connect, 0, KEY_OF_PORT | KEY_OF_LOCAL_PORT, NULL, true, .needs_to = true},
    {"disconnect", call_disconnect, 0, 0, NULL},
    {"send", call_send, KEY_OF_BYTES, 0, "a send step needs bytes"},
    {"send_urgent", call_send_urgent, KEY_OF_BYTES, 0, "a send_urgent step needs bytes"},
    {"send_more", call_send_more, KEY_OF_BYTES, 0, "a send_more step needs bytes"},
    {"recv", call_recv, 0, KEY_OF_BYTES, NULL, .unless_read = true},
    {"peek", call_peek, 0, KEY_OF_BYTES, NULL, .unless_read = true},
    {"poll", call_poll, 0, 0, NULL, true},
    {"at_mark", call_at_mark, 0, 0, NULL},
    {"shutdown", call_shutdown, KEY_OF_HOW, 0, "a shutdown step needs how: rd, wr or rdwr"},
    {"close", call_close, 0, 0, NULL},
    {"abort", call_abort, 0, 0, NULL},
    {"set", call_set, KEY_OF_OPTION, KEY_OF_VALUE, "a set step needs an option", true},
    {"get", call_get, KEY_OF_OPTION, 0, "a get step needs an option", true},
    {"error", call_error, 0, 0, NULL},
};

const struct script_call *script_call_named(const char *name)
{
    size_t i = 0;
    while (strcmp(CALLS[i].name, name) != 0)
        i++; /* ends: the name is one of CALL_CHOICES */
    return &CALLS[i];
}

void script_make_call(struct script *s, const struct script_step *step)
{
    static const char *const counted[] = {
        "bind",     "listen", "recv",
        "shutdown", "set",    "get"}; /* others' failures are counted already */
    const struct script_call *call = script_call_named(step->call);
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
