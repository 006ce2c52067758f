/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/apps/script.h"

#include <string.h>

#include "models/apps/script_calls.h"
#include "sim/err.h"

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
    {"send_more",
     "writes bytes of which a last small segment waits for more (MSG_MORE); their number, or "
     "EAGAIN, EPIPE, ..."},
    {"at_mark", "1 when the next byte to read is the peer's urgent one, else 0 (SIOCATMARK)"},
    {"recv",
     "reads at most bytes (left out: all there is), with read: no; their number, 0 at the end "
     "of stream, EAGAIN"},
    {"peek",
     "as recv, and leaves the bytes (MSG_PEEK), with read: no; their number, 0 at the end of "
     "stream, EAGAIN"},
    {"poll",
     "asks for everything; the sum of what is there: IN 1, OUT 4, ERR 8, HUP 16, RDHUP 8192"},
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
    {"bytes", KEY_QUANTITY, STEP(bytes), "", "send, send_urgent, send_more, recv, peek: how many", UNIT_BYTES, 1,
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

/* All steps of this instant, then sleep until the next one's. */
static void script_on_wake(struct app *a)
{
    struct script *s = (struct script *)a;
    const struct script_params *params = a->params;
    const struct script_step *steps = params->steps.items;

    while (s->next < params->steps.n && steps[s->next].at <= a->sim->now)
        script_make_call(s, &steps[s->next++]);
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

static struct misfit check_call_keys(const struct script_step *step,
                                     const struct script_call *call)
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

static struct misfit no_such_option(const char *name)
{
    const char *names[TCP_N_OPTIONS];
    for (int i = 0; i < TCP_N_OPTIONS; i++)
        names[i] = TCP_OPTIONS[i].name;
    return (struct misfit){"option names no socket option; docs/sockets.md lists them",
                           .key = "option", .meant = nearest_name(name, names, TCP_N_OPTIONS)};
}

static struct misfit check_step(const struct script_params *params,
                                const struct script_step *step)
{
    const struct script_call *call = script_call_named(step->call);
    const struct misfit wrong = check_call_keys(step, call);
    enum tcp_option option;
    int64_t want;

    if (wrong.sentence != NULL)
        return wrong;
    if (step->option[0] != '\0' && !tcp_option_named(step->option, &option))
        return no_such_option(step->option);
    if (call->unless_read && params->read)
        return (struct misfit){
            "a recv or peek step needs read: no, else the bytes are read already",
            .key = "call"};
    if (call->needs_to && params->to[0] == '\0')
        return (struct misfit){"a connect step needs the script's to", .key = "call"};
    if (step->returns[0] != '\0' && !script_parse_returns(step->returns, &want))
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
