#include "upload.h"

#include "check.h"
#include "model/column_type.h"
#include "sealroom/v1/collaboration.pb-c.h"
#include "sealroom/v1/table.pb-c.h"
#include "wire/wire.h"

enum
{
    KEY_CHECK_BYTES = 16,
    FINGERPRINT_BYTES = 32,
    CIPHER_START = 63,
    CELL_MOST = 256,
};

void upload_clear(upload *up)
{
    rpc_stream_clear(&up->stream);
    digest_clear(&up->sent);
}

static sr_result send_request(upload *up, const Sealroom__V1__UploadRequest *request, bool counted,
                              sr_err *err)
{
    SR_BUF(bytes, RPC_MESSAGE_LIMIT);
    check_ok(wire_pack(request, &bytes, err), err);
    if (counted)
        digest_add(&up->sent, sr_buf_view(&bytes));
    return rpc_stream_send(up->stream, sr_buf_view(&bytes), err);
}

/* The next answer of the wanted kind; others (progress) are passed over. */
static sr_result receive(Sealroom__V1__UploadResponse **out, upload *up,
                         Sealroom__V1__UploadResponse__StepCase wanted, sr_err *err)
{
    SR_BUF(bytes, RPC_MESSAGE_LIMIT);
    bool end = false;
    for (;;)
    {
        wire_clear(out);
        if (rpc_stream_receive(up->stream, &bytes, &end, err) != SR_OK)
            return SR_FAIL;
        check(!end);
        check_ok(
            wire_unpack(out, &sealroom__v1__upload_response__descriptor, sr_buf_view(&bytes), err),
            err);
        if ((*out)->step_case == wanted)
            return SR_OK;
    }
}

/* ---- begin ----------------------------------------------------------------------------------- */

static sr_result open_stream(upload *up, const char *member, sr_err *err)
{
    digest_init(&up->sent);
    return rpc_stream_open(&up->stream, room_channel(member, "owner"), TABLE("Upload"),
                           ROOM_DEADLINE_MS, err);
}

