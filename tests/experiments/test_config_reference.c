/* SPDX-License-Identifier: GPL-3.0-or-later
 * explain, models and the JSON Schema say what the rows say.
 */
#include <jansson.h>
#include <regex.h>

#include "experiments/functions.h"
#include "experiments/reference.h"
#include "experiments/sections.h"
#include "experiments/synonyms.h"
#include "output/plot.h"
#include "sim/address.h"
#include "tests/experiments/config.h"

static char *explained(const char *key)
{
    struct err e;
    char *text;
    size_t size;
    FILE *f = open_memstream(&text, &size);
    assert_int_equal(explain_print(key, f, &e), 0);
    fclose(f);
    return text;
}

static void one_key(void **state)
{
    char *text = explained("faults.delay");
    assert_string_equal(text, "faults.delay\n"
                              "    a time, such as 20ms; 0s to 365d; default 0s\n"
                              "    it arrives this much later; those behind it may overtake "
                              "it\n");
    free(text);
    text = explained("random");
    assert_string_equal(text,
                        "random\n"
                        "    one of common, independent; default common\n"
                        "    what points share\n"
                        "      common         the same random numbers at every point, so that "
                        "differences between "
                        "points are not chance\n"
                        "      independent    random numbers of its own at every point\n");
    free(text);
    text = explained("tcp.syn_linear_timeouts");
    assert_non_null(strstr(text, "\n    profile linux: 4\n"));
    free(text);
    text = explained("links.loss");
    assert_non_null(strstr(text, "list; left out: as the topology has it\n"));
    free(text);
    text = explained("links.schedule.at"); /* within an entry a map is whole */
    assert_non_null(strstr(text, "    a time, such as 20ms; must be given\n"));
    free(text);
    text = explained("links.reorder.gap");
    assert_non_null(strstr(text, "at least 1; default 1\n"));
    free(text);
    text = explained("faults.link");
    assert_non_null(strstr(text, "a link, a->b; must be given\n"));
    free(text);
}

