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
    [WORD_SEGMENT] = {"segment", "个报文段"},
    [WORD_SEGMENTS] = {"segments", "个报文段"},
    [WORD_ACK] = {"ACK", "个 ACK"},
    [WORD_ACKS] = {"ACKs", "个 ACK"},
    [WORD_GHOST] = {"ghost", "幽灵连接"},
    [WORD_TIME_CUT_S] = {"time (s); long waits are cut", "时间 (s)，较长的等待已截断"},
    [WORD_TIME_CUT_MS] = {"time (ms); long waits are cut", "时间 (ms)，较长的等待已截断"},
    [WORD_TIME] = {"time", "时间"},
    [WORD_TIME_IN_STATE] = {"time in the state", "在各状态停留的时间"},
    [WORD_STAYS] = {"stays", "次数"},
    [WORD_MEAN] = {"mean", "平均"},
    [WORD_AT_ONCE] = {"at once, on average", "平均同时存在"},
    [WORD_RANGE] = {"shortest to longest", "最短至最长"},
    [WORD_DROP] = {"drop", "丢弃"},
    [WORD_CLOSED_FORM] = {"closed form", "理论值"},
    [WORD_MEASURED] = {"measured", "实测"},
    [WORD_NOT_HELD] = {"expectation does not hold", "未达预期"},
    [WORD_RUNS] = {"runs", "次运行"},
    [WORD_INTERVAL] = {"interval", "置信区间"},
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
