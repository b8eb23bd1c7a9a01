#include "grid.h"

#include "base/text.h"

enum
{
    CELL_BYTES_MOST = 4096,
    GAP = 2, /* before each column */
};

void grid_clear(grid *table)
{
    for (size_t i = 0; i < table->count; i++)
        sr_free(table->cells[i]);
    sr_free(table->cells);
    *table = (grid){.columns = table->columns};
}

/* ---- cells ----------------------------------------------------------------------------------- */

/* Bytes of the first character; 0: it is not UTF-8. */
static size_t character_size(sr_slice text)
{
    for (size_t size = 1; size <= 4 && size <= text.len; size++)
        if (sr_utf8_valid_prefix(sr_slice_sub(text, 0, size)) == size)
            return size;
    return 0;
}

static bool is_control(sr_slice character)
{
    uint8_t first = character.data[0];
    return first < 0x20 || first == 0x7f || (first == 0xc2 && character.data[1] < 0xa0);
}

/* Takes one character off `text`, as it is to be shown. */
static sr_slice next_character(sr_slice *text)
{
    size_t size = character_size(*text);
    sr_slice character = sr_slice_sub(*text, 0, size == 0 ? 1 : size);
    *text = sr_slice_sub(*text, character.len, text->len - character.len);
    return size == 0 || is_control(character) ? sr_slice_text("?") : character;
}

static size_t shown_width(sr_slice text)
{
    size_t width = 0;
    while (text.len > 0)
        width += sr_utf8_width(next_character(&text));
    return width;
}

/* Until `most` columns are used, or the buffer is. */
static void append_shown(sr_buf *out, sr_slice text, size_t most)
{
    size_t used = 0;
    sr_err full = SR_ERR_INIT;
    while (text.len > 0)
    {
        sr_slice character = next_character(&text);
        used += sr_utf8_width(character);
        if (used > most || sr_buf_append(out, character, &full) != SR_OK)
            return;
    }
}

char *grid_clean(sr_slice text, size_t most)
{
    SR_BUF(out, CELL_BYTES_MOST);
    char *cell = NULL;
    sr_err full = SR_ERR_INIT;
    bool fits = text.len <= CELL_BYTES_MOST && shown_width(text) <= most;
    append_shown(&out, text, fits ? most : most - 1);
    if ((!fits && sr_buf_append_text(&out, "…", &full) != SR_OK) ||
        sr_buf_take_text(&cell, &out, &full) != SR_OK)
        return sr_text_copy("?"); /* thousands of characters without width */
    return cell;
}

void grid_put(grid *table, sr_slice text, size_t most)
{
    if (table->count == table->room)
    {
        size_t room = table->room == 0 ? 4 * table->columns : 2 * table->room;
        table->cells = sr_array_grow(table->cells, table->room, room, sizeof *table->cells);
        table->room = room;
    }
    table->cells[table->count++] = grid_clean(text, most);
}

/* ---- printing -------------------------------------------------------------------------------- */

static size_t width_of(const char *cell)
{
    return sr_utf8_width(sr_slice_text(cell));
}

static size_t column_width(const grid *table, size_t column)
{
    size_t widest = 0;
    for (size_t i = column; i < table->count; i += table->columns)
    {
        size_t width = width_of(table->cells[i]);
        widest = width > widest ? width : widest;
    }
    return widest;
}

/* Empty cells at a row's end are not printed, so that no line ends in blanks. */
static size_t last_filled(const grid *table, size_t at, size_t shown)
{
    while (shown > 0 && table->cells[at + shown - 1][0] == '\0')
        shown--;
    return shown;
}

static void print_row(const grid *table, FILE *out, const size_t *widths, size_t shown, size_t at)
{
    size_t last = last_filled(table, at, shown);
    for (size_t column = 0; column < last; column++)
    {
        const char *cell = table->cells[at + column];
        size_t blanks = column + 1 == last ? 0 : widths[column] - width_of(cell);
        (void)fprintf(out, "%*s%s%*s", GAP, "", cell, (int)blanks, "");
    }
    (void)fputc('\n', out);
}

static void widths_clear(size_t **widths)
{
    sr_free(*widths);
}

size_t grid_print(const grid *table, FILE *out, size_t width)
{
    size_t *widths SR_CLEANUP(widths_clear) = sr_array(table->columns, sizeof *widths);
    size_t used = 0;
    size_t shown = 0;
    for (; shown < table->columns; shown++)
    {
        widths[shown] = column_width(table, shown);
        used += GAP + widths[shown];
        if (used > width)
            break;
    }
    for (size_t at = 0; at + table->columns <= table->count; at += table->columns)
        print_row(table, out, widths, shown, at);
    return table->columns - shown;
}
