/* SPDX-License-Identifier: GPL-3.0-or-later
 * code.c -- %{ Python }%: what the connection knows is written down at each, and one program
 * judges all at the end.
 *
 * Variables live on from snippet to snippet, as in the real runner, which also runs Python
 * once.
 */
#define _GNU_SOURCE /* pipe2 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "drill/inside.h"
#include "models/tcp/info.h"

enum { NOT_INSTALLED = 127, ANSWER_BYTES = 512 };

/* Prints "LINE<tab>SENTENCE" and exits 1 when a snippet does not hold. */
static const char PROLOGUE[] = "import sys\n"
                               "g = {}\n"
                               "def run(line, values, text):\n"
                               "    g.update(values)\n"
                               "    try:\n"
                               "        exec(compile(text, 'line %d' % line, 'exec'), g)\n"
                               "    except BaseException as e:\n"
                               "        sys.stdout.write('%d\\t%s%s%s' % (line, "
                               "type(e).__name__, ': ' if str(e) else '', e))\n"
                               "        sys.exit(1)\n";

/* ---- writing the program */

static void put_text(FILE *out, const char *text, size_t n)
{
    fputc('"', out);
    for (size_t i = 0; i < n; i++)
        fprintf(out, isalnum((unsigned char)text[i]) || text[i] == ' ' ? "%c" : "\\x%02x",
                (unsigned char)text[i]);
    fputc('"', out);
}

/* The socket under test, if a descriptor stands for it. */
static const struct drill_socket *under_test(const struct drill_run *r)
{
    for (uint32_t i = r->n_sockets; i > 0; i--) {
        const struct drill_socket *s = r->sockets[i - 1];
        if (s->open && s->flow != NULL && s->flow == r->flow)
            return s;
    }
    return NULL;
}

/* Of a socket that is not connected the state is all there is to know. */
static void put_values(FILE *out, const struct drill_socket *s)
{
    fputc('{', out);
    if (s != NULL && s->t == NULL)
        fprintf(out, "\"tcpi_state\":%lld",
                (long long)tcp_info_state(s->listener != NULL ? TCP_LISTEN : TCP_CLOSED));
    for (const struct tcp_info_row *row = TCP_INFO_ROWS;
         s != NULL && s->t != NULL && row->name != NULL; row++)
        fprintf(out, "\"%s\":%lld,", row->name, (long long)row->get(s->t));
    fputc('}', out);
}

static bool starts(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool is_known(const char *word)
{
    for (const struct tcp_info_row *row = TCP_INFO_ROWS; row->name != NULL; row++)
        if (strcmp(row->name, word) == 0)
            return true;
    return false;
}

/* The first variable of the real runner that the endpoint has no value for; false: none. */
static bool find_lack(const char *code, char *word, size_t size)
{
    static const char *const PREFIXES[] = {"tcpi_", "SK_MEMINFO_", "bbr_", "dctcp_", "tcpv_"};
    for (const char *c = code; *c != '\0';) {
        if (!isalpha((unsigned char)*c) && *c != '_') {
            c++;
            continue;
        }
        size_t n = 0;
        while (isalnum((unsigned char)c[n]) || c[n] == '_')
            n++;
        snprintf(word, size, "%.*s", (int)n, c);
        for (size_t i = 0; i < ARRAY_LEN(PREFIXES); i++)
            if (starts(word, PREFIXES[i]) && !is_known(word))
                return true;
        c += n;
    }
    return false;
}

static bool open_program(struct drill_run *r)
{
    r->code_out = open_memstream(&r->code, &r->code_bytes);
    if (r->code_out == NULL)
        return false;
    fputs(PROLOGUE, r->code_out);
    fputs("g.update({", r->code_out);
    for (const struct tcp_info_constant *k = TCP_INFO_CONSTANTS; k->name != NULL; k++)
        fprintf(r->code_out, "\"%s\":%lld,", k->name, (long long)k->value);
    fputs("})\n", r->code_out);
    return true;
}

void drill_code_note(struct drill_run *r, const struct drill_event *e)
{
    char word[64];
    const char *text = e->text + strspn(e->text, " \t");
    size_t n = strlen(text);
    while (n > 0 && (text[n - 1] == ' ' || text[n - 1] == '\t'))
        n--;
    if (find_lack(text, word, sizeof word)) {
        drill_lacks(r, &e->at, "%s", word);
        return;
    }
    if (r->code_out == NULL && !open_program(r)) {
        drill_lacks(r, &e->at, "memory for a Python program");
        return;
    }
    fprintf(r->code_out, "run(%d,", e->at.line);
    put_values(r->code_out, under_test(r));
    fputc(',', r->code_out);
    put_text(r->code_out, text, n);
    fputs(")\n", r->code_out);
}

/* ---- running it */

static _Noreturn void become_python(int in, int out)
{
    const int nowhere = open("/dev/null", O_WRONLY);
    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
    execlp("python3", "python3", "-I", "-S", "-", (char *)NULL);
    _exit(NOT_INSTALLED);
}

static void write_all(int fd, const char *bytes, size_t n)
{
    while (n > 0) {
        const ssize_t wrote = write(fd, bytes, n);
        if (wrote < 0 && errno != EINTR)
            return; /* the reader is gone: its status tells */
        bytes += wrote > 0 ? wrote : 0;
        n -= wrote > 0 ? (size_t)wrote : 0;
    }
}

static void read_all(int fd, char *answer, size_t size)
{
    size_t used = 0;
    ssize_t got;
    while (used + 1 < size && ((got = read(fd, answer + used, size - 1 - used)) > 0 ||
                               (got < 0 && errno == EINTR)))
        used += got > 0 ? (size_t)got : 0;
    answer[used] = '\0';
}

/* Returns the exit status of python3, or -1; answer is what it printed. */
static int run_python(const char *program, size_t n, char *answer, size_t size)
{
    int to[2], from[2], status = -1;
    if (pipe2(to, O_CLOEXEC) != 0)
        return -1;
    if (pipe2(from, O_CLOEXEC) != 0) {
        close(to[0]);
        close(to[1]);
        return -1;
    }
    const pid_t child = fork();
    if (child == 0)
        become_python(to[0], from[1]);
    close(to[0]);
    close(from[1]);
    if (child > 0)
        write_all(to[1], program, n);
    close(to[1]);
    if (child > 0) {
        read_all(from[0], answer, size);
        while (waitpid(child, &status, 0) < 0 && errno == EINTR)
            ;
    }
    close(from[0]);
    return child > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void drill_code_run(struct drill_run *r)
{
    char answer[ANSWER_BYTES] = "";
    if (r->code_out == NULL)
        return;
    fflush(r->code_out);
    const int status = run_python(r->code, r->code_bytes, answer, sizeof answer);
    if (status == 0)
        return;
    if (status == NOT_INSTALLED || status < 0) {
        drill_lacks(r, NULL,
                    status < 0 ? "python3 could not be run" : "python3 is not installed");
        return;
    }
    char *tab = strchr(answer, '\t');
    const struct mark at = {.line = tab != NULL ? (int)strtol(answer, NULL, 10) : 0};
    drill_fail(r, &at, "code: %s", tab != NULL ? tab + 1 : "python3 failed without a word");
}
