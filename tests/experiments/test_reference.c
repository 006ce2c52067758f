/* SPDX-License-Identifier: GPL-3.0-or-later
 * Profile linux against what Linux 6.18 did (tests/reference): states of both ends, and every
 * segment of each direction with flags, relative numbers and length, the window of its SYN, and
 * when it was sent.
 *
 * Times are compared cause by cause: the wait between a segment or a change of state and the
 * last segment that its host had sent or got before it. Linux's timers fire late, the later the
 * longer they are, its programs take a moment, and the link's own lateness drops out; nothing
 * happens early. What is left out of a set stands in its row; why, in docs/limits.md.
 *
 * Segments that were injected there are injected here, at the same instant and with the same
 * relative numbers.
 *
 * Options and windows after the SYN (Linux grows its buffers) are not compared here.
 */
#include "experiments/experiment.h"
#include "models/link.h"
#include "models/tcp/options.h"
#include "tests/check.h"

#include <math.h>
#include <stdlib.h>

enum { MAX_ROWS = 400, LINE_BYTES = 600, MAX_FIELDS = 20, FIRST_PORT = 40001, PORTS = 32 };
enum {
    MAX_STATES = 12,
    MAX_INJECTED = 16,
    DELAY = 50000,
    SLACK = 1000
}; /* us: one way; for a program to wake up */
static const int64_t NEVER = INT64_MAX;

/* What is not compared. */
enum { ENDS_ONLY = 1, NO_TIMES = 2 };

static const struct set {
    const char *name;
    unsigned leaves_out;
    int64_t until; /* us: what was sent later is not compared; 0: everything is */
    /* us that the machine was late beyond what the README tells: a delayed ACK by two ticks of
     * 4 ms, an RTO of 304 ms, rounded up to ticks before it was doubled (03d) */
    int64_t jitter;
    bool injects; /* else what was injected there comes from a host here (02i) */
} sets[] = {
    {"01a_client_close_4seg", .jitter = 3100},
    {"01b_client_close_3seg"},
    {"01c_server_close"},
    {"02a_syn_lost_once", .jitter = 300},
    {"02b_syn_lost_3"},
    {"02c_syn_all_lost_default"},
    {"02d_syn_all_lost_nolinear"},
    {"02e_syn_all_lost_retries2"},
    {"02g_synack_lost_once"},
    {"02i_synack_timer_default"},
    {"02j0_synack_timer_retries0"},
    {"02k_ack_lost_client_data"},
    {"02l_ack_lost_client_data_late"},
    {"02n_ack_lost_forever"},
    {"02o_defer_accept"},
    {"02p_connect_closed_port"},
    {"03a_fin_lost_once"},
    {"03c_last_ack_lost_once", .jitter = 1800},
    {"03d_last_ack_lost_5", .jitter = 16000},
    {"03e_time_wait_length"},
    {"03f_linger0"},
    {"03i_linger_close_unsent", .until = 290000},
    {"03j_max_tw_buckets"},
    {"04a_simultaneous_open"},
    {"04b_simultaneous_close"},
    {"05a_half_close", ENDS_ONLY | NO_TIMES},
    {"05c_finwait2_timeout60"},
    {"05d_finwait2_timeout90"},
    {"05e_data_after_close"},
    {"05f_shutdown_no_timeout"},
    {"06b_stale_syn_established", .injects = true},
    {"06c_stale_syn_established_nots", .injects = true},
    {"06d_stale_syn_timewait", .until = 15600000, .jitter = 500, .injects = true},
    {"07f_syncookies2_synack_lost"},
    {"09a_blind_rst", .injects = true},
    {"09b_rst_timewait_rfc1337_0", .injects = true},
    {"09d_tw_assassination_rfc1337_0", .injects = true},
    {"09f_segments_timewait", .injects = true},
};

/* A segment with numbers relative to the first SYN of its direction; times in us. */
struct row {
    bool from_client;
    int port; /* of the client, from FIRST_PORT on */
    uint32_t flags;
    int64_t seq, ack, len;
    int64_t syn_window;           /* 0: no SYN */
    int64_t sent_at, received_at; /* NEVER: it was lost */
    bool injected;
    struct tcp_options opt; /* of an injected one: timestamps relative, like numbers */
};
struct rows {
    size_t n;
    struct row row[MAX_ROWS];
};

