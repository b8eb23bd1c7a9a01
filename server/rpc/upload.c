/*
 * TableService.Upload, step by step (proto/sealroom/v1/table.proto):
 *
 *     begin →       read and judge columns, compare the key check value, allot a version, open a stage
 *     ← accepted
 *     batch → …     split, re-key, stage                                  (upload_rows.c)
 *     ← progress
 *     commit →      compare rows and digest, commit the engine, learn which columns repeat, commit the catalog
 *     ← committed
 *
 * The catalog's commit is the one moment at which the version becomes visible. Whatever ends the call
 * before it (a failure, a client that vanished, a stream that ends without commit) drops the stage and
 * forgets the reservation; a crash between the two commits leaves rows that no version names, which the
 * engine pool drops at the next start.
 */
#include "crypto/digest.h"
#include "handlers.h"
#include "sealroom/v1/collaboration.pb-c.h"
#include "sealroom/v1/table.pb-c.h"
#include "service.h"
#include "upload_rows.h"
#include "wire/wire.h"

enum
{
    PROGRESS_EVERY = 64, /* batches */
};

typedef struct
{
    rpc_call *call;
    const service_context *service;
    room_collaboration room;
    upload_columns columns;
    uint8_t key_check[CATALOG_KEY_CHECK_SIZE];
    bool has_key_check;
    bool null_bits_unknown;
    engine_lease lease;
    intake_upload *counted; /* NULL: not yet */
    engine_stage *stage;
    catalog_upload reservation;
    bool reserved;
    bool staged; /* the engine holds the rows for good */
    token_maker tokens;
    digest received;
    uint64_t rows;       /* that arrived */
    uint64_t table_rows; /* of the new version */
    uint64_t batches;
} upload;

static engine_table stored_table(const upload *up)
{
    return (engine_table){.table = up->reservation.number, .version = up->reservation.version};
}

/* Undoes whatever was not finished. */
static void upload_clear(upload *up)
{
    sr_err ignored = SR_ERR_INIT;
    engine_stage_free(up->stage);
    /* Rows without a version: if dropping fails, the engine pool drops them at the next start. */
    if (up->reserved && up->staged &&
        engine_drop(up->lease.engine, stored_table(up), &ignored) != SR_OK)
        sr_err_reset(&ignored);
    if (up->reserved)
        catalog_upload_forget(up->service->catalog, &up->reservation);
    intake_end(up->counted);
    engine_lease_end(&up->lease);
    token_maker_clear(&up->tokens);
    upload_columns_clear(&up->columns);
    room_collaboration_clear(&up->room);
}

static sr_result receive(Sealroom__V1__UploadRequest **out, upload *up, sr_buf *bytes, sr_err *err)
{
    bool end = false;
    *out = NULL;
    if (rpc_call_receive(up->call, bytes, &end, err) != SR_OK)
        return SR_FAIL;
    if (end)
        return sr_fail(err, SR_E_CANCELLED,
                       "the upload ended without its commit; nothing was kept");
    return wire_unpack(out, &sealroom__v1__upload_request__descriptor, sr_buf_view(bytes), err);
}

/* ---- begin → ← accepted ---------------------------------------------------------------------- */

static sr_result check_key(upload *up, const Sealroom__V1__UploadBegin *begin, sr_err *err)
{
    catalog_key_answer answer = CATALOG_KEY_UNKNOWN;
    if (begin->key_check.len == 0 && !up->columns.any_encrypted)
        return SR_OK;
    if (begin->key_check.len != sizeof up->key_check)
        return sr_fail(err, SR_E_INVALID, "encrypted columns need a key check value of %d bytes",
                       CATALOG_KEY_CHECK_SIZE);
    sr_copy(up->key_check, begin->key_check.data, sizeof up->key_check);
    up->has_key_check = true;
    if (catalog_key_check(&answer, up->service->catalog, &up->room.id, up->key_check, err) != SR_OK)
        return SR_FAIL;
    if (answer == CATALOG_KEY_MISMATCH)
    {
        sr_fail(err, SR_E_SECRET,
                "the key check value does not match this collaboration's: another secret, id or "
                "other flags were used to encrypt");
        sr_err_set_detail(err, "KEY_CHECK_MISMATCH", "key_check", begin->table, NULL);
        return SR_FAIL;
    }
    return SR_OK;
}

