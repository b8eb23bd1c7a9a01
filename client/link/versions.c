#include <stddef.h>

#include "link.h"
#include "sealroom/v1/table.pb-c.h"
#include "session.h"
#include "wire/wire.h"

#define SERVICE "/sealroom.v1.TableService/"

/* ---- listing --------------------------------------------------------------------------------- */

void link_versions_clear(link_versions *list)
{
    sr_free(list->items);
    *list = (link_versions){NULL, 0};
}

static sr_result add_version(link_versions *out, const Sealroom__V1__StoredVersion *message,
                             sr_err *err)
{
    room_version *version = &out->items[out->count];
    *version = (room_version){
        .version = message->version,
        .appended_to = message->appended_to,
        .rows = message->rows,
        .uploaded_us = message->uploaded_us,
        .deleted_us = message->deleted_us,
    };
    if (room_version_state_parse(&version->state, message->state, err) != SR_OK)
        return sr_fail_in(err, "the server's answer");
    out->count++;
    return SR_OK;
}

sr_result link_version_list(link_versions *out, link_session *link, const char *collaboration,
                            const char *table, sr_err *err)
{
    SR_TEXT(name);
    Sealroom__V1__ListVersionsRequest request = SEALROOM__V1__LIST_VERSIONS_REQUEST__INIT;
    WIRE_MESSAGE(Sealroom__V1__ListVersionsResponse, answer);
    *out = (link_versions){NULL, 0};
    if (link_collaboration_name(&name, link, collaboration, err) != SR_OK)
        return SR_FAIL;
    request.collaboration = name;
    request.table = link_borrow(table);
    if (link_call(&answer, link, SERVICE "ListVersions", &request,
                  &sealroom__v1__list_versions_response__descriptor, err) != SR_OK)
        return SR_FAIL;
    out->items = sr_array(answer->n_versions, sizeof *out->items);
    for (size_t i = 0; i < answer->n_versions; i++)
        if (add_version(out, answer->versions[i], err) != SR_OK)
        {
            link_versions_clear(out);
            return SR_FAIL;
        }
    return SR_OK;
}

/* ---- deleting -------------------------------------------------------------------------------- */

void link_deleted_clear(link_deleted *deleted)
{
    sr_free(deleted->versions);
    *deleted = (link_deleted){NULL, 0, false};
}

static void say_what(Sealroom__V1__DeleteTableRequest *request, link_deletion what,
                     uint32_t version)
{
    if (what == LINK_DELETE_VERSION)
    {
        request->what_case = SEALROOM__V1__DELETE_TABLE_REQUEST__WHAT_VERSION;
        request->version = version;
    }
    else if (what == LINK_DELETE_OLD)
    {
        request->what_case = SEALROOM__V1__DELETE_TABLE_REQUEST__WHAT_OLD;
        request->old = true;
    }
}

sr_result link_table_delete(link_deleted *out, link_session *link, const char *collaboration,
                            const char *table, link_deletion what, uint32_t version, sr_err *err)
{
    SR_TEXT(name);
    Sealroom__V1__DeleteTableRequest request = SEALROOM__V1__DELETE_TABLE_REQUEST__INIT;
    WIRE_MESSAGE(Sealroom__V1__DeleteTableResponse, answer);
    *out = (link_deleted){NULL, 0, false};
    if (link_collaboration_name(&name, link, collaboration, err) != SR_OK)
        return SR_FAIL;
    request.collaboration = name;
    request.table = link_borrow(table);
    say_what(&request, what, version);
    if (link_call_within(&answer, link, SERVICE "DeleteTable", &request,
                         &sealroom__v1__delete_table_response__descriptor, LINK_STREAM_MS,
                         err) != SR_OK)
        return SR_FAIL;
    out->versions = sr_array(answer->n_versions, sizeof *out->versions);
    for (size_t i = 0; i < answer->n_versions; i++)
        out->versions[i] = answer->versions[i];
    out->count = answer->n_versions;
    out->erased = answer->erased;
    return SR_OK;
}
