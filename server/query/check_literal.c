/*
 * check_literal.c: constants become typed parameters here, before anything runs, so that no comparison can
 * fail while it runs: a conversion that fails only when a row is met would tell that there is one.
 *
 * Whole numbers are compared as BIGINT, REAL as DOUBLE; DECIMAL constants must fit the column's own type.
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"

static sr_result refuse_literal(const check_state *checking, const ast_node *node,
                                const char *subject, const char *why, sr_err *err)
{
    return query_refuse(err, check_place(checking, node),
                        (query_refusal){.reason = "LITERAL_NOT_ALLOWED", .column = subject},
                        "the constant for %s: %s", subject, why);
}

static size_t add(checked_parameters *parameters, engine_parameter parameter)
{
    parameters->items = sr_array_grow(parameters->items, parameters->count, parameters->count + 1,
                                      sizeof *parameters->items);
    parameters->items[parameters->count] = parameter;
    return parameters->count++;
}

size_t check_add_text(checked_parameters *parameters, const char *text)
{
    engine_parameter parameter = {.type = {.kind = DATA_STRING}, .value = {.kind = DATA_STRING}};
    parameter.value.text = sr_slice_text(text);
    return add(parameters, parameter);
}

/* The type in which the engine compares. */
static data_type widened(data_type type)
{
    if (type.kind == DATA_SMALLINT || type.kind == DATA_INTEGER)
        return (data_type){.kind = DATA_BIGINT};
    if (type.kind == DATA_REAL)
        return (data_type){.kind = DATA_DOUBLE};
    return type;
}

/* DATE '…' and TIMESTAMP '…' are casts of a text constant; they must name the column's own type. */
static const ast_node *open_typed(const ast_node *node, data_type type)
{
    bool is_date = strcmp(node->text, "date") == 0 && type.kind == DATA_DATE;
    bool is_timestamp = strcmp(node->text, "timestamp") == 0 && type.kind == DATA_TIMESTAMP;
    const ast_node *inner = node->args[0];
    bool is_text = node->arg_count == 1 && inner->kind == AST_LITERAL && inner->literal == AST_TEXT;
    return is_text && (is_date || is_timestamp) ? inner : NULL;
}

static const char *why_wrong_kind(const ast_node *node, data_type type)
{
    if (node == NULL || node->kind != AST_LITERAL)
        return "expected a constant, not an expression";
    if (node->literal == AST_NULL)
        return "NULL equals nothing: write IS NULL or IS NOT NULL";
    if (node->literal == AST_NUMBER && !data_type_is_number(type))
        return "expected text in single quotes, not a number";
    if (node->literal == AST_BOOLEAN && type.kind != DATA_BOOLEAN)
        return "TRUE and FALSE are for BOOLEAN columns";
    return NULL;
}

sr_result check_literal(size_t *index, check_state *checking, checked_parameters *parameters,
                        const ast_node *node, data_type type, const char *subject, sr_err *err)
{
    engine_parameter parameter = {.type = widened(type)};
    char expected[DATA_TYPE_TEXT_SIZE];
    const ast_node *constant = node->kind == AST_CAST ? open_typed(node, type) : node;
    const char *why = why_wrong_kind(constant, type);
    *index = 0;
    if (why != NULL || constant == NULL)
        return refuse_literal(checking, node, subject, why, err);
    if (data_value_parse(&parameter.value, parameter.type, sr_slice_text(constant->text), err) ==
        SR_OK)
    {
        *index = add(parameters, parameter);
        return SR_OK;
    }
    data_type_print(expected, parameter.type);
    SR_TEXT(words);
    words = sr_text_printf("it is no value of type %s", expected);
    return refuse_literal(checking, node, subject, words, err);
}

sr_result check_small_number(int64_t *out, const check_state *checking, const ast_node *node,
                             int64_t least, int64_t most, sr_err *err)
{
    *out = 0;
    bool is_number = node->kind == AST_LITERAL && node->literal == AST_NUMBER &&
                     strlen(node->text) <= 9 && strspn(node->text, "0123456789") != 0 &&
                     node->text[strspn(node->text, "0123456789")] == '\0';
    int64_t value = is_number ? strtol(node->text, NULL, 10) : -1;
    if (!is_number || value < least || value > most)
        return refuse_literal(checking, node, "a function", "expected a small whole number", err);
    *out = value;
    return SR_OK;
}

sr_result check_constant(size_t *index, check_state *checking, const ast_node *node, sr_err *err)
{
    checked_parameters *parameters = &checking->out->release;
    const char *subject = "the SELECT list";
    *index = 0;
    if (node->literal == AST_TEXT)
    {
        *index = check_add_text(parameters, node->text);
        return SR_OK;
    }
    if (node->literal != AST_NUMBER)
        return refuse_literal(checking, node, subject, "only text and numbers are allowed", err);
    bool is_whole = strspn(node->text, "-0123456789") == strlen(node->text) &&
                    strlen(node->text) < sizeof "-999999999999999999";
    data_type type = {.kind = is_whole ? DATA_BIGINT : DATA_DOUBLE};
    return check_literal(index, checking, parameters, node, type, subject, err);
}
