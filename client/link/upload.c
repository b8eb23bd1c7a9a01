#include "upload.h"

#include "crypto/digest.h"
#include "model/batch.h"
#include "rpc/rpc.h"
#include "sealroom/v1/table.pb-c.h"
#include "session.h"
#include "wire/wire.h"

enum
{
    CELL_OVERHEAD = 6, /* length and NULL bit of a cell, at most */
};

struct link_upload
{
    rpc_stream *stream;
    batch_gatherer *gathered;
    size_t column_count;
    uint32_t rows;
    size_t bytes;
    uint64_t all_rows;
    digest sent; /* over the messages that carried batches */
    sr_buf message;
    uint32_t version;
    link_upload_plan plan;
    char *table;
};

/* ---- begin → accepted ------------------------------------------------------------------------ */

static sr_result send_request(link_upload *upload, const Sealroom__V1__UploadRequest *request,
                              sr_err *err)
{
    sr_buf_cut(&upload->message, 0);
    if (wire_pack(request, &upload->message, err) != SR_OK)
        return SR_FAIL;
    return rpc_stream_send(upload->stream, sr_buf_view(&upload->message), err);
}

/* Reads answers until one of this kind; progress in between is passed over. */
static sr_result receive_step(Sealroom__V1__UploadResponse **out, link_upload *upload,
                              Sealroom__V1__UploadResponse__StepCase wanted, sr_err *err)
{
    SR_BUF(bytes, RPC_MESSAGE_LIMIT);
    for (;;)
    {
        WIRE_MESSAGE(Sealroom__V1__UploadResponse, answer);
        bool end = false;
        if (rpc_stream_receive(upload->stream, &bytes, &end, err) != SR_OK)
            return SR_FAIL;
        if (end)
            return sr_fail(err, SR_E_INTERNAL, "the server ended the upload without an answer");
        if (wire_unpack(&answer, &sealroom__v1__upload_response__descriptor, sr_buf_view(&bytes),
                        err) != SR_OK)
            return SR_FAIL;
        if (answer->step_case == wanted)
        {
            *out = answer;
            answer = NULL;
            return SR_OK;
        }
        if (answer->step_case != SEALROOM__V1__UPLOAD_RESPONSE__STEP_PROGRESS)
            return sr_fail(err, SR_E_INTERNAL, "the server answered the upload out of order");
    }
}

typedef struct
{
    Sealroom__V1__Column *columns;
    Sealroom__V1__Column **pointers;
    char (*data_types)[DATA_TYPE_TEXT_SIZE];
} column_messages;

static void column_messages_clear(column_messages *messages)
{
    sr_free(messages->columns);
    sr_free(messages->pointers);
    sr_free(messages->data_types);
}

static void fill_columns(column_messages *out, const link_upload_plan *plan)
{
    out->columns = sr_array(plan->column_count, sizeof *out->columns);
    out->pointers = sr_array(plan->column_count, sizeof(Sealroom__V1__Column *));
    out->data_types = sr_array(plan->column_count, sizeof *out->data_types);
    for (size_t i = 0; i < plan->column_count; i++)
    {
        const room_column *column = &plan->columns[i];
        Sealroom__V1__Column *message = &out->columns[i];
        sealroom__v1__column__init(message);
        data_type_print(out->data_types[i], column->data);
        message->name = link_borrow(column->name);
        message->type = link_borrow(column_type_of(column->type)->name);
        message->data_type = out->data_types[i];
        message->normaliser = link_borrow(column->normaliser);
        message->allowed = column->allowed;
        out->pointers[i] = message;
    }
}

static sr_result begin(link_upload *upload, const char *collaboration, sr_err *err)
{
    const link_upload_plan *plan = &upload->plan;
    column_messages columns SR_CLEANUP(column_messages_clear) = {NULL, NULL, NULL};
    Sealroom__V1__CollaborationFlagsByte flags = SEALROOM__V1__COLLABORATION_FLAGS_BYTE__INIT;
    Sealroom__V1__UploadBegin message = SEALROOM__V1__UPLOAD_BEGIN__INIT;
    Sealroom__V1__UploadRequest request = SEALROOM__V1__UPLOAD_REQUEST__INIT;
    WIRE_MESSAGE(Sealroom__V1__UploadResponse, answer);
    fill_columns(&columns, plan);
    flags.value = plan->flags;
    message.collaboration = link_borrow(collaboration);
    message.table = link_borrow(plan->table);
    message.n_columns = plan->column_count;
    message.columns = columns.pointers;
    message.flags = &flags;
    message.null_bits_unknown = plan->null_bits_unknown;
    message.append = plan->append;
    if (plan->key_check != NULL)
        message.key_check = (ProtobufCBinaryData){16, (uint8_t *)(uintptr_t)plan->key_check};
    request.step_case = SEALROOM__V1__UPLOAD_REQUEST__STEP_BEGIN;
    request.begin = &message;
    if (send_request(upload, &request, err) != SR_OK ||
        receive_step(&answer, upload, SEALROOM__V1__UPLOAD_RESPONSE__STEP_ACCEPTED, err) != SR_OK)
        return SR_FAIL;
    upload->version = answer->accepted->version;
    return SR_OK;
}

