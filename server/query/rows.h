/*
 * rows.h: how the last three stages hand on one engine session. Only execute.c, protect.c and deliver.c
 * include this.
 */
#ifndef SEALROOM_SERVER_QUERY_ROWS_H
#define SEALROOM_SERVER_QUERY_ROWS_H

#include "stages.h"
#include "watch.h"

/* A session that holds `grouped` and later `kept`, and the thread that may interrupt it. */
typedef struct
{
    engine_session *session;
    query_watch *watch;
} engine_run;

/* Ends the watch, then the session with its temporary tables; may be called twice. */
void engine_run_clear(engine_run *running);

/* Moves the session out of the groups (made in execute.c). */
void query_grouped_take(engine_run *out, grouped_rows *rows);

/* What deliver reads of protected rows (made in protect.c); all borrowed from them. The columns' labels
 * and headers are borrowed from the checked query. */
engine_result *query_protected_result(protected_rows *rows);
query_watch *query_protected_watch(protected_rows *rows);
const query_column *query_protected_columns(const protected_rows *rows, size_t *count);

#endif
