/* SPDX-License-Identifier: GPL-3.0-or-later
 * Profile linux against what Linux 6.18 did (tests/reference): states of both ends, and every
 * segment of each direction with flags, relative numbers and length, and the window of its SYN.
 *
 * Where a bulk of data flows (05a) the kernel's merging of ACKs varies from run to run: there
 * only the segments that open and close are compared, without PSH. Options, other windows
 * (Linux grows its buffers) and times are not compared here.
 */
#include "experiments/experiment.h"
#include "tests/check.h"

#include <stdlib.h>

enum { MAX_ROWS = 400, LINE_BYTES = 600, MAX_FIELDS = 20 };

static const struct set {
    const char *name;
    bool whole; /* every segment */
} sets[] = {
    {"01a_client_close_4seg", true}, {"01b_client_close_3seg", true},
    {"04a_simultaneous_open", true}, {"04b_simultaneous_close", true},
    {"05a_half_close", false},
};

/* A segment with numbers relative to the first SYN of its direction. */
struct row {
    bool from_client;
    uint32_t flags;
    int64_t seq, ack, len;
    int64_t syn_window; /* 0: no SYN */
};
struct rows {
    size_t n;
    struct row row[MAX_ROWS];
};

static void add(struct rows *rows, struct row row)
{
    assert_true(rows->n < MAX_ROWS);
    rows->row[rows->n++] = row;
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

/* t_send,t_recv,dir,sport,dport,flags,seq_rel,ack_rel,len,... */
static void measured_segments(const char *set, struct rows *rows)
{
    char line[LINE_BYTES], *f[MAX_FIELDS];
    FILE *csv = open_csv(set, "segments.csv");
    while (fgets(line, sizeof line, csv) != NULL) {
        assert_true(split(line, f) > 9);
        const uint32_t flags = flags_of(f[5]);
        add(rows, (struct row){strcmp(f[2], "AB") == 0, flags, atoll(f[6]), atoll(f[7]),
                               atoll(f[8]), (flags & TCP_SYN) != 0 ? atoll(f[9]) : 0});
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

/* Tracepoints tell every state but TIME-WAIT, which is a small socket that only polling sees: a
 * full socket goes from FIN_WAIT2 or CLOSING to CLOSE when the small one takes over.
 * t,host,source,lport,raddr,rport,old,new,detail */
static void measured_states(const char *set, char host, char *out, size_t size)
{
    char line[LINE_BYTES], *f[MAX_FIELDS];
    bool time_wait = false;
    FILE *csv = open_csv(set, "states.csv");
    out[0] = '\0';
    while (fgets(line, sizeof line, csv) != NULL) {
        assert_true(split(line, f) > 7);
        if (f[1][0] != host || strcmp(f[5], "0") == 0)
            continue;
        if (strcmp(f[2], "poll") == 0) {
            time_wait = time_wait || strcmp(f[7], "TIME_WAIT") == 0;
            continue;
        }
        const bool hand_over = strcmp(f[7], "CLOSE") == 0 && strcmp(f[6], "LAST_ACK") != 0;
        if (!hand_over)
            snprintf(out + strlen(out), size - strlen(out), "%s ", rfc_name(f[7]));
    }
    fclose(csv);
    snprintf(out + strlen(out), size - strlen(out), "%s", time_wait ? "TIME-WAIT CLOSED" : "");
    if (!time_wait)
        out[strlen(out) - 1] = '\0';
}

/* ---- the simulated side */

struct segment_tap {
    struct listener listener; /* first */
    struct sim *sim;
    struct rows rows;
    int64_t isn[2]; /* server's, client's */
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

static void on_record(struct listener *self, sim_time now, const struct rec_type *type,
                      const void *rec)
{
    struct segment_tap *tap = (struct segment_tap *)self;
    if (strcmp(type->name, "segment") != 0 ||
        strcmp(*(const char *const *)field(type, rec, "event"), "send") != 0)
        return;
    const uint32_t flags =
        u32(type, rec, "flags") & (TCP_SYN | TCP_ACK | TCP_FIN | TCP_RST | TCP_PSH);
    const bool from_client =
        strcmp(tap->sim->subjects[u32(type, rec, "link")].name, "client->server") == 0;
    if ((flags & TCP_SYN) != 0)
        tap->isn[from_client] = u32(type, rec, "seq");
    const int64_t ack = (uint32_t)(u32(type, rec, "ack") - (uint32_t)tap->isn[!from_client]);
    add(&tap->rows,
        (struct row){from_client, flags,
                     (uint32_t)(u32(type, rec, "seq") - (uint32_t)tap->isn[from_client]),
                     (flags & TCP_ACK) != 0 ? ack : 0, u32(type, rec, "len"),
                     (flags & TCP_SYN) != 0 ? u32(type, rec, "win") : 0});
}

static void simulate(const char *set, struct segment_tap *tap, char states[2][256])
{
    char path[256];
    struct err e = {0};
    struct point_spec spec;
    snprintf(path, sizeof path, "tests/reference/%s.yaml", set);
    struct experiment *x = experiment_load(path, NULL, 0, &e);
    if (x == NULL)
        err_print(&e, stderr, 0);
    assert_non_null(x);
    assert_int_equal(experiment_point(x, 0, &spec, &e), 0);
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    *tap = (struct segment_tap){.listener = {on_record, REC_SEGMENT}, .sim = sim};
    struct net *net = net_build(sim, &spec.net);
    sim_listen(sim, &tap->listener);
    for (int i = 0; i < net->n_apps; i++)
        app_start(net->apps[i]);
    sim_run_until(sim, x->stop);
    net_finish(net);
    for (int i = 0; i < 2; i++) {
        const void *subject;
        const struct metric *m = net_metric(net, i == 0 ? "user" : "web", "states", &subject);
        const struct value v = metric_value(sim, m, subject);
        snprintf(states[i], sizeof states[i], "%s", v.text);
    }
    point_spec_free(&spec);
    experiment_free(x);
    sim_free(sim);
}

/* ---- what is compared */

static void one_direction(const struct rows *all, bool from_client, struct rows *out)
{
    out->n = 0;
    for (const struct row *r = all->row; r < all->row + all->n; r++)
        if (r->from_client == from_client)
            add(out, *r);
}

/* The segments of one direction that open or close: SYN, FIN and RST; bare ACKs before any
 * data; the first that acknowledges the peer's FIN. A FIN stands where its place in the
 * sequence is, whatever data it rides on. */
static void opening_and_closing(const struct rows *all, bool from_client, struct rows *out)
{
    bool opening = true, fin_acked = false;
    int64_t peer_fin = -1;
    out->n = 0;
    for (const struct row *r = all->row; r < all->row + all->n; r++) {
        const bool fin = (r->flags & TCP_FIN) != 0;
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

static void compare(const struct set *set, const struct rows *measured,
                    const struct rows *simulated, bool from_client)
{
    struct rows want, got;
    char story[128];
    const char *who = from_client ? "client" : "server";
    (set->whole ? one_direction : opening_and_closing)(measured, from_client, &want);
    (set->whole ? one_direction : opening_and_closing)(simulated, from_client, &got);
    for (size_t i = 0; i < want.n && i < got.n; i++) {
        snprintf(story, sizeof story, "%s, segment %zu of the %s", set->name, i + 1, who);
        check_eq(story, got.row[i].flags, want.row[i].flags);
        check_eq(story, got.row[i].seq, want.row[i].seq);
        check_eq(story, got.row[i].ack, want.row[i].ack);
        check_eq(story, got.row[i].len, want.row[i].len);
        check_eq(story, got.row[i].syn_window, want.row[i].syn_window);
    }
    snprintf(story, sizeof story, "%s, number of segments of the %s", set->name, who);
    check_eq(story, got.n, want.n);
    assert_true(want.n >= 2); /* at least a SYN and a FIN */
}

static void as_linux_did(void **state)
{
    for (const struct set *set = sets; set < sets + ARRAY_LEN(sets); set++) {
        static struct segment_tap tap;
        static struct rows measured;
        char states[2][256], want[256];
        measured.n = 0;
        measured_segments(set->name, &measured);
        simulate(set->name, &tap, states);
        for (int end = 0; end < 2; end++) {
            measured_states(set->name, end == 0 ? 'A' : 'B', want, sizeof want);
            check_str(set->name, states[end], want);
            compare(set, &measured, &tap.rows, end == 0);
        }
        assert_true(measured.n >= 9);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_linux_did)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
