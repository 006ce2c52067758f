/* SPDX-License-Identifier: GPL-3.0-or-later
 * reference.h -- what `show`, `explain`, `schema` and `models` print, all of it from the key
 * rows.
 */
#pragma once
#include "experiments/experiment.h"

/* The configuration as resolved: one file without extends and -p, every default filled in. It
 * loads to the same experiment. 0, or -1 when out could not be written. */
int experiment_show(const struct experiment *x, FILE *out);

/* The reference of every key and metric whose dotted path is `key`, lies below it or ends with
 * it; NULL: of all. 0, or -1 with e: no such key (with the nearest). */
int explain_print(const char *key_or_null, FILE *out, struct err *e);

/* The profiles of TCP side by side, a line a key. 0, or -1 when out could not be written. */
int profiles_print(FILE *out);

/* JSON Schema (draft-07) of an experiment file, for editors. 0, or -1 when out could not be
 * written. */
int schema_print(FILE *out);

/* The registries: what can be named in a configuration. 0, or -1 when out could not be
 * written. */
int models_print(FILE *out);
