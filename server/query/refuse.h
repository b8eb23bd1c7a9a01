/*
 * refuse.h: how a query is refused: SR_E_REFUSED with a reason word, the rule field, the table, the column
 * or construct, and the place in the text. Words are about text, rules and headers; a refusal never
 * depends on a row.
 *
 * Reason words are stable; README.md lists them.
 */
#ifndef SEALROOM_SERVER_QUERY_REFUSE_H
#define SEALROOM_SERVER_QUERY_REFUSE_H

#include "base/err.h"

/* Where in the query's text; `at` is a byte offset, or negative when no place is known. */
typedef struct
{
    const char *sql;
    long at;
} query_place;

/* NULL: unset. */
typedef struct
{
    const char *reason; /* "COLUMN_NOT_A_DIMENSION" */
    const char *field;  /* "dimensionColumns" */
    const char *table;
    const char *column; /* or the construct */
} query_refusal;

/* Fills `err` and appends " (line 1, column 8)" to the text. Always SR_FAIL. */
sr_result query_refuse(sr_err *err, query_place place, query_refusal why, const char *format, ...)
    SR_PRINTF(4, 5);

#endif
