/* SPDX-License-Identifier: GPL-3.0-or-later
 * The two buffers against plain ones: an array with a cell a byte, a list of all ends of
 * writes. And the options' parser on hostile bytes.
 */
#include "models/tcp/options.h"
#include "models/tcp/rcvq.h"
#include "models/tcp/sndq.h"
#include "tests/check.h"

#include <stdlib.h>

enum { SPACE = 600, ROUNDS = 400, STEPS = 120, N_STREAMS = 3 };

/* ---- the receive queue: what came first stays */

struct cell {
    uint32_t stream; /* 0: nothing has come */
    uint64_t offset;
};

struct plain_rcvq {
    struct cell cells[SPACE];
    uint64_t read;
};

static uint32_t plain_insert(struct plain_rcvq *q, uint64_t at, const struct tcp_extent *x)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < x->len; i++) {
        if (at + i < q->read || q->cells[at + i].stream != 0)
            continue;
        q->cells[at + i] = (struct cell){x->stream, x->offset + i};
        n++;
    }
    return n;
}

static uint64_t plain_ready(const struct plain_rcvq *q)
{
    uint64_t ready = q->read;
    while (ready < SPACE && q->cells[ready].stream != 0)
        ready++;
    return ready;
}

static uint64_t plain_held(const struct plain_rcvq *q)
{
    uint64_t n = 0;
    for (uint64_t i = q->read; i < SPACE; i++)
        n += q->cells[i].stream != 0;
    return n;
}

static void insert_some(struct sim *sim, struct rng *r, struct rcvq *q,
                        struct plain_rcvq *plain)
{
    const uint64_t at = plain->read + rng_below(r, SPACE - plain->read);
    struct tcp_extent x = {.stream = 1 + (uint32_t)rng_below(r, N_STREAMS),
                           .len = (uint32_t)rng_below(r, 40)};
    x.len = at + x.len > SPACE ? (uint32_t)(SPACE - at) : x.len;
    x.offset =
        rng_chance(r, 0.8) ? at : rng_below(r, 1000); /* mostly in place, whoever's it is */
    const uint32_t want = plain_insert(plain, at, &x);
    check_eq("new bytes", rcvq_insert(sim, q, at, x), want);
}

static void read_some(struct sim *sim, struct rng *r, struct rcvq *q, struct plain_rcvq *plain)
{
    struct tcp_extent out[4];
    int n = 1 + (int)rng_below(r, ARRAY_LEN(out));
    const int most = n;
    const int64_t max = 1 + (int64_t)rng_below(r, 60);
    const uint64_t ready = plain_ready(plain);
    const uint32_t got = rcvq_read(sim, q, max, out, &n);
    uint32_t sum = 0;
    for (int i = 0; i < n; i++) {
        for (uint32_t k = 0; k < out[i].len; k++, sum++, plain->read++) {
            check_eq("stream of a byte", out[i].stream, plain->cells[plain->read].stream);
            check_eq("offset of a byte", out[i].offset + k, plain->cells[plain->read].offset);
        }
    }
    check_eq("bytes read", got, sum);
    check_true("no more than asked and than there is", got <= max && plain->read <= ready);
    check_true("as much as asked unless extents ran out",
               got == max || plain->read == ready || n == most);
}

static void check_shape(const struct rcvq *q, const struct plain_rcvq *plain)
{
    check_eq("read", q->read, plain->read);
    check_eq("ready", q->ready, plain_ready(plain));
    check_eq("held", q->held, plain_held(plain));
    check_eq("a gap", rcvq_has_gap(q), plain_held(plain) != plain_ready(plain) - plain->read);
    uint64_t end = q->read;
    for (const struct rcvq_extent *x = q->head; x != NULL; x = x->next) {
        check_true("extents are sorted, disjoint and not empty",
                   x->at >= end && x->data.len > 0);
        end = x->at + x->data.len;
    }
}

