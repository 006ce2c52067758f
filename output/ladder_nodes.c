/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output/ladder_nodes.h"

#include <stdlib.h>
#include <string.h>

#include "output/db.h"
#include "output/memory.h"

static int on_node(void *ctx, sqlite3_stmt *s)
{
    struct ladder_nodes *n = ctx;
    n->nodes = mem_grow(n->nodes, &n->cap_nodes, n->n_nodes + 1, sizeof(*n->nodes));
    struct ladder_node *node = &n->nodes[n->n_nodes++];
    *node = (struct ladder_node){.subject = sqlite3_column_int64(s, 0),
                                 .is_router = strcmp(db_text(s, 2), "router") == 0,
                                 .line = -1};
    snprintf(node->name, sizeof(node->name), "%s", db_text(s, 1));
    return 0;
}

static int by_name(const struct ladder_nodes *n, const char *name, size_t length)
{
    for (uint32_t i = 0; i < n->n_nodes; i++)
        if (strlen(n->nodes[i].name) == length && memcmp(n->nodes[i].name, name, length) == 0)
            return (int)i;
    return -1;
}

/* A link is called "from->to". */
static int on_wire(void *ctx, sqlite3_stmt *s)
{
    struct ladder_nodes *n = ctx;
    const char *name = db_text(s, 1), *arrow = strstr(name, "->");
    if (arrow == NULL)
        return 0;
    const struct ladder_wire wire = {sqlite3_column_int64(s, 0),
                                     by_name(n, name, (size_t)(arrow - name)),
                                     by_name(n, arrow + 2, strlen(arrow + 2))};
    if (wire.from < 0 || wire.to < 0)
        return 0;
    n->wires = mem_grow(n->wires, &n->cap_wires, n->n_wires + 1, sizeof(*n->wires));
    n->wires[n->n_wires++] = wire;
    return 0;
}

int nodes_load(struct ladder_nodes *n, sqlite3 *db, const char *path, int64_t run,
               struct err *e)
{
    *n = (struct ladder_nodes){0};
    if (db_each(
            db, path,
            "SELECT subject, name, kind FROM subject WHERE run_id = ?1 AND kind IN ('host', "
            "'router') ORDER BY subject",
            &run, 1, on_node, n, e) != 0)
        return -1;
    return db_each(
        db, path,
        "SELECT subject, name FROM subject WHERE run_id = ?1 AND kind = 'link' ORDER "
        "BY subject",
        &run, 1, on_wire, n, e);
}

void nodes_free(struct ladder_nodes *n)
{
    free(n->nodes);
    free(n->wires);
}

static int by_subject(const void *key, const void *item)
{
    const int64_t a = *(const int64_t *)key, b = *(const int64_t *)item;
    return (a > b) - (a < b);
}

const struct ladder_wire *nodes_wire(const struct ladder_nodes *n, int64_t subject)
{
    return n->n_wires == 0
               ? NULL
               : bsearch(&subject, n->wires, n->n_wires, sizeof(*n->wires), by_subject);
}

int nodes_find(const struct ladder_nodes *n, int64_t subject)
{
    const struct ladder_node *found = n->n_nodes == 0 ? NULL
                                                      : bsearch(&subject, n->nodes, n->n_nodes,
                                                                sizeof(*n->nodes), by_subject);
    return found != NULL ? (int)(found - n->nodes) : -1;
}

int nodes_line(struct ladder_nodes *n, struct ladder_column *c, int node)
{
    struct ladder_node *from = &n->nodes[node];
    if (from->line < 0 && c->n_hosts < LADDER_HOSTS) {
        struct ladder_host *h = &c->hosts[c->n_hosts];
        from->line = (int)c->n_hosts++;
        h->subject = from->subject;
        h->is_router = from->is_router;
        memcpy(h->name, from->name, sizeof(h->name));
    }
    return from->line;
}

void nodes_order(const struct ladder_nodes *n, struct ladder_column *c)
{
    struct ladder_host hosts[LADDER_HOSTS];
    int place[LADDER_HOSTS], next = 0;
    for (uint32_t i = 0; i < c->n_hosts; i++)
        if (c->hosts[i].is_router)
            return;
    memcpy(hosts, c->hosts, sizeof(hosts));
    for (uint32_t i = 0; i < n->n_nodes; i++) { /* in the order of declaration */
        if (n->nodes[i].line < 0)
            continue;
        place[n->nodes[i].line] = next;
        c->hosts[next++] = hosts[n->nodes[i].line];
    }
    for (uint32_t i = 0; i < c->n_arrows; i++) {
        c->arrows[i].from = place[c->arrows[i].from];
        c->arrows[i].to = place[c->arrows[i].to];
    }
    for (uint32_t i = 0; i < c->n_states; i++)
        c->states[i].host = place[c->states[i].host];
}
