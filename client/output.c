#include "output.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"
#include "csv_write.h"
#include "terminal.h"

typedef struct
{
    size_t from;
    size_t len;
    bool null;
} cell;

struct output
{
    output_form form;
    char **names;
    output_kind *kinds;
    size_t columns;
    cell *cells;
    size_t count; /* cells */
    size_t room;
    size_t fit; /* see output_fit */
    sr_buf bytes;
};

sr_result output_form_parse(output_form *out, const char *name, sr_err *err)
{
    static const char *const names[] = {
        [OUTPUT_TABLE] = "table", [OUTPUT_JSON] = "json", [OUTPUT_CSV] = "csv"};
    *out = OUTPUT_TABLE;
    for (size_t i = 0; name != NULL && i < sizeof names / sizeof names[0]; i++)
    {
        *out = (output_form)i;
        if (strcmp(names[i], name) == 0)
            return SR_OK;
    }
    *out = OUTPUT_TABLE;
    return name == NULL ? SR_OK : sr_fail(err, SR_E_USAGE, "--output: expected table, json or csv");
}

output *output_new(output_form form, const output_column *columns, size_t count)
{
    output *self = sr_alloc(sizeof *self);
    assert(count > 0);
    self->form = form;
    self->columns = count;
    self->fit = SIZE_MAX;
    self->names = sr_array(count, sizeof *self->names);
    self->kinds = sr_array(count, sizeof *self->kinds);
    for (size_t i = 0; i < count; i++)
    {
        self->names[i] = sr_text_copy(columns[i].name);
        self->kinds[i] = columns[i].kind;
    }
    sr_buf_init(&self->bytes, OUTPUT_MAX);
    return self;
}

static void add_cell(output *self, cell added)
{
    if (self->count == self->room)
    {
        size_t room = self->room == 0 ? 256 : 2 * self->room;
        self->cells = sr_array_grow(self->cells, self->room, room, sizeof *self->cells);
        self->room = room;
    }
    self->cells[self->count++] = added;
}

sr_result output_row(output *self, const csv_field *fields, sr_err *err)
{
    size_t before = self->count;
    for (size_t i = 0; i < self->columns; i++)
    {
        cell added = {.from = self->bytes.len, .len = fields[i].text.len, .null = fields[i].null};
        if (sr_buf_append(&self->bytes, fields[i].text, err) != SR_OK)
        {
            self->count = before; /* never half a row */
            return SR_FAIL;
        }
        add_cell(self, added);
    }
    return SR_OK;
}

static void clear_array(void *array)
{
    sr_free(*(void **)array);
}

sr_result output_texts(output *self, const char *const *texts, sr_err *err)
{
    csv_field *fields SR_CLEANUP(clear_array) = sr_array(self->columns, sizeof *fields);
    for (size_t i = 0; i < self->columns; i++)
        fields[i] = (csv_field){.text = sr_slice_text(texts[i]), .null = texts[i] == NULL};
    return output_row(self, fields, err);
}

void output_fit(output *self, size_t width)
{
    self->fit = width;
}

size_t output_rows(const output *self)
{
    assert(self->columns > 0);
    return self->count / self->columns;
}

static csv_field field_at(const output *self, size_t row, size_t column)
{
    const cell *at = &self->cells[row * self->columns + column];
    sr_slice text = {NULL, 0};
    if (at->len > 0)
        text = sr_slice_of(self->bytes.data + at->from, at->len);
    return (csv_field){.text = text, .null = at->null};
}

/* ---- table ----------------------------------------------------------------------------------- */

/* C1 controls are U+0080 to U+009F: 0xc2 and a byte up to 0x9f. */
static bool is_c1(sr_slice text, size_t at)
{
    return text.data[at] == 0xc2 && at + 1 < text.len && text.data[at + 1] <= 0x9f;
}

