/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "experiments/synonyms.h"

#include <string.h>
#include <strings.h>

#include "sim/util.h"

/* clang-format off */
/* Several names for one word: the first that stands among those that are possible. */
static const struct {
    const char *word, *name;
} SYNONYMS[] = {
    /* links */
    {"latency", "delay"}, {"rtt", "delay"}, {"bandwidth", "rate"}, {"bw", "rate"}, {"speed", "rate"},
    {"capacity", "rate"}, {"buffer", "queue"}, {"limit", "queue"}, {"plr", "loss"}, {"drop", "loss"},
    {"lost", "loss"}, {"duplication", "duplicate"}, {"corruption", "corrupt"}, {"reordering", "reorder"},
    {"gauss", "normal"}, {"gaussian", "normal"}, {"random", "uniform"}, {"random", "bernoulli"},
    {"line", "chain"}, {"bus", "chain"},
    /* the top */
    {"network", "topology"}, {"nodes", "hosts"}, {"applications", "apps"}, {"duration", "stop"}, {"until", "stop"},
    {"end", "stop"}, {"time", "stop"}, {"runs", "repeat"}, {"replications", "repeat"}, {"repetitions", "repeat"},
    {"title", "name"}, {"parameters", "let"}, {"vars", "let"}, {"variables", "let"}, {"warmup", "warm_up"},
    {"assert", "expect"}, {"expectations", "expect"}, {"figures", "plot"}, {"pictures", "plot"},
    /* hosts and tcp */
    {"ip", "addresses"}, {"cc", "congestion_control"}, {"newreno", "reno"},
    {"2-way", "two-way"}, {"3-way", "three-way"}, {"4-way", "four-way"},
    /* apps, faults, routes, samples */
    {"type", "kind"}, {"app", "kind"}, {"node", "host"}, {"dst", "to"}, {"dest", "to"}, {"destination", "to"},
    {"target", "to"}, {"server", "to"}, {"start", "at"}, {"begin", "at"}, {"when", "at"}, {"immediately", "at-once"},
    {"interval", "every"}, {"period", "every"}, {"next_hop", "via"}, {"gateway", "via"}, {"lose", "drop"},
    {"flag", "flags"}, {"number", "nth"}, {"index", "nth"},
    {"SYN-RCVD", "SYN-RECEIVED"}, {"SYN_RCVD", "SYN-RECEIVED"}, {"SYN_RECV", "SYN-RECEIVED"},
    /* expectations */
    {"equals", "is"}, {"equal", "is"}, {"value", "is"}, {"want", "is"}, {"expected", "is"}, {"min", "at_least"},
    {"max", "at_most"}, {"tolerance", "tol"}, {"reference", "source"}, {"because", "source"},
};

/* Where the name is possible. */
static const struct {
    const char *word, *name, *advice;
} ADVICE[] = {
    {"jitter", "delay", "a delay that varies is drawn, for example delay: {normal: {mean: 20ms, sd: 2ms}}"},
};
/* clang-format on */

static const char *among(const char *name, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0)
            return names[i];
    return NULL;
}

/* The only one that begins with the word. */
static const char *begun(const char *word, const char *const *names, size_t n)
{
    enum { TELLING = 3 }; /* letters */
    const char *found = NULL;
    const size_t length = strlen(word);
    for (size_t i = 0; i < n && length >= TELLING; i++) {
        if (strncasecmp(names[i], word, length) != 0)
            continue;
        if (found != NULL)
            return NULL;
        found = names[i];
    }
    return found;
}

const char *synonym_of(const char *word, const char *const *names, size_t n)
{
    static const char sysctl[] = "net.ipv4.tcp_";
    if (strncmp(word, sysctl, strlen(sysctl)) == 0)
        return among(word + strlen(sysctl), names, n);
    for (size_t i = 0; i < ARRAY_LEN(SYNONYMS); i++) {
        const char *name =
            strcasecmp(word, SYNONYMS[i].word) == 0 ? among(SYNONYMS[i].name, names, n) : NULL;
        if (name != NULL)
            return name;
    }
    return begun(word, names, n);
}

const char *synonym_advice(const char *word, const char *const *names, size_t n)
{
    for (size_t i = 0; i < ARRAY_LEN(ADVICE); i++)
        if (strcasecmp(word, ADVICE[i].word) == 0 && among(ADVICE[i].name, names, n) != NULL)
            return ADVICE[i].advice;
    return NULL;
}

const char *synonym_target(size_t i)
{
    return i < ARRAY_LEN(SYNONYMS)                       ? SYNONYMS[i].name
           : i < ARRAY_LEN(SYNONYMS) + ARRAY_LEN(ADVICE) ? ADVICE[i - ARRAY_LEN(SYNONYMS)].name
                                                         : NULL;
}
