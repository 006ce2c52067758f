/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output/gnuplot.h"

#include <errno.h>
#include <math.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "output/font.h"

extern char **environ;

/* The width of a mark of pointsize 1, about. */
#define POINT_PIXELS 8.0

/* Terminals measure fonts differently: pngcairo at 96 dpi, pdfcairo at half a point; scaled so
 * that one size is one pixel everywhere. A PDF's point is a pixel. */
static const struct format {
    const char *ending;
    const char *terminal; /* width, height */
    double length_unit;
} FORMATS[] = {
    {"png",
     "pngcairo enhanced fontscale 0.75 dashlength 2.2 background '#FFFFFF' size %.0f,%.0f", 1},
    {"svg", "svg enhanced background '#FFFFFF' size %.0f,%.0f", 1},
    {"pdf",
     "pdfcairo enhanced fontscale 0.75 linewidth 2 dashlength 2.2 background '#FFFFFF' size "
     "%.5fin,%.5fin",
     72},
};

static const struct format *format_of(const char *path)
{
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot != NULL && i < ARRAY_LEN(FORMATS); i++)
        if (strcmp(dot + 1, FORMATS[i].ending) == 0)
            return &FORMATS[i];
    return NULL;
}

int canvas_begin(struct canvas *c, const char *out_path, double width, double height,
                 struct err *e)
{
    const struct format *format = format_of(out_path);
    if (format == NULL)
        return err_set(e, NULL, "%s: a picture's name ends in .png, .svg or .pdf", out_path);
    *c = (struct canvas){.format = format->ending};
    c->script = open_memstream(&c->text, &c->size);
    c->plots = open_memstream(&c->plots_text, &c->plots_size);
    if (c->script == NULL || c->plots == NULL)
        return err_set(e, NULL, "no memory for a picture: %s", strerror(errno));
    fputs("set terminal ", c->script);
    fprintf(c->script, format->terminal, width / format->length_unit,
            height / format->length_unit);
    fputs(" font 'DejaVu Sans,12'\n", c->script);
    fputs("set lmargin at screen 0\nset rmargin at screen 1\nset tmargin at screen 1\nset "
          "bmargin at screen 0\n"
          "unset border\nunset tics\nunset key\n",
          c->script);
    fprintf(c->script, "set xrange [0:%.0f]\nset yrange [%.0f:0]\n", width, height);
    return 0;
}

static void put_dash(FILE *f, const char *dash)
{
    if (strcmp(dash, "solid") == 0)
        fputs(" dashtype solid", f);
    else
        fprintf(f, " dashtype (%s)", dash);
}

void canvas_line(struct canvas *c, double x1, double y1, double x2, double y2,
                 const struct pen *pen)
{
    fprintf(c->script,
            "set arrow from %.2f,%.2f to %.2f,%.2f nohead linewidth %.2f linecolor rgb '%s'",
            x1, y1, x2, y2, pen->width, pen->color);
    put_dash(c->script, pen->dash);
    putc('\n', c->script);
}

void canvas_head(struct canvas *c, double x1, double y1, double x2, double y2,
                 const char *color)
{
    enum { LENGTH = 13, HALF_WIDTH = 5 };
    const double d = hypot(x2 - x1, y2 - y1);
    if (d == 0)
        return;
    const double ux = (x2 - x1) / d, uy = (y2 - y1) / d;
    const double bx = x2 - LENGTH * ux, by = y2 - LENGTH * uy;
    fprintf(c->script,
            "set object polygon from %.2f,%.2f to %.2f,%.2f to %.2f,%.2f to %.2f,%.2f front "
            "fillstyle solid noborder "
            "fillcolor rgb '%s'\n",
            x2, y2, bx - HALF_WIDTH * uy, by + HALF_WIDTH * ux, bx + HALF_WIDTH * uy,
            by - HALF_WIDTH * ux, x2, y2, color);
}

