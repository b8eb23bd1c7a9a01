#include "crypto/cell_render.h"

#include "crypto/sealed.h"
#include "support.h"

static void check_renders(const cell_value *value, const char *text)
{
    sr_err err = SR_ERR_INIT;
    SR_BUF(out, 256);
    check_ok(cell_render(&out, value, &err), &err);
    check_slice(sr_buf_view(&out), text);
}

static void open_vector(cell_batch *out, const sr_json *vector)
{
    sr_err err = SR_ERR_INIT;
    KDF_SCHEDULE(schedule);
    SEALED_COLUMN(column);
    SR_BUF(raw, 1000);
    sealed_options options = {.type = CELL_STRING};
    sr_slice text = sr_slice_text(sr_json_text(sr_json_member(vector, "cell")));
    schedule = support_room("A");
    check_ok(sealed_column_new(&column, schedule, sr_slice_text("any"), &options, &err), &err);
    check_ok(cell_from_text(&raw, CELL_SEALED, text, &err), &err);
    cell_input cell = {.value = sr_buf_view(&raw)};
    check_ok(sealed_column_decrypt(column, out, &cell, 1, &err), &err);
}

static void sealed_cells_of_all_types_show_as_the_c3r_client_shows_them(void **state)
{
    (void)state;
    SR_JSON(vectors);
    vectors = support_vectors("typed_render.json");
    for (size_t i = 0; i < sr_json_size(vectors); i++)
    {
        sr_err err = SR_ERR_INIT;
        const sr_json *vector = sr_json_item(vectors, i);
        CELL_BATCH(opened);
        cell_value value;
        open_vector(&opened, vector);
        bool null = sr_json_kind_of(sr_json_member(vector, "csv_text")) == SR_JSON_NULL;
        check_int(cell_batch_is_null(&opened, 0), null);
        if (null)
            continue;
        check_hex(cell_batch_view(&opened, 0), sr_json_text(sr_json_member(vector, "encoded_hex")));
        check_ok(cell_value_decode(&value, cell_batch_view(&opened, 0), &err), &err);
        check_renders(&value, sr_json_text(sr_json_member(vector, "csv_text")));
    }
}

static void check_double(double number, const char *text)
{
    check_renders(&(cell_value){.type = CELL_DOUBLE, .real = number}, text);
}

static void floating_point_shows_the_shortest_text_that_reads_back(void **state)
{
    (void)state;
    check_double(-0.0, "-0.0");
    check_double(100.0, "100.0");
    check_double(1234567.0, "1234567.0");
    check_double(1e7, "1.0E7");
    check_double(0.00099, "9.9E-4");
    check_double(0.1 + 0.2, "0.30000000000000004");
    check_double(2e23, "1.9999999999999998E23");
    check_double(1.7976931348623157e308, "1.7976931348623157E308");
    check_double(5e-324, "4.9E-324");
}

static void check_timestamp(int64_t integer, cell_unit unit, const char *text)
{
    cell_value value = {.type = CELL_TIMESTAMP, .integer = integer, .unit = unit};
    check_renders(&value, text);
}

static void timestamps_are_iso_dates_whatever_the_zone(void **state)
{
    (void)state;
    check_timestamp(0, CELL_UNIT_MILLIS, "1970-01-01 00:00:00.000000");
    check_timestamp(-62135596800001, CELL_UNIT_MILLIS, "0000-12-31 23:59:59.999000");
    check_timestamp(1999, CELL_UNIT_NANOS, "1970-01-01 00:00:00.000001");
    check_timestamp(-1999, CELL_UNIT_NANOS, "1969-12-31 23:59:59.999998");
    check_timestamp(INT64_MAX, CELL_UNIT_MILLIS, "+292278994-08-17 07:12:55.807000");
    check_timestamp(INT64_MIN, CELL_UNIT_MILLIS, "-292275055-05-16 16:47:04.192000");
}

static void a_text_that_does_not_fit_leaves_nothing(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SR_BUF(out, 4);
    cell_value value = {.type = CELL_DOUBLE, .real = -123456};
    check_ok(sr_buf_append_text(&out, "a", &err), &err);
    check_fails(cell_render(&out, &value, &err), &err, SR_E_LIMIT);
    check_slice(sr_buf_view(&out), "a");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sealed_cells_of_all_types_show_as_the_c3r_client_shows_them),
        cmocka_unit_test(floating_point_shows_the_shortest_text_that_reads_back),
        cmocka_unit_test(timestamps_are_iso_dates_whatever_the_zone),
        cmocka_unit_test(a_text_that_does_not_fit_leaves_nothing),
    };
    check_main(tests);
}
