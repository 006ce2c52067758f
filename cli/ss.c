/* SPDX-License-Identifier: GPL-3.0-or-later
 * ss.c -- the sockets of every host at one moment of a run, in the columns of ss.
 */
#include <argp.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/input.h"
#include "cli/interrupt.h"
#include "cli/load.h"
#include "cli/ss_info.h"
#include "experiments/play.h"
#include "output/ss.h"
#include "sim/address.h"

struct ss_args {
    struct load_args load;
    int64_t run; /* 0: not given */
    sim_time at; /* SIM_NEVER: not given */
    const char *host;
    bool timers, details, memory, info, only_listening;
    unsigned states; /* 1 << state of SS_STATES; 0: any */
    bool excludes;   /* the next state named is left out */
    int expects;     /* the next word names a state */
    struct ss_format format;
};

enum { KEY_RUN = 512, KEY_HOST, KEY_AT };

static const struct argp_option OPTIONS[] = {
    {"at", KEY_AT, "TIME", 0, "The moment, counted from the start of the run", 0},
    {"run", KEY_RUN, "N", 0,
     "The run, the rank of point and replication (default: the first that has something to "
     "show)",
     0},
    {"host", KEY_HOST, "NAME", 0, "Of this host alone", 0},
    {"options", 'o', NULL, 0, "Timers", 0},
    {"extended", 'e', NULL, 0, "The connection's number, and which ways are shut", 0},
    {"memory", 'm', NULL, 0, "Bytes in buffers", 0},
    {"info", 'i', NULL, 0, "What TCP_INFO tells", 0},
    {"listening", 'l', NULL, 0, "Only listening sockets", 0},
    {"oneline", 'O', NULL, 0, "One line a socket", 0},
    {"no-header", 'H', NULL, 0, "Without the line of titles", 0},
    {"tcp", 't', NULL, 0, "TCP, all sockets, numbers: so it is without these, too", 0},
    {"all", 'a', NULL, OPTION_ALIAS, NULL, 0},
    {"numeric", 'n', NULL, OPTION_ALIAS, NULL, 0},
    {0},
};

/* state NAME, exclude NAME, any number of them. */
static void take_word(struct ss_args *a, const char *word, struct argp_state *state)
{
    if (!a->expects) {
        a->excludes = strcmp(word, "exclude") == 0;
        if (!a->excludes && strcmp(word, "state") != 0)
            argp_error(state, "a filter is 'state NAME' or 'exclude NAME', not '%s'", word);
        a->expects = 1;
        return;
    }
    const unsigned set = ss_states_named(word);
    if (set == 0)
        argp_error(state,
                   "ss knows no state '%s'; for example: established, syn-recv, time-wait",
                   word);
    if (a->excludes)
        a->states = (a->states == 0 ? ss_states_named("all") : a->states) & ~set;
    else
        a->states |= set;
    a->expects = 0;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct ss_args *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->load;
        return 0;
    case ARGP_KEY_ARG:
        if (a->load.path == NULL)
            return ARGP_ERR_UNKNOWN; /* the child's */
        take_word(a, arg, state);
        return 0;
    case KEY_RUN:
        a->run = input_run(arg, state);
        return 0;
    case KEY_AT:
        a->at = input_time("--at", arg, state);
        return 0;
    case KEY_HOST:
        a->host = arg;
        return 0;
    case 'o':
        a->timers = true;
        return 0;
    case 'e':
        a->details = true;
        return 0;
    case 'm':
        a->memory = true;
        return 0;
    case 'i':
        a->info = true;
        return 0;
    case 'l':
        a->only_listening = true;
        return 0;
    case 'O':
        a->format.is_oneline = true;
        return 0;
    case 'H':
        a->format.is_bare = true;
        return 0;
    case 't':
    case 'a':
    case 'n':
        return 0;
    case ARGP_KEY_END:
        if (a->expects)
            argp_error(state, "the name of a state is missing");
        if (a->at == SIM_NEVER)
            argp_error(state, "--at TIME is missing: the moment to look at");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static bool wants(const struct ss_args *a, const char *host, int state)
{
    const unsigned set = a->only_listening ? ss_states_named("listening") : a->states;
    return (set == 0 || (set & 1u << state) != 0) &&
           (a->host == NULL || strcmp(a->host, host) == 0);
}

static int no_host(const struct ss_args *a, const char *const *names, size_t n)
{
    struct err e = {0};
    const char *meant = nearest_name(a->host, names, n);
    err_set(&e, NULL, "there is no host '%s'", a->host);
    if (meant != NULL)
        err_hint(&e, "did you mean '%s'?", meant);
    return complain(&e, EXIT_USAGE);
}

/* ---- of an experiment */

struct looking {
    const struct ss_args *args;
    const struct sim *sim;
    const char *host;
    const char *any; /* what stands for all of the host's addresses */
    struct ss_table *table;
};

static char *extra(const struct ss_args *a, const struct tcp_socket *k, bool is_second)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return strdup("");
    if (!is_second && a->timers)
        ss_put_timer(k, out);
    if (!is_second && a->details)
        ss_put_details(k, out);
    if (is_second && a->memory)
        ss_put_memory(k, out);
    if (is_second && a->info)
        ss_put_info(k, a->timers, out);
    fclose(out);
    return text;
}

static void put_end(const struct looking *look, struct tcp_addr a, char *out, int *port)
{
    char text[ADDRESS_TEXT_BYTES];
    const bool is_any = ip_eq(a.ip, ip4(0));
    ss_put_address(out, is_any ? look->any : address_text(look->sim, a.ip, text, sizeof text));
    *port = a.port;
}