/* What a connection of one end went through. */
struct life {
    int n;
    const char *state[MAX_STATES];
    int64_t at[MAX_STATES]; /* us; NEVER: not known */
};
/* [server, client][port] */
struct lives {
    struct life of[2][PORTS];
    int64_t end_at; /* the last that was seen */
};

static void add(struct rows *rows, struct row row)
{
    assert_true(rows->n < MAX_ROWS);
    rows->row[rows->n++] = row;
}

static void live(struct life *life, const char *state, int64_t at)
{
    assert_true(life->n < MAX_STATES);
    life->state[life->n] = state;
    life->at[life->n++] = at;
}

/* Sets whose client is not at FIRST_PORT (04a) have one connection: it is the first. */
static int port_index(int64_t port)
{
    return port >= FIRST_PORT && port < FIRST_PORT + PORTS ? (int)(port - FIRST_PORT) : 0;
}

/* ---- the measured side */

static int split(char *line, char **fields)
{
    int n = 0;
    line[strcspn(line, "\n")] = '\0';
    for (char *f = line; f != NULL && n < MAX_FIELDS; n++) {
        fields[n] = f;
        f = strchr(f, ',');
        if (f != NULL)
            *f++ = '\0';
    }
    return n;
}

static FILE *open_csv(const char *set, const char *file)
{
    char path[256], header[LINE_BYTES];
    snprintf(path, sizeof path, "tests/reference/linux-6.18/%s/%s", set, file);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    assert_non_null(fgets(header, sizeof header, f));
    return f;
}

static uint32_t flags_of(const char *text)
{
    static const struct {
        char letter;
        uint32_t flag;
    } letters[] = {
        {'S', TCP_SYN}, {'A', TCP_ACK}, {'F', TCP_FIN}, {'R', TCP_RST}, {'P', TCP_PSH}};
    uint32_t flags = 0;
    for (size_t i = 0; i < ARRAY_LEN(letters); i++)
        flags |= strchr(text, letters[i].letter) != NULL ? letters[i].flag : 0;
    return flags;
}

/* "1.234567" in us; "": NEVER */
static int64_t micros(const char *text)
{
    return text[0] == '\0' ? NEVER : llround(strtod(text, NULL) * 1e6);
}

/* "mss=1460 sackOK ts=251/- ws=7" */
static struct tcp_options options_of(const char *text)
{
    const char *mss = strstr(text, "mss="), *ts = strstr(text, "ts="),
               *ws = strstr(text, "ws=");
    const char *echo = ts != NULL ? strchr(ts, '/') : NULL;
    return (struct tcp_options){.mss = mss != NULL ? (uint16_t)atoi(mss + 4) : 0,
                                .sack_permitted = strstr(text, "sackOK") != NULL,
                                .has_timestamps = ts != NULL,
                                .tsval = ts != NULL ? (uint32_t)atoll(ts + 3) : 0,
                                .tsecr = echo != NULL ? (uint32_t)atoll(echo + 1) : 0,
                                .has_wscale = ws != NULL,
                                .wscale = ws != NULL ? (uint8_t)atoi(ws + 3) : 0};
}

/* t_send,t_recv,dir,sport,dport,flags,seq_rel,ack_rel,len,win,options,fate,... */
static void measured_segments(const char *set, struct rows *rows)
{
    char line[LINE_BYTES], *f[MAX_FIELDS];
    FILE *csv = open_csv(set, "segments.csv");
    while (fgets(line, sizeof line, csv) != NULL) {
        assert_true(split(line, f) > 11);
        const uint32_t flags = flags_of(f[5]);
        const bool from_client = strcmp(f[2], "AB") == 0;
        add(rows, (struct row){.from_client = from_client,
                               .port = port_index(atoll(f[from_client ? 3 : 4])),
                               .flags = flags,
                               .seq = (uint32_t)atoll(f[6]),
                               .ack = (uint32_t)atoll(f[7]),
                               .len = atoll(f[8]),
                               .syn_window = (flags & TCP_SYN) != 0 ? atoll(f[9]) : 0,
                               .sent_at = micros(f[0]),
                               .received_at = micros(f[1]),
                               .injected = strcmp(f[11], "injected") == 0,
                               .opt = options_of(f[10])});
    }
    fclose(csv);
}

