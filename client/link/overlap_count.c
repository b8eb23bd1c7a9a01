#include "convert.h"
#include "overlap.h"
#include "sealroom/v1/overlap.pb-c.h"
#include "session.h"
#include "wire/wire.h"

void link_count_clear(link_count *count)
{
    sr_free(count->query_id);
    sr_free(count->column);
    sr_free(count->sql);
    sr_free(count->notice);
    sr_free(count->tables);
    *count = (link_count){.query_id = NULL};
}

static sr_result convert_count(link_count *out, const Sealroom__V1__CountResponse *from,
                               sr_err *err)
{
    out->query_id = sr_text_copy(from->query_id);
    out->column = sr_text_copy(from->column);
    out->sql = sr_text_copy(from->sql);
    out->notice = sr_text_copy(from->notice);
    out->held_back = from->held_back;
    out->subjects = from->subjects;
    out->results_withheld = from->results_withheld;
    out->from_memory = from->from_memory;
    out->tables = sr_array(from->n_tables, sizeof *out->tables);
    for (size_t i = 0; i < from->n_tables; i++)
    {
        if (convert_table_version(&out->tables[i], from->tables[i], err) != SR_OK)
            return sr_fail_in(err, "the server's answer");
        out->table_count++;
    }
    return SR_OK;
}

static void texts_free(char ***texts)
{
    sr_free(*texts);
}

sr_result link_overlap_count(link_count *out, link_session *link, const char *collaboration,
                             const link_count_request *asked, sr_err *err)
{
    SR_TEXT(name);
    Sealroom__V1__CountRequest request = SEALROOM__V1__COUNT_REQUEST__INIT;
    WIRE_MESSAGE(Sealroom__V1__CountResponse, answer);
    char **tables SR_CLEANUP(texts_free) = sr_array(asked->table_count, sizeof *tables);
    LINK_COUNT(made);
    *out = made;
    if (link_collaboration_name(&name, link, collaboration, err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < asked->table_count; i++)
        tables[i] = link_borrow(asked->tables[i]);
    request.collaboration = name;
    request.tables = tables;
    request.n_tables = asked->table_count;
    request.column = link_borrow(asked->column == NULL ? "" : asked->column);
    request.where = link_borrow(asked->where == NULL ? "" : asked->where);
    if (link_call_within(&answer, link, "/sealroom.v1.OverlapService/Count", &request,
                         &sealroom__v1__count_response__descriptor, LINK_STREAM_MS, err) != SR_OK ||
        convert_count(&made, answer, err) != SR_OK)
        return SR_FAIL;
    *out = made;
    made = (link_count){.query_id = NULL};
    return SR_OK;
}