static void rcvq_is_an_array_of_bytes(void **state)
{
    for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
        struct sim *sim = sim_new(&(struct sim_params){.seed = seed});
        struct rng r = sim_rng(sim, "rcvq");
        struct rcvq q = {0};
        struct plain_rcvq plain = {0};
        for (int i = 0; i < STEPS && plain.read < SPACE; i++) {
            if (rng_chance(&r, 0.75))
                insert_some(sim, &r, &q, &plain);
            else
                read_some(sim, &r, &q, &plain);
            check_shape(&q, &plain);
        }
        rcvq_clear(sim, &q);
        check_true("cleared", q.head == NULL && q.held == 0 && q.ready == q.read);
        sim_free(sim);
    }
}

/* A stream in order is one extent, however many segments it came in: a bulk transfer holds no
 * list. */
static void adjacent_bytes_are_one_extent(void **state)
{
    const uint64_t ats[] = {0, 30, 10, 20,
                            40}; /* 10 bytes each: the third and fourth close holes */
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    struct rcvq q = {0};
    for (size_t i = 0; i < ARRAY_LEN(ats); i++)
        rcvq_insert(sim, &q, ats[i],
                    (struct tcp_extent){.stream = 1, .offset = ats[i], .len = 10});
    check_eq("ready", q.ready, 50);
    check_true("one extent", q.head != NULL && q.head->next == NULL);
    rcvq_clear(sim, &q);
    sim_free(sim);
}

/* ---- the send queue */

static bool plain_ends_write(const uint64_t *ends, size_t n, uint64_t from, uint64_t to)
{
    for (size_t i = 0; i < n; i++)
        if (ends[i] > from && ends[i] <= to)
            return true;
    return false;
}

/* The end of the record that `from` is in; UINT64_MAX: it has none yet. */
static uint64_t plain_record_end(const uint64_t *ends, const bool *records, size_t n,
                                 uint64_t from)
{
    for (size_t i = 0; i < n; i++)
        if (ends[i] > from && records[i])
            return ends[i];
    return UINT64_MAX;
}

static size_t n_beyond(const uint64_t *ends, size_t n, uint64_t una)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += ends[i] > una;
    return count;
}

static void sndq_is_a_list_of_ends(void **state)
{
    for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
        struct sim *sim = sim_new(&(struct sim_params){.seed = seed});
        struct rng r = sim_rng(sim, "sndq");
        struct sndq q = {0};
        uint64_t ends[STEPS], end = 0, una = 0;
        bool records[STEPS];
        size_t n = 0;
        for (int i = 0; i < STEPS; i++) {
            if (rng_chance(&r, 0.6)) {
                const uint64_t bytes = 1 + rng_below(&r, 30);
                const bool whole = rng_chance(&r, 0.7); /* else MSG_MORE: the write goes on */
                const bool record = rng_chance(&r, 0.3);
                sndq_write(sim, &q, bytes,
                           !whole   ? WRITE_GOES_ON
                           : record ? WRITE_ENDS_RECORD
                                    : WRITE_ENDS);
                end += bytes;
                records[n] = record;
                if (whole)
                    ends[n++] = end;
            } else {
                una += rng_below(&r, end - una + 1);
                sndq_ack(&q, una);
            }
            check_eq("una", q.una, una);
            check_eq("end", q.end, end);
            check_eq("ends kept", q.n, n_beyond(ends, n, una));
            for (int k = 0; k < 5 && end > una; k++) {
                const uint64_t from = una + rng_below(&r, end - una);
                const uint64_t to = from + 1 + rng_below(&r, end - from);
                check_eq("ends a write", sndq_ends_write(&q, from, to),
                         plain_ends_write(ends, n, from, to));
                check_eq("the record's end", (int64_t)sndq_record_end(&q, from),
                         (int64_t)plain_record_end(ends, records, n, from));
            }
        }
        sndq_clear(sim, &q);
        check_true("cleared", q.una == q.end && q.n == 0 && q.writes == NULL);
        sim_free(sim);
    }
}

/* ---- options */

