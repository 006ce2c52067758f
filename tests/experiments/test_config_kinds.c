/* SPDX-License-Identifier: GPL-3.0-or-later
 * Keys that are not one word: kinds with parameters, lists, maps of maps, addresses, files. A
 * table of its own, and what each text must become.
 */
#include "experiments/read.h"

#include "tests/experiments/config.h"

/* ---- a table with every such kind ---- */

struct wave {
    int64_t height, length;
};
struct ramp {
    struct key_list steps;
};
struct nest {
    struct key_variant inner;
};
struct item {
    char name[NAME_MAX_BYTES];
    int64_t ignored;
    struct {
        int64_t count;
    } params;
};
struct pair {
    char name[KEY_PAIR_BYTES];
    int64_t count;
};
struct params {
    struct key_variant shape, plain;
    struct key_list numbers, hosts, words, items, pairs, addresses, file;
    struct wave group;
};

/* clang-format off */
static const struct key WAVE_KEYS[] = {
    {.name = "height", .kind = KEY_QUANTITY, .offset = offsetof(struct wave, height), .default_text = NULL, .unit = UNIT_TIME, .max = SEC(10), .help = ""},
    {.name = "length", .kind = KEY_QUANTITY, .offset = offsetof(struct wave, length), .default_text = "7s", .unit = UNIT_TIME, .help = ""},
    {0},
};
static const struct key RAMP_KEYS[] = {
    {.name = "steps", .kind = KEY_QUANTITIES, .offset = offsetof(struct ramp, steps), .default_text = NULL, .unit = UNIT_COUNT, .min = 1, .max = 100, .help = ""},
    {0},
};
static const struct key NO_KEYS[] = {{0}};
static const struct variant INNER[] = {{"sine", "", WAVE_KEYS}, {"flat", "", NO_KEYS}, {NULL}};
static const struct key NEST_KEYS[] = {
    {.name = "inner", .kind = KEY_VARIANT, .offset = offsetof(struct nest, inner), .default_text = NULL, .variants = INNER, .help = ""},
    {0},
};
static struct misfit wave_check(const void *params)
{
    const struct wave *w = params;
    return w->height > w->length ? (struct misfit){"too steep", "length"} : (struct misfit){0};
}
static const struct variant SHAPES[] = {
    {"wave", "", WAVE_KEYS, wave_check},
    {"ramp", "", RAMP_KEYS},
    {"nest", "", NEST_KEYS},
    {"flat", "", NO_KEYS},
    {NULL},
};
static const struct variant PLAIN[] = {{"flat", "", NO_KEYS}, {"wave", "", WAVE_KEYS}, {NULL}};
static const struct key ITEM_KEYS[] = {
    {.name = "count", .kind = KEY_QUANTITY, .offset = 0, .default_text = "3", .unit = UNIT_COUNT, .help = ""},
    {0},
};

#define AT(field) offsetof(struct params, field)
static const struct key KEYS[] = {
    {.name = "shape", .kind = KEY_VARIANT, .offset = AT(shape), .default_text = "5s", .variants = SHAPES, .help = ""},
    {.name = "plain", .kind = KEY_VARIANT, .offset = AT(plain), .default_text = "", .variants = PLAIN, .help = ""},
    {.name = "numbers", .kind = KEY_QUANTITIES, .offset = AT(numbers), .default_text = "", .unit = UNIT_TIME, .help = ""},
    {.name = "hosts", .kind = KEY_NAMES, .offset = AT(hosts), .default_text = "", .refers = REFERS_HOST, .help = ""},
    {.name = "words", .kind = KEY_NAMES, .offset = AT(words), .default_text = "", .help = ""},
    {.name = "items", .kind = KEY_MAPS, .offset = AT(items), .default_text = "", .sub = ITEM_KEYS, .sub_at = offsetof(struct item, params), .item_bytes = sizeof(struct item), .help = ""},
    {.name = "pairs", .kind = KEY_MAPS, .offset = AT(pairs), .default_text = "", .sub = ITEM_KEYS, .sub_at = offsetof(struct pair, count), .item_bytes = sizeof(struct pair), .refers = REFERS_LINK, .help = ""},
    {.name = "addresses", .kind = KEY_ADDRESSES, .offset = AT(addresses), .default_text = "", .help = ""},
    {.name = "file", .kind = KEY_FILE, .offset = AT(file), .default_text = "", .unit = UNIT_TIME, .max = SEC(100), .help = ""},
    {.name = "group", .kind = KEY_GROUP, .sub_at = AT(group), .default_text = "", .sub = WAVE_KEYS, .help = ""},
    {0},
};
#undef AT
/* clang-format on */

