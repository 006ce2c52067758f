/* SPDX-License-Identifier: GPL-3.0-or-later
 * Files that are no YAML, or hardly: the exact message of each. What libyaml would have said is
 * nowhere: it speaks of tokens, and often of another line.
 */
#include "tests/experiments/broken.h"

/* clang-format off */
static const struct broken rows[] = {
    /* YAML */
    {"@@", NULL, "the file is empty", "an experiment needs at least 'topology' and 'stop'"},
    {"@#@ nothing\n---\n", NULL, "the file is empty", "an experiment needs at least 'topology' and 'stop'"},
    {"@-@ a\n", NULL, "an experiment is a map of keys, not a list", ""},
    {"@just words@\n", NULL, "an experiment is a map of keys, not 'just words'", ""},
    {"topology: {two-hosts: {}\n@s@top: 1s\n", NULL, "',' or '}' is missing before this",
     "the '{' stands at line 1, column 11"},
    {"topology:\n@\t@two-hosts: {}\n", NULL, "a tab stands in the indentation",
     "indent with spaces"},
    {"stop: 1s\n@stop@: 2s\n", NULL, "the key 'stop' stands twice in this map", "the first is at line 1, column 1"},
    {TOP "apps: @&@web {}\n", NULL, "YAML anchors are not part of the language",
     "use 'extends', 'let' or 'variants' instead of repeating"},
    {TOP "apps: @*web@\n", NULL, "YAML aliases are not part of the language",
     "use 'extends', 'let' or 'variants' instead of repeating"},
    {TOP "apps: {@<<@: {}}\n", NULL, "YAML merge keys are not part of the language", "use 'extends' or 'variants'"},
    {TOP "let: {a: @!@!str 1}\n", NULL, "YAML tags are not part of the language", "a value's kind follows from its key"},
    {TOP "@---@\nstop: 2s\n", NULL, "a second document begins here", "one experiment is one file"},
    {TOP "apps: {@{@a: b}: c}\n", NULL, "a key must be a word", "a map is written {key: value}"},
    {TOP "apps: {@~@: c}\n", NULL, "a key must be a word", "a map is written {key: value}"},
    {TOP "tcp: {handshake: @\"a\\0b\"@}\n", NULL, "a text must not contain the character NUL", "leave out the \\0"},
    {TOP "x: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[@[@]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n", NULL,
     "maps and lists are nested too deeply", "40 levels are the limit"},

    /* brackets, quotes, indentation */
    {TOP "tcp: {msl: 3s nagle@:@ no}\n", NULL, "',' or '}' is missing before this", "the '{' stands at line 3, column 6"},
    {TOP "sweep: {m: [1s, 2s@}@\ntcp: {msl: $m}\n", NULL, "',' or ']' is missing before this", "the '[' stands at line 3, column 12"},
    {"topology: {two-hosts: {}}@}@\nstop: 1s\n", NULL, "this '}' closes nothing", ""},
    {TOP "expect: []@]@\n", NULL, "this ']' closes nothing", ""},
    {TOP "name: @\"@abc\ntcp: {}\n", NULL, "the quote that begins here is not closed", "a text ends with the quote with which it begins"},
    {TOP "tcp: {profile: @'@linux}\n", NULL, "the quote that begins here is not closed", "a text ends with the quote with which it begins"},
    {TOP "tcp:\n  msl: 3s\n @n@agle: no\n", NULL, "no key can begin here", "those of this map begin at line 1, column 1"},
    {TOP "tcp:\n  msl: 3s\n    nagle@:@ no\n", NULL, "a ':' cannot stand here",
     "keys of a map stand below one another, and a text with a ': ' in quotes"},
    {TOP "description: two hosts@:@ a client\n", NULL, "a ':' cannot stand here",
     "keys of a map stand below one another, and a text with a ': ' in quotes"},
    {TOP "expect:\n  - {metric: a.b, is: 1, source: x}\n  @m@etric: c\n", NULL, "an item of the list begins with '- '",
     "its items begin at line 4, column 3"},
    {TOP "expect: @-@ {metric: a.b}\n", NULL, "a list cannot begin here", "begin it on a line of its own, or write [a, b]"},
    {TOP "tcp:\n  msl: 3s\n@\t@nagle: no\n", NULL, "a tab stands in the indentation", "indent with spaces"},
    {TOP "tcp:\n @\t@msl: 3s\n", NULL, "a tab stands in the indentation", "indent with spaces"},
    {"topology: two-hosts\n@s@top = 1s\n", NULL, "this is neither 'key: value' nor an item of a list", "a key ends with a colon and a space"},
    {"topology: two-hosts\nstop@:@1s\n", NULL, "a space is missing behind the ':'", "write stop: 1s"},
    {"stop@:@1s\ntopology: two-hosts\n", NULL, "a space is missing behind the ':'", "write stop: 1s"},
    {TOP "tcp: {@msl:3s@}\n", NULL, "unknown key 'msl:3s' in tcp", "a space is missing behind the ':': write msl: 3s"},
    {TOP "name: @`@x\n", NULL, "a value cannot begin with this character", "put the text in quotes"},
    {TOP "description: @*@\n", NULL, "a value cannot begin with this character", "put the text in quotes"},
    {TOP "description: \"a @\\@q\"\n", NULL, "unknown escape in double quotes", "write \\\\ for a backslash, or put the text in single quotes"},
    {TOP "tcp: {@,@}\n", NULL, "a value is missing before this", ""},
    {TOP "description: |@x@\n  a\n", NULL, "this is not YAML: did not find expected comment or line break", ""},

    {TOP "tcp: {msl: @$@{m}}\nlet: {m: 3s}\n", NULL, "a $name has no braces", "write $m"},
    {TOP "expect: [\n@@", NULL, "the file ends where a value should stand", "a '[' or a '{' is not closed"},

    /* characters of another keyboard: punctuation, digits, spaces, quotes */
    {"topology: two-hosts\nstop@：@1s\n", NULL, "'：' is a full-width character (U+FF1A)", "write ':'"},
    {"topology@：@two-hosts\nstop: 1s\n", NULL, "'：' is a full-width character (U+FF1A)", "write ':'"},
    {TOP "tcp@：@{msl: 3s}\n", NULL, "'：' is a full-width character (U+FF1A)", "write ':'"},
    {TOP "tcp: {msl@：@3s}\n", NULL, "'：' is a full-width character (U+FF1A)", "write ':'"},
    {TOP "tcp: {msl: 3s@，@nagle: no}\n", NULL, "'，' is a full-width character (U+FF0C)", "write ','"},
    {TOP "tcp: {msl: 3s@，@ nagle: no}\n", NULL, "'，' is a full-width character (U+FF0C)", "write ','"},
    {TOP "tcp: {msl: 3s@、@nagle: no}\n", NULL, "'、' is a full-width comma (U+3001)", "write ','"},
    {"topology: @｛@two-hosts: {}｝\nstop: 1s\n", NULL, "'｛' is a full-width character (U+FF5B)", "write '{'"},
    {TOP "sweep: {m: [1s@，@2s]}\ntcp: {msl: $m}\n", NULL, "'，' is a full-width character (U+FF0C)", "write ','"},
    {"topology: two-hosts\nstop: @１@s\n", NULL, "'１' is a full-width character (U+FF11)", "write '1'"},
    {"topology: two-hosts\nstop: \"1@０@s\"\n", NULL, "'０' is a full-width character (U+FF10)", "write '0'"},
    {TOP "tcp: {nagle: @ｎ@o}\n", NULL, "'ｎ' is a full-width character (U+FF4E)", "write 'n'"},
    {"topology: two-hosts\nstop: @“@1s”\n", NULL, "'“' is a curly quote (U+201C)", "write a straight quote"},
    {TOP "tcp: {profile: @‘@linux’}\n", NULL, "'‘' is a curly quote (U+2018)", "write a straight quote"},
    {TOP "tcp:\n@　@ msl: 3s\n", NULL, "'　' is a full-width space (U+3000)", "write an ordinary space"},
    {TOP "tcp:\n  msl: 3@\xC2\xA0@s\n", NULL, "'\xC2\xA0' is a no-break space (U+00A0)", "write an ordinary space"},
    {"topology: two-hosts\nstop: 10@µ@s\n", NULL, "'µ' is a micro sign (U+00B5)", "write 'u'"},
    {TOP "links: {client@→@server: {loss: 1%}}\n", NULL, "'→' is an arrow (U+2192)", "write '->'"},
    {TOP "tcp: {msl: @−@3s}\n", NULL, "'−' is a minus sign (U+2212)", "write '-'"},
    {TOP WEB "expect: [{metric: web.ghosts, is: 1@＋@1, source: x}]\n", NULL, "'＋' is a full-width character (U+FF0B)", "write '+'"},
    {TOP WEB "expect: [{metric: web@。@ghosts, is: 1, source: x}]\n", NULL, "'。' is a full-width stop (U+3002)", "write '.'"},
    {TOP, "tcp.msl=3@ｓ@", "'ｓ' is a full-width character (U+FF53)", "write 's'"},
};
/* clang-format on */

