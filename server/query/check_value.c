/*
 * check_value.c: dimension columns and scalar functions of them. One row for each function; a function
 * is allowed when the rule of the column's table lists it, it is not nested, and no value can make it fail
 * (a cast of text to a number is a question that the error answers).
 */
#include <string.h>

#include "check.h"

/* ---- columns --------------------------------------------------------------------------------- */

static sr_result refuse_encrypted(const check_state *checking, const ast_node *node,
                                  const room_column *column, const char *use, sr_err *err)
{
    const char *name = check_table(checking, node)->room->name;
    const char *type = column_type_of(column->type)->name;
    return query_refuse(err, check_place(checking, node),
                        (query_refusal){.reason = "COLUMN_TYPE_NOT_ALLOWED",
                                        .field = "columnType",
                                        .table = name,
                                        .column = column->name},
                        "column \"%s\" of table \"%s\" cannot be %s: its type is %s", column->name,
                        name, use, type);
}

static bool can_be(const column_type_row *type, const char *use)
{
    if (strcmp(use, "filtered") == 0)
        return type->can_compare;
    bool can_be_key = type->can_group && type->can_return;
    return strcmp(use, "ordered by") == 0 ? can_be_key && type->can_order : can_be_key;
}

/* A dimension of its table whose type can be used so. */
static sr_result check_dimension(const check_state *checking, const ast_node *node, const char *use,
                                 sr_err *err)
{
    const checked_table *table = check_table(checking, node);
    const room_column *column = resolved_column(checking->in, node);
    const column_type_row *type = column_type_of(column->type);
    if (!rule_has_column(&table->rule->dimension_columns, column->name))
    {
        SR_TEXT(uses);
        uses = check_uses(table, column->name);
        return query_refuse(err, check_place(checking, node),
                            (query_refusal){.reason = "COLUMN_NOT_A_DIMENSION",
                                            .field = "dimensionColumns",
                                            .table = table->room->name,
                                            .column = column->name},
                            "column \"%s\" of table \"%s\" cannot be %s: it is not in "
                            "dimensionColumns (%s)",
                            column->name, table->room->name, use, uses);
    }
    return can_be(type, use) ? SR_OK : refuse_encrypted(checking, node, column, use, err);
}

static sr_result take_column(checked_operand *out, const check_state *checking,
                             const ast_node *node, const char *use, sr_err *err)
{
    if (check_dimension(checking, node, use, err) != SR_OK)
        return SR_FAIL;
    out->column = (checked_column){node->table, node->column};
    out->type = resolved_column(checking->in, node)->data;
    return SR_OK;
}

/* ---- functions ------------------------------------------------------------------------------- */

typedef enum
{
    TAKES_TEXT,
    TAKES_NUMBER,
    TAKES_ANY,
} scalar_takes;

typedef sr_result argument_reader(checked_operand *out, check_state *checking, const ast_node *node,
                                  sr_err *err);

typedef struct
{
    const char *name;      /* as the parser says it */
    bool special;          /* only in SQL's own syntax: TRIM(x) is btrim(x) to the parser */
    const char *rule_name; /* as scalarFunctions says it */
    checked_scalar scalar;
    scalar_takes takes;
    size_t most_arguments; /* the column included */
    argument_reader *read; /* of what follows the column; NULL: nothing may */
} scalar_row;

static sr_result read_substring(checked_operand *out, check_state *checking, const ast_node *node,
                                sr_err *err)
{
    static const int64_t longest = 1000000;
    for (size_t i = 1; i < node->arg_count; i++)
        if (check_small_number(&out->numbers[i - 1], checking, node->args[i], i == 1 ? 1 : 0,
                               longest, err) != SR_OK)
            return SR_FAIL;
    out->number_count = node->arg_count - 1;
    return SR_OK;
}

static sr_result read_round(checked_operand *out, check_state *checking, const ast_node *node,
                            sr_err *err)
{
    static const int64_t most_digits = 15;
    if (node->arg_count < 2)
        return SR_OK;
    out->number_count = 1;
    return check_small_number(&out->numbers[0], checking, node->args[1], 0, most_digits, err);
}

static sr_result read_coalesce(checked_operand *out, check_state *checking, const ast_node *node,
                               sr_err *err)
{
    size_t index = 0;
    const room_column *column = resolved_column(checking->in, node->args[0]);
    SR_TEXT(subject);
    subject = sr_text_printf("column \"%s\"", column->name);
    if (check_literal(&index, checking, &checking->out->filter, node->args[1], column->data,
                      subject, err) != SR_OK)
        return SR_FAIL;
    out->parameter = (long)index;
    out->constant =
        node->args[1]->kind == AST_LITERAL ? node->args[1]->text : node->args[1]->args[0]->text;
    return SR_OK;
}

