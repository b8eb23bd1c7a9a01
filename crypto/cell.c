#include "cell.h"

#include <assert.h>

#include "base/text.h"

/* ---- kinds ----------------------------------------------------------------------------------- */

typedef struct
{
    const char *name;
    const char *prefix;
    size_t min_size; /* of a raw cell */
    size_t max_size;
} kind_row;

enum
{
    FINGERPRINT_RAW = 32,
    SEALED_RAW_MIN = 32 + 12 + 3 + 16,            /* META and the padding count inside */
    SEALED_RAW_MAX = (CELL_TEXT_MAX - 7) / 4 * 3, /* C3R-FORMAT 1.6 */
    DETERMINISTIC_RAW_MIN = 16 + 3,
    DETERMINISTIC_RAW_MAX = SEALED_RAW_MAX,
};

static const kind_row kind_table[CELL_KIND_COUNT_] = {
    [CELL_CLEARTEXT] = {"cleartext", "", 0, CELL_BATCH_MAX},
    [CELL_FINGERPRINT] = {"fingerprint", "02:hmac:", FINGERPRINT_RAW, FINGERPRINT_RAW},
    [CELL_SEALED] = {"sealed", "02:enc:", SEALED_RAW_MIN, SEALED_RAW_MAX},
    [CELL_DETERMINISTIC] = {"deterministic", "03:det:", DETERMINISTIC_RAW_MIN,
                            DETERMINISTIC_RAW_MAX},
};

static const kind_row *row_of(cell_kind kind)
{
    assert((unsigned)kind < CELL_KIND_COUNT_);
    return &kind_table[kind];
}

const char *cell_kind_name(cell_kind kind)
{
    return row_of(kind)->name;
}

const char *cell_kind_prefix(cell_kind kind)
{
    return row_of(kind)->prefix;
}

size_t cell_kind_min_size(cell_kind kind)
{
    return row_of(kind)->min_size;
}

size_t cell_kind_max_size(cell_kind kind)
{
    return row_of(kind)->max_size;
}

cell_kind cell_kind_of_var(sr_slice text)
{
    for (int kind = CELL_CLEARTEXT + 1; kind < CELL_KIND_COUNT_; kind++)
        if (sr_slice_starts_with_var(text, kind_table[kind].prefix))
            return (cell_kind)kind;
    return CELL_CLEARTEXT;
}

/* ---- batches --------------------------------------------------------------------------------- */

void cell_batch_init(cell_batch *batch)
{
    *batch = (cell_batch){.bytes = {NULL, 0, 0, CELL_BATCH_MAX}};
}

void cell_batch_clear(cell_batch *batch)
{
    sr_buf_wipe(&batch->bytes);
    sr_free(batch->offsets);
    sr_free(batch->nulls);
    cell_batch_init(batch);
}

sr_slice cell_batch_view(const cell_batch *batch, size_t index)
{
    assert(index < batch->count);
    size_t from = batch->offsets[index];
    return sr_slice_sub(sr_buf_view(&batch->bytes), from, batch->offsets[index + 1] - from);
}

bool cell_batch_is_null(const cell_batch *batch, size_t index)
{
    assert(index < batch->count);
    return batch->nulls[index];
}

static void empty(cell_batch *batch)
{
    sr_wipe(batch->bytes.data, batch->bytes.len);
    sr_buf_cut(&batch->bytes, 0);
    batch->count = 0;
    batch->bad = 0;
}

void cell_batch_start(cell_batch *batch, size_t count)
{
    empty(batch);
    if (batch->room < count || batch->offsets == NULL)
    {
        size_t old = batch->offsets == NULL ? 0 : batch->room + 1;
        batch->offsets = sr_array_grow(batch->offsets, old, count + 1, sizeof *batch->offsets);
        batch->nulls = sr_array_grow(batch->nulls, batch->room, count, sizeof *batch->nulls);
        batch->room = count;
    }
    batch->offsets[0] = 0;
}

static void end_cell(cell_batch *batch, bool null)
{
    assert(batch->count < batch->room);
    batch->nulls[batch->count] = null;
    batch->count++;
    batch->offsets[batch->count] = batch->bytes.len;
}

void cell_batch_put_null(cell_batch *batch)
{
    end_cell(batch, true);
}

sr_result cell_batch_put(cell_batch *batch, uint8_t **out, size_t len, sr_err *err)
{
    if (sr_buf_extend(&batch->bytes, out, len, err) != SR_OK)
        return SR_FAIL;
    end_cell(batch, false);
    return SR_OK;
}

void cell_batch_shorten(cell_batch *batch, size_t len, bool null)
{
    assert(batch->count > 0);
    size_t from = batch->offsets[batch->count - 1];
    sr_wipe(batch->bytes.data + from + len, batch->bytes.len - from - len);
    sr_buf_cut(&batch->bytes, from + len);
    batch->count--;
    end_cell(batch, null);
}

sr_result cell_batch_fail(cell_batch *batch, size_t bad)
{
    empty(batch);
    batch->bad = bad;
    return SR_FAIL;
}

