/*
 * resolve.c: stage 2. After it nothing is known by a name any more: a column node says which column of
 * which configured table it is, and GROUP BY and ORDER BY hold expressions instead of labels and
 * positions. Scoping is PostgreSQL's: GROUP BY prefers a table's column to a label, ORDER BY prefers
 * the label, and inside expressions there are columns only.
 */
#include <stdlib.h>
#include <string.h>

#include "resolved.h"

enum
{
    NAME_MOST = 63, /* PostgreSQL cuts longer names to this */
};

const room_column *resolved_column(const resolved_query *query, const ast_node *node)
{
    return &query->tables[node->table].room.columns[node->column];
}

void query_resolved_free(resolved_query *resolved)
{
    if (resolved == NULL)
        return;
    for (size_t i = 0; i < resolved->table_count; i++)
    {
        room_table_clear(&resolved->tables[i].room);
        rule_free(resolved->tables[i].rule);
    }
    sr_free(resolved->tables);
    sr_free(resolved);
}

void query_resolved_clear(resolved_query **resolved)
{
    query_resolved_free(*resolved);
    *resolved = NULL;
}

static query_place place_of(const resolved_query *query, long at)
{
    return (query_place){query->parsed->sql, at};
}

/* ---- tables ---------------------------------------------------------------------------------- */

static void touch(room_table_version **touched, size_t *count, const room_table *room)
{
    for (size_t i = 0; i < *count; i++)
        if (strcmp((*touched)[i].table, room->name) == 0)
            return;
    *touched = sr_array_grow(*touched, *count, *count + 1, sizeof **touched);
    room_table_version *version = &(*touched)[(*count)++];
    version->version = room->version;
    bool fits = sr_text_put(version->table, sizeof version->table, room->name);
    fits = sr_text_put(version->owner, sizeof version->owner, room->owner) && fits;
    (void)fits; /* the same sizes on both sides */
}

static sr_result find_table(resolved_table *table, const resolved_query *query,
                            const ast_table *source, const query_request *request, sr_err *err)
{
    const query_catalog *catalog = &request->catalog;
    table->alias = source->alias;
    table->at = source->at;
    if (catalog->find_table(catalog->context, source->name, &table->room, &table->engine_table,
                            err) == SR_OK)
        return SR_OK;
    if (err->code != SR_E_NOT_FOUND)
        return SR_FAIL;
    return query_refuse(err, place_of(query, source->at),
                        (query_refusal){.reason = "TABLE_UNKNOWN", .table = source->name},
                        "this collaboration has no table \"%s\"", source->name);
}

static sr_result read_rule(resolved_table *table, const resolved_query *query, sr_err *err)
{
    const char *name = table->room.name;
    if (table->room.rule_json == NULL)
        return query_refuse(
            err, place_of(query, table->at), (query_refusal){.reason = "NO_RULE", .table = name},
            "table \"%s\" has no analysis rule yet: its owner has to set one", name);
    if (rule_parse(&table->rule, sr_slice_text(table->room.rule_json), err) == SR_OK)
        return SR_OK;
    err->code = SR_E_CORRUPT;
    return sr_fail_in(err, "stored rule of table \"%s\"", name);
}

static sr_result check_alias(const resolved_query *query, const resolved_table *table, sr_err *err)
{
    for (const resolved_table *other = query->tables; other < table; other++)
        if (strcmp(other->alias, table->alias) == 0)
            return query_refuse(err, place_of(query, table->at),
                                (query_refusal){.reason = "NAME_AMBIGUOUS", .table = table->alias},
                                "the name \"%s\" stands for two tables: give each its own alias",
                                table->alias);
    return SR_OK;
}

static sr_result find_tables(resolved_query *query, room_table_version **touched, size_t *count,
                             const query_request *request, sr_err *err)
{
    const parsed_query *parsed = query->parsed;
    query->tables = sr_array(parsed->table_count, sizeof *query->tables);
    for (size_t i = 0; i < parsed->table_count; i++)
    {
        resolved_table *table = &query->tables[query->table_count++];
        if (find_table(table, query, &parsed->tables[i], request, err) != SR_OK)
            return SR_FAIL;
        touch(touched, count, &table->room);
        if (check_alias(query, table, err) != SR_OK || read_rule(table, query, err) != SR_OK)
            return SR_FAIL;
    }
    return SR_OK;
}