/* The characters that TRIM takes off. */
static sr_result read_characters(checked_operand *out, check_state *checking, const ast_node *node,
                                 sr_err *err)
{
    static const data_type text = {.kind = DATA_STRING};
    size_t index = 0;
    if (node->arg_count < 2)
        return SR_OK;
    if (check_literal(&index, checking, &checking->out->filter, node->args[1], text, "a function",
                      err) != SR_OK)
        return SR_FAIL;
    out->parameter = (long)index;
    out->constant = node->args[1]->text;
    return SR_OK;
}

/* VARCHAR(n) cuts, as PostgreSQL's cast does. */
static sr_result read_length(checked_operand *out, check_state *checking, const ast_node *node,
                             sr_err *err)
{
    static const int64_t longest = 1000000;
    if (node->arg_count < 2)
        return SR_OK;
    out->number_count = 1;
    if (strcmp(node->text, "varchar") != 0)
        return query_refuse(err, check_place(checking, node),
                            (query_refusal){.reason = "TYPE_NOT_ALLOWED", .column = "CAST"},
                            "only VARCHAR may have a length here");
    return check_small_number(&out->numbers[0], checking, node->args[1], 1, longest, err);
}

static const scalar_row scalar_rows[] = {
    {"abs", false, "ABS", SCALAR_ABS, TAKES_NUMBER, 1, NULL},
    {"btrim", true, "TRIM", SCALAR_TRIM, TAKES_TEXT, 2, read_characters},
    {"ceil", false, "CEILING", SCALAR_CEILING, TAKES_NUMBER, 1, NULL},
    {"ceiling", false, "CEILING", SCALAR_CEILING, TAKES_NUMBER, 1, NULL},
    {"coalesce", false, "COALESCE", SCALAR_COALESCE, TAKES_ANY, 2, read_coalesce},
    {"floor", false, "FLOOR", SCALAR_FLOOR, TAKES_NUMBER, 1, NULL},
    {"lower", false, "LOWER", SCALAR_LOWER, TAKES_TEXT, 1, NULL},
    {"ltrim", false, "LTRIM", SCALAR_LTRIM, TAKES_TEXT, 2, read_characters},
    {"ltrim", true, "TRIM", SCALAR_LTRIM, TAKES_TEXT, 2, read_characters},
    {"round", false, "ROUND", SCALAR_ROUND, TAKES_NUMBER, 2, read_round},
    {"rtrim", false, "RTRIM", SCALAR_RTRIM, TAKES_TEXT, 2, read_characters},
    {"rtrim", true, "TRIM", SCALAR_RTRIM, TAKES_TEXT, 2, read_characters},
    {"substring", false, "SUBSTRING", SCALAR_SUBSTRING, TAKES_TEXT, 3, read_substring},
    {"substring", true, "SUBSTRING", SCALAR_SUBSTRING, TAKES_TEXT, 3, read_substring},
    {"trunc", false, "TRUNC", SCALAR_TRUNC, TAKES_NUMBER, 1, NULL},
    {"upper", false, "UPPER", SCALAR_UPPER, TAKES_TEXT, 1, NULL},
};

static const scalar_row cast_row = {"cast", false, "CAST", SCALAR_CAST, TAKES_ANY, 2, read_length};

static const scalar_row *find_scalar(const ast_node *node)
{
    if (node->kind == AST_CAST)
        return &cast_row;
    for (size_t i = 0; i < sizeof scalar_rows / sizeof scalar_rows[0]; i++)
        if (scalar_rows[i].special == node->special && strcmp(scalar_rows[i].name, node->text) == 0)
            return &scalar_rows[i];
    return NULL;
}

static sr_result refuse_function(const check_state *checking, const ast_node *node,
                                 const checked_table *table, const char *name, const char *why,
                                 sr_err *err)
{
    return query_refuse(err, check_place(checking, node),
                        (query_refusal){.reason = "FUNCTION_NOT_ALLOWED",
                                        .field = "scalarFunctions",
                                        .table = table == NULL ? NULL : table->room->name,
                                        .column = name},
                        "%s is not allowed here: %s", name, why);
}

/* ---- what a function may be applied to ------------------------------------------------------- */

