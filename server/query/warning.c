/*
 * warning.c: what sums and counts over a join count several times, and the ways out.
 *
 * A join has one row for every pair of rows that meet. SUM, AVG and COUNT of a column therefore count a row of
 * its table once for every row that it meets, unless each other table is joined by a column that never repeats.
 * COUNT(*) counts pairs when no table's rows stand once. DISTINCT aggregates count values, however often they
 * stand there.
 *
 * The words depend on the shape of the query (tables, joins, aggregates) and on what each table version says of its
 * columns (room_column.repeats), never on conditions, constants or rows that met: otherwise a member could
 * upload one repeated key and ask whether it has a counterpart. Columns of ON are joinColumns of their table's
 * rule, the columns of which a partner may know whether they repeat (table.proto).
 */
#include "plan.h"
#include "words.h"

enum
{
    NAMES_MOST = 4, /* aggregates in the text; the others are a number */
};

/* Why rows of `counted` may stand in several joined rows: each may meet several rows of `met`. */
typedef struct
{
    size_t counted;
    size_t met;
    size_t from;             /* the table through which it is met */
    checked_column *columns; /* of `met`, by which it is joined; each once */
    size_t column_count;
    bool is_or; /* an equality of them may hold without the others */
} cause;

typedef struct
{
    const checked_query *query;
    plan_joins joins;
    bool *once; /* for each table: its rows stand in one joined row at most */
    cause *causes;
    size_t cause_count;
} warning;

static void warning_clear(warning *self)
{
    for (size_t i = 0; i < self->cause_count; i++)
        sr_free(self->causes[i].columns);
    sr_free(self->causes);
    sr_free(self->once);
    plan_joins_clear(&self->joins);
}

static const char *name_of(const warning *self, size_t table)
{
    return self->query->tables[table].room->name;
}

/* ---- aggregates ------------------------------------------------------------------------------ */

static bool is_any_once(const warning *self)
{
    for (size_t i = 0; i < self->query->table_count; i++)
        if (self->once[i])
            return true;
    return false;
}

static bool counts_several_times(const warning *self, const checked_aggregate *aggregate)
{
    switch (aggregate->function)
    {
    case AGGREGATE_COUNT:
    case AGGREGATE_SUM:
    case AGGREGATE_AVG:
        return !self->once[aggregate->column.table];
    case AGGREGATE_COUNT_STAR:
        return !is_any_once(self);
    case AGGREGATE_COUNT_DISTINCT:
    case AGGREGATE_SUM_DISTINCT:
    case AGGREGATE_FUNCTION_COUNT_:
        break;
    }
    return false;
}

/* Rows of this table are what such an aggregate counts. */
static bool is_counted(const warning *self, size_t table)
{
    for (size_t i = 0; i < self->query->aggregate_count; i++)
    {
        const checked_aggregate *aggregate = &self->query->aggregates[i];
        if (counts_several_times(self, aggregate) &&
            (aggregate->function == AGGREGATE_COUNT_STAR || aggregate->column.table == table))
            return true;
    }
    return false;
}

/* ---- causes ---------------------------------------------------------------------------------- */

static void add_column(cause *out, checked_column column, size_t from, bool under_or)
{
    out->is_or = out->is_or || under_or;
    for (size_t i = 0; i < out->column_count; i++)
        if (checked_column_equal(out->columns[i], column))
            return;
    out->columns =
        sr_array_grow(out->columns, out->column_count, out->column_count + 1, sizeof column);
    out->columns[out->column_count++] = column;
    out->from = from;
}

/* The columns by which `out->met` is joined to tables in `found`. */
static void add_columns(cause *out, const checked_condition *condition, const bool *found,
                        bool under_or)
{
    for (size_t i = 0; i < condition->child_count; i++)
        add_columns(out, &condition->children[i], found,
                    under_or || condition->kind == CONDITION_OR);
    if (condition->kind != CONDITION_JOIN)
        return;
    if (condition->left.table == out->met && found[condition->right.table])
        add_column(out, condition->left, condition->right.table, under_or);
    else if (condition->right.table == out->met && found[condition->left.table])
        add_column(out, condition->right, condition->left.table, under_or);
}

