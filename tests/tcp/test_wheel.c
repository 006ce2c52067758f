/* SPDX-License-Identifier: GPL-3.0-or-later
 * The timer wheel: when a timer comes, worked out by hand from the table of
 * kernel/time/timer.c, and against a reference that looks for the bucket tick by tick; and what
 * a connection shows of it.
 */
#include "models/tcp/endpoint.h"
#include "models/tcp/wheel.h"
#include "tests/tcp/puppet.h"

#include <math.h>
#include <stdlib.h>

/* 4 ms a tick. */
static const struct {
    const char *story;
    sim_time uptime, now, wait, late; /* late: beyond now + wait */
} rows[] = {
    {"a tick at least, and one more, as the running one has begun", 0, 0, MS(4), MS(4)},
    {"set in the middle of a tick it counts from its beginning", 0, MS(2), MS(4), MS(2)},
    {"a wait is rounded up to ticks", 0, 0, MS(1), MS(7)},
    {"62 ticks: the last of the first level", 0, 0, MS(248), MS(4)},
    /* tick 63 in buckets of 8: the next begins with 64 */
    {"63 ticks stand in a bucket of 8", 0, 0, MS(252), MS(4)},
    {"64 ticks: the bucket behind", 0, 0, MS(256), MS(32)},
    /* 250 = 31 * 8 + 2: 256 */
    {"the second of a SYN", 0, 0, SEC(1), MS(24)},
    {"... on a host that has been up for 3 ticks", MS(12), 0, SEC(1), MS(12)},
    {"503 ticks: the last of the second level; 504 = 63 * 8", 0, 0, MS(2012), MS(4)},
    /* 504 = 7 * 64 + 56: 512 */
    {"504 ticks stand in a bucket of 64", 0, 0, MS(2016), MS(32)},
    /* 15000 = 29 * 512 + 152: 15360 */
    {"TIME-WAIT, 15000 ticks in buckets of 512", 0, 0, SEC(60), MS(1440)},
    /* 1800000 = 54 * 32768 + 30528: 1802240 */
    {"keepalive, 1.8 million ticks in buckets of 32768", 0, 0, SEC(7200), MS(8960)},
};

static struct tcp_params at_250(sim_time uptime)
{
    struct tcp_params p;
    tcp_params_init(&p, "linux");
    p.hz = 250;
    p.uptime = uptime;
    return p;
}

static void as_late_as_the_table_says(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct tcp_params p = at_250(rows[i].uptime);
        const sim_time due = rows[i].now + rows[i].wait;
        check_eq(rows[i].story, tcp_wheel_at(&p, rows[i].now, due) - due, rows[i].late);
    }
    const struct tcp_params p = at_250(0);
    check_eq("never", tcp_wheel_at(&p, MS(1), SIM_NEVER), SIM_NEVER);
    check_eq("an RTO of 300 ms and a bit is 76 ticks", tcp_wheel_ticks(&p, MS(300) + 1),
             MS(304));
    check_eq("one of 299 ms 75", tcp_wheel_ticks(&p, MS(299)), MS(300));
    check_eq("one of 300 ms is never exact", tcp_wheel_ticks(&p, MS(300)), MS(304));
}

/* The first tick behind `due` that is a multiple of the bucket's ticks, looked for one by one;
 * a bucket is an eighth of the next level's, and a level has room for 63 of its own. */
static sim_time searched(const struct tcp_params *p, sim_time now, sim_time wait)
{
    const sim_time tick = SEC(1) / p->hz;
    int64_t n = 0, bucket = 1, begun = 0;
    while (n * tick < wait)
        n++;
    while (63 * bucket <= n)
        bucket *= 8;
    while ((begun + 1) * tick <= now + p->uptime)
        begun++;
    int64_t due = begun + n + 1;
    while (due % bucket != 0)
        due++;
    return due * tick - p->uptime;
}

static void as_a_search_says(void **state)
{
    static const int64_t hz[] = {100, 250, 1000};
    srand48(1);
    for (int i = 0; i < 3000; i++) {
        struct tcp_params p = at_250((sim_time)(drand48() * 1e10));
        p.hz = hz[i % 3];
        const sim_time now = (sim_time)(drand48() * 1e10);
        const sim_time wait = 1 + (sim_time)(pow(drand48(), 4) * 7e10);
        const sim_time at = tcp_wheel_at(&p, now, now + wait);
        check_eq("searched", at, searched(&p, now, wait));
        check_true("never early", at >= now + wait);
    }
}

/* ---- on a connection. The run begins at 1 s, tick 250; with uptime 24ms that is tick 256. */

enum { ISS = 250000, IRS = 5000 };

static const struct play plays[] = {
    /* 256 + 250 = 506: 512; + 500 = 1012: 1016; + 1000 = 2016, in buckets of 64: 2048 */
    {"a SYN comes again in buckets of 32 and 256 ms",
     "hz=250 uptime=24ms",
     {{0, "connect", "S 0", "", NULL},
      {SEC(8), "", "@1024ms S 0, @3040ms S 0, @7168ms S 0", "", NULL}}},
    /* 257 + 250 = 507: 512; + 500 = 1012: 1016 */
    {"... as they stand on a host that is a tick older",
     "hz=250 uptime=28ms",
     {{0, "connect", "S 0", "", NULL}, {SEC(4), "", "@1020ms S 0, @3036ms S 0", "", NULL}}},
    {"a SYN-ACK, from the line of its entry",
     "hz=250 uptime=24ms",
     {{0, "listen; < S 0", "SA 0 ack 1", "", NULL},
      {SEC(8), "", "@1024ms SA 0 ack 1, @3040ms SA 0 ack 1, @7168ms SA 0 ack 1", "", NULL}}},
    /* R = 20 ms: SRTT + max(200 ms, 40 ms) = 220 ms, 56 ticks, from 20 ms, tick 261: 261 + 56 +
     * 1 = 318. Doubled, 112 ticks: 430 in buckets of 8, 432 */
    {"a retransmission",
     "profile=linux hz=250 uptime=24ms isn=clock early_retrans=0",
     {{0, "connect", "S 0", "", NULL},
      {MS(20), "< SA 0 ack 1; send 10", "A 1 ack 1, PA 1(10) ack 1", "connected", NULL},
      {MS(900), "", "@248ms PA 1(10) ack 1, @704ms PA 1(10) ack 1", "", NULL}}},
    {"no ticks: to the nanosecond",
     "uptime=24ms",
     {{0, "connect", "S 0", "", NULL},
      {SEC(8), "", "@1000ms S 0, @3000ms S 0, @7000ms S 0", "", NULL}}},
};

static void a_connection_shows_it(void **state)
{
    for (const struct play *p = plays; p < plays + ARRAY_LEN(plays); p++)
        puppet_play(p, ISS, IRS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_late_as_the_table_says),
                                       cmocka_unit_test(as_a_search_says),
                                       cmocka_unit_test(a_connection_shows_it)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
