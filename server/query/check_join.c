/*
 * check_join.c: joins that an aggregation rule allows: equalities of join columns, one from each side, put
 * together with AND or OR as far as allowedJoinOperators of every table in them goes.
 *
 * AWS's default for an empty allowedJoinOperators is AND; a list names what is allowed instead.
 *
 * joinRequired: the table must meet a table of the query runner: linked to it by an equality that always
 * holds, or by one in every branch of an OR, also across other tables as long as it is the same key
 * (p.id = v.id AND v.id = a.id links p and a).
 */
#include <string.h>

#include "check.h"

static sr_result refuse_join(const check_state *checking, const ast_node *node, sr_err *err)
{
    return query_refuse(
        err, check_place(checking, node),
        (query_refusal){.reason = "JOIN_NOT_ALLOWED", .field = "joinColumns", .column = "ON"},
        "ON takes equalities of join columns, one column from each side of the join; "
        "other conditions belong in WHERE");
}

/* ---- one equality ---------------------------------------------------------------------------- */

static sr_result check_join_column(const check_state *checking, const ast_node *node, sr_err *err)
{
    const checked_table *table = check_table(checking, node);
    const room_column *column = resolved_column(checking->in, node);
    if (rule_has_column(&table->rule->join_columns, column->name) &&
        column_type_of(column->type)->can_join)
        return SR_OK;
    return query_refuse(err, check_place(checking, node),
                        (query_refusal){.reason = "COLUMN_NOT_A_JOIN_COLUMN",
                                        .field = "joinColumns",
                                        .table = table->room->name,
                                        .column = column->name},
                        "column \"%s\" of table \"%s\" cannot be joined: it is not in joinColumns",
                        column->name, table->room->name);
}

/* Same cells must mean same values: otherwise a join would be empty or wrong without a word. */
static sr_result check_pair(const check_state *checking, const ast_node *node, sr_err *err)
{
    const room_column *left = resolved_column(checking->in, node->args[0]);
    const room_column *right = resolved_column(checking->in, node->args[1]);
    const column_type_row *type = column_type_of(left->type);
    const char *why = NULL;
    bool names_differ = strcmp(left->name, right->name) != 0;
    bool names_must_match =
        type->joins_same_header_only ||
        !checking->request->collaboration->flags.allow_joins_on_columns_with_different_names;
    data_kind kind = data_type_representative(left->data);
    bool is_exact = kind != DATA_STRING && kind != DATA_BIGINT;
    if (left->type != right->type)
        why = "their column types differ";
    else if (kind != data_type_representative(right->data) ||
             (is_exact && !data_type_equal(left->data, right->data)))
        why = "their data types differ";
    else if (names_differ && names_must_match)
        why = "their headers differ, and allowJoinsOnColumnsWithDifferentNames is not set";
    if (why == NULL)
        return SR_OK;
    return query_refuse(err, check_place(checking, node),
                        (query_refusal){.reason = "JOIN_TYPES_DIFFER",
                                        .field = "joinColumns",
                                        .table = check_table(checking, node->args[0])->room->name,
                                        .column = left->name},
                        "columns \"%s\" and \"%s\" cannot be joined: %s", left->name, right->name,
                        why);
}

static bool is_between(const ast_node *a, const ast_node *b, const ast_join *join)
{
    return a->table >= join->first && a->table < join->middle && b->table >= join->middle &&
           b->table < join->end;
}

static sr_result check_equality(checked_condition *out, const check_state *checking,
                                const ast_node *node, const ast_join *join, sr_err *err)
{
    if (node->kind != AST_COMPARE || strcmp(node->text, "=") != 0 ||
        node->args[0]->kind != AST_COLUMN || node->args[1]->kind != AST_COLUMN)
        return refuse_join(checking, node, err);
    const ast_node *left = node->args[0];
    const ast_node *right = node->args[1];
    if (!is_between(left, right, join) && !is_between(right, left, join))
        return refuse_join(checking, node, err);
    if (check_join_column(checking, left, err) != SR_OK ||
        check_join_column(checking, right, err) != SR_OK ||
        check_pair(checking, node, err) != SR_OK)
        return SR_FAIL;
    out->kind = CONDITION_JOIN;
    out->left = (checked_column){left->table, left->column};
    out->right = (checked_column){right->table, right->column};
    return SR_OK;
}

