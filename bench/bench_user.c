/* SPDX-License-Identifier: GPL-3.0-or-later
 * bench_user.c -- runs a command and prints the CPU time that it spent in user mode.
 *
 *   bench_user COMMAND [ARGUMENT]...     standard output: a line "user_s=0.123456"
 *
 * The time is that of the whole process, from its start to its end. What the command prints
 * goes to standard error; the exit status is the command's, or 1 when it was killed.
 */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CANNOT_RUN = 127 };

int main(int argc, char **argv)
{
    int status;
    struct rusage used;

    if (argc < 2) {
        fprintf(stderr, "usage: bench_user COMMAND [ARGUMENT]...\n");
        return 2;
    }
    const pid_t child = fork();
    if (child == 0) {
        dup2(STDERR_FILENO, STDOUT_FILENO);
        execvp(argv[1], argv + 1);
        perror(argv[1]);
        _exit(CANNOT_RUN);
    }
    if (child < 0 || wait4(child, &status, 0, &used) != child) {
        perror("bench_user");
        return 1;
    }
    printf("user_s=%.6f\n", (double)used.ru_utime.tv_sec + (double)used.ru_utime.tv_usec / 1e6);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
