/* SPDX-License-Identifier: GPL-3.0-or-later
 * json_schema.c -- the key rows as JSON Schema (draft-07), for editors with
 * yaml-language-server.
 *
 * It is a little more lenient than the loader: a child of `extends` may give any part, `~` may
 * stand for any value and $names for any scalar, and which keys go together is not said.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "experiments/reference.h"
#include "experiments/sections.h"
#include "output/plot.h"

/* Numbers and their units, as sim/units.c takes them. */
#define NUMBER "^[0-9]+(\\.[0-9]+)?([eE][-+]?[0-9]+)?"
static const char *const PATTERNS[N_UNITS] = {
    [UNIT_COUNT] = NUMBER "$|^unlimited$",
    [UNIT_TIME] = NUMBER "(ns|us|ms|s|min|h|d)$|^never$",
    [UNIT_RATE] = NUMBER "[kMG]?bit(/s)?$|^unlimited$",
    [UNIT_BYTES] = NUMBER "(B|kB|MB|GB|KiB|MiB|GiB)$|^unlimited$",
    [UNIT_FRACTION] = NUMBER "%$",
    [UNIT_PER_TIME] = NUMBER "/(s|min|h)$",
};

#define FLAG "(FIN|SYN|RST|PSH|ACK|URG|ECE|CWR)"

static json_t *text_like(const char *pattern)
{
    return json_pack("{s:s, s:s}", "type", "string", "pattern", pattern);
}

static json_t *ref(const char *definition)
{
    return json_pack("{s:s+}", "$ref", "#/definitions/", definition);
}

/* A name of digits is a number to YAML. */
static json_t *choice_enum(const struct choice *c)
{
    json_t *names = json_array();
    for (; c->name != NULL; c++) {
        json_array_append_new(names, json_string(c->name));
        if (strspn(c->name, "0123456789") == strlen(c->name))
            json_array_append_new(names, json_integer(strtol(c->name, NULL, 10)));
    }
    return json_pack("{s:o}", "enum", names);
}

/* A bare number is a number to YAML; 1e6 is not, everywhere. */
static json_t *count_schema(const struct key *k)
{
    json_t *number = json_pack("{s:s, s:I}", "type", "number", "minimum", (json_int_t)k->min);
    if (k->max != 0)
        json_object_set_new(number, "maximum", json_integer(k->max));
    return json_pack("{s:[o, o]}", "anyOf", number, text_like(PATTERNS[UNIT_COUNT]));
}

static json_t *keys_schema(const struct key *keys);
static json_t *map_schema(const struct key *keys);
static json_t *named(json_t *value);
static json_t *plain_schema(const struct key *k);

#define BYTE "(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
#define ADDRESS                                                                                \
    "^" BYTE "(\\." BYTE "){3}(/(3[0-2]|[12]?[0-9]))?$|"                                       \
    "^[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*(/(12[0-8]|1[01][0-9]|[1-9]?[0-9]))?$"

/* Several, or one without brackets. Takes item. */
static json_t *list_of(json_t *item)
{
    json_t *one = json_deep_copy(item);
    return json_pack("{s:[o, {s:s, s:{s:[o, o]}}]}", "anyOf", one, "type", "array", "items",
                     "anyOf", item, ref("name"));
}

/* A count as each item of a list of them, too. */
static json_t *quantity_schema(const struct key *k)
{
    return k->unit == UNIT_COUNT ? count_schema(k) : text_like(PATTERNS[k->unit]);
}

/* One kind in the form {kind: NAME, ...}, beside which its one-key forms go into one_key. */
static json_t *kind_schema(const struct variant *v, json_t *one_key)
{
    json_t *forms = json_array(), *with_kind = keys_schema(v->keys);
    json_array_append_new(forms, keys_schema(v->keys));
    if (v->keys->name != NULL) {
        json_array_append_new(forms, plain_schema(v->keys));
        json_array_append_new(forms, ref("name"));
    }
    json_object_set_new(one_key, v->name, json_pack("{s:o}", "anyOf", forms));
    json_object_set_new(json_object_get(with_kind, "properties"), "kind",
                        json_pack("{s:s}", "const", v->name));
    json_object_set_new(with_kind, "description", json_string(v->help));
    json_object_set_new(with_kind, "required", json_pack("[s]", "kind"));
    return with_kind;
}

