#include "count.h"

#include <string.h>

#include "model/rule.h"
#include "refuse.h"

/* A name without a column: "?" stands for it in texts that are refused. */
static const char no_column[] = "?";

enum
{
    /* More than a message brings: what is longer than QUERY_TEXT_MOST is for the stages to refuse, on record. */
    TEXT_MOST = 16 * 1024 * 1024,
};

typedef struct
{
    room_table room;
    analysis_rule *rule; /* NULL: the table is missing or has none, which `resolve` refuses */
} counted_table;

typedef struct
{
    counted_table items[QUERY_COUNT_MOST_TABLES];
    size_t count;
} counted_tables;

static void counted_tables_clear(counted_tables *tables)
{
    for (size_t i = 0; i < tables->count; i++)
    {
        room_table_clear(&tables->items[i].room);
        rule_free(tables->items[i].rule);
    }
    tables->count = 0;
}

static sr_result find_tables(counted_tables *out, const query_count *asked,
                             const query_catalog *catalog, sr_err *err)
{
    for (size_t i = 0; i < asked->table_count; i++)
    {
        counted_table *table = &out->items[out->count++];
        uint64_t number = 0;
        if (catalog->find_table(catalog->context, asked->tables[i], &table->room, &number, err) !=
            SR_OK)
        {
            if (err->code != SR_E_NOT_FOUND)
                return SR_FAIL;
            sr_err_reset(err);
            continue;
        }
        if (table->room.rule_json != NULL &&
            rule_parse(&table->rule, sr_slice_text(table->room.rule_json), err) != SR_OK)
        {
            err->code = SR_E_CORRUPT;
            return sr_fail_in(err, "stored rule of table \"%s\"", table->room.name);
        }
    }
    return SR_OK;
}

/* ---- which column ---------------------------------------------------------------------------- */

static bool joins_by(const counted_table *table, const char *name)
{
    const room_column *column = room_column_find(&table->room, name);
    return column != NULL && column->allowed && column->type == COLUMN_FINGERPRINT &&
           rule_has_column(&table->rule->join_columns, name);
}

static bool all_join_by(const counted_tables *tables, const char *name)
{
    for (size_t i = 0; i < tables->count; i++)
        if (!joins_by(&tables->items[i], name))
            return false;
    return true;
}

static bool all_have_rules(const counted_tables *tables)
{
    for (size_t i = 0; i < tables->count; i++)
        if (tables->items[i].rule == NULL)
            return false;
    return true;
}

static sr_result choose_column(char **out, const counted_tables *tables, sr_err *err)
{
    const char *found = NULL;
    if (!all_have_rules(tables))
        return SR_OK;
    const rule_columns *candidates = &tables->items[0].rule->join_columns;
    for (size_t i = 0; i < candidates->count; i++)
    {
        const char *name = candidates->names[i];
        if (!all_join_by(tables, name))
            continue;
        if (found != NULL)
            return query_refuse(
                err, (query_place){NULL, -1},
                (query_refusal){.reason = "NAME_AMBIGUOUS", .field = "joinColumns", .column = name},
                "the tables can be joined by \"%s\" and by \"%s\": say which, with --on", found,
                name);
        found = name;
    }
    if (found == NULL)
        return query_refuse(
            err, (query_place){NULL, -1},
            (query_refusal){.reason = "COLUMN_NOT_A_JOIN_COLUMN", .field = "joinColumns"},
            "no fingerprint column of one name is in the joinColumns of all these tables");
    sr_free(*out);
    *out = sr_text_copy(found);
    return SR_OK;
}

/* ---- the text -------------------------------------------------------------------------------- */

static sr_result add_name(sr_buf *out, const char *name, sr_err *err)
{
    if (sr_buf_append_text(out, "\"", err) != SR_OK)
        return SR_FAIL;
    for (; *name != '\0'; name++)
        if ((*name == '"' && sr_buf_append_byte(out, '"', err) != SR_OK) ||
            sr_buf_append_byte(out, (uint8_t)*name, err) != SR_OK)
            return SR_FAIL;
    return sr_buf_append_text(out, "\"", err);
}

static sr_result add_column(sr_buf *out, const char *table, const char *column, sr_err *err)
{
    if (add_name(out, table, err) != SR_OK || sr_buf_append_text(out, ".", err) != SR_OK)
        return SR_FAIL;
    return add_name(out, column, err);
}

static size_t choose_counted(const counted_tables *tables, const char *column)
{
    for (size_t i = 0; i < tables->count; i++)
        if (tables->items[i].rule != NULL &&
            rule_allows_aggregate(tables->items[i].rule, column, AGGREGATE_COUNT_DISTINCT))
            return i;
    return 0;
}

static sr_result add_join(sr_buf *out, const query_count *asked, size_t index, const char *column,
                          sr_err *err)
{
    if (sr_buf_append_text(out, " JOIN ", err) != SR_OK ||
        add_name(out, asked->tables[index], err) != SR_OK ||
        sr_buf_append_text(out, " ON ", err) != SR_OK ||
        add_column(out, asked->tables[0], column, err) != SR_OK ||
        sr_buf_append_text(out, " = ", err) != SR_OK)
        return SR_FAIL;
    return add_column(out, asked->tables[index], column, err);
}

static sr_result add_query(sr_buf *out, const query_count *asked, const counted_tables *tables,
                           const char *column, sr_err *err)
{
    const char *counted = asked->tables[choose_counted(tables, column)];
    if (sr_buf_append_text(out, "SELECT COUNT(DISTINCT ", err) != SR_OK ||
        add_column(out, counted, column, err) != SR_OK ||
        sr_buf_append_text(out, ") FROM ", err) != SR_OK ||
        add_name(out, asked->tables[0], err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 1; i < asked->table_count; i++)
        if (add_join(out, asked, i, column, err) != SR_OK)
            return SR_FAIL;
    /* On a line of its own the bracket closes behind a comment too. */
    return asked->where[0] == '\0' ? SR_OK : sr_buf_printf(out, err, " WHERE (%s\n)", asked->where);
}

sr_result query_count_write(char **sql, char **column, const query_count *asked,
                            const query_catalog *catalog, sr_err *err)
{
    counted_tables tables SR_CLEANUP(counted_tables_clear) = {.count = 0};
    SR_BUF(text, TEXT_MOST);
    sr_err unchosen = SR_ERR_INIT;
    bool is_named = asked->column[0] != '\0';
    *sql = NULL;
    *column = NULL;
    if (find_tables(&tables, asked, catalog, err) != SR_OK)
        return SR_FAIL;
    *column = sr_text_copy(is_named ? asked->column : no_column);
    sr_result chosen = is_named ? SR_OK : choose_column(column, &tables, &unchosen);
    if (add_query(&text, asked, &tables, *column, err) != SR_OK ||
        sr_buf_take_text(sql, &text, err) != SR_OK)
        return SR_FAIL;
    if (chosen != SR_OK)
        *err = unchosen;
    return chosen;
}
