/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "experiments/workers.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Within a worker */

/* What a terminal sends to all is the reader's to judge; it then ends the workers. */
static void forget_parent(pid_t parent)
{
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGPIPE, SIG_DFL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(EXIT_FAILURE);
}

static enum run_end run_one(const struct job *job, struct relay_writer *writer)
{
    const struct plan *plan = job->plan;
    struct err e = {0};
    struct tally tally;
    struct outcome out = {.seen = calloc((size_t)plan->n_columns + 1, sizeof(*out.seen)),
                          .tally = &tally};
    enum run_end end = RUN_BROKEN;
    if (tally_init(&tally, plan->x, &job->spec->net) != 0 || out.seen == NULL)
        err_set(&e, NULL, "out of memory");
    else
        end = replication_run(job, &writer->outlet, &out, &e);
    if (relay_outcome(writer, end, &out, plan->n_columns, &e) != 0)
        _exit(EXIT_FAILURE);
    for (int i = 0; out.seen != NULL && i < plan->n_columns; i++)
        observed_free(&out.seen[i]);
    free(out.seen);
    tally_fini(&tally);
    return end;
}

/* Runs rank, rank + step, ... */
static void work(const struct plan *plan, int64_t rank, int step, bool shuffle_ties, int fd)
{
    const struct experiment *x = plan->x;
    struct relay_writer writer;
    struct point_spec spec = {.memory = NULL};
    struct job job = {.plan = plan, .spec = &spec, .point = -1, .shuffle_ties = shuffle_ties};
    relay_writer_init(&writer, fd);
    for (enum run_end end = RUN_WHOLE; end == RUN_WHOLE && rank < plan_n_runs(x);
         rank += step) {
        struct err e = {0};
        const int point = (int)(rank / x->repeat);
        job.replication = rank % x->repeat;
        if (point != job.point) {
            point_spec_free(&spec);
            job.point = point;
            if (experiment_point(x, point, &spec, &e) != 0) {
                relay_outcome(&writer, RUN_BROKEN, NULL, 0, &e);
                break;
            }
        }
        end = run_one(&job, &writer);
    }
    point_spec_free(&spec);
    relay_writer_fini(&writer);
}

/* Within the reader */

static int start(struct workers *w, const struct plan *plan, int n, bool shuffle_ties,
                 struct err *e)
{
    int ends[2];
    const pid_t parent = getpid();
    if (pipe(ends) != 0)
        return err_set(e, NULL, "no pipe for another worker: %s", strerror(errno));
    const pid_t pid = fork();
    if (pid == 0) {
        for (int i = 0; i < w->n; i++)
            close(w->items[i].reader.fd);
        close(ends[0]);
        forget_parent(parent);
        work(plan, w->n, n, shuffle_ties, ends[1]);
        _exit(EXIT_SUCCESS);
    }
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return err_set(e, NULL, "no process for another worker: %s", strerror(errno));
    }
    w->items[w->n].pid = pid;
    relay_reader_init(&w->items[w->n].reader, ends[0]);
    w->n++;
    return 0;
}

int workers_start(struct workers *w, int n, const struct plan *plan, bool shuffle_ties,
                  struct err *e)
{
    *w = (struct workers){.items = calloc((size_t)n, sizeof(*w->items))};
    if (w->items == NULL)
        return err_set(e, NULL, "out of memory");
    for (int i = 0; i < n; i++)
        if (start(w, plan, n, shuffle_ties, e) != 0)
            return -1;
    return 0;
}

/* A worker that has gone away in the middle of a run: an assert (whose sentence it has
 * printed), or somebody's kill. */
static void tell_death(struct worker *worker, int64_t rank, const struct plan *plan,
                       struct err *e)
{
    const struct experiment *x = plan->x;
    const char *label = x->points[rank / x->repeat].label;
    int status = 0;
    waitpid(worker->pid, &status, 0);
    worker->pid = 0;
    err_set(e, NULL, "run %lld%s%s: its process ended with %s %d", (long long)rank + 1,
            label[0] != '\0' ? " at " : "", label, WIFSIGNALED(status) ? "signal" : "status",
            WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

enum run_end workers_next(struct workers *w, int64_t rank, const struct plan *plan,
                          struct outlet *outlet, struct outcome *out, struct err *e)
{
    const struct experiment *x = plan->x;
    struct worker *worker = &w->items[rank % w->n];
    const uint32_t levels = plan_levels(x, (int)(rank / x->repeat), rank % x->repeat);
    bool closed;
    const enum run_end end =
        relay_read(&worker->reader, outlet, levels, out, plan->n_columns, &closed, e);
    if (closed)
        tell_death(worker, rank, plan, e);
    return end;
}

void workers_stop(struct workers *w)
{
    for (int i = 0; i < w->n; i++) {
        struct worker *worker = &w->items[i];
        if (worker->pid > 0) {
            kill(worker->pid, SIGKILL);
            waitpid(worker->pid, NULL, 0);
        }
        close(worker->reader.fd);
        relay_reader_fini(&worker->reader);
    }
    free(w->items);
    *w = (struct workers){0};
}
