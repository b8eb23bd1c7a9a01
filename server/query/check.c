/*
 * check.c: stage 3. A walk that copies what the rules allow from the resolved query into a checked one, and
 * refuses the query at the first thing that no rule names.
 *
 *   tables     each once, each with an AGGREGATION rule
 *   joins      check_join.c
 *   WHERE      check_where.c
 *   GROUP BY   dimensions                                      check_value.c
 *   SELECT     grouped dimensions, aggregates, constants       check_aggregate.c
 *   HAVING     check_where.c
 *   ORDER BY   grouped dimensions and aggregates
 *
 * The minimum of a table's subjects is the largest that one of its output constraints asks for the subject
 * column; if none names it, the largest of them all.
 */
#include "check.h"

#include <string.h>

/* ---- the product ----------------------------------------------------------------------------- */

static void condition_clear(checked_condition *condition)
{
    if (condition == NULL)
        return;
    for (size_t i = 0; i < condition->child_count; i++)
        condition_clear(&condition->children[i]);
    sr_free(condition->children);
}

void query_checked_free(checked_query *checked)
{
    if (checked == NULL)
        return;
    for (size_t i = 0; i < checked->join_count; i++)
        condition_clear(&checked->joins[i]);
    condition_clear(checked->where);
    condition_clear(checked->having);
    sr_free(checked->tables);
    sr_free(checked->joins);
    sr_free(checked->where);
    sr_free(checked->having);
    sr_free(checked->keys);
    sr_free(checked->aggregates);
    sr_free(checked->outputs);
    sr_free(checked->orders);
    sr_free(checked->filter.items);
    sr_free(checked->release.items);
    sr_free(checked);
}

void query_checked_clear(checked_query **checked)
{
    query_checked_free(*checked);
    *checked = NULL;
}

const room_column *checked_room_column(const checked_query *query, checked_column column)
{
    return &query->tables[column.table].room->columns[column.column];
}

bool checked_column_equal(checked_column a, checked_column b)
{
    return a.table == b.table && a.column == b.column;
}

bool checked_operand_equal(const checked_operand *a, const checked_operand *b)
{
    bool constants = (a->constant == NULL) == (b->constant == NULL) &&
                     (a->constant == NULL || strcmp(a->constant, b->constant) == 0);
    return checked_column_equal(a->column, b->column) && a->function == b->function && constants &&
           a->number_count == b->number_count && a->numbers[0] == b->numbers[0] &&
           a->numbers[1] == b->numbers[1] && data_type_equal(a->type, b->type);
}

query_place check_place(const check_state *checking, const ast_node *node)
{
    return (query_place){checking->in->parsed->sql, node->at};
}

const checked_table *check_table(const check_state *checking, const ast_node *column)
{
    return &checking->out->tables[column->table];
}

/* ---- what a rule lets a column do ------------------------------------------------------------ */

static char *add_use(char *uses, const char *use)
{
    char *more = *uses == '\0' ? sr_text_copy(use) : sr_text_printf("%s, %s", uses, use);
    sr_free(uses);
    return more;
}

char *check_uses(const checked_table *table, const char *column)
{
    char *uses = sr_text_copy("");
    if (rule_has_column(&table->rule->join_columns, column))
        uses = add_use(uses, "joins");
    if (rule_has_column(&table->rule->dimension_columns, column))
        uses = add_use(uses, "dimensions");
    for (size_t i = 0; i < table->rule->aggregate_count; i++)
        if (strcmp(table->rule->aggregates[i].column, column) == 0)
            uses = add_use(uses, aggregate_function_name(table->rule->aggregates[i].function));
    char *words = *uses == '\0' ? sr_text_copy("its rule allows nothing with it")
                                : sr_text_printf("its rule allows it in: %s", uses);
    sr_free(uses);
    return words;
}

/* ---- tables ---------------------------------------------------------------------------------- */

