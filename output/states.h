/* SPDX-License-Identifier: GPL-3.0-or-later
 * states.h -- how long connections were in which state.
 *
 *   client user |SYN-SENT|   ESTABLISHED   |FIN-WAIT-1|FIN-WAIT-2|  TIME-WAIT 60 s  |
 *   server web        |SYN-RECEIVED|  ESTABLISHED  |CLOSE-WAIT|LAST-ACK|
 *               0    10   20   30                                 40 ...  60.04  s
 *
 * `states` is a bar for each connection over a warped time axis (warp.h); of more than
 * STATES_BARS connections it is `dwell` instead: a row for each state of a host, the range and
 * the mean of its stays on a logarithmic axis, and how many connections were in it on average.
 * A listening socket is no connection and has no bar.
 */
#pragma once
#include "output/chart.h"
#include "output/source.h"
#include "output/warp.h"

enum { STATES_BARS = 30 };

struct state_style {
    const char *name; /* RFC 9293's */
    const char *color;
    const char *text_color; /* of the name on it */
};

/* In the order of a connection's life. NULL: a state in which there is no connection. */
const struct state_style *state_style(const char *name);
int state_rank(const char *name); /* its place in that order */

struct stay {
    const struct state_style *style;
    sim_time from, until;
    bool is_open; /* the run ended in it */
};

struct state_bar {
    int run; /* index in the source */
    char label[SOURCE_TEXT];
    struct stay *stays;
    uint32_t n_stays, cap_stays;
};

struct states {
    struct source source;
    struct state_bar *bars; /* by run, host, connection */
    uint32_t n_bars, cap_bars;
    bool is_crowded; /* more than STATES_BARS; no bars then */
};

/* Reads the requested runs. 0, or -1 with e. states_free either way. */
int states_load(struct states *s, const struct plot_request *req, struct err *e);
void states_free(struct states *s);

/* Refuses hosts that the runs do not have. */
int states_check_hosts(const struct source *s);

/* Whether a host was asked for. */
bool states_wants(const struct plot_request *req, const char *host);

/* The plot kinds. */
int states_draw(const struct plot_request *req, struct err *e);
int dwell_draw(const struct plot_request *req, struct err *e);
