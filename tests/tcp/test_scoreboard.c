/* SPDX-License-Identifier: GPL-3.0-or-later
 * The scoreboard of SACKed runs against an array with a flag a byte, over random blocks and
 * acknowledgments across the wrap of sequence numbers; and RFC 6675's IsLost() counted out.
 */
#include "models/tcp/scoreboard.h"
#include "tests/check.h"

enum { SPACE = 1500, MSS = 20, STEPS = 300, LIVES = 60 };

/* Byte i stands for sequence number base + i. */
struct naive {
    uint32_t base, una, mark;
    bool sacked[SPACE];
};

static tcp_seq at(const struct naive *v, uint32_t i)
{
    return seq(v->base + i);
}

static uint32_t count(const struct naive *v, uint32_t from, uint32_t to)
{
    uint32_t n = 0;
    for (uint32_t i = from; i < to; i++)
        n += v->sacked[i];
    return n;
}

/* RFC 6675 §4, byte by byte from the top: lost when three runs, or more than two segments, lie
 * above it. */
static void check_lost(const struct naive *v, const struct scoreboard *b)
{
    uint32_t above, n_runs = 0, n_bytes = 0;
    const tcp_seq limit = scoreboard_lost_below(b, at(v, v->una), MSS, &above);
    for (uint32_t i = SPACE - 1; i-- > v->una;) {
        if (!v->sacked[i]) {
            check_eq("lost", seq_lt(at(v, i), limit), n_runs >= 3 || n_bytes > 2 * MSS);
            continue;
        }
        n_bytes++;
        n_runs += !v->sacked[i + 1];
    }
    check_eq("SACKed above what is lost", above, count(v, limit.v - v->base, SPACE));
}

static void check_hole(const struct naive *v, const struct scoreboard *b, uint32_t from)
{
    struct sack_run hole;
    uint32_t left = from, right;
    while (left < SPACE && v->sacked[left])
        left++;
    for (right = left; right < SPACE && !v->sacked[right];)
        right++;
    const bool is_hole = scoreboard_hole(b, at(v, from), &hole);
    check_eq("a hole with a run beyond it", is_hole, right < SPACE);
    if (!is_hole)
        return;
    check_eq("left end of the hole", hole.left.v - v->base, left);
    check_eq("right end of the hole", hole.right.v - v->base, right);
}

static void check_all(const struct naive *v, const struct scoreboard *b, struct rng *r)
{
    uint32_t high = SPACE;
    while (high > v->una && !v->sacked[high - 1])
        high--;
    check_eq("bytes", b->bytes, count(v, v->una, SPACE));
    check_eq("bytes below the mark", b->below_bytes, count(v, v->una, v->mark));
    check_eq("mark", b->mark.v - v->base, v->mark);
    check_eq("high", scoreboard_high(b, at(v, v->una)).v - v->base, high);
    check_eq("first byte", scoreboard_holds(b, at(v, v->una)), v->sacked[v->una]);
    check_hole(v, b, v->una + (uint32_t)rng_below(r, SPACE - v->una));
    check_lost(v, b);
}

/* A block begins at the end of a run, within one or anywhere; most are short. */
static void add(struct sim *sim, struct naive *v, struct scoreboard *b, struct rng *r)
{
    const uint32_t left = v->una + (uint32_t)rng_below(r, SPACE - v->una - 1);
    const uint32_t most = rng_below(r, 8) == 0 ? 300 : MSS;
    uint32_t right = left + 1 + (uint32_t)rng_below(r, most);
    right = right < SPACE ? right : SPACE - 1;
    const uint32_t fresh = right - left - count(v, left, right);
    check_eq("fresh bytes", scoreboard_add(sim, b, at(v, left), at(v, right)), fresh);
    for (uint32_t i = left; i < right; i++)
        v->sacked[i] = true;
}

static void acknowledge(struct naive *v, struct scoreboard *b, struct rng *r)
{
    v->una += (uint32_t)rng_below(r, 60);
    v->mark = v->mark > v->una ? v->mark : v->una;
    for (uint32_t i = 0; i < v->una; i++)
        v->sacked[i] = false;
    scoreboard_ack(b, at(v, v->una));
}

static void like_an_array(void **state)
{
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    struct rng r = sim_rng(sim, "test/scoreboard");
    for (int life = 0; life < LIVES; life++) {
        struct naive v = {.base = UINT32_MAX - (uint32_t)rng_below(&r, 2 * SPACE)};
        struct scoreboard *b = scoreboard_new(sim, at(&v, 0));
        for (int step = 0; step < STEPS && v.una + 100 < SPACE; step++) {
            const uint64_t what = rng_below(&r, 10);
            if (what < 7) {
                add(sim, &v, b, &r);
            } else if (what < 9) {
                v.mark = v.una + (uint32_t)rng_below(&r, SPACE - v.una);
                scoreboard_mark(b, at(&v, v.mark));
            } else {
                acknowledge(&v, b, &r);
            }
            check_all(&v, b, &r);
        }
        scoreboard_clear(b, at(&v, v.una));
        check_eq("cleared", b->bytes + b->below_bytes + b->n, 0);
        scoreboard_free(sim, b);
    }
    sim_free(sim);
}

/* Segments of 20 bytes, una 0. */
static const struct {
    const char *story;
    struct {
        uint32_t left, right;
    } runs[4];
    uint32_t lost, above;
} rows[] = {
    {"nothing SACKed", {{0}}, 0, 0},
    {"two segments above are not enough", {{20, 60}}, 0, 40},
    {"one byte more than two segments is", {{20, 61}}, 20, 41},
    {"two runs are not enough", {{20, 25}, {40, 45}}, 0, 10},
    {"three runs are, however short", {{20, 21}, {40, 41}, {60, 61}}, 20, 3},
    {"below the third run from the top", {{20, 21}, {40, 41}, {60, 61}, {80, 81}}, 40, 3},
    {"bytes first: the last run alone", {{20, 21}, {40, 90}}, 40, 50},
};

static void counted_out(void **state)
{
    struct sim *sim = sim_new(&(struct sim_params){.seed = 1});
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct scoreboard *b = scoreboard_new(sim, seq(0));
        uint32_t above;
        for (size_t j = 0; j < ARRAY_LEN(rows[i].runs) && rows[i].runs[j].right > 0; j++)
            scoreboard_add(sim, b, seq(rows[i].runs[j].left), seq(rows[i].runs[j].right));
        check_eq(rows[i].story, scoreboard_lost_below(b, seq(0), 20, &above).v, rows[i].lost);
        check_eq(rows[i].story, above, rows[i].above);
        scoreboard_free(sim, b);
    }
    sim_free(sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(like_an_array),
                                       cmocka_unit_test(counted_out)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
