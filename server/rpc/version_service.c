/* TableService: the versions of a table, and deleting them. */
#include <string.h>

#include "handlers.h"
#include "sealroom/v1/table.pb-c.h"
#include "service.h"
#include "wire/wire.h"

enum
{
    ERASE_WAIT_MS = 60 * 1000, /* for others who work with the file */
    ANSWER_MS = 1000,          /* of the caller's patience that is kept for the answer */
};

/* ---- listing --------------------------------------------------------------------------------- */

static void versions_free(room_version **list)
{
    sr_free(*list);
}

static Sealroom__V1__StoredVersion *version_message(const room_version *version)
{
    Sealroom__V1__StoredVersion *message = sr_alloc(sizeof *message);
    sealroom__v1__stored_version__init(message);
    message->version = version->version;
    message->appended_to = version->appended_to;
    message->rows = version->rows;
    message->uploaded_us = version->uploaded_us;
    message->deleted_us = version->deleted_us;
    message->state = sr_text_copy(room_version_state_name(version->state));
    return message;
}

static sr_result check_own(const service_context *service, const room_collaboration *room,
                           const char *table, const catalog_actor *actor, sr_err *err)
{
    CATALOG_TABLE(found);
    if (catalog_table_find(&found, service->catalog, &room->id, table, err) != SR_OK)
        return SR_FAIL;
    if (strcmp(found.room.owner, actor->who.member) != 0)
        return sr_fail(err, SR_E_ROLE,
                       "table \"%s\" belongs to another member: only its owner sees its versions",
                       table);
    return SR_OK;
}

sr_result handle_version_list(rpc_call *call, void *context, sr_err *err)
{
    const service_context *service = context;
    WIRE_MESSAGE(Sealroom__V1__ListVersionsRequest, request);
    WIRE_MESSAGE(Sealroom__V1__ListVersionsResponse, answer);
    ROOM_COLLABORATION(room);
    room_version *list SR_CLEANUP(versions_free) = NULL;
    size_t count = 0;
    if (service_receive(&request, call, &sealroom__v1__list_versions_request__descriptor, err) !=
            SR_OK ||
        service_enter(&room, service, call, request->collaboration, 0, err) != SR_OK ||
        check_own(service, &room, request->table, service_actor(call), err) != SR_OK ||
        catalog_version_list(&list, &count, service->catalog, &room.id, request->table, err) !=
            SR_OK)
        return SR_FAIL;
    answer = sr_alloc(sizeof *answer);
    sealroom__v1__list_versions_response__init(answer);
    answer->versions = sr_array(count, sizeof(void *));
    for (size_t i = 0; i < count; i++)
        answer->versions[answer->n_versions++] = version_message(&list[i]);
    return service_send(call, answer, err);
}

/* ---- deleting -------------------------------------------------------------------------------- */

static sr_result read_deletion(catalog_deletion *what, uint32_t *version,
                               const Sealroom__V1__DeleteTableRequest *request, sr_err *err)
{
    *version = 0;
    *what = CATALOG_DELETE_TABLE;
    switch (request->what_case)
    {
    case SEALROOM__V1__DELETE_TABLE_REQUEST__WHAT__NOT_SET:
        return SR_OK;
    case SEALROOM__V1__DELETE_TABLE_REQUEST__WHAT_VERSION:
        *what = CATALOG_DELETE_VERSION;
        *version = request->version;
        return SR_OK;
    case SEALROOM__V1__DELETE_TABLE_REQUEST__WHAT_OLD:
        *what = CATALOG_DELETE_OLD;
        break;
    default:
        break;
    }
    /* `old: false` must not be taken for "the whole table". */
    if (*what == CATALOG_DELETE_OLD && request->old)
        return SR_OK;
    return sr_fail(err, SR_E_INVALID, "what to delete: a version, old ones (true), or the table");
}

/* The deletion stands whatever becomes of the erasure. */
static bool erase(const service_context *service, rpc_call *call, const sr_uuid *collaboration)
{
    int64_t wait_ms = rpc_call_time_left_ms(call) - ANSWER_MS;
    if (wait_ms > ERASE_WAIT_MS)
        wait_ms = ERASE_WAIT_MS;
    return engine_pool_erase(service->engines, collaboration, wait_ms < 0 ? 0 : wait_ms);
}

static void numbers_free(uint32_t **numbers)
{
    sr_free(*numbers);
}

sr_result handle_table_delete(rpc_call *call, void *context, sr_err *err)
{
    const service_context *service = context;
    WIRE_MESSAGE(Sealroom__V1__DeleteTableRequest, request);
    ROOM_COLLABORATION(room);
    Sealroom__V1__DeleteTableResponse answer = SEALROOM__V1__DELETE_TABLE_RESPONSE__INIT;
    uint32_t *versions SR_CLEANUP(numbers_free) = NULL;
    catalog_deletion what = CATALOG_DELETE_TABLE;
    uint32_t version = 0;
    if (service_receive(&request, call, &sealroom__v1__delete_table_request__descriptor, err) !=
            SR_OK ||
        service_enter(&room, service, call, request->collaboration, 0, err) != SR_OK ||
        read_deletion(&what, &version, request, err) != SR_OK ||
        catalog_table_delete(&versions, &answer.n_versions, service->catalog, &room.id,
                             request->table, what, version, service_actor(call), err) != SR_OK)
        return SR_FAIL;
    answers_forget(service->answers, &room.id);
    answer.versions = versions;
    answer.erased = answer.n_versions == 0 || erase(service, call, &room.id);
    return service_send(call, &answer, err);
}
