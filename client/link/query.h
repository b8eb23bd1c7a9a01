/*
 * query.h: running a protected query and reading what it releases (proto/sealroom/v1/query.proto).
 *
 * Rows arrive in batches and go to a receiver as they come; cleartext cells are text, sealed and
 * deterministic cells the raw bytes for the caller to open. A refusal is SR_E_REFUSED with the rule field,
 * table and column in the error's detail.
 */
#ifndef SEALROOM_CLIENT_LINK_QUERY_H
#define SEALROOM_CLIENT_LINK_QUERY_H

#include "link.h"

typedef struct
{
    char *name;
    column_type type;
    data_type data;
    char *source_header; /* "" for aggregates */
} link_result_column;

/* Called once before the rows, then for each row; cells are borrowed for the call. */
typedef struct
{
    void *context;
    sr_result (*columns)(void *context, const link_result_column *columns, size_t count,
                         sr_err *err);
    sr_result (*row)(void *context, const sr_slice *cells, const bool *nulls, sr_err *err);
} link_row_receiver;

typedef struct
{
    char *query_id;
    char *status;
    char *notice;
    char **warnings; /* what the answer does not mean, in the server's words */
    size_t warning_count;
    room_table_version *tables;
    size_t table_count;
    bool results_withheld;
} link_query_outcome;

void link_query_outcome_clear(link_query_outcome *outcome);

sr_result link_query_run(link_query_outcome *out, link_session *link, const char *collaboration,
                         const char *sql, const link_row_receiver *receiver,
                         sr_err *err) SR_MUST_USE;

#endif