static const char *HOSTS[] = {"client", "server"};
static const struct scope scope = {.names = {[REFERS_HOST] = HOSTS}, .n = {[REFERS_HOST] = 2}};

static int read_params(struct pool *pool, const char *text, struct params *p, struct err *e)
{
    const struct reader r = {.pool = pool, .scope = &scope, .e = e};
    const struct part part = {.keys = KEYS, .out = p};
    struct node *map;
    *e = (struct err){0};
    *p = (struct params){0};
    return tree_read_text(pool, "test", text, &map, e) != 0 ||
                   read_map(&r, map, "test", &map->at, &part, 1) != 0
               ? -1
               : 0;
}

/* ---- kinds ---- */

/* clang-format off */
static const struct shape_row {
    const char *text, *kind;
    int64_t height_s, length_s; /* of a wave */
} shape_rows[] = {
    {"words: a", "wave", 5, 7}, /* left out */
    {"shape: 2s", "wave", 2, 7},
    {"shape: {wave: 2s}", "wave", 2, 7},
    {"shape: {wave: {height: 2s}}", "wave", 2, 7},
    {"shape: {wave: {height: 2s, length: 3s}}", "wave", 2, 3},
    {"shape: {kind: wave, length: 3s, height: 1s}", "wave", 1, 3},
    {"shape: flat", "flat", 0, 0},
    {"shape: {flat: {}}", "flat", 0, 0},
    {"shape: {flat: }", "flat", 0, 0},
    {"shape: {kind: flat}", "flat", 0, 0},
};
static const struct {
    const char *text, *error;
    int column;
} bad_rows[] = {
    {"shape: wave", "shape wave needs the key 'height'", 8},
    {"shape: {wave: }", "shape wave needs the key 'height'", 9},
    {"shape: {wave: {}}", "shape wave needs the key 'height'", 9},
    {"shape: 11s", "shape is out of range: '11s'", 8},
    {"shape: {wave: 11s}", "height is out of range: '11s'", 15},
    {"shape: {wave: {height: 8s}}", "shape wave: too steep", 9},
    {"shape: {wave: {height: 8s, length: 7s}}", "shape wave: too steep", 28},
    {"shape: 8s", "shape wave: too steep", 8},
    {"shape: {flat: 5}", "shape flat takes no value", 9},
    {"shape: {flat: {a: 1}}", "unknown key 'a' in shape flat", 16},
    {"shape: {wave: {height: 1s}, ramp: 3}", "shape does not say of which kind it is", 1},
    {"shape: {}", "shape does not say of which kind it is", 1},
    {"shape: wavy", "unknown shape 'wavy'", 8},
    {"shape: {kind: wavy}", "unknown shape 'wavy'", 15},
    {"shape: {ramp: {steps: 5, step: 6}}", "unknown key 'step' in shape ramp", 26},
    {"shape: {ramp: [1, 101]}", "steps is out of range: '101'", 19},
    {"plain: 5s", "unknown plain '5s'", 8},
    {"numbers: [1s, 2]", "'2' needs a unit of time, e.g. 20ms", 15},
    {"numbers: [1s, [2s]]", "numbers must be a list, each a time, such as 20ms, not a list", 1},
    {"numbers: {a: 1s}", "numbers must be a list, each a time, such as 20ms, not a map", 1},
    {"hosts: [client, sever]", "unknown host 'sever'", 17},
    {"hosts: [client, server, client]", "hosts has 'client' twice", 25},
    {"words: [a, b c]", "'b c' cannot be a name", 12},
    {"items: {a: 5}", "items 'a' must be a map, not '5'", 12},
    {"items: {a: {cuont: 5}}", "unknown key 'cuont' in items 'a'", 13},
    {"items: [a]", "items must be a map of maps, {NAME: {...}}, not a list", 1},
    {"pairs: {a-b: {}}", "'a-b' cannot be a link", 9},
    {"pairs: {a->: {}}", "'' cannot be a name", 9},
    {"pairs: {a<->a: {}}", "the link 'a<->a' leads from 'a' to itself", 9},
    {"addresses: 10.0.0.1/24", "'10.0.0.1/24' is neither an address nor a prefix", 12},
    {"addresses: [10.0.0.1, client]", "'client' is neither an address nor a prefix", 23},
    {"file: absent.txt", "cannot open the file 'absent.txt': No such file or directory", 7},
};
/* clang-format on */