static const char *rfc_name(const char *linux_name)
{
    static const char *const names[][2] = {
        {"SYN_SENT", "SYN-SENT"},       {"SYN_RECV", "SYN-RECEIVED"},
        {"ESTABLISHED", "ESTABLISHED"}, {"FIN_WAIT1", "FIN-WAIT-1"},
        {"FIN_WAIT2", "FIN-WAIT-2"},    {"CLOSE_WAIT", "CLOSE-WAIT"},
        {"CLOSING", "CLOSING"},         {"LAST_ACK", "LAST-ACK"},
        {"TIME_WAIT", "TIME-WAIT"},     {"CLOSE", "CLOSED"},
    };
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strcmp(names[i][0], linux_name) == 0)
            return names[i][1];
    fail_msg("a state that is not in the table: %s", linux_name);
    return NULL;
}

static bool last_is(const struct life *life, const char *state)
{
    return life->n > 0 && strcmp(life->state[life->n - 1], state) == 0;
}

/* Tracepoints tell every state of a full socket, and when. Requests in SYN_RECV, TIME_WAIT and
 * what is left of an orphan in FIN_WAIT2 are small sockets that only polling sees, 1 ms late: a
 * full socket goes from FIN_WAIT2 or CLOSING to CLOSE when a small one takes over. The request
 * shows in the trace again when it is accepted. */
static void take_state(struct life *life, bool polled, const char *old, const char *new,
                       int64_t at)
{
    const bool gone = strcmp(new, "-") == 0;
    if (polled && gone) {
        const bool request = strcmp(old, "SYN_RECV") == 0;
        if (!last_is(life, "CLOSED"))
            live(life, request ? "LISTEN" : "CLOSED", at);
    } else if (polled) {
        const bool small = strcmp(new, "SYN_RECV") == 0 || strcmp(new, "TIME_WAIT") == 0;
        if (strcmp(old, "TIME_WAIT") == 0) /* it has given way to a new SYN */
            live(life, "CLOSED", NEVER);
        if (small && !last_is(life, rfc_name(new)))
            live(life, rfc_name(new), NEVER);
    } else {
        const bool hand_over = strcmp(new, "CLOSE") == 0 &&
                               (strcmp(old, "FIN_WAIT2") == 0 || strcmp(old, "CLOSING") == 0);
        if (!hand_over && !last_is(life, rfc_name(new)))
            live(life, rfc_name(new), strcmp(new, "SYN_RECV") == 0 ? NEVER : at);
    }
}

/* t,host,source,lport,raddr,rport,old,new,detail */
static void measured_states(const char *set, struct lives *lives)
{
    char line[LINE_BYTES], *f[MAX_FIELDS];
    FILE *csv = open_csv(set, "states.csv");
    *lives = (struct lives){0};
    while (fgets(line, sizeof line, csv) != NULL) {
        assert_true(split(line, f) > 7);
        const bool listener = strcmp(f[5], "0") == 0;
        if (listener && strcmp(f[7], "CLOSE") == 0)
            break; /* the measurement is over */
        if (listener || strcmp(f[6], "EVENT") == 0)
            continue;
        const bool client = f[1][0] == 'A';
        lives->end_at = micros(f[0]);
        struct life *life = &lives->of[client][port_index(atoll(f[client ? 3 : 5]))];
        take_state(life, strcmp(f[2], "poll") == 0, f[6], f[7], micros(f[0]));
    }
    fclose(csv);
}

/* ---- the simulated side */