/* Casts that every value survives. */
static bool cast_is_total(data_type *to, data_type from, const char *name)
{
    static const struct
    {
        const char *name;
        data_kind kind;
    } targets[] = {{"varchar", DATA_STRING}, {"text", DATA_STRING}, {"int2", DATA_SMALLINT},
                   {"int4", DATA_INTEGER},   {"int8", DATA_BIGINT}, {"float8", DATA_DOUBLE},
                   {"bool", DATA_BOOLEAN},   {"date", DATA_DATE},   {"timestamp", DATA_TIMESTAMP}};
    size_t row = 0;
    while (row < sizeof targets / sizeof targets[0] && strcmp(targets[row].name, name) != 0)
        row++;
    if (row == sizeof targets / sizeof targets[0])
        return false;
    *to = (data_type){.kind = targets[row].kind};
    bool both_whole = data_type_representative(from) == DATA_BIGINT &&
                      data_type_representative(*to) == DATA_BIGINT;
    return to->kind == DATA_STRING || to->kind == from.kind ||
           (both_whole && from.kind < to->kind) ||
           (to->kind == DATA_DOUBLE && data_type_is_number(from));
}

static data_type type_after(const scalar_row *row, data_type from)
{
    bool is_whole = data_type_representative(from) == DATA_BIGINT;
    if (row->takes == TAKES_TEXT)
        return (data_type){.kind = DATA_STRING};
    if (row->takes == TAKES_NUMBER)
        return (data_type){.kind = is_whole ? DATA_BIGINT : DATA_DOUBLE};
    return from;
}

static const char *why_not(const scalar_row *row, const ast_node *node, const room_column *column,
                           checked_operand *out)
{
    if (!column_type_of(column->type)->can_order)
        return "functions take cleartext columns only";
    if (row->takes == TAKES_TEXT && column->data.kind != DATA_STRING)
        return "it takes text";
    if (row->takes == TAKES_NUMBER && !data_type_is_number(column->data))
        return "it takes numbers";
    if (row->scalar == SCALAR_CAST && !cast_is_total(&out->type, column->data, node->text))
        return "this cast could fail, depending on the data";
    return NULL;
}

static sr_result check_arguments(const check_state *checking, const ast_node *node,
                                 const scalar_row *row, sr_err *err)
{
    bool needs_second = row->scalar == SCALAR_COALESCE || row->scalar == SCALAR_SUBSTRING;
    size_t least = needs_second ? 2 : 1;
    if (node->distinct || node->star || node->arg_count < least ||
        node->arg_count > row->most_arguments)
        return refuse_function(checking, node, NULL, row->rule_name, "wrong arguments", err);
    if (node->args[0]->kind != AST_COLUMN)
        return refuse_function(checking, node, NULL, row->rule_name,
                               "functions take a column, and are not nested", err);
    return SR_OK;
}

static sr_result take_function(checked_operand *out, check_state *checking, const ast_node *node,
                               const scalar_row *row, const char *use, sr_err *err)
{
    if (check_arguments(checking, node, row, err) != SR_OK ||
        take_column(out, checking, node->args[0], use, err) != SR_OK)
        return SR_FAIL;
    const checked_table *table = check_table(checking, node->args[0]);
    const room_column *column = resolved_column(checking->in, node->args[0]);
    SR_TEXT(words);
    words = sr_text_printf("the rule of table \"%s\" does not list it in scalarFunctions",
                           table->room->name);
    if (!rule_has_column(&table->rule->scalar_functions, row->rule_name))
        return refuse_function(checking, node, table, row->rule_name, words, err);
    out->function = row->scalar;
    out->type = type_after(row, column->data);
    const char *why = why_not(row, node, column, out);
    if (why != NULL)
        return refuse_function(checking, node, table, row->rule_name, why, err);
    return row->read == NULL ? SR_OK : row->read(out, checking, node, err);
}

sr_result check_operand(checked_operand *out, check_state *checking, const ast_node *node,
                        const char *use, sr_err *err)
{
    *out = (checked_operand){.parameter = NO_PARAMETER};
    if (node->kind == AST_COLUMN)
        return take_column(out, checking, node, use, err);
    if (node->kind != AST_CALL && node->kind != AST_CAST)
        return query_refuse(
            err, check_place(checking, node),
            (query_refusal){.reason = "EXPRESSION_NOT_ALLOWED", .column = "expression"},
            "expected a dimension column, or a scalar function of one");
    const scalar_row *row = find_scalar(node);
    if (row != NULL)
        return take_function(out, checking, node, row, use, err);
    if (check_is_aggregate(node))
        return refuse_function(checking, node, NULL, node->text,
                               "aggregates belong in SELECT, HAVING and ORDER BY", err);
    return refuse_function(checking, node, NULL, node->text, "no rule can allow this function",
                           err);
}
