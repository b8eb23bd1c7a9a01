#include "upload_columns.h"

#include <string.h>

#include "sealroom/v1/table.pb-c.h"

enum
{
    REPEATS_MOST = 32, /* columns */
};

void upload_columns_clear(upload_columns *columns)
{
    sr_free(columns->columns);
    sr_free(columns->stored);
    *columns = (upload_columns){0};
}

static sr_result check_header(char *out, const char *name, sr_err *err)
{
    if (header_normalise(out, sr_slice_text(name), err) != SR_OK)
        return SR_FAIL;
    if (strcmp(out, name) != 0)
        return sr_fail(err, SR_E_INVALID, "column \"%s\": a header must be normalised (\"%s\")",
                       name, out);
    return SR_OK;
}

/* Equality of encrypted cells needs one encoding for each value (C3R-FORMAT 1.5). */
static bool has_exact_equality(data_type type)
{
    data_kind kind = data_type_representative(type);
    return kind == DATA_STRING || kind == DATA_BIGINT || kind == DATA_BOOLEAN || kind == DATA_DATE;
}

static sr_result read_column(room_column *out, const Sealroom__V1__Column *column,
                             const collaboration_flags *flags, sr_err *err)
{
    if (check_header(out->name, column->name, err) != SR_OK ||
        column_type_parse(&out->type, column->type, err) != SR_OK ||
        data_type_parse(&out->data, column->data_type, err) != SR_OK)
        return SR_FAIL;
    if (model_name_check("normaliser", column->normaliser, err) != SR_OK)
        return SR_FAIL;
    if (!sr_text_put(out->normaliser, sizeof out->normaliser, column->normaliser))
        return sr_fail(err, SR_E_INVALID, "the normaliser's name is too long");
    const column_type_row *row = column_type_of(out->type);
    if (!row->is_encrypted && !flags->allow_cleartext)
    {
        sr_fail(err, SR_E_STATE, "this collaboration does not allow cleartext columns");
        sr_err_set_detail(err, "CLEARTEXT_NOT_ALLOWED", "allowCleartext", NULL, out->name);
        return SR_FAIL;
    }
    if (row->is_encrypted && row->can_join && !has_exact_equality(out->data))
        return sr_fail(err, SR_E_INVALID,
                       "a %s column cannot hold this data type: it has no exact equality",
                       row->name);
    out->allowed = column->allowed;
    return SR_OK;
}

sr_result upload_columns_read(upload_columns *out, const void *begin,
                              const collaboration_flags *flags, sr_err *err)
{
    const Sealroom__V1__UploadBegin *from = begin;
    *out = (upload_columns){0};
    if (from->n_columns == 0 || from->n_columns > HEADER_MOST_COLUMNS)
        return sr_fail(err, SR_E_INVALID, "a table has 1 to %d columns", HEADER_MOST_COLUMNS);
    out->columns = sr_array(from->n_columns, sizeof *out->columns);
    out->stored = sr_array(from->n_columns, sizeof *out->stored);
    for (size_t i = 0; i < from->n_columns; i++)
    {
        room_column *column = &out->columns[i];
        if (read_column(column, from->columns[i], flags, err) != SR_OK)
        {
            upload_columns_clear(out);
            return sr_fail_in(err, "column \"%s\"", from->columns[i]->name);
        }
        const column_type_row *row = column_type_of(column->type);
        out->stored[i] = (engine_column){.storage = row->storage, .data = column->data};
        out->any_encrypted = out->any_encrypted || row->is_encrypted;
        out->count++;
    }
    return SR_OK;
}

sr_result upload_columns_take_cards(upload_columns *columns, const void *commit, sr_err *err)
{
    const Sealroom__V1__UploadCommit *from = commit;
    if (from->n_cards != columns->count)
        return sr_fail(err, SR_E_INVALID, "the commit must carry one card a column");
    for (size_t i = 0; i < columns->count; i++)
    {
        room_column *column = &columns->columns[i];
        ProtobufCBinaryData card = from->cards[i];
        bool wanted = column_type_of(column->type)->is_encrypted;
        if ((card.len > 0) != wanted || card.len > sizeof column->card)
            return sr_fail(err, SR_E_INVALID, "column \"%s\": its card is %s", column->name,
                           wanted ? "missing or too long" : "not wanted");
        sr_copy(column->card, card.data, card.len);
        column->card_len = card.len;
    }
    return SR_OK;
}

/* ---- repeats --------------------------------------------------------------------------------- */

static bool may_be_joined(const room_column *column)
{
    return column->allowed && column_type_of(column->type)->can_join &&
           column->data.kind != DATA_REAL && column->data.kind != DATA_DOUBLE;
}

static sr_result learn_column(room_column *column, engine *rows, engine_table table,
                              size_t position, sr_err *err)
{
    bool repeats = false;
    if (engine_column_repeats(rows, &repeats, table, position, err) == SR_OK)
    {
        column->repeats = repeats ? ROOM_REPEATS_SOME : ROOM_REPEATS_NEVER;
        return SR_OK;
    }
    if (err->code != SR_E_FULL)
        return SR_FAIL;
    sr_err_reset(err); /* the rows are stored; not to know is no reason to refuse them */
    return SR_OK;
}

sr_result upload_columns_learn_repeats(upload_columns *columns, engine *rows, engine_table table,
                                       sr_err *err)
{
    static const bool passes[] = {true, false}; /* tokens, then all others */
    size_t asked = 0;
    for (size_t pass = 0; pass < sizeof passes / sizeof passes[0]; pass++)
        for (size_t i = 0; i < columns->count && asked < REPEATS_MOST; i++)
        {
            bool is_token = columns->stored[i].storage == STORED_AS_TOKEN;
            if (is_token != passes[pass] || !may_be_joined(&columns->columns[i]))
                continue;
            asked++;
            if (learn_column(&columns->columns[i], rows, table, i, err) != SR_OK)
                return SR_FAIL;
        }
    return SR_OK;
}