/* ---- AND, OR --------------------------------------------------------------------------------- */

static bool same_equality(const checked_condition *a, const checked_condition *b)
{
    return a->kind == CONDITION_JOIN && b->kind == CONDITION_JOIN &&
           ((checked_column_equal(a->left, b->left) && checked_column_equal(a->right, b->right)) ||
            (checked_column_equal(a->left, b->right) && checked_column_equal(a->right, b->left)));
}

/* "x = y AND y = x" says nothing new and needs nobody's permission. */
static bool is_repetition(const checked_condition *condition)
{
    if (condition->kind != CONDITION_AND)
        return false;
    for (size_t i = 1; i < condition->child_count; i++)
        if (!same_equality(&condition->children[0], &condition->children[i]))
            return false;
    return true;
}

static bool allows(const analysis_rule *rule, condition_kind kind)
{
    if (kind == CONDITION_OR)
        return rule->allow_join_operator_or;
    return rule->allow_join_operator_and || !rule->allow_join_operator_or;
}

static bool mentions(const checked_condition *condition, size_t table)
{
    if (condition->kind == CONDITION_JOIN)
        return condition->left.table == table || condition->right.table == table;
    for (size_t i = 0; i < condition->child_count; i++)
        if (mentions(&condition->children[i], table))
            return true;
    return false;
}

static sr_result check_operator(const check_state *checking, const checked_condition *condition,
                                const ast_node *node, const ast_join *join, sr_err *err)
{
    const char *name = condition->kind == CONDITION_OR ? "OR" : "AND";
    if (is_repetition(condition))
        return SR_OK;
    for (size_t i = join->first; i < join->end; i++)
    {
        const checked_table *table = &checking->out->tables[i];
        if (mentions(condition, i) && !allows(table->rule, condition->kind))
            return query_refuse(err, check_place(checking, node),
                                (query_refusal){.reason = "JOIN_OPERATOR_NOT_ALLOWED",
                                                .field = "allowedJoinOperators",
                                                .table = table->room->name,
                                                .column = name},
                                "%s in ON is not allowed: table \"%s\" does not list it in "
                                "allowedJoinOperators",
                                name, table->room->name);
    }
    return SR_OK;
}

static sr_result check_on(checked_condition *out, const check_state *checking, const ast_node *node,
                          const ast_join *join, sr_err *err)
{
    if (node->kind != AST_AND && node->kind != AST_OR)
        return check_equality(out, checking, node, join, err);
    out->kind = node->kind == AST_OR ? CONDITION_OR : CONDITION_AND;
    out->children = sr_array(node->arg_count, sizeof *out->children);
    for (size_t i = 0; i < node->arg_count; i++)
    {
        out->child_count++;
        if (check_on(&out->children[i], checking, node->args[i], join, err) != SR_OK)
            return SR_FAIL;
    }
    return check_operator(checking, out, node, join, err);
}

/* ---- joinRequired ---------------------------------------------------------------------------- */

/* Columns that are equal in every row of the join. */
typedef struct
{
    bool *members; /* one for each column of each table */
    const size_t *offsets;
} key_set;

static size_t slot(const key_set *set, checked_column column)
{
    return set->offsets[column.table] + column.column;
}

/* One pass over the equalities that always hold; whether the set grew. */
static bool grow(key_set *set, const checked_condition *condition)
{
    bool grown = false;
    if (condition->kind == CONDITION_AND)
        for (size_t i = 0; i < condition->child_count; i++)
            grown = grow(set, &condition->children[i]) || grown;
    if (condition->kind != CONDITION_JOIN)
        return grown;
    bool *left = &set->members[slot(set, condition->left)];
    bool *right = &set->members[slot(set, condition->right)];
    grown = *left != *right;
    *left = *right = *left || *right;
    return grown;
}