static int64_t minimum_of(const analysis_rule *rule)
{
    int64_t of_subject = 0;
    int64_t of_any = 0;
    for (size_t i = 0; i < rule->constraint_count; i++)
    {
        const rule_constraint *constraint = &rule->constraints[i];
        bool is_subject = strcmp(constraint->column, rule->subject_column) == 0;
        if (constraint->minimum > of_any)
            of_any = constraint->minimum;
        if (is_subject && constraint->minimum > of_subject)
            of_subject = constraint->minimum;
    }
    return of_subject > 0 ? of_subject : of_any;
}

static bool find_column(size_t *out, const room_table *room, const char *name)
{
    const room_column *column = room_column_find(room, name);
    if (column == NULL)
        return false;
    *out = (size_t)(column - room->columns);
    return true;
}

static sr_result take_table(checked_table *out, const resolved_table *table, sr_err *err)
{
    *out = (checked_table){.number = table->engine_table,
                           .version = table->room.version,
                           .room = &table->room,
                           .rule = table->rule,
                           .minimum = minimum_of(table->rule)};
    bool is_whole = table->rule->constraint_count > 0 &&
                    find_column(&out->subject, &table->room, table->rule->subject_column);
    for (size_t i = 0; is_whole && i < table->rule->constraint_count; i++)
        is_whole = room_column_find(&table->room, table->rule->constraints[i].column) != NULL;
    if (is_whole)
        return SR_OK;
    return sr_fail(err, SR_E_CORRUPT, "the rule of table \"%s\" names a column that is not there",
                   table->room.name);
}

static sr_result check_tables(check_state *checking, sr_err *err)
{
    checked_query *out = checking->out;
    out->tables = sr_array(checking->in->table_count, sizeof *out->tables);
    for (size_t i = 0; i < checking->in->table_count; i++)
    {
        const resolved_table *table = &checking->in->tables[i];
        for (size_t j = 0; j < i; j++)
            if (out->tables[j].number == table->engine_table)
                return query_refuse(
                    err, (query_place){checking->in->parsed->sql, table->at},
                    (query_refusal){.reason = "SELF_JOIN", .table = table->room.name},
                    "table \"%s\" may be named only once in FROM", table->room.name);
        out->table_count++;
        if (take_table(&out->tables[i], table, err) != SR_OK)
            return SR_FAIL;
    }
    return SR_OK;
}

/* ---- GROUP BY -------------------------------------------------------------------------------- */

static bool find_key(size_t *index, const checked_query *query, const checked_operand *operand)
{
    for (size_t i = 0; i < query->key_count; i++)
        if (checked_operand_equal(&query->keys[i], operand))
        {
            *index = i;
            return true;
        }
    return false;
}

static size_t add_key(checked_query *query, const checked_operand *operand)
{
    query->keys =
        sr_array_grow(query->keys, query->key_count, query->key_count + 1, sizeof *query->keys);
    query->keys[query->key_count] = *operand;
    return query->key_count++;
}

static sr_result check_groups(check_state *checking, sr_err *err)
{
    const parsed_query *parsed = checking->in->parsed;
    for (size_t i = 0; i < parsed->group_count; i++)
    {
        checked_operand operand;
        size_t index = 0;
        const ast_node *node = parsed->groups[i];
        if (node->kind == AST_LITERAL)
            continue; /* the position or label of a constant: one group either way */
        if (check_operand(&operand, checking, node, "grouped by", err) != SR_OK)
            return SR_FAIL;
        if (!find_key(&index, checking->out, &operand))
            (void)add_key(checking->out, &operand);
    }
    return SR_OK;
}

/* An operand is one value per group if it is a key, or a function of a column that is. */
static sr_result check_grouped(size_t *index, check_state *checking, const ast_node *node,
                               const char *use, sr_err *err)
{
    checked_operand operand;
    size_t plain = 0;
    if (check_operand(&operand, checking, node, use, err) != SR_OK)
        return SR_FAIL;
    if (find_key(index, checking->out, &operand))
        return SR_OK;
    const checked_operand column = {.column = operand.column,
                                    .parameter = NO_PARAMETER,
                                    .type =
                                        checked_room_column(checking->out, operand.column)->data};
    if (find_key(&plain, checking->out, &column))
    {
        *index = add_key(checking->out, &operand);
        return SR_OK;
    }
    const room_column *room = checked_room_column(checking->out, operand.column);
    return query_refuse(
        err, check_place(checking, node),
        (query_refusal){.reason = "NOT_GROUPED",
                        .table = checking->out->tables[operand.column.table].room->name,
                        .column = room->name},
        "column \"%s\" must appear in GROUP BY in the same form", room->name);
}

