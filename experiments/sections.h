/* SPDX-License-Identifier: GPL-3.0-or-later
 * sections.h -- the keys at the top of an experiment file, in the order in which `show` prints
 * them.
 *
 * The simple ones are key rows like any other (TOP_KEYS); the rest are maps and lists, each
 * read by its own code and described here once for errors, `explain` and the JSON Schema.
 */
#pragma once
#include "experiments/sample.h"
#include "sim/schema.h"
#include "topologies/net.h"

/* Where a $name may stand: nowhere, with values of `let` alone (the same at every point), or
 * with any value. */
enum section_takes { TAKES_NO_NAMES, TAKES_LET_NAMES, TAKES_POINT_NAMES };

struct section {
    const char *name;
    enum section_takes takes;
    const char *help; /* NULL: a row of TOP_KEYS has it */
};
extern const struct section SECTIONS[]; /* ends with {NULL} */

/* What TOP_KEYS fill. */
struct top_params {
    char name[NAME_MAX_BYTES]; /* text of at most 63 bytes */
    char description[TEXT_MAX_BYTES];
    int64_t seed, repeat;
    sim_time warm_up, stop;
    const char *random, *record;
    const char *ip; /* "4" or "6"; may differ from point to point, so network_read has it */
    struct sample_params sample;
};
extern const struct key TOP_KEYS[];

/* An app's keys beside those of its kind. */
struct app_head {
    char kind[TEXT_MAX_BYTES];
    char host[NAME_MAX_BYTES];
};
extern const struct key APP_HEAD_KEYS[];

/* A row of `expect`; texts are "" when not given. */
struct expect_row {
    char metric[TEXT_MAX_BYTES], is[TEXT_MAX_BYTES], at_least[TEXT_MAX_BYTES],
        at_most[TEXT_MAX_BYTES];
    char tol[TEXT_MAX_BYTES], z_max[TEXT_MAX_BYTES], half_width_max[TEXT_MAX_BYTES];
    char each[TEXT_MAX_BYTES], source[TEXT_MAX_BYTES];
};
extern const struct key EXPECT_KEYS[];

/* A row of `plot`; what its kind does not take is not given. */
struct plot_row {
    char kind[TEXT_MAX_BYTES], side_by_side[TEXT_MAX_BYTES];
    struct key_list hosts, metrics, y; /* of const char * */
    char x[TEXT_MAX_BYTES], series[TEXT_MAX_BYTES];
    int64_t band; /* of FRACTION_ONE; 0: none */
    const char *line;
};
extern const struct key PLOT_KEYS[];

/* The registries of kinds with parameters that KEY_VARIANT rows point to, each told about once:
 * in `explain` below its name, in `models` under its title. */
struct variant_table {
    const char *name, *title;
    const struct variant *variants;
};
extern const struct variant_table VARIANT_TABLES[]; /* ends with {NULL} */

/* A kind by its name in its registry; NULL: none such. */
const struct app_kind *app_kind_find(const char *name);
const struct topology_kind *topology_kind_find(const char *name);

/* The row of a table that ends with {0}; NULL: none such. */
const struct key *key_find(const struct key *keys, const char *name);

/* How a time, a choice, a list ... is named for people: "time", "one of a, b", "yes or no".
 * Returns buf, for which KIND_TEXT_MAX bytes are enough. */
enum { KIND_TEXT_MAX = 400 };
const char *key_kind_text(const struct key *k, char *buf, size_t size);
