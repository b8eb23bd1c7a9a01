/*
 * count.h: the query that counts the subjects which stored tables have in common (`overlap count`).
 *
 *   SELECT COUNT(DISTINCT "a"."email") FROM "a" JOIN "b" ON "a"."email" = "b"."email" WHERE (…)
 *
 * It is only written here. It goes through the seven stages like any analyst's text (with
 * query_request.is_total), so nothing is answered that the same text would not be answered.
 */
#ifndef SEALROOM_SERVER_QUERY_COUNT_H
#define SEALROOM_SERVER_QUERY_COUNT_H

#include "query.h"

enum
{
    QUERY_COUNT_LEAST_TABLES = 2,
    QUERY_COUNT_MOST_TABLES = 16,
};

/* All borrowed. */
typedef struct
{
    char *const *tables; /* names, QUERY_COUNT_LEAST_TABLES to QUERY_COUNT_MOST_TABLES of them */
    size_t table_count;
    const char
        *column; /* joined and counted; "": the only fingerprint in the joinColumns of all tables */
    const char *where; /* "": none */
} query_count;

/*
 * Writes the query; `*sql` and `*column` are owned (sr_free). The column counted is that of the first table whose
 * rule allows COUNT_DISTINCT of it: the join makes them equal.
 *
 * SR_E_REFUSED when no column was named and there is none, or more than one, to choose: then `*sql` is filled all
 * the same, for the record, with "?" for the column. A table that is missing or has no rule is no failure
 * here: `resolve` refuses it, and `parse` a text that is too long. Other failures are the catalog's.
 */
sr_result query_count_write(char **sql, char **column, const query_count *asked,
                            const query_catalog *catalog, sr_err *err) SR_MUST_USE;

#endif
