/* SPDX-License-Identifier: GPL-3.0-or-later
 * link_rows.c -- what a user may write of a link, in tc-netem's words, and what comes out.
 */
#include "models/link.h"

/* Offsets of nested rows are from the start of struct link_params, but for those of a step. */
#define AT(field) offsetof(struct link_params, field)
static const struct key REORDER_KEYS[] = {
    {
        .name = "probability",
        .kind = KEY_QUANTITY,
        .offset = AT(reorder.probability),
        .default_text = NULL,
        .unit = UNIT_FRACTION,
        .max = FRACTION_ONE,
        .help = "that a packet leaves its place",
    },
    {
        .name = "gap",
        .kind = KEY_QUANTITY,
        .offset = AT(reorder.gap),
        .default_text = "1",
        .unit = UNIT_COUNT,
        .min = 1,
        .max = INT64_MAX,
        .help = "only when gap - 1 in a row have kept theirs; with 100%: every gap-th",
    },
    {
        .name = "delay",
        .kind = KEY_QUANTITY,
        .offset = AT(reorder.delay),
        .default_text = "0s",
        .unit = UNIT_TIME,
        .max = LINK_DELAY_MAX,
        .help = "0s: it goes without the link's delay and overtakes, as with tc-netem; else it "
                "arrives this much later and is overtaken",
    },
    {0},
};

const struct key LINK_KEYS[] = {
    {
        .name = "delay",
        .kind = KEY_VARIANT,
        .offset = AT(delay),
        .default_text = "10ms",
        .variants = DIST_KINDS,
        .help = "propagation delay, one way; where it is random, packets overtake each other",
    },
    {
        .name = "delay_correlation",
        .kind = KEY_QUANTITY,
        .offset = AT(delay_correlation),
        .default_text = "0%",
        .unit = UNIT_FRACTION,
        .max = FRACTION_ONE - 1,
        .help = "of a packet's random delay with that of the packet sent before; the "
                "distribution stays what it is",
    },
    {
        .name = "rate",
        .kind = KEY_QUANTITY,
        .offset = AT(rate_bps),
        .default_text = "unlimited",
        .unit = UNIT_RATE,
        .min = LINK_RATE_MIN,
        .max = UNIT_UNLIMITED,
        .help = "bits per second; unlimited: serialization takes no time",
    },
    {
        .name = "queue",
        .kind = KEY_QUANTITY,
        .offset = AT(queue_packets),
        .default_text = "unlimited",
        .unit = UNIT_COUNT,
        .help = "packets that may wait, the one on the wire not counted; the next is dropped",
    },
    {
        .name = "queue_bytes",
        .kind = KEY_QUANTITY,
        .offset = AT(queue_bytes),
        .default_text = "unlimited",
        .unit = UNIT_BYTES,
        .help = "bytes that may wait, the packet on the wire not counted",
    },
    {
        .name = "loss",
        .kind = KEY_VARIANT,
        .offset = AT(loss),
        .default_text = "0%",
        .variants = LOSS_MODELS,
        .help = "which packets are lost on the wire",
    },
    {
        .name = "duplicate",
        .kind = KEY_QUANTITY,
        .offset = AT(duplicate),
        .default_text = "0%",
        .unit = UNIT_FRACTION,
        .max = FRACTION_ONE,
        .help = "each packet that is not lost arrives twice with this probability",
    },
    {
        .name = "corrupt",
        .kind = KEY_QUANTITY,
        .offset = AT(corrupt),
        .default_text = "0%",
        .unit = UNIT_FRACTION,
        .max = FRACTION_ONE,
        .help = "each packet is broken on the way with this probability: its checksum fails",
    },
    {
        .name = "reorder",
        .kind = KEY_GROUP,
        .default_text = "",
        .sub = REORDER_KEYS,
        .help = "some packets leave their place in the order",
    },
    {
        .name = "mtu",
        .kind = KEY_QUANTITY,
        .offset = AT(mtu),
        .default_text = "unlimited",
        .unit = UNIT_BYTES,
        .min = 68,
        .max = UNIT_UNLIMITED,
        .help = "largest packet that it carries, from the IP header on: a router that has to "
                "send a larger one drops it and tells the sender; TCP keeps to it; "
                "RFC 791: at least 68 bytes, IPv6: 1280",
    },
    {
        .name = "lifetime",
        .kind = KEY_QUANTITY,
        .offset = AT(lifetime),
        .default_text = "never",
        .unit = UNIT_TIME,
        .min = 1,
        .max = SIM_NEVER,
        .help = "a packet that is older when it arrives is dropped; never: any age passes",
    },
    {
        .name = "schedule",
        .kind = KEY_STEPS,
        .offset = AT(schedule),
        .default_text = "",
        .sub = LINK_STEP_KEYS,
        .item_bytes = sizeof(struct link_step),
        .help = "changes at given times",
    },
    {
        .name = "flap",
        .kind = KEY_GROUP,
        .default_text = "",
        .sub = FLAP_KEYS,
        .sub_at = AT(flap),
        .help = "it goes down and comes up again and again, up first",
    },
    {0},
};
#undef AT