/* A registry of kinds with parameters: a scalar of the first, a name, or either kind of map. */
static json_t *variants_of(const struct variant *variants)
{
    json_t *forms = json_array(), *one_key = json_object(), *names = json_array();
    if (variants->keys->name != NULL)
        json_array_append_new(forms, plain_schema(variants->keys));
    for (const struct variant *v = variants; v->name != NULL; v++) {
        json_array_append_new(names, json_string(v->name));
        json_array_append_new(forms, kind_schema(v, one_key));
    }
    json_array_append_new(forms, json_pack("{s:o}", "enum", names));
    json_array_append_new(forms, json_pack("{s:s, s:b, s:o, s:i}", "type", "object",
                                           "additionalProperties", 0, "properties", one_key,
                                           "maxProperties", 1));
    return json_pack("{s:o}", "anyOf", forms);
}

/* A registry is told once, in the definitions. */
static json_t *variant_schema(const struct key *k)
{
    const struct variant_table *t = VARIANT_TABLES;
    while (t->name != NULL && t->variants != k->variants)
        t++;
    return t->name != NULL ? ref(t->name) : variants_of(k->variants);
}

/* The value itself, $names and ~ apart. */
static json_t *plain_schema(const struct key *k)
{
    switch (k->kind) {
    case KEY_QUANTITY:
        return quantity_schema(k);
    case KEY_QUANTITIES:
        return list_of(quantity_schema(k));
    case KEY_NAMES:
        return list_of(json_pack("{s:s}", "type", "string"));
    case KEY_ADDRESSES:
        return list_of(text_like(ADDRESS));
    case KEY_MAPS:
        return named(map_schema(k->sub));
    case KEY_VARIANT:
        return variant_schema(k);
    case KEY_BOOL:
        return json_pack("{s:[b, b, s, s, s, s, s, s]}", "enum", 1, 0, "yes", "no", "true",
                         "false", "on", "off");
    case KEY_CHOICE:
        return choice_enum(k->choices);
    case KEY_PORT:
        return json_pack("{s:s, s:i, s:i}", "type", "integer", "minimum", 1, "maximum", 65535);
    case KEY_FLAGS:
        return json_pack("{s:[o, {s:s, s:i, s:o}]}", "anyOf",
                         text_like("^" FLAG "( *, *" FLAG ")*$"), "type", "array", "minItems",
                         1, "items", text_like("^" FLAG "$"));
    case KEY_UNTIL:
        return text_like("^[A-Za-z0-9_-]+ +[A-Z0-9-]+$");
    case KEY_NAME:
        return json_pack("{s:s}", "type", "string");
    case KEY_STEPS:
        return json_pack("{s:s, s:o}", "type", "array", "items", keys_schema(k->sub));
    case KEY_GROUP:
        return k->sub != NULL ? map_schema(k->sub) : json_pack("{s:s}", "type", "object");
    default:
        return json_pack("{s:[s, s, s]}", "type", "string", "number", "boolean");
    }
}

static json_t *key_schema(const struct key *k)
{
    json_t *schema =
        json_pack("{s:s, s:[o, o, o]}", "description", k->help, "anyOf", plain_schema(k),
                  ref("name"), json_pack("{s:s}", "type", "null"));
    if (k->default_text != NULL && k->default_text[0] != '\0')
        json_object_set_new(schema, "default", json_string(k->default_text));
    return schema;
}

static void add_keys(json_t *properties, const struct key *keys)
{
    for (const struct key *k = keys; k->name != NULL; k++)
        json_object_set_new(properties, k->name, key_schema(k));
}

