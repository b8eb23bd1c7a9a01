/*
 * room_fixture.h: a folder with a table in it, keys of a collaboration, and a sink that keeps what the
 * pipeline gives it as text: "cell|cell|…" a row, NULL as ~, '!' before a cell whose source was NULL.
 */
#ifndef SEALROOM_TESTS_ROOM_FIXTURE_H
#define SEALROOM_TESTS_ROOM_FIXTURE_H

#include <stdlib.h>

#include "base/file.h"
#include "base/uuid.h"
#include "client/cell_maker.h"
#include "client/encrypt.h"
#include "crypto/kdf.h"

typedef struct
{
    char folder[64];
    char *input;
    char *output;
    kdf_schedule *keys;
    sr_buf kept;
    size_t rows;
    bool began;
    bool ended;
} fixture;

static inline kdf_schedule *fixture_keys(const char *text)
{
    sr_err err = SR_ERR_INIT;
    sr_uuid id;
    SECRET(secret);
    kdf_schedule *keys = NULL;
    check_ok(sr_uuid_parse(&id, "12345678-1234-1234-1234-1234567890ab", &err), &err);
    check_ok(secret_from_text(&secret, sr_slice_text(text), &err), &err);
    check_ok(kdf_schedule_new(&keys, secret, &id, &err), &err);
    return keys;
}

static inline int fixture_set_up(void **state)
{
    fixture *f = sr_alloc(sizeof *f);
    sr_copy(f->folder, "/tmp/sealroom-room-XXXXXX", 26);
    if (mkdtemp(f->folder) == NULL)
        return -1;
    f->input = sr_path_join(f->folder, "in.csv");
    f->output = sr_path_join(f->folder, "out.csv");
    f->keys = fixture_keys("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
    sr_buf_init(&f->kept, 1u << 20);
    *state = f;
    return 0;
}

static inline int fixture_tear_down(void **state)
{
    fixture *f = *state;
    sr_err err = SR_ERR_INIT;
    sr_result gone = sr_folder_remove(f->folder, &err);
    sr_free(f->input);
    sr_free(f->output);
    kdf_schedule_free(f->keys);
    sr_buf_clear(&f->kept);
    sr_free(f);
    return gone == SR_OK ? 0 : -1;
}

static inline void fixture_write(const fixture *f, const char *text)
{
    sr_err err = SR_ERR_INIT;
    check_ok(sr_file_write(f->input, sr_slice_text(text), 0600, true, &err), &err);
}

static inline sr_result fixture_begin(void *self, const table_schema *schema, sr_err *err)
{
    fixture *f = self;
    (void)schema, (void)err;
    f->began = true;
    return SR_OK;
}

static inline sr_result fixture_cell(fixture *f, const encrypt_rows *rows, size_t column,
                                     size_t row, sr_err *err)
{
    const cell_batch *cells = &rows->cells[column];
    cell_kind kind = cell_kind_of_column(rows->schema->columns[column].type);
    if (column > 0 && sr_buf_append_byte(&f->kept, '|', err) != SR_OK)
        return SR_FAIL;
    if (rows->source_nulls[column][row] && sr_buf_append_byte(&f->kept, '!', err) != SR_OK)
        return SR_FAIL;
    if (cell_batch_is_null(cells, row))
        return sr_buf_append_byte(&f->kept, '~', err);
    return cell_to_text(&f->kept, kind, cell_batch_view(cells, row), err);
}

static inline sr_result fixture_rows(void *self, const encrypt_rows *rows, sr_err *err)
{
    fixture *f = self;
    for (size_t row = 0; row < rows->rows; row++)
    {
        for (size_t column = 0; column < rows->schema->count; column++)
        {
            if (fixture_cell(f, rows, column, row, err) != SR_OK)
                return SR_FAIL;
        }
        if (sr_buf_append_byte(&f->kept, '\n', err) != SR_OK)
            return SR_FAIL;
        f->rows++;
    }
    return SR_OK;
}

static inline sr_result fixture_end(void *self, const encrypt_report *report, sr_err *err)
{
    fixture *f = self;
    (void)report, (void)err;
    f->ended = true;
    return SR_OK;
}

/* Encrypts the table under a schema's JSON into the fixture. */
static inline sr_result fixture_encrypt(fixture *f, const char *json, collaboration_flags flags,
                                        encrypt_report *report, sr_err *err)
{
    SCHEMA(schema);
    encrypt_sink sink = {
        .self = f, .begin = fixture_begin, .rows = fixture_rows, .end = fixture_end};
    check_ok(schema_parse(&schema, sr_slice_text(json), false, err), err);
    encrypt_options options = {
        .input = f->input, .schema = &schema, .flags = flags, .keys = f->keys, .threads = 2};
    return encrypt_table(report, &options, &sink, err);
}

#endif
