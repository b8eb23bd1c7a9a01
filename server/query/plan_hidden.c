/* plan_hidden.c: the hidden counts of a query, from its tables' rules and its aggregates. */
#include "plan.h"

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

static void require_table(hidden_list *list, const plan_joins *joins, size_t index)
{
    const checked_table *table = &joins->query->tables[index];
    for (size_t i = 0; i < table->rule->constraint_count; i++)
    {
        const rule_constraint *constraint = &table->rule->constraints[i];
        const room_column *column = room_column_find(table->room, constraint->column);
        checked_column counted = {index, (size_t)(column - table->room->columns)};
        require(list, (plan_hidden){.counted = plan_joins_equal(joins, counted),
                                    .minimum = constraint->minimum});
    }
    checked_column subject = {index, table->subject};
    require(list,
            (plan_hidden){.counted = plan_joins_equal(joins, subject), .minimum = table->minimum});
}

/* Contributors: subjects of every table on rows where the input is not NULL. */
static void require_aggregate(hidden_list *list, const plan_joins *joins,
                              const checked_aggregate *aggregate)
{
    bool is_star = aggregate->function == AGGREGATE_COUNT_STAR;
    if (is_star || plan_joins_is_joined(joins, aggregate->column))
        return;
    for (size_t i = 0; i < joins->query->table_count; i++)
    {
        const checked_table *table = &joins->query->tables[i];
        plan_hidden hidden = {.counted =
                                  plan_joins_equal(joins, (checked_column){i, table->subject}),
                              .is_filtered = true,
                              .filter = aggregate->column,
                              .minimum = table->minimum};
        if (!checked_column_equal(hidden.counted, hidden.filter))
            require(list, hidden);
    }
}

plan_hidden *plan_hidden_counts(size_t *count, const checked_query *query)
{
    PLAN_JOINS(joins);
    hidden_list list = {NULL, 0};
    plan_joins_init(&joins, query);
    for (size_t i = 0; i < query->table_count; i++)
        require_table(&list, &joins, i);
    for (size_t i = 0; i < query->aggregate_count; i++)
        require_aggregate(&list, &joins, &query->aggregates[i]);
    for (size_t i = 0; i < list.count; i++)
        list.items[i].repeats = plan_joins_repeats(&joins, list.items[i].counted);
    *count = list.count;
    return list.items;
}
