/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/fault.h"

#include <stdio.h>
#include <string.h>

static const struct choice DATA_CHOICES[] = {
    {"any", "payload or none"},
    {"yes", "with payload"},
    {"no", "without payload"},
    {NULL, NULL},
};

#define AT(field) offsetof(struct fault_match, field)
const struct key FAULT_MATCH_KEYS[] = {
    {
        .name = "flags",
        .kind = KEY_FLAGS,
        .offset = AT(flags),
        .default_text = "",
        .help =
            "a list, or joined by commas in quotes: exactly these of SYN, ACK, FIN, RST are "
            "set; PSH, URG and the ECN bits are not looked at; left out: any",
    },
    {
        .name = "nth",
        .kind = KEY_QUANTITY,
        .offset = AT(nth),
        .default_text = "1",
        .unit = UNIT_COUNT,
        .min = 1,
        .max = INT64_MAX,
        .help = "the first match to act on, from 1",
    },
    {
        .name = "count",
        .kind = KEY_QUANTITY,
        .offset = AT(count),
        .default_text = "1",
        .unit = UNIT_COUNT,
        .min = 1,
        .max = INT64_MAX,
        .help = "how many matches in a row to act on",
    },
    {
        .name = "sport",
        .kind = KEY_PORT,
        .offset = AT(sport),
        .default_text = "",
        .help = "source port; left out: any",
    },
    {
        .name = "dport",
        .kind = KEY_PORT,
        .offset = AT(dport),
        .default_text = "",
        .help = "destination port; left out: any",
    },
    {
        .name = "data",
        .kind = KEY_CHOICE,
        .offset = AT(data),
        .default_text = "any",
        .choices = DATA_CHOICES,
        .help = "whether it carries payload",
    },
    {
        .name = "from",
        .kind = KEY_QUANTITY,
        .offset = AT(from),
        .default_text = "0s",
        .unit = UNIT_TIME,
        .max = SIM_NEVER,
        .help = "sent at this time of the run or later",
    },
    {
        .name = "to",
        .kind = KEY_QUANTITY,
        .offset = AT(to),
        .default_text = "never",
        .unit = UNIT_TIME,
        .min = 1,
        .max = SIM_NEVER,
        .help = "and before this time",
    },
    {0},
};
#undef AT

/* Offsets of the other nested rows are from the start of struct fault_params. */
#define AT(field) offsetof(struct fault_params, field)
static const struct key DUPLICATE_KEYS[] = {
    {
        .name = "copies",
        .kind = KEY_QUANTITY,
        .offset = AT(duplicate.copies),
        .default_text = NULL,
        .unit = UNIT_COUNT,
        .max = 100,
        .help = "how many further ones arrive",
    },
    {
        .name = "after",
        .kind = KEY_QUANTITY,
        .offset = AT(duplicate.after),
        .default_text = "0s",
        .unit = UNIT_TIME,
        .max = LINK_DELAY_MAX,
        .help =
            "the k-th copy arrives k times this later than the original; 0s: right behind it",
    },
    {0},
};

static const struct key HOLD_KEYS[] = {
    {
        .name = "until",
        .kind = KEY_UNTIL,
        .offset = AT(hold.until),
        .default_text = NULL,
        .refers = REFERS_APP,
        .help = "APP STATE: the first time that a connection of this app enters this state",
    },
    {
        .name = "then",
        .kind = KEY_QUANTITY,
        .offset = AT(hold.then),
        .default_text = "0s",
        .unit = UNIT_TIME,
        .max = LINK_DELAY_MAX,
        .help = "a further wait; then the segment crosses the link with its plain delay",
    },
    {0},
};