struct injection {
    struct event event; /* first */
    struct observer *observer;
    const struct row *row;
};
struct observer {
    struct listener listener; /* first */
    struct sim *sim;
    struct net *net;
    const struct rows *measured;
    struct injection injections[MAX_INJECTED];
    int n_injections;
    bool injecting;
    struct rows rows;
    struct lives lives;
    int64_t isn[2][PORTS];    /* server's, client's; -1: no segment yet */
    uint32_t tsval[2][PORTS]; /* ... and the first timestamp */
    struct {
        bool client;
        int port;
    } conns[4 * PORTS]; /* by number */
};

static const void *field(const struct rec_type *type, const void *rec, const char *name)
{
    for (uint32_t i = 0; i < type->n_fields; i++)
        if (strcmp(type->fields[i].name, name) == 0)
            return (const char *)rec + type->fields[i].offset;
    fail_msg("no field %s", name);
    return NULL;
}

static uint32_t u32(const struct rec_type *type, const void *rec, const char *name)
{
    return *(const uint32_t *)field(type, rec, name);
}

static const char *text(const struct rec_type *type, const void *rec, const char *name)
{
    return *(const char *const *)field(type, rec, name);
}

static const char *subject(const struct observer *o, uint32_t number)
{
    return o->sim->subjects[number].name;
}

/* A direction that has had no SYN begins at 1: the reset of a closed port. */
static void on_segment(struct observer *o, int64_t now, const struct rec_type *type,
                       const void *rec)
{
    if (strcmp(text(type, rec, "event"), "send") != 0 || o->injecting)
        return;
    const uint32_t flags =
        u32(type, rec, "flags") & (TCP_SYN | TCP_ACK | TCP_FIN | TCP_RST | TCP_PSH);
    const bool from_client = strcmp(subject(o, u32(type, rec, "link")), "client->server") == 0;
    const int port = port_index(u32(type, rec, from_client ? "sport" : "dport"));
    const uint32_t seq = u32(type, rec, "seq");
    if (o->isn[from_client][port] < 0) {
        o->isn[from_client][port] = (flags & TCP_SYN) != 0 ? seq : (uint32_t)(seq - 1);
        o->tsval[from_client][port] = (uint32_t)(now / 1000); /* it counts ms from the start */
    }
    const int64_t ack =
        (uint32_t)(u32(type, rec, "ack") - (uint32_t)o->isn[!from_client][port]);
    add(&o->rows, (struct row){.from_client = from_client,
                               .port = port,
                               .flags = flags,
                               .seq = (uint32_t)(seq - (uint32_t)o->isn[from_client][port]),
                               .ack = (flags & TCP_ACK) != 0 ? ack : 0,
                               .len = u32(type, rec, "len"),
                               .syn_window = (flags & TCP_SYN) != 0 ? u32(type, rec, "win") : 0,
                               .sent_at = now,
                               .received_at = now + DELAY});
}

static void on_conn(struct observer *o, const struct rec_type *type, const void *rec)
{
    const uint32_t number = u32(type, rec, "conn");
    const bool client = strcmp(subject(o, u32(type, rec, "host")), "client") == 0;
    assert_true(number < ARRAY_LEN(o->conns));
    o->conns[number].client = client;
    o->conns[number].port = port_index(u32(type, rec, client ? "local_port" : "remote_port"));
}

/* A TIME-WAIT without any wait (no room, 03j) is none that a poll could see. */
static void on_transition(struct observer *o, int64_t now, const struct rec_type *type,
                          const void *rec)
{
    const uint32_t number = u32(type, rec, "conn");
    struct life *life = &o->lives.of[o->conns[number].client][o->conns[number].port];
    if (last_is(life, "TIME-WAIT") && life->at[life->n - 1] == now)
        life->n--;
    live(life, text(type, rec, "to_state"), now);
}

static void on_record(struct listener *self, sim_time now, const struct rec_type *type,
                      const void *rec)
{
    struct observer *o = (struct observer *)self;
    if (strcmp(type->name, "segment") == 0)
        on_segment(o, now / US(1), type, rec);
    else if (strcmp(type->name, "conn") == 0)
        on_conn(o, type, rec);
    else if (strcmp(type->name, "transition") == 0 && u32(type, rec, "conn") != 0)
        on_transition(o, now / US(1), type, rec);
}

