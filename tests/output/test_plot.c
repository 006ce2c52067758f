/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What all kinds of pictures share, and the checkers that their tests rely on.
 */
#include "output/plot.h"

#include <sys/wait.h>

#include "output/db.h"
#include "output/words.h"
#include "tests/output/picture.h"
#include "tests/output/scenes.h"

static int set_up(void **state)
{
    picture_names("plot");
    scenes_record(picture_db);
    return 0;
}

static int draw(const char *kind, const char *out, struct err *e)
{
    *e = (struct err){0};
    const struct plot_request req = {.db_path = picture_db, .out_path = out, .lang = "en"};
    return plot_kind_find(kind)->draw(&req, e);
}

/* The checker finds what it looks for. */
static void checker_finds_an_overlap(void **state)
{
    static const char source[] =
        "<g transform=\"translate(100.00,50.00)\" font-size=\"14.00\"  "
        "text-anchor=\"middle\">\n"
        "<text><tspan font-family=\"DejaVu Sans\" >ESTABLISHED</tspan></text></g>\n"
        "<g transform=\"translate(%s) rotate(10)\" font-size=\"14.00\"  "
        "text-anchor=\"start\">\n"
        "<text><tspan font-family=\"DejaVu Sans\"  font-weight=\"bold\" "
        ">SYN</tspan></text></g>";
    char svg[1000], first[500];
    snprintf(svg, sizeof(svg), source, "130.00,50.00");
    svg_parse(&picture, svg);
    check_eq("overlap", svg_overlaps(&picture, first), 1);
    check_str("tells which", first, "'ESTABLISHED' on 'SYN'");
    snprintf(svg, sizeof(svg), source, "130.00,80.00");
    svg_parse(&picture, svg);
    check_eq("apart", svg_overlaps(&picture, first), 0);
}

/* So does what looks for texts beyond the edge; a turned one is as high as it is long. */
static void checker_finds_a_clipped_text(void **state)
{
    static const struct {
        const char *place;
        int n;
    } rows[] = {
        {"50.00,50.00", 0},
        {"10.00,50.00", 1},
        {"95.00,50.00", 1},
        {"50.00,2.00", 1},
        {"50.00,99.00", 1},
        {"10.00,50.00) rotate(-90", 0},
        {"50.00,10.00) rotate(-90", 1},
    };
    char svg[600], first[500];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        snprintf(svg, sizeof(svg),
                 "<svg \n width=\"100\" height=\"100\"\n>"
                 "<g transform=\"translate(%s)\" font-size=\"12.00\" text-anchor=\"middle\">"
                 "<text>CLOSED</text></g>",
                 rows[i].place);
        svg_parse(&picture, svg);
        check_eq(rows[i].place, svg_clipped(&picture, first), rows[i].n);
    }
}

/* And what reads shapes: data only, not axes. */
static void shapes_are_read(void **state)
{
    svg_parse(&picture,
              "<svg width=\"9\" height=\"9\"><path stroke='rgb( 1,  1,  1)' d='M1,2 L3,4 '/>"
              "<g id=\"gnuplot_plot_1\" ><title>$data0</title>\n<g>\n"
              "\t<path stroke='rgb(  0, 114, 178)'  d='M1.5,2 L3,4\n\t\tL5,-6 '/></g>\n\t</g>\n"
              "<g id=\"gnuplot_plot_2\" >\n<g>\n\t<use xlink:href='#gpPt6' "
              "transform='translate(7,8) scale(1)' color='rgb(255,   0,   1)'/></g>\n\t</g>\n"
              "<path stroke='rgb( 1,  1,  1)' d='M1,2 L3,4 '/>");
    check_eq("curves", picture.n_curves, 1);
    check_eq("points", picture.curves[0].n_points, 3);
    check_true("extent", picture.curves[0].left == 1.5 && picture.curves[0].right == 5 &&
                             picture.curves[0].top == -6 && picture.curves[0].bottom == 4);
    check_eq("colour", picture.curves[0].color, 0x0072B2);
    check_eq("marks", picture.n_marks, 1);
    check_true("mark", picture.marks[0].type == 6 && picture.marks[0].left == 7 &&
                           picture.marks[0].top == 8 && picture.marks[0].color == 0xFF0001);
}

