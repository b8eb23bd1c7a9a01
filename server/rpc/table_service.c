#include <string.h>

#include "convert.h"
#include "handlers.h"
#include "model/rule.h"
#include "sealroom/v1/table.pb-c.h"
#include "service.h"
#include "wire/wire.h"

enum
{
    RULE_MOST = 512 * 1024,          /* bytes of a canonical rule document */
    COLUMN_MOST = HEADER_SIZE + 160, /* bytes of a column in an answer */
    ANSWER_ROOM = RPC_MESSAGE_MAX,   /* bytes of tables in one answer */
};

static bool is_own(const rpc_call *call, const room_table *table)
{
    return strcmp(service_actor(call)->who.member, table->owner) == 0;
}

static sr_result answer_with(rpc_call *call, const service_context *service,
                             const room_collaboration *room, const char *name, sr_err *err)
{
    CATALOG_TABLE(table);
    WIRE_MESSAGE(Sealroom__V1__Table, answer);
    if (catalog_table_find(&table, service->catalog, &room->id, name, err) != SR_OK)
        return SR_FAIL;
    answer = convert_table_message(&table.room, is_own(call, &table.room));
    return service_send(call, answer, err);
}

/* ---- rules ----------------------------------------------------------------------------------- */

static void rule_columns_free(rule_table_column **columns)
{
    sr_free(*columns);
}

static sr_result check_rule(const analysis_rule *rule, const room_table *table, sr_err *err)
{
    rule_table_column *columns SR_CLEANUP(rule_columns_free) =
        sr_array(table->column_count, sizeof *columns);
    for (size_t i = 0; i < table->column_count; i++)
    {
        const room_column *column = &table->columns[i];
        columns[i] = (rule_table_column){
            .name = column->name,
            .type = (int)column->type,
            .kind = (int)column->data.kind,
            .allowed = column->allowed,
        };
    }
    return rule_check_columns(rule, columns, table->column_count, err);
}

static sr_result store_rule(const service_context *service, const room_collaboration *room,
                            const Sealroom__V1__SetRuleRequest *request, const catalog_actor *actor,
                            sr_err *err)
{
    CATALOG_TABLE(table);
    RULE(rule);
    SR_BUF(canonical, RULE_MOST);
    SR_TEXT(text);
    uint32_t version = 0;
    if (catalog_table_find(&table, service->catalog, &room->id, request->table, err) != SR_OK)
        return SR_FAIL;
    if (strcmp(actor->who.member, table.room.owner) != 0)
        return sr_fail(err, SR_E_ROLE,
                       "table \"%s\" belongs to another member: only its owner sets "
                       "its rule",
                       request->table);
    if (rule_parse(&rule, sr_slice_text(request->rule_json), err) != SR_OK ||
        check_rule(rule, &table.room, err) != SR_OK || rule_print(&canonical, rule, err) != SR_OK ||
        sr_buf_take_text(&text, &canonical, err) != SR_OK)
        return sr_fail_in(err, "rule of table \"%s\"", request->table);
    return catalog_rule_set(&version, service->catalog, &room->id, request->table, text,
                            rule->subject_column, actor, err);
}

sr_result handle_rule_set(rpc_call *call, void *context, sr_err *err)
{
    const service_context *service = context;
    WIRE_MESSAGE(Sealroom__V1__SetRuleRequest, request);
    ROOM_COLLABORATION(room);
    if (service_receive(&request, call, &sealroom__v1__set_rule_request__descriptor, err) !=
            SR_OK ||
        service_enter(&room, service, call, request->collaboration, ABILITY_CONTRIBUTE, err) !=
            SR_OK ||
        store_rule(service, &room, request, service_actor(call), err) != SR_OK)
        return SR_FAIL;
    answers_forget(service->answers, &room.id);
    return answer_with(call, service, &room, request->table, err);
}

/* ---- looking --------------------------------------------------------------------------------- */

sr_result handle_table_get(rpc_call *call, void *context, sr_err *err)
{
    const service_context *service = context;
    WIRE_MESSAGE(Sealroom__V1__GetTableRequest, request);
    ROOM_COLLABORATION(room);
    if (service_receive(&request, call, &sealroom__v1__get_table_request__descriptor, err) !=
            SR_OK ||
        service_enter(&room, service, call, request->collaboration, 0, err) != SR_OK)
        return SR_FAIL;
    return answer_with(call, service, &room, request->table, err);
}

/* No less than what the table takes up in a message. */
static size_t size_of(const room_table *table)
{
    size_t rule = table->rule_json == NULL ? 0 : sr_slice_text(table->rule_json).len;
    return 1024 + table->column_count * COLUMN_MOST + rule;
}

/* At least one, so that the caller gets on; the largest table fits by the limits on columns and rules. */
static void fill(Sealroom__V1__ListTablesResponse *answer, const rpc_call *call,
                 const catalog_table *tables, size_t count, const char *after)
{
    size_t size = 0;
    answer->tables = sr_array(count, sizeof(void *));
    for (size_t i = 0; i < count && !answer->more; i++)
    {
        const room_table *table = &tables[i].room;
        if (strcmp(table->name, after) <= 0)
            continue;
        size += size_of(table);
        answer->more = size > ANSWER_ROOM && answer->n_tables > 0;
        if (!answer->more)
            answer->tables[answer->n_tables++] = convert_table_message(table, is_own(call, table));
    }
}

sr_result handle_table_list(rpc_call *call, void *context, sr_err *err)
{
    const service_context *service = context;
    WIRE_MESSAGE(Sealroom__V1__ListTablesRequest, request);
    WIRE_MESSAGE(Sealroom__V1__ListTablesResponse, answer);
    ROOM_COLLABORATION(room);
    catalog_table *tables = NULL;
    size_t count = 0;
    if (service_receive(&request, call, &sealroom__v1__list_tables_request__descriptor, err) !=
            SR_OK ||
        service_enter(&room, service, call, request->collaboration, 0, err) != SR_OK ||
        catalog_table_list(&tables, &count, service->catalog, &room.id, err) != SR_OK)
        return SR_FAIL;
    answer = sr_alloc(sizeof *answer);
    sealroom__v1__list_tables_response__init(answer);
    fill(answer, call, tables, count, request->after);
    catalog_tables_free(tables, count);
    return service_send(call, answer, err);
}
