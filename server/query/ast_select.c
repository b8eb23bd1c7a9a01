/*
 * ast_select.c: the statement around the expressions: exactly one SELECT, its list, FROM with inner joins,
 * WHERE, GROUP BY, HAVING and ORDER BY. Every other clause is refused.
 */
#include <string.h>

#include "ast.h"

static sr_result too_many(const parsed_query *tree, const char *what, sr_err *err)
{
    return ast_too_complex(tree, -1, what, err);
}

/* ---- SELECT list ----------------------------------------------------------------------------- */

static sr_result read_item(ast_item *item, parsed_query *tree, const sr_json *json, sr_err *err)
{
    static const char *const known[] = {"name", "val", "location", NULL};
    const sr_json *body = NULL;
    const char *name = ast_node_name(&body, json);
    if (name == NULL || strcmp(name, "ResTarget") != 0)
        return ast_refuse(tree, "an unknown construct", -1, err);
    if (ast_only(tree, body, known, ast_at(body), err) != SR_OK)
        return SR_FAIL;
    const sr_json *label = sr_json_member(body, "name");
    if (label != NULL)
        item->label = ast_text(tree, sr_json_text(label));
    return ast_read_node(&item->node, tree, sr_json_member(body, "val"), 0, err);
}

static sr_result read_items(parsed_query *tree, const sr_json *list, sr_err *err)
{
    size_t count = sr_json_size(list);
    if (count == 0)
        return ast_refuse(tree, "SELECT without columns", -1, err);
    if (count > AST_MOST_ITEMS)
        return too_many(tree, "too many columns", err);
    tree->items = ast_alloc(tree, count, sizeof *tree->items);
    tree->item_count = count;
    for (size_t i = 0; i < count; i++)
        if (read_item(&tree->items[i], tree, sr_json_item(list, i), err) != SR_OK)
            return SR_FAIL;
    return SR_OK;
}

/* ---- FROM ------------------------------------------------------------------------------------ */

static sr_result read_source(parsed_query *tree, const sr_json *json, unsigned depth, sr_err *err);

static sr_result read_alias(const char **out, parsed_query *tree, const sr_json *body, long at,
                            sr_err *err)
{
    static const char *const known[] = {"aliasname", NULL};
    const sr_json *alias = sr_json_member(body, "alias");
    if (alias == NULL)
        return SR_OK;
    if (ast_only(tree, alias, known, at, err) != SR_OK)
        return SR_FAIL;
    *out = ast_text(tree, sr_json_text(sr_json_member(alias, "aliasname")));
    return SR_OK;
}

static sr_result read_table(parsed_query *tree, const sr_json *body, sr_err *err)
{
    static const char *const known[] = {"relname", "inh",      "relpersistence",
                                        "alias",   "location", NULL};
    long at = ast_at(body);
    if (ast_only(tree, body, known, at, err) != SR_OK)
        return SR_FAIL;
    if (!sr_json_bool(sr_json_member(body, "inh")))
        return ast_refuse(tree, "ONLY", at, err);
    if (tree->table_count == AST_MOST_TABLES)
        return too_many(tree, "too many tables", err);
    ast_table *table = &tree->tables[tree->table_count++];
    table->at = at;
    table->name = ast_text(tree, sr_json_text(sr_json_member(body, "relname")));
    table->alias = table->name;
    return read_alias(&table->alias, tree, body, at, err);
}

static long where_is(const sr_json *json)
{
    const sr_json *body = NULL;
    (void)ast_node_name(&body, json);
    return body == NULL ? -1 : ast_at(body);
}

static sr_result check_join_type(const parsed_query *tree, const sr_json *body, long at,
                                 sr_err *err)
{
    const char *type = sr_json_text(sr_json_member(body, "jointype"));
    if (strcmp(type, "JOIN_INNER") != 0)
        return query_refuse(err, (query_place){tree->sql, at},
                            (query_refusal){.reason = "JOIN_NOT_ALLOWED", .column = "OUTER JOIN"},
                            "outer joins are not allowed: only JOIN … ON");
    if (sr_json_member(body, "quals") == NULL)
        return query_refuse(err, (query_place){tree->sql, at},
                            (query_refusal){.reason = "JOIN_NOT_ALLOWED", .column = "CROSS JOIN"},
                            "a join needs ON with an equality of join columns");
    return SR_OK;
}

