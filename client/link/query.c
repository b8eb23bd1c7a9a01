#include "query.h"

#include "convert.h"
#include "model/batch.h"
#include "rpc/rpc.h"
#include "sealroom/v1/query.pb-c.h"
#include "session.h"
#include "wire/wire.h"

/* One run: started → schema → batch … → finished. */
typedef struct
{
    rpc_stream *stream;
    const link_row_receiver *receiver;
    link_query_outcome *outcome;
    link_result_column *columns;
    size_t column_count;
    bool has_schema;
    bool finished;
} query_run;

static void query_run_clear(query_run *run)
{
    for (size_t i = 0; i < run->column_count; i++)
    {
        sr_free(run->columns[i].name);
        sr_free(run->columns[i].source_header);
    }
    sr_free(run->columns);
    rpc_stream_free(run->stream);
}

void link_query_outcome_clear(link_query_outcome *outcome)
{
    sr_free(outcome->query_id);
    sr_free(outcome->status);
    sr_free(outcome->notice);
    for (size_t i = 0; i < outcome->warning_count; i++)
        sr_free(outcome->warnings[i]);
    sr_free(outcome->warnings);
    sr_free(outcome->tables);
    *outcome = (link_query_outcome){0};
}

/* ---- the steps ------------------------------------------------------------------------------- */

static sr_result on_schema(query_run *run, const Sealroom__V1__ResultSchema *schema, sr_err *err)
{
    if (run->has_schema)
        return sr_fail(err, SR_E_INTERNAL, "the server described the result twice");
    if (schema->n_columns == 0)
        return sr_fail(err, SR_E_FORMAT, "the server described a result without columns");
    run->has_schema = true;
    run->columns = sr_array(schema->n_columns, sizeof *run->columns);
    for (size_t i = 0; i < schema->n_columns; i++)
    {
        const Sealroom__V1__ResultColumn *from = schema->columns[i];
        link_result_column *to = &run->columns[i];
        run->column_count++;
        to->name = sr_text_copy(from->name);
        to->source_header = sr_text_copy(from->source_header);
        if (column_type_parse(&to->type, from->type, err) != SR_OK ||
            data_type_parse(&to->data, from->data_type, err) != SR_OK)
            return SR_FAIL;
    }
    return run->receiver->columns(run->receiver->context, run->columns, run->column_count, err);
}

/* The cells of a batch: column by column as they arrive, and one row at a time for the receiver. */
typedef struct
{
    sr_slice *cells; /* column * rows + row */
    bool *nulls;
    sr_slice *row_cells;
    bool *row_nulls;
} batch_cells;

static void batch_cells_clear(batch_cells *batch)
{
    sr_free(batch->cells);
    sr_free(batch->nulls);
    sr_free(batch->row_cells);
    sr_free(batch->row_nulls);
}

static sr_result split_column(batch_cells *out, const Sealroom__V1__ColumnBatch *from,
                              size_t column, uint32_t rows, sr_err *err)
{
    batch_column shape = {
        .nulls = sr_slice_of(from->nulls.data, from->nulls.len),
        .width = from->width,
        .lengths = from->lengths,
        .length_count = from->n_lengths,
        .data = sr_slice_of(from->data.data, from->data.len),
    };
    size_t at = column * rows;
    return batch_split(out->cells + at, out->nulls + at, &shape, rows, err);
}

static sr_result hand_on_rows(query_run *run, batch_cells *batch, uint32_t rows, sr_err *err)
{
    for (uint32_t row = 0; row < rows; row++)
    {
        for (size_t i = 0; i < run->column_count; i++)
        {
            batch->row_cells[i] = batch->cells[i * rows + row];
            batch->row_nulls[i] = batch->nulls[i * rows + row];
        }
        if (run->receiver->row(run->receiver->context, batch->row_cells, batch->row_nulls, err) !=
            SR_OK)
            return SR_FAIL;
    }
    return SR_OK;
}

static sr_result on_batch(query_run *run, const Sealroom__V1__ResultBatch *batch, sr_err *err)
{
    batch_cells cells SR_CLEANUP(batch_cells_clear) = {NULL, NULL, NULL, NULL};
    size_t columns = run->column_count;
    bool fits = run->has_schema && batch->n_columns == columns && batch->rows <= BATCH_MOST_ROWS &&
                batch->rows * columns <= BATCH_MOST_CELLS;
    if (!fits)
        return sr_fail(err, SR_E_FORMAT, "the server sent rows that do not fit their description");
    cells.cells = sr_array(batch->rows * columns, sizeof *cells.cells);
    cells.nulls = sr_array(batch->rows * columns, sizeof *cells.nulls);
    cells.row_cells = sr_array(columns, sizeof *cells.row_cells);
    cells.row_nulls = sr_array(columns, sizeof *cells.row_nulls);
    for (size_t i = 0; i < columns; i++)
        if (split_column(&cells, batch->columns[i], i, batch->rows, err) != SR_OK)
            return sr_fail_in(err, "the server's answer");
    return hand_on_rows(run, &cells, batch->rows, err);
}

