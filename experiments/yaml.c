/* SPDX-License-Identifier: GPL-3.0-or-later
 * yaml.c -- YAML text to nodes, by libyaml's events.
 *
 * Events and not libyaml's document API, because a document has already resolved aliases and
 * forgotten anchors: they could not be refused where they stand, and an alias to its own parent
 * would make a tree without end.
 */
#include "experiments/tree.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "experiments/typed.h"
#include "experiments/yaml_parts.h"

enum {
    FILE_MAX_BYTES = 1 << 20,
    ENTRIES_MAX = 10000 /* of one map or list: keys are compared with all others */
};

struct reader {
    struct source *src;
    yaml_parser_t yaml;
    struct err *e;
};

static int next_event(struct reader *r, yaml_event_t *event)
{
    return yaml_parser_parse(&r->yaml, event) ? 0 : yaml_error(r->src, &r->yaml, r->e);
}

static int refuse(struct reader *r, const yaml_event_t *event, const char *what,
                  const char *hint)
{
    const struct mark at = source_mark(r->src, event->start_mark, event->end_mark);
    err_set(r->e, &at, "%s", what);
    return err_hint(r->e, "%s", hint);
}

/* At the sign alone: the event goes on to the value behind it. */
static int refuse_sign(struct reader *r, const yaml_event_t *event, const char *what,
                       const char *hint)
{
    const struct mark at = source_mark(r->src, event->start_mark, event->start_mark);
    err_set(r->e, &at, "%s", what);
    return err_hint(r->e, "%s", hint);
}

/* Anchors and tags of the three events that can carry them. */
static int check_plain(struct reader *r, const yaml_event_t *event)
{
    const char *anchor_hint = "use 'extends', 'let' or 'variants' instead of repeating";
    const yaml_char_t *anchor = NULL, *tag = NULL;
    switch (event->type) {
    case YAML_ALIAS_EVENT:
        return refuse(r, event, "YAML aliases are not part of the language", anchor_hint);
    case YAML_SCALAR_EVENT:
        anchor = event->data.scalar.anchor;
        tag = event->data.scalar.tag;
        break;
    case YAML_MAPPING_START_EVENT:
        anchor = event->data.mapping_start.anchor;
        tag = event->data.mapping_start.tag;
        break;
    default:
        anchor = event->data.sequence_start.anchor;
        tag = event->data.sequence_start.tag;
        break;
    }
    if (anchor != NULL)
        return refuse_sign(r, event, "YAML anchors are not part of the language", anchor_hint);
    if (tag != NULL)
        return refuse_sign(r, event, "YAML tags are not part of the language",
                           "a value's kind follows from its key");
    return 0;
}

static bool is_null(const yaml_event_t *event)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL"};
    if (event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strcmp((const char *)event->data.scalar.value, words[i]) == 0)
            return true;
    return false;
}

static int read_node(struct reader *r, const yaml_event_t *event, int depth, struct node **out);

static int too_many(struct reader *r, const struct node *n)
{
    return err_set(r->e, &n->at, "a map or list has at most %d entries", ENTRIES_MAX);
}

/* Takes the events up to the end of a list. */
static int read_items(struct reader *r, struct node *list, int depth)
{
    for (int n = 0;; n++) {
        yaml_event_t event;
        struct node *item;
        if (n > ENTRIES_MAX)
            return too_many(r, list);
        if (next_event(r, &event) != 0)
            return -1;
        const bool end = event.type == YAML_SEQUENCE_END_EVENT;
        const int bad = end ? 0 : read_node(r, &event, depth, &item);
        yaml_event_delete(&event);
        if (end || bad != 0)
            return bad;
        node_append(list, item);
    }
}

static int check_key(struct reader *r, const struct node *map, const yaml_event_t *event)
{
    const char *text =
        event->type == YAML_SCALAR_EVENT ? (const char *)event->data.scalar.value : "";
    if (event->type != YAML_SCALAR_EVENT || is_null(event))
        return refuse(r, event, "a key must be a word", "a map is written {key: value}");
    if (strlen(text) != event->data.scalar.length)
        return refuse(r, event, "a text must not contain the character NUL",
                      "leave out the \\0");
    if (strcmp(text, "<<") == 0)
        return refuse(r, event, "YAML merge keys are not part of the language",
                      "use 'extends' or 'variants'");
    const struct node *other = node_find(map, text);
    const struct mark at = source_mark(r->src, event->start_mark, event->end_mark);
    if (other == NULL)
        return event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE
                   ? typed_check(text, &at, r->e)
                   : 0;
    err_set(r->e, &at, "the key '%s' stands twice in this map", text);
    return err_hint(r->e, "the first is at line %d, column %d", other->key_at.line,
                    other->key_at.column);
}

/* Takes the events up to the end of a map. */
static int read_pairs(struct reader *r, struct node *map, int depth)
{
    for (int n = 0;; n++) {
        yaml_event_t event, value;
        struct node *child;
        if (n > ENTRIES_MAX)
            return too_many(r, map);
        if (next_event(r, &event) != 0)
            return -1;
        const bool end = event.type == YAML_MAPPING_END_EVENT;
        if (end || check_plain(r, &event) != 0 || check_key(r, map, &event) != 0) {
            yaml_event_delete(&event);
            return end ? 0 : -1;
        }
        const char *key = pool_text(r->src->pool, (const char *)event.data.scalar.value);
        const struct mark key_at = source_mark(r->src, event.start_mark, event.end_mark);
        yaml_event_delete(&event);
        if (next_event(r, &value) != 0)
            return -1;
        const int bad = read_node(r, &value, depth, &child);
        yaml_event_delete(&value);
        if (bad != 0)
            return -1;
        child->key = key;
        child->key_at = key_at;
        node_append(map, child);
    }
}