static sr_result read_join(parsed_query *tree, const sr_json *body, unsigned depth, sr_err *err)
{
    static const char *const known[] = {"jointype", "larg", "rarg", "quals", NULL};
    const sr_json *right = sr_json_member(body, "rarg");
    long at = where_is(right);
    size_t first = tree->table_count;
    if (depth >= AST_MOST_DEPTH)
        return ast_too_complex(tree, at, "nested too deeply", err);
    if (ast_only(tree, body, known, at, err) != SR_OK ||
        check_join_type(tree, body, at, err) != SR_OK ||
        read_source(tree, sr_json_member(body, "larg"), depth + 1, err) != SR_OK)
        return SR_FAIL;
    size_t middle = tree->table_count;
    if (read_source(tree, right, depth + 1, err) != SR_OK)
        return SR_FAIL;
    ast_join *join = &tree->joins[tree->join_count++]; /* one less than tables: there is room */
    *join = (ast_join){.first = first, .middle = middle, .end = tree->table_count};
    return ast_read_node(&join->condition, tree, sr_json_member(body, "quals"), 0, err);
}

static sr_result read_source(parsed_query *tree, const sr_json *json, unsigned depth, sr_err *err)
{
    const sr_json *body = NULL;
    const char *name = ast_node_name(&body, json);
    if (name != NULL && strcmp(name, "RangeVar") == 0)
        return read_table(tree, body, err);
    if (name != NULL && strcmp(name, "JoinExpr") == 0)
        return read_join(tree, body, depth, err);
    return ast_refuse(tree, name == NULL ? "an unknown construct" : name, where_is(json), err);
}

static sr_result read_from(parsed_query *tree, const sr_json *list, sr_err *err)
{
    tree->tables = ast_alloc(tree, AST_MOST_TABLES, sizeof *tree->tables);
    tree->joins = ast_alloc(tree, AST_MOST_TABLES, sizeof *tree->joins);
    if (sr_json_size(list) == 0)
        return query_refuse(err, (query_place){tree->sql, -1},
                            (query_refusal){.reason = "NO_TABLE", .column = "FROM"},
                            "the query names no table: nothing authorises it");
    if (sr_json_size(list) > 1)
        return query_refuse(
            err, (query_place){tree->sql, where_is(sr_json_item(list, 1))},
            (query_refusal){.reason = "JOIN_NOT_ALLOWED", .column = "comma in FROM"},
            "tables are joined with JOIN … ON, not with a comma");
    return read_source(tree, sr_json_item(list, 0), 0, err);
}

/* ---- GROUP BY, ORDER BY ---------------------------------------------------------------------- */

static sr_result read_groups(parsed_query *tree, const sr_json *list, sr_err *err)
{
    size_t count = sr_json_size(list);
    if (count > AST_MOST_ITEMS)
        return too_many(tree, "too many GROUP BY expressions", err);
    tree->groups = ast_alloc(tree, count, sizeof(ast_node *));
    tree->group_count = count;
    for (size_t i = 0; i < count; i++)
        if (ast_read_node(&tree->groups[i], tree, sr_json_item(list, i), 0, err) != SR_OK)
            return SR_FAIL;
    return SR_OK;
}

static sr_result read_direction(ast_order *order, const parsed_query *tree, const sr_json *body,
                                sr_err *err)
{
    const char *direction = sr_json_text(sr_json_member(body, "sortby_dir"));
    const char *nulls = sr_json_text(sr_json_member(body, "sortby_nulls"));
    order->descending = strcmp(direction, "SORTBY_DESC") == 0;
    bool known = order->descending || strcmp(direction, "SORTBY_ASC") == 0 ||
                 strcmp(direction, "SORTBY_DEFAULT") == 0;
    if (strcmp(nulls, "SORTBY_NULLS_FIRST") == 0)
        order->nulls = AST_NULLS_FIRST;
    else if (strcmp(nulls, "SORTBY_NULLS_LAST") == 0)
        order->nulls = AST_NULLS_LAST;
    else if (strcmp(nulls, "SORTBY_NULLS_DEFAULT") != 0)
        known = false;
    return known ? SR_OK : ast_refuse(tree, "ORDER BY … USING", ast_at(body), err);
}

