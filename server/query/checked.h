/*
 * checked.h: a query that the rules of all its tables allow. Made by check.c alone, read by plan and deliver.
 *
 * It is a tree of its own, not the parsed one: there is no place in it for anything that was not checked.
 * Tables and columns are numbers, functions are rows of a table, constants are typed parameters.
 */
#ifndef SEALROOM_SERVER_QUERY_CHECKED_H
#define SEALROOM_SERVER_QUERY_CHECKED_H

#include "model/rule.h"
#include "stages.h"

/* A table of FROM. The engine calls it t<number>_v<version>; room and rule are borrowed from the resolved
 * query. No two of a query are the same table. */
typedef struct
{
    uint64_t number;
    uint32_t version;
    const room_table *room;
    const analysis_rule *rule;
    size_t subject;  /* column whose distinct values are the table's subjects */
    int64_t minimum; /* of distinct subjects in every group: see check.c */
} checked_table;

/* Indices into checked_query.tables and into that table's columns. Always a column of the allow-list. */
typedef struct
{
    size_t table;
    size_t column;
} checked_column;

/* What may be done to a dimension column; check_value.c has a row for each, plan_sql.c its SQL. */
typedef enum
{
    SCALAR_NONE, /* the column itself */
    SCALAR_UPPER,
    SCALAR_LOWER,
    SCALAR_TRIM,
    SCALAR_LTRIM,
    SCALAR_RTRIM,
    SCALAR_SUBSTRING,
    SCALAR_COALESCE,
    SCALAR_CAST,
    SCALAR_ABS,
    SCALAR_ROUND,
    SCALAR_TRUNC,
    SCALAR_CEILING,
    SCALAR_FLOOR,
} checked_scalar;

enum
{
    SCALAR_MOST_NUMBERS = 2,
    NO_PARAMETER = -1,
};

/* A dimension column, or one scalar function of it. Total: no row can make it fail. */
typedef struct
{
    checked_column column;
    checked_scalar function;
    int64_t numbers[SCALAR_MOST_NUMBERS]; /* SUBSTRING, ROUND, CAST to VARCHAR(n) */
    size_t number_count;
    long parameter;       /* constant of COALESCE, characters of TRIM; else NO_PARAMETER */
    const char *constant; /* its text, to compare operands */
    data_type type;       /* of the result */
} checked_operand;

/* An aggregate that the rule of the column's table lists (COUNT_STAR: that every table's rule allows). */
typedef struct
{
    aggregate_function function;
    checked_column column; /* not for COUNT_STAR */
} checked_aggregate;

/* ON, WHERE and HAVING share one shape. JOIN stands in ON alone, comparisons in WHERE compare an operand
 * and those in HAVING an aggregate, always with parameters. */
typedef enum
{
    CONDITION_AND,
    CONDITION_OR,
    CONDITION_NOT,
    CONDITION_JOIN,    /* left = right */
    CONDITION_COMPARE, /* operand op parameter; in HAVING aggregate op parameter */
    CONDITION_IN,
    CONDITION_LIKE, /* second parameter: the escape character */
    CONDITION_BETWEEN,
    CONDITION_IS_NULL,
} condition_kind;

typedef struct checked_condition checked_condition;

struct checked_condition
{
    condition_kind kind;
    bool negated;
    const char *operator; /* COMPARE: = <> < <= > >= */
    checked_column left;  /* JOIN */
    checked_column right;
    checked_operand operand;
    size_t aggregate;
    size_t parameter; /* the first of `parameter_count` */
    size_t parameter_count;
    checked_condition *children;
    size_t child_count;
};

/* What a column of the answer or a sort key is; `index` counts keys, aggregates or release parameters. */
typedef enum
{
    OUTPUT_KEY,
    OUTPUT_AGGREGATE,
    OUTPUT_CONSTANT, /* a release parameter */
} output_kind;

typedef struct
{
    output_kind kind;
    size_t index;
    char label[QUERY_LABEL_SIZE];
} checked_output;

typedef struct
{
    output_kind kind; /* never a constant */
    size_t index;
    bool descending;
    bool nulls_first;
} checked_order;

/* Constants with the type in which the engine compares them: binding one cannot fail. */
typedef struct
{
    engine_parameter *items; /* texts are borrowed from the parsed query */
    size_t count;
} checked_parameters;

struct checked_query
{
    checked_table *tables;
    size_t table_count;
    checked_condition *joins; /* one for each ON; all must hold */
    size_t join_count;
    checked_condition *where;  /* NULL: none */
    checked_condition *having; /* NULL: none */
    checked_operand *keys;     /* GROUP BY; none: one group of everything */
    size_t key_count;
    checked_aggregate *aggregates; /* each once, of SELECT, HAVING and ORDER BY */
    size_t aggregate_count;
    checked_output *outputs;
    size_t output_count;
    checked_order *orders;
    size_t order_count;
    checked_parameters filter;  /* for joins, WHERE and keys */
    checked_parameters release; /* for HAVING and constants */
};

/* ---- small questions ------------------------------------------------------------------------- */

const room_column *checked_room_column(const checked_query *query, checked_column column);
bool checked_column_equal(checked_column a, checked_column b);
/* The same function of the same column with the same constants: one key serves both. */
bool checked_operand_equal(const checked_operand *a, const checked_operand *b);

#endif
