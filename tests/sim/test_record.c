/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_record.c -- who listens hears what it asked for; the digest hears every field.
 */
#include "sim/record.h"

#include "tests/check.h"

/* A listener that remembers the last record. */
struct ear {
    struct listener listener; /* first */
    int n;
    sim_time now;
    const struct rec_type *type;
    struct rec_event event;
};

static void hear(struct listener *self, sim_time now, const struct rec_type *type,
                 const void *rec)
{
    struct ear *ear = CONTAINER_OF(self, struct ear, listener);
    ear->n++;
    ear->now = now;
    ear->type = type;
    if (type == &REC_TYPE_EVENT)
        ear->event = *(const struct rec_event *)rec;
}

static void listeners_hear_their_levels(void **state)
{
    struct sim *sim = sim_new(&(struct sim_params){0});
    struct ear ear = {.listener = {.emit = hear, .levels = REC_LIFE | REC_SEGMENT}};
    sim_event(sim, 1, 2, "lost", NULL); /* nobody listens */
    sim_listen(sim, &ear.listener);
    sim_run_until(sim, MS(2));
    sim_event(sim, 1, 2, "found", "under the table");
    check_eq("one record", ear.n, 1);
    check_eq("now", ear.now, MS(2));
    check_true("its type", ear.type == &REC_TYPE_EVENT);
    check_true("its fields", ear.event.subject == 1 && ear.event.conn == 2);
    check_str("kind", ear.event.kind, "found");
    check_str("detail", ear.event.detail, "under the table");
    sim_emit(sim, &REC_TYPE_SAMPLE,
             &(struct rec_sample){.subject = 1, .name = "n", .value = 3});
    check_eq("samples were not asked for", ear.n, 1);
    ear.listener.levels = REC_SAMPLE;
    sim_listen(sim, &ear.listener);
    sim_emit(sim, &REC_TYPE_SAMPLE,
             &(struct rec_sample){.subject = 1, .name = "n", .value = 3});
    sim_event(sim, 1, 2, "lost", NULL);
    check_eq("now they are, and events no more", ear.n, 2);
    sim_listen(sim, NULL);
    sim_emit(sim, &REC_TYPE_SAMPLE, &(struct rec_sample){0});
    check_eq("nobody again", ear.n, 2);
    sim_free(sim);
}

/* One field of each kind. */
struct full {
    int64_t i64;
    uint64_t u64;
    uint32_t u32, subject;
    ip_addr addr;
    const char *text;
    struct rec_bytes bytes;
};
/* clang-format off */
static const struct rec_field FULL_FIELDS[] = {
    {"i64", REC_I64, offsetof(struct full, i64), ""},
    {"u64", REC_U64, offsetof(struct full, u64), ""},
    {"u32", REC_U32, offsetof(struct full, u32), ""},
    {"subject", REC_SUBJECT, offsetof(struct full, subject), ""},
    {"addr", REC_ADDR, offsetof(struct full, addr), ""},
    {"text", REC_TEXT, offsetof(struct full, text), ""},
    {"bytes", REC_BYTES, offsetof(struct full, bytes), ""},
};
/* clang-format on */
static const struct rec_type FULL = {"full", "", FULL_FIELDS, ARRAY_LEN(FULL_FIELDS), REC_LIFE};
static const struct rec_type OTHER = {"other", "", FULL_FIELDS, ARRAY_LEN(FULL_FIELDS),
                                      REC_LIFE};

static uint64_t digest_of(sim_time now, const struct rec_type *type, const struct full *rec)
{
    struct digest d;
    digest_init(&d, REC_LIFE);
    d.listener.emit(&d.listener, now, type, rec);
    return d.hash;
}