static sr_result read_order(ast_order *order, parsed_query *tree, const sr_json *json, sr_err *err)
{
    static const char *const known[] = {"node", "sortby_dir", "sortby_nulls", "location", NULL};
    const sr_json *body = NULL;
    const char *name = ast_node_name(&body, json);
    if (name == NULL || strcmp(name, "SortBy") != 0)
        return ast_refuse(tree, "an unknown construct", -1, err);
    if (read_direction(order, tree, body, err) != SR_OK ||
        ast_only(tree, body, known, ast_at(body), err) != SR_OK)
        return SR_FAIL;
    return ast_read_node(&order->node, tree, sr_json_member(body, "node"), 0, err);
}

static sr_result read_orders(parsed_query *tree, const sr_json *list, sr_err *err)
{
    size_t count = sr_json_size(list);
    if (count > AST_MOST_ITEMS)
        return too_many(tree, "too many ORDER BY expressions", err);
    tree->orders = ast_alloc(tree, count, sizeof *tree->orders);
    tree->order_count = count;
    for (size_t i = 0; i < count; i++)
        if (read_order(&tree->orders[i], tree, sr_json_item(list, i), err) != SR_OK)
            return SR_FAIL;
    return SR_OK;
}

/* ---- the statement --------------------------------------------------------------------------- */

static sr_result read_optional(ast_node **out, parsed_query *tree, const sr_json *json, sr_err *err)
{
    return json == NULL ? SR_OK : ast_read_node(out, tree, json, 0, err);
}

static bool has_value(const sr_json *body, const char *key, const char *value)
{
    return strcmp(sr_json_text(sr_json_member(body, key)), value) == 0;
}

static sr_result read_select(parsed_query *tree, const sr_json *body, sr_err *err)
{
    static const char *const known[] = {"targetList",  "fromClause",   "whereClause",
                                        "groupClause", "havingClause", "sortClause",
                                        "limitOption", "op",           NULL};
    if (ast_only(tree, body, known, -1, err) != SR_OK)
        return SR_FAIL;
    if (!has_value(body, "op", "SETOP_NONE"))
        return ast_refuse(tree, "larg", -1, err);
    if (!has_value(body, "limitOption", "LIMIT_OPTION_DEFAULT"))
        return ast_refuse(tree, "limitCount", -1, err);
    if (read_from(tree, sr_json_member(body, "fromClause"), err) != SR_OK ||
        read_items(tree, sr_json_member(body, "targetList"), err) != SR_OK ||
        read_optional(&tree->where, tree, sr_json_member(body, "whereClause"), err) != SR_OK ||
        read_groups(tree, sr_json_member(body, "groupClause"), err) != SR_OK ||
        read_optional(&tree->having, tree, sr_json_member(body, "havingClause"), err) != SR_OK)
        return SR_FAIL;
    return read_orders(tree, sr_json_member(body, "sortClause"), err);
}

sr_result ast_read(parsed_query *tree, const sr_json *document, sr_err *err)
{
    static const char *const known[] = {"stmt", "stmt_len", "stmt_location", NULL};
    const sr_json *statements = sr_json_member(document, "stmts");
    const query_place nowhere = {tree->sql, -1};
    if (sr_json_size(statements) == 0)
        return query_refuse(err, nowhere,
                            (query_refusal){.reason = "QUERY_EMPTY", .column = "SELECT"},
                            "the query is empty: write one SELECT");
    if (sr_json_size(statements) > 1)
        return query_refuse(err, nowhere,
                            (query_refusal){.reason = "NOT_ONE_SELECT", .column = ";"},
                            "one SELECT at a time: the text holds several statements");
    const sr_json *statement = sr_json_item(statements, 0);
    const sr_json *body = NULL;
    if (ast_only(tree, statement, known, -1, err) != SR_OK)
        return SR_FAIL;
    const char *name = ast_node_name(&body, sr_json_member(statement, "stmt"));
    if (name == NULL || strcmp(name, "SelectStmt") != 0)
        return query_refuse(err, nowhere,
                            (query_refusal){.reason = "NOT_ONE_SELECT", .column = name},
                            "only SELECT is allowed");
    return read_select(tree, body, err);
}
