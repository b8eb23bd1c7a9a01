/*
 * ast_expr.c: expressions of libpg_query's JSON. One reader for each node that we know, one table of
 * readers; a node without a row is refused.
 */
#include <string.h>

#include "ast.h"

typedef sr_result node_reader(ast_node **out, parsed_query *tree, const sr_json *body,
                              unsigned depth, sr_err *err);

/* Reads `list` into node->args behind those that are there. */
static sr_result read_args(ast_node *node, parsed_query *tree, const sr_json *list, unsigned depth,
                           sr_err *err)
{
    size_t count = sr_json_size(list);
    ast_node **args = ast_alloc(tree, node->arg_count + count, sizeof(ast_node *));
    for (size_t i = 0; i < node->arg_count; i++)
        args[i] = node->args[i];
    node->args = args;
    for (size_t i = 0; i < count; i++)
    {
        ast_node *arg = NULL;
        if (ast_read_node(&arg, tree, sr_json_item(list, i), depth, err) != SR_OK)
            return SR_FAIL;
        node->args[node->arg_count++] = arg;
    }
    return SR_OK;
}

static sr_result add_arg(ast_node *node, parsed_query *tree, const sr_json *json, unsigned depth,
                         sr_err *err)
{
    ast_node *arg = NULL;
    if (ast_read_node(&arg, tree, json, depth, err) != SR_OK)
        return SR_FAIL;
    ast_node **args = ast_alloc(tree, node->arg_count + 1, sizeof(ast_node *));
    for (size_t i = 0; i < node->arg_count; i++)
        args[i] = node->args[i];
    args[node->arg_count++] = arg;
    node->args = args;
    return SR_OK;
}

/* ---- columns --------------------------------------------------------------------------------- */

static sr_result read_name(const char **out, parsed_query *tree, const sr_json *json, long at,
                           sr_err *err)
{
    const sr_json *body = NULL;
    const char *name = ast_node_name(&body, json);
    if (name != NULL && strcmp(name, "A_Star") == 0)
        return query_refuse(
            err, (query_place){tree->sql, at},
            (query_refusal){.reason = "CONSTRUCT_NOT_ALLOWED", .column = "*"},
            "\"*\" is not allowed: name dimension columns and aggregates one by one");
    if (name == NULL || strcmp(name, "String") != 0)
        return ast_refuse(tree, name == NULL ? "this name" : name, at, err);
    *out = ast_text(tree, sr_json_text(sr_json_member(body, "sval")));
    return SR_OK;
}

static sr_result read_column(ast_node **out, parsed_query *tree, const sr_json *body,
                             unsigned depth, sr_err *err)
{
    static const char *const known[] = {"fields", "location", NULL};
    long at = ast_at(body);
    (void)depth;
    const sr_json *fields = sr_json_member(body, "fields");
    size_t count = sr_json_size(fields);
    if (ast_only(tree, body, known, at, err) != SR_OK ||
        ast_node_new(out, tree, AST_COLUMN, at, err) != SR_OK)
        return SR_FAIL;
    if (count == 0 || count > 2)
        return ast_refuse(tree, "schemaname", at, err);
    if (count == 2 &&
        read_name(&(*out)->qualifier, tree, sr_json_item(fields, 0), at, err) != SR_OK)
        return SR_FAIL;
    return read_name(&(*out)->name, tree, sr_json_item(fields, count - 1), at, err);
}

/* ---- literals -------------------------------------------------------------------------------- */

/* The JSON writer leaves out whole numbers that are not above zero, so 0, -1 and -(7) look alike in
 * it. What was meant stands in the text: an optional sign, blanks, digits, and then no further digit
 * or letter. Anything more artful is refused. */
