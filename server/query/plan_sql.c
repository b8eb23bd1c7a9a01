/*
 * plan_sql.c: the pieces of generated SQL. Every piece is total: whatever the rows hold, it gives a value or
 * NULL, never an error, because an error that depends on rows is an answer about them.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "plan.h"

enum
{
    SQL_MOST = 4 * 1024 * 1024,
    PIECE_MOST = 256,
    /* DECIMAL(p) up to this p sums exactly over 10^11 rows without leaving 38 digits. */
    DECIMAL_SUMS_EXACTLY = 27,
};

/* ---- the writer ------------------------------------------------------------------------------ */

void plan_writer_init(plan_writer *writer, const checked_parameters *source, sr_err *err)
{
    *writer = (plan_writer){.err = err, .result = SR_OK, .source = source};
    sr_buf_init(&writer->text, SQL_MOST);
    writer->numbers = sr_array(source->count, sizeof *writer->numbers);
}

void plan_writer_clear(plan_writer *writer)
{
    sr_buf_clear(&writer->text);
    sr_free(writer->numbers);
    writer->numbers = NULL;
}

void plan_add(plan_writer *writer, const char *format, ...)
{
    char piece[PIECE_MOST];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(piece, sizeof piece, format, args);
    va_end(args);
    bool fits = len >= 0 && (size_t)len < sizeof piece;
    if (writer->result == SR_OK && !fits)
        writer->result = sr_fail(writer->err, SR_E_INTERNAL, "a piece of SQL is too long");
    if (writer->result == SR_OK)
        writer->result = sr_buf_append_text(&writer->text, piece, writer->err);
}

sr_result plan_finish(plan_statement *out, plan_writer *writer)
{
    if (writer->result != SR_OK || sr_buf_take_text(&out->sql, &writer->text, writer->err) != SR_OK)
        return SR_FAIL;
    out->parameters = sr_array(writer->used, sizeof *out->parameters);
    out->parameter_count = writer->used;
    for (size_t i = 0; i < writer->source->count; i++)
        if (writer->numbers[i] > 0)
            out->parameters[writer->numbers[i] - 1] = writer->source->items[i];
    return SR_OK;
}

/* ---- types and parameters -------------------------------------------------------------------- */

static void add_type(plan_writer *writer, data_type type)
{
    static const char *const names[DATA_KIND_COUNT_] = {
        [DATA_STRING] = "VARCHAR",     [DATA_SMALLINT] = "SMALLINT", [DATA_INTEGER] = "INTEGER",
        [DATA_BIGINT] = "BIGINT",      [DATA_DECIMAL] = "DECIMAL",   [DATA_REAL] = "FLOAT",
        [DATA_DOUBLE] = "DOUBLE",      [DATA_BOOLEAN] = "BOOLEAN",   [DATA_DATE] = "DATE",
        [DATA_TIMESTAMP] = "TIMESTAMP"};
    plan_add(writer, "%s", names[type.kind]);
    if (type.kind == DATA_DECIMAL)
        plan_add(writer, "(%u,%u)", type.precision, type.scale);
}

/* With its type spelled out: the engine would otherwise convert it to the column's type, and fail. */
void plan_parameter(plan_writer *writer, size_t index)
{
    if (writer->numbers[index] == 0)
        writer->numbers[index] = ++writer->used;
    plan_add(writer, "CAST($%zu AS ", writer->numbers[index]);
    add_type(writer, writer->source->items[index].type);
    plan_add(writer, ")");
}

void plan_column(plan_writer *writer, checked_column column)
{
    plan_add(writer, "s%zu.c%zu", column.table, column.column);
}

/* ---- dimensions ------------------------------------------------------------------------------ */

static void add_call(plan_writer *writer, const char *function, const checked_operand *operand)
{
    plan_add(writer, "%s(", function);
    plan_column(writer, operand->column);
    for (size_t i = 0; i < operand->number_count; i++)
        plan_add(writer, ", %lld", (long long)operand->numbers[i]);
    if (operand->parameter != NO_PARAMETER)
    {
        plan_add(writer, ", ");
        plan_parameter(writer, (size_t)operand->parameter);
    }
    plan_add(writer, ")");
}

