/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/link.h"

#include "tests/models/seg_log.h"

/* Reads one record by its rows and checks it against what the packet of the test holds. */
struct reader {
    struct listener listener; /* first */
    int n;
};

static uint64_t number(const struct rec_type *type, const void *rec, uint32_t i)
{
    const void *at = (const char *)rec + type->fields[i].offset;
    return type->fields[i].kind == REC_U64 ? *(const uint64_t *)at : *(const uint32_t *)at;
}

static void reader_emit(struct listener *self, sim_time now, const struct rec_type *type,
                        const void *rec)
{
    static const struct {
        const char *field;
        uint64_t value;
    } want[] = {
        {"link", 1},   {"packet", 1},       {"parent", 2}, {"proto", 3},   {"conn", 4},
        {"sport", 5},  {"dport", 6},        {"ttl", 7},    {"flags", 8},   {"seq", 9},
        {"ack", 10},   {"len", 11},         {"win", 12},   {"stream", 13}, {"offset", 14},
        {"bytes", 15}, {"injected_by", 16},
    };
    struct reader *r = CONTAINER_OF(self, struct reader, listener);
    check_str("table", type->name, "segment");
    check_eq("five more: event, src, dst, options, cause", type->n_fields, ARRAY_LEN(want) + 5);
    for (size_t w = 0; w < ARRAY_LEN(want); w++)
        for (uint32_t i = 0; i < type->n_fields; i++)
            if (strcmp(type->fields[i].name, want[w].field) == 0)
                check_eq(want[w].field, number(type, rec, i), want[w].value);
    check_str("event", *(const char *const *)rec_get(type, rec, "event"), "release");
    check_str("cause", *(const char *const *)rec_get(type, rec, "cause"), "why");
    check_eq("src", ((const ip_addr *)rec_get(type, rec, "src"))->low, 17);
    check_eq("dst", ((const ip_addr *)rec_get(type, rec, "dst"))->low, 18);
    const struct rec_bytes *options = rec_get(type, rec, "options");
    check_eq("options", options->len, 4);
    check_eq("options", memcmp(options->data, "\x02\x04\x05\xb4", 4), 0);
    r->n++;
}

static void every_field_is_the_packets(void **state)
{
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    struct reader reader = {{reader_emit, REC_SEGMENT}, 0};
    const uint32_t link = sim_subject(sim, "link", "a->b");
    struct packet *p = packet_new(sim, 15);
    p->parent = 2;
    p->proto = 3;
    p->conn = 4;
    p->sport = 5;
    p->dport = 6;
    p->ttl = 7;
    p->flags = 8;
    p->seq = 9;
    p->ack = 10;
    p->len = 11;
    p->win = 12;
    p->stream = 13;
    p->offset = 14;
    p->injected_by = 16;
    p->src = ip4(17);
    p->dst = ip4(18);
    packet_set_options(sim, p, (const uint8_t *)"\x02\x04\x05\xb4", 4);
    segment_emit(sim, SEG_RELEASE, link, p, "why"); /* nobody listens */
    sim_listen(sim, &reader.listener);
    segment_emit(sim, SEG_RELEASE, link, p, "why");
    check_eq("records", reader.n, 1);
    packet_free(sim, p);
    sim_free(sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_field_is_the_packets)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