static sr_result check_flags(const upload *up, const Sealroom__V1__UploadBegin *begin, sr_err *err)
{
    uint8_t wanted = flags_to_byte(&up->room.flags);
    uint32_t given = begin->flags == NULL ? 0 : begin->flags->value;
    if (given != wanted)
        return sr_fail(
            err, SR_E_STATE,
            "the file was made with other settings than this collaboration's: fetch them "
            "with `sealroom collab show %s`",
            up->room.name);
    return SR_OK;
}

static sr_result open_stage(upload *up, const Sealroom__V1__UploadBegin *begin, sr_err *err)
{
    const service_context *service = up->service;
    TOKEN_KEY(key);
    if (server_keys_load(&key, service->keys, &up->room.id, err) != SR_OK ||
        engine_pool_lease_upload(&up->lease, service->engines, &up->room.id, err) != SR_OK ||
        intake_begin(&up->counted, service->intake, up->lease.engine, &up->room.id,
                     service_actor(up->call)->who.member, err) != SR_OK ||
        catalog_upload_begin(&up->reservation, service->catalog, &up->room.id, begin->table,
                             up->columns.columns, up->columns.count, begin->append,
                             service_actor(up->call), err) != SR_OK)
        return SR_FAIL;
    up->reserved = true;
    token_maker_init(&up->tokens, &key);
    if (engine_stage_new(&up->stage, up->lease.engine, stored_table(up), up->columns.stored,
                         up->columns.count, err) != SR_OK)
        return SR_FAIL;
    if (up->reservation.appends_to == 0)
        return SR_OK;
    engine_table from = {up->reservation.number, up->reservation.appends_to};
    if (intake_add_copy(up->counted, up->lease.engine, from, err) != SR_OK)
        return SR_FAIL;
    return engine_stage_copy(up->stage, from, err);
}

static sr_result send_accepted(const upload *up, sr_err *err)
{
    sr_uuid_text id = sr_uuid_print(&up->reservation.table_id);
    Sealroom__V1__UploadAccepted accepted = SEALROOM__V1__UPLOAD_ACCEPTED__INIT;
    Sealroom__V1__UploadResponse answer = SEALROOM__V1__UPLOAD_RESPONSE__INIT;
    accepted.table_id = id.text;
    accepted.version = up->reservation.version;
    answer.step_case = SEALROOM__V1__UPLOAD_RESPONSE__STEP_ACCEPTED;
    answer.accepted = &accepted;
    return service_send(up->call, &answer, err);
}

static sr_result begin(upload *up, sr_buf *bytes, sr_err *err)
{
    WIRE_MESSAGE(Sealroom__V1__UploadRequest, request);
    if (receive(&request, up, bytes, err) != SR_OK)
        return SR_FAIL;
    if (request->step_case != SEALROOM__V1__UPLOAD_REQUEST__STEP_BEGIN)
        return sr_fail(err, SR_E_INVALID, "an upload starts with begin");
    const Sealroom__V1__UploadBegin *from = request->begin;
    if (service_enter(&up->room, up->service, up->call, from->collaboration, ABILITY_CONTRIBUTE,
                      err) != SR_OK ||
        upload_columns_read(&up->columns, from, &up->room.flags, err) != SR_OK ||
        check_flags(up, from, err) != SR_OK || check_key(up, from, err) != SR_OK ||
        open_stage(up, from, err) != SR_OK)
        return SR_FAIL;
    up->null_bits_unknown = from->null_bits_unknown;
    return send_accepted(up, err);
}

/* ---- batch → … ← progress -------------------------------------------------------------------- */

static sr_result on_batch(upload *up, const Sealroom__V1__UploadBatch *batch, sr_slice bytes,
                          sr_err *err)
{
    if (engine_lease_check(&up->lease, err) != SR_OK ||
        upload_rows_stage(up->stage, &up->columns, &up->tokens, batch, err) != SR_OK ||
        intake_add(up->counted, bytes.len, batch->rows, err) != SR_OK)
        return SR_FAIL;
    digest_add(&up->received, bytes);
    up->rows += batch->rows;
    if (++up->batches % PROGRESS_EVERY != 0)
        return SR_OK;
    Sealroom__V1__UploadProgress progress = SEALROOM__V1__UPLOAD_PROGRESS__INIT;
    Sealroom__V1__UploadResponse answer = SEALROOM__V1__UPLOAD_RESPONSE__INIT;
    progress.rows = up->rows;
    answer.step_case = SEALROOM__V1__UPLOAD_RESPONSE__STEP_PROGRESS;
    answer.progress = &progress;
    return service_send(up->call, &answer, err);
}