/* Numbers: whole ones stay whole (and leave their range with ABS), all others are computed as DOUBLE. */
static void add_number_call(plan_writer *writer, const checked_query *query,
                            const checked_operand *operand)
{
    static const char *const names[] = {[SCALAR_ABS] = "abs",
                                        [SCALAR_ROUND] = "round",
                                        [SCALAR_TRUNC] = "trunc",
                                        [SCALAR_CEILING] = "ceil",
                                        [SCALAR_FLOOR] = "floor"};
    data_type type = checked_room_column(query, operand->column)->data;
    bool is_whole = data_type_representative(type) == DATA_BIGINT;
    if (is_whole && operand->function != SCALAR_ABS)
    {
        plan_column(writer, operand->column);
        return;
    }
    plan_add(writer, "%s(CAST(", names[operand->function]);
    plan_column(writer, operand->column);
    plan_add(writer, " AS %s)", is_whole ? "HUGEINT" : "DOUBLE");
    if (operand->number_count > 0)
        plan_add(writer, ", %lld", (long long)operand->numbers[0]);
    plan_add(writer, ")");
}

static void add_cast(plan_writer *writer, const checked_operand *operand)
{
    bool cuts = operand->number_count > 0;
    plan_add(writer, cuts ? "substring(CAST(" : "CAST(");
    plan_column(writer, operand->column);
    plan_add(writer, " AS ");
    add_type(writer, operand->type);
    plan_add(writer, ")");
    if (cuts)
        plan_add(writer, ", 1, %lld)", (long long)operand->numbers[0]);
}

void plan_operand(plan_writer *writer, const checked_query *query, const checked_operand *operand)
{
    static const char *const calls[] = {
        [SCALAR_UPPER] = "upper",      [SCALAR_LOWER] = "lower", [SCALAR_TRIM] = "trim",
        [SCALAR_LTRIM] = "ltrim",      [SCALAR_RTRIM] = "rtrim", [SCALAR_SUBSTRING] = "substring",
        [SCALAR_COALESCE] = "coalesce"};
    switch (operand->function)
    {
    case SCALAR_NONE:
        plan_column(writer, operand->column);
        return;
    case SCALAR_CAST:
        add_cast(writer, operand);
        return;
    case SCALAR_UPPER:
    case SCALAR_LOWER:
    case SCALAR_TRIM:
    case SCALAR_LTRIM:
    case SCALAR_RTRIM:
    case SCALAR_SUBSTRING:
    case SCALAR_COALESCE:
        add_call(writer, calls[operand->function], operand);
        return;
    case SCALAR_ABS:
    case SCALAR_ROUND:
    case SCALAR_TRUNC:
    case SCALAR_CEILING:
    case SCALAR_FLOOR:
        add_number_call(writer, query, operand);
        return;
    }
}

/* ---- aggregates ------------------------------------------------------------------------------ */

static void add_sum(plan_writer *writer, const checked_query *query,
                    const checked_aggregate *aggregate, const char *call)
{
    data_type type = checked_room_column(query, aggregate->column)->data;
    bool is_wide = type.kind == DATA_DECIMAL && type.precision > DECIMAL_SUMS_EXACTLY;
    plan_add(writer, "%s%s", call, is_wide ? "CAST(" : "");
    plan_column(writer, aggregate->column);
    plan_add(writer, "%s)", is_wide ? " AS DOUBLE)" : "");
}

static void add_count_distinct(plan_writer *writer, const plan_joins *joins, checked_column column)
{
    checked_column counted = plan_joins_equal(joins, column);
    plan_add(writer, plan_joins_repeats(joins, counted) ? "count(DISTINCT " : "count(");
    plan_column(writer, counted);
    plan_add(writer, ")");
}

