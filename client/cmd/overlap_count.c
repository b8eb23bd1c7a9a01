#include <inttypes.h>
#include <stdio.h>

#include "../link/overlap.h"
#include "../terminal.h"
#include "base/text.h"
#include "cmd.h"
#include "common.h"
#include "online.h"

enum
{
    TABLES_LEAST = 2,
    TABLES_MOST = 16,
    TABLES_TEXT_MOST = 64 * 1024,
};

static const option_row overlap_count_options[] = {
    {"on", NULL, 0, OPTION_TEXT, "COLUMN",
     "the column that joins the tables (default: the only one that can)"},
    {"where", NULL, 0, OPTION_TEXT, "CONDITION", "count only rows for which this holds"},
    ONLINE_COLLAB_OPTION,
    ONLINE_OPTIONS,
    ONLINE_OUTPUT_OPTION,
    COMMON_END,
};

/* "customers (retailer, version 3), orders (brand, version 1)" */
static sr_result name_tables(char **out, const link_count *count, sr_err *err)
{
    SR_BUF(text, TABLES_TEXT_MOST);
    for (size_t i = 0; i < count->table_count; i++)
        if (sr_buf_printf(&text, err, "%s%s (%s, version %" PRIu32 ")", i == 0 ? "" : ", ",
                          count->tables[i].table, count->tables[i].owner,
                          count->tables[i].version) != SR_OK)
            return SR_FAIL;
    return sr_buf_take_text(out, &text, err);
}

static bool has_number(const link_count *count)
{
    return !count->results_withheld && !count->held_back;
}

/* ---- printing -------------------------------------------------------------------------------- */

static sr_result print_json(const link_count *count, sr_err *err)
{
    SR_JSON(document);
    sr_json *tables = sr_json_array_new();
    for (size_t i = 0; i < count->table_count; i++)
    {
        sr_json *table = sr_json_object_new();
        sr_json_set_text(table, "table", count->tables[i].table);
        sr_json_set_text(table, "owner", count->tables[i].owner);
        sr_json_set_int(table, "version", count->tables[i].version);
        sr_json_add_take(tables, table);
    }
    document = sr_json_object_new();
    if (has_number(count))
        sr_json_set_int(document, "subjects", (int64_t)count->subjects);
    else
        sr_json_set_null(document, "subjects");
    sr_json_set_bool(document, "heldBack", count->held_back);
    sr_json_set_bool(document, "fromMemory", count->from_memory);
    sr_json_set_text(document, "column", count->column);
    sr_json_set_take(document, "tables", tables);
    sr_json_set_text(document, "thresholds", count->notice);
    sr_json_set_text(document, "query", count->sql);
    sr_json_set_text(document, "queryId", count->query_id);
    return output_document(document, stdout, err);
}

static sr_result print_csv(const link_count *count, sr_err *err)
{
    static const output_column headers[] = {{"subjects", OUTPUT_NUMBER},
                                            {"held back", OUTPUT_BOOLEAN},
                                            {"column", OUTPUT_TEXT},
                                            {"tables", OUTPUT_TEXT},
                                            {"thresholds", OUTPUT_TEXT}};
    OUTPUT(table);
    SR_TEXT(tables);
    SR_TEXT(subjects);
    if (name_tables(&tables, count, err) != SR_OK)
        return SR_FAIL;
    subjects = sr_text_printf("%" PRIu64, count->subjects);
    table = output_new(OUTPUT_CSV, headers, sizeof headers / sizeof headers[0]);
    const char *const cells[] = {has_number(count) ? subjects : NULL,
                                 count->held_back ? "true" : "false", count->column, tables,
                                 count->notice};
    if (output_texts(table, cells, err) != SR_OK)
        return SR_FAIL;
    return output_finish(table, stdout, err);
}

static void print_line(const char *name, const char *text)
{
    (void)printf("%-18s  ", name);
    output_safe_text(sr_slice_text(text), stdout);
    (void)putchar('\n');
}

static sr_result print_words(const link_count *count, sr_err *err)
{
    SR_TEXT(tables);
    SR_TEXT(subjects);
    if (name_tables(&tables, count, err) != SR_OK)
        return SR_FAIL;
    subjects = sr_text_printf("%" PRIu64, count->subjects);
    if (!count->results_withheld)
        print_line("subjects in common",
                   count->held_back ? "held back: fewer than a minimum, or none" : subjects);
    print_line("joined by", count->column);
    print_line("tables", tables);
    (void)putchar('\n');
    terminal_fold(count->notice, TERMINAL_LINE, stdout);
    return SR_OK;
}

static sr_result print(const link_count *count, output_form form, sr_err *err)
{
    sr_result result = form == OUTPUT_JSON  ? print_json(count, err)
                       : form == OUTPUT_CSV ? print_csv(count, err)
                                            : print_words(count, err);
    if (result == SR_OK && count->results_withheld)
        command_warn("query %s succeeded; your member may not receive its results",
                     count->query_id);
    return result;
}

/* ---- the command ----------------------------------------------------------------------------- */

static sr_result run_overlap_count(const options *given, sr_err *err)
{
    ONLINE(here);
    LINK_COUNT(count);
    output_form form;
    const char *tables[TABLES_MOST];
    size_t table_count = options_arguments(given);
    if (online_form(&form, given, err) != SR_OK)
        return SR_FAIL;
    if (table_count < TABLES_LEAST)
        return sr_fail(err, SR_E_USAGE, "give the names of two tables or more");
    for (size_t i = 0; i < table_count; i++)
        tables[i] = options_argument(given, i);
    link_count_request asked = {.tables = tables,
                                .table_count = table_count,
                                .column = options_text(given, "on"),
                                .where = options_text(given, "where")};
    if (online_open(&here, given, ROLE_BIT(ROLE_ANALYST), err) != SR_OK)
        return SR_FAIL;
    online_choose(&here, given);
    if (link_overlap_count(&count, here.link, here.collaboration, &asked, err) != SR_OK)
        return SR_FAIL;
    return print(&count, form, err);
}

const command_row command_overlap_count = {
    .noun = "overlap",
    .verb = "count",
    .line = "count the subjects that uploaded tables have in common",
    .usage = "TABLE TABLE [TABLE…] [--on COLUMN] [--where CONDITION]",
    .about =
        "Counts how many distinct values of a fingerprint column stand in all of these tables. It "
        "is\n"
        "the query\n"
        "\n"
        "  SELECT COUNT(DISTINCT customers.email) FROM customers\n"
        "      JOIN orders ON customers.email = orders.email\n"
        "\n"
        "under the same rules: each table's rule must list the column in joinColumns, and one of\n"
        "them COUNT_DISTINCT of it in aggregateColumns. A number under any owner's minimum is "
        "held\n"
        "back, in the same words as none at all. --on is needed when several columns could join.\n"
        "--where takes what `query run` takes behind WHERE; columns of two tables need the "
        "table's\n"
        "name in front.\n"
        "\n"
        "  sealroom overlap count customers orders\n"
        "  sealroom overlap count customers orders --where \"orders.campaign = 'spring'\"\n"
        "\n"
        "Asked again of the same versions under the same rules, the answer comes from the "
        "server's\n"
        "memory. Every count is on record as a query, see `sealroom audit list`. Members who "
        "share\n"
        "no secret count with `sealroom overlap open` instead.",
    .options = overlap_count_options,
    .arguments = TABLES_MOST,
    .run = run_overlap_count,
};