static sr_result read_hidden_number(ast_node *node, parsed_query *tree, sr_err *err)
{
    char digits[16] = "";
    size_t len = 0;
    bool is_inside = node->at >= 0 && (size_t)node->at < strlen(tree->sql);
    const char *text = is_inside ? tree->sql + node->at : "";
    bool negative = text[0] == '-';
    if (negative)
        text++;
    while (*text == ' ' || *text == '\t' || *text == '\n' || *text == '\r')
        text++;
    for (; *text >= '0' && *text <= '9' && len < sizeof digits - 1; text++)
        digits[len++] = *text;
    bool is_zero = strspn(digits, "0") == len;
    if (len == 0 || len > 10 || (!negative && !is_zero))
        return query_refuse(err, (query_place){tree->sql, node->at},
                            (query_refusal){.reason = "LITERAL_NOT_ALLOWED", .column = "number"},
                            "write this number plainly, e.g. -5");
    digits[len] = '\0';
    char number[20];
    bool fits = sr_text_put(number + 1, sizeof number - 1, digits);
    number[0] = '-';
    node->text = ast_text(tree, negative && !is_zero && fits ? number : number + 1);
    return SR_OK;
}

static sr_result read_whole_number(ast_node *node, parsed_query *tree, const sr_json *value,
                                   sr_err *err)
{
    int64_t number = sr_json_int(sr_json_member(value, "ival"));
    if (number == 0)
        return read_hidden_number(node, tree, err);
    SR_TEXT(text);
    text = sr_text_printf("%lld", (long long)number);
    node->text = ast_text(tree, text);
    return SR_OK;
}

static sr_result read_literal(ast_node **out, parsed_query *tree, const sr_json *body,
                              unsigned depth, sr_err *err)
{
    static const char *const known[] = {"ival",   "fval",     "sval", "boolval",
                                        "isnull", "location", NULL};
    long at = ast_at(body);
    (void)depth;
    if (ast_only(tree, body, known, at, err) != SR_OK ||
        ast_node_new(out, tree, AST_LITERAL, at, err) != SR_OK)
        return SR_FAIL;
    ast_node *node = *out;
    const sr_json *value = sr_json_member(body, "ival");
    node->literal = AST_NUMBER;
    if (value != NULL)
        return read_whole_number(node, tree, value, err);
    if ((value = sr_json_member(body, "fval")) != NULL)
        node->text = ast_text(tree, sr_json_text(sr_json_member(value, "fval")));
    else if ((value = sr_json_member(body, "sval")) != NULL)
    {
        node->literal = AST_TEXT;
        node->text = ast_text(tree, sr_json_text(sr_json_member(value, "sval")));
    }
    else if ((value = sr_json_member(body, "boolval")) != NULL)
    {
        node->literal = AST_BOOLEAN;
        node->text = sr_json_bool(sr_json_member(value, "boolval")) ? "true" : "false";
    }
    else if (sr_json_bool(sr_json_member(body, "isnull")))
        node->literal = AST_NULL;
    else
        return ast_refuse(tree, "this constant", at, err);
    return SR_OK;
}

/* ---- calls and casts ------------------------------------------------------------------------- */

static sr_result read_function_name(ast_node *node, parsed_query *tree, const sr_json *body,
                                    sr_err *err)
{
    const sr_json *names = sr_json_member(body, "funcname");
    const char *name = ast_only_name(names);
    const char *format = sr_json_text(sr_json_member(body, "funcformat"));
    node->special = strcmp(format, "COERCE_SQL_SYNTAX") == 0;
    if (name == NULL && sr_json_size(names) == 2)
    {
        /* The grammar itself writes pg_catalog in front of TRIM, SUBSTRING … and LIKE's ESCAPE. */
        const sr_json *last = NULL;
        (void)ast_node_name(&last, sr_json_item(names, 1));
        const char *written = sr_json_text(sr_json_member(last, "sval"));
        name = node->special || strcmp(written, "like_escape") == 0 ? written : NULL;
    }
    if (name == NULL)
        return ast_refuse(tree, "a function name with a schema", node->at, err);
    node->text = ast_text(tree, name);
    return SR_OK;
}