/* A path as a file has it, with names of the file's own: the first entry that is told. */
static void paths_of_a_file(void **state)
{
    static const struct {
        const char *path, *entry;
    } rows[] = {
        {"hosts.client.tcp.msl", "tcp.msl\n"},
        {"hosts.client", "hosts\n"},
        {"links.client->server.delay", "links.delay\n"},
        {"topology.delay", "topology.two-hosts.delay\n"},
        {"apps.web.reply_after", "apps.server.reply_after\n"},
        {"apps.reply_after", "apps.server.reply_after\n"},
        {"faults.old-syn.hold.until", "faults.hold.until\n"},
        {"plot.ladder.side_by_side", "plot.side_by_side\n"},
        {"let.hold", "let\n"},
        {"sweep.handshake", "sweep\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char *text = explained(rows[i].path);
        check_true(rows[i].path, strncmp(text, rows[i].entry, strlen(rows[i].entry)) == 0);
        free(text);
    }
    char *text = explained("links.client->server.delay");
    assert_null(strstr(text, "faults.delay"));
    free(text);
    text = explained("tcp.mss");
    assert_non_null(strstr(text, "\n    bytes, such as "));
    free(text);
}

/* By the end of a path, by its beginning, but not by part of a word. */
static void several_keys(void **state)
{
    char *text = explained("delay");
    assert_true(strncmp(text, "topology.two-hosts.delay\n", 25) == 0);
    assert_non_null(strstr(text, "\nlinks.delay\n"));
    assert_non_null(strstr(text, "\nfaults.delay\n"));
    assert_null(strstr(text, "delack"));
    free(text);
    text = explained("faults.hold");
    assert_true(strncmp(text, "faults.hold\n", 12) == 0);
    assert_non_null(strstr(text, "\nfaults.hold.until\n"));
    assert_null(strstr(text, "faults.match"));
    free(text);
}

static void unknown_keys(void **state)
{
    static const struct {
        const char *key, *hint;
    } rows[] = {{"tcp.handsake", "did you mean 'tcp.handshake'?"},
                {"handsake", "did you mean 'handshake'?"},
                {"topology.two-hosts.dealy", "did you mean 'topology.two-hosts.delay'?"},
                {"hosts.client.tcp.xyzzy", ""},
                {"apps.web.xyzzy", ""},
                {"", ""}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct err e;
        FILE *f = fopen("/dev/null", "w");
        assert_int_equal(explain_print(rows[i].key, f, &e), -1);
        fclose(f);
        check_str(rows[i].key, e.hint, rows[i].hint);
    }
}

static void check_explained(const char *all, const char *path, const struct key *keys)
{
    for (const struct key *k = keys; k->name != NULL; k++) {
        char entry[200], below[160];
        snprintf(entry, sizeof(entry), "\n%s.%s\n", path, k->name);
        check_true(entry, strstr(all, entry) != NULL);
        snprintf(below, sizeof(below), "%.90s.%.60s", path, k->name);
        if (k->sub != NULL)
            check_explained(all, below, k->sub);
    }
}

static void check_metrics(const char *all, const char *subject, const struct metric *m)
{
    for (; m != NULL && m->name != NULL; m++) {
        char entry[200];
        snprintf(entry, sizeof(entry), "\nmetrics.%s.%s\n", subject, m->name);
        check_true(entry, strstr(all, entry) != NULL);
        check_true(entry, m->help != NULL && m->help[0] != '\0');
    }
}

static void everything_is_explained(void **state)
{
    char *all = explained(NULL);
    char path[100];
    check_explained(all, "tcp", TCP_KEYS);
    check_explained(all, "links", LINK_KEYS);
    check_explained(all, "faults", FAULT_KEYS);
    check_explained(all, "expect", EXPECT_KEYS);
    check_explained(all, "plot", PLOT_KEYS);
    check_explained(all, "hosts", HOST_KEYS);
    check_explained(all, "routers", ROUTER_KEYS);
    check_explained(all, "routes", ROUTE_KEYS);
    check_explained(all, "sample", SAMPLE_KEYS);
    for (const struct topology_kind *const *k = TOPOLOGY_KINDS; *k != NULL; k++) {
        snprintf(path, sizeof(path), "topology.%s", (*k)->name);
        check_explained(all, path, (*k)->keys);
    }
    for (const struct variant_table *t = VARIANT_TABLES; t->name != NULL; t++)
        for (const struct variant *v = t->variants; v->name != NULL; v++) {
            snprintf(path, sizeof(path), "%s.%s", t->name, v->name);
            check_explained(all, path, v->keys);
        }
    check_metrics(all, "app", APP_METRICS);
    check_metrics(all, "tcp", TCP_METRICS);
    check_metrics(all, "host", HOST_METRICS);
    check_metrics(all, "router", ROUTER_METRICS);
    check_metrics(all, "link", LINK_METRICS);
    check_metrics(all, "route", ROUTE_METRICS);
    check_metrics(all, "fault", FAULT_METRICS);
    for (const struct app_kind *const *k = APP_KINDS; *k != NULL; k++) {
        snprintf(path, sizeof(path), "apps.%s", (*k)->name);
        check_explained(all, path, (*k)->keys);
        check_metrics(all, (*k)->name, (*k)->metrics);
    }
    for (const struct section *s = SECTIONS; s->name != NULL; s++) {
        snprintf(path, sizeof(path), "%s\n    ", s->name);
        check_true(s->name, strstr(all, path) != NULL);
    }
    assert_non_null(strstr(all, "\nmetrics.tcp.ghosts\n    a metric: count\n"));
    assert_non_null(strstr(all, "\nmetrics.tcp.states\n    a metric: a text\n"));
    assert_non_null(strstr(all, "\nmetrics.link.lost\n"));
    assert_non_null(strstr(all, "\nmetrics.fault.matched\n"));
    free(all);
}

/* `explain loss`: which models there are, with their keys; told once, though several keys have
 * them. */
static void kinds_are_explained(void **state)
{
    char *text = explained("links.loss");
    assert_non_null(strstr(text, "\n      periodic         every n-th packet\n"
                                 "        every          a count, such as 5: "));
    free(text);
    text = explained("loss");
    const char *first = strstr(text, "\n      periodic ");
    assert_non_null(first);
    assert_null(strstr(first + 1, "\n      periodic "));
    free(text);
    text = explained("losses.periodic");
    assert_non_null(strstr(text, "\nlosses.periodic.every\n"
                                 "    a count, such as 5; at least 1; must be given\n"));
    free(text);
}

/* What a table's row points to is in order: read_default asserts that a default parses; a
 * registry of kinds is told about once, and the parameters of each fit. */
static void check_kinds(const struct key *keys)
{
    for (const struct key *k = keys; k->name != NULL; k++) {
        if (k->sub != NULL)
            check_kinds(k->sub);
        if (k->kind != KEY_VARIANT)
            continue;
        const struct variant_table *t = VARIANT_TABLES;
        while (t->name != NULL && t->variants != k->variants)
            t++;
        check_true(k->name, t->name != NULL);
        for (const struct variant *v = k->variants; v->name != NULL; v++) {
            check_true(v->name, v->help != NULL && v->help[0] != '\0');
            for (const struct key *key = v->keys; key->name != NULL; key++) {
                check_true(key->name, key->offset + sizeof(int64_t) <= VARIANT_BYTES);
                check_true(key->name, strcmp(key->name, "kind") != 0);
            }
        }
    }
}

static void every_kind_is_in_a_registry(void **state)
{
    check_kinds(LINK_KEYS);
    check_kinds(HOST_KEYS);
    check_kinds(ROUTER_KEYS);
    check_kinds(ROUTE_KEYS);
    check_kinds(FAULT_KEYS);
    check_kinds(TCP_KEYS);
    for (const struct app_kind *const *k = APP_KINDS; *k != NULL; k++)
        check_kinds((*k)->keys);
    for (const struct topology_kind *const *k = TOPOLOGY_KINDS; *k != NULL; k++)
        check_kinds((*k)->keys);
}

static void models_list_the_registries(void **state)
{
    char *text, row[100];
    size_t size;
    FILE *f = open_memstream(&text, &size);
    assert_int_equal(models_print(f), 0);
    fclose(f);
    static const char *const names[] = {"two-hosts", "server",  "script",  "linux",
                                        "textbook",  "two-way", "four-way"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        snprintf(row, sizeof(row), "\n  %s ", names[i]);
        check_true(names[i], strstr(text, row) != NULL);
    }
    for (const struct variant_table *t = VARIANT_TABLES; t->name != NULL; t++)
        for (const struct variant *v = t->variants; v->name != NULL; v++) {
            snprintf(row, sizeof(row), "\n  %s ", v->name);
            check_true(v->name, strstr(text, row) != NULL);
        }
    for (const struct plot_kind *k = PLOT_KINDS; k->name != NULL; k++) {
        snprintf(row, sizeof(row), "\n  %s ", k->name);
        check_true(k->name, strstr(text, row) != NULL);
    }
    free(text);
}

static json_t *schema(void)
{
    char *text;
    size_t size;
    FILE *f = open_memstream(&text, &size);
    assert_int_equal(schema_print(f), 0);
    fclose(f);
    json_error_t error;
    json_t *s = json_loads(text, 0, &error);
    assert_non_null(s);
    free(text);
    return s;
}

/* Every $ref leads somewhere, every pattern is a regular expression. */
static void check_parts(const json_t *root, const json_t *part)
{
    const char *key;
    json_t *value;
    size_t i;
    if (json_is_array(part))
        json_array_foreach(part, i, value) check_parts(root, value);
    json_object_foreach((json_t *)part, key, value)
    {
        regex_t regex;
        if (strcmp(key, "$ref") == 0 && json_is_string(value)) {
            const char *name = strrchr(json_string_value(value), '/') + 1;
            check_true(name,
                       json_object_get(json_object_get(root, "definitions"), name) != NULL);
        }
        if (strcmp(key, "pattern") == 0 && json_is_string(value)) {
            check_eq(json_string_value(value),
                     regcomp(&regex, json_string_value(value), REG_EXTENDED | REG_NOSUB), 0);
            regfree(&regex);
        }
        check_parts(root, value);
    }
}

static void check_properties(const json_t *properties, const struct key *keys)
{
    assert_non_null(properties);
    for (const struct key *k = keys; k->name != NULL; k++)
        check_true(k->name, json_object_get(properties, k->name) != NULL);
}

/* The properties of an entry of a section that is a map of names. */
static const json_t *entry_of(const json_t *properties, const char *section)
{
    const json_t *s = json_object_get(properties, section);
    const json_t *all = json_array_get(json_object_get(s, "allOf"), 0);
    return json_object_get(json_object_get(all, "additionalProperties"), "properties");
}

/* Each kind of a registry, with its keys, stands among the forms. */
static void check_variants(const char *name, const json_t *definition,
                           const struct variant *variants)
{
    const json_t *forms = json_object_get(definition, "anyOf");
    check_true(name, json_array_size(forms) > 0);
    for (const struct variant *v = variants; v->name != NULL; v++) {
        const json_t *found = NULL, *form;
        size_t i;
        json_array_foreach((json_t *)forms, i, form)
        {
            const json_t *properties = json_object_get(form, "properties");
            const char *kind = json_string_value(
                json_object_get(json_object_get(properties, "kind"), "const"));
            if (kind != NULL && strcmp(kind, v->name) == 0)
                found = properties;
        }
        check_true(v->name, found != NULL);
        check_properties(found, v->keys);
    }
}

static void schema_hangs_together(void **state)
{
    json_t *s = schema();
    check_parts(s, s);
    const json_t *properties = json_object_get(s, "properties");
    for (const struct section *section = SECTIONS; section->name != NULL; section++)
        check_true(section->name, json_object_get(properties, section->name) != NULL);
    const json_t *tcp = json_object_get(
        json_object_get(json_object_get(s, "definitions"), "tcp"), "properties");
    check_properties(tcp, TCP_KEYS);
    check_properties(entry_of(properties, "links"), LINK_KEYS);
    check_properties(entry_of(properties, "hosts"), HOST_KEYS);
    check_properties(entry_of(properties, "routers"), ROUTER_KEYS);
    check_properties(entry_of(properties, "routes"), ROUTE_KEYS);
    check_properties(entry_of(properties, "faults"), FAULT_KEYS);
    check_properties(entry_of(properties, "plot"), PLOT_KEYS);
    const json_t *definitions = json_object_get(s, "definitions");
    for (const struct variant_table *t = VARIANT_TABLES; t->name != NULL; t++)
        check_variants(t->name, json_object_get(definitions, t->name), t->variants);
    json_decref(s);
}

/* The pattern of a key of `tcp` or of the top; NULL: none. */
static const char *pattern_of(const json_t *key)
{
    return json_string_value(
        json_object_get(json_array_get(json_object_get(key, "anyOf"), 0), "pattern"));
}

static bool matches(const char *pattern, const char *text)
{
    regex_t regex;
    assert_int_equal(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB), 0);
    const bool yes = regexec(&regex, text, 0, NULL, 0) == 0;
    regfree(&regex);
    return yes;
}