const struct key FAULT_KEYS[] = {
    {
        .name = "link",
        .kind = KEY_NAME,
        .offset = AT(link),
        .default_text = NULL,
        .refers = REFERS_LINK,
        .help = "the direction it acts on, a->b",
    },
    {
        .name = "match",
        .kind = KEY_GROUP,
        .default_text = "",
        .sub = FAULT_MATCH_KEYS,
        .sub_at = AT(match),
        .help = "which segments; each fault counts its own matches, in the order in which they "
                "are sent",
    },
    {
        .name = "drop",
        .kind = KEY_BOOL,
        .offset = AT(drop),
        .default_text = "no",
        .help = "lose it on the wire; it still takes its turn there",
    },
    {
        .name = "corrupt",
        .kind = KEY_BOOL,
        .offset = AT(corrupt),
        .default_text = "no",
        .help = "it arrives broken: its checksum fails",
    },
    {
        .name = "delay",
        .kind = KEY_QUANTITY,
        .offset = AT(delay),
        .default_text = "0s",
        .unit = UNIT_TIME,
        .max = LINK_DELAY_MAX,
        .help = "it arrives this much later; those behind it may overtake it",
    },
    {
        .name = "duplicate",
        .kind = KEY_GROUP,
        .default_text = "",
        .sub = DUPLICATE_KEYS,
        .help = "copies of it arrive too",
    },
    {
        .name = "hold",
        .kind = KEY_GROUP,
        .default_text = "",
        .sub = HOLD_KEYS,
        .help =
            "it is kept back until something happens; what matches after that passes at once",
    },
    {0},
};
#undef AT

#define AT(field) offsetof(struct fault, field)
const struct metric FAULT_METRICS[] = {
    {
        .name = "matched",
        .unit = UNIT_COUNT,
        .offset = AT(n_matched),
        .help = "segments that matched",
    },
    {
        .name = "acted",
        .unit = UNIT_COUNT,
        .offset = AT(n_acted),
        .help = "segments that it acted on",
    },
    {0},
};
#undef AT

enum { ACTIONS = 5 };
static const char *const ACTION_KEYS[ACTIONS] = {"drop", "corrupt", "delay", "duplicate",
                                                 "hold"};

/* [i][j], i < j: both were given. */
static const char *const EXCLUDE[ACTIONS][ACTIONS] = {
    {NULL, "drop and corrupt exclude each other: give one",
     "drop and delay exclude each other: give one",
     "drop and duplicate exclude each other: give one",
     "drop and hold exclude each other: give one"},
    {NULL, NULL, "corrupt and delay exclude each other: give one",
     "corrupt and duplicate exclude each other: give one",
     "corrupt and hold exclude each other: give one"},
    {NULL, NULL, NULL, "delay and duplicate exclude each other: give one",
     "delay and hold exclude each other: give one"},
    {NULL, NULL, NULL, NULL, "duplicate and hold exclude each other: give one"},
};

struct misfit fault_check(const struct fault_params *params)
{
    const bool given[ACTIONS] = {params->drop, params->corrupt, params->delay > 0,
                                 params->duplicate.copies > 0,
                                 params->hold.until.name[0] != '\0'};
    int first = -1;
    if (params->match.to != 0 && params->match.to <= params->match.from)
        return (struct misfit){"match: `to` must be after `from`", .key = "match"};
    for (int i = 0; i < ACTIONS; i++) {
        if (given[i] && first >= 0)
            return (struct misfit){EXCLUDE[first][i], .key = ACTION_KEYS[i]};
        if (given[i])
            first = i;
    }
    return first < 0 ? (struct misfit){"give one of drop, corrupt, delay, duplicate, hold"}
                     : (struct misfit){0};
}

static bool data_matches(const struct fault_match *m, const struct packet *p)
{
    return strcmp(m->data, "any") == 0 || (strcmp(m->data, "yes") == 0) == (p->len > 0);
}

static bool is_time(const struct fault_match *m, sim_time now)
{
    return now >= m->from && (m->to == 0 || now < m->to);
}

static bool has_looks(const struct fault_match *m, const struct packet *p)
{
    enum { LOOKED_AT = TCP_SYN | TCP_ACK | TCP_FIN | TCP_RST };
    if ((m->flags & FAULT_FLAGS_GIVEN) && ((m->flags ^ p->flags) & LOOKED_AT) != 0)
        return false;
    return (m->sport == 0 || m->sport == p->sport) && (m->dport == 0 || m->dport == p->dport) &&
           data_matches(m, p);
}

