/*
 * plan_joins.c: what the equalities of a query's joins say about its columns.
 */
#include "plan.h"

static size_t slot(const plan_joins *joins, checked_column column)
{
    return joins->offsets[column.table] + column.column;
}

static checked_column column_of(const plan_joins *joins, size_t slot)
{
    size_t table = joins->query->table_count - 1;
    while (joins->offsets[table] > slot)
        table--;
    return (checked_column){table, slot - joins->offsets[table]};
}

static void unite(plan_joins *joins, const checked_condition *condition)
{
    if (condition->kind == CONDITION_AND)
        for (size_t i = 0; i < condition->child_count; i++)
            unite(joins, &condition->children[i]);
    if (condition->kind != CONDITION_JOIN) /* under OR it need not hold */
        return;
    size_t left = slot(joins, condition->left);
    size_t right = slot(joins, condition->right);
    joins->is_joined[left] = joins->is_joined[right] = true;
    size_t a = joins->equals[left];
    size_t b = joins->equals[right];
    for (size_t i = 0; i < joins->total; i++)
        if (joins->equals[i] == a || joins->equals[i] == b)
            joins->equals[i] = a < b ? a : b;
}

void plan_joins_init(plan_joins *joins, const checked_query *query)
{
    *joins = (plan_joins){.query = query};
    joins->offsets = sr_array(query->table_count, sizeof *joins->offsets);
    for (size_t i = 0; i < query->table_count; i++)
    {
        joins->offsets[i] = joins->total;
        joins->total += query->tables[i].room->column_count;
    }
    joins->equals = sr_array(joins->total, sizeof *joins->equals);
    joins->is_joined = sr_array(joins->total, sizeof *joins->is_joined);
    for (size_t i = 0; i < joins->total; i++)
        joins->equals[i] = i;
    for (size_t i = 0; i < query->join_count; i++)
        unite(joins, &query->joins[i]);
}

void plan_joins_clear(plan_joins *joins)
{
    sr_free(joins->offsets);
    sr_free(joins->equals);
    sr_free(joins->is_joined);
    *joins = (plan_joins){.query = NULL};
}

checked_column plan_joins_equal(const plan_joins *joins, checked_column column)
{
    return column_of(joins, joins->equals[slot(joins, column)]);
}

bool plan_joins_is_joined(const plan_joins *joins, checked_column column)
{
    return joins->is_joined[slot(joins, column)];
}

/* ---- values that stand in one row at most ---------------------------------------------------- */

/* A column of this table that never repeats is equal to a column of a table in `found`: each of their rows
 * meets one row of this table at most. */
static bool meets_once(const plan_joins *joins, size_t table, const bool *found)
{
    const room_table *room = joins->query->tables[table].room;
    for (size_t i = 0; i < room->column_count; i++)
    {
        if (room->columns[i].repeats != ROOM_REPEATS_NEVER)
            continue;
        size_t class = joins->equals[slot(joins, (checked_column){table, i})];
        for (size_t other = 0; other < joins->total; other++)
            if (joins->equals[other] == class && found[column_of(joins, other).table])
                return true;
    }
    return false;
}

void plan_joins_reach(const plan_joins *joins, bool *found)
{
    for (bool more = true; more;)
    {
        more = false;
        for (size_t i = 0; i < joins->query->table_count; i++)
            if (!found[i] && meets_once(joins, i, found))
                found[i] = more = true;
    }
}

bool plan_joins_stand_once(const plan_joins *joins, size_t table)
{
    size_t count = joins->query->table_count;
    bool *found = sr_array(count, sizeof *found);
    bool all = true;
    found[table] = true;
    plan_joins_reach(joins, found);
    for (size_t i = 0; i < count; i++)
        all = all && found[i];
    sr_free(found);
    return all;
}

bool plan_joins_repeats(const plan_joins *joins, checked_column column)
{
    size_t class = joins->equals[slot(joins, column)];
    for (size_t i = 0; i < joins->total; i++)
    {
        checked_column equal = column_of(joins, i);
        if (joins->equals[i] == class &&
            checked_room_column(joins->query, equal)->repeats == ROOM_REPEATS_NEVER &&
            plan_joins_stand_once(joins, equal.table))
            return false;
    }
    return true;
}
