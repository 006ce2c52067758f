/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/link.h"
#include "tests/experiments/reference.h"

#include <arpa/inet.h>
#include <math.h>
#include <stdlib.h>

enum { LINE_BYTES = 600, MAX_FIELDS = 20, A_MOMENT = 1000 /* us */ };
/* What a relative timestamp of 0 is: far from the simulation's clocks, which begin at 0. */
static const uint32_t FIRST_TSVAL = UINT32_C(0x40000000);

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
    if (f == NULL)
        fail_msg("%s is not there", path);
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

/* "1.234567" in us; "": REF_NEVER */
static int64_t micros(const char *text)
{
    return text[0] == '\0' ? REF_NEVER : llround(strtod(text, NULL) * 1e6);
}

/* The client is 10.77.N.1; everyone else on its side is forged. */
static uint32_t peer_of(const char *address)
{
    struct in_addr a;
    assert_int_equal(inet_pton(AF_INET, address, &a), 1);
    const uint32_t low = ntohl(a.s_addr);
    return (low >> 16) == ((10u << 8) | 77) && (low & 255) == 1 ? 0 : low;
}

/* "1/0", "1/-" */
static void take_timestamps(struct ref_row *r, const char *text)
{
    const char *echo = strchr(text, '/');
    assert_non_null(echo);
    r->opt.has_timestamps = true;
    r->opt.tsval = FIRST_TSVAL + (uint32_t)atoll(text);
    r->has_echo = strcmp(echo, "/-") != 0;
    r->opt.tsecr = r->has_echo ? FIRST_TSVAL + (uint32_t)atoll(echo + 1) : 0;
}

/* "0-1", "472049-474945|..." relative to the peer's first SYN */
static void take_sack(struct ref_row *r, const char *text, uint32_t base)
{
    for (const char *p = text; p != NULL; p = strchr(p, '|')) {
        p += *p == '|';
        const char *right = strchr(p, '-');
        assert_true(right != NULL && r->opt.n_sack < MAX_SACK_BLOCKS);
        r->opt.sack[r->opt.n_sack++] =
            (struct sack_block){base + (uint32_t)atoll(p), base + (uint32_t)atoll(right + 1)};
        if (strchr(p, '|') == NULL)
            break;
    }
}

/* "mss=1460 sackOK ts=251/- ws=7 TFO=req" */
static void take_options(struct ref_row *r, char *text, uint32_t peer_base)
{
    char *rest;
    for (char *o = strtok_r(text, " ", &rest); o != NULL; o = strtok_r(NULL, " ", &rest)) {
        const char *name = o;
        if (strncmp(o, "ts=", 3) == 0) {
            take_timestamps(r, o + 3);
            name = "ts";
        } else if (strncmp(o, "sack=", 5) == 0) {
            take_sack(r, o + 5, peer_base);
            name = "sack";
        } else if (strncmp(o, "mss=", 4) == 0) {
            r->opt.mss = (uint16_t)atoi(o + 4);
        } else if (strncmp(o, "ws=", 3) == 0) {
            r->opt.has_wscale = true;
            r->opt.wscale = (uint8_t)atoi(o + 3);
        } else if (strcmp(o, "sackOK") == 0) {
            r->opt.sack_permitted = true;
        } else if (strncmp(o, "TFO=", 4) == 0 && strcmp(o, "TFO=req") != 0) {
            name = "TFO=cookie";
        }
        ref_add_kind(r, name);
    }
}

/* t_send,t_recv,dir,sport,dport,flags,seq_rel,ack_rel,len,win,options,fate,ttl_in_link,seq_raw,
 * ack_raw,src,dst,pkt_id */