/* ---- SELECT ---------------------------------------------------------------------------------- */

static sr_result check_item(checked_output *out, check_state *checking, const ast_item *item,
                            sr_err *err)
{
    if (!sr_text_put(out->label, sizeof out->label, resolved_label(item)))
        return sr_fail(err, SR_E_INTERNAL, "a label is longer than the parser's names");
    out->kind = OUTPUT_KEY;
    if (item->node->kind == AST_LITERAL)
    {
        out->kind = OUTPUT_CONSTANT;
        return check_constant(&out->index, checking, item->node, err);
    }
    if (!check_is_aggregate(item->node))
        return check_grouped(&out->index, checking, item->node, "selected", err);
    out->kind = OUTPUT_AGGREGATE;
    return check_aggregate(&out->index, checking, item->node, err);
}

static sr_result check_items(check_state *checking, sr_err *err)
{
    const parsed_query *parsed = checking->in->parsed;
    bool has_aggregate = false;
    checking->out->outputs = sr_array(parsed->item_count, sizeof *checking->out->outputs);
    for (size_t i = 0; i < parsed->item_count; i++)
    {
        checking->out->output_count++;
        if (check_item(&checking->out->outputs[i], checking, &parsed->items[i], err) != SR_OK)
            return SR_FAIL;
        has_aggregate = has_aggregate || checking->out->outputs[i].kind == OUTPUT_AGGREGATE;
    }
    if (has_aggregate)
        return SR_OK;
    const checked_table *table = &checking->out->tables[0];
    return query_refuse(
        err, check_place(checking, parsed->items[0].node),
        (query_refusal){
            .reason = "NO_AGGREGATE", .field = "aggregateColumns", .table = table->room->name},
        "the rule of table \"%s\" allows aggregates only: select at least one", table->room->name);
}

/* ---- ORDER BY -------------------------------------------------------------------------------- */

static sr_result check_order(checked_order *out, check_state *checking, const ast_order *order,
                             sr_err *err)
{
    bool is_first = order->nulls == AST_NULLS_FIRST;
    out->descending = order->descending;
    out->nulls_first = order->nulls == AST_NULLS_DEFAULT ? order->descending : is_first;
    out->kind = OUTPUT_KEY;
    if (!check_is_aggregate(order->node))
        return check_grouped(&out->index, checking, order->node, "ordered by", err);
    out->kind = OUTPUT_AGGREGATE;
    return check_aggregate(&out->index, checking, order->node, err);
}

static sr_result check_orders(check_state *checking, sr_err *err)
{
    const parsed_query *parsed = checking->in->parsed;
    checked_query *out = checking->out;
    out->orders = sr_array(parsed->order_count, sizeof *out->orders);
    for (size_t i = 0; i < parsed->order_count; i++)
    {
        if (parsed->orders[i].node->kind == AST_LITERAL)
            continue; /* a constant orders nothing */
        if (check_order(&out->orders[out->order_count++], checking, &parsed->orders[i], err) !=
            SR_OK)
            return SR_FAIL;
    }
    return SR_OK;
}

sr_result query_check(checked_query **out, const resolved_query *resolved,
                      const query_request *request, sr_err *err)
{
    CHECKED_QUERY(query);
    *out = NULL;
    query = sr_alloc(sizeof *query);
    check_state checking = {.out = query, .in = resolved, .request = request};
    if (check_tables(&checking, err) != SR_OK || check_groups(&checking, err) != SR_OK ||
        check_items(&checking, err) != SR_OK || check_joins(&checking, err) != SR_OK ||
        check_where(&checking, err) != SR_OK || check_having(&checking, err) != SR_OK ||
        check_orders(&checking, err) != SR_OK)
        return SR_FAIL;
    *out = query;
    query = NULL;
    return SR_OK;
}