static void what_is_no_yaml_is_told(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        broken_check(&rows[i]);
}

/* Bytes that a terminal cannot show: the place alone is told. */
/* clang-format off */
static const struct bytes {
    const char *text;
    int line, column;
    const char *sentence, *hint;
} bytes[] = {
    {TOP "name: \xff\n", 3, 7, "the byte 0xFF is not UTF-8",
     "the file looks like Latin-1: save it as UTF-8 (iconv -f LATIN1 -t UTF-8)"},
    /* two Chinese characters in GBK */
    {TOP "description: \xd6\xd0\xce\xc4\n", 3, 14, "the byte 0xD6 is not UTF-8",
     "the file looks like GBK: save it as UTF-8 (iconv -f GBK -t UTF-8)"},
    /* behind a line with a character of three bytes: GBK's full-width colon */
    {"# 中\ntopology\xa3\xbatwo-hosts\n", 2, 9, "the byte 0xA3 is not UTF-8",
     "the file looks like GBK: save it as UTF-8 (iconv -f GBK -t UTF-8)"},
    {TOP "description: caf\xe9 au lait\n", 3, 17, "the byte 0xE9 is not UTF-8",
     "the file looks like Latin-1: save it as UTF-8 (iconv -f LATIN1 -t UTF-8)"},
    {"\xff\xfet", 1, 1, "the byte 0xFF is not UTF-8", "the file is UTF-16: save it as UTF-8"},
    /* too long a form of '/', half a pair of UTF-16, beyond Unicode, and an end within; the first and the last have the
     * bytes of a pair of GBK */
    {TOP "name: \xc0\xaf\n", 3, 7, "the byte 0xC0 is not UTF-8",
     "the file looks like GBK: save it as UTF-8 (iconv -f GBK -t UTF-8)"},
    {TOP "name: \xed\xa0\x80\n", 3, 7, "the byte 0xED is not UTF-8",
     "the file looks like Latin-1: save it as UTF-8 (iconv -f LATIN1 -t UTF-8)"},
    {TOP "name: \xf4\x90\x80\x80\n", 3, 7, "the byte 0xF4 is not UTF-8",
     "the file looks like Latin-1: save it as UTF-8 (iconv -f LATIN1 -t UTF-8)"},
    {TOP "name: \xe4\xb8", 3, 7, "the byte 0xE4 is not UTF-8",
     "the file looks like GBK: save it as UTF-8 (iconv -f GBK -t UTF-8)"},
    {TOP "name: a\x07\n", 3, 8, "a file cannot hold the invisible character U+0007", "delete it"},
    /* what is no text */
    {"SQLite format 3\x01", 1, 16, "a file cannot hold the invisible character U+0001",
     "this is a result: halfopen plot and halfopen dump read it"},
    {"\x89PNG\r\n", 1, 1, "the byte 0x89 is not UTF-8",
     "this is a picture: an experiment is a text, NAME.yaml"},
    {TOP "tcp:\r\n  msl: 3s\r\n  \xEF\xBB\xBFnagle: no\r\n", 5, 3,
     "a file cannot hold the invisible character U+FEFF", "delete it"},
};
/* clang-format on */