/* Every row that satisfies the condition equates a column of table `a` with one of table `b`. */
static bool links(const checked_condition *condition, size_t a, size_t b)
{
    size_t linked = 0;
    if (condition->kind == CONDITION_JOIN)
        return (condition->left.table == a && condition->right.table == b) ||
               (condition->left.table == b && condition->right.table == a);
    for (size_t i = 0; i < condition->child_count; i++)
        linked += links(&condition->children[i], a, b) ? 1 : 0;
    return condition->kind == CONDITION_OR ? linked == condition->child_count : linked > 0;
}

static bool is_linked(const checked_query *query, size_t a, size_t b)
{
    for (size_t i = 0; i < query->join_count; i++)
        if (links(&query->joins[i], a, b))
            return true;
    return false;
}

static bool holds_column_of(const key_set *set, const checked_query *query, size_t table)
{
    for (size_t i = 0; i < query->tables[table].room->column_count; i++)
        if (set->members[set->offsets[table] + i])
            return true;
    return false;
}

/* Follows one key of table `a` through all equalities that always hold: does it reach table `b`? */
static bool key_reaches(const checked_query *query, const size_t *offsets, size_t total,
                        checked_column key, size_t b)
{
    bool *members = sr_array(total, sizeof *members);
    key_set set = {members, offsets};
    bool grown = true;
    members[slot(&set, key)] = true;
    while (grown)
    {
        grown = false;
        for (size_t i = 0; i < query->join_count; i++)
            grown = grow(&set, &query->joins[i]) || grown;
    }
    bool reached = holds_column_of(&set, query, b);
    sr_free(members);
    return reached;
}

static bool meets(const checked_query *query, size_t a, size_t b)
{
    size_t *offsets = sr_array(query->table_count, sizeof *offsets);
    size_t total = 0;
    for (size_t i = 0; i < query->table_count; i++)
    {
        offsets[i] = total;
        total += query->tables[i].room->column_count;
    }
    bool met = is_linked(query, a, b);
    for (size_t i = 0; !met && i < query->tables[a].room->column_count; i++)
        met = key_reaches(query, offsets, total, (checked_column){a, i}, b);
    sr_free(offsets);
    return met;
}

static bool meets_runner(const check_state *checking, size_t table)
{
    const checked_query *query = checking->out;
    const char *runner = checking->request->runner.member;
    for (size_t i = 0; i < query->table_count; i++)
        if (strcmp(query->tables[i].room->owner, runner) == 0 &&
            (i == table || meets(query, table, i)))
            return true;
    return false;
}

static sr_result check_required(const check_state *checking, sr_err *err)
{
    const checked_query *query = checking->out;
    for (size_t i = 0; i < query->table_count; i++)
    {
        const char *name = query->tables[i].room->name;
        if (!query->tables[i].rule->join_required || meets_runner(checking, i))
            continue;
        query_place place = {checking->in->parsed->sql, checking->in->tables[i].at};
        return query_refuse(
            err, place,
            (query_refusal){.reason = "JOIN_REQUIRED", .field = "joinRequired", .table = name},
            "table \"%s\" is only open to queries that join it with a table of "
            "the query runner",
            name);
    }
    return SR_OK;
}

sr_result check_joins(check_state *checking, sr_err *err)
{
    const parsed_query *parsed = checking->in->parsed;
    checked_query *out = checking->out;
    out->joins = sr_array(parsed->join_count, sizeof *out->joins);
    for (size_t i = 0; i < parsed->join_count; i++)
    {
        const ast_join *join = &parsed->joins[i];
        out->join_count++;
        if (check_on(&out->joins[i], checking, join->condition, join, err) != SR_OK)
            return SR_FAIL;
    }
    return check_required(checking, err);
}
