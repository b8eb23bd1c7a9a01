#include "server/query/prescan.h"

#include <stdlib.h>

#include "check.h"
#include "server/query/query.h"

/* `count` copies of a text between two others; the caller frees it. */
static char *repeated(const char *before, const char *part, size_t count, const char *after)
{
    SR_BUF(text, 1 << 20);
    sr_err err = SR_ERR_INIT;
    char *out = NULL;
    check_ok(sr_buf_append_text(&text, before, &err), &err);
    for (size_t i = 0; i < count; i++)
        check_ok(sr_buf_append_text(&text, part, &err), &err);
    check_ok(sr_buf_append_text(&text, after, &err), &err);
    check_ok(sr_buf_take_text(&out, &text, &err), &err);
    return out;
}

static void passes(const char *sql)
{
    sr_err err = SR_ERR_INIT;
    check_ok(query_prescan(sql, &err), &err);
}

static void refuses(const char *sql, const char *reason)
{
    sr_err err = SR_ERR_INIT;
    check_fails(query_prescan(sql, &err), &err, SR_E_REFUSED);
    check_text(err.detail.reason, reason);
}

static void ordinary_queries_pass(void **state)
{
    (void)state;
    passes("");
    passes("SELECT a.\"b c\", 'it''s' -- (((\nFROM t /* ( /* nested */ ( */ WHERE x = $q$ ( "
           "$q$\r\n\t");
    passes("SELECT 'Überläufer', \"ключ\"");
    passes("$");
    passes("$1 $ $$ $");
    passes("'");
    passes("/*");
    passes("E'\\");
}

static void a_text_over_64_kib_is_refused(void **state)
{
    (void)state;
    SR_TEXT(most);
    SR_TEXT(more);
    most = repeated("", "x", QUERY_TEXT_MOST, "");
    more = repeated("", "x", QUERY_TEXT_MOST + 1, "");
    passes(most);
    refuses(more, "QUERY_TOO_LARGE");
}

static void what_is_not_text_is_refused(void **state)
{
    (void)state;
    refuses("SELECT '\xff'", "QUERY_NOT_TEXT");
    refuses("SELECT '\xc0\x80'", "QUERY_NOT_TEXT");
    refuses("SELECT '\x01'", "QUERY_NOT_TEXT");
    refuses("SELECT '\x7f'", "QUERY_NOT_TEXT");
}

static void deep_brackets_are_refused_at_their_place(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_TEXT(most);
    SR_TEXT(more);
    most = repeated("SELECT\n", "(", PRESCAN_MOST_BRACKETS, "");
    more = repeated("SELECT\n", "(", PRESCAN_MOST_BRACKETS + 1, "");
    passes(most);
    check_fails(query_prescan(more, &err), &err, SR_E_REFUSED);
    check_text(err.detail.reason, "QUERY_TOO_COMPLEX");
    check_text(err.detail.position, "2:65");
}

static void brackets_that_are_no_brackets_do_not_count(void **state)
{
    (void)state;
    static const char *const hiders[][2] = {{"'", "'"},    {"\"", "\""},   {"-- ", "\n"},
                                            {"/* ", "*/"}, {"$a$", "$a$"}, {"E'\\'", "'"}};
    for (size_t i = 0; i < sizeof hiders / sizeof hiders[0]; i++)
    {
        SR_TEXT(sql);
        sql = repeated(hiders[i][0], "(", 1000, hiders[i][1]);
        passes(sql);
    }
    SR_TEXT(closed);
    closed = repeated("", "()", 1000, "");
    passes(closed);
}

static void brackets_behind_a_string_count_again(void **state)
{
    (void)state;
    static const char *const before[] = {"'a''b'",      "\"a\"\"b\"", "--\n",   "/*/**/*/",
                                         "$a$ $b$ $a$", "E'\\''",     "e'\\\\'"};
    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++)
    {
        SR_TEXT(sql);
        sql = repeated(before[i], "[", 100, "");
        refuses(sql, "QUERY_TOO_COMPLEX");
    }
}

static void nested_comments_are_refused(void **state)
{
    (void)state;
    SR_TEXT(most);
    SR_TEXT(more);
    SR_TEXT(flood);
    most = repeated("", "/*", PRESCAN_MOST_COMMENTS, "");
    more = repeated("", "/*", PRESCAN_MOST_COMMENTS + 1, "");
    flood = repeated("", "/*", 30000, "");
    passes(most);
    refuses(more, "QUERY_TOO_COMPLEX");
    refuses(flood, "QUERY_TOO_COMPLEX");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ordinary_queries_pass),
        cmocka_unit_test(a_text_over_64_kib_is_refused),
        cmocka_unit_test(what_is_not_text_is_refused),
        cmocka_unit_test(deep_brackets_are_refused_at_their_place),
        cmocka_unit_test(brackets_that_are_no_brackets_do_not_count),
        cmocka_unit_test(brackets_behind_a_string_count_again),
        cmocka_unit_test(nested_comments_are_refused),
    };
    check_main(tests);
}
