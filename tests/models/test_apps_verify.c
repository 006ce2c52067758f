/* SPDX-License-Identifier: GPL-3.0-or-later
 * Checkers checked: wrong bytes are handed to the verifier on purpose; the registry's rows are
 * what they promise.
 */
#include "models/apps/request.h"
#include "models/apps/server.h"
#include "tests/models/apps_base.h"
#include "tests/models/apps_world.h"

#include <errno.h>

enum { OURS = 7, OTHER = 3 }; /* streams */

/* Rows: extents in the order in which they are read, and what each must count as. */
/* clang-format off */
static const struct row {
    const char *story;
    struct { uint32_t stream; uint64_t offset; uint32_t len; } read[4]; /* len 0 ends */
    int64_t verified, wrong_stream, out_of_place;
} rows[] = {
    {"in order", {{OURS, 0, 100}, {OURS, 100, 50}}, 150, 0, 0},
    {"all behind a gap stands elsewhere",
     {{OURS, 0, 100}, {OURS, 120, 10}, {OURS, 130, 5}}, 100, 0, 15},
    {"twice the same: what follows stands behind the second",
     {{OURS, 0, 100}, {OURS, 0, 100}, {OURS, 100, 1}}, 100, 0, 101},
    {"an earlier lap's bytes in the place of right ones: what follows is right",
     {{OURS, 0, 100}, {OURS, 4000, 20}, {OURS, 120, 5}}, 105, 0, 20},
    {"not from the start", {{OURS, 1, 10}}, 0, 0, 10},
    {"of an older incarnation", {{OTHER, 0, 100}}, 0, 100, 0},
    {"wrong bytes in the place of right ones",
     {{OURS, 0, 10}, {OTHER, 10, 20}, {OURS, 30, 5}}, 15, 20, 0},
    {"right offset, wrong stream, at the right place of neither",
     {{OURS, 0, 10}, {OTHER, 500, 1}, {OURS, 10, 5}},
     10, 1, 5},
    {"beyond 4 GiB",
     {{OURS, 0, 4294967295u}, {OURS, 4294967295u, 10}, {OURS, 9, 1}}, 4294967305, 0, 1},
};
/* clang-format on */

static const struct server_params WEB = {SERVER_BASE, .port = 80, .reply = 1000,
                                         .close = "after-eof", .read = true};

static void wrong_bytes_are_seen(void **state)
{
    for (const struct row *r = rows; r < rows + ARRAY_LEN(rows); r++) {
        struct world w = world_new();
        struct app *a = world_app(&w, SERVER, "web", &APP_SERVER, &WEB, NULL);
        uint64_t next = 0;
        for (size_t i = 0; i < ARRAY_LEN(r->read) && r->read[i].len != 0; i++) {
            const struct tcp_extent x = {r->read[i].offset, r->read[i].stream, r->read[i].len,
                                         0};
            app_check_extent(a, 1, OURS, &next, &x);
        }
        check_eq(r->story, a->bytes_verified, r->verified);
        check_eq(r->story, a->bytes_wrong_stream, r->wrong_stream);
        check_eq(r->story, a->bytes_out_of_place, r->out_of_place);
        check_eq(r->story, world_metric(&w, a, "bytes_wrong_stream"), r->wrong_stream);
        world_free(&w);
    }
}

static void wrong_bytes_are_told(void **state)
{
    const char *story = "records";
    const struct tcp_extent wrong = {40, OTHER, 10, 0}, early = {40, OURS, 10, 0},
                            right = {20, OURS, 10, 0};
    struct diary diary = diary_new();
    struct world w = world_new();
    struct app *a = world_app(&w, SERVER, "web", &APP_SERVER, &WEB, NULL);
    uint64_t next = 0;

    sim_listen(w.sim, &diary.listener);
    sim_run_until(w.sim, MS(5));
    app_check_extent(a, 9, OURS, &next, &wrong);
    app_check_extent(a, 9, OURS, &next, &early);
    sim_run_until(w.sim, MS(6));
    app_check_extent(a, 9, OURS, &next, &right);
    check_eq(story, diary.n, 2);
    check_eq(story, diary.events[0].subject, a->subject);
    check_eq(story, diary.events[0].conn, 9);
    check_str(story, diary.events[0].kind, "wrong-stream");
    check_str(story, diary.events[0].detail, "10 bytes of stream 3 at 40, not of stream 7");
    check_str(story, diary.events[1].kind, "out-of-place");
    check_str(story, diary.events[1].detail, "10 bytes from 40, not from 10");
    check_eq(story, a->first_byte_at, MS(5));
    check_eq(story, a->last_byte_at, MS(6));
    sim_listen(w.sim, NULL);
    world_free(&w);
}

