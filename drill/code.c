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
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "drill/inside.h"
#include "models/tcp/info.h"

enum { NOT_INSTALLED = 127, ANSWER_BYTES = 512, ANSWER_FD = 3, PATIENCE_S = 10 };

/* Tells "LINE<tab>SENTENCE" on ANSWER_FD and exits 1 when a snippet does not hold; what it
 * prints goes nowhere. */
static const char PROLOGUE[] =
    "import os, sys\n"
    "os.set_inheritable(3, False)\n"
    "g = {}\n"
    "def say(line, e):\n"
    "    text = type(e).__name__ + (': %s' % e if str(e) else '')\n"
    "    text = text.replace('\\\\', '\\\\\\\\').replace('\\n', '\\\\n')[:400]\n"
    "    os.write(3, ('%d\\t%s' % (line, text)).encode('utf-8', 'backslashreplace'))\n"
    "    os._exit(1)\n"
    "def run(line, values, text):\n"
    "    for k in [k for k in g if k.startswith('tcpi_')]:\n"
    "        del g[k]\n"
    "    g.update(values)\n"
    "    try:\n"
    "        exec(compile(text, 'line %d' % line, 'exec'), g)\n"
    "    except SystemExit as e:\n" /* one program: 0 ends it all well */
    "        if e.code in (None, 0):\n"
    "            os._exit(0)\n"
    "        say(line, e)\n"
    "    except BaseException as e:\n"
    "        say(line, e)\n";

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

/* Of a listener there are its queue and zeros, of another socket that is not connected the
 * state and zeros. Nothing stays from the snippet before. */
static void put_values(FILE *out, const struct drill_socket *s)
{
    const struct tcp *t = s->sock.t;
    const struct tcp_listener *l = s->sock.listener;
    fputc('{', out);
    for (const struct tcp_info_row *row = TCP_INFO_ROWS; row->name != NULL; row++) {
        const int64_t value = t != NULL                               ? row->get(t)
                              : l != NULL && row->of_listener != NULL ? row->of_listener(l)
                                                                      : 0;
        if (t != NULL || l != NULL || row->begins_at_0)
            fprintf(out, "\"%s\":%lld,", row->name, (long long)value);
    }
    if (t == NULL)
        fprintf(out, "\"tcpi_state\":%lld,",
                (long long)tcp_info_state(l != NULL ? TCP_LISTEN : TCP_CLOSED));
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
    const struct drill_socket *s = under_test(r);
    const char *text = e->text + strspn(e->text, " \t");
    size_t n = strlen(text);
    while (n > 0 && (text[n - 1] == ' ' || text[n - 1] == '\t'))
        n--;
    if (s == NULL) {
        drill_fail(r, &e->at, "no socket under test");
        return;
    }
    if (find_lack(text, word, sizeof word)) {
        drill_lacks(r, &e->at, "%s", word);
        return;
    }
    if (r->code_out == NULL && !open_program(r)) {
        drill_lacks(r, &e->at, "memory for a Python program");
        return;
    }
    fprintf(r->code_out, "run(%d,", e->at.line);
    put_values(r->code_out, s);
    fputc(',', r->code_out);
    put_text(r->code_out, text, n);
    fputs(")\n", r->code_out);
}

/* ---- running it */

static _Noreturn void become_python(int in, int answer)
{
    const int nowhere = open("/dev/null", O_WRONLY);
    alarm(PATIENCE_S); /* outlives exec */
    dup2(in, STDIN_FILENO);
    dup2(nowhere, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
    if (answer == ANSWER_FD) /* dup2() would leave it closed on exec */
        fcntl(answer, F_SETFD, 0);
    else
        dup2(answer, ANSWER_FD);
    execlp("python3", "python3", "-I", "-S", "-", (char *)NULL);
    _exit(NOT_INSTALLED);
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

/* The program as a file without a name, at its beginning; -1: none. */
static int program_file(const char *program, size_t n)
{
    FILE *file = tmpfile();
    if (file == NULL)
        return -1;
    const bool written = fwrite(program, 1, n, file) == n && fflush(file) == 0;
    const int fd = written ? fcntl(fileno(file), F_DUPFD_CLOEXEC, ANSWER_FD + 1) : -1;
    fclose(file);
    if (fd >= 0)
        lseek(fd, 0, SEEK_SET);
    return fd;
}

/* Returns the status of python3 as waitpid() gives it, -1: could not be run; answer is what it
 * told. */
static int run_python(const char *program, size_t n, char *answer, size_t size)
{
    int from[2], status = -1;
    const int in = program_file(program, n);
    if (in < 0)
        return -1;
    if (pipe2(from, O_CLOEXEC) != 0) {
        close(in);
        return -1;
    }
    const pid_t child = fork();
    if (child == 0)
        become_python(in, from[1]);
    close(in);
    close(from[1]);
    if (child > 0) {
        read_all(from[0], answer, size);
        while (waitpid(child, &status, 0) < 0 && errno == EINTR)
            ;
    }
    close(from[0]);
    return status;
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
    if (status < 0 || (WIFEXITED(status) && WEXITSTATUS(status) == NOT_INSTALLED)) {
        drill_lacks(r, NULL,
                    status < 0 ? "python3 could not be run" : "python3 is not installed");
        return;
    }
    char *tab = strchr(answer, '\t');
    const struct mark at = {.line = tab != NULL ? (int)strtol(answer, NULL, 10) : 0};
    const bool endless = WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM;
    drill_fail(r, tab != NULL ? &at : NULL, "code: %s",
               endless       ? "the code does not end"
               : tab != NULL ? tab + 1
                             : "python3 failed without a word");
}
