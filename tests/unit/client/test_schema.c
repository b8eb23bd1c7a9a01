#include "check.h"

#include "client/schema.h"

static sr_result parse(table_schema *out, const char *text, sr_err *err)
{
    return schema_parse(out, sr_slice_text(text), false, err);
}

static void refused(const char *text, const char *says)
{
    sr_err err = SR_ERR_INIT;
    SCHEMA(schema);
    check_int(parse(&schema, text, &err), SR_FAIL);
    check_error_says(&err, says);
    check(schema.columns == NULL);
    check_int(schema.count, 0);
}

#define COLUMN(rest) "{\"headerRow\":true,\"columns\":[{\"sourceHeader\":\"A b\"," rest "}]}"

static void a_mapped_schema_is_read(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SCHEMA(schema);
    check_ok(parse(&schema,
                   "{\"headerRow\":true,\"columns\":["
                   "{\"sourceHeader\":\" Name \",\"type\":\" SEALED\",\"pad\":{\"type\":\"MAX\","
                   "\"length\":8}},{\"sourceHeader\":\"n\",\"targetHeader\":\"T\",\"type\":"
                   "\"cleartext\",\"dataType\":\"bigint\"},"
                   "{\"sourceHeader\":\"name\",\"type\":\"fingerprint\"},"
                   "{\"sourceHeader\":\"name\",\"type\":\"deterministic\"}]}",
                   &err),
             &err);
    check_int(schema.count, 4);
    check_text(schema.columns[0].source, "name");
    check_text(schema.columns[0].target, "name_sealed");
    check_int(schema.columns[0].pad.kind, PADDING_MAX);
    check_int(schema.columns[0].pad.length, 8);
    check_text(schema.columns[1].target, "t");
    check_int(schema.columns[1].data.kind, DATA_BIGINT);
    check_text(schema.columns[2].target, "name_fingerprint");
    check_int(schema.columns[2].data.kind, DATA_STRING);
    check_text(schema.columns[3].target, "name_deterministic");
    check_int(schema.columns[3].pad.kind, PADDING_NONE);
    check(!schema.has_flags);
}

static void a_positional_schema_is_read(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SCHEMA(schema);
    check_ok(parse(&schema,
                   "{\"headerRow\":false,\"columns\":[[{\"targetHeader\":\"a\",\"type\":"
                   "\"cleartext\"},{\"targetHeader\":\"b\",\"type\":\"fingerprint\"}],[],null,"
                   "[{\"targetHeader\":\"c\",\"type\":\"cleartext\"}]]}",
                   &err),
             &err);
    check_int(schema.positions, 4);
    check_int(schema.count, 3);
    check_int(schema.columns[1].position, 0);
    check_int(schema.columns[2].position, 3);
    check_text(schema.columns[2].source, "_c3");
}

static void flags_may_stand_in_the_schema(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SCHEMA(schema);
    check_ok(parse(&schema,
                   "{\"headerRow\":true,\"flags\":{\"allowCleartext\":true},\"columns\":[{"
                   "\"sourceHeader\":\"a\",\"type\":\"cleartext\"}]}",
                   &err),
             &err);
    check(schema.has_flags && schema.flags.allow_cleartext && !schema.flags.preserve_nulls);
    check_ok(schema_check_flags(&schema, &schema.flags, &err), &err);
    schema.flags.allow_cleartext = false;
    check_fails(schema_check_flags(&schema, &schema.flags, &err), &err, SR_E_INVALID);
    check_error_says(&err, "column \"a\"");
}