static void kinds_in_every_form(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(shape_rows); i++) {
        const struct shape_row *r = &shape_rows[i];
        struct pool *pool = pool_new();
        struct params p;
        struct err e;
        check_eq(r->text, read_params(pool, r->text, &p, &e), 0);
        check_str(r->text, p.shape.variant->name, r->kind);
        struct wave w;
        memcpy(&w, p.shape.params, sizeof(w));
        check_eq(r->text, w.height, SEC(r->height_s));
        check_eq(r->text, w.length, SEC(r->length_s));
        check_true(r->text, p.plain.variant == NULL); /* may be left out */
        pool_free(pool);
    }
}

/* The first key of a kind may itself be a kind, or a list. */
static void first_keys_of_kinds(void **state)
{
    static const char *const nests[] = {
        "shape: {nest: {sine: {height: 2s}}}", "shape: {nest: {inner: {sine: 2s}}}",
        "shape: {nest: 2s}", "shape: {kind: nest, inner: {kind: sine, height: 2s}}"};
    struct pool *pool = pool_new();
    struct params p;
    struct err e;
    for (size_t i = 0; i < ARRAY_LEN(nests); i++) {
        struct nest nest;
        check_eq(nests[i], read_params(pool, nests[i], &p, &e), 0);
        memcpy(&nest, p.shape.params, sizeof(nest));
        check_str(nests[i], nest.inner.variant->name, "sine");
        struct wave w;
        memcpy(&w, nest.inner.params, sizeof(w));
        check_eq(nests[i], w.height, SEC(2));
        check_eq(nests[i], w.length, SEC(7));
    }
    struct ramp ramp;
    assert_int_equal(read_params(pool, "shape: {ramp: [4, 6]}", &p, &e), 0);
    memcpy(&ramp, p.shape.params, sizeof(ramp));
    assert_int_equal(ramp.steps.n, 2);
    assert_int_equal(((int64_t *)ramp.steps.items)[1], 6);
    pool_free(pool);
}

static void what_does_not_read(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(bad_rows); i++) {
        struct pool *pool = pool_new();
        struct params p;
        struct err e;
        check_eq(bad_rows[i].text, read_params(pool, bad_rows[i].text, &p, &e), -1);
        check_str(bad_rows[i].text, e.text, bad_rows[i].error);
        check_eq(bad_rows[i].text, e.column, bad_rows[i].column);
        pool_free(pool);
    }
}

/* ---- lists and maps ---- */

static void lists(void **state)
{
    struct pool *pool = pool_new();
    struct params p;
    struct err e;
    assert_int_equal(read_params(pool,
                                 "{numbers: [1s, 2ms, 1s], hosts: server, words: [b, a-1], "
                                 "addresses: [10.0.0.1, 203.0.113.0/24, 0.0.0.0/0]}",
                                 &p, &e),
                     0);
    assert_int_equal(p.numbers.n, 3);
    assert_int_equal(((int64_t *)p.numbers.items)[1], MS(2));
    assert_int_equal(p.hosts.n, 1);
    assert_string_equal(((const char **)p.hosts.items)[0], "server");
    assert_int_equal(p.words.n, 2);
    assert_string_equal(((const char **)p.words.items)[1], "a-1");
    const struct key_address *a = p.addresses.items;
    assert_int_equal(p.addresses.n, 3);
    assert_int_equal(a[0].low, 0x0a000001);
    assert_int_equal(a[0].prefix_bits, 32);
    assert_int_equal(a[1].low, 0xcb007100);
    assert_int_equal(a[1].prefix_bits, 24);
    assert_int_equal(a[2].low, 0);
    assert_int_equal(a[2].prefix_bits, 0);
    assert_int_equal(read_params(pool, "{numbers: [], words: []}", &p, &e), 0);
    assert_int_equal(p.numbers.n, 0);
    assert_int_equal(p.items.n, 0);
    pool_free(pool);
}