/* ---- columns --------------------------------------------------------------------------------- */

/* The scanner cuts long names, so a name of that length also stands for every longer header that begins
 * with it. */
static bool is_named(const room_column *column, const char *name)
{
    if (!column->allowed)
        return false;
    if (strcmp(column->name, name) == 0)
        return true;
    return strlen(name) == NAME_MOST && strncmp(column->name, name, NAME_MOST) == 0;
}

/* Columns of this name in one table; the last is written. */
static size_t match_in(const resolved_table *table, const char *name, size_t *column)
{
    size_t found = 0;
    for (size_t i = 0; i < table->room.column_count; i++)
        if (is_named(&table->room.columns[i], name))
        {
            *column = i;
            found++;
        }
    return found;
}

/* In all tables, or in that called `qualifier`. */
static size_t match(const resolved_query *query, const char *qualifier, const char *name,
                    size_t *table, size_t *column)
{
    size_t found = 0;
    for (size_t i = 0; i < query->table_count; i++)
    {
        if (qualifier != NULL && strcmp(query->tables[i].alias, qualifier) != 0)
            continue;
        size_t here = match_in(&query->tables[i], name, column);
        if (here > 0)
            *table = i;
        found += here;
    }
    return found;
}

static const resolved_table *find_alias(const resolved_query *query, const char *alias)
{
    for (size_t i = 0; i < query->table_count; i++)
        if (strcmp(query->tables[i].alias, alias) == 0)
            return &query->tables[i];
    return NULL;
}

/* A column outside the allow-list does not exist: the same words for both. */
static sr_result refuse_column(const resolved_query *query, const ast_node *node, sr_err *err)
{
    query_place place = place_of(query, node->at);
    if (node->qualifier == NULL)
        return query_refuse(
            err, place,
            (query_refusal){
                .reason = "COLUMN_UNKNOWN", .field = "allowedColumns", .column = node->name},
            "no table of this query has a column \"%s\" that queries may use", node->name);
    const resolved_table *table = find_alias(query, node->qualifier);
    if (table == NULL)
        return query_refuse(err, place,
                            (query_refusal){.reason = "TABLE_UNKNOWN", .table = node->qualifier},
                            "\"%s\" is no table or alias of this query", node->qualifier);
    return query_refuse(err, place,
                        (query_refusal){.reason = "COLUMN_UNKNOWN",
                                        .field = "allowedColumns",
                                        .table = table->room.name,
                                        .column = node->name},
                        "table \"%s\" has no column \"%s\" that queries may use", table->room.name,
                        node->name);
}

static sr_result resolve_column(const resolved_query *query, ast_node *node, sr_err *err)
{
    size_t found = match(query, node->qualifier, node->name, &node->table, &node->column);
    if (found == 1)
        return SR_OK;
    if (found == 0)
        return refuse_column(query, node, err);
    return query_refuse(err, place_of(query, node->at),
                        (query_refusal){.reason = "NAME_AMBIGUOUS", .column = node->name},
                        "column \"%s\" is ambiguous: put the table's name or alias in front",
                        node->name);
}

static sr_result resolve_node(const resolved_query *query, ast_node *node, sr_err *err)
{
    if (node == NULL)
        return SR_OK;
    if (node->kind == AST_COLUMN)
        return resolve_column(query, node, err);
    for (size_t i = 0; i < node->arg_count; i++)
        if (resolve_node(query, node->args[i], err) != SR_OK)
            return SR_FAIL;
    return SR_OK;
}

/* ---- labels and positions -------------------------------------------------------------------- */

const char *resolved_label(const ast_item *item)
{
    const ast_node *node = item->node;
    if (item->label != NULL)
        return item->label;
    if (node->kind == AST_CAST)
        node = node->args[0];
    if (node->kind == AST_COLUMN)
        return node->name;
    return node->kind == AST_CALL ? node->text : "?column?";
}