static void faults_name_their_path(void **state)
{
    (void)state;
    refused("{", "line 1");
    refused("[]", "expected an object");
    refused("{\"columns\":[]}", "headerRow: missing");
    refused("{\"headerRow\":1,\"columns\":[]}", "headerRow: expected");
    refused("{\"headerRow\":true,\"columns\":[]}", "columns: at least one");
    refused(COLUMN("\"x\":1,\"type\":\"cleartext\""), "columns[0]: ");
    refused(COLUMN("\"targetHeader\":\"b\""), "columns[0]: type: missing");
    refused(COLUMN("\"type\":\"magic\""), "columns[0]: type: ");
    refused(COLUMN("\"type\":\"[sealed|fingerprint|cleartext]\""), "choose one");
    refused(COLUMN("\"type\":\"sealed\""), "columns[0]: pad: a sealed column needs one");
    refused(COLUMN("\"type\":\"cleartext\",\"pad\":{\"type\":\"none\"}"),
            "pad: not on a cleartext");
    refused(COLUMN("\"type\":\"sealed\",\"pad\":{}"), "pad: type: missing");
    refused(COLUMN("\"type\":\"sealed\",\"pad\":{\"type\":\"none\",\"length\":1}"), "pad: length");
    refused(COLUMN("\"type\":\"sealed\",\"pad\":{\"type\":\"fixed\"}"), "pad: length: missing");
    refused(COLUMN("\"type\":\"sealed\",\"pad\":{\"type\":\"fixed\",\"length\":10001}"),
            "pad: length: expected a whole number from 0 to 10000");
    refused(COLUMN("\"type\":\"sealed\",\"pad\":{\"type\":\"fixed\",\"length\":-1}"), "length");
    refused(COLUMN("\"type\":\"deterministic\",\"pad\":{\"type\":\"max\",\"length\":1}"),
            "deterministic");
    refused(COLUMN("\"type\":\"cleartext\",\"dataType\":\"colour\""), "columns[0]: dataType: ");
    refused(COLUMN("\"type\":\"fingerprint\",\"dataType\":\"DOUBLE\""), "dataType");
    refused(COLUMN("\"type\":\"fingerprint\",\"normaliser\":\"email\""), "normaliser");
    refused(COLUMN("\"targetHeader\":\"a.b\",\"type\":\"cleartext\""), "targetHeader");
    refused("{\"headerRow\":true,\"flags\":{\"x\":true},\"columns\":[{\"sourceHeader\":\"a\","
            "\"type\":\"cleartext\"}]}",
            "flags");
}

static void a_positional_column_names_no_source(void **state)
{
    (void)state;
    refused("{\"headerRow\":false,\"columns\":[[{\"sourceHeader\":\"a\",\"targetHeader\":\"a\","
            "\"type\":\"cleartext\"}]]}",
            "columns[0][0]: sourceHeader");
    refused("{\"headerRow\":false,\"columns\":[[{\"type\":\"cleartext\"}]]}",
            "columns[0][0]: targetHeader: missing");
    refused("{\"headerRow\":false,\"columns\":[7]}", "columns[0]: expected a list");
}

static void several_faults_are_told_at_once(void **state)
{
    (void)state;
    refused("{\"headerRow\":true,\"columns\":[{\"sourceHeader\":\"a\"},{\"sourceHeader\":\"b\","
            "\"type\":\"sealed\"},{\"sourceHeader\":\"c\",\"type\":\"cleartext\"}]}",
            "columns[0]: type: missing; expected a text; columns[1]: pad");
}

static void a_target_is_made_once(void **state)
{
    (void)state;
    refused("{\"headerRow\":true,\"columns\":[{\"sourceHeader\":\"a\",\"targetHeader\":\"T\","
            "\"type\":\"cleartext\"},{\"sourceHeader\":\"b\",\"targetHeader\":\"t\",\"type\":"
            "\"cleartext\"}]}",
            "columns[1]: targetHeader: \"t\" is taken");
}

static void unknown_keys_pass_only_for_compatibility(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SCHEMA(schema);
    const char *text = COLUMN("\"x\":1,\"type\":\"cleartext\"");
    check_fails(schema_parse(&schema, sr_slice_text(text), false, &err), &err, SR_E_INVALID);
    check_ok(schema_parse(&schema, sr_slice_text(text), true, &err), &err);
}

