/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "experiments/sections.h"

#include <stdio.h>
#include <string.h>

#include "models/apps/arrivals.h"
#include "models/loss.h"
#include "models/middlebox.h"
#include "sim/dist.h"

/* clang-format off */
const struct section SECTIONS[] = {
    {"name", TAKES_NO_NAMES, NULL},
    {"description", TAKES_NO_NAMES, NULL},
    {"extends", TAKES_NO_NAMES, "a file, beside this one, whose experiment this one changes: maps are merged deep, lists replaced, ~ removes"},
    {"topology", TAKES_POINT_NAMES, "hosts and links by a generator: {KIND: {...}} or {kind: KIND, ...}"},
    {"ip", TAKES_POINT_NAMES, NULL},
    {"tcp", TAKES_POINT_NAMES, "TCP parameters of all hosts; explicit ones also win over a host's profile"},
    {"hosts", TAKES_POINT_NAMES, "what is different at single hosts: {HOST: {addresses: 203.0.113.0/24, tcp: {...}}}"},
    {"routers", TAKES_POINT_NAMES, "what is different at single routers: {ROUTER: {icmp: no}}"},
    {"links", TAKES_POINT_NAMES, "what is different on single links: {a->b: {loss: 1%}}, or a<->b for both ways"},
    {"routes", TAKES_POINT_NAMES, "ways that packets take instead of those that follow from the topology: {NAME: {node: a, to: server, via: a->b, at: 1s}}"},
    {"apps", TAKES_POINT_NAMES, "what runs on hosts: {NAME: {kind: KIND, host: HOST, ...}}, in the order of their calls at equal times"},
    {"faults", TAKES_POINT_NAMES, "what happens to which segment of a link: {NAME: {link: a->b, match: {...}, drop: yes}}"},
    {"let", TAKES_NO_NAMES, "names for one value each, used as $name"},
    {"sweep", TAKES_NO_NAMES, "names for many values each, used as $name: {rate: [1/s, 2/s]}"},
    {"variants", TAKES_NO_NAMES, "dimensions of named sets of overrides: {answer: {rst: {}, silent: {hosts.client.tcp.closed_port: drop}}}"},
    {"repeat", TAKES_LET_NAMES, NULL},
    {"warm_up", TAKES_LET_NAMES, NULL},
    {"stop", TAKES_LET_NAMES, NULL},
    {"seed", TAKES_LET_NAMES, NULL},
    {"random", TAKES_NO_NAMES, NULL},
    {"record", TAKES_NO_NAMES, NULL},
    {"sample", TAKES_LET_NAMES, NULL},
    {"expect", TAKES_NO_NAMES, "what must come out: a list of rows, each about one metric"},
    {"plot", TAKES_NO_NAMES, "pictures drawn after the run: {NAME: {kind: KIND, ...}}"},
    {NULL, TAKES_NO_NAMES, NULL},
};

const struct variant_table VARIANT_TABLES[] = {
    {"distributions", "waits: constant or random", DIST_KINDS},
    {"losses", "models of loss", LOSS_MODELS},
    {"arrivals", "arrivals", ARRIVAL_KINDS},
    {"middleboxes", "what routers do beside forwarding", MIDDLEBOX_KINDS},
    {NULL, NULL, NULL},
};

static const struct choice RANDOM_CHOICES[] = {
    {"common", "the same random numbers at every point, so that differences between points are not chance"},
    {"independent", "random numbers of its own at every point"},
    {NULL, NULL},
};
static const struct choice RECORD_CHOICES[] = {
    {"auto", "everything of a single run and of those that a picture needs, otherwise the metrics; samples of each point's first run"},
    {"all", "every segment, state and event"},
    {"life", "states and events, but no segments"},
    {"metrics", "the metrics, and samples where `sample` asks for them"},
    {"none", "nothing but the verdicts"},
    {NULL, NULL},
};

static const struct choice LINE_CHOICES[] = {
    {"none", "nothing"},
    {"expect", "what the expectations of this metric want at each point: the closed form"},
    {NULL, NULL},
};

static const struct choice IP_CHOICES[] = {
    {"4", "IPv4: hosts are 10.0.0.1, 10.0.0.2, ..., routers 172.16.0.1, ..."},
    {"6", "IPv6: hosts are fd00::1, fd00::2, ..., routers fd00:0:0:1::1, ...; headers of 40 bytes, an MSS of 1440"},
    {NULL, NULL},
};

