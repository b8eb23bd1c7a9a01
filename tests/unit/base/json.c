#include "base/json.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "check.h"

static sr_result parse(sr_json **out, const char *text, sr_err *err)
{
    return sr_json_parse(out, sr_slice_text(text), err);
}

/* ---- parsing --------------------------------------------------------------------------------- */

static void a_document_is_asked_node_by_node(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_JSON(document);
    check_ok(parse(&document, "{\"a\":[1,true,\"x\",null,1.5],\"b\":{}}", &err), &err);
    const sr_json *list = sr_json_member(document, "a");
    check_int(sr_json_kind_of(document), SR_JSON_OBJECT);
    check_int(sr_json_size(document), 2);
    check_int(sr_json_size(list), 5);
    check_int(sr_json_int(sr_json_item(list, 0)), 1);
    check(sr_json_bool(sr_json_item(list, 1)));
    check_text(sr_json_text(sr_json_item(list, 2)), "x");
    check_int(sr_json_kind_of(sr_json_item(list, 3)), SR_JSON_NULL);
    check_int(sr_json_kind_of(sr_json_item(list, 4)), SR_JSON_REAL);
    check(sr_json_item(list, 5) == NULL);
    check(sr_json_member(document, "c") == NULL);
}

static void members_are_listed_in_the_order_of_the_document(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_JSON(document);
    check_ok(parse(&document, "{\"z\":1,\"a\":2,\"m\":3}", &err), &err);
    check_text(sr_json_key_at(document, 0), "z");
    check_text(sr_json_key_at(document, 1), "a");
    check_text(sr_json_key_at(document, 2), "m");
    check_int(sr_json_int(sr_json_member_at(document, 2)), 3);
    check(sr_json_key_at(document, 3) == NULL);
    check(sr_json_member_at(document, 3) == NULL);
}

static void asking_the_wrong_kind_gives_empty_values(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_JSON(document);
    check_ok(parse(&document, "[\"7\"]", &err), &err);
    check_int(sr_json_int(sr_json_item(document, 0)), 0);
    check(!sr_json_bool(document));
    check_text(sr_json_text(document), "");
    check_text(sr_json_text(NULL), "");
    check_int(sr_json_int(NULL), 0);
    check(!sr_json_bool(NULL));
    check_int(sr_json_size(NULL), 0);
    check(sr_json_member(NULL, "a") == NULL);
    check(sr_json_member(document, "a") == NULL);
    check(sr_json_item(NULL, 0) == NULL);
    check(sr_json_key_at(document, 0) == NULL);
    check_int(sr_json_kind_of(NULL), SR_JSON_NULL);
}

static void malformed_documents_are_refused_with_their_place(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "{",
        "[1,]",
        "{\"a\":1,}",
        "{\"a\" 1}",
        "[1] x",
        "tru",
        "\"abc",
        "[\"\n\"]",
        "'a'",
        "01",
        "[1.]",
        "nul",
        "{1:2}",
        "[\"\\x\"]",
        "[\"\\ud800\"]",
        "\xff",
        "[\"\xc0\x80\"]",
        "[\"\\u0000\"]",
        "{\"a\\u0000\":1}",
        "{\"a\":1,\"a\":2}",
        "[9223372036854775808]",
        "[1e999]",
        "// x\n1",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    {
        sr_err err = SR_ERR_INIT;
        sr_json *document = (sr_json *)&err;
        if (parse(&document, bad[i], &err) == SR_OK)
            fail_msg("%s was accepted", bad[i]);
        check_int(err.code, SR_E_INVALID);
        check_error_says(&err, "line ");
        check(document == NULL);
    }
    sr_err err = SR_ERR_INIT;
    SR_JSON(document);
    check_fails(parse(&document, "{\"a\": 1,\n \"a\": 2}", &err), &err, SR_E_INVALID);
    check_text(err.text, "line 2, column 4: a member's name appears twice");
    check_fails(sr_json_parse(&document, sr_slice_of("1\0", 2), &err), &err, SR_E_INVALID);
    check_fails(sr_json_parse(&document, (sr_slice){NULL, 0}, &err), &err, SR_E_INVALID);
}

