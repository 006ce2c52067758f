/* SPDX-License-Identifier: GPL-3.0-or-later
 * The reader, kind by kind: a struct of its own, and what each text must become.
 */
#include "experiments/read.h"

#include "experiments/sections.h"
#include "tests/experiments/config.h"

struct item {
    int64_t count;
    char text[TEXT_MAX_BYTES];
};

struct params {
    sim_time wait;
    int64_t rate, bytes, part, often, few;
    bool on;
    const char *choice;
    char host[NAME_MAX_BYTES], word[NAME_MAX_BYTES];
    char text[TEXT_MAX_BYTES];
    uint16_t port;
    uint32_t flags;
    struct key_until until;
    struct key_list items;
    int64_t inner;
    char needed[NAME_MAX_BYTES];
};

static const struct choice CHOICES[] = {{"red", "stop"}, {"green", "go"}, {NULL, NULL}};

/* clang-format off */
#define AT(field) offsetof(struct params, field)
static const struct key ITEM_KEYS[] = {
    {.name = "count", .kind = KEY_QUANTITY, .offset = offsetof(struct item, count), .default_text = "3", .unit = UNIT_COUNT, .help = ""},
    {.name = "text", .kind = KEY_TEXT, .offset = offsetof(struct item, text), .default_text = NULL, .help = ""},
    {0},
};
static const struct key GROUP_KEYS[] = {
    {.name = "inner", .kind = KEY_QUANTITY, .offset = AT(inner), .default_text = "9", .unit = UNIT_COUNT, .help = ""},
    {.name = "needed", .kind = KEY_NAME, .offset = AT(needed), .default_text = NULL, .help = ""},
    {0},
};
static const struct key KEYS[] = {
    {.name = "wait", .kind = KEY_QUANTITY, .offset = AT(wait), .default_text = "20ms", .unit = UNIT_TIME, .help = ""},
    {.name = "rate", .kind = KEY_QUANTITY, .offset = AT(rate), .default_text = "unlimited", .unit = UNIT_RATE, .help = ""},
    {.name = "bytes", .kind = KEY_QUANTITY, .offset = AT(bytes), .default_text = "", .unit = UNIT_BYTES, .help = ""},
    {.name = "part", .kind = KEY_QUANTITY, .offset = AT(part), .default_text = "1%", .unit = UNIT_FRACTION, .max = FRACTION_ONE, .help = ""},
    {.name = "often", .kind = KEY_QUANTITY, .offset = AT(often), .default_text = "2/s", .unit = UNIT_PER_TIME, .help = ""},
    {.name = "few", .kind = KEY_QUANTITY, .offset = AT(few), .default_text = "2", .unit = UNIT_COUNT, .min = 2, .max = 4, .help = ""},
    {.name = "on", .kind = KEY_BOOL, .offset = AT(on), .default_text = "yes", .help = ""},
    {.name = "choice", .kind = KEY_CHOICE, .offset = AT(choice), .default_text = "green", .choices = CHOICES, .help = ""},
    {.name = "host", .kind = KEY_NAME, .offset = AT(host), .default_text = "", .refers = REFERS_HOST, .help = ""},
    {.name = "word", .kind = KEY_NAME, .offset = AT(word), .default_text = "", .help = ""},
    {.name = "text", .kind = KEY_TEXT, .offset = AT(text), .default_text = "", .help = ""},
    {.name = "port", .kind = KEY_PORT, .offset = AT(port), .default_text = "", .help = ""},
    {.name = "flags", .kind = KEY_FLAGS, .offset = AT(flags), .default_text = "", .help = ""},
    {.name = "until", .kind = KEY_UNTIL, .offset = AT(until), .default_text = "", .refers = REFERS_APP, .help = ""},
    {.name = "items", .kind = KEY_STEPS, .offset = AT(items), .default_text = "", .sub = ITEM_KEYS, .item_bytes = sizeof(struct item), .help = ""},
    {.name = "group", .kind = KEY_GROUP, .default_text = "", .sub = GROUP_KEYS, .help = ""},
    {.name = "own", .kind = KEY_GROUP, .default_text = "", .help = ""},
    {0},
};
/* clang-format on */

static const char *HOSTS[] = {"client", "server"};
static const char *APPS[] = {"web"};
static const struct scope scope = {.names = {[REFERS_HOST] = HOSTS, [REFERS_APP] = APPS},
                                   .n = {[REFERS_HOST] = 2, [REFERS_APP] = 1}};

/* Reads {text}; 0 or -1. What *p held before is kept when `keep`. */
static int read_params(struct pool *pool, const char *text, bool keep, struct params *p,
                       struct err *e)
{
    const struct reader r = {.pool = pool, .scope = &scope, .e = e};
    const struct part part = {.keys = KEYS, .out = p, .keep = keep};
    struct node *map;
    *e = (struct err){0};
    return tree_read_text(pool, "test", text, &map, e) != 0 ||
                   read_map(&r, map, "test", &map->at, &part, 1) != 0
               ? -1
               : 0;
}