void output_safe_text(sr_slice text, FILE *to)
{
    while (text.len > 0)
    {
        size_t good = sr_utf8_valid_prefix(text);
        for (size_t i = 0; i < good; i++)
        {
            bool control = text.data[i] < ' ' || text.data[i] == 0x7f;
            bool c1 = is_c1(sr_slice_sub(text, 0, good), i);
            (void)fputc(control || c1 ? '?' : text.data[i], to);
            i += c1 ? 1 : 0;
        }
        text = sr_slice_sub(text, good, text.len - good);
        if (text.len > 0)
        {
            (void)fputc('?', to);
            text = sr_slice_sub(text, 1, text.len - 1);
        }
    }
}

static void fill(FILE *to, char with, size_t count)
{
    for (size_t i = 0; i < count; i++)
        (void)fputc(with, to);
}

static void print_cell(const output *self, size_t column, sr_slice text, size_t width, FILE *to)
{
    size_t used = sr_utf8_width(text);
    size_t gap = width > used ? width - used : 0;
    bool right = self->kinds[column] == OUTPUT_NUMBER;
    bool last = column + 1 == self->columns;
    SR_TEXT(cut);
    if (right)
        fill(to, ' ', gap);
    if (used > width)
        cut = terminal_cut(text, width);
    output_safe_text(cut == NULL ? text : sr_slice_text(cut), to);
    if (!right && !last)
        fill(to, ' ', gap);
    (void)fputs(last ? "\n" : "  ", to);
}

static size_t width_of(const output *self, size_t column)
{
    size_t width = sr_utf8_width(sr_slice_text(self->names[column]));
    for (size_t row = 0; row < output_rows(self); row++)
    {
        size_t here = sr_utf8_width(field_at(self, row, column).text);
        width = here > width ? here : width;
    }
    return width;
}

static void fit_last(const output *self, size_t *widths)
{
    size_t used = 0;
    size_t last = self->columns - 1;
    for (size_t i = 0; i < last; i++)
        used += widths[i] + 2;
    size_t left = self->fit > used ? self->fit - used : 0;
    left = left > OUTPUT_CUT_LEAST ? left : OUTPUT_CUT_LEAST;
    widths[last] = widths[last] > left ? left : widths[last];
}

static void print_table(const output *self, FILE *to)
{
    size_t *widths SR_CLEANUP(clear_array) = sr_array(self->columns, sizeof *widths);
    for (size_t i = 0; i < self->columns; i++)
        widths[i] = width_of(self, i);
    if (self->fit != SIZE_MAX)
        fit_last(self, widths);
    for (size_t i = 0; i < self->columns; i++)
        print_cell(self, i, sr_slice_text(self->names[i]), widths[i], to);
    for (size_t i = 0; i < self->columns; i++)
    {
        fill(to, '-', widths[i]);
        (void)fputs(i + 1 == self->columns ? "\n" : "  ", to);
    }
    for (size_t row = 0; row < output_rows(self); row++)
    {
        for (size_t i = 0; i < self->columns; i++)
            print_cell(self, i, field_at(self, row, i).text, widths[i], to);
    }
}

/* ---- csv ------------------------------------------------------------------------------------- */

static sr_result print_csv(const output *self, FILE *to, sr_err *err)
{
    static const csv_write_options options = {.null_text = NULL};
    SR_SECRET_BUF(line, OUTPUT_MAX);
    csv_field *fields SR_CLEANUP(clear_array) = sr_array(self->columns, sizeof *fields);
    for (size_t row = 0; row <= output_rows(self); row++)
    {
        for (size_t i = 0; i < self->columns; i++)
            fields[i] = row == 0 ? (csv_field){.text = sr_slice_text(self->names[i])}
                                 : field_at(self, row - 1, i);
        sr_buf_cut(&line, 0);
        if (csv_write_row(&line, &options, fields, self->columns, err) != SR_OK)
            return SR_FAIL;
        (void)fwrite(line.data, 1, line.len, to);
    }
    return SR_OK;
}

/* ---- json ------------------------------------------------------------------------------------ */