static void a_syntax_error_quotes_nothing_of_the_document(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_JSON(document);
    check_fails(parse(&document, "{\"secret\": hunter2}", &err), &err, SR_E_INVALID);
    check(strstr(err.text, "hunter2") == NULL);
    check_fails(parse(&document, "{\"alice@example.com\":1,\"alice@example.com\":1}", &err), &err,
                SR_E_INVALID);
    check(strstr(err.text, "alice") == NULL);
}

static void integers_reach_their_limits_exactly(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_JSON(document);
    check_ok(parse(&document, "[-9223372036854775808,9223372036854775807]", &err), &err);
    check(sr_json_int(sr_json_item(document, 0)) == INT64_MIN);
    check(sr_json_int(sr_json_item(document, 1)) == INT64_MAX);
}

static void make_nest(char *out, size_t depth)
{
    memset(out, '[', depth);
    memset(out + depth, ']', depth);
    out[2 * depth] = '\0';
}

static void depth_is_limited(void **state)
{
    (void)state;
    static char nest[2 * 100001];
    sr_err err = SR_ERR_INIT;
    SR_JSON(document);
    make_nest(nest, 64);
    check_ok(parse(&document, nest, &err), &err);
    sr_json_clear(&document);
    make_nest(nest, 65);
    check_fails(parse(&document, nest, &err), &err, SR_E_LIMIT);
    check(document == NULL);
    make_nest(nest, 2000);
    check_ok(sr_json_parse_deep(&document, sr_slice_text(nest), &err), &err);
    sr_json_clear(&document);
    make_nest(nest, 2001);
    check_fails(sr_json_parse_deep(&document, sr_slice_text(nest), &err), &err, SR_E_LIMIT);
    make_nest(nest, 100000);
    check_fails(sr_json_parse_deep(&document, sr_slice_text(nest), &err), &err, SR_E_LIMIT);
}

static void brackets_inside_texts_are_no_depth(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_JSON(document);
    char text[256];
    snprintf(text, sizeof text, "[\"%0100d\"]", 0);
    memset(text + 2, '[', 100);
    memcpy(text + 2, "\\\"", 2);
    check_ok(parse(&document, text, &err), &err);
}

static void a_file_is_the_subject_of_its_errors(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_JSON(document);
    char path[] = "/tmp/sealroom-json-test.XXXXXX";
    int fd = mkstemp(path);
    check(fd >= 0);
    check_int(write(fd, "[1,2", 4), 4);
    close(fd);
    check_fails(sr_json_parse_file(&document, path, &err), &err, SR_E_INVALID);
    check_error_says(&err, path);
    check_error_says(&err, ": line 1, column 4: the text ends too early");
    check_ok(sr_file_write(path, sr_slice_text("[1,2]"), 0600, true, &err), &err);
    check_ok(sr_json_parse_file(&document, path, &err), &err);
    check_int(sr_json_size(document), 2);
    unlink(path);
    sr_json_clear(&document);
    check_fails(sr_json_parse_file(&document, path, &err), &err, SR_E_NOT_FOUND);
    check(document == NULL);
}

/* ---- checked readers ------------------------------------------------------------------------- */

static const char sample[] =
    "{\"text\":\"x\",\"int\":5,\"yes\":true,\"list\":[1],\"object\":{\"a\":1},\"null\":null}";

static void checked_readers_give_the_value(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_JSON(document);
    const char *text = NULL;
    int64_t number = 0;
    bool yes = false;
    const sr_json *list = NULL;
    const sr_json *object = NULL;
    check_ok(parse(&document, sample, &err), &err);
    check_ok(sr_json_get_text(document, "text", true, &text, &err), &err);
    check_ok(sr_json_get_int(document, "int", true, 5, 5, &number, &err), &err);
    check_ok(sr_json_get_bool(document, "yes", true, &yes, &err), &err);
    check_ok(sr_json_get_array(document, "list", true, &list, &err), &err);
    check_ok(sr_json_get_object(document, "object", true, &object, &err), &err);
    check_text(text, "x");
    check_int(number, 5);
    check(yes);
    check_int(sr_json_size(list), 1);
    check_int(sr_json_int(sr_json_member(object, "a")), 1);
}