void canvas_dot(struct canvas *c, double x, double y, double radius, const char *color)
{
    fprintf(c->script,
            "set object circle at %.2f,%.2f size %.2f front fillstyle solid noborder fillcolor "
            "rgb '%s'\n",
            x, y, radius, color);
}

void canvas_blank(struct canvas *c, double x, double y, double width, double height)
{
    fprintf(c->script,
            "set object rectangle center %.2f,%.2f size %.2f,%.2f front fillstyle solid "
            "noborder fillcolor rgb '#FFFFFF'\n",
            x, y, width, height);
}

/* Writes the points as a named block; columns are x, y, and y2 unless NULL. The block's name is
 * put into the plot command, the caller says how it looks. */
static void put_data(struct canvas *c, const double *x, const double *y, const double *y2,
                     size_t n)
{
    fprintf(c->script, "$data%d << END\n", c->n_data);
    for (size_t i = 0; i < n; i++) {
        fprintf(c->script, "%.2f %.2f", x[i], y[i]);
        if (y2 != NULL)
            fprintf(c->script, " %.2f", y2[i]);
        putc('\n', c->script);
    }
    fputs("END\n", c->script);
    fprintf(c->plots, "%s $data%d", c->n_data == 0 ? "plot" : ",", c->n_data);
    c->n_data++;
}

/* Data too: a rectangle that is set as an object would lie under lines. */
void canvas_box(struct canvas *c, double x, double y, double width, double height,
                const char *color)
{
    const double xs[] = {x - width / 2, x + width / 2},
                 low[] = {y - height / 2, y - height / 2},
                 high[] = {y + height / 2, y + height / 2};
    canvas_band(c, xs, low, high, 2, color);
}

static void put_curve(struct canvas *c, const double *x, const double *y, size_t n,
                      const char *how, const struct pen *pen)
{
    put_data(c, x, y, NULL, n);
    fprintf(c->plots, " with %s linewidth %.2f linecolor rgb '%s'", how, pen->width,
            pen->color);
    put_dash(c->plots, pen->dash);
}

void canvas_curve(struct canvas *c, const double *x, const double *y, size_t n,
                  const struct pen *pen)
{
    put_curve(c, x, y, n, "lines", pen);
}

void canvas_steps(struct canvas *c, const double *x, const double *y, size_t n,
                  const struct pen *pen)
{
    put_curve(c, x, y, n, "steps", pen);
}

void canvas_band(struct canvas *c, const double *x, const double *low, const double *high,
                 size_t n, const char *color)
{
    put_data(c, x, low, high, n);
    fprintf(c->plots,
            " using 1:2:3 with filledcurves fillstyle solid noborder fillcolor rgb '%s'",
            color);
}

void canvas_marks(struct canvas *c, const double *x, const double *y, size_t n,
                  enum mark_shape shape, double size, const char *color)
{
    static const int POINT_TYPES[N_MARK_SHAPES] = {
        [MARK_CIRCLE] = 7, [MARK_SQUARE] = 5, [MARK_TRIANGLE] = 9, [MARK_DIAMOND] = 13,
        [MARK_WEDGE] = 11, [MARK_RING] = 6,   [MARK_CROSS] = 2,
    };
    put_data(c, x, y, NULL, n);
    fprintf(c->plots, " with points pointtype %d pointsize %.3f linewidth 2 linecolor rgb '%s'",
            POINT_TYPES[shape], size / POINT_PIXELS, color);
}

/* Quoted for gnuplot's enhanced mode, in which alone SVG knows bold; control characters are
 * dropped. */
static void put_quoted(FILE *f, const char *text, bool bold)
{
    fputs(bold ? "'{/:Bold " : "'", f);
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < 32)
            continue;
        if (strchr("^_{}@&~\\", *text) != NULL)
            putc('\\', f);
        if (*text == '\'')
            putc('\'', f);
        putc(*text, f);
    }
    fputs(bold ? "}'" : "'", f);
}

