/*
 * check_where.c: conditions. WHERE compares dimensions with constants; HAVING compares allowed aggregates with
 * numbers. Both may put comparisons together with AND, OR and NOT.
 */
#include <string.h>

#include "check.h"

typedef sr_result leaf_reader(checked_condition *out, check_state *checking, const ast_node *node,
                              sr_err *err);

static sr_result read_condition(checked_condition *out, check_state *checking, const ast_node *node,
                                leaf_reader *read_leaf, sr_err *err)
{
    if (node->kind != AST_AND && node->kind != AST_OR && node->kind != AST_NOT)
        return read_leaf(out, checking, node, err);
    out->kind = CONDITION_AND;
    if (node->kind != AST_AND)
        out->kind = node->kind == AST_OR ? CONDITION_OR : CONDITION_NOT;
    out->children = sr_array(node->arg_count, sizeof *out->children);
    for (size_t i = 0; i < node->arg_count; i++)
    {
        out->child_count++;
        if (read_condition(&out->children[i], checking, node->args[i], read_leaf, err) != SR_OK)
            return SR_FAIL;
    }
    return SR_OK;
}

/* "5 < x" is "x > 5". */
static const char *turned(const char *operator)
{
    static const char *const pairs[][2] = {{"<", ">"}, {">", "<"}, {"<=", ">="}, {">=", "<="}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        if (strcmp(operator, pairs[i][0]) == 0)
            return pairs[i][1];
    return operator;
}

static bool is_constant(const ast_node *node)
{
    return node->kind == AST_LITERAL ||
           (node->kind == AST_CAST && node->args[0]->kind == AST_LITERAL);
}

/* ---- WHERE ----------------------------------------------------------------------------------- */

static sr_result refuse_where(const check_state *checking, const ast_node *node, sr_err *err)
{
    return query_refuse(
        err, check_place(checking, node),
        (query_refusal){
            .reason = "CONDITION_NOT_ALLOWED", .field = "dimensionColumns", .column = "WHERE"},
        "WHERE takes comparisons of dimension columns with constants, e.g. segment = 'news'");
}

/* What the column can do by its type: a constant that meets an encrypted column has to be encrypted by
 * the client, which comes later. */
static sr_result check_comparable(const check_state *checking, const checked_condition *condition,
                                  const ast_node *node, sr_err *err)
{
    const room_column *column = checked_room_column(checking->out, condition->operand.column);
    const char *table = checking->out->tables[condition->operand.column.table].room->name;
    const column_type_row *type = column_type_of(column->type);
    if (!type->is_encrypted || condition->kind == CONDITION_IS_NULL)
        return SR_OK;
    return query_refuse(err, check_place(checking, node),
                        (query_refusal){.reason = "COLUMN_TYPE_NOT_ALLOWED",
                                        .field = "columnType",
                                        .table = table,
                                        .column = column->name},
                        "column \"%s\" of table \"%s\" is %s: constants cannot be compared with it",
                        column->name, table, type->name);
}

/* Arguments 1 … of the node, as constants of the operand's type. */
static sr_result read_constants(checked_condition *out, check_state *checking, const ast_node *node,
                                sr_err *err)
{
    const room_column *column = checked_room_column(checking->out, out->operand.column);
    SR_TEXT(subject);
    subject = sr_text_printf("column \"%s\"", column->name);
    for (size_t i = 1; i < node->arg_count; i++)
    {
        size_t index = 0;
        if (check_literal(&index, checking, &checking->out->filter, node->args[i],
                          out->operand.type, subject, err) != SR_OK)
            return SR_FAIL;
        out->parameter = i == 1 ? index : out->parameter;
    }
    out->parameter_count = node->arg_count - 1;
    return SR_OK;
}

/* Patterns are checked whole, because the engine finds a bad one only when a row gets so far. */
static sr_result read_pattern(checked_condition *out, check_state *checking, const ast_node *node,
                              sr_err *err)
{
    const ast_node *pattern = node->args[1];
    const char *escape = "\\";
    bool is_text = pattern->kind == AST_LITERAL && pattern->literal == AST_TEXT &&
                   out->operand.type.kind == DATA_STRING;
    if (is_text && node->arg_count == 3)
    {
        const ast_node *given = node->args[2];
        is_text = given->kind == AST_LITERAL && given->literal == AST_TEXT &&
                  strlen(given->text) <= 1 && ((unsigned char)given->text[0] & 0x80u) == 0;
        escape = given->text;
    }
    bool is_whole = is_text;
    for (const char *at = pattern->text; is_text && *escape != '\0' && *at != '\0'; at++)
        if (*at == *escape)
        {
            is_whole = at[1] != '\0';
            at += is_whole ? 1 : 0;
        }
    if (!is_whole)
        return query_refuse(err, check_place(checking, node),
                            (query_refusal){.reason = "LITERAL_NOT_ALLOWED", .column = "LIKE"},
                            "LIKE takes a text column and a quoted pattern that does not end with "
                            "its escape character");
    out->parameter = check_add_text(&checking->out->filter, pattern->text);
    out->parameter_count = 1;
    if (*escape != '\0' && strchr(pattern->text, *escape) != NULL)
    {
        (void)check_add_text(&checking->out->filter, escape);
        out->parameter_count = 2;
    }
    return SR_OK;
}

static bool set_kind(checked_condition *out, const ast_node *node)
{
    static const struct
    {
        ast_kind from;
        condition_kind to;
    } kinds[] = {{AST_COMPARE, CONDITION_COMPARE},
                 {AST_IN, CONDITION_IN},
                 {AST_LIKE, CONDITION_LIKE},
                 {AST_BETWEEN, CONDITION_BETWEEN},
                 {AST_IS_NULL, CONDITION_IS_NULL}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (kinds[i].from == node->kind)
        {
            out->kind = kinds[i].to;
            out->negated = node->negated;
            return true;
        }
    return false;
}

static sr_result read_filter(checked_condition *out, check_state *checking, const ast_node *node,
                             sr_err *err)
{
    ast_node turned_node = *node;
    ast_node *turned_args[2];
    if (!set_kind(out, node))
        return refuse_where(checking, node, err);
    if (out->kind == CONDITION_COMPARE)
    {
        bool turn = is_constant(node->args[0]) && !is_constant(node->args[1]);
        turned_args[0] = node->args[turn ? 1 : 0];
        turned_args[1] = node->args[turn ? 0 : 1];
        turned_node.args = turned_args;
        out->operator= turn ? turned(node->text) : node->text;
    }
    const ast_node *left = turned_node.args[0];
    if (is_constant(left))
        return refuse_where(checking, node, err);
    if (check_operand(&out->operand, checking, left, "filtered", err) != SR_OK ||
        check_comparable(checking, out, left, err) != SR_OK)
        return SR_FAIL;
    if (out->kind == CONDITION_LIKE)
        return read_pattern(out, checking, &turned_node, err);
    return read_constants(out, checking, &turned_node, err);
}

sr_result check_where(check_state *checking, sr_err *err)
{
    const ast_node *node = checking->in->parsed->where;
    if (node == NULL)
        return SR_OK;
    checking->out->where = sr_alloc(sizeof *checking->out->where);
    return read_condition(checking->out->where, checking, node, read_filter, err);
}

/* ---- HAVING ---------------------------------------------------------------------------------- */

static sr_result read_threshold(checked_condition *out, check_state *checking, const ast_node *node,
                                sr_err *err)
{
    bool is_comparison = node->kind == AST_COMPARE;
    bool turn = is_comparison && is_constant(node->args[0]);
    const ast_node *aggregate = is_comparison ? node->args[turn ? 1 : 0] : NULL;
    const ast_node *number = is_comparison ? node->args[turn ? 0 : 1] : NULL;
    if (!is_comparison || !check_is_aggregate(aggregate) || number->kind != AST_LITERAL ||
        number->literal != AST_NUMBER)
        return query_refuse(
            err, check_place(checking, node),
            (query_refusal){.reason = "CONDITION_NOT_ALLOWED", .column = "HAVING"},
            "HAVING takes comparisons of one aggregate with a number, e.g. COUNT(*) > 10");
    out->kind = CONDITION_COMPARE;
    out->operator= turn ? turned(node->text) : node->text;
    out->parameter_count = 1;
    if (check_aggregate(&out->aggregate, checking, aggregate, err) != SR_OK)
        return SR_FAIL;
    return check_literal(&out->parameter, checking, &checking->out->release, number,
                         (data_type){.kind = DATA_DOUBLE}, "HAVING", err);
}

sr_result check_having(check_state *checking, sr_err *err)
{
    const ast_node *node = checking->in->parsed->having;
    if (node == NULL)
        return SR_OK;
    checking->out->having = sr_alloc(sizeof *checking->out->having);
    return read_condition(checking->out->having, checking, node, read_threshold, err);
}
