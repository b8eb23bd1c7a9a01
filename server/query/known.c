/* known.c: answers that were given before, and what kind of query may have one (query.h). */
#include "checked.h"
#include "refuse.h"

sr_result query_check_total(const checked_query *checked, const query_request *request, sr_err *err)
{
    bool is_total = checked->key_count == 0 && checked->output_count == 1 &&
                    checked->outputs[0].kind == OUTPUT_AGGREGATE && checked->having == NULL;
    if (is_total || !request->is_total)
        return SR_OK;
    return query_refuse(err, (query_place){NULL, -1},
                        (query_refusal){.reason = "CONDITION_NOT_ALLOWED", .column = "WHERE"},
                        "the condition may be a condition and nothing else");
}

bool query_is_known(const checked_query *checked, const query_request *request)
{
    const query_memory *memory = &request->memory;
    if (memory->has == NULL)
        return false;
    query_known_table *tables = sr_array(checked->table_count, sizeof *tables);
    for (size_t i = 0; i < checked->table_count; i++)
        tables[i] = (query_known_table){checked->tables[i].number, checked->tables[i].room};
    bool known = memory->has(memory->context, tables, checked->table_count);
    sr_free(tables);
    return known;
}
