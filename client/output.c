#include "output.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

struct output_table
{
    char **headers;
    size_t columns;
    char **cells; /* row after row; NULL is NULL */
    size_t rows;
    size_t room; /* rows */
};

sr_result output_form_of(output_form *out, const options *given, sr_err *err)
{
    static const char *const names[] = {"table", "csv", "json"};
    const char *name = options_text(given, "output");
    *out = OUTPUT_TABLE;
    if (name == NULL)
        return SR_OK;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcasecmp(name, names[i]) == 0)
        {
            *out = (output_form)i;
            return SR_OK;
        }
    return sr_fail(err, SR_E_USAGE, "--output %s: expected table, json or csv", name);
}

/* ---- gathering ------------------------------------------------------------------------------- */

output_table *output_table_new(const char *const *headers, size_t columns)
{
    output_table *table = sr_alloc(sizeof *table);
    table->columns = columns;
    table->headers = sr_array(columns, sizeof(char *));
    for (size_t i = 0; i < columns; i++)
        table->headers[i] = sr_text_copy(headers[i]);
    return table;
}

/* A NUL would cut the value short. */
static char *printable(sr_slice cell)
{
    char *text = sr_alloc(cell.len + 1);
    sr_copy(text, cell.data, cell.len);
    for (size_t i = 0; i < cell.len; i++)
        if (text[i] == '\0')
            text[i] = ' ';
    return text;
}

static char **next_row(output_table *table)
{
    if (table->rows == table->room)
    {
        size_t room = table->room == 0 ? 16 : table->room * 2;
        table->cells = sr_array_grow(table->cells, table->room * table->columns,
                                     room * table->columns, sizeof(char *));
        table->room = room;
    }
    return table->cells + table->columns * table->rows++;
}

void output_table_add(output_table *table, const sr_slice *cells)
{
    char **row = next_row(table);
    for (size_t i = 0; i < table->columns; i++)
        row[i] = cells[i].data == NULL ? NULL : printable(cells[i]);
}

void output_table_add_texts(output_table *table, const char *const *cells)
{
    char **row = next_row(table);
    for (size_t i = 0; i < table->columns; i++)
        row[i] = sr_text_copy(cells[i]);
}

size_t output_table_rows(const output_table *table)
{
    return table->rows;
}

void output_table_free(output_table *table)
{
    if (table == NULL)
        return;
    for (size_t i = 0; i < table->columns; i++)
        sr_free(table->headers[i]);
    for (size_t i = 0; i < table->rows * table->columns; i++)
        sr_free(table->cells[i]);
    sr_free(table->headers);
    sr_free(table->cells);
    sr_free(table);
}

void output_table_clear(output_table **table)
{
    output_table_free(*table);
    *table = NULL;
}

static const char *cell_at(const output_table *table, size_t row, size_t column)
{
    return table->cells[row * table->columns + column];
}

/* ---- for people ------------------------------------------------------------------------------ */

static size_t width_of(const char *text)
{
    return text == NULL ? strlen("NULL") : sr_utf8_width(sr_slice_text(text));
}

static size_t column_width(const output_table *table, size_t column)
{
    size_t width = width_of(table->headers[column]);
    for (size_t row = 0; row < table->rows; row++)
    {
        size_t here = width_of(cell_at(table, row, column));
        width = here > width ? here : width;
    }
    return width;
}

static bool is_number(const char *text)
{
    return text != NULL && *text != '\0' && text[strspn(text, "0123456789.-+eE")] == '\0';
}

static bool is_number_column(const output_table *table, size_t column)
{
    for (size_t row = 0; row < table->rows; row++)
    {
        const char *cell = cell_at(table, row, column);
        if (cell != NULL && !is_number(cell))
            return false;
    }
    return table->rows > 0;
}

/* A line break inside a cell would break the table. */
static void print_cell(const char *text)
{
    for (const char *at = text == NULL ? "NULL" : text; *at != '\0'; at++)
        (void)fputc((unsigned char)*at < 0x20 || *at == 0x7f ? ' ' : *at, stdout);
}

