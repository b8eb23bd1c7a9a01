/*
 * QueryService.RunQuery: the audit record around the seven stages of server/query, and their rows on the
 * wire: started → schema → batch … → finished.
 */
#include <limits.h>

#include "base/text.h"
#include "convert.h"
#include "handlers.h"
#include "model/batch.h"
#include "query_call.h"
#include "sealroom/v1/query.pb-c.h"
#include "wire/wire.h"

static sr_result send_started(const query_call *run, sr_err *err)
{
    Sealroom__V1__QueryStarted started = SEALROOM__V1__QUERY_STARTED__INIT;
    Sealroom__V1__RunQueryResponse answer = SEALROOM__V1__RUN_QUERY_RESPONSE__INIT;
    started.query_id = (char *)(uintptr_t)run->audit.query_id;
    answer.step_case = SEALROOM__V1__RUN_QUERY_RESPONSE__STEP_STARTED;
    answer.started = &started;
    return service_send(run->call, &answer, err);
}

/* ---- rows on the wire ------------------------------------------------------------------------ */

static Sealroom__V1__ResultColumn *make_column(const query_column *column)
{
    char data_words[DATA_TYPE_TEXT_SIZE];
    Sealroom__V1__ResultColumn *out = sr_alloc(sizeof *out);
    sealroom__v1__result_column__init(out);
    data_type_print(data_words, column->data);
    out->name = sr_text_copy(column->label);
    out->type = sr_text_copy(column_type_of(column->type)->name);
    out->data_type = sr_text_copy(data_words);
    out->source_header = sr_text_copy(column->source_header);
    return out;
}

static sr_result send_schema(void *context, const query_column *columns, size_t count, sr_err *err)
{
    const query_call *run = context;
    WIRE_MESSAGE(Sealroom__V1__ResultSchema, schema);
    Sealroom__V1__RunQueryResponse answer = SEALROOM__V1__RUN_QUERY_RESPONSE__INIT;
    schema = sr_alloc(sizeof *schema);
    sealroom__v1__result_schema__init(schema);
    schema->columns = sr_array(count, sizeof(void *));
    for (size_t i = 0; i < count; i++)
        schema->columns[schema->n_columns++] = make_column(&columns[i]);
    answer.step_case = SEALROOM__V1__RUN_QUERY_RESPONSE__STEP_SCHEMA;
    answer.schema = schema;
    return service_send(run->call, &answer, err);
}

typedef struct
{
    batch_gatherer *gathered;
    Sealroom__V1__ColumnBatch *columns;
    Sealroom__V1__ColumnBatch **pointers;
    size_t count;
} outgoing;

static void outgoing_clear(outgoing *out)
{
    for (size_t i = 0; i < out->count; i++)
        batch_gatherer_clear(&out->gathered[i]);
    sr_free(out->gathered);
    sr_free(out->columns);
    sr_free(out->pointers);
}

static sr_result gather_column(outgoing *out, size_t index, const query_batch *batch, sr_err *err)
{
    batch_gatherer *gatherer = &out->gathered[index];
    Sealroom__V1__ColumnBatch *message = &out->columns[index];
    batch_gatherer_init(gatherer, 0, (uint32_t)batch->rows, RPC_MESSAGE_MAX);
    out->count++;
    for (size_t row = 0; row < batch->rows; row++)
    {
        engine_cell cell = batch->cells[row * batch->column_count + index];
        if (batch_gatherer_add(gatherer, cell.bytes, cell.is_null, err) != SR_OK)
            return SR_FAIL;
    }
    batch_column view = batch_gatherer_view(gatherer);
    sealroom__v1__column_batch__init(message);
    message->nulls = (ProtobufCBinaryData){view.nulls.len, (uint8_t *)(uintptr_t)view.nulls.data};
    message->n_lengths = view.length_count;
    message->lengths = (uint32_t *)(uintptr_t)view.lengths;
    message->data = (ProtobufCBinaryData){view.data.len, (uint8_t *)(uintptr_t)view.data.data};
    out->pointers[index] = message;
    return SR_OK;
}

static sr_result send_rows(void *context, const query_batch *batch, sr_err *err)
{
    const query_call *run = context;
    size_t columns = batch->column_count;
    outgoing out SR_CLEANUP(outgoing_clear) = {
        .gathered = sr_array(columns, sizeof(batch_gatherer)),
        .columns = sr_array(columns, sizeof(Sealroom__V1__ColumnBatch)),
        .pointers = sr_array(columns, sizeof(void *)),
    };
    for (size_t i = 0; i < columns; i++)
        if (gather_column(&out, i, batch, err) != SR_OK)
            return SR_FAIL;
    Sealroom__V1__ResultBatch message = SEALROOM__V1__RESULT_BATCH__INIT;
    Sealroom__V1__RunQueryResponse answer = SEALROOM__V1__RUN_QUERY_RESPONSE__INIT;
    message.rows = (uint32_t)batch->rows;
    message.n_columns = columns;
    message.columns = out.pointers;
    answer.step_case = SEALROOM__V1__RUN_QUERY_RESPONSE__STEP_BATCH;
    answer.batch = &message;
    return service_send(run->call, &answer, err);
}

static sr_result send_finished(const query_call *run, const query_outcome *outcome, sr_err *err)
{
    WIRE_MESSAGE(Sealroom__V1__QueryFinished, finished);
    Sealroom__V1__RunQueryResponse answer = SEALROOM__V1__RUN_QUERY_RESPONSE__INIT;
    finished = sr_alloc(sizeof *finished);
    sealroom__v1__query_finished__init(finished);
    finished->status = sr_text_copy("SUCCESS");
    finished->notice = sr_text_copy(outcome->notice == NULL ? "" : outcome->notice);
    if (outcome->warning != NULL)
    {
        finished->warnings = sr_array(1, sizeof(char *));
        finished->warnings[finished->n_warnings++] = sr_text_copy(outcome->warning);
    }
    finished->results_withheld = outcome->results_withheld;
    finished->tables = sr_array(outcome->table_count, sizeof(void *));
    for (size_t i = 0; i < outcome->table_count; i++)
        finished->tables[finished->n_tables++] = convert_table_version_message(&outcome->tables[i]);
    answer.step_case = SEALROOM__V1__RUN_QUERY_RESPONSE__STEP_FINISHED;
    answer.finished = finished;
    return service_send(run->call, &answer, err);
}

/* ---- the call -------------------------------------------------------------------------------- */

sr_result handle_query_run(rpc_call *call, void *context, sr_err *err)
{
    query_call run SR_CLEANUP(query_call_clear) = {
        .call = call, .service = context, .started = send_started};
    WIRE_MESSAGE(Sealroom__V1__RunQueryRequest, request);
    QUERY_OUTCOME(outcome);
    query_sink sink = {.context = &run, .schema = send_schema, .rows = send_rows};
    if (service_receive(&request, call, &sealroom__v1__run_query_request__descriptor, err) !=
            SR_OK ||
        service_enter(&run.room, run.service, call, request->collaboration, 0, err) != SR_OK)
        return SR_FAIL;
    /* Whether the member may query at all is asked by query_run, so that an attempt is on record. */
    run.sql = request->sql;
    if (query_call_run(&run, &outcome, (query_request){0}, &sink, err) != SR_OK)
        return SR_FAIL;
    return send_finished(&run, &outcome, err);
}
