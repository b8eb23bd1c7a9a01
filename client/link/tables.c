#include <string.h>

#include "convert.h"
#include "link.h"
#include "sealroom/v1/audit.pb-c.h"
#include "sealroom/v1/table.pb-c.h"
#include "session.h"
#include "wire/wire.h"

#define SERVICE "/sealroom.v1.TableService/"

static sr_result ask(room_table *out, link_session *link, const char *path, const void *request,
                     sr_err *err)
{
    WIRE_MESSAGE(Sealroom__V1__Table, answer);
    *out = (room_table){0};
    if (link_call(&answer, link, path, request, &sealroom__v1__table__descriptor, err) != SR_OK)
        return SR_FAIL;
    return convert_table(out, answer, err);
}

sr_result link_table_rule(room_table *out, link_session *link, const char *collaboration,
                          const char *table, const char *rule_json, sr_err *err)
{
    SR_TEXT(name);
    Sealroom__V1__SetRuleRequest request = SEALROOM__V1__SET_RULE_REQUEST__INIT;
    *out = (room_table){0};
    if (link_collaboration_name(&name, link, collaboration, err) != SR_OK)
        return SR_FAIL;
    request.collaboration = name;
    request.table = link_borrow(table);
    request.rule_json = link_borrow(rule_json);
    return ask(out, link, SERVICE "SetRule", &request, err);
}

sr_result link_table_get(room_table *out, link_session *link, const char *collaboration,
                         const char *table, sr_err *err)
{
    SR_TEXT(name);
    Sealroom__V1__GetTableRequest request = SEALROOM__V1__GET_TABLE_REQUEST__INIT;
    *out = (room_table){0};
    if (link_collaboration_name(&name, link, collaboration, err) != SR_OK)
        return SR_FAIL;
    request.collaboration = name;
    request.table = link_borrow(table);
    if (ask(out, link, SERVICE "GetTable", &request, err) != SR_OK)
        return SR_FAIL;
    /* Column cards vouch for the table of their own name: that of another must not pass for it. */
    if (strcmp(out->name, table) == 0)
        return SR_OK;
    room_table_clear(out);
    return sr_fail(err, SR_E_INVALID, "the server answered about another table than \"%s\"", table);
}

/* ---- lists ----------------------------------------------------------------------------------- */

void link_tables_clear(link_tables *list)
{
    for (size_t i = 0; i < list->count; i++)
        room_table_clear(&list->items[i]);
    sr_free(list->items);
    *list = (link_tables){NULL, 0};
}

static sr_result add_tables(link_tables *out, const Sealroom__V1__ListTablesResponse *answer,
                            sr_err *err)
{
    size_t count = out->count + answer->n_tables;
    out->items = sr_array_grow(out->items, out->count, count, sizeof *out->items);
    for (size_t i = 0; i < answer->n_tables; i++)
    {
        if (convert_table(&out->items[out->count], answer->tables[i], err) != SR_OK)
            return SR_FAIL;
        out->count++;
    }
    return SR_OK;
}

/* One answer after the other, from `after` (which the request shows) on; each must get on, or a server
 * could keep us here for ever. */
static sr_result list_all(link_tables *out, link_session *link,
                          Sealroom__V1__ListTablesRequest *request, char after[MODEL_NAME_SIZE],
                          sr_err *err)
{
    for (bool more = true; more;)
    {
        WIRE_MESSAGE(Sealroom__V1__ListTablesResponse, answer);
        if (link_call(&answer, link, SERVICE "ListTables", request,
                      &sealroom__v1__list_tables_response__descriptor, err) != SR_OK ||
            add_tables(out, answer, err) != SR_OK)
            return SR_FAIL;
        more = answer->more;
        const char *last = answer->n_tables == 0 ? "" : out->items[out->count - 1].name;
        if (more && strcmp(last, after) <= 0)
            return sr_fail(err, SR_E_INTERNAL, "the server's list of tables does not end");
        sr_copy(after, last, sr_slice_text(last).len + 1);
    }
    return SR_OK;
}

sr_result link_table_list(link_tables *out, link_session *link, const char *collaboration,
                          sr_err *err)
{
    SR_TEXT(name);
    char after[MODEL_NAME_SIZE] = "";
    Sealroom__V1__ListTablesRequest request = SEALROOM__V1__LIST_TABLES_REQUEST__INIT;
    *out = (link_tables){NULL, 0};
    if (link_collaboration_name(&name, link, collaboration, err) != SR_OK)
        return SR_FAIL;
    request.collaboration = name;
    request.after = after;
    if (list_all(out, link, &request, after, err) == SR_OK)
        return SR_OK;
    link_tables_clear(out);
    return SR_FAIL;
}

/* ---- audit ----------------------------------------------------------------------------------- */

void link_audit_clear(link_audit *list)
{
    for (size_t i = 0; i < list->count; i++)
        room_audit_record_clear(&list->items[i]);
    sr_free(list->items);
    *list = (link_audit){NULL, 0};
}

sr_result link_audit_list(link_audit *out, link_session *link, const char *collaboration,
                          const char *table, uint32_t limit, uint64_t before, sr_err *err)
{
    SR_TEXT(name);
    Sealroom__V1__ListAuditRequest request = SEALROOM__V1__LIST_AUDIT_REQUEST__INIT;
    WIRE_MESSAGE(Sealroom__V1__ListAuditResponse, answer);
    *out = (link_audit){NULL, 0};
    if (link_collaboration_name(&name, link, collaboration, err) != SR_OK)
        return SR_FAIL;
    request.collaboration = name;
    if (table != NULL)
        request.table = link_borrow(table);
    request.limit = limit;
    request.before = before;
    if (link_call(&answer, link, "/sealroom.v1.AuditService/ListAudit", &request,
                  &sealroom__v1__list_audit_response__descriptor, err) != SR_OK)
        return SR_FAIL;
    out->items = sr_array(answer->n_records, sizeof *out->items);
    for (size_t i = 0; i < answer->n_records; i++)
    {
        if (convert_audit_record(&out->items[i], answer->records[i], err) != SR_OK)
        {
            link_audit_clear(out);
            return SR_FAIL;
        }
        out->count++;
    }
    return SR_OK;
}