/* sub_at: the keys of an item, and of a group, begin behind its name. */
static void maps_of_maps(void **state)
{
    struct pool *pool = pool_new();
    struct params p;
    struct err e;
    assert_int_equal(read_params(pool,
                                 "{items: {b: {count: 5}, a: {}, c: }, pairs: {a->b, b<->c: "
                                 "{count: 9}}, group: {height: 1s}}",
                                 &p, &e),
                     0);
    const struct item *items = p.items.items;
    assert_int_equal(p.items.n, 3);
    assert_string_equal(items[0].name, "b");
    assert_int_equal(items[0].params.count, 5);
    assert_int_equal(items[0].ignored, 0);
    assert_string_equal(items[1].name, "a");
    assert_int_equal(items[1].params.count, 3);
    assert_string_equal(items[2].name, "c");
    assert_int_equal(items[2].params.count, 3);
    const struct pair *pairs = p.pairs.items;
    assert_int_equal(p.pairs.n, 2);
    assert_string_equal(pairs[0].name, "a->b");
    assert_int_equal(pairs[0].count, 3);
    assert_string_equal(pairs[1].name, "b<->c");
    assert_int_equal(pairs[1].count, 9);
    assert_int_equal(p.group.height, SEC(1));
    assert_int_equal(p.group.length, SEC(7));
    pool_free(pool);
}

/* ---- files ---- */