static sr_result on_finished(query_run *run, const Sealroom__V1__QueryFinished *finished,
                             sr_err *err)
{
    link_query_outcome *out = run->outcome;
    run->finished = true;
    out->status = sr_text_copy(finished->status);
    out->notice = sr_text_copy(finished->notice);
    out->results_withheld = finished->results_withheld;
    out->warnings = sr_array(finished->n_warnings, sizeof *out->warnings);
    for (size_t i = 0; i < finished->n_warnings; i++)
        out->warnings[out->warning_count++] = sr_text_copy(finished->warnings[i]);
    out->tables = sr_array(finished->n_tables, sizeof *out->tables);
    for (size_t i = 0; i < finished->n_tables; i++)
    {
        if (convert_table_version(&out->tables[i], finished->tables[i], err) != SR_OK)
            return SR_FAIL;
        out->table_count++;
    }
    return SR_OK;
}

static sr_result on_step(query_run *run, const Sealroom__V1__RunQueryResponse *step, sr_err *err)
{
    if (run->finished)
        return sr_fail(err, SR_E_INTERNAL, "the server went on after the query's outcome");
    switch (step->step_case)
    {
    case SEALROOM__V1__RUN_QUERY_RESPONSE__STEP_STARTED:
        sr_text_clear(&run->outcome->query_id);
        run->outcome->query_id = sr_text_copy(step->started->query_id);
        return SR_OK;
    case SEALROOM__V1__RUN_QUERY_RESPONSE__STEP_SCHEMA:
        return on_schema(run, step->schema, err);
    case SEALROOM__V1__RUN_QUERY_RESPONSE__STEP_BATCH:
        return on_batch(run, step->batch, err);
    case SEALROOM__V1__RUN_QUERY_RESPONSE__STEP_FINISHED:
        return on_finished(run, step->finished, err);
    default:
        return sr_fail(err, SR_E_INTERNAL, "the server sent an answer of an unknown kind");
    }
}

/* ---- the run --------------------------------------------------------------------------------- */

static sr_result send_request(query_run *run, const char *collaboration, const char *sql,
                              sr_err *err)
{
    SR_BUF(bytes, RPC_MESSAGE_LIMIT);
    Sealroom__V1__RunQueryRequest request = SEALROOM__V1__RUN_QUERY_REQUEST__INIT;
    request.collaboration = link_borrow(collaboration);
    request.sql = link_borrow(sql);
    if (wire_pack(&request, &bytes, err) != SR_OK ||
        rpc_stream_send(run->stream, sr_buf_view(&bytes), err) != SR_OK)
        return SR_FAIL;
    return rpc_stream_send_end(run->stream, err);
}

static sr_result receive_all(query_run *run, sr_err *err)
{
    SR_BUF(bytes, RPC_MESSAGE_LIMIT);
    for (;;)
    {
        WIRE_MESSAGE(Sealroom__V1__RunQueryResponse, step);
        bool end = false;
        if (rpc_stream_receive(run->stream, &bytes, &end, err) != SR_OK)
            return SR_FAIL;
        if (end)
            break;
        if (wire_unpack(&step, &sealroom__v1__run_query_response__descriptor, sr_buf_view(&bytes),
                        err) != SR_OK ||
            on_step(run, step, err) != SR_OK)
            return SR_FAIL;
    }
    if (!run->finished)
        return sr_fail(err, SR_E_INTERNAL, "the server ended the query without its outcome");
    return rpc_stream_finish(run->stream, err);
}

sr_result link_query_run(link_query_outcome *out, link_session *link, const char *collaboration,
                         const char *sql, const link_row_receiver *receiver, sr_err *err)
{
    SR_TEXT(name);
    query_run run SR_CLEANUP(query_run_clear) = {.receiver = receiver, .outcome = out};
    *out = (link_query_outcome){0};
    if (link_collaboration_name(&name, link, collaboration, err) != SR_OK ||
        rpc_stream_open(&run.stream, link->channel, "/sealroom.v1.QueryService/RunQuery",
                        LINK_STREAM_MS, err) != SR_OK ||
        send_request(&run, name, sql, err) != SR_OK || receive_all(&run, err) != SR_OK)
    {
        link_query_outcome_clear(out);
        return SR_FAIL;
    }
    return SR_OK;
}
