/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/input.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool input_is_database(const char *path)
{
    static const char head[16] = "SQLite format 3";
    char got[sizeof head] = "";
    FILE *in = fopen(path, "rb");
    const bool is_one =
        in != NULL && fread(got, sizeof got, 1, in) == 1 && memcmp(got, head, sizeof got) == 0;
    if (in != NULL)
        fclose(in);
    return is_one;
}

int input_stays(const struct load_args *load, struct err *e)
{
    if (load->n_overrides == 0 && load->seed[0] == '\0')
        return 0;
    return err_set(e, NULL, "-p and --seed change an experiment, and %s is a database",
                   load->path);
}

int64_t input_run(const char *arg, struct argp_state *state)
{
    char *end;
    errno = 0;
    const long long number = strtoll(arg, &end, 10);
    if (*arg == '\0' || *end != '\0' || errno != 0 || number < 1)
        argp_error(state, "--run takes a number from 1, not '%s'", arg);
    return number;
}

sim_time input_time(const char *option, const char *arg, struct argp_state *state)
{
    struct err e = {0};
    int64_t at = 0;
    if (unit_parse(arg, UNIT_TIME, &at, NULL, &e) != 0)
        argp_error(state, "%s takes a time such as 20ms, not '%s'", option, arg);
    return at;
}