static link_upload *upload_alloc(const link_upload_plan *plan)
{
    link_upload *upload = sr_alloc(sizeof *upload);
    upload->plan = *plan;
    upload->table = sr_text_copy(plan->table);
    upload->column_count = plan->column_count;
    upload->gathered = sr_array(plan->column_count, sizeof *upload->gathered);
    digest_init(&upload->sent);
    sr_buf_init(&upload->message, RPC_MESSAGE_LIMIT);
    for (size_t i = 0; i < plan->column_count; i++)
        batch_gatherer_init(&upload->gathered[i], column_type_of(plan->columns[i].type)->raw_width,
                            LINK_BATCH_ROWS, RPC_MESSAGE_LIMIT);
    return upload;
}

sr_result link_upload_new(link_upload **out, link_session *link, const link_upload_plan *plan,
                          sr_err *err)
{
    SR_TEXT(collaboration);
    link_upload *upload SR_CLEANUP(link_upload_clear) = NULL;
    *out = NULL;
    if (link_collaboration_name(&collaboration, link, plan->collaboration, err) != SR_OK)
        return SR_FAIL;
    upload = upload_alloc(plan);
    if (rpc_stream_open(&upload->stream, link->channel, "/sealroom.v1.TableService/Upload",
                        LINK_STREAM_MS, err) != SR_OK ||
        begin(upload, collaboration, err) != SR_OK)
        return SR_FAIL;
    *out = upload;
    upload = NULL;
    return SR_OK;
}

/* ---- batch → … ------------------------------------------------------------------------------- */

static void fill_batch_column(Sealroom__V1__ColumnBatch *out, const batch_gatherer *gathered)
{
    batch_column column = batch_gatherer_view(gathered);
    sealroom__v1__column_batch__init(out);
    out->nulls = (ProtobufCBinaryData){column.nulls.len, (uint8_t *)(uintptr_t)column.nulls.data};
    out->width = column.width;
    out->n_lengths = column.length_count;
    out->lengths = (uint32_t *)(uintptr_t)column.lengths;
    out->data = (ProtobufCBinaryData){column.data.len, (uint8_t *)(uintptr_t)column.data.data};
}

static void empty_gathered(link_upload *upload)
{
    for (size_t i = 0; i < upload->column_count; i++)
        batch_gatherer_empty(&upload->gathered[i]);
    upload->rows = 0;
    upload->bytes = 0;
}

static void columns_free(Sealroom__V1__ColumnBatch **columns)
{
    sr_free(*columns);
}
static void pointers_free(Sealroom__V1__ColumnBatch ***pointers)
{
    sr_free(*pointers);
}

static sr_result send_batch(link_upload *upload, sr_err *err)
{
    if (upload->rows == 0)
        return SR_OK;
    size_t count = upload->column_count;
    Sealroom__V1__ColumnBatch *columns SR_CLEANUP(columns_free) = sr_array(count, sizeof *columns);
    Sealroom__V1__ColumnBatch **pointers SR_CLEANUP(pointers_free) =
        sr_array(count, sizeof(Sealroom__V1__ColumnBatch *));
    Sealroom__V1__UploadBatch batch = SEALROOM__V1__UPLOAD_BATCH__INIT;
    Sealroom__V1__UploadRequest request = SEALROOM__V1__UPLOAD_REQUEST__INIT;
    for (size_t i = 0; i < count; i++)
    {
        fill_batch_column(&columns[i], &upload->gathered[i]);
        pointers[i] = &columns[i];
    }
    batch.rows = upload->rows;
    batch.n_columns = count;
    batch.columns = pointers;
    request.step_case = SEALROOM__V1__UPLOAD_REQUEST__STEP_BATCH;
    request.batch = &batch;
    if (send_request(upload, &request, err) != SR_OK)
        return SR_FAIL;
    digest_add(&upload->sent, sr_buf_view(&upload->message));
    upload->all_rows += upload->rows;
    empty_gathered(upload);
    return SR_OK;
}