static void a_missing_member_keeps_the_preset_unless_required(void **state)
{
    (void)state;
    static const char *const missing[] = {"none", "null"};
    sr_err err = SR_ERR_INIT;
    SR_JSON(document);
    check_ok(parse(&document, sample, &err), &err);
    for (size_t i = 0; i < 2; i++)
    {
        const char *text = "preset";
        int64_t number = 42;
        bool yes = true;
        const sr_json *node = document;
        check_ok(sr_json_get_text(document, missing[i], false, &text, &err), &err);
        check_ok(sr_json_get_int(document, missing[i], false, 0, 1, &number, &err), &err);
        check_ok(sr_json_get_bool(document, missing[i], false, &yes, &err), &err);
        check_ok(sr_json_get_array(document, missing[i], false, &node, &err), &err);
        check_ok(sr_json_get_object(document, missing[i], false, &node, &err), &err);
        check_text(text, "preset");
        check_int(number, 42);
        check(yes && node == document);
        check_fails(sr_json_get_text(document, missing[i], true, &text, &err), &err, SR_E_INVALID);
        check_error_says(&err, ": missing; expected a text");
        check_fails(sr_json_get_int(document, missing[i], true, 0, 1, &number, &err), &err,
                    SR_E_INVALID);
    }
}

static void the_wrong_kind_is_named(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_JSON(document);
    const char *text = NULL;
    bool yes;
    const sr_json *node;
    check_ok(parse(&document, sample, &err), &err);
    check_fails(sr_json_get_text(document, "int", false, &text, &err), &err, SR_E_INVALID);
    check_text(err.text, "int: expected a text, not a number");
    check_fails(sr_json_get_bool(document, "text", false, &yes, &err), &err, SR_E_INVALID);
    check_text(err.text, "text: expected true or false, not a text");
    check_fails(sr_json_get_array(document, "object", false, &node, &err), &err, SR_E_INVALID);
    check_text(err.text, "object: expected a list, not an object");
    check_fails(sr_json_get_object(document, "list", false, &node, &err), &err, SR_E_INVALID);
    check_fails(sr_json_get_text(sr_json_member(document, "list"), "a", false, &text, &err), &err,
                SR_E_INVALID);
    check_text(err.text, "expected an object, not a list");
    check_fails(sr_json_get_text(NULL, "a", false, &text, &err), &err, SR_E_INVALID);
}

static void a_number_outside_its_range_is_refused(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_JSON(document);
    int64_t number = 42;
    check_ok(parse(&document, "{\"length\":5,\"half\":2.0}", &err), &err);
    check_fails(sr_json_get_int(document, "length", true, 6, 9, &number, &err), &err, SR_E_INVALID);
    check_text(err.text, "length: expected a whole number from 6 to 9");
    check_fails(sr_json_get_int(document, "length", true, 0, 4, &number, &err), &err, SR_E_INVALID);
    check_fails(sr_json_get_int(document, "half", true, 0, 4, &number, &err), &err, SR_E_INVALID);
    check_int(number, 42);
}

static void unknown_members_are_refused_and_the_known_ones_listed(void **state)
{
    (void)state;
    static const char *const both[] = {"a", "b", NULL};
    static const char *const one[] = {"a", NULL};
    sr_err err = SR_ERR_INIT;
    SR_JSON(document);
    check_ok(parse(&document, "{\"a\":1,\"b\":2}", &err), &err);
    check_ok(sr_json_only(document, both, &err), &err);
    check_fails(sr_json_only(document, one, &err), &err, SR_E_INVALID);
    check_text(err.text, "b: unknown member; known are: a");
}

/* ---- writing --------------------------------------------------------------------------------- */