static void the_digest_hears_every_field(void **state)
{
    static const uint8_t ONE_TWO[] = {1, 2}, ONE_THREE[] = {1, 3};
    static const struct full BASE = {1, 2, 3, 4, {0, 5}, "text", {ONE_TWO, 2}};
    const struct full changed[] = {
        {9, 2, 3, 4, {0, 5}, "text", {ONE_TWO, 2}},
        {1, 9, 3, 4, {0, 5}, "text", {ONE_TWO, 2}},
        {1, 2, 9, 4, {0, 5}, "text", {ONE_TWO, 2}},
        {1, 2, 3, 9, {0, 5}, "text", {ONE_TWO, 2}},
        {1, 2, 3, 4, {9, 5}, "text", {ONE_TWO, 2}},
        {1, 2, 3, 4, {0, 9}, "text", {ONE_TWO, 2}},
        {1, 2, 3, 4, {0, 5}, "texT", {ONE_TWO, 2}},
        {1, 2, 3, 4, {0, 5}, NULL, {ONE_TWO, 2}},
        {1, 2, 3, 4, {0, 5}, "", {ONE_TWO, 2}},
        {1, 2, 3, 4, {0, 5}, "text", {ONE_THREE, 2}},
        {1, 2, 3, 4, {0, 5}, "text", {ONE_TWO, 1}},
        {1, 2, 3, 4, {0, 5}, "text", {NULL, 0}},
        {2, 1, 3, 4, {0, 5}, "text", {ONE_TWO, 2}},
        {1, 2, 4, 3, {0, 5}, "text", {ONE_TWO, 2}},
    };
    enum { N = ARRAY_LEN(changed) };
    uint64_t seen[N + 3] = {digest_of(0, &FULL, &BASE), digest_of(1, &FULL, &BASE),
                            digest_of(0, &OTHER, &BASE)};
    for (size_t i = 0; i < N; i++)
        seen[3 + i] = digest_of(0, &FULL, &changed[i]);
    for (size_t i = 0; i < N + 3; i++)
        for (size_t k = 0; k < i; k++)
            check_true("each differs from each", seen[i] != seen[k]);
}

static void the_digest_hears_contents_and_order(void **state)
{
    uint8_t there[] = {1, 2};
    char text[] = "text";
    static const uint8_t HERE[] = {1, 2};
    const struct full a = {.text = "text", .bytes = {HERE, 2}},
                      b = {.text = text, .bytes = {there, 2}}, c = {.i64 = 1};
    check_true("not where they lie", digest_of(0, &FULL, &a) == digest_of(0, &FULL, &b));
    struct digest ac, ca, aa;
    digest_init(&ac, REC_LIFE);
    digest_init(&ca, REC_LIFE);
    digest_init(&aa, REC_LIFE);
    ac.listener.emit(&ac.listener, 0, &FULL, &a);
    ac.listener.emit(&ac.listener, 0, &FULL, &c);
    ca.listener.emit(&ca.listener, 0, &FULL, &c);
    ca.listener.emit(&ca.listener, 0, &FULL, &a);
    aa.listener.emit(&aa.listener, 0, &FULL, &a);
    aa.listener.emit(&aa.listener, 0, &FULL, &a);
    check_true("in which order", ac.hash != ca.hash);
    check_true("what went before the last", aa.hash != ca.hash);
    check_eq("how many", ac.n_records, 2);
}

static void subjects_are_numbered_in_order(void **state)
{
    struct sim *sim = sim_new(&(struct sim_params){0});
    char name[32];
    for (uint32_t i = 1; i <= 200; i++) {
        snprintf(name, sizeof(name), "host%u", i);
        check_eq("number", sim_subject(sim, "host", name), i);
    }
    check_str("names are copied", sim->subjects[7].name, "host7");
    check_str("to the last", sim->subjects[200].name, "host200");
    check_str("kind", sim->subjects[200].kind, "host");
    sim_free(sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(listeners_hear_their_levels),
        cmocka_unit_test(the_digest_hears_every_field),
        cmocka_unit_test(the_digest_hears_contents_and_order),
        cmocka_unit_test(subjects_are_numbered_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