#define AT(field) offsetof(struct top_params, field)
const struct key TOP_KEYS[] = {
    {.name = "name", .kind = KEY_NAME, .offset = AT(name), .default_text = "", .help = "what results and pictures are called; left out: the file's name"},
    {.name = "description", .kind = KEY_TEXT, .offset = AT(description), .default_text = "", .help = "a sentence for people"},
    {.name = "ip", .kind = KEY_CHOICE, .offset = AT(ip), .default_text = "4", .choices = IP_CHOICES, .help = "the version of the addresses that hosts and routers get which are given none"},
    {.name = "repeat", .kind = KEY_QUANTITY, .offset = AT(repeat), .default_text = "1", .unit = UNIT_COUNT, .min = 1, .max = 1000000, .help = "replications of each point, with random numbers of their own"},
    {.name = "warm_up", .kind = KEY_QUANTITY, .offset = AT(warm_up), .default_text = "0s", .unit = UNIT_TIME, .help = "counts, sums, means and maxima begin here, and instants stay from the start; shorter than stop"},
    {.name = "stop", .kind = KEY_QUANTITY, .offset = AT(stop), .default_text = NULL, .unit = UNIT_TIME, .min = 1, .max = SIM_NEVER - 1, .help = "the end of a run, from its start"},
    {.name = "seed", .kind = KEY_QUANTITY, .offset = AT(seed), .default_text = "1", .unit = UNIT_COUNT, .help = "of the random numbers"},
    {.name = "random", .kind = KEY_CHOICE, .offset = AT(random), .default_text = "common", .choices = RANDOM_CHOICES, .help = "what points share"},
    {.name = "record", .kind = KEY_CHOICE, .offset = AT(record), .default_text = "auto", .choices = RECORD_CHOICES, .help = "what goes into the database"},
    {.name = "sample", .kind = KEY_GROUP, .sub_at = AT(sample), .default_text = "", .sub = SAMPLE_KEYS, .help = "metrics recorded again and again during a run: {every: 10ms, metrics: [web.in_time_wait]}"},
    {0},
};
#undef AT

#define AT(field) offsetof(struct app_head, field)
const struct key APP_HEAD_KEYS[] = {
    {.name = "kind", .kind = KEY_TEXT, .offset = AT(kind), .default_text = NULL, .help = "what it does: a row of `halfopen models`"},
    {.name = "host", .kind = KEY_NAME, .offset = AT(host), .default_text = NULL, .refers = REFERS_HOST, .help = "where it runs"},
    {0},
};
#undef AT

#define AT(field) offsetof(struct expect_row, field)
const struct key EXPECT_KEYS[] = {
    {.name = "metric", .kind = KEY_TEXT, .offset = AT(metric), .default_text = NULL, .help = "SUBJECT.METRIC, where the subject is an app, a host, a router, a link, a route or a fault"},
    {.name = "where", .kind = KEY_GROUP, .default_text = "", .help = "which points: {dimension: value or [values]}; left out: all"},
    {.name = "each", .kind = KEY_TEXT, .offset = AT(each), .default_text = "", .help = "a dimension: one verdict for each of its values"},
    {.name = "is", .kind = KEY_TEXT, .offset = AT(is), .default_text = "", .help = "the value: arithmetic with units, $names and functions, or a text; exact unless tol or z_max is given"},
    {.name = "tol", .kind = KEY_TEXT, .offset = AT(tol), .default_text = "", .help = "with is: how far off it may be, 5% or a quantity"},
    {.name = "z_max", .kind = KEY_TEXT, .offset = AT(z_max), .default_text = "", .help = "with is: |mean - is| in standard errors over the replications, at most"},
    {.name = "half_width_max", .kind = KEY_TEXT, .offset = AT(half_width_max), .default_text = "", .help = "with z_max: the 95 % interval may be this wide to each side; wider is inconclusive, which fails"},
    {.name = "at_least", .kind = KEY_TEXT, .offset = AT(at_least), .default_text = "", .help = "the smallest value that will do"},
    {.name = "at_most", .kind = KEY_TEXT, .offset = AT(at_most), .default_text = "", .help = "the largest value that will do"},
    {.name = "source", .kind = KEY_TEXT, .offset = AT(source), .default_text = NULL, .help = "where the number comes from: an RFC, a closed form, a measurement"},
    {0},
};
#undef AT

#define AT(field) offsetof(struct plot_row, field)
const struct key PLOT_KEYS[] = {
    {.name = "kind", .kind = KEY_TEXT, .offset = AT(kind), .default_text = NULL, .help = "what it draws: a row of `halfopen models`"},
    {.name = "side_by_side", .kind = KEY_TEXT, .offset = AT(side_by_side), .default_text = "", .help = "ladder, states, dwell, samples: a dimension, whose values stand beside one another"},
    {.name = "hosts", .kind = KEY_NAMES, .offset = AT(hosts), .default_text = "", .refers = REFERS_HOST, .help = "states, dwell: whose connections; left out: all"},
    {.name = "metrics", .kind = KEY_NAMES, .offset = AT(metrics), .default_text = "", .refers = REFERS_METRIC, .help = "samples: which of those that `sample` takes; left out: all"},
    {.name = "x", .kind = KEY_TEXT, .offset = AT(x), .default_text = "", .help = "sweep: the dimension along x; left out: the one with the most values"},
    {.name = "y", .kind = KEY_NAMES, .offset = AT(y), .default_text = "", .refers = REFERS_METRIC, .help = "sweep: the metric along y, or several of one unit"},
    {.name = "series", .kind = KEY_TEXT, .offset = AT(series), .default_text = "", .help = "sweep: the dimension that tells lines apart; left out: whatever else varies"},
    {.name = "band", .kind = KEY_QUANTITY, .offset = AT(band), .default_text = "0%", .unit = UNIT_FRACTION, .max = FRACTION_ONE / 1000 * 999, .help = "sweep: confidence of the interval of each mean, by Student's t; 0%: none is drawn"},
    {.name = "line", .kind = KEY_CHOICE, .offset = AT(line), .default_text = "none", .choices = LINE_CHOICES, .help = "sweep: what is drawn beside what was measured"},
    {.name = "where", .kind = KEY_GROUP, .default_text = "", .help = "which points: {dimension: value or [values]}; left out: all"},
    {0},
};
#undef AT
/* clang-format on */

