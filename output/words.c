/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output/words.h"

#include <string.h>

const char *const LANGUAGES[] = {"en", "zh", NULL};

static const char *const WORDS[N_WORDS][2] = {
    [WORD_TIME_S] = {"time (s)", "时间 (s)"},
    [WORD_TIME_MS] = {"time (ms)", "时间 (ms)"},
    [WORD_LOST] = {"lost", "丢失"},
    [WORD_REPEAT] = {"retransmission", "重传"},
    [WORD_COPY] = {"duplicate", "重复"},
    [WORD_HELD] = {"held", "滞留"},
    [WORD_DELAYED] = {"delayed", "延迟"},
    [WORD_RESET] = {"reset", "复位"},
    [WORD_SEGMENTS] = {"segments", "个报文段"},
    [WORD_ACKS] = {"ACKs", "个 ACK"},
    [WORD_GHOST] = {"ghost", "幽灵连接"},
};

const char *word_in(int lang, enum word word)
{
    return WORDS[word][lang];
}

int language_find(const char *name)
{
    for (int i = 0; LANGUAGES[i] != NULL; i++)
        if (strcmp(LANGUAGES[i], name) == 0)
            return i;
    return -1;
}
