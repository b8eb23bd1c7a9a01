#include "plan.h"

/* One number for each column of each table, and for each the smallest number equal to it by the joins. */
typedef struct
{
    const checked_query *query;
    size_t *offsets;
    size_t *equals;
    bool *is_joined;
    size_t total;
} join_classes;

static size_t slot(const join_classes *classes, checked_column column)
{
    return classes->offsets[column.table] + column.column;
}

static checked_column column_of(const join_classes *classes, size_t slot)
{
    size_t table = classes->query->table_count - 1;
    while (classes->offsets[table] > slot)
        table--;
    return (checked_column){table, slot - classes->offsets[table]};
}

static void unite(join_classes *classes, const checked_condition *condition)
{
    if (condition->kind == CONDITION_AND)
        for (size_t i = 0; i < condition->child_count; i++)
            unite(classes, &condition->children[i]);
    if (condition->kind != CONDITION_JOIN) /* under OR it need not hold */
        return;
    size_t left = slot(classes, condition->left);
    size_t right = slot(classes, condition->right);
    classes->is_joined[left] = classes->is_joined[right] = true;
    size_t a = classes->equals[left];
    size_t b = classes->equals[right];
    for (size_t i = 0; i < classes->total; i++)
        if (classes->equals[i] == a || classes->equals[i] == b)
            classes->equals[i] = a < b ? a : b;
}

static void classes_init(join_classes *classes, const checked_query *query)
{
    classes->query = query;
    classes->offsets = sr_array(query->table_count, sizeof *classes->offsets);
    for (size_t i = 0; i < query->table_count; i++)
    {
        classes->offsets[i] = classes->total;
        classes->total += query->tables[i].room->column_count;
    }
    classes->equals = sr_array(classes->total, sizeof *classes->equals);
    classes->is_joined = sr_array(classes->total, sizeof *classes->is_joined);
    for (size_t i = 0; i < classes->total; i++)
        classes->equals[i] = i;
    for (size_t i = 0; i < query->join_count; i++)
        unite(classes, &query->joins[i]);
}

static void classes_clear(join_classes *classes)
{
    sr_free(classes->offsets);
    sr_free(classes->equals);
    sr_free(classes->is_joined);
}

static checked_column same(const join_classes *classes, checked_column column)
{
    return column_of(classes, classes->equals[slot(classes, column)]);
}

checked_column plan_equal_column(const checked_query *query, checked_column column)
{
    join_classes classes SR_CLEANUP(classes_clear) = {.query = NULL};
    classes_init(&classes, query);
    return same(&classes, column);
}

/* ---- the list -------------------------------------------------------------------------------- */

typedef struct
{
    plan_hidden *items;
    size_t count;
} hidden_list;

static bool is_same_count(const plan_hidden *a, const plan_hidden *b)
{
    return checked_column_equal(a->counted, b->counted) && a->is_filtered == b->is_filtered &&
           checked_column_equal(a->filter, b->filter);
}

static void require(hidden_list *list, plan_hidden hidden)
{
    for (size_t i = 0; i < list->count; i++)
        if (is_same_count(&list->items[i], &hidden))
        {
            if (hidden.minimum > list->items[i].minimum)
                list->items[i].minimum = hidden.minimum;
            return;
        }
    list->items = sr_array_grow(list->items, list->count, list->count + 1, sizeof *list->items);
    list->items[list->count++] = hidden;
}

static void require_table(hidden_list *list, const join_classes *classes, size_t index)
{
    const checked_table *table = &classes->query->tables[index];
    for (size_t i = 0; i < table->rule->constraint_count; i++)
    {
        const rule_constraint *constraint = &table->rule->constraints[i];
        const room_column *column = room_column_find(table->room, constraint->column);
        checked_column counted = {index, (size_t)(column - table->room->columns)};
        require(list,
                (plan_hidden){.counted = same(classes, counted), .minimum = constraint->minimum});
    }
    checked_column subject = {index, table->subject};
    require(list, (plan_hidden){.counted = same(classes, subject), .minimum = table->minimum});
}

/* Contributors: subjects of every table on rows where the input is not NULL. */
static void require_aggregate(hidden_list *list, const join_classes *classes,
                              const checked_aggregate *aggregate)
{
    bool is_star = aggregate->function == AGGREGATE_COUNT_STAR;
    if (is_star || classes->is_joined[slot(classes, aggregate->column)])
        return;
    for (size_t i = 0; i < classes->query->table_count; i++)
    {
        const checked_table *table = &classes->query->tables[i];
        plan_hidden hidden = {.counted = same(classes, (checked_column){i, table->subject}),
                              .is_filtered = true,
                              .filter = aggregate->column,
                              .minimum = table->minimum};
        if (!checked_column_equal(hidden.counted, hidden.filter))
            require(list, hidden);
    }
}

plan_hidden *plan_hidden_counts(size_t *count, const checked_query *query)
{
    join_classes classes SR_CLEANUP(classes_clear) = {.query = NULL};
    hidden_list list = {NULL, 0};
    classes_init(&classes, query);
    for (size_t i = 0; i < query->table_count; i++)
        require_table(&list, &classes, i);
    for (size_t i = 0; i < query->aggregate_count; i++)
        require_aggregate(&list, &classes, &query->aggregates[i]);
    *count = list.count;
    return list.items;
}