/* *out stays as it is when no label matches. */
static sr_result find_label(ast_node **out, const resolved_query *query, const ast_node *node,
                            bool *found, sr_err *err)
{
    const parsed_query *parsed = query->parsed;
    *found = false;
    for (size_t i = 0; i < parsed->item_count; i++)
    {
        if (strcmp(resolved_label(&parsed->items[i]), node->name) != 0)
            continue;
        if (*found)
            return query_refuse(err, place_of(query, node->at),
                                (query_refusal){.reason = "NAME_AMBIGUOUS", .column = node->name},
                                "\"%s\" is the label of two columns: use the position instead",
                                node->name);
        *found = true;
        *out = parsed->items[i].node;
    }
    return SR_OK;
}

static sr_result take_position(ast_node **node, const resolved_query *query, sr_err *err)
{
    const parsed_query *parsed = query->parsed;
    const char *digits = (*node)->text;
    bool is_whole = (*node)->literal == AST_NUMBER && strlen(digits) <= 9 &&
                    strspn(digits, "0123456789") == strlen(digits);
    unsigned long position = is_whole ? strtoul(digits, NULL, 10) : 0;
    if (position < 1 || position > parsed->item_count)
        return query_refuse(err, place_of(query, (*node)->at),
                            (query_refusal){.reason = "POSITION_UNKNOWN", .column = "position"},
                            "a constant here must be the position of a selected column");
    *node = parsed->items[position - 1].node;
    return SR_OK;
}

static bool is_bare_name(const ast_node *node)
{
    return node->kind == AST_COLUMN && node->qualifier == NULL;
}

static sr_result resolve_group(ast_node **node, const resolved_query *query, sr_err *err)
{
    size_t table = 0;
    size_t column = 0;
    bool found = false;
    if ((*node)->kind == AST_LITERAL)
        return take_position(node, query, err);
    bool is_label = is_bare_name(*node) && match(query, NULL, (*node)->name, &table, &column) == 0;
    if (is_label && find_label(node, query, *node, &found, err) != SR_OK)
        return SR_FAIL;
    return found ? SR_OK : resolve_node(query, *node, err);
}

static sr_result resolve_order(ast_node **node, const resolved_query *query, sr_err *err)
{
    bool found = false;
    if ((*node)->kind == AST_LITERAL)
        return take_position(node, query, err);
    if (is_bare_name(*node) && find_label(node, query, *node, &found, err) != SR_OK)
        return SR_FAIL;
    return found ? SR_OK : resolve_node(query, *node, err);
}

static sr_result resolve_names(const resolved_query *query, parsed_query *parsed, sr_err *err)
{
    for (size_t i = 0; i < parsed->item_count; i++)
        if (resolve_node(query, parsed->items[i].node, err) != SR_OK)
            return SR_FAIL;
    for (size_t i = 0; i < parsed->join_count; i++)
        if (resolve_node(query, parsed->joins[i].condition, err) != SR_OK)
            return SR_FAIL;
    if (resolve_node(query, parsed->where, err) != SR_OK ||
        resolve_node(query, parsed->having, err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < parsed->group_count; i++)
        if (resolve_group(&parsed->groups[i], query, err) != SR_OK)
            return SR_FAIL;
    for (size_t i = 0; i < parsed->order_count; i++)
        if (resolve_order(&parsed->orders[i].node, query, err) != SR_OK)
            return SR_FAIL;
    return SR_OK;
}

sr_result query_resolve(resolved_query **out, room_table_version **touched, size_t *touched_count,
                        parsed_query *parsed, const query_request *request, sr_err *err)
{
    RESOLVED_QUERY(query);
    *out = NULL;
    *touched = NULL;
    *touched_count = 0;
    query = sr_alloc(sizeof *query);
    query->parsed = parsed;
    if (find_tables(query, touched, touched_count, request, err) != SR_OK ||
        resolve_names(query, parsed, err) != SR_OK)
        return SR_FAIL;
    *out = query;
    query = NULL;
    return SR_OK;
}
