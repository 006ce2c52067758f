/* SPDX-License-Identifier: GPL-3.0-or-later
 * parse.c -- a packet script's frame: settings at the head, events with their times, commands.
 */
#include "drill/parse.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FILE_MAX_BYTES = 1 << 20,
    DEFINES_MAX = 256 /* of one script: every word is compared with all of them */
};
static const sim_time SECONDS_MAX = 9000000000 - 1; /* 285 years: sim_time has room */

static const char TIME_HINT[] = "an event begins with its time: 0.5, +0.5, 1~2, +1~+2 or *";

/* ---- tokens ---- */

void parse_next(struct parser *p)
{
    if (p->token.kind != TOKEN_BAD)
        p->last = p->token.at;
    p->token = lex_next(&p->lex);
}

bool parse_is_sign(const struct parser *p, char c)
{
    return p->token.kind == TOKEN_SIGN && p->token.n == 1 && p->token.text[0] == c;
}

bool parse_is_word(const struct parser *p, const char *word)
{
    return p->token.kind == TOKEN_WORD && strlen(word) == p->token.n &&
           memcmp(p->token.text, word, p->token.n) == 0;
}

bool parse_sign(struct parser *p, char c)
{
    const bool is = parse_is_sign(p, c);
    if (is)
        parse_next(p);
    return is;
}

bool parse_word(struct parser *p, const char *word)
{
    const bool is = parse_is_word(p, word);
    if (is)
        parse_next(p);
    return is;
}

int parse_want_sign(struct parser *p, char c, const char *where)
{
    char expected[80];
    snprintf(expected, sizeof(expected), "'%c' %s", c, where);
    return parse_sign(p, c) ? 0 : parse_wrong(p, expected, NULL);
}