static void bytes_that_are_no_text(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(bytes); i++) {
        const struct bytes *b = &bytes[i];
        struct err e;
        write_file("broken.yaml", b->text);
        check_true(b->text, experiment_load("broken.yaml", NULL, 0, &e) == NULL);
        check_str(b->text, e.text, b->sentence);
        check_str(b->text, e.hint, b->hint);
        check_eq(b->text, e.line, b->line);
        check_eq(b->text, e.column, b->column);
        check_str(b->text, e.line_text, "");
    }
}

/* What editors do and nobody sees: it works, and places are told as if it were not there. */
static void invisible_customs(void **state)
{
    static const struct {
        const char *story, *begin, *newline;
    } customs[] = {{"plain", "", "\n"},
                   {"a byte order mark", "\xEF\xBB\xBF", "\n"},
                   {"lines end in CR LF", "", "\r\n"},
                   {"lines end in CR", "", "\r"},
                   {"both", "\xEF\xBB\xBF", "\r\n"}};
    for (size_t i = 0; i < ARRAY_LEN(customs); i++) {
        const char *story = customs[i].story, *nl = customs[i].newline;
        char text[200];
        struct err e;
        snprintf(text, sizeof(text), "%stopology: two-hosts%sstop: 2s%stcp:%s  msl: 3s%s",
                 customs[i].begin, nl, nl, nl, nl);
        struct experiment *x = load_text(text, NULL);
        check_eq(story, x->stop, SEC(2));
        struct point_spec s = point_of(x, 0);
        check_eq(story, s.net.hosts[0].tcp.msl, SEC(3));
        point_spec_free(&s);
        experiment_free(x);

        snprintf(text, sizeof(text), "%sstop: 1s%stopologie: two-hosts%s", customs[i].begin, nl,
                 nl);
        write_file("broken.yaml", text);
        check_true(story, experiment_load("broken.yaml", NULL, 0, &e) == NULL);
        check_eq(story, e.line, 2);
        check_eq(story, e.column, 1);
        check_str(story, e.line_text, "topologie: two-hosts");
    }
}

/* Texts for people are free, and so are names in quotes. */
static void any_punctuation_in_texts(void **state)
{
    struct experiment *x = load_text(
        TOP "description: 中文，说明：“好”。\n"
            "variants: {处理: {\"甲，乙\": {}, 丙: {}}}\n"
            "expect: [{metric: client->server.lost, is: 0, source: 教科书，第 3 页}]\n",
        NULL);
    assert_string_equal(x->description, "中文，说明：“好”。");
    assert_string_equal(x->points[0].label, "处理=甲，乙");
    assert_string_equal(x->expects[0].source, "教科书，第 3 页");
    experiment_free(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_yaml_is_told),
        cmocka_unit_test(bytes_that_are_no_text),
        cmocka_unit_test(invisible_customs),
        cmocka_unit_test(any_punctuation_in_texts),
    };
    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