static void files_of_quantities(void **state)
{
    struct pool *pool = pool_new();
    struct params p;
    struct err e;
    write_file("times.txt", "# instants\n\n  1s\n2.5s # the second\r\n\t3s");
    assert_int_equal(read_params(pool, "file: times.txt", &p, &e), 0);
    assert_int_equal(p.file.n, 3);
    assert_int_equal(((int64_t *)p.file.items)[0], SEC(1));
    assert_int_equal(((int64_t *)p.file.items)[1], MS(2500));
    assert_int_equal(((int64_t *)p.file.items)[2], SEC(3));

    static const struct {
        const char *text, *error;
        int line, column;
    } bad[] = {
        {"1s\n 2\n", "'2' needs a unit of time, e.g. 20ms", 2, 2},
        {"1s\n101s\n", "file is out of range: '101s'", 2, 1},
        {"1s 2s\n", "'1s 2s' has an unknown unit 's 2s'", 1, 1},
        {"1s\n２s\n", "'２' is a full-width character (U+FF12)", 2, 1},
        {"1s\n\xff\n", "the byte 0xFF is not UTF-8", 0, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        write_file("times.txt", bad[i].text);
        check_eq(bad[i].text, read_params(pool, "file: times.txt", &p, &e), -1);
        check_str(bad[i].text, e.text, bad[i].error);
        check_str(bad[i].text, e.path, "times.txt");
        check_eq(bad[i].text, e.line, bad[i].line);
        check_eq(bad[i].text, e.column, bad[i].column);
    }
    write_file("times.txt", "# nothing yet\n");
    check_eq("empty", read_params(pool, "file: times.txt", &p, &e), -1);
    check_str("empty", e.text, "nothing stands in the file 'times.txt'");
    pool_free(pool);
}

/* The name is relative to the file that has it, also in a parent of another folder. */
static void a_trace_beside_its_experiment(void **state)
{
    struct err e;
    assert_int_equal(system("mkdir sub"), 0);
    write_file("sub/times.txt", "1ms\n2ms\n");
    write_file("sub/parent.yaml",
               TOP "apps: {web: {kind: server, host: server, port: 80}, u: {kind: connect, "
                   "host: client, to: web, arrivals: {trace: times.txt}}}\n");
    write_file("child.yaml", "extends: sub/parent.yaml\n");
    struct experiment *x = experiment_load("child.yaml", NULL, 0, &e);
    assert_string_equal(e.text, "");
    assert_non_null(x);
    experiment_free(x);
}

/* ---- changes ---- */

/* A parameter of a kind, which has it. */
static int64_t param(const struct key_variant *v, const char *name)
{
    int64_t value;
    const struct key *k = v->variant->keys;
    while (strcmp(k->name, name) != 0)
        k++;
    memcpy(&value, v->params + k->offset, sizeof(value));
    return value;
}

#define LINK_PATH "links.client->server."

/* Another kind replaces the whole, the same kind and a key alone change that key; whether the
 * base or the change is a one-key map, {kind: ...} or a scalar. */
static void kinds_are_changed(void **state)
{
    static const char text[] =
        TOP "links: {client->server: {loss: {gilbert-elliott: {p: 1%, r: 20%}}, "
            "delay: {normal: {mean: 5ms, sd: 1ms}}}}\n"
            "variants: {v: {a: {}, b: {" LINK_PATH "loss: {periodic: 7}}, c: {" LINK_PATH
            "delay.sd: 2ms}, d: {" LINK_PATH "delay: 3ms}, e: {" LINK_PATH
            "loss.gilbert-elliott.p: 2%}, f: {" LINK_PATH "delay.kind: laplace, " LINK_PATH
            "delay.mean: 8ms, " LINK_PATH "delay.sd: 1ms}}}\n";
    static const struct {
        const char *label, *override, *loss, *delay, *key;
        int64_t want; /* of the key of delay, or else of loss */
    } rows[] = {
        {"v=a", NULL, "gilbert-elliott", "normal", "sd", MS(1)},
        {"v=b", NULL, "periodic", "normal", "every", 7},
        {"v=c", NULL, "gilbert-elliott", "normal", "sd", MS(2)},
        {"v=c", NULL, "gilbert-elliott", "normal", "mean", MS(5)},
        {"v=d", NULL, "gilbert-elliott", "constant", "value", MS(3)},
        {"v=e", NULL, "gilbert-elliott", "normal", "p", FRACTION_ONE / 50},
        {"v=e", NULL, "gilbert-elliott", "normal", "r", FRACTION_ONE / 5},
        {"v=f", NULL, "gilbert-elliott", "laplace", "mean", MS(8)},
        {"v=a", LINK_PATH "loss.list=[2, 3]", "list", "normal", "sd", MS(1)},
        {"v=b", LINK_PATH "loss.list=[2, 3]", "list", "normal", "sd", MS(1)},
        {"v=c", LINK_PATH "delay.normal.sd=9ms", "gilbert-elliott", "normal", "sd", MS(9)},
        {"v=a", LINK_PATH "delay=9ms", "gilbert-elliott", "constant", "value", MS(9)},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct experiment *x = load_text(text, rows[i].override);
        struct point_spec s = point_of(x, point_labelled(x, rows[i].label));
        const struct link_params *p = &s.net.links[0].params;
        check_str(rows[i].label, p->loss.variant->name, rows[i].loss);
        check_str(rows[i].label, p->delay.variant->name, rows[i].delay);
        const bool of_delay = strchr("smv", rows[i].key[0]) != NULL;
        check_eq(rows[i].label, param(of_delay ? &p->delay : &p->loss, rows[i].key),
                 rows[i].want);
        point_spec_free(&s);
        experiment_free(x);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_in_every_form),
        cmocka_unit_test(first_keys_of_kinds),
        cmocka_unit_test(what_does_not_read),
        cmocka_unit_test(lists),
        cmocka_unit_test(maps_of_maps),
        cmocka_unit_test(files_of_quantities),
        cmocka_unit_test(a_trace_beside_its_experiment),
        cmocka_unit_test(kinds_are_changed),
    };
    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
