/* plan_groups.c: the statement that makes the groups, their aggregates and their hidden counts (plan.h). */
#include "plan.h"

#include <inttypes.h>

typedef struct
{
    const checked_query *query;
    plan_joins joins;
    const plan_hidden *hidden;
    size_t hidden_count;
} plan_counts;

static void counts_init(plan_counts *counts, const checked_query *query, const plan_hidden *hidden,
                        size_t hidden_count)
{
    *counts = (plan_counts){.query = query, .hidden = hidden, .hidden_count = hidden_count};
    plan_joins_init(&counts->joins, query);
}

static void counts_clear(plan_counts *counts)
{
    plan_joins_clear(&counts->joins);
}

/* ---- what both ways share -------------------------------------------------------------------- */

static void add_keys(plan_writer *writer, const checked_query *query)
{
    for (size_t i = 0; i < query->key_count; i++)
    {
        plan_operand(writer, query, &query->keys[i]);
        plan_add(writer, " AS k%zu, ", i);
    }
}

static void add_group_by(plan_writer *writer, size_t count)
{
    for (size_t i = 0; i < count; i++)
        plan_add(writer, "%s%zu", i == 0 ? " GROUP BY " : ", ", i + 1);
}

/* A value that stands in one row is counted by its row: by the filter's column, if it is never NULL itself. */
static void add_hidden(plan_writer *writer, const plan_joins *joins, const plan_hidden *hidden)
{
    bool by_filter =
        !hidden->repeats && hidden->is_filtered && plan_joins_is_joined(joins, hidden->counted);
    plan_add(writer, hidden->repeats ? "count(DISTINCT " : "count(");
    plan_column(writer, by_filter ? hidden->filter : hidden->counted);
    plan_add(writer, ")");
    if (!hidden->is_filtered || by_filter)
        return;
    plan_add(writer, " FILTER (WHERE ");
    plan_column(writer, hidden->filter);
    plan_add(writer, " IS NOT NULL)");
}

/* Inner joins: tables side by side, every condition in WHERE; the engine finds the join order. */
static void add_source(plan_writer *writer, const checked_query *query)
{
    plan_add(writer, " FROM ");
    for (size_t i = 0; i < query->table_count; i++)
        plan_add(writer, "%st%" PRIu64 "_v%" PRIu32 " AS s%zu", i == 0 ? "" : ", ",
                 query->tables[i].number, query->tables[i].version, i);
    const char *before = " WHERE ";
    for (size_t i = 0; i < query->join_count; i++)
    {
        plan_add(writer, "%s", before);
        plan_condition(writer, query, &query->joins[i]);
        before = " AND ";
    }
    if (query->where == NULL)
        return;
    plan_add(writer, "%s", before);
    plan_condition(writer, query, query->where);
}

/* ---- flat ------------------------------------------------------------------------------------ */

sr_result plan_groups_flat(plan_statement *out, const checked_query *query,
                           const plan_hidden *hidden, size_t hidden_count, sr_err *err)
{
    PLAN_WRITER(writer);
    plan_counts counts SR_CLEANUP(counts_clear);
    counts_init(&counts, query, hidden, hidden_count);
    plan_writer_init(&writer, &query->filter, err);
    plan_add(&writer, "CREATE TEMP TABLE grouped AS SELECT ");
    add_keys(&writer, query);
    for (size_t i = 0; i < query->aggregate_count; i++)
    {
        plan_aggregate(&writer, &counts.joins, &query->aggregates[i]);
        plan_add(&writer, " AS a%zu, ", i);
    }
    for (size_t i = 0; i < hidden_count; i++)
    {
        plan_add(&writer, "%s", i == 0 ? "" : ", ");
        add_hidden(&writer, &counts.joins, &hidden[i]);
        plan_add(&writer, " AS h%zu", i);
    }
    add_source(&writer, query);
    add_group_by(&writer, query->key_count);
    return plan_finish(out, &writer);
}

/* ---- by subject ------------------------------------------------------------------------------ */

static bool is_subject(const plan_counts *counts, checked_column column, checked_column subject)
{
    return checked_column_equal(plan_joins_equal(&counts->joins, column), subject);
}

/* Aggregates of one subject's rows make that of all rows, or are a number of subjects. */
static bool adds_up(const plan_counts *counts, const checked_aggregate *aggregate,
                    checked_column subject)
{
    switch (aggregate->function)
    {
    case AGGREGATE_COUNT_DISTINCT:
        return is_subject(counts, aggregate->column, subject) ||
               !plan_joins_repeats(&counts->joins, aggregate->column);
    case AGGREGATE_SUM_DISTINCT:
    case AGGREGATE_AVG:
        return false;
    default:
        return true;
    }
}