/* ---- text form ------------------------------------------------------------------------------- */

size_t cell_text_len(cell_kind kind, size_t raw_len)
{
    if (kind == CELL_CLEARTEXT)
        return raw_len;
    return sr_slice_text(cell_kind_prefix(kind)).len + sr_base64_encoded_len(raw_len);
}

static void write_text(uint8_t *out, cell_kind kind, sr_slice raw)
{
    sr_slice prefix = sr_slice_text(cell_kind_prefix(kind));
    if (kind == CELL_CLEARTEXT)
    {
        sr_copy(out, raw.data, raw.len);
        return;
    }
    sr_copy(out, prefix.data, prefix.len);
    sr_base64_encode((char *)out + prefix.len, raw);
}

/* The base64 part of a cell's text; its length is a multiple of four and says the raw length. */
static sr_result base64_part(sr_slice *out, cell_kind kind, sr_slice text, sr_err *err)
{
    const kind_row *row = row_of(kind);
    size_t prefix = sr_slice_text(row->prefix).len;
    *out = (sr_slice){NULL, 0};
    if (!sr_slice_starts_with_var(text, row->prefix))
        return sr_fail(err, SR_E_FORMAT, "not a %s cell: it does not begin with \"%s\"", row->name,
                       row->prefix);
    *out = sr_slice_sub(text, prefix, text.len - prefix);
    if (out->len % 4 != 0 || sr_base64_decoded_max(out->len) > row->max_size + 2)
        return sr_fail(err, SR_E_FORMAT, "a %s cell of a wrong length", row->name);
    return SR_OK;
}

/* Decodes into `out`, which has room for sr_base64_decoded_max. */
static sr_result read_base64(uint8_t *out, size_t *len, cell_kind kind, sr_slice base64,
                             sr_err *err)
{
    const kind_row *row = row_of(kind);
    if (sr_base64_decode(out, len, base64, err) != SR_OK)
        return sr_fail(err, SR_E_FORMAT, "a %s cell that is not base64", row->name);
    if (*len < row->min_size || *len > row->max_size)
        return sr_fail(err, SR_E_FORMAT, "a %s cell of a wrong length", row->name);
    return SR_OK;
}

sr_result cell_to_text(sr_buf *out, cell_kind kind, sr_slice raw, sr_err *err)
{
    uint8_t *text;
    if (sr_buf_extend(out, &text, cell_text_len(kind, raw.len), err) != SR_OK)
        return SR_FAIL;
    write_text(text, kind, raw);
    return SR_OK;
}

sr_result cell_from_text(sr_buf *out, cell_kind kind, sr_slice text, sr_err *err)
{
    sr_slice base64;
    uint8_t *raw;
    size_t before = out->len;
    size_t len = 0;
    if (kind == CELL_CLEARTEXT)
        return sr_buf_append(out, text, err);
    if (base64_part(&base64, kind, text, err) != SR_OK ||
        sr_buf_extend(out, &raw, sr_base64_decoded_max(base64.len), err) != SR_OK)
        return SR_FAIL;
    sr_result result = read_base64(raw, &len, kind, base64, err);
    sr_buf_cut(out, result == SR_OK ? before + len : before);
    return result;
}

sr_result cell_batch_to_text(cell_batch *out, const cell_batch *raw, cell_kind kind, sr_err *err)
{
    cell_batch_start(out, raw->count);
    for (size_t i = 0; i < raw->count; i++)
    {
        sr_slice cell = cell_batch_view(raw, i);
        uint8_t *text;
        if (raw->nulls[i])
            cell_batch_put_null(out);
        else if (cell_batch_put(out, &text, cell_text_len(kind, cell.len), err) == SR_OK)
            write_text(text, kind, cell);
        else
            return cell_batch_fail(out, i);
    }
    return SR_OK;
}

static sr_result put_from_text(cell_batch *out, cell_kind kind, const cell_input *text, sr_err *err)
{
    sr_slice base64;
    uint8_t *raw;
    size_t len = 0;
    if (text->null)
    {
        cell_batch_put_null(out);
        return SR_OK;
    }
    if (kind == CELL_CLEARTEXT)
    {
        if (cell_batch_put(out, &raw, text->value.len, err) != SR_OK)
            return SR_FAIL;
        sr_copy(raw, text->value.data, text->value.len);
        return SR_OK;
    }
    if (base64_part(&base64, kind, text->value, err) != SR_OK ||
        cell_batch_put(out, &raw, sr_base64_decoded_max(base64.len), err) != SR_OK ||
        read_base64(raw, &len, kind, base64, err) != SR_OK)
        return SR_FAIL;
    cell_batch_shorten(out, len, false);
    return SR_OK;
}

sr_result cell_batch_from_text(cell_batch *out, cell_kind kind, const cell_input *texts,
                               size_t count, sr_err *err)
{
    cell_batch_start(out, count);
    for (size_t i = 0; i < count; i++)
        if (put_from_text(out, kind, &texts[i], err) != SR_OK)
            return cell_batch_fail(out, i);
    return SR_OK;
}