static sr_result read_call(ast_node **out, parsed_query *tree, const sr_json *body, unsigned depth,
                           sr_err *err)
{
    static const char *const known[] = {"funcname",   "args",     "agg_star", "agg_distinct",
                                        "funcformat", "location", NULL};
    long at = ast_at(body);
    if (ast_only(tree, body, known, at, err) != SR_OK ||
        ast_node_new(out, tree, AST_CALL, at, err) != SR_OK ||
        read_function_name(*out, tree, body, err) != SR_OK)
        return SR_FAIL;
    (*out)->star = sr_json_bool(sr_json_member(body, "agg_star"));
    (*out)->distinct = sr_json_bool(sr_json_member(body, "agg_distinct"));
    return read_args(*out, tree, sr_json_member(body, "args"), depth, err);
}

static sr_result read_coalesce(ast_node **out, parsed_query *tree, const sr_json *body,
                               unsigned depth, sr_err *err)
{
    static const char *const known[] = {"args", "location", NULL};
    long at = ast_at(body);
    if (ast_only(tree, body, known, at, err) != SR_OK ||
        ast_node_new(out, tree, AST_CALL, at, err) != SR_OK)
        return SR_FAIL;
    (*out)->text = "coalesce";
    return read_args(*out, tree, sr_json_member(body, "args"), depth, err);
}

/* A name, alone or with the grammar's own pg_catalog in front; VARCHAR may have a length; no arrays. */
static bool is_plain_type(const sr_json *type)
{
    static const char *const known[] = {"names", "typmods", "typemod", "location"};
    const sr_json *names = sr_json_member(type, "names");
    const sr_json *schema = NULL;
    size_t seen = 0;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        seen += sr_json_member(type, known[i]) != NULL ? 1 : 0;
    (void)ast_node_name(&schema, sr_json_item(names, 0));
    const char *first = sr_json_text(sr_json_member(schema, "sval"));
    return seen == sr_json_size(type) && sr_json_size(sr_json_member(type, "typmods")) <= 1 &&
           (sr_json_size(names) == 1 ||
            (sr_json_size(names) == 2 && strcmp(first, "pg_catalog") == 0));
}

static sr_result read_type(const char **out, parsed_query *tree, const sr_json *type, long at,
                           sr_err *err)
{
    const sr_json *names = sr_json_member(type, "names");
    const sr_json *last = NULL;
    if (!is_plain_type(type))
        return query_refuse(err, (query_place){tree->sql, at},
                            (query_refusal){.reason = "TYPE_NOT_ALLOWED", .column = "CAST"},
                            "this type is not allowed: name a plain type, without an array or "
                            "schema");
    (void)ast_node_name(&last, sr_json_item(names, sr_json_size(names) - 1));
    *out = ast_text(tree, sr_json_text(sr_json_member(last, "sval")));
    return SR_OK;
}

static sr_result read_cast(ast_node **out, parsed_query *tree, const sr_json *body, unsigned depth,
                           sr_err *err)
{
    static const char *const known[] = {"arg", "typeName", "location", NULL};
    long at = ast_at(body);
    const sr_json *type = sr_json_member(body, "typeName");
    if (at < 0)
        at = ast_at(type); /* DATE '2026-01-01' */
    if (ast_only(tree, body, known, at, err) != SR_OK ||
        ast_node_new(out, tree, AST_CAST, at, err) != SR_OK ||
        read_type(&(*out)->text, tree, type, at, err) != SR_OK ||
        add_arg(*out, tree, sr_json_member(body, "arg"), depth, err) != SR_OK)
        return SR_FAIL;
    return read_args(*out, tree, sr_json_member(type, "typmods"), depth, err);
}

/* ---- conditions ------------------------------------------------------------------------------ */