static const struct option_row {
    const char *story;
    uint8_t n, bytes[16];
    uint16_t mss; /* 0: none was found */
} option_rows[] = {
    {"MSS 1460", 4, {2, 4, 5, 180}, 1460},
    {"behind no-operations", 8, {1, 1, 1, 1, 2, 4, 2, 24}, 536},
    {"behind the end", 8, {0, 0, 0, 0, 2, 4, 2, 24}, 0},
    {"behind an unknown one", 8, {99, 4, 7, 7, 2, 4, 2, 24}, 536},
    {"behind an unknown one of no content", 8, {99, 2, 1, 1, 2, 4, 2, 24}, 536},
    {"behind a length of 0", 8, {99, 0, 7, 7, 2, 4, 2, 24}, 0},
    {"behind a length of 1", 8, {99, 1, 7, 7, 2, 4, 2, 24}, 0},
    {"behind a length that ends where the list does", 8, {99, 8, 7, 7, 2, 4, 2, 24}, 0},
    {"behind a length past the end", 8, {99, 9, 7, 7, 2, 4, 2, 24}, 0},
    {"behind the largest length", 8, {99, 255, 7, 7, 2, 4, 2, 24}, 0},
    {"a kind without its length", 4, {1, 1, 1, 2}, 0},
    {"cut in its value", 4, {1, 2, 4, 5}, 0},
    {"of length 3", 8, {2, 3, 5, 1, 1, 1, 1, 1}, 0},
    {"of length 5", 8, {2, 5, 5, 180, 0, 1, 1, 1}, 0},
    {"of length 0", 4, {2, 0, 5, 180}, 0},
    {"of value 65535", 4, {2, 4, 255, 255}, 65535},
    {"none", 4, {1, 1, 1, 1}, 0},
};

static void hostile_options(void **state)
{
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    for (const struct option_row *r = option_rows; r < option_rows + ARRAY_LEN(option_rows);
         r++) {
        struct packet *p = packet_new(sim, 40);
        packet_set_options(sim, p, r->bytes, r->n);
        check_eq(r->story, tcp_options_get(sim, p).mss, r->mss);
        packet_free(sim, p);
    }
    sim_free(sim);
}

/* RFC 9293 MUST-69; what Linux fills up with are options of their own. */
static void padding_is_zero(void **state)
{
    static const struct {
        const char *layout;
        uint8_t bytes[4];
    } layouts[] = {{"bsd", {4, 2, 0, 0}}, {"linux", {1, 1, 4, 2}}};
    const struct tcp_options o = {.sack_permitted = true};
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    for (size_t i = 0; i < ARRAY_LEN(layouts); i++) {
        struct packet *p = packet_new(sim, 40);
        tcp_options_put(sim, p, &o, tcp_option_layout_find(layouts[i].layout));
        check_eq(layouts[i].layout, p->options_len, 4);
        assert_memory_equal(packet_options(sim, p), layouts[i].bytes, 4);
        packet_free(sim, p);
    }
    sim_free(sim);
}

/* Random bytes at the very end of a heap block of their own, where the address sanitizer sees a
 * step too far. */
static void random_options(void **state)
{
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    struct rng r = sim_rng(sim, "options");
    const uint8_t small[] = {0, 1, 2, 3, 4, 5, 8, 10, 34, 40, 255};
    struct packet *p = packet_new(sim, 40);
    packet_set_options(sim, p, small, 4);
    uint8_t(*blocks)[BLOCK_BYTES] = sim->option_blocks;
    const uint32_t block = p->options;
    for (int i = 0; i < 20000; i++) {
        p->options_len = (uint8_t)(1 + rng_below(&r, OPTION_BYTES));
        uint8_t *bytes = malloc(p->options_len);
        for (int k = 0; k < p->options_len; k++)
            bytes[k] = rng_chance(&r, 0.8) ? small[rng_below(&r, ARRAY_LEN(small))]
                                           : (uint8_t)rng_below(&r, 256);
        sim->option_blocks = (uint8_t(*)[BLOCK_BYTES])(void *)bytes;
        p->options = 1;
        sim->option_blocks--; /* block 1 begins at bytes */
        const struct tcp_options o = tcp_options_get(sim, p);
        check_true("SACK blocks that fit into 40 bytes", o.n_sack <= MAX_SACK_BLOCKS);
        free(bytes);
    }
    sim->option_blocks = blocks;
    p->options = block;
    packet_free(sim, p);
    sim_free(sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rcvq_is_an_array_of_bytes),
        cmocka_unit_test(adjacent_bytes_are_one_extent),
        cmocka_unit_test(sndq_is_a_list_of_ends),
        cmocka_unit_test(hostile_options),
        cmocka_unit_test(padding_is_zero),
        cmocka_unit_test(random_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