/* ---- commit → ← committed -------------------------------------------------------------------- */

static sr_result check_commit(upload *up, const Sealroom__V1__UploadCommit *commit, sr_err *err)
{
    digest_value sum;
    digest_finish(&sum, &up->received);
    if (commit->rows != up->rows || commit->digest.len != sizeof sum.bytes ||
        !sr_equal_ct(commit->digest.data, sum.bytes, sizeof sum.bytes))
        return sr_fail(
            err, SR_E_FORMAT,
            "what arrived is not what was sent (rows or digest differ); nothing was kept");
    return upload_columns_take_cards(&up->columns, commit, err);
}

static sr_result store(upload *up, sr_err *err)
{
    if (engine_stage_commit(up->stage, &up->table_rows, err) != SR_OK)
        return SR_FAIL;
    up->staged = true;
    if (upload_columns_learn_repeats(&up->columns, up->lease.engine, stored_table(up), err) !=
        SR_OK)
        return SR_FAIL;
    catalog_upload_facts facts = {
        .columns = up->columns.columns,
        .column_count = up->columns.count,
        .rows = up->table_rows,
        .null_bits_unknown = up->null_bits_unknown,
        .key_check = up->has_key_check ? up->key_check : NULL,
    };
    if (catalog_upload_commit(up->service->catalog, &up->reservation, &facts,
                              service_actor(up->call), err) != SR_OK)
        return SR_FAIL;
    answers_forget(up->service->answers, &up->room.id);
    up->reserved = false;
    return SR_OK;
}

static sr_result send_committed(const upload *up, sr_err *err)
{
    char warning[] = "this file hides which cells are NULL, so each NULL of a fingerprint column "
                     "counts as a subject of its own; encrypt with this client to avoid it";
    char *warnings[] = {warning};
    Sealroom__V1__UploadCommitted committed = SEALROOM__V1__UPLOAD_COMMITTED__INIT;
    Sealroom__V1__UploadResponse answer = SEALROOM__V1__UPLOAD_RESPONSE__INIT;
    committed.version = up->reservation.version;
    committed.rows = up->rows;
    committed.table_rows = up->table_rows;
    committed.n_warnings = up->null_bits_unknown ? 1 : 0;
    committed.warnings = warnings;
    answer.step_case = SEALROOM__V1__UPLOAD_RESPONSE__STEP_COMMITTED;
    answer.committed = &committed;
    return service_send(up->call, &answer, err);
}

static sr_result commit(upload *up, const Sealroom__V1__UploadCommit *from, sr_err *err)
{
    if (check_commit(up, from, err) != SR_OK || store(up, err) != SR_OK)
        return SR_FAIL;
    return send_committed(up, err);
}

/* ---- the map --------------------------------------------------------------------------------- */

sr_result handle_upload(rpc_call *call, void *context, sr_err *err)
{
    upload up SR_CLEANUP(upload_clear) = {.call = call, .service = context};
    SR_BUF(bytes, RPC_MESSAGE_LIMIT);
    digest_init(&up.received);
    if (begin(&up, &bytes, err) != SR_OK)
        return SR_FAIL;
    for (;;)
    {
        WIRE_MESSAGE(Sealroom__V1__UploadRequest, request);
        if (receive(&request, &up, &bytes, err) != SR_OK)
            return SR_FAIL;
        if (request->step_case == SEALROOM__V1__UPLOAD_REQUEST__STEP_COMMIT)
            return commit(&up, request->commit, err);
        if (request->step_case != SEALROOM__V1__UPLOAD_REQUEST__STEP_BATCH)
            return sr_fail(err, SR_E_INVALID, "after begin an upload has batches and a commit");
        if (on_batch(&up, request->batch, sr_buf_view(&bytes), err) != SR_OK)
            return SR_FAIL;
    }
}