sr_result link_upload_row(link_upload *upload, const sr_slice *cells, const bool *nulls,
                          sr_err *err)
{
    size_t size = 0;
    for (size_t i = 0; i < upload->column_count; i++)
        size += CELL_OVERHEAD + (nulls[i] ? 0 : cells[i].len);
    if (size > RPC_MESSAGE_MAX)
        return sr_fail(err, SR_E_LIMIT, "a row may not be larger than %d bytes", RPC_MESSAGE_MAX);
    bool full = upload->rows == LINK_BATCH_ROWS || upload->bytes + size > LINK_BATCH_BYTES;
    if (full && send_batch(upload, err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < upload->column_count; i++)
        if (batch_gatherer_add(&upload->gathered[i], cells[i], nulls[i], err) != SR_OK)
            return SR_FAIL;
    upload->rows++;
    upload->bytes += size;
    return SR_OK;
}

/* ---- commit → committed ---------------------------------------------------------------------- */

typedef struct
{
    uint8_t (*bytes)[ROOM_CARD_MOST];
    ProtobufCBinaryData *slices;
} cards;

static void cards_clear(cards *made)
{
    sr_free(made->bytes);
    sr_free(made->slices);
}

static sr_result make_cards(cards *out, const link_upload *upload, sr_err *err)
{
    const link_upload_plan *plan = &upload->plan;
    out->bytes = sr_array(upload->column_count, sizeof *out->bytes);
    out->slices = sr_array(upload->column_count, sizeof *out->slices);
    for (size_t i = 0; i < upload->column_count; i++)
    {
        const room_column *column = &plan->columns[i];
        size_t len = 0;
        if (!column_type_of(column->type)->is_encrypted)
            continue;
        if (plan->make_card(plan->card_context, out->bytes[i], &len, upload->table, upload->version,
                            column, err) != SR_OK)
            return SR_FAIL;
        out->slices[i] = (ProtobufCBinaryData){len, out->bytes[i]};
    }
    return SR_OK;
}

static sr_result send_commit(link_upload *upload, sr_err *err)
{
    cards made SR_CLEANUP(cards_clear) = {NULL, NULL};
    digest_value sum;
    Sealroom__V1__UploadCommit commit = SEALROOM__V1__UPLOAD_COMMIT__INIT;
    Sealroom__V1__UploadRequest request = SEALROOM__V1__UPLOAD_REQUEST__INIT;
    if (make_cards(&made, upload, err) != SR_OK)
        return SR_FAIL;
    digest_finish(&sum, &upload->sent);
    commit.rows = upload->all_rows;
    commit.digest = (ProtobufCBinaryData){sizeof sum.bytes, sum.bytes};
    commit.n_cards = upload->column_count;
    commit.cards = made.slices;
    request.step_case = SEALROOM__V1__UPLOAD_REQUEST__STEP_COMMIT;
    request.commit = &commit;
    if (send_request(upload, &request, err) != SR_OK)
        return SR_FAIL;
    return rpc_stream_send_end(upload->stream, err);
}

void link_committed_clear(link_committed *committed)
{
    for (size_t i = 0; i < committed->warning_count; i++)
        sr_free(committed->warnings[i]);
    sr_free(committed->warnings);
    *committed = (link_committed){0};
}

sr_result link_upload_commit(link_committed *out, link_upload *upload, sr_err *err)
{
    WIRE_MESSAGE(Sealroom__V1__UploadResponse, answer);
    *out = (link_committed){0};
    if (send_batch(upload, err) != SR_OK || send_commit(upload, err) != SR_OK ||
        receive_step(&answer, upload, SEALROOM__V1__UPLOAD_RESPONSE__STEP_COMMITTED, err) !=
            SR_OK ||
        rpc_stream_finish(upload->stream, err) != SR_OK)
        return SR_FAIL;
    const Sealroom__V1__UploadCommitted *committed = answer->committed;
    if (committed->version != upload->version || committed->rows != upload->all_rows ||
        committed->table_rows < committed->rows ||
        (!upload->plan.append && committed->table_rows != committed->rows))
        return sr_fail(err, SR_E_INTERNAL, "the server committed something else than was sent");
    out->version = committed->version;
    out->rows = committed->rows;
    out->table_rows = committed->table_rows;
    out->warnings = sr_array(committed->n_warnings, sizeof(char *));
    for (size_t i = 0; i < committed->n_warnings; i++)
        out->warnings[i] = sr_text_copy(committed->warnings[i]);
    out->warning_count = committed->n_warnings;
    return SR_OK;
}

void link_upload_free(link_upload *upload)
{
    if (upload == NULL)
        return;
    rpc_stream_free(upload->stream);
    for (size_t i = 0; i < upload->column_count; i++)
        batch_gatherer_clear(&upload->gathered[i]);
    sr_free(upload->gathered);
    sr_buf_clear(&upload->message);
    sr_free(upload->table);
    sr_free(upload);
}

void link_upload_clear(link_upload **upload)
{
    link_upload_free(*upload);
    *upload = NULL;
}
