/* SPDX-License-Identifier: GPL-3.0-or-later
 * run.c -- the events of a script in their order, and the clock.
 */
#include "drill/run.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "drill/inside.h"
#include "drill/suite.h"
#include "sim/address.h"

/* ---- the verdict */

static void decide(struct drill_run *r, enum drill_outcome outcome, const struct mark *at,
                   const char *fmt, va_list args)
{
    if (r->decided)
        return;
    r->decided = true;
    r->verdict->outcome = outcome;
    r->verdict->line = at != NULL ? at->line : r->event != NULL ? r->event->at.line : 0;
    r->verdict->at = r->sim->now;
    vsnprintf(r->verdict->text, sizeof r->verdict->text, fmt, args);
}

void drill_fail(struct drill_run *r, const struct mark *at, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    decide(r, DRILL_FAIL, at, fmt, args);
    va_end(args);
}

void drill_lacks(struct drill_run *r, const struct mark *at, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    decide(r, DRILL_UNSUPPORTED, at, fmt, args);
    va_end(args);
}

void drill_detail(struct drill_run *r, const char *fmt, ...)
{
    char *end = r->verdict->detail + strlen(r->verdict->detail);
    const size_t room = sizeof r->verdict->detail - (size_t)(end - r->verdict->detail);
    va_list args;
    va_start(args, fmt);
    const int n = vsnprintf(end, room, fmt, args);
    va_end(args);
    if (n >= 0 && (size_t)n + 1 < room)
        strcpy(end + n, "\n");
}

/* ---- the clock */

sim_time drill_tolerance(const struct drill_run *r, sim_time since, sim_time due)
{
    const sim_time part = due > since ? (due - since) / 1000 * r->config.tolerance_permille : 0;
    return time_max(r->config.tolerance, part);
}

bool drill_step(struct drill_run *r, sim_time until)
{
    const sim_time wake = r->pending.call != NULL ? r->pending.until : SIM_NEVER;
    if (!sim_step(r->sim, time_min(until, wake))) {
        if (wake > until || wake == SIM_NEVER)
            return false;
        sim_run_until(r->sim, wake);
    }
    drill_call_poll(r);
    return true;
}

void drill_advance(struct drill_run *r, sim_time until)
{
    while (!r->decided && drill_step(r, until))
        ;
    if (!r->decided && until > r->sim->now)
        sim_run_until(r->sim, until);
}

/* ---- events */

static bool is_inbound(const struct drill_event *e)
{
    return e->kind == DRILL_PACKET && !e->packet->outbound;
}

/* When e is due: relative times count from the end of the event before, of two inbound packets
 * from the scheduled time of the first, so that they do not drift. */
static void schedule(struct drill_run *r, const struct drill_event *e,
                     const struct drill_event *before)
{
    const bool no_drift = before != NULL && is_inbound(before) && is_inbound(e);
    const sim_time base = no_drift ? r->due : r->sim->now;
    r->previous_due = r->due;
    switch (e->time.when) {
    case WHEN_ABSOLUTE:
    case WHEN_ABSOLUTE_RANGE:
        r->due = e->time.from;
        r->due_to = e->time.when == WHEN_ABSOLUTE ? r->due : e->time.to;
        break;
    case WHEN_RELATIVE:
    case WHEN_RELATIVE_RANGE:
        r->due = time_add(base, e->time.from);
        r->due_to = e->time.when == WHEN_RELATIVE ? r->due : time_add(base, e->time.to);
        break;
    case WHEN_ANY:
        r->due = r->due_to = r->sim->now;
        break;
    }
}

/* All but outbound packets have a time to wait for, and may find that it has passed. */
static void await_due(struct drill_run *r, const struct drill_event *e)
{
    if (e->kind == DRILL_PACKET && e->packet->outbound)
        return;
    if (r->due > r->sim->now)
        drill_advance(r, r->due);
    if (!r->decided && r->sim->now - r->due > drill_tolerance(r, r->previous_due, r->due))
        drill_fail(r, &e->at, "due at %.6f s, but the event before ended at %.6f s only",
                   (double)r->due / 1e9, (double)r->sim->now / 1e9);
}

static bool packet_is_modelled(struct drill_run *r, const struct drill_packet *p)
{
    const char *lack = p->encap != NULL                       ? "packets in GRE, MPLS or IP"
                       : p->kind == DRILL_ICMP && p->outbound ? "sent ICMP messages"
                       : p->has_udp_encap                     ? "TCP over UDP"
                       : p->ip.has_flowlabel                  ? "IPv6 flow labels"
                                                              : NULL;
    if (lack != NULL)
        drill_lacks(r, &p->at, "%s", lack);
    return lack == NULL;
}

static void do_packet(struct drill_run *r, const struct drill_event *e)
{
    if (!packet_is_modelled(r, e->packet))
        return;
    if (e->packet->outbound)
        drill_expect(r, e->packet);
    else if (e->packet->kind == DRILL_ICMP)
        drill_inject_icmp(r, e->packet);
    else
        drill_inject(r, e->packet);
    drill_call_poll(r);
}

static void do_command(struct drill_run *r, const struct drill_event *e)
{
    drill_command(r, e->text, &e->at);
}

