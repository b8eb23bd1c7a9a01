#include "convert.h"
#include "handlers.h"
#include "sealroom/v1/audit.pb-c.h"
#include "server/audit/audit.h"
#include "service.h"
#include "wire/wire.h"

enum
{
    ANSWER_ROOM = RPC_MESSAGE_MAX, /* bytes of records in one answer */
};

/* Texts make up a record's size; queries may be 64 KiB each. */
static size_t size_of(const room_audit_record *record)
{
    return 1024 + sr_slice_text(record->text).len + sr_slice_text(record->reason).len +
           record->table_count * 160;
}

/* As many of the newest records as one message holds; the caller pages on with `before`. */
static void fill(Sealroom__V1__ListAuditResponse *answer, const room_audit_record *records,
                 size_t count)
{
    size_t size = 0;
    answer->records = sr_array(count, sizeof(void *));
    for (size_t i = 0; i < count; i++)
    {
        size += size_of(&records[i]);
        if (size > ANSWER_ROOM && i > 0)
            return;
        answer->records[answer->n_records++] = convert_audit_message(&records[i]);
    }
}

sr_result handle_audit_list(rpc_call *call, void *context, sr_err *err)
{
    const service_context *service = context;
    WIRE_MESSAGE(Sealroom__V1__ListAuditRequest, request);
    WIRE_MESSAGE(Sealroom__V1__ListAuditResponse, answer);
    ROOM_COLLABORATION(room);
    room_audit_record *records = NULL;
    size_t count = 0;
    if (service_receive(&request, call, &sealroom__v1__list_audit_request__descriptor, err) !=
            SR_OK ||
        service_enter(&room, service, call, request->collaboration, 0, err) != SR_OK)
        return SR_FAIL;
    audit_filter filter = {
        .collaboration = room.id,
        .viewer = service_actor(call)->who.member,
        .table = request->table,
        .limit = request->limit,
        .before = request->before,
    };
    if (audit_list(&records, &count, service->catalog, &filter, err) != SR_OK)
        return SR_FAIL;
    answer = sr_alloc(sizeof *answer);
    sealroom__v1__list_audit_response__init(answer);
    fill(answer, records, count);
    audit_list_free(records, count);
    return service_send(call, answer, err);
}