void canvas_text(struct canvas *c, double x, double y, enum anchor anchor, double angle,
                 const struct type_style *style, const char *text)
{
    static const char *const ANCHORS[] = {"left", "center", "right"};
    fputs("set label ", c->script);
    put_quoted(c->script, text, style->bold);
    fprintf(c->script,
            " at %.2f,%.2f %s rotate by %.3f front font '%s,%.1f' textcolor rgb '%s'\n", x, y,
            ANCHORS[anchor], angle * 180 / M_PI,
            font_is_cjk(text) ? "Noto Sans CJK SC" : "DejaVu Sans", style->size, style->color);
}

/* A socket, not a pipe: writing to a gnuplot that has died must be an error, not a signal. */
static int start(int *input, FILE *errors, pid_t *pid)
{
    int ends[2];
    *input = -1;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return errno;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, fileno(errors), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, fileno(errors), STDERR_FILENO);
    char *argv[] = {"gnuplot", "--default-settings", "-", NULL};
    const int rc = posix_spawnp(pid, "gnuplot", &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[0]);
    *input = ends[1];
    if (rc != 0)
        close(ends[1]);
    return rc;
}

static void feed(int fd, const char *text, size_t size)
{
    while (size > 0) {
        const ssize_t n = send(fd, text, size, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return; /* its exit status tells */
        text += n;
        size -= (size_t)n;
    }
}

/* gnuplot echoes the command, points at it with a caret, and says "line 7: what is wrong". */
static int complaint(FILE *errors, struct err *e)
{
    char line[256], last[256] = "gnuplot failed";
    rewind(errors);
    while (fgets(line, sizeof(line), errors) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        const char *text = strstr(line, ": ");
        if (text != NULL)
            snprintf(last, sizeof(last), "%s", text + 2);
    }
    return err_set(e, NULL, "gnuplot: %s", last);
}

static int run_gnuplot(const struct canvas *c, struct err *e)
{
    FILE *errors = tmpfile();
    if (errors == NULL)
        return err_set(e, NULL, "no temporary file: %s", strerror(errno));
    int input, status = 0;
    pid_t pid;
    const int rc = start(&input, errors, &pid);
    int result = -1;
    if (rc == ENOENT) {
        err_set(e, NULL, "gnuplot is not installed; its package is gnuplot-nox");
    } else if (rc != 0) {
        err_set(e, NULL, "cannot start gnuplot: %s", strerror(rc));
    } else {
        feed(input, c->text, c->size);
        close(input);
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
            ;
        result = WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : complaint(errors, e);
    }
    fclose(errors);
    return result;
}

/* gnuplot's own sentence would not name the file. */
static int check_writable(const char *path, struct err *e)
{
    FILE *f = fopen(path, "w");
    if (f == NULL)
        return err_set(e, NULL, "%s: %s", path, strerror(errno));
    fclose(f);
    return 0;
}

int canvas_finish(struct canvas *c, const char *out_path, struct err *e)
{
    char part[4096];
    snprintf(part, sizeof(part), "%s.part", out_path);
    fputs("set output '", c->script);
    for (const char *p = part; *p != '\0'; p++)
        fputs(*p == '\'' ? "\'\'" : (const char[]){*p, '\0'}, c->script);
    fclose(c->plots);
    fprintf(c->script, "'\n%s\nunset output\n", c->n_data > 0 ? c->plots_text : "plot NaN");
    free(c->plots_text);
    fclose(c->script);
    int result = check_writable(part, e);
    result = result == 0 ? run_gnuplot(c, e) : result;
    if (result == 0 && rename(part, out_path) != 0)
        result = err_set(e, NULL, "%s: %s", out_path, strerror(errno));
    if (result != 0) {
        unlink(part);
        err_failure(e);
    }
    free(c->text);
    return result;
}