/* The same picture in each format, whole or not at all. */
static void formats_are_what_they_say(void **state)
{
    static const struct {
        const char *name, *magic;
    } rows[] = {{"x.png", "\x89PNG"}, {"x.svg", "<?xml"}, {"x.pdf", "%PDF"}};
    static const char *const kinds[] = {"ladder", "states", "dwell"};
    struct err e;
    char path[128], part[160], head[8];
    for (size_t i = 0; i < ARRAY_LEN(rows) * ARRAY_LEN(kinds); i++) {
        const char *magic = rows[i % ARRAY_LEN(rows)].magic;
        temp_path(path, rows[i % ARRAY_LEN(rows)].name);
        draw(kinds[i / ARRAY_LEN(rows)], path, &e);
        check_str(path, e.text, "");
        FILE *f = fopen(path, "rb");
        head[fread(head, 1, strlen(magic), f)] = '\0';
        fclose(f);
        check_str(path, head, magic);
        snprintf(part, sizeof(part), "%s.part", path);
        check_eq("nothing else is left", access(part, F_OK), -1);
        unlink(path);
    }
}

static void draw_without_gnuplot(void)
{
    struct err e;
    setenv("PATH", "/nonexistent", 1);
    const int rc = draw("ladder", picture_path, &e);
    _exit(rc == -1 &&
                  strcmp(e.text, "gnuplot is not installed; its package is gnuplot-nox") == 0
              ? 0
              : 1);
}

static void refusals_are_sentences(void **state)
{
    struct err e;
    check_eq("format", draw("states", "x.gif", &e), -1);
    check_str("format", e.text, "x.gif: a picture's name ends in .png, .svg or .pdf");
    check_eq("nowhere", draw("ladder", "/nonexistent/x.svg", &e), -1);
    check_true(e.text, strstr(e.text, "/nonexistent/x.svg") != NULL);
    const pid_t pid = fork();
    if (pid == 0)
        draw_without_gnuplot();
    int status;
    waitpid(pid, &status, 0);
    check_eq("no gnuplot", status, 0);
}

/* The views that pictures need came with the schema's second version. */
static void older_files_say_so(void **state)
{
    struct err e;
    sqlite3 *db;
    sqlite3_open(picture_db, &db);
    sqlite3_exec(db, "PRAGMA user_version = 1", NULL, NULL, NULL);
    check_eq("older", draw("dwell", picture_path, &e), -1);
    check_true(e.text, strstr(e.text, ": written by an older halfopen (schema 1, ") != NULL);
    check_str("hint", e.hint, "run the experiment again");
    check_eq("a ladder needs no new view", draw("ladder", picture_path, &e), 0);
    sqlite3_exec(db, "PRAGMA user_version = 2", NULL, NULL, NULL);
    sqlite3_close(db);
}

static void kinds_are_found(void **state)
{
    for (const struct plot_kind *kind = PLOT_KINDS; kind->name != NULL; kind++)
        check_true(kind->name, plot_kind_find(kind->name) == kind);
    check_true("another", plot_kind_find("lader") == NULL);
}

/* Every word is there in every language. */
static void languages_are_complete(void **state)
{
    for (int lang = 0; LANGUAGES[lang] != NULL; lang++)
        for (int w = 0; w < N_WORDS; w++)
            assert_non_null(word_in(lang, w));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checker_finds_an_overlap),
        cmocka_unit_test(checker_finds_a_clipped_text),
        cmocka_unit_test(shapes_are_read),
        cmocka_unit_test(formats_are_what_they_say),
        cmocka_unit_test(refusals_are_sentences),
        cmocka_unit_test(older_files_say_so),
        cmocka_unit_test(kinds_are_found),
        cmocka_unit_test(languages_are_complete),
    };
    return cmocka_run_group_tests(tests, set_up, picture_remove);
}