static bool same_sender(const struct row *a, const struct row *b)
{
    return !b->injected && a->from_client == b->from_client && a->port == b->port;
}

/* r's TSval here: that of the same segment when r repeats the TSval of one. */
static uint32_t tsval_of(const struct observer *o, const struct row *r)
{
    const struct row *m = o->measured->row, *got = o->rows.row, *end = got + o->rows.n;
    uint32_t tsval = o->tsval[r->from_client][r->port] + r->opt.tsval;
    for (; m < r; m++) {
        if (!same_sender(r, m))
            continue;
        while (got < end && !same_sender(r, got))
            got++;
        assert_true(got < end);
        if (m->opt.has_timestamps && m->opt.tsval == r->opt.tsval)
            tsval = (uint32_t)(got->sent_at / 1000); /* the clock counts ms */
        got++;
    }
    return tsval;
}

/* The segment of one row, with the numbers of the simulated connection. */
static void inject(struct sim *sim, struct event *e)
{
    const struct injection *in = (const struct injection *)e;
    struct observer *o = in->observer;
    const struct row *r = in->row;
    const bool dir = r->from_client;
    const struct host *client = &o->net->hosts[0], *server = &o->net->hosts[1];
    struct tcp_options opt = r->opt;
    assert_true(o->isn[true][r->port] >= 0 && o->isn[false][r->port] >= 0);
    struct packet *p = packet_new(sim, 40 + (uint32_t)r->len);
    p->src = (dir ? client : server)->addr;
    p->dst = (dir ? server : client)->addr;
    p->ttl = 64;
    p->proto = PROTO_TCP;
    p->sport = dir ? (uint16_t)(FIRST_PORT + r->port) : 80;
    p->dport = dir ? 80 : (uint16_t)(FIRST_PORT + r->port);
    p->flags = (uint16_t)r->flags;
    p->seq = (uint32_t)(o->isn[dir][r->port] + r->seq);
    p->ack = (r->flags & TCP_ACK) != 0 ? (uint32_t)(o->isn[!dir][r->port] + r->ack) : 0;
    p->win = 64240;
    p->len = (uint32_t)r->len;
    p->payload = PAYLOAD_FORGED;
    opt.tsval = tsval_of(o, r);
    opt.tsecr += (r->flags & TCP_ACK) != 0 ? o->tsval[!dir][r->port] : 0;
    tcp_options_put(sim, p, &opt, tcp_option_layout_find("linux"));
    add(&o->rows, *r);
    o->injecting = true;
    link_send(&o->net->links[!dir], p);
    o->injecting = false;
}

static void plan_injections(struct observer *o, const struct rows *measured)
{
    o->measured = measured;
    for (const struct row *r = measured->row; r < measured->row + measured->n; r++) {
        if (!r->injected)
            continue;
        assert_true(o->n_injections < MAX_INJECTED);
        struct injection *in = &o->injections[o->n_injections++];
        *in = (struct injection){.observer = o, .row = r};
        event_init(o->sim, &in->event, EV_WORLD, 1u << 16, inject);
        event_at(o->sim, &in->event, US(r->sent_at));
    }
}

static void simulate(const struct set *set, const struct rows *measured, struct observer *o)
{
    char path[256];
    struct err e = {0};
    struct point_spec spec;
    snprintf(path, sizeof path, "tests/reference/%s.yaml", set->name);
    struct experiment *x = experiment_load(path, NULL, 0, &e);
    if (x == NULL)
        err_print(&e, stderr, 0);
    assert_non_null(x);
    assert_int_equal(experiment_point(x, 0, &spec, &e), 0);
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    *o = (struct observer){.listener = {on_record, REC_SEGMENT | REC_LIFE}, .sim = sim};
    memset(o->isn, 0xff, sizeof o->isn);
    struct net *net = o->net = net_build(sim, &spec.net);
    sim_listen(sim, &o->listener);
    if (set->injects)
        plan_injections(o, measured);
    for (int i = 0; i < net->n_apps; i++)
        app_start(net->apps[i]);
    sim_run_until(sim, x->stop);
    net_finish(net);
    point_spec_free(&spec);
    experiment_free(x);
    sim_free(sim);
}