/* The token as it was written, as far as a message has room for it. */
static void show(const struct parser *p, char *out, size_t size)
{
    enum { ROOM = 40 };
    const char *text = p->lex.text + p->token.from;
    const size_t len = p->token.to - p->token.from;
    size_t n = 0;
    while (n < len && n < ROOM && text[n] != '\n' && text[n] != '\0')
        n++;
    while (n < len && n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
        n--; /* no half character */
    snprintf(out, size, "'%.*s%s'", (int)n, text, n < len ? "..." : "");
}

/* Just behind what was read last: the end itself is often an empty line far below. */
static struct mark end_mark(const struct parser *p)
{
    if (p->last.line == 0)
        return p->token.at;
    struct mark at = p->last;
    at.column += at.width;
    at.width = 1;
    return at;
}

int parse_wrong(struct parser *p, const char *expected, const char *hint)
{
    if (p->token.kind == TOKEN_BAD)
        return -1;
    const bool is_end = p->token.kind == TOKEN_END;
    const struct mark at = is_end ? end_mark(p) : p->token.at;
    char shown[64] = "the end of the script";
    if (!is_end)
        show(p, shown, sizeof(shown));
    err_set(p->e, &at, "expected %s, not %s", expected, shown);
    return hint != NULL ? parse_hint(p, "%s", hint) : -1;
}

int parse_hint(struct parser *p, const char *fmt, ...)
{
    char hint[sizeof(p->e->hint)];
    va_list args;
    va_start(args, fmt);
    vsnprintf(hint, sizeof(hint), fmt, args);
    va_end(args);
    return p->lex.failed ? -1 : err_hint(p->e, "%s", hint);
}

char *parse_copy(struct parser *p)
{
    return memory_slice(p->memory, p->token.text, p->token.n);
}

int parse_unsigned(struct parser *p, const char *what, uint32_t max, uint32_t *out)
{
    const struct token *t = &p->token;
    if (t->kind != TOKEN_INTEGER && t->kind != TOKEN_HEX)
        return parse_wrong(p, what, NULL);
    if (t->too_large || t->value < 0 || t->value > (int64_t)max) {
        err_set(p->e, &t->at, "%s is out of range", what);
        return parse_hint(p, "0 to %u", max);
    }
    *out = (uint32_t)t->value;
    parse_next(p);
    return 0;
}

/* ---- times ---- */

/* Digits behind the ninth decimal are cut, as packetdrill cuts those behind the sixth. */
int parse_seconds(struct parser *p, sim_time *out)
{
    const struct token *t = &p->token;
    if (t->kind != TOKEN_INTEGER && t->kind != TOKEN_FLOAT)
        return parse_wrong(p, "a time in seconds", NULL);
    if (t->text[0] == '-')
        return err_set(p->e, &t->at, "a time cannot be negative");
    sim_time seconds = 0, rest = 0, unit = SEC(1);
    bool behind_point = false;
    for (size_t i = 0; i < t->n && seconds <= SECONDS_MAX; i++) {
        if (t->text[i] == '.')
            behind_point = true;
        else if (behind_point)
            rest += (t->text[i] - '0') * (unit /= 10);
        else
            seconds = seconds * 10 + (t->text[i] - '0');
    }
    if (seconds > SECONDS_MAX) {
        err_set(p->e, &t->at, "this time is too far away");
        return parse_hint(p, "at most %lld seconds", (long long)SECONDS_MAX);
    }
    *out = seconds * SEC(1) + rest;
    parse_next(p);
    return 0;
}

static int read_range_end(struct parser *p, struct drill_time *t)
{
    const bool relative = t->when == WHEN_RELATIVE;
    if (relative != parse_is_sign(p, '+')) {
        err_set(p->e, &p->token.at, "one end of this range is relative, the other is not");
        return parse_hint(p, "write 1~2 or +1~+2");
    }
    parse_sign(p, '+');
    const struct mark at = p->token.at;
    if (parse_seconds(p, &t->to) != 0)
        return -1;
    if (t->to < t->from)
        return err_set(p->e, &at, "this range ends before it begins");
    t->when = relative ? WHEN_RELATIVE_RANGE : WHEN_ABSOLUTE_RANGE;
    return 0;
}

static int read_time(struct parser *p, struct drill_time *t)
{
    if (parse_sign(p, '*')) {
        t->when = WHEN_ANY;
        return 0;
    }
    t->when = parse_sign(p, '+') ? WHEN_RELATIVE : WHEN_ABSOLUTE;
    if (parse_seconds(p, &t->from) != 0)
        return -1;
    t->to = t->from;
    return parse_sign(p, '~') ? read_range_end(p, t) : 0;
}

/* ---- events ---- */

/* From the ellipsis on: "...0.2 read(3, ..., 100) = 100". */
static int read_blocking_call(struct parser *p, struct drill_event *event)
{
    if (event->time.when != WHEN_ABSOLUTE && event->time.when != WHEN_RELATIVE)
        return err_set(p->e, &p->token.at, "a blocking call begins at one time");
    struct drill_time until = {.when = event->time.when};
    parse_next(p);
    const struct mark at = p->token.at;
    if (parse_seconds(p, &until.from) != 0)
        return -1;
    if (until.from < event->time.from)
        return err_set(p->e, &at, "this call ends before it begins");
    until.to = until.from;
    if (p->token.kind != TOKEN_WORD)
        return parse_wrong(p, "a system call", NULL);
    if (parse_call(p, event) != 0)
        return -1;
    event->call->blocking = true;
    event->call->until = until;
    return 0;
}

static int read_text(struct parser *p, struct drill_event *event, enum drill_event_kind kind)
{
    event->kind = kind;
    event->text = parse_copy(p);
    parse_next(p);
    return 0;
}

static int read_action(struct parser *p, struct drill_event *event)
{
    if (parse_is_sign(p, '<') || parse_is_sign(p, '>'))
        return parse_packet(p, event);
    switch (p->token.kind) {
    case TOKEN_ELLIPSIS:
        return read_blocking_call(p, event);
    case TOKEN_WORD:
        return parse_call(p, event);
    case TOKEN_COMMAND:
        return read_text(p, event, DRILL_COMMAND);
    case TOKEN_CODE:
        return read_text(p, event, DRILL_CODE);
    default:
        return parse_wrong(p, "a packet, a system call, a `command` or %{ code }%", NULL);
    }
}

/* The time's mark: only an outbound packet may come whenever, or within a range. */
static int check_time(struct parser *p, const struct drill_event *event, const struct mark *at)
{
    const bool single = event->time.when == WHEN_ABSOLUTE || event->time.when == WHEN_RELATIVE;
    if (single || (event->kind == DRILL_PACKET && event->packet->outbound))
        return 0;
    err_set(p->e, at, "%s is for outbound packets only",
            event->time.when == WHEN_ANY ? "'*'" : "a range of time");
    return parse_hint(p, "an event of the script itself needs one time, such as +0.5");
}

static bool is_absolute(const struct drill_event *event)
{
    return event->time.when == WHEN_ABSOLUTE || event->time.when == WHEN_ABSOLUTE_RANGE;
}

/* Times of the clock do not run back; relative ones between them may lead anywhere. */
static int check_order(struct parser *p, const struct drill_event *event, const struct mark *at)
{
    const struct drill_event *events = p->script->events;
    int i = p->script->n_events;
    while (is_absolute(event) && i > 0 && !is_absolute(&events[i - 1]))
        i--;
    if (!is_absolute(event) || i == 0 || events[i - 1].time.from <= event->time.from)
        return 0;
    return err_set(p->e, at, "this time is before that of line %d", events[i - 1].at.line);
}

static int read_event(struct parser *p)
{
    struct drill_script *s = p->script;
    s->events = memory_grow(p->memory, s->events, s->n_events, sizeof(*s->events));
    struct drill_event *event = &s->events[s->n_events];
    const struct mark first = p->token.at;
    if (read_time(p, &event->time) != 0)
        return -1;
    const struct mark time_at = lex_span(&first, &p->last);
    if (read_action(p, event) != 0 || check_time(p, event, &time_at) != 0 ||
        check_order(p, event, &time_at) != 0)
        return -1;
    event->at = lex_span(&first, &p->last);
    s->n_events++;
    return 0;
}

static bool begins_time(const struct parser *p)
{
    return p->token.kind == TOKEN_INTEGER || p->token.kind == TOKEN_FLOAT ||
           parse_is_sign(p, '+') || parse_is_sign(p, '*');
}

static int read_events(struct parser *p)
{
    while (begins_time(p))
        if (read_event(p) != 0)
            return -1;
    if (p->token.kind == TOKEN_OPTION) {
        err_set(p->e, &p->token.at, "a setting stands behind the first event or command");
        return parse_hint(p, "settings are the head of a script");
    }
    if (p->script->n_events == 0 || p->token.kind != TOKEN_COMMAND)
        return p->token.kind == TOKEN_END && p->script->n_events > 0
                   ? 0
                   : parse_wrong(p, "an event", TIME_HINT);
    p->script->cleanup_at = p->token.at;
    p->script->cleanup = parse_copy(p);
    parse_next(p);
    if (p->token.kind == TOKEN_END || p->token.kind == TOKEN_BAD)
        return p->token.kind == TOKEN_END ? 0 : -1;
    err_set(p->e, &p->last, "this command lacks its time");
    return parse_hint(p, "only the last command of a script, its cleanup, has none");
}

/* ---- the head ---- */

/* --define=X=v: setting is "X=v". The lexer looks for defines from the first on. */
static int add_define(struct parser *p, const char *setting)
{
    size_t n = 0;
    while (setting != NULL && lex_is_word(setting[n]))
        n++;
    if (n == 0 || setting[n] != '=') {
        err_set(p->e, &p->token.at, "this define is not WORD=text");
        return parse_hint(p, "write --define=PORT=8080");
    }
    if (p->lex.n_defines - p->n_given == DEFINES_MAX)
        return err_set(p->e, &p->token.at, "more than %d defines", DEFINES_MAX);
    struct drill_define *defines =
        memory_alloc(p->memory, (size_t)(p->lex.n_defines + 1) * sizeof(*defines));
    if (p->lex.n_defines > 0)
        memcpy(defines, p->lex.defines, (size_t)p->lex.n_defines * sizeof(*defines));
    defines[p->lex.n_defines].word = memory_slice(p->memory, setting, n);
    defines[p->lex.n_defines++].text = setting + n + 1;
    p->lex.defines = defines;
    return 0;
}

/* Each takes effect before the next token is read. */
static int read_settings(struct parser *p)
{
    struct drill_script *s = p->script;
    while (p->token.kind == TOKEN_OPTION) {
        s->settings = memory_grow(p->memory, s->settings, s->n_settings, sizeof(*s->settings));
        struct drill_setting *setting = &s->settings[s->n_settings++];
        setting->name = parse_copy(p);
        if (p->token.setting != NULL)
            setting->value = memory_slice(p->memory, p->token.setting, p->token.n_setting);
        setting->at = p->token.at;
        if (p->token.setting != NULL && p->token.n_setting == 0 &&
            p->lex.text[p->token.to - 1] == '=')
            return err_set(p->e, &p->token.at, "--%s= lacks its value", setting->name);
        if (strcmp(setting->name, "define") == 0 && add_define(p, setting->value) != 0)
            return -1;
        parse_next(p);
    }
    return 0;
}

static int read_script(struct parser *p)
{
    parse_next(p);
    if (read_settings(p) != 0)
        return -1;
    if (p->token.kind == TOKEN_COMMAND) {
        p->script->init_at = p->token.at;
        p->script->init = parse_copy(p);
        parse_next(p);
    }
    return read_events(p);
}

/* ---- the three public functions ---- */

struct drill_script *drill_script_parse(const char *name, const char *text, size_t n,
                                        const struct drill_define *defines, int n_defines,
                                        struct err *e)
{
    struct memory *memory = memory_new();
    struct drill_script *script = memory_alloc(memory, sizeof(*script));
    script->memory = memory;
    struct parser p = {.script = script, .memory = memory, .e = e, .n_given = n_defines};
    const char *path = memory_slice(memory, name, strlen(name));
    if (n > FILE_MAX_BYTES) {
        err_set(e, &(struct mark){.path = path}, "the script is larger than 1 MiB");
    } else {
        lex_init(&p.lex, memory, path, text, n, e);
        p.lex.defines = defines;
        p.lex.n_defines = n_defines;
        if (read_script(&p) == 0)
            return script;
    }
    drill_script_free(script);
    return NULL;
}

/* What is wrong, or NULL. */
static const char *read_all(FILE *f, char *text, size_t *n)
{
    *n = fread(text, 1, FILE_MAX_BYTES + 1, f);
    return ferror(f) ? strerror(errno) : NULL;
}

struct drill_script *drill_script_load(const char *path, const struct drill_define *defines,
                                       int n_defines, struct err *e)
{
    const struct mark at = {.path = path};
    const bool is_stdin = strcmp(path, "-") == 0;
    FILE *f = is_stdin ? stdin : fopen(path, "rb");
    if (f == NULL) {
        err_set(e, &at, "cannot open the script: %s", strerror(errno));
        return NULL;
    }
    struct drill_script *script = NULL;
    size_t n = 0;
    char *text = malloc(FILE_MAX_BYTES + 1);
    const char *wrong = text != NULL ? read_all(f, text, &n) : strerror(ENOMEM);
    if (!is_stdin)
        fclose(f);
    if (wrong != NULL)
        err_set(e, &at, "cannot read the script: %s", wrong);
    else
        script = drill_script_parse(is_stdin ? "stdin" : path, text, n, defines, n_defines, e);
    free(text);
    return script;
}

void drill_script_free(struct drill_script *s)
{
    if (s != NULL)
        memory_free(s->memory);
}
