#include "ast.h"

#include <string.h>

void *ast_alloc(parsed_query *tree, size_t count, size_t size)
{
    if (tree->memory_count == tree->memory_room)
    {
        size_t room = tree->memory_room == 0 ? 64 : tree->memory_room * 2;
        tree->memory = sr_array_grow(tree->memory, tree->memory_room, room, sizeof *tree->memory);
        tree->memory_room = room;
    }
    void *memory = sr_array(count, size);
    tree->memory[tree->memory_count++] = memory;
    return memory;
}

const char *ast_text(parsed_query *tree, const char *text)
{
    size_t len = strlen(text);
    char *copy = ast_alloc(tree, len + 1, 1);
    sr_copy(copy, text, len);
    return copy;
}

sr_result ast_too_complex(const parsed_query *tree, long at, const char *what, sr_err *err)
{
    return query_refuse(err, (query_place){tree->sql, at},
                        (query_refusal){.reason = "QUERY_TOO_COMPLEX", .column = what},
                        "the query is too complex: %s", what);
}

sr_result ast_node_new(ast_node **out, parsed_query *tree, ast_kind kind, long at, sr_err *err)
{
    *out = NULL;
    if (tree->node_count == AST_MOST_NODES)
        return ast_too_complex(tree, at, "too many parts", err);
    tree->node_count++;
    ast_node *node = ast_alloc(tree, 1, sizeof *node);
    node->kind = kind;
    node->at = at;
    *out = node;
    return SR_OK;
}

void query_parsed_free(parsed_query *parsed)
{
    if (parsed == NULL)
        return;
    for (size_t i = 0; i < parsed->memory_count; i++)
        sr_free(parsed->memory[i]);
    sr_free(parsed->memory);
    sr_free(parsed->sql);
    sr_free(parsed);
}

void query_parsed_clear(parsed_query **parsed)
{
    query_parsed_free(*parsed);
    *parsed = NULL;
}

/* ---- what libpg_query's JSON has in common --------------------------------------------------- */

const char *ast_node_name(const sr_json **body, const sr_json *json)
{
    *body = NULL;
    if (sr_json_kind_of(json) != SR_JSON_OBJECT || sr_json_size(json) != 1)
        return NULL;
    *body = sr_json_member_at(json, 0);
    return sr_json_key_at(json, 0);
}

long ast_at(const sr_json *body)
{
    /* The writer leaves out what is 0. */
    int64_t at = sr_json_int(sr_json_member(body, "location"));
    return at >= -1 && at <= QUERY_TEXT_MOST ? (long)at : -1;
}

const char *ast_only_name(const sr_json *list)
{
    const sr_json *body = NULL;
    if (sr_json_size(list) != 1)
        return NULL;
    const char *name = ast_node_name(&body, sr_json_item(list, 0));
    if (name == NULL || strcmp(name, "String") != 0)
        return NULL;
    return sr_json_text(sr_json_member(body, "sval"));
}

/* libpg_query's names in words; anything else is refused by the library's own name. */
static const struct
{
    const char *name;
    const char *words;
} construct_words[] = {
    {"A_ArrayExpr", "ARRAY"},
    {"A_Indirection", "a field or element of a value"},
    {"A_Indices", "a subscript"},
    {"A_Star", "*"},
    {"AEXPR_DISTINCT", "IS DISTINCT FROM"},
    {"AEXPR_ILIKE", "ILIKE"},
    {"AEXPR_NOT_DISTINCT", "IS NOT DISTINCT FROM"},
    {"AEXPR_NULLIF", "NULLIF"},
    {"AEXPR_OP_ALL", "ALL"},
    {"AEXPR_OP_ANY", "ANY"},
    {"AEXPR_SIMILAR", "SIMILAR TO"},
    {"AEXPR_BETWEEN_SYM", "BETWEEN SYMMETRIC"},
    {"AEXPR_NOT_BETWEEN_SYM", "NOT BETWEEN SYMMETRIC"},
    {"BitString", "a bit string"},
    {"BooleanTest", "IS TRUE, IS FALSE or IS UNKNOWN"},
    {"CaseExpr", "CASE"},
    {"CollateClause", "COLLATE"},
    {"GroupingFunc", "GROUPING"},
    {"GroupingSet", "ROLLUP, CUBE or GROUPING SETS"},
    {"JoinExpr", "a join in this place"},
    {"MinMaxExpr", "GREATEST or LEAST"},
    {"MultiAssignRef", "an assignment"},
    {"NamedArgExpr", "a named argument"},
    {"ParamRef", "a parameter"},
    {"RangeFunction", "a function in FROM"},
    {"RangeSubselect", "a subquery in FROM"},
    {"RangeTableFunc", "XMLTABLE"},
    {"RangeTableSample", "TABLESAMPLE"},
    {"RowExpr", "a row value"},
    {"SQLValueFunction", "a function of the session or the clock"},
    {"SetToDefault", "DEFAULT"},
    {"SubLink", "a subquery"},
    {"XmlExpr", "an XML function"},
    {"agg_filter", "FILTER"},
    {"agg_order", "ORDER BY inside an aggregate"},
    {"agg_within_group", "WITHIN GROUP"},
    {"bsval", "a bit string"},
    {"catalogname", "a name with a database"},
    {"colnames", "a list of column aliases"},
    {"distinctClause", "SELECT DISTINCT"},
    {"func_variadic", "VARIADIC"},
    {"groupDistinct", "GROUP BY DISTINCT"},
    {"intoClause", "SELECT INTO"},
    {"isNatural", "NATURAL JOIN (write JOIN … ON; it may be supported later)"},
    {"join_using_alias", "an alias of USING"},
    {"larg", "UNION, INTERSECT or EXCEPT"},
    {"limitCount", "LIMIT"},
    {"limitOffset", "OFFSET"},
    {"lockingClause", "FOR UPDATE or FOR SHARE"},
    {"over", "a window (OVER)"},
    {"schemaname", "a name with a schema"},
    {"usingClause", "JOIN … USING (write JOIN … ON; it may be supported later)"},
    {"valuesLists", "VALUES"},
    {"windowClause", "WINDOW"},
    {"withClause", "WITH (it may be supported later)"},
};

sr_result ast_refuse(const parsed_query *tree, const char *name, long at, sr_err *err)
{
    const char *words = name;
    for (size_t i = 0; i < sizeof construct_words / sizeof construct_words[0]; i++)
        if (strcmp(construct_words[i].name, name) == 0)
            words = construct_words[i].words;
    return query_refuse(err, (query_place){tree->sql, at},
                        (query_refusal){.reason = "CONSTRUCT_NOT_ALLOWED", .column = words},
                        "%s is not allowed in a query here", words);
}

static bool is_known(const char *name, const char *const *known)
{
    for (; *known != NULL; known++)
        if (strcmp(*known, name) == 0)
            return true;
    return false;
}

sr_result ast_only(const parsed_query *tree, const sr_json *body, const char *const *known, long at,
                   sr_err *err)
{
    if (sr_json_kind_of(body) != SR_JSON_OBJECT)
        return ast_refuse(tree, "an unknown construct", at, err);
    for (size_t i = 0; i < sr_json_size(body); i++)
        if (!is_known(sr_json_key_at(body, i), known))
            return ast_refuse(tree, sr_json_key_at(body, i), at, err);
    return SR_OK;
}