static int read_node(struct reader *r, const yaml_event_t *event, int depth, struct node **out)
{
    if (check_plain(r, event) != 0)
        return -1;
    if (depth > TREE_DEPTH_MAX)
        return refuse(r, event, "maps and lists are nested too deeply",
                      "40 levels are the limit");
    const struct mark at = source_mark(r->src, event->start_mark, event->end_mark);
    *out = node_new(r->src->pool, NODE_NULL, &at);
    if (event->type == YAML_MAPPING_START_EVENT) {
        (*out)->kind = NODE_MAP;
        return read_pairs(r, *out, depth + 1);
    }
    if (event->type == YAML_SEQUENCE_START_EVENT) {
        (*out)->kind = NODE_LIST;
        return read_items(r, *out, depth + 1);
    }
    if (is_null(event))
        return 0;
    (*out)->kind = NODE_SCALAR;
    (*out)->text = pool_text(r->src->pool, (const char *)event->data.scalar.value);
    if (strlen((*out)->text) != event->data.scalar.length)
        return refuse(r, event, "a text must not contain the character NUL",
                      "leave out the \\0");
    return 0;
}

/* The events around the one document. *out stays NULL when there is none. */
static int read_document(struct reader *r, struct node **out)
{
    *out = NULL;
    for (;;) {
        yaml_event_t event;
        int bad = 0;
        if (next_event(r, &event) != 0)
            return -1;
        const bool end = event.type == YAML_STREAM_END_EVENT;
        const bool around = end || event.type == YAML_STREAM_START_EVENT ||
                            event.type == YAML_DOCUMENT_END_EVENT;
        if (event.type == YAML_DOCUMENT_START_EVENT && *out != NULL)
            bad = refuse(r, &event, "a second document begins here",
                         "one experiment is one file");
        else if (!around && event.type != YAML_DOCUMENT_START_EVENT)
            bad = read_node(r, &event, 0, out);
        yaml_event_delete(&event);
        if (end || bad != 0)
            return bad;
    }
}

static int parse(struct source *src, struct node **out, struct err *e)
{
    struct reader r = {.src = src, .e = e};
    if (source_split(src, e) != 0)
        return -1;
    if (!yaml_parser_initialize(&r.yaml))
        return err_set(e, NULL, "out of memory");
    yaml_parser_set_input_string(&r.yaml, (const unsigned char *)src->text + src->skip,
                                 src->len - src->skip);
    const int bad = read_document(&r, out);
    yaml_parser_delete(&r.yaml);
    return bad;
}

/* A byte order mark says nothing that is not so without it. */
static int parse_file(struct source *src, struct node **root, struct err *e)
{
    static const char bom[] = "\xEF\xBB\xBF";
    if (src->len >= 3 && memcmp(src->text, bom, 3) == 0) {
        src->text += 3;
        src->len -= 3;
    }
    if (parse(src, root, e) != 0)
        return -1;
    const struct mark top = {src->path, 1, 1, 1, src->lines[0]};
    if (*root == NULL || (*root)->kind == NODE_NULL) {
        err_set(e, &top, "the file is empty");
        return err_hint(e, "an experiment needs at least 'topology' and 'stop'");
    }
    if ((*root)->kind != NODE_MAP)
        return err_set(e, &(*root)->at, "an experiment is a map of keys, not %s",
                       node_describe(src->pool, *root));
    return 0;
}

int tree_read_text(struct pool *pool, const char *path, const char *text, struct node **root,
                   struct err *e)
{
    struct source src = {
        .pool = pool, .path = pool_text(pool, path), .text = text, .len = strlen(text)};
    return parse_file(&src, root, e);
}

/* Up to FILE_MAX_BYTES of an open file into text; what is wrong, or NULL. */
static const char *read_all(FILE *f, char *text, size_t *len)
{
    *len = fread(text, 1, FILE_MAX_BYTES + 1, f);
    return ferror(f)               ? strerror(errno)
           : *len > FILE_MAX_BYTES ? "it is larger than 1 MiB"
                                   : NULL;
}

int tree_read_file(struct pool *pool, const char *path, struct node **root, struct err *e)
{
    const struct mark at = {.path = path};
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        return err_set(e, &at, "cannot open the file: %s", strerror(errno));
    size_t len;
    char *text = malloc(FILE_MAX_BYTES + 1);
    const char *wrong = text != NULL ? read_all(f, text, &len) : "out of memory";
    fclose(f);
    struct source src = {.pool = pool,
                         .path = pool_text(pool, path),
                         .text = text,
                         .len = wrong == NULL ? len : 0};
    const int bad = wrong != NULL ? err_set(e, &at, "cannot read the file: %s", wrong)
                                  : parse_file(&src, root, e);
    free(text);
    return bad;
}

int tree_read_value(struct pool *pool, const char *path, const char *line, size_t skip,
                    struct node **root, struct err *e)
{
    struct source src = {.pool = pool,
                         .path = path,
                         .text = line,
                         .len = strlen(line),
                         .skip = skip,
                         .skip_columns = tree_n_characters(line, skip)};
    if (parse(&src, root, e) != 0)
        return -1;
    if (*root == NULL) {
        const struct mark at = {path, 1, src.skip_columns + 1, 1, line};
        *root = node_new(pool, NODE_NULL, &at);
    }
    return 0;
}