/* ---- what does not go together */

static struct misfit check_delay(const struct link_params *p)
{
    const bool scheduled = p->schedule.n > 0;
    if (dist_is_constant(&p->delay) && dist_mean(&p->delay) >= LINK_DELAY_MAX)
        return (struct misfit){"the delay of a link is less than a year", .key = "delay"};
    if (p->delay_correlation > 0 && dist_is_constant(&p->delay) && !scheduled)
        return (struct misfit){"delay_correlation needs a delay that is random",
                               .key = "delay_correlation"};
    if (p->reorder.probability > 0 && p->reorder.delay == 0 && dist_is_constant(&p->delay) &&
        dist_mean(&p->delay) == 0 && !scheduled)
        return (struct misfit){"reordering needs a delay to skip, or one of its own",
                               .key = "reorder"};
    return (struct misfit){0};
}

struct misfit link_check(const struct link_params *params)
{
    const struct misfit wrong = check_delay(params);
    return wrong.sentence != NULL ? wrong : schedule_check(&params->schedule, &params->flap);
}

/* ---- metrics */

static struct value queue_length(const struct sim *sim, const void *subject,
                                 const struct metric *m)
{
    return (struct value){.kind = VALUE_INT, .num = link_queue_length(subject)};
}

#define AT(field) offsetof(struct link, field)
const struct metric LINK_METRICS[] = {
    {
        .name = "sent",
        .unit = UNIT_COUNT,
        .offset = AT(n_sent),
        .help = "packets handed to the link",
    },
    {
        .name = "copies",
        .unit = UNIT_COUNT,
        .offset = AT(n_copies),
        .help = "duplicates made on it, at random or by its faults",
    },
    {
        .name = "delivered",
        .unit = UNIT_COUNT,
        .offset = AT(n_delivered),
        .help = "packets that arrived, copies included",
    },
    {
        .name = "lost",
        .unit = UNIT_COUNT,
        .offset = AT(n_lost),
        .help = "packets lost by its model of loss",
    },
    {
        .name = "queue_drops",
        .unit = UNIT_COUNT,
        .offset = AT(n_queue_drops),
        .help = "packets that found the queue full",
    },
    {
        .name = "fault_drops",
        .unit = UNIT_COUNT,
        .offset = AT(n_fault_drops),
        .help = "packets dropped by its faults",
    },
    {
        .name = "down_drops",
        .unit = UNIT_COUNT,
        .offset = AT(n_down_drops),
        .help = "packets dropped because it was down, or went down before they had left",
    },
    {
        .name = "lifetime_drops",
        .unit = UNIT_COUNT,
        .offset = AT(n_lifetime_drops),
        .help = "packets that came to its end too old",
    },
    {
        .name = "mtu_drops",
        .unit = UNIT_COUNT,
        .offset = AT(n_mtu_drops),
        .help = "packets that their sender handed to it though they were larger than its mtu",
    },
    {
        .name = "corrupted",
        .unit = UNIT_COUNT,
        .offset = AT(n_corrupted),
        .help = "packets broken on the way, at random or by its faults",
    },
    {
        .name = "reordered",
        .unit = UNIT_COUNT,
        .offset = AT(n_reordered),
        .help = "packets that left their place in the order by `reorder`",
    },
    {
        .name = "queue_length",
        .unit = UNIT_COUNT,
        .get = queue_length,
        .help = "packets that wait now, the one on the wire not counted",
    },
    {0},
};
#undef AT