static void print_blanks(size_t count)
{
    while (count-- > 0)
        (void)fputc(' ', stdout);
}

static void print_aligned(const char *text, size_t width, bool right, bool last)
{
    size_t blanks = width - width_of(text);
    if (right)
        print_blanks(blanks);
    print_cell(text);
    if (!right && !last)
        print_blanks(blanks);
    (void)fputs(last ? "\n" : "  ", stdout);
}

static void sizes_free(size_t **sizes)
{
    sr_free(*sizes);
}
static void flags_free(bool **flags)
{
    sr_free(*flags);
}

static void print_for_people(const output_table *table)
{
    size_t columns = table->columns;
    size_t *widths SR_CLEANUP(sizes_free) = sr_array(columns, sizeof *widths);
    bool *right SR_CLEANUP(flags_free) = sr_array(columns, sizeof *right);
    for (size_t i = 0; i < columns; i++)
    {
        widths[i] = column_width(table, i);
        right[i] = is_number_column(table, i);
        print_aligned(table->headers[i], widths[i], right[i], i + 1 == columns);
    }
    for (size_t i = 0; i < columns; i++)
    {
        for (size_t dash = 0; dash < widths[i]; dash++)
            (void)fputc('-', stdout);
        (void)fputs(i + 1 == columns ? "\n" : "  ", stdout);
    }
    for (size_t row = 0; row < table->rows; row++)
        for (size_t i = 0; i < columns; i++)
            print_aligned(cell_at(table, row, i), widths[i], right[i], i + 1 == columns);
}

/* ---- for programs ---------------------------------------------------------------------------- */

static void print_csv_field(const char *text, bool last)
{
    if (text != NULL && (*text == '\0' || strpbrk(text, ",\"\r\n") != NULL))
    {
        (void)fputc('"', stdout);
        for (const char *at = text; *at != '\0'; at++)
            (void)fputs(*at == '"' ? "\"\"" : (char[]){*at, '\0'}, stdout);
        (void)fputc('"', stdout);
    }
    else if (text != NULL)
        (void)fputs(text, stdout);
    (void)fputc(last ? '\n' : ',', stdout);
}

static void print_csv(const output_table *table)
{
    for (size_t i = 0; i < table->columns; i++)
        print_csv_field(table->headers[i], i + 1 == table->columns);
    for (size_t row = 0; row < table->rows; row++)
        for (size_t i = 0; i < table->columns; i++)
            print_csv_field(cell_at(table, row, i), i + 1 == table->columns);
}

static sr_result print_json(const output_table *table, const char *name, sr_err *err)
{
    SR_JSON(document);
    document = sr_json_object_new();
    sr_json *rows = sr_json_array_new();
    for (size_t row = 0; row < table->rows; row++)
    {
        sr_json *object = sr_json_object_new();
        for (size_t i = 0; i < table->columns; i++)
            sr_json_set_text(object, table->headers[i], cell_at(table, row, i));
        sr_json_add_take(rows, object);
    }
    sr_json_set_take(document, name, rows);
    return output_json(document, err);
}

sr_result output_table_print(const output_table *table, output_form form, const char *name,
                             sr_err *err)
{
    switch (form)
    {
    case OUTPUT_CSV:
        print_csv(table);
        return SR_OK;
    case OUTPUT_JSON:
        return print_json(table, name, err);
    default:
        print_for_people(table);
        return SR_OK;
    }
}

sr_result output_json(const sr_json *document, sr_err *err)
{
    SR_BUF(text, (size_t)256 * 1024 * 1024);
    if (sr_json_write(document, true, &text, err) != SR_OK)
        return SR_FAIL;
    bool written = fwrite(text.data, 1, text.len, stdout) == text.len;
    return written ? SR_OK : sr_fail(err, SR_E_IO, "standard output: cannot write");
}
