#include "cell_opener.h"

#include <assert.h>
#include <string.h>

#include "crypto/cell_render.h"
#include "crypto/cell_value.h"
#include "crypto/deterministic.h"
#include "crypto/sealed.h"
#include "model/header.h"

typedef struct
{
    char header[HEADER_SIZE];
    deterministic_column *column;
} header_column;

struct cell_opener
{
    const kdf_schedule *keys;
    sealed_column *sealed;
    header_column *deterministic; /* one for each header met */
    size_t deterministic_count;
    cell_batch raw;
    cell_batch values;
    cell_input *inputs;
    size_t input_room;
    sr_buf text;
};

sr_result cell_opener_new(cell_opener **out, const kdf_schedule *keys, sr_err *err)
{
    sealed_options options = {.type = CELL_STRING, .pad = {.kind = PADDING_NONE}};
    cell_opener *self = sr_alloc(sizeof *self);
    *out = NULL;
    self->keys = keys;
    cell_batch_init(&self->raw);
    cell_batch_init(&self->values);
    sr_buf_init(&self->text, CELL_BATCH_MAX);
    if (sealed_column_new(&self->sealed, keys, sr_slice_text("any"), &options, err) != SR_OK)
    {
        cell_opener_free(self);
        return SR_FAIL;
    }
    *out = self;
    return SR_OK;
}

/* ---- kinds ----------------------------------------------------------------------------------- */

static sr_result open_sealed(cell_opener *self, const char *header, const cell_input *raw,
                             size_t count, sr_err *err)
{
    (void)header;
    return sealed_column_decrypt(self->sealed, &self->values, raw, count, err);
}

static sr_result add_header(cell_opener *self, const char *header, sr_err *err)
{
    deterministic_options options = {.type = CELL_STRING, .pad = {.kind = PADDING_NONE}};
    deterministic_column *made = NULL;
    if (deterministic_column_new(&made, self->keys, sr_slice_text(header), &options, err) != SR_OK)
        return SR_FAIL;
    size_t count = self->deterministic_count;
    self->deterministic =
        sr_array_grow(self->deterministic, count, count + 1, sizeof *self->deterministic);
    sr_copy(self->deterministic[count].header, header, HEADER_SIZE);
    self->deterministic[count].column = made;
    self->deterministic_count++;
    return SR_OK;
}

static sr_result find_header(cell_opener *self, deterministic_column **out, const char *raw,
                             sr_err *err)
{
    char header[HEADER_SIZE];
    if (header_normalise(header, sr_slice_text(raw), err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < self->deterministic_count; i++)
    {
        *out = self->deterministic[i].column;
        if (strcmp(self->deterministic[i].header, header) == 0)
            return SR_OK;
    }
    if (add_header(self, header, err) != SR_OK)
        return SR_FAIL;
    *out = self->deterministic[self->deterministic_count - 1].column;
    return SR_OK;
}

static sr_result open_deterministic(cell_opener *self, const char *header, const cell_input *raw,
                                    size_t count, sr_err *err)
{
    deterministic_column *column = NULL;
    if (find_header(self, &column, header, err) != SR_OK)
        return SR_FAIL;
    return deterministic_column_decrypt(column, &self->values, raw, count, err);
}

/* Fills self->values with encoded values; NULL: this kind is never opened. */
typedef sr_result (*open_kind)(cell_opener *self, const char *header, const cell_input *raw,
                               size_t count, sr_err *err);

static const open_kind open_table[CELL_KIND_COUNT_] = {
    [CELL_SEALED] = open_sealed,
    [CELL_DETERMINISTIC] = open_deterministic,
};

bool cell_opener_can(cell_kind kind)
{
    return open_table[kind] != NULL;
}

/* ---- text ------------------------------------------------------------------------------------ */

static sr_result put_text(cell_opener *self, cell_batch *texts, sr_slice encoded, sr_err *err)
{
    cell_value value;
    uint8_t *room = NULL;
    if (cell_value_decode(&value, encoded, err) != SR_OK)
        return SR_FAIL;
    if (value.null)
    {
        cell_batch_put_null(texts);
        return SR_OK;
    }
    sr_buf_cut(&self->text, 0);
    if (cell_render(&self->text, &value, err) != SR_OK ||
        cell_batch_put(texts, &room, self->text.len, err) != SR_OK)
        return SR_FAIL;
    sr_copy(room, self->text.data, self->text.len);
    return SR_OK;
}

sr_result cell_opener_open(cell_opener *self, cell_batch *texts, cell_kind kind, const char *header,
                           const cell_input *raw, size_t count, sr_err *err)
{
    assert(cell_opener_can(kind));
    cell_batch_start(texts, count);
    if (open_table[kind](self, header, raw, count, err) != SR_OK)
        return cell_batch_fail(texts, self->values.bad);
    for (size_t i = 0; i < count; i++)
    {
        if (cell_batch_is_null(&self->values, i))
            cell_batch_put_null(texts);
        else if (put_text(self, texts, cell_batch_view(&self->values, i), err) != SR_OK)
            return cell_batch_fail(texts, i);
    }
    return SR_OK;
}

static void inputs_of_raw(cell_opener *self, size_t count)
{
    if (self->input_room < count)
    {
        self->inputs = sr_array_grow(self->inputs, self->input_room, count, sizeof *self->inputs);
        self->input_room = count;
    }
    for (size_t i = 0; i < count; i++)
        self->inputs[i] = (cell_input){.value = cell_batch_view(&self->raw, i),
                                       .null = cell_batch_is_null(&self->raw, i)};
}

sr_result cell_opener_open_text(cell_opener *self, cell_batch *texts, cell_kind kind,
                                const char *header, const cell_input *cells, size_t count,
                                sr_err *err)
{
    cell_batch_start(texts, count);
    if (cell_batch_from_text(&self->raw, kind, cells, count, err) != SR_OK)
        return cell_batch_fail(texts, self->raw.bad);
    inputs_of_raw(self, count);
    return cell_opener_open(self, texts, kind, header, self->inputs, count, err);
}

void cell_opener_free(cell_opener *self)
{
    if (self == NULL)
        return;
    sealed_column_free(self->sealed);
    for (size_t i = 0; i < self->deterministic_count; i++)
        deterministic_column_free(self->deterministic[i].column);
    sr_free(self->deterministic);
    cell_batch_clear(&self->raw);
    cell_batch_clear(&self->values);
    sr_free(self->inputs);
    sr_buf_wipe(&self->text);
    sr_free(self);
}

void cell_opener_clear(cell_opener **self)
{
    cell_opener_free(*self);
    *self = NULL;
}