/* clang-format off */
/* A key's bytes must be these integers (one at offset 0 of the field), or the error this. */
static const struct scalar_row {
    const char *text;
    size_t offset, size;
    int64_t want;
    const char *error; /* NULL: none */
} scalar_rows[] = {
    {"wait: 1.5s", AT(wait), 8, 1500000000, NULL},
    {"wait: never", AT(wait), 8, INT64_MAX, NULL},
    {"x: 1", AT(wait), 8, 0, "unknown key 'x' in test"},
    {"wait: ~", AT(wait), 8, 20000000, NULL},
    {"rate: 8Mbit", AT(rate), 8, 8000000, NULL},
    {"on: no", AT(rate), 8, INT64_MAX, NULL},
    {"bytes: 10kB", AT(bytes), 8, 10000, NULL},
    {"on: no", AT(bytes), 8, 0, NULL},
    {"part: 100%", AT(part), 8, FRACTION_ONE, NULL},
    {"part: 100.1%", AT(part), 8, 0, "part is out of range: '100.1%'"},
    {"often: 3/min", AT(often), 8, 50000000, NULL},
    {"few: 2", AT(few), 8, 2, NULL},
    {"few: 4", AT(few), 8, 4, NULL},
    {"few: 1", AT(few), 8, 0, "few is out of range: '1'"},
    {"few: 5", AT(few), 8, 0, "few is out of range: '5'"},
    {"few: [2]", AT(few), 8, 0, "few must be a count, such as 5, not a list"},
    {"on: true", AT(on), 1, 1, NULL},
    {"on: on", AT(on), 1, 1, NULL},
    {"on: false", AT(on), 1, 0, NULL},
    {"on: off", AT(on), 1, 0, NULL},
    {"on: 1", AT(on), 1, 0, "on is yes or no, not '1'"},
    {"choice: rde", AT(on), 1, 0, "unknown choice 'rde'"},
    {"port: 1", AT(port), 2, 1, NULL},
    {"port: 65535", AT(port), 2, 65535, NULL},
    {"port: 65536", AT(port), 2, 0, "port is a port from 1 to 65535, not '65536'"},
    {"port: 0", AT(port), 2, 0, "port is a port from 1 to 65535, not '0'"},
    {"port: 80x", AT(port), 2, 0, "port is a port from 1 to 65535, not '80x'"},
    {"port: -1", AT(port), 2, 0, "port is a port from 1 to 65535, not '-1'"},
    {"on: no", AT(port), 2, 0, NULL},
    {"flags: SYN", AT(flags), 4, 0x80000002, NULL},
    {"flags: \"SYN,ACK\"", AT(flags), 4, 0x80000012, NULL},
    {"flags: \" FIN , PSH,ACK \"", AT(flags), 4, 0x80000019, NULL},
    {"flags: \"\"", AT(flags), 4, 0, "unknown TCP flag ''"},
    {"flags: \"SYN,\"", AT(flags), 4, 0, "unknown TCP flag ''"},
    {"flags: [SYN]", AT(flags), 4, 0x80000002, NULL},
    {"flags: [SYN, ACK]", AT(flags), 4, 0x80000012, NULL},
    {"flags: [\"SYN,ACK\"]", AT(flags), 4, 0, "unknown TCP flag 'SYN,ACK'"},
    {"flags: syn", AT(flags), 4, 0, "unknown TCP flag 'syn'"},
    {"on: no", AT(flags), 4, 0, NULL},
    {"host: sever", AT(port), 2, 0, "unknown host 'sever'"},
    {"word: a.b", AT(port), 2, 0, "'a.b' cannot be a name"},
    {"until: web ESTABLISH", AT(port), 2, 0, "unknown TCP state 'ESTABLISH'"},
    {"until: client CLOSED", AT(port), 2, 0, "unknown app 'client'"},
    {"until: web", AT(port), 2, 0, "until is the name of an app and a TCP state, not 'web'"},
    {"group: {}", AT(inner), 8, 0, "group needs the key 'needed'"},
    {"group: {needed: x}", AT(inner), 8, 9, NULL},
    {"group: {needed: x, inner: 8}", AT(inner), 8, 8, NULL},
    {"group: {neded: x}", AT(inner), 8, 0, "unknown key 'neded' in group"},
    {"group: 5", AT(inner), 8, 0, "group must be a map, not '5'"},
    {"on: no", AT(inner), 8, 9, NULL}, /* a group that is left out has its defaults */
    {"own: {any: thing}", AT(port), 2, 0, NULL},
    {"own: 5", AT(port), 2, 0, "own must be a map, not '5'"},
    {"items: {}", AT(port), 2, 0, "items is a list of maps, not a map"},
    {"items: [5]", AT(port), 2, 0, "item 1 of items must be a map, not '5'"},
    {"items: [{text: a}, {count: 1}]", AT(port), 2, 0, "item 2 of items needs the key 'text'"},
};
/* clang-format on */

