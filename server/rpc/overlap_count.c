/*
 * OverlapService.Count: how many subjects stored tables have in common.
 *
 *     tables, column, condition → query_count_write → the seven stages → a number, or held back
 *                                                        ↑ known from before (answers.h)
 */
#include "convert.h"
#include "handlers.h"
#include "query_call.h"
#include "sealroom/v1/overlap.pb-c.h"
#include "server/query/count.h"
#include "wire/wire.h"

typedef struct
{
    query_call run; /* first: it is the context of the query's record */
    char *sql;
    char *column;
    uint64_t era;
    digest_value key;
    bool has_key;
    bool is_known;
    bool has_result; /* the sink has been called */
    given_count result;
} count_call;

static void count_call_clear(count_call *count)
{
    query_call_clear(&count->run);
    sr_free(count->sql);
    sr_free(count->column);
}

/* ---- answers from before --------------------------------------------------------------------- */

static void add_number(digest *state, uint64_t number)
{
    uint8_t bytes[sizeof number];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(number >> (8 * i));
    digest_add(state, sr_slice_of(bytes, sizeof bytes));
}

static void add_text(digest *state, const char *text)
{
    sr_slice bytes = sr_slice_text(text);
    add_number(state, bytes.len);
    digest_add(state, bytes);
}

static void make_key(count_call *count, const query_known_table *tables, size_t table_count)
{
    digest state;
    const sr_uuid *collaboration = &count->run.room.id;
    digest_init(&state);
    digest_add(&state, sr_slice_of(collaboration->bytes, sizeof collaboration->bytes));
    add_text(&state, service_actor(count->run.call)->who.member);
    add_text(&state, count->sql);
    add_number(&state, table_count);
    for (size_t i = 0; i < table_count; i++)
    {
        add_number(&state, tables[i].number);
        add_number(&state, tables[i].room->version);
        add_text(&state, tables[i].room->rule_json);
    }
    digest_finish(&count->key, &state);
    count->has_key = true;
}

static bool is_known(void *context, const query_known_table *tables, size_t table_count)
{
    count_call *count = context;
    make_key(count, tables, table_count);
    count->is_known = answers_find(count->run.service->answers, &count->result, &count->key);
    return count->is_known;
}

/* ---- the number ------------------------------------------------------------------------------ */

static sr_result take_schema(void *context, const query_column *columns, size_t column_count,
                             sr_err *err)
{
    count_call *count = context;
    (void)columns;
    count->has_result = true;
    count->result = (given_count){.held_back = true};
    return column_count == 1 ? SR_OK
                             : sr_fail(err, SR_E_INTERNAL, "a count of more than one column");
}

/* The engine's digits. */
static sr_result read_count(uint64_t *out, sr_slice digits, sr_err *err)
{
    *out = 0;
    for (size_t i = 0; i < digits.len; i++)
    {
        bool fits = digits.data[i] >= '0' && digits.data[i] <= '9' && *out < UINT64_MAX / 16;
        if (!fits)
            return sr_fail(err, SR_E_INTERNAL, "a count that is no number");
        *out = 10 * *out + (uint64_t)(digits.data[i] - '0');
    }
    return SR_OK;
}

static sr_result take_rows(void *context, const query_batch *batch, sr_err *err)
{
    count_call *count = context;
    if (batch->rows == 0)
        return SR_OK;
    if (batch->rows > 1 || !count->result.held_back || batch->cells[0].is_null)
        return sr_fail(err, SR_E_INTERNAL, "a count of more than one row");
    count->result.held_back = false;
    return read_count(&count->result.subjects, batch->cells[0].bytes, err);
}

/* ---- the call -------------------------------------------------------------------------------- */

static sr_result send_answer(const count_call *count, const query_outcome *outcome, sr_err *err)
{
    WIRE_MESSAGE(Sealroom__V1__CountResponse, message);
    message = sr_alloc(sizeof *message);
    sealroom__v1__count_response__init(message);
    message->query_id = sr_text_copy(count->run.audit.query_id);
    message->column = sr_text_copy(count->column);
    message->sql = sr_text_copy(count->sql);
    message->notice = sr_text_copy(outcome->notice);
    message->results_withheld = outcome->results_withheld;
    message->from_memory = count->is_known;
    if (!outcome->results_withheld)
    {
        message->held_back = count->result.held_back;
        message->subjects = count->result.held_back ? 0 : count->result.subjects;
    }
    message->tables = sr_array(outcome->table_count, sizeof(void *));
    for (size_t i = 0; i < outcome->table_count; i++)
        message->tables[message->n_tables++] = convert_table_version_message(&outcome->tables[i]);
    return service_send(count->run.call, message, err);
}

static sr_result check_request(const Sealroom__V1__CountRequest *request, sr_err *err)
{
    if (request->n_tables >= QUERY_COUNT_LEAST_TABLES &&
        request->n_tables <= QUERY_COUNT_MOST_TABLES)
        return SR_OK;
    return sr_fail(err, SR_E_INVALID, "an overlap is counted of %d to %d tables",
                   QUERY_COUNT_LEAST_TABLES, QUERY_COUNT_MOST_TABLES);
}

static sr_result run_count(count_call *count, query_outcome *outcome,
                           const Sealroom__V1__CountRequest *request, sr_err *err)
{
    query_count asked = {.tables = request->tables,
                         .table_count = request->n_tables,
                         .column = request->column,
                         .where = request->where};
    query_catalog tables = query_call_catalog(&count->run);
    query_sink sink = {.context = count, .schema = take_schema, .rows = take_rows};
    query_request query = {.memory = {.context = count, .has = is_known}, .is_total = true};
    answers *kept = count->run.service->answers;
    count->era = answers_era(kept);
    sr_result written = query_count_write(&count->sql, &count->column, &asked, &tables, err);
    count->run.sql = count->sql == NULL ? "" : count->sql;
    if (written != SR_OK)
        return query_call_end(&count->run, err);
    if (query_call_run(&count->run, outcome, query, &sink, err) != SR_OK)
        return SR_FAIL;
    if (count->has_key && count->has_result)
        answers_keep(kept, &count->key, &count->run.room.id, &count->result, count->era);
    return SR_OK;
}

sr_result handle_overlap_count(rpc_call *call, void *context, sr_err *err)
{
    count_call count SR_CLEANUP(count_call_clear) = {.run = {.call = call, .service = context}};
    WIRE_MESSAGE(Sealroom__V1__CountRequest, request);
    QUERY_OUTCOME(outcome);
    if (service_receive(&request, call, &sealroom__v1__count_request__descriptor, err) != SR_OK ||
        check_request(request, err) != SR_OK ||
        service_enter(&count.run.room, count.run.service, call, request->collaboration, 0, err) !=
            SR_OK ||
        run_count(&count, &outcome, request, err) != SR_OK)
        return SR_FAIL;
    return send_answer(&count, &outcome, err);
}