/* The first table that is missing in `found` and joined to one that is there becomes a cause; false: none is
 * missing. Each ON joins what stands before it, so there is always one that is joined. */
static bool cross(warning *self, size_t counted, bool *found)
{
    for (size_t table = 0; table < self->query->table_count; table++)
    {
        cause made = {.counted = counted, .met = table};
        if (found[table])
            continue;
        for (size_t i = 0; i < self->query->join_count; i++)
            add_columns(&made, &self->query->joins[i], found, false);
        if (made.column_count == 0)
            continue;
        self->causes =
            sr_array_grow(self->causes, self->cause_count, self->cause_count + 1, sizeof made);
        self->causes[self->cause_count++] = made;
        found[table] = true;
        return true;
    }
    return false;
}

/* From the table to all others: where rows are met once nothing happens, every other step is a cause. */
static void find_causes(warning *self, size_t counted)
{
    bool *found = sr_array(self->query->table_count, sizeof *found);
    found[counted] = true;
    plan_joins_reach(&self->joins, found);
    while (cross(self, counted, found))
        plan_joins_reach(&self->joins, found);
    sr_free(found);
}

/* ---- words ----------------------------------------------------------------------------------- */

static bool is_certain(const warning *self, const cause *why)
{
    return why->column_count == 1 && !why->is_or &&
           checked_room_column(self->query, why->columns[0])->repeats == ROOM_REPEATS_SOME;
}

/* "impressions.email", "impressions.email with impressions.week"; `bare` leaves out the table. */
static void add_key(char **words, const warning *self, const cause *why, bool bare)
{
    for (size_t i = 0; i < why->column_count; i++)
    {
        const char *between = i == 0 ? "" : why->is_or ? " or " : " with ";
        const char *column = checked_room_column(self->query, why->columns[i])->name;
        words_add(words, "%s%s%s%s", between, bare ? "" : name_of(self, why->met), bare ? "" : ".",
                  column);
    }
}

static bool same_columns(const cause *a, const cause *b)
{
    if (a->met != b->met || a->column_count != b->column_count || a->is_or != b->is_or)
        return false;
    for (size_t i = 0; i < a->column_count; i++)
        if (!checked_column_equal(a->columns[i], b->columns[i]))
            return false;
    return true;
}

static bool is_said_before(const warning *self, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (same_columns(&self->causes[i], &self->causes[index]))
            return true;
    return false;
}

/* How many different ones there are; they are said in the order of FROM. */
static size_t say_columns(char **words, const warning *self)
{
    size_t count = 0;
    size_t said = 0;
    for (size_t i = 0; i < self->cause_count; i++)
        count += is_said_before(self, i) ? 0 : 1;
    for (size_t table = 0; table < self->query->table_count; table++)
        for (size_t i = 0; i < self->cause_count; i++)
        {
            if (self->causes[i].met != table || is_said_before(self, i))
                continue;
            words_add(words, "%s", words_between(said++, count));
            add_key(words, self, &self->causes[i], false);
        }
    return count;
}

/* "purchases.email and impressions.email both repeat". True if all of it is certain. */
static bool add_causes(char **words, const warning *self)
{
    bool certain = true;
    bool any_or = false;
    size_t count = say_columns(words, self);
    for (size_t i = 0; i < self->cause_count; i++)
    {
        certain = certain && is_certain(self, &self->causes[i]);
        any_or = any_or || self->causes[i].is_or;
    }
    if (!certain)
        words_add(words, any_or ? " may match several rows" : " may repeat");
    else
        words_add(words, count == 1 ? " repeats" : count == 2 ? " both repeat" : " repeat");
    return certain;
}