static void make(table_schema *out, const char *source)
{
    sr_err err = SR_ERR_INIT;
    SR_TEXT(text);
    text = sr_text_printf("{\"headerRow\":true,\"columns\":[{\"sourceHeader\":\"%s\",\"type\":"
                          "\"cleartext\"}]}",
                          source);
    check_ok(parse(out, text, &err), &err);
}

static void only_headers_in_use_are_looked_at(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SCHEMA(schema);
    size_t index = 0;
    const char *headers[] = {"First.Name", "x", "X", " B "};
    make(&schema, "b");
    check_ok(schema_bind(&index, &schema, headers, 4, false, &err), &err);
    check_int(index, 3);
    check_fails(schema_bind(&index, &schema, headers, 4, true, &err), &err, SR_E_INVALID);
    check_error_says(&err, "header 1");
}

static void a_header_that_is_there_twice_is_refused(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SCHEMA(schema);
    size_t index = 0;
    const char *headers[] = {"a", "b", "A"};
    make(&schema, "a");
    check_fails(schema_bind(&index, &schema, headers, 3, false, &err), &err, SR_E_INVALID);
    check_error_says(&err, "columns 1 and 3 of the input are both named \"a\"");
    check_ok(schema_bind(&index, &schema, headers, 3, true, &err), &err);
    check_int(index, 2);
}

static void a_missing_column_is_named(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SCHEMA(schema);
    size_t index = 0;
    const char *headers[] = {"a"};
    make(&schema, "email");
    check_fails(schema_bind(&index, &schema, headers, 1, false, &err), &err, SR_E_NOT_FOUND);
    check_error_says(&err, "\"email\"");
}

static void a_template_has_every_column(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    const char *headers[] = {"First Name", "n"};
    SR_BUF(out, 64 * 1024);
    SCHEMA(schema);
    check_ok(schema_template(&out, headers, 2, true, true, &err), &err);
    check_ok(sr_buf_append_byte(&out, 0, &err), &err);
    check(strstr((char *)out.data, "\"sourceHeader\": \"first name\"") != NULL);
    check(strstr((char *)out.data, "[sealed|fingerprint|cleartext]") != NULL);
    sr_buf_cut(&out, out.len - 1);
    check_fails(schema_parse(&schema, sr_buf_view(&out), false, &err), &err, SR_E_INVALID);
    check_error_says(&err, "choose one");
    sr_buf_cut(&out, 0);
    check_ok(schema_template(&out, headers, 2, false, false, &err), &err);
    check_ok(sr_buf_append_byte(&out, 0, &err), &err);
    check(strstr((char *)out.data, "sourceHeader") == NULL);
    check(strstr((char *)out.data, "[sealed|fingerprint]") != NULL);
}

static void a_template_of_a_malformed_header_is_refused(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    const char *headers[] = {"ok", "First.Name"};
    SR_BUF(out, 64 * 1024);
    check_int(schema_template(&out, headers, 2, true, true, &err), SR_FAIL);
    check_error_says(&err, "column 2");
    check_int(out.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mapped_schema_is_read),
        cmocka_unit_test(a_positional_schema_is_read),
        cmocka_unit_test(flags_may_stand_in_the_schema),
        cmocka_unit_test(faults_name_their_path),
        cmocka_unit_test(a_positional_column_names_no_source),
        cmocka_unit_test(several_faults_are_told_at_once),
        cmocka_unit_test(a_target_is_made_once),
        cmocka_unit_test(unknown_keys_pass_only_for_compatibility),
        cmocka_unit_test(only_headers_in_use_are_looked_at),
        cmocka_unit_test(a_header_that_is_there_twice_is_refused),
        cmocka_unit_test(a_missing_column_is_named),
        cmocka_unit_test(a_template_has_every_column),
        cmocka_unit_test(a_template_of_a_malformed_header_is_refused),
    };
    check_main(tests);
}
