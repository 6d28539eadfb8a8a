/* core/stderr_lines.c and core/escape.c: STDERR becomes lines that a log can hold. */
#include "escape.h"
#include "stderr_lines.h"

#include "tap.h"

#include <apr_strings.h>

/* What the sink got: each line followed by '|'. */
static apr_pool_t *pool;
static const char *got;

static void keep(void *context, const char *line)
{
    *(const char **)context = apr_pstrcat(pool, *(const char **)context, line, "|", NULL);
}

static fct_stderr_lines_t *create(apr_size_t max_line, apr_size_t max_total)
{
    got = "";
    return fct_stderr_lines_create(max_line, max_total, keep, (void *)&got, pool);
}

typedef struct row_t {
    const char *what;
    apr_size_t max_line;
    fct_bytes_t input;
    const char *lines;
} row_t;

#define BYTES(s) { s, sizeof(s) - 1 }

static const row_t rows[] = {
    { "nothing", 80, BYTES(""), "" },
    { "a line", 80, BYTES("one\n"), "one|" },
    { "two lines", 80, BYTES("one\ntwo\n"), "one|two|" },
    { "CR LF", 80, BYTES("one\r\ntwo\r\n"), "one|two|" },
    { "empty lines", 80, BYTES("\n\r\n\none\n\n"), "one|" },
    { "a last line without an end", 80, BYTES("one\ntwo"), "one|two|" },
    { "a bare CR", 80, BYTES("one\rtwo\r\r\n\r"), "one<0D>two<0D>|<0D>|" },
    { "NUL, escape, DEL, 8-bit", 80, BYTES("a\0b\x1b[1m\x7f\xc3\xa4\n"), "a<00>b<1B>[1m<7F><C3><A4>|" },
    { "what httpd would double", 80, BYTES("App\\Foo \"x\"\n"), "App\\Foo \"x\"|" },
    { "as many characters as a line has", 12, BYTES("123456789012\n"), "123456789012|" },
    { "one more", 12, BYTES("1234567890123\n"), "123456789012|3|" },
    { "an escape that does not fit any more", 12, BYTES("123456789\t\n"), "123456789|<09>|" },
    { "an escape that just fits", 12, BYTES("12345678\t\n"), "12345678<09>|" },
    { "two full lines and a rest without an end", 12, BYTES("1234567890123456789012345"), "123456789012|345678901234|5|" },
};

static void test_rows(void)
{
    apr_size_t i, cut, wrong;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        fct_bytes_t input = rows[i].input;

        for (cut = 0, wrong = 0; cut <= input.len; cut++) {
            fct_stderr_lines_t *lines = create(rows[i].max_line, 1000);

            fct_stderr_lines_add(lines, fct_bytes_make(input.at, cut));
            fct_stderr_lines_add(lines, fct_bytes_from(input, cut));
            fct_stderr_lines_flush(lines);
            if (strcmp(got, rows[i].lines) != 0) {
                tap_diag("cut at %d: %s", (int)cut, got);
                wrong++;
            }
        }
        tap_ok(wrong == 0, "%s: the right lines wherever the input is cut", rows[i].what);
    }
}

static void test_total(void)
{
    fct_stderr_lines_t *lines = create(100, 6);

    fct_stderr_lines_add(lines, FCT_BYTES_LITERAL("one\ntwo\nthree\n"));
    tap_is_str(got, "one|", "beyond the total nothing is taken");
    tap_is_int((long long)fct_stderr_lines_dropped(lines), 8, "what was dropped is counted");
    fct_stderr_lines_add(lines, FCT_BYTES_LITERAL("four\n"));
    fct_stderr_lines_flush(lines);
    tap_is_str(got, "one|tw|", "the part of a line within the total is a line");
    tap_is_int((long long)fct_stderr_lines_dropped(lines), 13, "later bytes are counted too");

    lines = create(100, 3);
    fct_stderr_lines_add(lines, FCT_BYTES_LITERAL("one"));
    tap_is_int((long long)fct_stderr_lines_dropped(lines), 0, "exactly the total drops nothing");

    lines = create(100, 0);
    fct_stderr_lines_add(lines, FCT_BYTES_LITERAL("one\n"));
    fct_stderr_lines_flush(lines);
    tap_is_str(got, "", "a total of 0 takes nothing");
}

static void test_smallest_line(void)
{
    fct_stderr_lines_t *lines = create(0, 100);

    fct_stderr_lines_add(lines, FCT_BYTES_LITERAL("a\nabcde\x01"));
    fct_stderr_lines_flush(lines);
    tap_is_str(got, "a|abcd|e|<01>|", "a line has room for one escape at least");
}

static void test_copy(void)
{
    tap_is_str(fct_escape_copy(FCT_BYTES_LITERAL("a\nb"), 3, pool), "a<0A>b", "a copy is escaped");
    tap_is_str(fct_escape_copy(FCT_BYTES_LITERAL("a\nb"), 2, pool), "a<0A>...", "a copy tells that it was cut");
    tap_is_str(fct_escape_copy(FCT_BYTES_LITERAL("a\nb"), 0, pool), "...", "a copy may be cut to nothing");
    tap_is_str(fct_escape_copy(FCT_BYTES_ABSENT, 5, pool), "", "a copy of what is absent is empty");
    tap_is_str(fct_escape_copy(FCT_BYTES_LITERAL(" ~\x1f\x7f\x80\xff"), 99, pool), " ~<1F><7F><80><FF>", "only printable ASCII stays");
}

int main(void)
{
    pool = tap_begin();
    test_rows();
    test_total();
    test_smallest_line();
    test_copy();
    return tap_end();
}