static sr_result read_sides(ast_node *node, parsed_query *tree, const sr_json *body, unsigned depth,
                            sr_err *err)
{
    const sr_json *left = sr_json_member(body, "lexpr");
    const sr_json *right = sr_json_member(body, "rexpr");
    if (left == NULL || right == NULL)
        return ast_refuse(tree, "an operator with one operand", node->at, err);
    if (add_arg(node, tree, left, depth, err) != SR_OK)
        return SR_FAIL;
    const sr_json *list = NULL;
    const char *name = ast_node_name(&list, right);
    if (name != NULL && strcmp(name, "List") == 0)
        return read_args(node, tree, sr_json_member(list, "items"), depth, err);
    return add_arg(node, tree, right, depth, err);
}

static sr_result refuse_operator(const parsed_query *tree, const char *name, long at, sr_err *err)
{
    if (name == NULL)
        return ast_refuse(tree, "OPERATOR(…)", at, err);
    return query_refuse(err, (query_place){tree->sql, at},
                        (query_refusal){.reason = "OPERATOR_NOT_ALLOWED", .column = name},
                        "operator \"%s\" is not allowed", name);
}

static sr_result set_operator(ast_node *node, const parsed_query *tree, const char *name,
                              sr_err *err)
{
    static const char *const comparisons[] = {"=", "<>", "<", "<=", ">", ">="};
    for (size_t i = 0; name != NULL && i < sizeof comparisons / sizeof comparisons[0]; i++)
        if (strcmp(comparisons[i], name) == 0)
        {
            node->text = comparisons[i];
            return SR_OK;
        }
    return refuse_operator(tree, name, node->at, err);
}

/* "x LIKE 'p' ESCAPE 'e'" comes as like_escape('p', 'e'). */
static sr_result open_escape(ast_node *node, parsed_query *tree, sr_err *err)
{
    ast_node *pattern = node->args[1];
    if (pattern->kind != AST_CALL || strcmp(pattern->text, "like_escape") != 0)
        return SR_OK;
    if (pattern->arg_count != 2)
        return ast_refuse(tree, "like_escape", pattern->at, err);
    ast_node **args = ast_alloc(tree, 3, sizeof(ast_node *));
    args[0] = node->args[0];
    args[1] = pattern->args[0];
    args[2] = pattern->args[1];
    node->args = args;
    node->arg_count = 3;
    return SR_OK;
}

static const struct
{
    const char *name;
    ast_kind kind;
    const char *negation; /* operator that means NOT; NULL: by its kind */
    size_t args;          /* 0: two or more */
} operator_kinds[] = {
    {"AEXPR_OP", AST_COMPARE, NULL, 2},
    {"AEXPR_IN", AST_IN, "<>", 0},
    {"AEXPR_LIKE", AST_LIKE, "!~~", 2},
    {"AEXPR_BETWEEN", AST_BETWEEN, NULL, 3},
    {"AEXPR_NOT_BETWEEN", AST_BETWEEN, "NOT BETWEEN", 3},
};

static sr_result read_operator(ast_node **out, parsed_query *tree, const sr_json *body,
                               unsigned depth, sr_err *err)
{
    static const char *const known[] = {"kind", "name", "lexpr", "rexpr", "location", NULL};
    long at = ast_at(body);
    const char *kind = sr_json_text(sr_json_member(body, "kind"));
    const char *name = ast_only_name(sr_json_member(body, "name"));
    size_t row = 0;
    size_t rows = sizeof operator_kinds / sizeof operator_kinds[0];
    if (ast_only(tree, body, known, at, err) != SR_OK)
        return SR_FAIL;
    while (row < rows && strcmp(operator_kinds[row].name, kind) != 0)
        row++;
    if (row == rows)
        return ast_refuse(tree, kind, at, err);
    if (ast_node_new(out, tree, operator_kinds[row].kind, at, err) != SR_OK)
        return SR_FAIL;
    ast_node *node = *out;
    const char *negation = operator_kinds[row].negation;
    node->negated = negation != NULL && name != NULL && strcmp(negation, name) == 0;
    if (node->kind == AST_COMPARE && set_operator(node, tree, name, err) != SR_OK)
        return SR_FAIL;
    if (name == NULL)
        return refuse_operator(tree, name, at, err);
    if (read_sides(node, tree, body, depth, err) != SR_OK)
        return SR_FAIL;
    size_t args = operator_kinds[row].args;
    if (node->arg_count < 2 || (args != 0 && node->arg_count != args))
        return ast_refuse(tree, "a row value", at, err);
    return node->kind == AST_LIKE ? open_escape(node, tree, err) : SR_OK;
}