/* Takes properties. */
static json_t *closed_map(json_t *properties)
{
    return json_pack("{s:[s, s], s:b, s:o}", "type", "object", "null", "additionalProperties",
                     0, "properties", properties);
}

static json_t *keys_schema(const struct key *keys)
{
    json_t *properties = json_object();
    add_keys(properties, keys);
    return closed_map(properties);
}

/* The same; the keys of a link, which many topologies have, are told once. */
static json_t *map_schema(const struct key *keys)
{
    return keys == LINK_KEYS ? ref("link") : keys_schema(keys);
}

/* A map whose keys are names. Takes value. */
static json_t *named(json_t *value)
{
    return json_pack("{s:[s, s], s:o}", "type", "object", "null", "additionalProperties",
                     value);
}

static json_t *const_kind(const char *kind)
{
    return json_pack("{s:{s:{s:s}}, s:[s]}", "properties", "kind", "const", kind, "required",
                     "kind");
}

/* An app: which keys it has follows from its kind, which may also be its only key. */
static json_t *app_schema(void)
{
    json_t *kinds = json_array(), *names = json_array(), *one_key = json_object();
    json_t *parameters = json_object(); /* what is called as a kind, `request`, but is none */
    for (const struct app_kind *const *k = APP_KINDS; *k != NULL; k++) {
        json_t *properties = json_object();
        add_keys(properties, APP_HEAD_KEYS);
        add_keys(properties, (*k)->keys);
        json_object_set_new(one_key, (*k)->name, closed_map(json_copy(properties)));
        json_object_set_new(parameters, (*k)->name,
                            json_pack("{s:{s:s}}", "not", "type", "object"));
        json_array_append_new(
            names, json_pack("{s:s, s:s}", "const", (*k)->name, "description", (*k)->help));
        json_array_append_new(kinds, json_pack("{s:o, s:o}", "if", const_kind((*k)->name),
                                               "then", closed_map(properties)));
    }
    json_array_append_new(names, ref("name"));
    json_t *with_kind = json_pack("{s:{s:{s:o}}, s:[s], s:o}", "properties", "kind", "anyOf",
                                  names, "required", "kind", "allOf", kinds);
    /* without either: a part, over an app of `extends` */
    json_t *part =
        json_pack("{s:{s:[s]}, s:o}", "not", "required", "kind", "properties", parameters);
    return json_pack("{s:[s, s], s:[o, o, o]}", "type", "object", "null", "anyOf", with_kind,
                     closed_map(one_key), part);
}

static json_t *topology_schema(void)
{
    json_t *forms = json_array(), *names = json_array(), *one_key = json_object();
    for (const struct topology_kind *const *k = TOPOLOGY_KINDS; *k != NULL; k++) {
        json_t *properties = json_pack("{s:{s:s}}", "kind", "const", (*k)->name);
        add_keys(properties, (*k)->keys);
        json_array_append_new(forms, closed_map(properties));
        json_array_append_new(names, json_string((*k)->name));
        json_object_set_new(one_key, (*k)->name, keys_schema((*k)->keys));
    }
    json_array_append_new(forms, closed_map(one_key));
    json_array_append_new(forms, json_pack("{s:o}", "enum", names));
    return json_pack("{s:o}", "anyOf", forms);
}

static json_t *tcp_schema(void)
{
    return ref("tcp");
}
/* A section about what is there: what is left out is as the topology has it. Takes entry. */
static json_t *as_made(json_t *entry)
{
    const char *name;
    json_t *key;
    json_object_foreach(json_object_get(entry, "properties"), name, key)
        json_object_del(key, "default");
    return named(entry);
}

static json_t *hosts_schema(void)
{
    json_t *host = keys_schema(HOST_KEYS);
    json_object_set_new(json_object_get(host, "properties"), "tcp", ref("tcp"));
    return as_made(host);
}
static json_t *routers_schema(void)
{
    return as_made(keys_schema(ROUTER_KEYS));
}
static json_t *routes_schema(void)
{
    return named(keys_schema(ROUTE_KEYS));
}
static json_t *apps_schema(void)
{
    return named(app_schema());
}
static json_t *faults_schema(void)
{
    return named(keys_schema(FAULT_KEYS));
}