const struct app_kind *app_kind_find(const char *name)
{
    const struct app_kind *const *k = APP_KINDS;
    while (*k != NULL && strcmp((*k)->name, name) != 0)
        k++;
    return *k;
}

const struct topology_kind *topology_kind_find(const char *name)
{
    const struct topology_kind *const *k = TOPOLOGY_KINDS;
    while (*k != NULL && strcmp((*k)->name, name) != 0)
        k++;
    return *k;
}

const struct key *key_find(const struct key *keys, const char *name)
{
    while (keys->name != NULL && strcmp(keys->name, name) != 0)
        keys++;
    return keys->name == NULL ? NULL : keys;
}

static const char *choices_text(const struct choice *c, char *buf, size_t size)
{
    size_t used = (size_t)snprintf(buf, size, "one of");
    for (const char *sep = " "; c->name != NULL && used < size; c++, sep = ", ")
        used += (size_t)snprintf(buf + used, size - used, "%s%s", sep, c->name);
    return buf;
}

/* A quantity: "a time, such as 20ms", "bytes, such as 10kB". */
static const char *quantity_text(const struct key *k, char *buf, size_t size)
{
    snprintf(buf, size, "%s%s, such as %s", k->unit == UNIT_BYTES ? "" : "a ",
             units[k->unit].name, units[k->unit].example);
    return buf;
}

/* "a time, such as 20ms, or {KIND: {...}} with one of constant, uniform, normal" */
static const char *variant_text(const struct key *k, char *buf, size_t size)
{
    const struct key *first = k->variants->keys;
    char scalar[KIND_TEXT_MAX] = "";
    if (first->name != NULL)
        key_kind_text(first, scalar, sizeof(scalar));
    size_t used = (size_t)snprintf(buf, size, "%s%s{KIND: {...}} with one of", scalar,
                                   scalar[0] != '\0' ? ", or " : "");
    const char *sep = " ";
    for (const struct variant *v = k->variants; v->name != NULL && used < size; v++, sep = ", ")
        used += (size_t)snprintf(buf + used, size - used, "%s%s", sep, v->name);
    return buf;
}

static const char *const REFERS_TEXTS[N_REFERS] = {
    [REFERS_NONE] = "a name",           [REFERS_HOST] = "a host",
    [REFERS_LINK] = "a link, a->b",     [REFERS_APP] = "an app",
    [REFERS_FAULT] = "a fault",         [REFERS_ROUTER] = "a router",
    [REFERS_NODE] = "a host or router", [REFERS_METRIC] = "a metric, SUBJECT.METRIC",
};

const char *key_kind_text(const struct key *k, char *buf, size_t size)
{
    static const char *const names[] = {
        [KEY_BOOL] = "yes or no",
        [KEY_TEXT] = "a text",
        [KEY_PORT] = "a port, 1 to 65535",
        [KEY_FLAGS] = "TCP flags, such as SYN or [SYN, ACK]",
        [KEY_UNTIL] = "APP STATE, such as user CLOSED",
        [KEY_STEPS] = "a list of maps",
        [KEY_GROUP] = "a map",
        [KEY_ADDRESSES] =
            "addresses or prefixes, such as 10.0.0.1, fd00::1 or [203.0.113.0/24]",
    };
    char item[KIND_TEXT_MAX];
    if (k->kind == KEY_CHOICE)
        return choices_text(k->choices, buf, size);
    if (k->kind == KEY_QUANTITY)
        return quantity_text(k, buf, size);
    if (k->kind == KEY_VARIANT)
        return variant_text(k, buf, size);
    if (k->kind == KEY_QUANTITIES)
        snprintf(buf, size, "a list, each %s", quantity_text(k, item, sizeof(item)));
    else if (k->kind == KEY_FILE)
        snprintf(buf, size, "the name of a file with %s, on each line",
                 quantity_text(k, item, sizeof(item)));
    else if (k->kind == KEY_NAMES)
        snprintf(buf, size, "a list, each %s", REFERS_TEXTS[k->refers]);
    else if (k->kind == KEY_MAPS)
        snprintf(buf, size, "a map of maps, {%s: {...}}",
                 k->refers == REFERS_LINK ? "a->b" : "NAME");
    else
        snprintf(buf, size, "%s",
                 k->kind == KEY_NAME ? REFERS_TEXTS[k->refers] : names[k->kind]);
    return buf;
}