/* One column is all that is counted DISTINCT, and more than once. */
static bool find_subject(checked_column *subject, const plan_counts *counts)
{
    size_t distinct = 0;
    for (size_t i = 0; i < counts->hidden_count; i++)
    {
        if (!counts->hidden[i].repeats)
            continue;
        if (distinct++ == 0)
            *subject = counts->hidden[i].counted;
        else if (!checked_column_equal(*subject, counts->hidden[i].counted))
            return false;
    }
    if (distinct < 2)
        return false;
    for (size_t i = 0; i < counts->query->aggregate_count; i++)
        if (!adds_up(counts, &counts->query->aggregates[i], *subject))
            return false;
    return true;
}

static bool counts_subjects(const plan_counts *counts, const checked_aggregate *aggregate,
                            checked_column subject)
{
    return aggregate->function == AGGREGATE_COUNT_DISTINCT &&
           is_subject(counts, aggregate->column, subject);
}

/* The groups of (keys, subject): aggregates, and for each filter on how many rows it holds. */
static void add_inner(plan_writer *writer, const plan_counts *counts, checked_column subject)
{
    const checked_query *query = counts->query;
    plan_add(writer, "SELECT ");
    add_keys(writer, query);
    plan_column(writer, subject);
    plan_add(writer, " AS u");
    for (size_t i = 0; i < query->aggregate_count; i++)
    {
        if (counts_subjects(counts, &query->aggregates[i], subject))
            continue;
        plan_add(writer, ", ");
        plan_aggregate(writer, &counts->joins, &query->aggregates[i]);
        plan_add(writer, " AS a%zu", i);
    }
    for (size_t i = 0; i < counts->hidden_count; i++)
    {
        const plan_hidden *hidden = &counts->hidden[i];
        if (hidden->repeats && !hidden->is_filtered)
            continue;
        plan_add(writer, hidden->repeats ? ", count(" : ", ");
        if (hidden->repeats)
            plan_column(writer, hidden->filter);
        else
            add_hidden(writer, &counts->joins, hidden);
        plan_add(writer, "%s AS h%zu", hidden->repeats ? ")" : "", i);
    }
    add_source(writer, query);
    add_group_by(writer, query->key_count + 1);
}

static void add_outer_aggregate(plan_writer *writer, const plan_counts *counts, size_t index,
                                checked_column subject)
{
    const checked_aggregate *aggregate = &counts->query->aggregates[index];
    if (counts_subjects(counts, aggregate, subject))
        plan_add(writer, "count(u)");
    else if (aggregate->function == AGGREGATE_SUM)
        plan_add(writer, "sum(a%zu)", index);
    else
        plan_add(writer, "CAST(coalesce(sum(a%zu), 0) AS BIGINT)", index);
    plan_add(writer, " AS a%zu, ", index);
}

static void add_outer_hidden(plan_writer *writer, const plan_hidden *hidden, size_t index)
{
    if (!hidden->repeats)
        plan_add(writer, "CAST(coalesce(sum(h%zu), 0) AS BIGINT)", index);
    else if (hidden->is_filtered)
        plan_add(writer, "count(u) FILTER (WHERE h%zu > 0)", index);
    else
        plan_add(writer, "count(u)");
    plan_add(writer, " AS h%zu", index);
}

static sr_result plan_groups_by_subject(plan_statement *out, const plan_counts *counts,
                                        checked_column subject, sr_err *err)
{
    PLAN_WRITER(writer);
    const checked_query *query = counts->query;
    plan_writer_init(&writer, &query->filter, err);
    plan_add(&writer, "CREATE TEMP TABLE grouped AS SELECT ");
    for (size_t i = 0; i < query->key_count; i++)
        plan_add(&writer, "k%zu, ", i);
    for (size_t i = 0; i < query->aggregate_count; i++)
        add_outer_aggregate(&writer, counts, i, subject);
    for (size_t i = 0; i < counts->hidden_count; i++)
    {
        plan_add(&writer, "%s", i == 0 ? "" : ", ");
        add_outer_hidden(&writer, &counts->hidden[i], i);
    }
    plan_add(&writer, " FROM (");
    add_inner(&writer, counts, subject);
    plan_add(&writer, ")");
    add_group_by(&writer, query->key_count);
    return plan_finish(out, &writer);
}

/* ---- which way ------------------------------------------------------------------------------- */

sr_result plan_groups(plan_statement *out, const checked_query *query, const plan_hidden *hidden,
                      size_t hidden_count, sr_err *err)
{
    plan_counts counts SR_CLEANUP(counts_clear);
    checked_column subject = {0, 0};
    counts_init(&counts, query, hidden, hidden_count);
    return find_subject(&subject, &counts)
               ? plan_groups_by_subject(out, &counts, subject, err)
               : plan_groups_flat(out, query, hidden, hidden_count, err);
}
