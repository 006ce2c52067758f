/* SPDX-License-Identifier: GPL-3.0-or-later
 * What a connection weighs: an entry of the SYN queue, a whole endpoint, an entry in TIME-WAIT,
 * one after the other; now, and averaged over time.
 */
#include "tests/tcp/puppet.h"

#include <string.h>

#define WEIGHTS "request_bytes=10B time_wait_bytes=100B endpoint_bytes=1000B"

static struct value metric(const struct puppet *p, const char *name)
{
    const struct metric *m = TCP_METRICS;
    while (strcmp(m->name, name) != 0)
        m++;
    return m->get(p->sim, &p->account, m);
}

static const struct row {
    const char *story, *params, *at_0, *at_1s;
    int64_t syn_queue, time_wait, endpoints; /* bytes after these */
    int64_t mean_total;                      /* at 4 s: x 4 s it is bytes x seconds */
} rows[] = {
    {"nothing yet", WEIGHTS, "listen", "", 0, 0, 0, 0},
    {"half-open, an entry", WEIGHTS, "listen; < S 0", "", 10, 0, 0, 10},
    {"two of them, and one is reset", WEIGHTS, "listen; < S 0; < S 0 from 1", "< R 1", 10, 0, 0,
     (20 + 3 * 10) / 4},
    {"half-open and whole: its data is kept", WEIGHTS, "listen; < S 0(10)", "", 0, 0, 1000,
     1000},
    {"half-open, then whole", WEIGHTS, "listen; < S 0", "< A 1 ack 1", 0, 0, 1000,
     (10 + 3 * 1000) / 4},
    {"in SYN-SENT", WEIGHTS, "connect", "", 0, 0, 1000, 1000},
    {"TIME-WAIT", WEIGHTS, "listen; < S 0; < A 1 ack 1; close; < A 1 ack 2", "< FA 1 ack 2", 0,
     100, 0, (1000 + 3 * 100) / 4},
    {"and ended", WEIGHTS, "listen; < S 0; < A 1 ack 1; close; < FA 1 ack 2", "< R 2", 0, 0, 0,
     100 / 4},
    {"Linux's sizes", "", "listen; < S 0", "", 320, 0, 0, 320},
};

static void each_form_has_its_weight(void **state)
{
    for (const struct row *r = rows; r < rows + ARRAY_LEN(rows); r++) {
        struct puppet p;
        puppet_init(&p, r->story, r->params, 250000, 5000);
        tcp_account_warm_up(&p.account, p.sim->now);
        puppet_do(&p, 0, r->at_0);
        puppet_do(&p, SEC(1), r->at_1s);
        check_eq(r->story, metric(&p, "memory_syn_queue").num, r->syn_queue);
        check_eq(r->story, metric(&p, "memory_time_wait").num, r->time_wait);
        check_eq(r->story, metric(&p, "memory_endpoints").num, r->endpoints);
        check_eq(r->story, metric(&p, "memory").num,
                 r->syn_queue + r->time_wait + r->endpoints);
        puppet_do(&p, SEC(4), "");
        const struct value mean = metric(&p, "mean_memory");
        check_eq(r->story, mean.den == 0 ? -1 : mean.num / mean.den, r->mean_total);
        puppet_fini(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_form_has_its_weight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