static void (*const DO[])(struct drill_run *r, const struct drill_event *e) = {
    [DRILL_PACKET] = do_packet,
    [DRILL_CALL] = drill_call_begin,
    [DRILL_COMMAND] = do_command,
    [DRILL_CODE] = drill_code_note,
};

static void run_events(struct drill_run *r)
{
    const struct drill_script *s = r->script;
    for (int i = 0; i < s->n_events && !r->decided; i++) {
        const struct drill_event *e = &s->events[i];
        r->event = e;
        schedule(r, e, i > 0 ? &s->events[i - 1] : NULL);
        await_due(r, e);
        if (!r->decided)
            DO[e->kind](r, e);
    }
    if (!r->decided)
        drill_call_await(r);
}

/* ---- one run */

static const char *profile_of(const struct drill_options *o)
{
    return o->profile != NULL ? o->profile : o->relax_freebsd ? "bsd" : "linux";
}

/* Scripts ask by `#ifdef FreeBSD` for the system whose ways they expect where these differ from
 * the RFCs: profile bsd is that system. Others ask for what the runners for Linux define. */
static struct drill_script *load(const char *path, const struct drill_options *o, struct err *e)
{
    struct drill_define *defines =
        calloc((size_t)o->n_defines + DRILL_SUITE_DEFINES, sizeof *defines);
    if (defines == NULL) {
        err_set(e, NULL, "out of memory");
        return NULL;
    }
    for (int i = 0; i < o->n_defines; i++)
        defines[i] = o->defines[i];
    int n = o->n_defines;
    if (strcmp(profile_of(o), "bsd") == 0) {
        defines[n++] = (struct drill_define){"FreeBSD", "1"};
    } else {
        drill_suite_defines(o, defines + n);
        n += DRILL_SUITE_DEFINES;
    }
    struct drill_script *s = drill_script_load(path, defines, n, e);
    free(defines);
    return s;
}

static bool begin(struct drill_run *r)
{
    const struct sim_params seed = {.seed = 1};
    const char *profile = profile_of(r->options);
    r->linux_like = strcmp(profile, "linux") == 0;
    r->sim = sim_new(&seed);
    if (r->sim == NULL || tcp_params_init(&r->params, profile) != 0)
        return false;
    r->config.local = address_intern(r->sim, r->config.local_given);
    r->config.remote = address_intern(r->sim, r->config.remote_given);
    r->params.mss = r->config.mtu - IP4_HEADER_BYTES - TCP_HEADER_BYTES; /* IPv6: 20 less */
    r->params.coalesced_mss = r->config.mss;
    const uint32_t host = sim_subject(r->sim, "host", "endpoint");
    tcp_account_init(&r->account, host);
    r->stack = tcp_stack_new(r->sim, host, r->config.local, &r->params, drill_wire_output, r);
    r->udp = udp_stack_new(r->sim, r->config.local, drill_wire_output, r);
    return true;
}

static void end(struct drill_run *r)
{
    if (r->options->ladder)
        r->verdict->ladder = drill_ladder(r);
    tcp_stack_finish(r->stack);
    if (r->code_out != NULL)
        fclose(r->code_out);
    free(r->code);
    sim_free(r->sim);
}

static bool configure(struct drill_run *r)
{
    const struct drill_options *o = r->options;
    struct drill_verdict *v = r->verdict;
    const char *lacks;
    if (drill_config_read(&r->config, r->script->settings, r->script->n_settings, o->settings,
                          o->n_settings, &lacks, &v->error) != 0) {
        v->outcome = DRILL_BROKEN;
        v->line = v->error.line;
        snprintf(v->text, sizeof v->text, "%s", v->error.text);
        return false;
    }
    if (lacks != NULL) {
        v->outcome = DRILL_UNSUPPORTED;
        snprintf(v->text, sizeof v->text, "--%s", lacks);
    }
    return lacks == NULL;
}

void drill_run(const struct drill_script *script, const char *name,
               const struct drill_options *o, struct drill_verdict *out)
{
    struct drill_run r = {.script = script, .options = o, .name = name, .verdict = out};
    *out = (struct drill_verdict){.outcome = DRILL_PASS};
    if (!configure(&r))
        return;
    if (!begin(&r)) {
        out->outcome = DRILL_BROKEN;
        err_set(&out->error, NULL, "no memory for a simulation, or no profile '%s'",
                profile_of(o));
        snprintf(out->text, sizeof out->text, "%s", out->error.text);
        return;
    }
    if (script->init != NULL)
        drill_command(&r, script->init, &script->init_at);
    run_events(&r);
    if (!r.decided && script->cleanup != NULL)
        drill_command(&r, script->cleanup, &script->cleanup_at);
    if (!r.decided)
        drill_code_run(&r);
    if (!r.decided)
        out->at = r.sim->now;
    end(&r);
}

void drill_run_file(const char *path, const struct drill_options *o, struct drill_verdict *out)
{
    struct err e = {0};
    struct drill_script *s = load(path, o, &e);
    if (s == NULL) {
        *out = (struct drill_verdict){.outcome = DRILL_BROKEN, .line = e.line, .error = e};
        snprintf(out->text, sizeof out->text, "%s", e.text);
        return;
    }
    drill_run(s, path, o, out);
    drill_script_free(s);
}

void drill_verdict_free(struct drill_verdict *v)
{
    free(v->ladder);
    v->ladder = NULL;
}