/* "3 rows of purchases and 4 of impressions with one email make 12 joined rows" */
static void add_example(char **words, const warning *self)
{
    const cause *first = &self->causes[0];
    bool both = false;
    for (size_t i = 1; i < self->cause_count; i++)
        both = both || (self->causes[i].met == first->from && self->causes[i].from == first->met);
    words_add(words, "%s of %s and 4 of %s with one ", both ? "3 rows" : "1 row",
              name_of(self, first->from), name_of(self, first->met));
    add_key(words, self, first, true);
    words_add(words, " make %s joined rows", both ? "12" : "4");
}

static void add_aggregate(char **words, const warning *self, const checked_aggregate *aggregate)
{
    if (aggregate->function == AGGREGATE_COUNT_STAR)
        words_add(words, "COUNT(*)");
    else
        words_add(words, "%s(%s.%s)", aggregate_function_name(aggregate->function),
                  name_of(self, aggregate->column.table),
                  checked_room_column(self->query, aggregate->column)->name);
}

/* "SUM(a.x), SUM(b.y) and 3 others count" */
static void add_aggregates(char **words, const warning *self)
{
    size_t count = 0;
    size_t said = 0;
    for (size_t i = 0; i < self->query->aggregate_count; i++)
        count += counts_several_times(self, &self->query->aggregates[i]) ? 1 : 0;
    size_t shown = count > NAMES_MOST ? NAMES_MOST - 1 : count;
    for (size_t i = 0; i < self->query->aggregate_count && said < shown; i++)
    {
        if (!counts_several_times(self, &self->query->aggregates[i]))
            continue;
        words_add(words, "%s", words_between(said++, shown < count ? shown + 1 : count));
        add_aggregate(words, self, &self->query->aggregates[i]);
    }
    if (shown < count)
        words_add(words, " and %zu others", count - shown);
    words_add(words, count == 1 ? " counts" : " count");
}

/* "one row for each email in impressions", or what helps where OR joins. */
static void add_way(char **words, const warning *self, const cause *why)
{
    if (why->is_or)
    {
        words_add(words, "joining %s without OR", name_of(self, why->met));
        return;
    }
    words_add(words, "one row for each ");
    add_key(words, self, why, true);
    words_add(words, " in %s", name_of(self, why->met));
}

/* "one row for each email in impressions counts purchases once; …" */
static void add_ways(char **words, const warning *self)
{
    bool uploads = false;
    words_add(words, " Ways out: ");
    for (size_t i = 0; i < self->cause_count; i++)
    {
        size_t counted = self->causes[i].counted;
        bool is_last = i + 1 == self->cause_count || self->causes[i + 1].counted != counted;
        add_way(words, self, &self->causes[i]);
        uploads = uploads || !self->causes[i].is_or;
        if (is_last)
            words_add(words, " counts %s once; ", name_of(self, counted));
        else
            words_add(words, " and ");
    }
    words_add(words, "%sCOUNT(DISTINCT ...) counts values once as it is.",
              uploads ? "add up before you encrypt; " : "");
}

char *query_warning(const checked_query *checked)
{
    warning self SR_CLEANUP(warning_clear) = {.query = checked};
    char *words = NULL;
    plan_joins_init(&self.joins, checked);
    self.once = sr_array(checked->table_count, sizeof *self.once);
    for (size_t i = 0; i < checked->table_count; i++)
        self.once[i] = plan_joins_stand_once(&self.joins, i);
    for (size_t i = 0; i < checked->table_count; i++)
        if (is_counted(&self, i))
            find_causes(&self, i);
    if (self.cause_count == 0)
        return NULL;
    bool certain = add_causes(&words, &self);
    words_add(&words, ": ");
    add_example(&words, &self);
    words_add(&words, certain ? ". So " : ". Then ");
    add_aggregates(&words, &self);
    words_add(&words, " a row once for every row that it meets.");
    add_ways(&words, &self);
    return words;
}
