/*
 * repeats.c: whether a stored column repeats. Most columns that do show it in their first rows, so those are
 * looked at alone before all are: measured, a tenth of the cost.
 */
#include <inttypes.h>
#include <stdio.h>

#include "engine.h"

enum
{
    FIRST_ROWS = 64 * 1024,
    SQL_SIZE = 256,
};

/* Of the rows up to `most`: does a value repeat, and were these all rows? */
static sr_result look(bool *repeats, bool *all, engine_session *session, const char *from,
                      uint64_t most, sr_err *err)
{
    engine_result *result SR_CLEANUP(engine_result_clear) = NULL;
    engine_cell row[2];
    char sql[SQL_SIZE];
    bool end = false;
    snprintf(sql, sizeof sql,
             "SELECT count(DISTINCT c) < count(c), count(*) < %" PRIu64
             " FROM (SELECT %s LIMIT %" PRIu64 ")",
             most, from, most);
    if (engine_select(&result, session, sql, NULL, 0, err) != SR_OK ||
        engine_result_next(result, row, &end, err) != SR_OK)
        return SR_FAIL;
    if (end)
        return sr_fail(err, SR_E_INTERNAL, "stored table: a count without an answer");
    *repeats = sr_slice_is_text_var(row[0].bytes, "true");
    *all = sr_slice_is_text_var(row[1].bytes, "true");
    return SR_OK;
}

sr_result engine_column_repeats(engine *self, bool *repeats, engine_table table, size_t column,
                                sr_err *err)
{
    engine_session *session SR_CLEANUP(engine_session_clear) = NULL;
    char from[SQL_SIZE / 2];
    bool found = false;
    bool all = false;
    *repeats = false;
    snprintf(from, sizeof from, "c%zu AS c FROM t%" PRIu64 "_v%" PRIu32, column, table.table,
             table.version);
    if (engine_session_new(&session, self, err) != SR_OK ||
        look(&found, &all, session, from, FIRST_ROWS, err) != SR_OK)
        return SR_FAIL;
    if (!found && !all && look(&found, &all, session, from, INT64_MAX, err) != SR_OK)
        return SR_FAIL;
    *repeats = found;
    return SR_OK;
}
