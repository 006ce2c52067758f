/* SPDX-License-Identifier: GPL-3.0-or-later
 * schema.h -- descriptors: each module owns its parameter struct and the rows that say what a
 * user may write in it.
 *
 * The config loader, `explain`, `show`, the JSON Schema and packet scripts only walk these
 * rows: a new parameter is a field and a row beside it, nothing else.
 */
#pragma once
#include "sim/units.h"
#include <stddef.h>
#include <stdint.h>

struct sim;

enum key_kind {
    KEY_QUANTITY, /* int64_t in the unit's stored integer */
    KEY_BOOL,     /* bool: true/false, yes/no, on/off */
    KEY_CHOICE,   /* const char *: one name of choices (the row's own pointer: == compares) */
    KEY_NAME,     /* char[NAME_MAX_BYTES]: refers to a host, link, app or fault (`refers`) */
    KEY_TEXT,     /* char[TEXT_MAX_BYTES] */
    KEY_PORT,     /* uint16_t, 1..65535; 0 when left out */
    KEY_FLAGS,    /* uint32_t: TCP flags by name, "SYN", "SYN,ACK"; bit 31 set when given */
    KEY_UNTIL,    /* struct key_until: "NAME STATE" */
    KEY_STEPS,    /* struct key_list: a list of maps, each read by sub into item_bytes */
    KEY_GROUP,    /* a nested map: sub. Left out: rows have their defaults, compulsory ones 0 */
    KEY_VARIANT,  /* struct key_variant: one row of `variants` with its parameters */
    KEY_QUANTITIES, /* struct key_list of int64_t in the unit's stored integer: a list */
    KEY_NAMES,      /* struct key_list of const char *: a list of names (`refers`) */
    /* struct key_list: a map of maps, each read by sub into item_bytes; an item's struct begins
     * with its name, char[NAME_MAX_BYTES], or KEY_PAIR_BYTES for a->b */
    KEY_MAPS,
    /* struct key_list of int64_t in the unit's stored integer: the name of a file with one a
     * line, # comments; relative to the file that names it */
    KEY_FILE,
    /* struct key_list of struct key_address: 10.0.0.1, 203.0.113.0/24 or fd00::1, a list */
    KEY_ADDRESSES,
};
enum { NAME_MAX_BYTES = 64, TEXT_MAX_BYTES = 256 };

/* What a name stands for. The names of a KEY_MAPS that refers to links are a->b, or a<->b for
 * both ways; a metric is SUBJECT.METRIC, looked up by whoever takes it. */
enum refers {
    REFERS_NONE,
    REFERS_HOST,
    REFERS_LINK,
    REFERS_APP,
    REFERS_FAULT,
    REFERS_ROUTER,
    REFERS_NODE, /* a host or a router */
    REFERS_ROUTE,
    REFERS_METRIC,
    N_REFERS,
};

/* `until: user CLOSED`: the first time that a connection of app `name` enters `state` (RFC 9293
 * name). */
struct key_until {
    char name[NAME_MAX_BYTES];
    char state[24];
};

/* What KEY_STEPS fills; items is an array of n structs of item_bytes each, in the order of the
 * list. */
struct key_list {
    void *items;
    int n;
};

struct choice {
    const char *name;
    const char *help;
};

/* What KEY_ADDRESSES fills: an address or a prefix. Numbers are in host byte order, bits beyond
 * prefix_bits are 0; a single address has 32 of them, of IPv6 128. */
struct key_address {
    uint32_t low; /* the last 32 bits */
    uint8_t prefix_bits;
    bool is_ipv6;
    uint32_t high[3]; /* IPv6: the first 96 bits; IPv4: 0 */
};

/* A thing of which there are several kinds, each with parameters of its own: a distribution, a
 * model of loss, a process of arrivals. In a config a one-key map {NAME: {key: value, ...}};
 * {NAME: scalar} gives the kind's first key, and a bare scalar the first key of the first kind:
 *
 *   delay: 10ms      delay: {normal: {mean: 20ms, sd: 2ms}}      loss: {periodic: 100}
 *
 * The offsets of keys are in params. */
struct misfit;
struct variant {
    const char *name, *help;
    const struct key
        *keys; /* ends with {0}; the first is compulsory where a scalar is allowed */
    struct misfit (*check)(const void *params); /* whether they go together; NULL: they do */
};
enum { VARIANT_BYTES = 64, KEY_PAIR_BYTES = 2 * NAME_MAX_BYTES + 2 };
struct key_variant {
    const struct variant *variant; /* NULL: not given */
    _Alignas(8) unsigned char params[VARIANT_BYTES];
};

/* One row. Invariant: default_text parses as its own kind, NULL means the key must be given, ""
 * that it may be absent (the field stays zero: an empty name, port 0). */
struct key {
    const char *name;
    enum key_kind kind;
    size_t offset; /* in the owner's parameter struct */
    const char *default_text;
    const char *help;             /* one sentence, with the source where there is one */
    enum unit unit;               /* KEY_QUANTITY */
    int64_t min, max;             /* KEY_QUANTITY: stored integers; both 0: 0 .. INT64_MAX */
    const struct choice *choices; /* KEY_CHOICE: ends with {NULL} */
    enum refers refers;           /* KEY_NAME, KEY_UNTIL, KEY_NAMES, KEY_MAPS */
    const struct key *sub;        /* KEY_GROUP, KEY_STEPS, KEY_MAPS: ends with {0} */
    size_t item_bytes; /* KEY_STEPS, KEY_MAPS: size of an item's struct, which sub describes */
    const struct variant *variants; /* KEY_VARIANT: ends with {NULL} */
    /* KEY_GROUP, KEY_STEPS, KEY_MAPS: where, in this struct or in the item's, the struct begins
     * whose offsets sub has. */
    size_t sub_at;
};

/* What is wrong with parameters that are right one by one but do not go together, and which of
 * them to point at. */
struct misfit {
    const char *sentence; /* NULL: they go together */
    const char *key;      /* of the map itself, or of the item; NULL: the whole of it */
    const char *list;     /* the KEY_STEPS whose item it is; NULL: of the map itself */
    int item;             /* index in list */
    const char *meant;    /* the nearest right word; NULL: none */
};

/* A number that comes out of a run. Never a double: RATIO is two integers, divided once, at the
 * end. */
enum value_kind { VALUE_NONE, VALUE_INT, VALUE_RATIO, VALUE_TEXT };
struct value {
    enum value_kind kind;
    int64_t num, den; /* INT: num; RATIO: num / den of the stored unit, den > 0 */
    char text[240];   /* TEXT */
};

/* A metric `subject.name`. When get is NULL the value is the int64_t at offset; SIM_NEVER there
 * means "did not happen" (VALUE_NONE). Rows end with {0}. */
struct metric {
    const char *name;
    enum unit unit; /* UNIT_NONE: text */
    size_t offset;
    struct value (*get)(const struct sim *sim, const void *subject, const struct metric *m);
    int64_t arg; /* for get */
    const char *help;
};

/* The value of m for a subject (the struct that offset refers to). */
struct value metric_value(const struct sim *sim, const struct metric *m, const void *subject);

/* Stored integer -> double in the SI base unit; NAN for NONE and TEXT. */
double value_number(const struct value *v, enum unit unit);
