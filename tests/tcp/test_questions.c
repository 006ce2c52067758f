/* SPDX-License-Identifier: GPL-3.0-or-later
 * What a connection answers when it is asked how much waits: SIOCOUTQ, SIOCOUTQNSD, SIOCINQ.
 */
#include "tests/tcp/puppet.h"

#define OPEN "connect; < SA 0 ack 1"

/* By hand: bytes written, less what is acknowledged, less what was sent; CLOSED keeps none. */
static const struct row {
    const char *story, *does;
    int64_t unacked, unsent, unread;
} rows[] = {
    {"nothing was written", OPEN, 0, 0, 0},
    {"before the SYN is answered", "connect; send 100", 100, 100, 0},
    {"all is on its way", OPEN "; send 100", 100, 0, 0},
    {"the window takes half", OPEN " win 50; send 100", 100, 50, 0},
    {"part is acknowledged", OPEN " win 50; send 100; < A 1 ack 21 win 0", 80, 50, 0},
    {"the FIN counts one", OPEN "; send 10; shutdown wr; < A 1 ack 5", 7, 0, 0},
    {"and is sent last", OPEN " win 50; send 100; shutdown wr", 101, 51, 0},
    {"all and the FIN are acknowledged", OPEN "; send 10; shutdown wr; < A 1 ack 12", 0, 0, 0},
    {"a reset throws away what was not sent", OPEN " win 50; send 100; < R 1", 0, 0, 0},
    {"so does a refusal", "connect; send 100; < RA 0 ack 1", 0, 0, 0},
    {"what was received waits to be read", OPEN "; < PA 1(30) ack 1; recv 10", 0, 0, 20},
    {"not what is behind a hole", OPEN "; < PA 11(30) ack 1", 0, 0, 0},
};

static void questions(void **state)
{
    for (const struct row *r = rows; r < rows + ARRAY_LEN(rows); r++) {
        struct puppet p;
        puppet_init(&p, r->story, "", 1000, 5000);
        puppet_do(&p, 0, r->does);
        check_eq(r->story, tcp_unacked(p.t), r->unacked);
        check_eq(r->story, tcp_unsent(p.t), r->unsent);
        check_eq(r->story, tcp_unread(p.t), r->unread);
        puppet_fini(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(questions)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