static json_t *links_schema(void)
{
    return as_made(keys_schema(LINK_KEYS));
}

static json_t *plot_schema(void)
{
    json_t *names = json_array(), *row = keys_schema(PLOT_KEYS);
    for (const struct plot_kind *k = PLOT_KINDS; k->name != NULL; k++)
        json_array_append_new(names, json_string(k->name));
    json_object_set_new(json_object_get(row, "properties"), "kind",
                        json_pack("{s:o}", "enum", names));
    return named(row);
}

static json_t *extends_schema(void)
{
    return json_pack("{s:s}", "type", "string");
}
static json_t *let_schema(void)
{
    return named(json_pack("{s:[s, s, s]}", "type", "string", "number", "boolean"));
}
static json_t *sweep_schema(void)
{
    return named(json_pack("{s:s, s:i}", "type", "array", "minItems", 1));
}
static json_t *variants_schema(void)
{
    return named(named(json_pack("{s:[s, s]}", "type", "object", "null")));
}

static json_t *expect_schema(void)
{
    json_t *row = keys_schema(EXPECT_KEYS);
    json_object_set_new(row, "required", json_pack("[s, s]", "metric", "source"));
    json_object_set_new(row, "oneOf",
                        json_pack("[{s:[s]}, {s:[s]}, {s:[s]}]", "required", "is", "required",
                                  "at_least", "required", "at_most"));
    return json_pack("{s:[s, s], s:o}", "type", "array", "null", "items", row);
}

static const struct {
    const char *section;
    json_t *(*schema)(void);
} SCHEMAS[] = {
    {"routers", routers_schema},   {"routes", routes_schema}, {"extends", extends_schema},
    {"topology", topology_schema}, {"tcp", tcp_schema},       {"hosts", hosts_schema},
    {"links", links_schema},       {"apps", apps_schema},     {"faults", faults_schema},
    {"let", let_schema},           {"sweep", sweep_schema},   {"variants", variants_schema},
    {"expect", expect_schema},     {"plot", plot_schema},
};

static json_t *section_schema(const struct section *s)
{
    if (s->help == NULL)
        return key_schema(key_find(TOP_KEYS, s->name));
    for (size_t i = 0; i < ARRAY_LEN(SCHEMAS); i++)
        if (strcmp(SCHEMAS[i].section, s->name) == 0)
            return json_pack("{s:s, s:[o]}", "description", s->help, "allOf",
                             SCHEMAS[i].schema());
    return json_object();
}

static json_t *definitions(void)
{
    json_t *d = json_pack("{s:o, s:o, s:o}", "name", text_like("^\\$[A-Za-z_][A-Za-z0-9_]*$"),
                          "tcp", keys_schema(TCP_KEYS), "link", keys_schema(LINK_KEYS));
    for (const struct variant_table *t = VARIANT_TABLES; t->name != NULL; t++)
        json_object_set_new(d, t->name, variants_of(t->variants));
    return d;
}

int schema_print(FILE *out)
{
    json_t *properties = json_object();
    for (const struct section *s = SECTIONS; s->name != NULL; s++)
        json_object_set_new(properties, s->name, section_schema(s));
    json_t *schema = json_pack("{s:s, s:s, s:s, s:b, s:o, s:[{s:[s]}, {s:[s, s]}], s:o}",
                               "$schema", "http://json-schema.org/draft-07/schema#", "title",
                               "halfopen experiment", "type", "object", "additionalProperties",
                               0, "properties", properties, "anyOf", "required", "extends",
                               "required", "topology", "stop", "definitions", definitions());
    const int bad = json_dumpf(schema, out, JSON_INDENT(2)) != 0 || fputc('\n', out) == EOF ||
                    fflush(out) != 0;
    json_decref(schema);
    return bad ? -1 : 0;
}