bool fault_match_is(const struct fault_match *m, const struct packet *p, sim_time now)
{
    return is_time(m, now) && has_looks(m, p);
}

/* Counts a match. True: it is one of those to act on. */
static bool is_turn(struct fault *f, const struct packet *p)
{
    const struct fault_match *m = &f->params.match;
    if (!fault_match_is(m, p, f->link->sim->now))
        return false;
    f->n_seen++;
    f->n_matched++;
    return f->n_seen >= m->nth && f->n_seen - m->nth < m->count && !f->released;
}

struct fault *fault_apply(struct link *l, struct packet *p)
{
    struct fault *acts = NULL;
    for (struct fault *f = l->faults; f != NULL; f = f->next)
        if (is_turn(f, p) && acts == NULL)
            acts = f;
    if (acts == NULL)
        return NULL;
    acts->n_acted++;
    if (acts->params.drop)
        p->marks |= PACKET_LOST;
    if (acts->params.delay > 0) {
        p->marks |= PACKET_DELAYED;
        segment_emit(l->sim, SEG_DELAY, l->subject, p, acts->cause);
    }
    if (acts->params.drop || acts->params.delay > 0)
        p->fault = acts->subject;
    return acts;
}

bool fault_is_hold(const struct fault *f)
{
    return f->params.hold.until.name[0] != '\0';
}

void fault_hold(struct fault *f, struct packet *p)
{
    p->marks |= PACKET_HELD;
    segment_emit(f->link->sim, SEG_HOLD, f->link->subject, p, f->cause);
    fifo_push(&f->held, p);
}

void fault_copy(struct fault *f, const struct packet *p)
{
    struct sim *sim = f->link->sim;
    for (int64_t k = 1; k <= f->params.duplicate.copies; k++) {
        struct packet *copy = packet_copy(sim, p);
        segment_emit(sim, SEG_DUP, f->link->subject, copy, f->cause);
        link_send_copy(f->link, p, copy, k * f->params.duplicate.after);
    }
}

const struct fault *fault_by_subject(const struct link *l, uint32_t subject)
{
    const struct fault *f = l->faults;
    while (f != NULL && f->subject != subject)
        f = f->next;
    return f;
}

static void fault_on_release(struct sim *sim, struct event *e)
{
    struct fault *f = CONTAINER_OF(e, struct fault, release);
    f->released = true;
    while (f->held.head != NULL) {
        struct packet *p = fifo_pop(&f->held);
        segment_emit(sim, SEG_RELEASE, f->link->subject, p, f->cause);
        link_release(f->link, p);
    }
}

void fault_fire(struct fault *f)
{
    struct sim *sim = f->link->sim;
    if (f->fired)
        return;
    f->fired = true;
    event_at(sim, &f->release, sim->now + f->params.hold.then);
}

void fault_init(struct fault *f, struct sim *sim, const char *name,
                const struct fault_params *params, struct link *l)
{
    *f = (struct fault){.params = *params, .link = l};
    f->subject = sim_subject(sim, "fault", name);
    snprintf(f->cause, sizeof(f->cause), "fault:%s", name);
    event_init(sim, &f->release, EV_WORLD, f->subject, fault_on_release);
    struct fault **end = &l->faults;
    while (*end != NULL)
        end = &(*end)->next;
    *end = f;
    l->is_plain = false;
}

void fault_warm_up(struct fault *f)
{
    f->n_matched = f->n_acted = 0;
}

void fault_drain(struct fault *f)
{
    while (f->held.head != NULL) {
        struct packet *p = fifo_pop(&f->held);
        f->link->n_ended++;
        segment_emit(f->link->sim, SEG_DROP, f->link->subject, p, "end");
        packet_free(f->link->sim, p);
    }
}