void plan_aggregate(plan_writer *writer, const plan_joins *joins,
                    const checked_aggregate *aggregate)
{
    switch (aggregate->function)
    {
    case AGGREGATE_COUNT_STAR:
        plan_add(writer, "count(*)");
        return;
    case AGGREGATE_COUNT_DISTINCT:
        add_count_distinct(writer, joins, aggregate->column);
        return;
    case AGGREGATE_COUNT:
        plan_add(writer, "count(");
        plan_column(writer, aggregate->column);
        plan_add(writer, ")");
        return;
    case AGGREGATE_SUM:
        add_sum(writer, joins->query, aggregate, "sum(");
        return;
    case AGGREGATE_SUM_DISTINCT:
        add_sum(writer, joins->query, aggregate, "sum(DISTINCT ");
        return;
    case AGGREGATE_AVG:
        add_sum(writer, joins->query, aggregate, "avg(");
        return;
    case AGGREGATE_FUNCTION_COUNT_:
        return;
    }
}

/* ---- conditions ------------------------------------------------------------------------------ */

static void add_list(plan_writer *writer, const checked_query *query,
                     const checked_condition *condition)
{
    const char *between = condition->kind == CONDITION_OR ? " OR " : " AND ";
    for (size_t i = 0; i < condition->child_count; i++)
    {
        plan_add(writer, "%s", i == 0 ? "" : between);
        plan_condition(writer, query, &condition->children[i]);
    }
}

static void add_in(plan_writer *writer, const checked_condition *condition)
{
    plan_add(writer, "%s IN (", condition->negated ? " NOT" : "");
    for (size_t i = 0; i < condition->parameter_count; i++)
    {
        plan_add(writer, "%s", i == 0 ? "" : ", ");
        plan_parameter(writer, condition->parameter + i);
    }
    plan_add(writer, ")");
}

static void add_like(plan_writer *writer, const checked_condition *condition)
{
    plan_add(writer, "%s LIKE ", condition->negated ? " NOT" : "");
    plan_parameter(writer, condition->parameter);
    if (condition->parameter_count < 2)
        return;
    plan_add(writer, " ESCAPE ");
    plan_parameter(writer, condition->parameter + 1);
}

static void add_leaf(plan_writer *writer, const checked_query *query,
                     const checked_condition *condition)
{
    plan_operand(writer, query, &condition->operand);
    switch (condition->kind)
    {
    case CONDITION_COMPARE:
        plan_add(writer, " %s ", condition->operator);
        plan_parameter(writer, condition->parameter);
        return;
    case CONDITION_IN:
        add_in(writer, condition);
        return;
    case CONDITION_LIKE:
        add_like(writer, condition);
        return;
    case CONDITION_BETWEEN:
        plan_add(writer, "%s BETWEEN ", condition->negated ? " NOT" : "");
        plan_parameter(writer, condition->parameter);
        plan_add(writer, " AND ");
        plan_parameter(writer, condition->parameter + 1);
        return;
    case CONDITION_IS_NULL:
        plan_add(writer, " IS %sNULL", condition->negated ? "NOT " : "");
        return;
    case CONDITION_AND:
    case CONDITION_OR:
    case CONDITION_NOT:
    case CONDITION_JOIN:
        writer->result = sr_fail(writer->err, SR_E_INTERNAL, "a condition that is no comparison");
        return;
    }
}

void plan_condition(plan_writer *writer, const checked_query *query,
                    const checked_condition *condition)
{
    plan_add(writer, "(");
    switch (condition->kind)
    {
    case CONDITION_AND:
    case CONDITION_OR:
        add_list(writer, query, condition);
        break;
    case CONDITION_NOT:
        plan_add(writer, "NOT ");
        plan_condition(writer, query, &condition->children[0]);
        break;
    case CONDITION_JOIN:
        plan_column(writer, condition->left);
        plan_add(writer, " = ");
        plan_column(writer, condition->right);
        break;
    case CONDITION_COMPARE:
    case CONDITION_IN:
    case CONDITION_LIKE:
    case CONDITION_BETWEEN:
    case CONDITION_IS_NULL:
        add_leaf(writer, query, condition);
        break;
    }
    plan_add(writer, ")");
}
