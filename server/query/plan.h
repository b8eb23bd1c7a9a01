/*
 * plan.h: the SQL of one query for the engine, generated from the checked query: names are t<number>_v<version>
 * (tables), s<i> (their aliases), c<i> (columns), k<i> (keys), a<i> (aggregates), h<i> (hidden counts), u (a subject), and
 * nothing else; constants are parameters.
 *
 *   groups    CREATE TEMP TABLE grouped AS SELECT keys, aggregates, hidden counts
 *                 FROM … WHERE joins AND conditions GROUP BY keys
 *   keep      CREATE TEMP TABLE kept AS SELECT keys, aggregates FROM grouped
 *                 WHERE every hidden count reaches its minimum
 *   release   SELECT … FROM kept WHERE (HAVING) ORDER BY …
 *
 * Hidden counts: for each table the distinct values of every column that an output constraint names and the
 * distinct subjects; for each aggregate of a column the distinct subjects of every table on rows where that
 * column is not NULL. Columns that a join makes equal share one count, and an aggregate of a column that a
 * join makes not NULL needs none of its own. A value that can stand in one joined row alone is counted without
 * DISTINCT, which costs the engine a table of all values.
 */
#ifndef SEALROOM_SERVER_QUERY_PLAN_H
#define SEALROOM_SERVER_QUERY_PLAN_H

#include "checked.h"

typedef struct
{
    char *sql;
    engine_parameter *parameters;
    size_t parameter_count;
} plan_statement;

struct engine_plan
{
    plan_statement groups;
    plan_statement keep;
    plan_statement release;
};

/* ---- plan_joins.c ---------------------------------------------------------------------------- */

/* What the equalities that every joined row fulfils (those that do not stand under OR) say of columns. */
typedef struct
{
    const checked_query *query;
    size_t *offsets; /* of each table's columns in the arrays that follow */
    size_t *equals;  /* for each column the first one equal to it */
    bool *is_joined;
    size_t total;
} plan_joins;

void plan_joins_init(plan_joins *joins, const checked_query *query); /* borrows the query */
void plan_joins_clear(plan_joins *joins);
#define PLAN_JOINS(name) plan_joins name SR_CLEANUP(plan_joins_clear) = {.query = NULL}
/* The column that stands for all those that the joins make equal to this one: counting it instead lets
 * the engine count once. */
checked_column plan_joins_equal(const plan_joins *joins, checked_column column);
/* The column is part of an equality, and so NULL in no joined row. */
bool plan_joins_is_joined(const plan_joins *joins, checked_column column);
/* Adds to `found` (a flag for each table) every table of which each row of those found meets one row at most, by
 * a column that never repeats (room_column.repeats); then those reached from there, and so on. */
void plan_joins_reach(const plan_joins *joins, bool *found);
/* All tables are reached from this one: each of its rows stands in one joined row at most. */
bool plan_joins_stand_once(const plan_joins *joins, size_t table);
/*
 * Whether a value of this column may stand in more than one joined row. It stands in one at most when a
 * column equal to it never repeats in its table (room_column.repeats), and each row of that table stands in one
 * joined row at most: each further table is joined by a column of its own that never repeats. Then
 * COUNT(DISTINCT column) is COUNT(column), in every group and under every filter.
 */
bool plan_joins_repeats(const plan_joins *joins, checked_column column);

/* ---- plan_hidden.c --------------------------------------------------------------------------- */

typedef struct
{
    checked_column counted; /* COUNT(DISTINCT …) */
    bool repeats;           /* false: COUNT(…) is the same number */
    bool is_filtered;       /* … on rows where `filter` is not NULL */
    checked_column filter;
    int64_t minimum;
} plan_hidden;

/* The hidden counts of a query, each once; at least one. The array is the caller's (sr_free). */
plan_hidden *plan_hidden_counts(size_t *count, const checked_query *query) SR_MUST_USE;

/* ---- plan_groups.c --------------------------------------------------------------------------- */

/*
 * `groups`, in one of two ways that give the same rows.
 *
 *   flat         SELECT keys, aggregates, count(DISTINCT …) … FROM … WHERE … GROUP BY keys
 *   by subject   SELECT keys, sums of the aggregates, count(u), count(u) FILTER (WHERE h > 0) …
 *                    FROM (SELECT keys, subject AS u, aggregates, count(filter) AS h …
 *                              FROM … WHERE … GROUP BY keys, subject) GROUP BY keys
 *
 * Flat costs the engine a table of all values for each DISTINCT, by subject one for all: it is taken when one
 * column is counted DISTINCT several times and every aggregate can be added up from its parts (AVG and SUM
 * DISTINCT cannot; sums of floating-point numbers may round otherwise, as they do from run to run).
 */
sr_result plan_groups(plan_statement *out, const checked_query *query, const plan_hidden *hidden,
                      size_t hidden_count, sr_err *err) SR_MUST_USE;
/* For comparison too. */
sr_result plan_groups_flat(plan_statement *out, const checked_query *query,
                           const plan_hidden *hidden, size_t hidden_count, sr_err *err) SR_MUST_USE;

/* ---- plan_sql.c ------------------------------------------------------------------------------ */

/* Text that grows; failures stay and are asked for once. */
typedef struct
{
    sr_buf text;
    sr_err *err;
    sr_result result;
    const checked_parameters *source;
    size_t *numbers; /* for each source parameter its number in this statement; 0 while unused */
    size_t used;
} plan_writer;

void plan_writer_init(plan_writer *writer, const checked_parameters *source, sr_err *err);
void plan_writer_clear(plan_writer *writer);
#define PLAN_WRITER(name) plan_writer name SR_CLEANUP(plan_writer_clear) = {.result = SR_FAIL}
void plan_add(plan_writer *writer, const char *format, ...) SR_PRINTF(2, 3);
/* The statement, or the first failure. */
sr_result plan_finish(plan_statement *out, plan_writer *writer) SR_MUST_USE;

void plan_parameter(plan_writer *writer, size_t index);
void plan_column(plan_writer *writer, checked_column column);
void plan_operand(plan_writer *writer, const checked_query *query, const checked_operand *operand);
void plan_aggregate(plan_writer *writer, const plan_joins *joins,
                    const checked_aggregate *aggregate);
void plan_condition(plan_writer *writer, const checked_query *query,
                    const checked_condition *condition);

#endif
