/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output/font.h"

#include <stdint.h>

/* Advance widths of U+0020 .. U+007E in 1/1000 em, rounded up; read from the fonts by FreeType.
 */
/* clang-format off */
static const uint16_t ADVANCE[2][95] = {
    { /* DejaVu Sans */
        318, 401, 460, 838, 637, 951, 780, 275, 391, 391, 500, 838, 318, 361, 318, 337,
        637, 637, 637, 637, 637, 637, 637, 637, 637, 637, 337, 337, 838, 838, 838, 531,
        1000, 685, 687, 699, 771, 632, 576, 775, 752, 295, 295, 656, 558, 863, 749, 788,
        604, 788, 695, 635, 611, 732, 685, 989, 686, 611, 686, 391, 337, 391, 838, 500,
        500, 613, 635, 550, 635, 616, 353, 635, 634, 278, 278, 580, 278, 975, 634, 612,
        635, 635, 412, 521, 393, 634, 592, 818, 592, 592, 525, 637, 337, 637, 838,
    },
    { /* DejaVu Sans Bold */
        349, 457, 521, 838, 696, 1002, 873, 307, 458, 458, 523, 838, 380, 416, 380, 366,
        696, 696, 696, 696, 696, 696, 696, 696, 696, 696, 400, 400, 838, 838, 838, 581,
        1000, 774, 763, 734, 831, 684, 684, 821, 837, 373, 373, 775, 638, 996, 837, 851,
        733, 851, 771, 721, 683, 813, 774, 1104, 771, 725, 726, 458, 366, 458, 838, 500,
        500, 675, 716, 593, 716, 679, 436, 716, 712, 343, 343, 666, 343, 1042, 712, 688,
        716, 716, 494, 596, 479, 712, 652, 924, 646, 652, 583, 712, 366, 712, 838,
    },
};
/* clang-format on */

/* The next code point of valid UTF-8; a stray byte counts as a character. */
static uint32_t next_char(const unsigned char **p)
{
    const unsigned char lead = *(*p)++;
    const int n_more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc0 ? 1 : 0;
    uint32_t c = n_more == 0 ? lead : lead & (0x3fu >> n_more);
    for (int i = 0; i < n_more && (**p & 0xc0) == 0x80; i++)
        c = c << 6 | (*(*p)++ & 0x3f);
    return c;
}

double font_width(const char *text, double size, bool bold)
{
    int64_t sum = 0;
    for (const unsigned char *p = (const unsigned char *)text; *p != '\0';) {
        const uint32_t c = next_char(&p);
        sum += c >= 32 && c < 127 ? ADVANCE[bold][c - 32] : 1000;
    }
    return (double)sum * size / 1000;
}

bool font_is_cjk(const char *text)
{
    for (const unsigned char *p = (const unsigned char *)text; *p != '\0';)
        if (next_char(&p) >= 0x2e80) /* CJK radicals and all that follow */
            return true;
    return false;
}
