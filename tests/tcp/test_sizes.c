/* SPDX-License-Identifier: GPL-3.0-or-later
 * What a connection takes: a million live ones are meant to fit into 1 GiB a host.
 */
#include "models/tcp/endpoint.h"
#include "tests/check.h"

enum { FIRST_PORT = 10000 };

static void on_output(void *ctx, struct packet *p)
{
    packet_free(ctx, p);
}

static void on_event(struct tcp_user *user, struct tcp *t, uint32_t bits) {}

struct host {
    struct sim *sim;
    struct tcp_account account;
    struct tcp_user user;
    struct tcp_params params;
    struct tcp_stack *stack;
    struct tcp *last;
};

static void host_init(struct host *h)
{
    *h = (struct host){.sim = sim_new(&(struct sim_params){.seed = 1})};
    h->user = (struct tcp_user){.on_event = on_event, .account = &h->account};
    tcp_account_init(&h->account, 0);
    tcp_params_init(&h->params, "linux");
    h->stack = tcp_stack_new(h->sim, sim_subject(h->sim, "host", "client"), ip4(0x0a000001),
                             &h->params, on_output, h->sim);
}

/* Each to a peer of its own. */
static void connect_to(struct host *h, int first, int end)
{
    for (int i = first; i < end; i++)
        check_eq("connect",
                 tcp_connect(h->stack, (struct tcp_addr){ip4(0x0b000000 + (uint32_t)i), 80},
                             FIRST_PORT, &h->user, &h->last),
                 0);
}

/* 15 lines of the cache. A million of them, and what else each needs, fit into 1 GiB; and one
 * that is made of an entry, for one event, is cleared as a whole. */
static void an_endpoint_has_15_lines(void **state)
{
    check_true("so many bytes", sizeof(struct tcp) <= 960);
}

/* Of n more connections each adds its endpoint and places in the table and among the timers:
 * what all have alike is there once. Blocks of 256 KiB are cut, so 8192 of them are asked. */
static void a_connection_takes_1_KiB(void **state)
{
    enum { BEFORE = 1024, N = 8192 };
    struct host h;
    host_init(&h);
    connect_to(&h, 0, BEFORE);
    const size_t used = h.sim->arena.used;
    connect_to(&h, BEFORE, BEFORE + N);
    check_true("1 KiB each", h.sim->arena.used - used <= (size_t)N * 1024 + (1 << 18));
    sim_free(h.sim);
}

/* Options are shared until one connection sets its own: then these alone are different. */
static void options_are_shared_until_set(void **state)
{
    struct host h;
    host_init(&h);
    connect_to(&h, 0, 2);
    struct tcp *first = h.last, *second;
    connect_to(&h, 2, 3);
    second = h.last;
    check_true("the same", first->opt == second->opt);
    check_eq("set", tcp_set_option(first, TCP_OPT_MAXSEG, 500), 0);
    check_eq("its own", tcp_get_option(first, TCP_OPT_MAXSEG), 500);
    check_eq("not the other's", second->opt->maxseg, 0);
    check_eq("not the next one's", (connect_to(&h, 3, 4), h.last->opt->maxseg), 0);
    const struct tcp_sockopts *own = first->opt;
    check_eq("again", tcp_set_option(first, TCP_OPT_MAXSEG, 600), 0);
    check_true("copied once", first->opt == own);
    const struct tcp_sockopts *of_all = second->opt;
    struct tcp_params params = h.params;
    params.keepalive_probes++;
    tcp_stack_configure(h.stack, &params);
    connect_to(&h, 4, 5);
    check_eq("a change of the parameters is for new ones", h.last->opt->keepcnt,
             of_all->keepcnt + 1);
    sim_free(h.sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_endpoint_has_15_lines),
        cmocka_unit_test(a_connection_takes_1_KiB),
        cmocka_unit_test(options_are_shared_until_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