static void measured_segments(const char *set, struct ref_trace *t)
{
    char line[LINE_BYTES], *f[MAX_FIELDS];
    FILE *csv = open_csv(set, "segments.csv");
    while (fgets(line, sizeof line, csv) != NULL) {
        assert_true(split(line, f) > 16);
        const bool from_client = strcmp(f[2], "AB") == 0;
        const struct ref_conn conn = {.peer = peer_of(f[from_client ? 15 : 16]),
                                      .client_port = (uint16_t)atoi(f[from_client ? 3 : 4]),
                                      .server_port = (uint16_t)atoi(f[from_client ? 4 : 3])};
        struct ref_row r = {.conn = ref_conn_of(t, conn),
                            .from_client = from_client,
                            .injected = strcmp(f[11], "injected") == 0,
                            .sent_at = micros(f[0]),
                            .received_at = micros(f[1]),
                            .flags = flags_of(f[5]),
                            .seq = (uint32_t)atoll(f[13]),
                            .ack = (uint32_t)atoll(f[14]),
                            .len = atoll(f[8]),
                            .win = atoll(f[9])};
        take_options(&r, f[10], t->seq[r.conn][!from_client].base[0].number);
        ref_add(t, r);
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

/* TIME-WAIT to a new connection; nothing tells when. */
static void give_way(struct ref_life *life)
{
    if (ref_last_is(life, "TIME-WAIT"))
        ref_live(life, "CLOSED", REF_NEVER);
}

/* Tracepoints tell every state of a full socket, and when. Requests in SYN_RECV, TIME_WAIT and
 * what is left of an orphan in FIN_WAIT2 are small sockets that only polling sees, 1 ms late: a
 * full socket goes from FIN_WAIT2 or CLOSING to CLOSE when a small one takes over. The request
 * shows in the trace again when it is accepted. */
static void take_state(struct ref_life *life, bool polled, const char *old, const char *new,
                       int64_t at)
{
    const bool gone = strcmp(new, "-") == 0;
    if (polled && gone) {
        const bool request = strcmp(old, "SYN_RECV") == 0;
        if (!ref_last_is(life, "CLOSED"))
            ref_live(life, request ? "LISTEN" : "CLOSED", at);
    } else if (polled) {
        const bool small = strcmp(new, "SYN_RECV") == 0 || strcmp(new, "TIME_WAIT") == 0;
        if (strcmp(old, "TIME_WAIT") == 0)
            give_way(life);
        if (small && !ref_last_is(life, rfc_name(new)))
            ref_live(life, rfc_name(new), REF_NEVER);
    } else {
        const bool hand_over = strcmp(new, "CLOSE") == 0 &&
                               (strcmp(old, "FIN_WAIT2") == 0 || strcmp(old, "CLOSING") == 0);
        const bool in_vain = strcmp(old, "SYN_SENT") == 0 && strcmp(new, "CLOSE") == 0 &&
                             at < life->at[life->n - 1] + A_MOMENT;
        if (strcmp(new, "SYN_SENT") == 0)
            give_way(life);
        if (in_vain) /* connect() found no port: nothing was sent */
            life->n -= life->n > 1 && life->at[life->n - 2] == REF_NEVER ? 2 : 1;
        else if (!hand_over && !ref_last_is(life, rfc_name(new)))
            ref_live(life, rfc_name(new), strcmp(new, "SYN_RECV") == 0 ? REF_NEVER : at);
    }
}

/* A connect() has no port yet in its first record: whose SYN comes at once; -1: it fails. */
static int unbound_conn(const struct ref_trace *t, uint16_t server_port, int64_t at)
{
    for (const struct ref_row *r = t->row; r < t->row + t->n; r++)
        if (r->from_client && !r->injected && r->sent_at >= at && r->sent_at < at + A_MOMENT &&
            (r->flags & TCP_SYN) != 0 && t->conn[r->conn].server_port == server_port)
            return r->conn;
    return -1;
}

/* t,host,source,lport,raddr,rport,old,new,detail */
static void measured_states(const struct ref_set *set, struct ref_trace *t)
{
    char line[LINE_BYTES], *f[MAX_FIELDS];
    FILE *csv = open_csv(set->name, "states.csv");
    const int64_t end = set->until > 0 ? set->until : t->row[t->n - 1].sent_at;
    while (fgets(line, sizeof line, csv) != NULL) {
        assert_true(split(line, f) > 7);
        const bool listener = strcmp(f[5], "0") == 0, client = f[1][0] == 'A';
        if (listener && strcmp(f[7], "CLOSE") == 0 && micros(f[0]) > end)
            break; /* the measurement is over */
        if (listener || strcmp(f[6], "EVENT") == 0)
            continue;
        const struct ref_conn conn = {.peer = client ? 0 : peer_of(f[4]),
                                      .client_port = (uint16_t)atoi(f[client ? 3 : 5]),
                                      .server_port = (uint16_t)atoi(f[client ? 5 : 3])};
        t->end_at = micros(f[0]);
        const int number = client && conn.client_port == 0
                               ? unbound_conn(t, conn.server_port, t->end_at)
                               : ref_conn_of(t, conn);
        if (number < 0)
            continue;
        take_state(&t->life[number][client], strcmp(f[2], "poll") == 0, f[6], f[7], t->end_at);
    }
    fclose(csv);
}

/* t,host,call,detail */
static void measured_sysctls(const char *set, struct ref_trace *t)
{
    static const char prefix[] = "net.ipv4.tcp_";
    char line[LINE_BYTES], *f[MAX_FIELDS];
    FILE *csv = open_csv(set, "events.csv");
    while (fgets(line, sizeof line, csv) != NULL) {
        assert_true(split(line, f) >= 4);
        char *value = strchr(f[3], '=');
        if (strcmp(f[2], "sysctl") != 0)
            continue;
        assert_true(value != NULL && strncmp(f[3], prefix, strlen(prefix)) == 0);
        assert_true(f[1][0] == 'A' && t->n_sysctls < REF_SETTINGS);
        *value++ = '\0';
        struct ref_sysctl *s = &t->sysctl[t->n_sysctls++];
        s->at = micros(f[0]);
        s->value = atoll(value);
        snprintf(s->name, sizeof s->name, "%s", f[3] + strlen(prefix));
    }
    fclose(csv);
}

void ref_measure(const struct ref_set *set, struct ref_trace *t)
{
    *t = (struct ref_trace){0};
    measured_segments(set->name, t);
    assert_true(t->n >= 2);
    measured_states(set, t);
    if ((set->how & REF_SYSCTLS) != 0)
        measured_sysctls(set->name, t);
}