/* ---- what is compared */

/* The segments of one connection in one direction. */
static void one_direction(const struct rows *all, bool from_client, int port, struct rows *out)
{
    out->n = 0;
    for (const struct row *r = all->row; r < all->row + all->n; r++)
        if (r->from_client == from_client && r->port == port)
            add(out, *r);
}

/* Of these the ones that open or close: SYN, FIN and RST; bare ACKs before any data; the first
 * that acknowledges the peer's FIN. A FIN stands where its place in the sequence is, whatever
 * data it rides on. */
static void opening_and_closing(const struct rows *all, bool from_client, int port,
                                struct rows *out)
{
    bool opening = true, fin_acked = false;
    int64_t peer_fin = -1;
    out->n = 0;
    for (const struct row *r = all->row; r < all->row + all->n; r++) {
        const bool fin = (r->flags & TCP_FIN) != 0;
        if (r->port != port)
            continue;
        opening = opening && r->len == 0 && !fin;
        if (r->from_client != from_client) {
            peer_fin = fin ? r->seq + r->len : peer_fin;
            continue;
        }
        const bool acks_fin = peer_fin >= 0 && !fin_acked && r->ack > peer_fin;
        fin_acked = fin_acked || acks_fin;
        if (!opening && !fin && !acks_fin && (r->flags & (TCP_SYN | TCP_RST)) == 0)
            continue;
        add(out, *r);
        struct row *last = &out->row[out->n - 1];
        last->flags &= ~(uint32_t)TCP_PSH;
        last->seq += fin ? r->len : 0;
        last->len = 0;
    }
}

static void cut(struct rows *rows, int64_t until)
{
    while (until > 0 && rows->n > 0 && rows->row[rows->n - 1].sent_at > until)
        rows->n--;
}

/* How late Linux's timer may be after a wait of so many us. */
static int64_t granularity(int64_t wait)
{
    return wait < 250000 ? 4000 : wait < 2000000 ? 32000 : wait < 16000000 ? 256000 : 2050000;
}

/* Of what `host` sent and got on a connection before `at` the latest: which row of which
 * direction. False: there is none. */
static bool cause_of(const struct rows dirs[2], bool host, int64_t at, bool *sent,
                     size_t *index)
{
    int64_t latest = -1;
    for (int dir = 0; dir < 2; dir++) {
        for (size_t i = 0; i < dirs[dir].n; i++) {
            const struct row *r = &dirs[dir].row[i];
            const int64_t t = dir == host ? r->sent_at : r->received_at;
            if (t >= at || t <= latest)
                continue;
            latest = t;
            *sent = dir == host;
            *index = i;
        }
    }
    return latest >= 0;
}

static int64_t time_of(const struct rows dirs[2], bool host, bool sent, size_t index)
{
    const struct row *r = &dirs[sent ? host : !host].row[index];
    return sent ? r->sent_at : r->received_at;
}

/* Linux did at `want` what the simulation did at `got`; margin: how long after it the record of
 * its cause may have been written. */
static void check_time(const struct set *set, const char *story, const struct rows measured[2],
                       const struct rows simulated[2], bool host, int64_t want, int64_t got,
                       int64_t margin)
{
    bool sent;
    size_t index;
    if (!cause_of(measured, host, want + margin, &sent, &index))
        return; /* the first of a connection: the program's own time */
    const int64_t wait = got - time_of(simulated, host, sent, index);
    const int64_t waited = want - time_of(measured, host, sent, index);
    const bool late = waited > wait + granularity(wait) + SLACK + set->jitter;
    if (late || want < got - SLACK)
        print_error("%s: Linux waited %lld us and did it at %lld, here it is %lld and %lld\n",
                    story, (long long)waited, (long long)want, (long long)wait, (long long)got);
    check_true(story, !late);
    check_true(story, want >= got - SLACK);
}