/* The pattern of times against sim/units.h: each text must be taken by both or by neither. */
static void patterns_agree_with_the_parser(void **state)
{
    static const char *const times[] = {
        "20ms", "0s",    "1.5min", "3h",   "2d",  "4us", "7ns",       "1e3s", "never",
        "20",   "20 ms", "ms",     "20Ms", "-1s", "5kB", "unlimited", "1.s",  "20msx"};
    static const char *const bytes[] = {"0B",  "10kB",  "1.5KiB",    "2MB", "3MiB",
                                        "4GB", "5GiB",  "unlimited", "10",  "10KB",
                                        "10b", "1kbit", "never",     "kB"};
    static const char *const addresses[] = {
        "10.0.0.1",    "203.0.113.0/24", "0.0.0.0/0", "fd00::1",   "2001:db8::/32",
        "::",          "::/0",           "::/128",    "::/129",    "10.0.0.256",
        "10.0.0.0/33", "fd00::g",        "client",    "10.0.0.1/", "fd00::1/"};
    json_t *s = schema();
    const char *time = pattern_of(json_object_get(json_object_get(s, "properties"), "stop"));
    const json_t *tcp = json_object_get(
        json_object_get(json_object_get(s, "definitions"), "tcp"), "properties");
    const char *mss = pattern_of(json_object_get(tcp, "mss"));
    int64_t value;
    for (size_t i = 0; i < ARRAY_LEN(times); i++) {
        struct err e = {0};
        check_eq(times[i], matches(time, times[i]),
                 unit_parse(times[i], UNIT_TIME, &value, NULL, &e) == 0);
    }
    for (size_t i = 0; i < ARRAY_LEN(bytes); i++) {
        struct err e = {0};
        check_eq(bytes[i], matches(mss, bytes[i]),
                 unit_parse(bytes[i], UNIT_BYTES, &value, NULL, &e) == 0);
    }
    const json_t *owned =
        json_object_get(entry_of(json_object_get(s, "properties"), "hosts"), "addresses");
    const char *address = pattern_of(json_array_get(json_object_get(owned, "anyOf"), 0));
    for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
        struct key_address a;
        check_eq(addresses[i], matches(address, addresses[i]),
                 address_parse(addresses[i], &a) == NULL);
    }
    /* what is a number to YAML is one to an editor */
    const json_t *ip = json_object_get(json_object_get(s, "properties"), "ip");
    const json_t *versions =
        json_object_get(json_array_get(json_object_get(ip, "anyOf"), 0), "enum");
    check_eq("ip: 6", json_integer_value(json_array_get(versions, 3)), 6);
    json_decref(s);
}