sr_result upload_begin(upload *up, const upload_plan *plan, const char *member, sr_err *err)
{
    Sealroom__V1__UploadRequest request = SEALROOM__V1__UPLOAD_REQUEST__INIT;
    Sealroom__V1__UploadBegin begin = SEALROOM__V1__UPLOAD_BEGIN__INIT;
    Sealroom__V1__CollaborationFlagsByte flags = SEALROOM__V1__COLLABORATION_FLAGS_BYTE__INIT;
    Sealroom__V1__Column columns[UPLOAD_COLUMNS_MOST];
    Sealroom__V1__Column *pointers[UPLOAD_COLUMNS_MOST];
    uint8_t key[KEY_CHECK_BYTES];
    WIRE_MESSAGE(Sealroom__V1__UploadResponse, answer);
    up->plan = plan;
    if (open_stream(up, member, err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < plan->column_count; i++)
    {
        sealroom__v1__column__init(&columns[i]);
        columns[i].name = wire_text(plan->columns[i].name);
        columns[i].type = wire_text(plan->columns[i].type);
        columns[i].data_type = wire_text(plan->columns[i].data_type);
        columns[i].normaliser = wire_text("exact");
        columns[i].allowed = !plan->columns[i].hidden;
        pointers[i] = &columns[i];
    }
    memset(key, plan->key, sizeof key);
    begin.collaboration = wire_text(plan->collaboration == NULL ? "lab" : plan->collaboration);
    begin.table = wire_text(plan->table);
    begin.columns = pointers;
    begin.n_columns = plan->column_count;
    flags.value = plan->flags;
    begin.flags = &flags;
    if (plan->key >= 0)
        begin.key_check = (ProtobufCBinaryData){sizeof key, key};
    request.step_case = SEALROOM__V1__UPLOAD_REQUEST__STEP_BEGIN;
    request.begin = &begin;
    if (send_request(up, &request, false, err) != SR_OK)
        return SR_FAIL;
    return receive(&answer, up, SEALROOM__V1__UPLOAD_RESPONSE__STEP_ACCEPTED, err);
}

/* ---- batches --------------------------------------------------------------------------------- */

sr_result upload_send_batch(upload *up, const batch_column *columns, size_t count, uint32_t rows,
                            sr_err *err)
{
    Sealroom__V1__UploadRequest request = SEALROOM__V1__UPLOAD_REQUEST__INIT;
    Sealroom__V1__UploadBatch batch = SEALROOM__V1__UPLOAD_BATCH__INIT;
    Sealroom__V1__ColumnBatch messages[UPLOAD_COLUMNS_MOST];
    Sealroom__V1__ColumnBatch *pointers[UPLOAD_COLUMNS_MOST];
    for (size_t i = 0; i < count; i++)
    {
        const batch_column *from = &columns[i];
        sealroom__v1__column_batch__init(&messages[i]);
        messages[i].nulls =
            (ProtobufCBinaryData){from->nulls.len, (uint8_t *)(uintptr_t)from->nulls.data};
        messages[i].width = from->width;
        messages[i].n_lengths = from->length_count;
        messages[i].lengths = (uint32_t *)(uintptr_t)from->lengths;
        messages[i].data =
            (ProtobufCBinaryData){from->data.len, (uint8_t *)(uintptr_t)from->data.data};
        pointers[i] = &messages[i];
    }
    batch.rows = rows;
    batch.n_columns = count;
    batch.columns = pointers;
    request.step_case = SEALROOM__V1__UPLOAD_REQUEST__STEP_BATCH;
    request.batch = &batch;
    up->rows += rows;
    return send_request(up, &request, true, err);
}

static void add_cell(batch_gatherer *out, column_type type, const char *text)
{
    sr_err err = SR_ERR_INIT;
    uint8_t cell[CELL_MOST] = {0};
    size_t len = text == NULL ? 0 : strlen(text);
    check(len + CIPHER_START <= sizeof cell);
    size_t from = type == COLUMN_SEALED || type == COLUMN_DETERMINISTIC ? CIPHER_START : 0;
    sr_copy(cell + from, text, len);
    size_t size = type == COLUMN_FINGERPRINT ? FINGERPRINT_BYTES : from + len;
    check_ok(batch_gatherer_add(out, sr_slice_of(cell, size), text == NULL, &err), &err);
}

sr_result upload_send_rows(upload *up, sr_err *err)
{
    const upload_plan *plan = up->plan;
    batch_gatherer gathered[UPLOAD_COLUMNS_MOST];
    batch_column columns[UPLOAD_COLUMNS_MOST];
    for (size_t i = 0; i < plan->column_count; i++)
    {
        sr_err ignored = SR_ERR_INIT;
        column_type type;
        check_ok(column_type_parse(&type, plan->columns[i].type, &ignored), &ignored);
        batch_gatherer_init(&gathered[i], column_type_of(type)->raw_width, plan->rows, 65536);
        for (uint32_t row = 0; row < plan->rows; row++)
            add_cell(&gathered[i], type, plan->columns[i].cells[row]);
        columns[i] = batch_gatherer_view(&gathered[i]);
    }
    sr_result result = upload_send_batch(up, columns, plan->column_count, plan->rows, err);
    for (size_t i = 0; i < plan->column_count; i++)
        batch_gatherer_clear(&gathered[i]);
    return result;
}

/* ---- commit ---------------------------------------------------------------------------------- */

static void fill_cards(ProtobufCBinaryData cards[UPLOAD_COLUMNS_MOST], const upload_plan *plan)
{
    static uint8_t card[] = "a card that only another client can judge";
    for (size_t i = 0; i < plan->column_count; i++)
    {
        bool wanted = strcmp(plan->columns[i].type, "cleartext") != 0;
        cards[i] = (ProtobufCBinaryData){wanted ? sizeof card : 0, card};
    }
}

static sr_result send_commit(upload *up, const upload_lies *lies, sr_err *err)
{
    Sealroom__V1__UploadRequest request = SEALROOM__V1__UPLOAD_REQUEST__INIT;
    Sealroom__V1__UploadCommit commit = SEALROOM__V1__UPLOAD_COMMIT__INIT;
    ProtobufCBinaryData cards[UPLOAD_COLUMNS_MOST];
    digest_value sum;
    digest_finish(&sum, &up->sent);
    sum.bytes[0] ^= lies->spoil ? 1 : 0;
    commit.rows = up->rows + lies->rows_more;
    commit.digest = (ProtobufCBinaryData){sizeof sum.bytes, sum.bytes};
    if (!lies->no_cards && up->plan != NULL)
    {
        fill_cards(cards, up->plan);
        commit.cards = cards;
        commit.n_cards = up->plan->column_count;
    }
    request.step_case = SEALROOM__V1__UPLOAD_REQUEST__STEP_COMMIT;
    request.commit = &commit;
    return send_request(up, &request, false, err);
}

sr_result upload_commit(upload *up, const upload_lies *lies, uint32_t *version, sr_err *err)
{
    static const upload_lies none = {0, false, false};
    WIRE_MESSAGE(Sealroom__V1__UploadResponse, answer);
    if (send_commit(up, lies == NULL ? &none : lies, err) != SR_OK ||
        receive(&answer, up, SEALROOM__V1__UPLOAD_RESPONSE__STEP_COMMITTED, err) != SR_OK)
        return SR_FAIL;
    check_int(answer->committed->rows, up->rows);
    if (version != NULL)
        *version = answer->committed->version;
    return rpc_stream_finish(up->stream, err);
}

sr_result upload_end(upload *up, sr_err *err)
{
    if (rpc_stream_send_end(up->stream, err) != SR_OK)
        return SR_FAIL;
    return rpc_stream_finish(up->stream, err);
}

sr_result upload_commit_first(const char *member, sr_err *err)
{
    static const upload_lies none = {0, false, false};
    UPLOAD(up);
    if (open_stream(&up, member, err) != SR_OK || send_commit(&up, &none, err) != SR_OK)
        return SR_FAIL;
    return rpc_stream_finish(up.stream, err);
}

sr_result upload_whole(const upload_plan *plan, const char *member, sr_err *err)
{
    UPLOAD(up);
    if (upload_begin(&up, plan, member, err) != SR_OK || upload_send_rows(&up, err) != SR_OK)
        return SR_FAIL;
    return upload_commit(&up, NULL, NULL, err);
}

/* ---- the lab --------------------------------------------------------------------------------- */

#define LAB_RULE(dimension)                                                                        \
    "{\"analysisRuleType\": \"AGGREGATION\", \"analysisRulePolicy\": {\"v1\": {\"aggregation\": {" \
    "\"aggregateColumns\": [{\"columnNames\": [\"user_id_hash\"], \"function\": "                  \
    "\"COUNT_DISTINCT\"}], \"joinColumns\": [\"user_id_hash\"], \"joinRequired\": "                \
    "\"QUERY_RUNNER\", \"allowedJoinOperators\": [], \"dimensionColumns\": [\"" dimension "\"], "  \
    "\"scalarFunctions\": [], \"outputConstraints\": [{\"columnName\": \"user_id_hash\", "         \
    "\"minimum\": 2, \"type\": \"COUNT_DISTINCT\"}], \"allowCountStar\": true}}}}"

void upload_lab(void)
{
    static const char *const readers[] = {"aaa111", "bbb222", "ccc333", "ddd444", "eee555"};
    static const char *const segments[] = {"news", "sports", "news", "finance", "sports"};
    static const char *const reached[] = {"bbb222", "ccc333", "xxx999", "yyy888"};
    static const char *const campaigns[] = {"spring_launch", "spring_launch", "brand_awareness",
                                            "spring_launch"};
    static const upload_column publisher[] = {
        {"user_id_hash", "fingerprint", "STRING", readers, false},
        {"segment", "cleartext", "STRING", segments, false},
    };
    static const upload_column advertiser[] = {
        {"user_id_hash", "fingerprint", "STRING", reached, false},
        {"campaign", "cleartext", "STRING", campaigns, false},
    };
    upload_plan first = {NULL, "publisher_audience", publisher, 2, 5, ROOM_FLAGS, UPLOAD_KEY};
    upload_plan second = {NULL, "advertiser_audience", advertiser, 2, 4, ROOM_FLAGS, UPLOAD_KEY};
    sr_err err = SR_ERR_INIT;
    check_ok(upload_whole(&first, "retailer", &err), &err);
    check_ok(upload_whole(&second, "brand", &err), &err);
    check_ok(room_set_rule("retailer", "publisher_audience", LAB_RULE("segment"), &err), &err);
    check_ok(room_set_rule("brand", "advertiser_audience", LAB_RULE("campaign"), &err), &err);
}