static sr_json *make_sample(void)
{
    sr_json *object = sr_json_object_new();
    sr_json *list = sr_json_array_new();
    sr_json_add_text(list, "gr\xc3\xbc\xc3\x9f \"\\\n");
    sr_json_add_take(list, sr_json_object_new());
    sr_json_set_text(object, "z", "x");
    sr_json_set_int(object, "a", INT64_MIN);
    sr_json_set_bool(object, "yes", true);
    sr_json_set_null(object, "none");
    sr_json_set_text(object, "no text", NULL);
    sr_json_set_take(object, "list", list);
    return object;
}

static void documents_are_written_in_the_order_in_which_they_were_built(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_JSON(object);
    SR_BUF(out, 1000);
    object = make_sample();
    check_ok(sr_json_write(object, false, &out, &err), &err);
    check_slice(sr_buf_view(&out),
                "{\"z\":\"x\",\"a\":-9223372036854775808,\"yes\":true,\"none\":null,"
                "\"no text\":null,\"list\":[\"gr\xc3\xbc\xc3\x9f \\\"\\\\\\n\",{}]}");
}

static void canonical_documents_are_sorted_and_the_same_every_time(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_JSON(first);
    SR_JSON(second);
    SR_BUF(out, 1000);
    SR_BUF(again, 1000);
    check_ok(parse(&first, "{\"b\":{\"y\":1,\"x\":2}, \"a\":[3], \"\xc3\xa9\":0, \"B\":0}", &err),
             &err);
    check_ok(parse(&second, "{\"B\":0,\"\\u00e9\":0,\"a\":[3],\"b\":{\"x\":2,\"y\":1}}", &err),
             &err);
    check_ok(sr_json_write_canonical(first, &out, &err), &err);
    check_ok(sr_json_write_canonical(second, &again, &err), &err);
    check_slice(sr_buf_view(&out), "{\"B\":0,\"a\":[3],\"b\":{\"x\":2,\"y\":1},\"\xc3\xa9\":0}");
    check(sr_slice_equal_var(sr_buf_view(&out), sr_buf_view(&again)));
}

static void pretty_documents_end_with_a_newline(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_JSON(document);
    SR_BUF(out, 1000);
    check_ok(parse(&document, "{\"a\":[1]}", &err), &err);
    check_ok(sr_json_write(document, true, &out, &err), &err);
    check_slice(sr_buf_view(&out), "{\n  \"a\": [\n    1\n  ]\n}\n");
}

static void what_does_not_fit_is_not_written_at_all(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_JSON(object);
    SR_BUF(out, 40);
    object = make_sample();
    check_ok(sr_buf_append_text(&out, "before", &err), &err);
    check_fails(sr_json_write(object, false, &out, &err), &err, SR_E_LIMIT);
    check_slice(sr_buf_view(&out), "before");
    check_fails(sr_json_write_canonical(object, &out, &err), &err, SR_E_LIMIT);
    check_slice(sr_buf_view(&out), "before");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_document_is_asked_node_by_node),
        cmocka_unit_test(members_are_listed_in_the_order_of_the_document),
        cmocka_unit_test(asking_the_wrong_kind_gives_empty_values),
        cmocka_unit_test(malformed_documents_are_refused_with_their_place),
        cmocka_unit_test(a_syntax_error_quotes_nothing_of_the_document),
        cmocka_unit_test(integers_reach_their_limits_exactly),
        cmocka_unit_test(depth_is_limited),
        cmocka_unit_test(brackets_inside_texts_are_no_depth),
        cmocka_unit_test(a_file_is_the_subject_of_its_errors),
        cmocka_unit_test(checked_readers_give_the_value),
        cmocka_unit_test(a_missing_member_keeps_the_preset_unless_required),
        cmocka_unit_test(the_wrong_kind_is_named),
        cmocka_unit_test(a_number_outside_its_range_is_refused),
        cmocka_unit_test(unknown_members_are_refused_and_the_known_ones_listed),
        cmocka_unit_test(documents_are_written_in_the_order_in_which_they_were_built),
        cmocka_unit_test(canonical_documents_are_sorted_and_the_same_every_time),
        cmocka_unit_test(pretty_documents_end_with_a_newline),
        cmocka_unit_test(what_does_not_fit_is_not_written_at_all),
    };
    check_main(tests);
}