/* Whether a line is `name`, a path that ends with it, or a choice of that name. */
static bool is_told(const char *all, const char *name)
{
    const size_t n = strlen(name);
    for (const char *at = strstr(all, name); at != NULL; at = strstr(at + 1, name)) {
        const bool begins = at == all || at[-1] == '\n' || at[-1] == '.' || at[-1] == ' ';
        const char *line = at;
        while (line > all && line[-1] != '\n')
            line--;
        const bool is_path = line[0] != ' ' && at[n] == '\n';
        const bool is_choice = at - line == 6 && strspn(line, " ") == 6 && at[n] == ' ';
        if (begins && (is_path || is_choice))
            return true;
    }
    return false;
}

/* A word that stands for a name which is none any more would never be found out. */
static void synonyms_stand_for_names(void **state)
{
    char *all = explained(NULL);
    size_t n = 0;
    assert_false(is_told(all, "dela"));
    assert_false(is_told(all, "elay"));
    for (const char *name; (name = synonym_target(n)) != NULL; n++) {
        enum tcp_state in;
        if (!is_told(all, name) && !tcp_state_named(name, &in))
            fail_msg("a synonym stands for '%s', which is no key, kind or choice", name);
    }
    assert_true(n > 50);
    free(all);
}

/* A row that says what is so without it says nothing, and one of two rows is lost. */
static void profiles_say_each_thing_once(void **state)
{
    for (const struct tcp_profile *p = TCP_PROFILES; p->name != NULL; p++)
        for (const struct tcp_profile_row *r = p->rows; r->key != NULL; r++) {
            const struct key *k = key_find(TCP_KEYS, r->key);
            struct err e = {0};
            int64_t value = 0, other = 0;
            check_true(r->key, k != NULL);
            if (k->kind == KEY_QUANTITY) {
                check_eq(r->key, unit_parse(r->value, k->unit, &value, NULL, &e), 0);
                check_eq(r->key, unit_parse(k->default_text, k->unit, &other, NULL, &e), 0);
                check_true(r->key, value != other);
            } else {
                check_true(r->key, strcmp(r->value, k->default_text) != 0);
            }
            for (const struct tcp_profile_row *s = p->rows; s < r; s++)
                check_true(r->key, strcmp(s->key, r->key) != 0);
        }
}

static void full_disks_are_noticed(void **state)
{
    struct err e;
    FILE *f = fopen("/dev/full", "w");
    assert_non_null(f);
    assert_int_equal(explain_print(NULL, f, &e), -1);
    fclose(f);
    f = fopen("/dev/full", "w");
    assert_int_equal(schema_print(f), -1);
    fclose(f);
    f = fopen("/dev/full", "w");
    assert_int_equal(models_print(f), -1);
    fclose(f);
    f = fopen("/dev/full", "w");
    assert_int_equal(profiles_print(f), -1);
    fclose(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_key),
        cmocka_unit_test(paths_of_a_file),
        cmocka_unit_test(several_keys),
        cmocka_unit_test(unknown_keys),
        cmocka_unit_test(everything_is_explained),
        cmocka_unit_test(kinds_are_explained),
        cmocka_unit_test(every_kind_is_in_a_registry),
        cmocka_unit_test(models_list_the_registries),
        cmocka_unit_test(schema_hangs_together),
        cmocka_unit_test(patterns_agree_with_the_parser),
        cmocka_unit_test(synonyms_stand_for_names),
        cmocka_unit_test(profiles_say_each_thing_once),
        cmocka_unit_test(full_disks_are_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