static sr_result read_null_test(ast_node **out, parsed_query *tree, const sr_json *body,
                                unsigned depth, sr_err *err)
{
    static const char *const known[] = {"arg", "nulltesttype", "location", NULL};
    long at = ast_at(body);
    const char *type = sr_json_text(sr_json_member(body, "nulltesttype"));
    if (ast_only(tree, body, known, at, err) != SR_OK ||
        ast_node_new(out, tree, AST_IS_NULL, at, err) != SR_OK)
        return SR_FAIL;
    (*out)->negated = strcmp(type, "IS_NOT_NULL") == 0;
    if (!(*out)->negated && strcmp(type, "IS_NULL") != 0)
        return ast_refuse(tree, "this test", at, err);
    return add_arg(*out, tree, sr_json_member(body, "arg"), depth, err);
}

static sr_result read_logic(ast_node **out, parsed_query *tree, const sr_json *body, unsigned depth,
                            sr_err *err)
{
    static const char *const known[] = {"boolop", "args", "location", NULL};
    static const struct
    {
        const char *name;
        ast_kind kind;
    } kinds[] = {{"AND_EXPR", AST_AND}, {"OR_EXPR", AST_OR}, {"NOT_EXPR", AST_NOT}};
    long at = ast_at(body);
    const char *name = sr_json_text(sr_json_member(body, "boolop"));
    if (ast_only(tree, body, known, at, err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
    {
        if (strcmp(kinds[i].name, name) != 0)
            continue;
        if (ast_node_new(out, tree, kinds[i].kind, at, err) != SR_OK ||
            read_args(*out, tree, sr_json_member(body, "args"), depth, err) != SR_OK)
            return SR_FAIL;
        bool full = kinds[i].kind == AST_NOT ? (*out)->arg_count == 1 : (*out)->arg_count >= 2;
        return full ? SR_OK : ast_refuse(tree, "this condition", at, err);
    }
    return ast_refuse(tree, "this condition", at, err);
}

/* ---- the table ------------------------------------------------------------------------------- */

static const struct
{
    const char *name;
    node_reader *read;
} node_readers[] = {
    {"A_Const", read_literal},       {"A_Expr", read_operator},  {"BoolExpr", read_logic},
    {"CoalesceExpr", read_coalesce}, {"ColumnRef", read_column}, {"FuncCall", read_call},
    {"NullTest", read_null_test},    {"TypeCast", read_cast},
};

sr_result ast_read_node(ast_node **out, parsed_query *tree, const sr_json *json, unsigned depth,
                        sr_err *err)
{
    const sr_json *body = NULL;
    const char *name = ast_node_name(&body, json);
    *out = NULL;
    if (depth >= AST_MOST_DEPTH)
        return ast_too_complex(tree, ast_at(body), "nested too deeply", err);
    if (name == NULL)
        return ast_refuse(tree, "an unknown construct", -1, err);
    for (size_t i = 0; i < sizeof node_readers / sizeof node_readers[0]; i++)
        if (strcmp(node_readers[i].name, name) == 0)
            return node_readers[i].read(out, tree, body, depth + 1, err);
    return ast_refuse(tree, name, ast_at(body), err);
}