static void print_json_text(sr_slice text, FILE *to)
{
    (void)fputc('"', to);
    for (size_t i = 0; i < text.len; i++)
    {
        uint8_t c = text.data[i];
        if (c == '"' || c == '\\')
            (void)fprintf(to, "\\%c", c);
        else if (c == '\n')
            (void)fputs("\\n", to);
        else if (c < ' ' || c == 0x7f)
            (void)fprintf(to, "\\u%04x", c);
        else if (is_c1(text, i))
            (void)fprintf(to, "\\u%04x", text.data[++i]);
        else
            (void)fputc(c, to);
    }
    (void)fputc('"', to);
}

static bool only_digits(sr_slice text, size_t *at)
{
    size_t from = *at;
    while (*at < text.len && text.data[*at] >= '0' && text.data[*at] <= '9')
        (*at)++;
    return *at > from;
}

static bool skip_byte(sr_slice text, size_t *at, const char *any)
{
    if (*at >= text.len || text.data[*at] == '\0' || strchr(any, text.data[*at]) == NULL)
        return false;
    (*at)++;
    return true;
}

/* The grammar of RFC 8259 section 6. */
static bool is_json_number(sr_slice text)
{
    size_t at = 0;
    if (text.len == 0 || text.data == NULL)
        return false;
    (void)skip_byte(text, &at, "-");
    bool zero = at < text.len && text.data[at] == '0';
    size_t from = at;
    if (!only_digits(text, &at) || (zero && at - from > 1))
        return false;
    if (skip_byte(text, &at, ".") && !only_digits(text, &at))
        return false;
    if (skip_byte(text, &at, "eE"))
    {
        (void)skip_byte(text, &at, "+-");
        if (!only_digits(text, &at))
            return false;
    }
    return at == text.len;
}

static void print_json_value(output_kind kind, csv_field field, FILE *to)
{
    bool word =
        sr_slice_is_text_var(field.text, "true") || sr_slice_is_text_var(field.text, "false");
    if (field.null)
        (void)fputs("null", to);
    else if ((kind == OUTPUT_NUMBER && is_json_number(field.text)) ||
             (kind == OUTPUT_BOOLEAN && word))
        (void)fwrite(field.text.data, 1, field.text.len, to);
    else
        print_json_text(field.text, to);
}

static void print_json(const output *self, FILE *to)
{
    (void)fputc('[', to);
    for (size_t row = 0; row < output_rows(self); row++)
    {
        (void)fputs(row == 0 ? "\n  {" : ",\n  {", to);
        for (size_t i = 0; i < self->columns; i++)
        {
            (void)fputs(i == 0 ? "" : ", ", to);
            print_json_text(sr_slice_text(self->names[i]), to);
            (void)fputs(": ", to);
            print_json_value(self->kinds[i], field_at(self, row, i), to);
        }
        (void)fputc('}', to);
    }
    (void)fputs(output_rows(self) == 0 ? "]\n" : "\n]\n", to);
}

/* ---- printing -------------------------------------------------------------------------------- */

static sr_result check_written(FILE *to, sr_err *err)
{
    if (fflush(to) != 0 || ferror(to) != 0)
        return sr_fail(err, SR_E_IO, "cannot write the output");
    return SR_OK;
}

sr_result output_finish(output *self, FILE *to, sr_err *err)
{
    if (self->form == OUTPUT_TABLE)
        print_table(self, to);
    else if (self->form == OUTPUT_JSON)
        print_json(self, to);
    else if (print_csv(self, to, err) != SR_OK)
        return SR_FAIL;
    return check_written(to, err);
}

sr_result output_document(const sr_json *document, FILE *to, sr_err *err)
{
    SR_BUF(text, OUTPUT_MAX);
    if (sr_json_write(document, true, &text, err) != SR_OK)
        return SR_FAIL;
    (void)fwrite(text.data, 1, text.len, to);
    return check_written(to, err);
}

void output_free(output *self)
{
    if (self == NULL)
        return;
    for (size_t i = 0; i < self->columns; i++)
        sr_free(self->names[i]);
    sr_free(self->names);
    sr_free(self->kinds);
    sr_free(self->cells);
    sr_buf_wipe(&self->bytes);
    sr_free(self);
}

void output_clear(output **self)
{
    output_free(*self);
    *self = NULL;
}