static void scalars(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(scalar_rows); i++) {
        const struct scalar_row *r = &scalar_rows[i];
        struct pool *pool = pool_new();
        struct params p = {0};
        struct err e;
        uint64_t got = 0;
        const int bad = read_params(pool, r->text, false, &p, &e);
        check_str(r->text, e.text, r->error != NULL ? r->error : "");
        check_eq(r->text, bad, r->error != NULL ? -1 : 0);
        memcpy(&got, (char *)&p + r->offset, r->size); /* on a little-endian machine */
        if (bad == 0)
            check_eq(r->text, got, r->want);
        pool_free(pool);
    }
}

static void names_texts_and_lists(void **state)
{
    struct pool *pool = pool_new();
    struct params p = {0};
    struct err e;
    assert_int_equal(read_params(pool,
                                 "{choice: red, host: server, word: A-1_z, text: 'any text, "
                                 "é', until: web   TIME-WAIT,"
                                 " items: [{text: a}, {count: 5, text: b}]}",
                                 false, &p, &e),
                     0);
    assert_ptr_equal(p.choice, CHOICES[0].name);
    assert_string_equal(p.host, "server");
    assert_string_equal(p.word, "A-1_z");
    assert_string_equal(p.text, "any text, é");
    assert_string_equal(p.until.name, "web");
    assert_string_equal(p.until.state, "TIME-WAIT");
    assert_int_equal(p.items.n, 2);
    const struct item *items = p.items.items;
    assert_int_equal(items[0].count, 3);
    assert_string_equal(items[0].text, "a");
    assert_int_equal(items[1].count, 5);
    assert_string_equal(items[1].text, "b");
    pool_free(pool);
}

/* The longest that fit, and one more. */
static void lengths(void **state)
{
    struct pool *pool = pool_new();
    struct params p = {0};
    struct err e;
    char text[400];
    snprintf(text, sizeof(text), "text: %0*d", TEXT_MAX_BYTES - 1, 0);
    assert_int_equal(read_params(pool, text, false, &p, &e), 0);
    assert_int_equal(strlen(p.text), TEXT_MAX_BYTES - 1);
    snprintf(text, sizeof(text), "text: %0*d", TEXT_MAX_BYTES, 0);
    assert_int_equal(read_params(pool, text, false, &p, &e), -1);
    assert_string_equal(e.text, "text is longer than 255 bytes");
    snprintf(text, sizeof(text), "word: %0*d", NAME_MAX_BYTES - 1, 0);
    assert_int_equal(read_params(pool, text, false, &p, &e), 0);
    assert_int_equal(strlen(p.word), NAME_MAX_BYTES - 1);
    snprintf(text, sizeof(text), "word: %0*d", NAME_MAX_BYTES, 0);
    assert_int_equal(read_params(pool, text, false, &p, &e), -1);
    assert_string_equal(e.text, "the name is longer than 63 bytes");
    pool_free(pool);
}

static void what_is_not_given_is_kept(void **state)
{
    struct pool *pool = pool_new();
    struct params p = {.wait = 5, .port = 7, .on = false, .text = "before"};
    struct err e;
    assert_int_equal(read_params(pool, "{port: 8}", true, &p, &e), 0);
    assert_int_equal(p.wait, 5);
    assert_int_equal(p.port, 8);
    assert_false(p.on);
    assert_string_equal(p.text, "before");
    pool_free(pool);
}

/* struct key's invariant for every row of the registries: read_default asserts that it
 * parses. */
static void check_defaults(const struct key *keys)
{
    static char memory[8192];
    for (const struct key *k = keys; k->name != NULL; k++) {
        check_true(k->name, k->help != NULL && k->help[0] != '\0');
        if (k->kind == KEY_GROUP || k->default_text != NULL)
            read_default(k, memory);
        if (k->sub != NULL)
            check_defaults(k->sub);
        if (k->kind == KEY_VARIANT)
            for (const struct variant *v = k->variants; v->name != NULL; v++)
                check_defaults(v->keys);
        if (k->kind == KEY_STEPS || k->kind == KEY_MAPS)
            check_true(k->name, k->sub != NULL && k->item_bytes > 0);
    }
}

static void every_default_parses(void **state)
{
    const struct key *const tables[] = {TOP_KEYS,      TCP_KEYS,    LINK_KEYS, FAULT_KEYS,
                                        APP_HEAD_KEYS, EXPECT_KEYS, PLOT_KEYS, HOST_KEYS,
                                        ROUTER_KEYS,   ROUTE_KEYS};
    for (size_t i = 0; i < ARRAY_LEN(tables); i++)
        check_defaults(tables[i]);
    for (const struct app_kind *const *k = APP_KINDS; *k != NULL; k++)
        check_defaults((*k)->keys);
    for (const struct topology_kind *const *k = TOPOLOGY_KINDS; *k != NULL; k++)
        check_defaults((*k)->keys);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalars),
        cmocka_unit_test(names_texts_and_lists),
        cmocka_unit_test(lengths),
        cmocka_unit_test(what_is_not_given_is_kept),
        cmocka_unit_test(every_default_parses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