/* Of a host that has both versions as of a socket of IPv6 that takes IPv4 too. */
static const char *any_of(const struct host *h)
{
    bool has[] = {false, false};
    has[address_is_ipv6(h->addr)] = true;
    for (int i = 0; i < h->n_addresses; i++)
        has[h->addresses[i].is_ipv6] = true;
    return !has[true] ? "0.0.0.0" : has[false] ? "*" : "::";
}

static void see(void *ctx, const struct tcp_socket *k)
{
    const struct looking *look = ctx;
    const int state = ss_state_find(tcp_state_name(k->state));
    if (state < 0 || !wants(look->args, look->host, state))
        return;
    struct ss_row *row = ss_add(look->table);
    row->host = strdup(look->host);
    row->state = state;
    row->number = k->number;
    row->recv_q = k->recv_q;
    row->send_q = k->send_q;
    put_end(look, k->local, row->local, &row->local_port);
    put_end(look, k->remote, row->remote, &row->remote_port);
    row->more = extra(look->args, k, false);
    if (look->args->memory || look->args->info)
        row->second = extra(look->args, k, true);
}

static bool not_interrupted(void *ctx)
{
    return interrupt == 0;
}

static int look_at(const struct ss_args *a, const struct play *play, struct ss_table *table)
{
    const struct net *net = play->net;
    bool is_there = a->host == NULL;
    for (int i = 0; i < net->n_hosts; i++) {
        const char *name = play->sim->subjects[net->hosts[i].subject].name;
        struct looking look = {a, play->sim, name, any_of(&net->hosts[i]), table};
        is_there = is_there || strcmp(a->host, name) == 0;
        tcp_look(net->hosts[i].tcp, see, &look);
    }
    if (is_there)
        return EXIT_DONE;
    const size_t n = net->n_hosts > 0 ? (size_t)net->n_hosts : 0;
    const char **names = calloc(n, sizeof *names);
    for (size_t i = 0; names != NULL && i < n; i++)
        names[i] = play->sim->subjects[net->hosts[i].subject].name;
    const int status = no_host(a, names, names != NULL ? n : 0);
    free(names);
    return status;
}

static int of_experiment(const struct ss_args *a, struct ss_table *table)
{
    struct err e = {0};
    struct play play;
    struct experiment *x = load_checked(&a->load);
    if (x == NULL)
        return EXIT_USAGE;
    int status = EXIT_DONE;
    if (play_open(&play, x, a->run > 0 ? a->run : 1, &e) == 0 && a->at > x->stop)
        err_set(&e, NULL, "--at is later than the end of the run");
    if (e.text[0] != '\0') {
        status = complain(&e, EXIT_USAGE);
    } else {
        interrupt_catch();
        play_start(&play, NULL);
        play_until(&play, a->at, not_interrupted, NULL);
        status = interrupt != 0 ? EXIT_INTERRUPTED : look_at(a, &play, table);
    }
    play_end(&play);
    experiment_free(x);
    return status;
}

/* ---- of a database */

static int of_database(const struct ss_args *a, struct ss_table *table)
{
    struct err e = {0};
    struct ss_table all = {.rows = NULL};
    input_stays(&a->load, &e);
    if (a->timers || a->memory || a->info || a->only_listening) {
        err_set(&e, NULL,
                "%s: a database has no timers, buffers and listeners (-o, -m, -i, -l)",
                a->load.path);
        err_hint(&e, "name the experiment in its place: it is run up to that moment");
    }
    if (e.text[0] != '\0' || ss_read(&all, a->load.path, a->run, a->at, &e) != 0)
        return complain(&e, e.is_failure ? EXIT_RUN : EXIT_USAGE);
    for (uint32_t i = 0; i < all.n; i++)
        if (wants(a, all.rows[i].host, all.rows[i].state)) {
            *ss_add(table) = all.rows[i];
            all.rows[i] = (struct ss_row){.host = NULL};
        }
    ss_free(&all);
    return EXIT_DONE;
}

int command_ss(int argc, char **argv)
{
    const struct argp_child children[] = {{&LOAD_ARGP, 0, NULL, 0}, {0}};
    const struct argp argp = {
        OPTIONS,
        parse,
        "FILE.db|EXP.yaml [state NAME|exclude NAME...]",
        "Print the TCP sockets of every host at one moment, as ss does: of an experiment, "
        "which is "
        "run up to it, or what a database knows of them.\vA database has states and ends of "
        "connections, but no listeners, queues (printed as -) and timers. Names of states are "
        "those of ss: listening, syn-sent, syn-recv, established, fin-wait-1, fin-wait-2, "
        "close-wait, last-ack, closing, time-wait; and connected, synchronized, bucket, big, "
        "all.",
        children,
        NULL,
        NULL};
    struct ss_args args = {.at = SIM_NEVER, .load.takes = "FILE.db or EXP.yaml"};
    struct ss_table table = {.rows = NULL};
    argp_parse(&argp, argc, argv, 0, NULL, &args);
    args.format.one_host = args.host != NULL;
    const int status = input_is_database(args.load.path) ? of_database(&args, &table)
                                                         : of_experiment(&args, &table);
    if (status == EXIT_DONE)
        ss_print(&table, &args.format, stdout);
    ss_free(&table);
    load_args_free(&args.load);
    return status;
}