static void check_times(const struct set *set, const struct rows measured[2],
                        const struct rows simulated[2], bool host)
{
    char story[128];
    for (size_t i = 0; i < measured[host].n; i++) {
        snprintf(story, sizeof story, "%s, time of segment %zu of the %s", set->name, i + 1,
                 host ? "client" : "server");
        check_time(set, story, measured, simulated, host, measured[host].row[i].sent_at,
                   simulated[host].row[i].sent_at, 0);
    }
}

static void check_rows(const struct set *set, const struct rows *want, const struct rows *got,
                       bool from_client)
{
    char story[128];
    const char *who = from_client ? "client" : "server";
    for (size_t i = 0; i < want->n && i < got->n; i++) {
        snprintf(story, sizeof story, "%s, segment %zu of the %s", set->name, i + 1, who);
        check_eq(story, got->row[i].flags, want->row[i].flags);
        check_eq(story, got->row[i].seq, want->row[i].seq);
        check_eq(story, got->row[i].ack, want->row[i].ack);
        check_eq(story, got->row[i].len, want->row[i].len);
        check_eq(story, got->row[i].syn_window, want->row[i].syn_window);
    }
    snprintf(story, sizeof story, "%s, number of segments of the %s", set->name, who);
    check_eq(story, got->n, want->n);
}

/* What happens here after the measurement ended is not looked at; a host without any state was
 * no host (02i). */
static void check_states(const struct set *set, const struct life *want, const struct life *got,
                         int64_t end_at, bool client)
{
    char story[128];
    snprintf(story, sizeof story, "%s, states of the %s", set->name,
             client ? "client" : "server");
    for (int i = 0; i < want->n; i++) {
        check_true(story, i < got->n);
        check_str(story, got->state[i], want->state[i]);
    }
    const bool later = got->n > want->n && (want->n == 0 || got->at[want->n] > end_at);
    check_true(story, got->n == want->n || later);
}

static void check_state_times(const struct set *set, const struct rows measured[2],
                              const struct rows simulated[2], const struct life *want,
                              const struct life *got, bool client)
{
    char story[128];
    for (int i = 1; i < want->n; i++) {
        snprintf(story, sizeof story, "%s, time of state %s of the %s", set->name,
                 want->state[i], client ? "client" : "server");
        if (want->at[i] != NEVER)
            check_time(set, story, measured, simulated, client, want->at[i], got->at[i], SLACK);
    }
}

/* The connection of this port of the client. */
static void compare(const struct set *set, int port, const struct rows *measured,
                    const struct observer *o, const struct lives *lives)
{
    static struct rows want[2], got[2];
    const bool ends = (set->leaves_out & ENDS_ONLY) != 0;
    for (int dir = 0; dir < 2; dir++) {
        (ends ? opening_and_closing : one_direction)(measured, dir, port, &want[dir]);
        (ends ? opening_and_closing : one_direction)(&o->rows, dir, port, &got[dir]);
        cut(&want[dir], set->until);
        cut(&got[dir], set->until);
        check_rows(set, &want[dir], &got[dir], dir);
        check_states(set, &lives->of[dir][port], &o->lives.of[dir][port], lives->end_at, dir);
    }
    for (int dir = 0; dir < 2 && (set->leaves_out & NO_TIMES) == 0; dir++) {
        check_times(set, want, got, dir);
        check_state_times(set, want, got, &lives->of[dir][port], &o->lives.of[dir][port], dir);
    }
}

static void as_linux_did(void **state)
{
    const char *only = getenv("SET");
    for (const struct set *set = sets; set < sets + ARRAY_LEN(sets); set++) {
        static struct observer o;
        static struct rows measured;
        static struct lives lives;
        if (only != NULL && strstr(set->name, only) == NULL)
            continue;
        measured.n = 0;
        measured_segments(set->name, &measured);
        measured_states(set->name, &lives);
        assert_true(measured.n >= 2);
        simulate(set, &measured, &o);
        for (int port = 0; port < PORTS; port++)
            compare(set, port, &measured, &o, &lives);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_linux_did)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