/* Every row of a kind: named once, helped, and with a default that its own kind accepts. */
static void check_keys(const char *story, const struct key *keys)
{
    for (const struct key *k = keys; k->name != NULL; k++) {
        int64_t parsed;
        struct err e = {0};
        bool found =
            k->kind != KEY_CHOICE || k->default_text == NULL || k->default_text[0] == 0;
        check_true(k->name, k->help != NULL && k->help[0] != '\0');
        if (k->kind == KEY_QUANTITY && k->default_text != NULL && k->default_text[0] != '\0')
            check_eq(k->name, unit_parse(k->default_text, k->unit, &parsed, NULL, &e), 0);
        for (const struct choice *c = k->choices; k->kind == KEY_CHOICE && c->name != NULL;
             c++) {
            found = found || strcmp(c->name, k->default_text) == 0;
            check_true(c->name, c->help != NULL && c->help[0] != '\0');
        }
        check_true(k->name, found);
        for (const struct key *other = keys; other < k; other++)
            check_true(story, strcmp(other->name, k->name) != 0);
        if (k->sub != NULL)
            check_keys(k->name, k->sub);
    }
}

static void the_registry_is_sound(void **state)
{
    for (const struct app_kind *const *kind = APP_KINDS; *kind != NULL; kind++) {
        check_keys((*kind)->name, (*kind)->keys);
        for (const struct key *k = (*kind)->keys; k->name != NULL; k++)
            if (strcmp(k->name, "to") == 0)
                check_true((*kind)->name, k->kind == KEY_NAME && k->refers == REFERS_APP);
        for (const struct metric *m = (*kind)->metrics; m->name != NULL; m++) {
            check_true(m->name, m->help != NULL);
            for (const struct metric *common = APP_METRICS; common->name != NULL; common++)
                check_true(m->name, strcmp(m->name, common->name) != 0);
            for (const struct metric *tcp = TCP_METRICS; tcp->name != NULL; tcp++)
                check_true(m->name, strcmp(m->name, tcp->name) != 0);
        }
    }
}

static void check_misfit(const char *story, struct misfit got, const char *key,
                         const char *sentence)
{
    check_str(story, got.sentence, sentence);
    check_str(story, got.key, key);
    check_true(story, got.list == NULL);
}

static void parameters_that_do_not_go_together(void **state)
{
    const struct server_params deaf = {SERVER_BASE, .request = 100, .close = "never",
                                       .read = false};
    const struct server_params mute = {SERVER_BASE, .close = "after-reply", .read = true};
    const struct request_params half = {
        .client = {CLIENT_BASE, .close = "after-send"}, .half_close = true, REQUEST_BASE};

    check_misfit("a deaf server", APP_SERVER.check(&deaf), "request",
                 "a server with read: no cannot count a request's bytes: leave request out");
    check_misfit("a mute server", APP_SERVER.check(&mute), "close",
                 "close: after-reply needs a reply");
    check_misfit("half a close", APP_REQUEST.check(&half), "half_close",
                 "half_close needs a close that waits: after-reply, after-eof or never");
}

static void errors_have_names(void **state)
{
    check_str("name", app_error_name(ECONNRESET), "ECONNRESET");
    check_str("no name", app_error_name(0), "?");
    check_eq("number", app_error_number("EADDRINUSE"), EADDRINUSE);
    check_eq("no number", app_error_number("0"), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_bytes_are_seen),
        cmocka_unit_test(wrong_bytes_are_told),
        cmocka_unit_test(the_registry_is_sound),
        cmocka_unit_test(parameters_that_do_not_go_together),
        cmocka_unit_test(errors_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
