#include "upset.h"

#include <string.h>

#include "../terminal.h"
#include "base/text.h"

enum
{
    HEIGHT = 8,    /* lines of the tallest bar */
    BAR = 3,       /* columns of a region's bar */
    SIZE_BAR = 10, /* columns of the longest bar of a member */
    NAME_MOST = 24,
    EIGHTHS = 8,
};

/* ---- signs ----------------------------------------------------------------------------------- */

typedef struct
{
    const char *up[EIGHTHS + 1]; /* by eighths of a line */
    const char *along[EIGHTHS + 1];
    const char *in, *out, *line, *floor;
} signs;

static const signs unicode_signs = {
    .up = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"},
    .along = {" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"},
    .in = "●",
    .out = "○",
    .line = "│",
    .floor = "─",
};

static const signs ascii_signs = {
    .up = {" ", " ", " ", " ", "#", "#", "#", "#", "#"},
    .along = {" ", " ", " ", " ", "#", "#", "#", "#", "#"},
    .in = "@",
    .out = ".",
    .line = "|",
    .floor = "-",
};

const char *report_held_back_sign(const report_look *look)
{
    return look->unicode ? "·" : "*";
}

/* ---- order ----------------------------------------------------------------------------------- */

void upset_order(size_t *out, const overlap_report *report)
{
    for (size_t i = 0; i < report->region_count; i++)
    {
        size_t at = i;
        for (; at > 0 && report->regions[out[at - 1]].items < report->regions[i].items; at--)
            out[at] = out[at - 1];
        out[at] = i;
    }
}

/* ---- a line of text -------------------------------------------------------------------------- */

/* Blanks are written only when something follows them. */
typedef struct
{
    FILE *to;
    size_t blanks;
} pen;

static void put_text(pen *line, const char *text)
{
    for (; line->blanks > 0; line->blanks--)
        (void)fputc(' ', line->to);
    (void)fputs(text, line->to);
}

static void put_sign(pen *line, const char *sign)
{
    if (strcmp(sign, " ") == 0)
        line->blanks++;
    else
        put_text(line, sign);
}

/* In the middle of `width` columns. */
static void put_middle(pen *line, const char *text, size_t count, size_t width)
{
    size_t used = count * sr_utf8_width(sr_slice_text(text));
    size_t left = (width - used) / 2;
    line->blanks += left;
    for (size_t i = 0; i < count; i++)
        put_sign(line, text);
    line->blanks += width - used - left;
}

static void end_line(pen *line)
{
    line->blanks = 0;
    (void)fputc('\n', line->to);
}

/* ---- measures -------------------------------------------------------------------------------- */

typedef struct
{
    const overlap_report *report;
    const report_look *look;
    const signs *signs;
    size_t order[REPORT_REGIONS_MOST];
    int64_t most;      /* items of the greatest region */
    int64_t most_size; /* of the greatest member */
    size_t name_width;
    size_t size_width; /* 0: sizes are untold */
    size_t size_bar;
    size_t gutter; /* columns to the left of the dots */
    size_t first;  /* of the panel */
    size_t count;
} plot;

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static size_t count_width(int64_t items)
{
    return strlen(overlap_report_grouped(items).text);
}

static void measure_members(plot *p)
{
    bool sized = overlap_report_has_sizes(p->report);
    for (size_t i = 0; i < p->report->member_count; i++)
    {
        const report_member *member = &p->report->members[i];
        p->name_width = larger(p->name_width, strlen(member->name));
        p->size_width = sized ? larger(p->size_width, count_width(member->items)) : 0;
        p->most_size = member->items > p->most_size ? member->items : p->most_size;
    }
    p->name_width = p->name_width > NAME_MOST ? NAME_MOST : p->name_width;
    p->gutter = p->name_width + (sized ? 2 + p->size_width : 0) + 2;
    p->size_bar = sized && 2 * (p->gutter + 2 + SIZE_BAR) <= p->look->width ? SIZE_BAR : 0;
    p->gutter += p->size_bar > 0 ? 2 + p->size_bar : 0;
}

static void measure(plot *p)
{
    upset_order(p->order, p->report);
    measure_members(p);
    for (size_t i = 0; i < p->report->region_count; i++)
    {
        int64_t items = p->report->regions[i].items;
        p->most = items > p->most ? items : p->most;
    }
}

static const report_number *region_at(const plot *p, size_t column)
{
    return &p->report->regions[p->order[p->first + column]];
}

/* Odd, so that bars and dots stand in the middle. */
static size_t width_of(const report_number *region)
{
    size_t width =
        region->items == REPORT_HELD_BACK ? BAR : larger(BAR, count_width(region->items));
    return width + (width % 2 == 0 ? 3 : 2);
}

/* Columns of a line that the panel's first `count` regions need. */
static size_t panel_width(const plot *p, size_t count)
{
    size_t width = 0;
    for (size_t i = 0; i < count; i++)
        width += width_of(region_at(p, i));
    return width;
}

/* Those that fit, at least one. */
static void fill_panel(plot *p)
{
    size_t left = p->report->region_count - p->first;
    p->count = 1;
    while (p->count < left && p->gutter + panel_width(p, p->count + 1) <= p->look->width)
        p->count++;
}

/* Eighths of `cells` cells; something that is there is seen. */
static size_t eighths(const plot *p, int64_t items, int64_t most, size_t cells)
{
    if (items <= 0 || most <= 0)
        return 0;
    size_t least = p->look->unicode ? 1 : EIGHTHS;
    int64_t all = (int64_t)(cells * EIGHTHS);
    return larger(least, (size_t)((items * all + most / 2) / most));
}

/* What of a bar stands in its cell number `cell`. */
static size_t part_in(size_t bar, size_t cell)
{
    size_t below = cell * EIGHTHS;
    if (bar <= below)
        return 0;
    return bar - below > EIGHTHS ? EIGHTHS : bar - below;
}

/* ---- drawing --------------------------------------------------------------------------------- */

/* The number stands on its bar. */
static void put_bar_cell(const plot *p, const report_number *region, size_t level, pen *line)
{
    size_t bar = eighths(p, region->items, p->most, HEIGHT);
    const char *part = p->signs->up[part_in(bar, level)];
    bool above = level == 0 || strcmp(p->signs->up[part_in(bar, level - 1)], " ") != 0;
    if (strcmp(part, " ") != 0)
        put_middle(line, part, BAR, width_of(region));
    else if (above && region->items == REPORT_HELD_BACK)
        put_middle(line, report_held_back_sign(p->look), 1, width_of(region));
    else if (above)
        put_middle(line, overlap_report_grouped(region->items).text, 1, width_of(region));
    else
        line->blanks += width_of(region);
}

/* The highest line that something stands on. */
static size_t top_of(const plot *p)
{
    size_t top = 0;
    for (size_t i = 0; i < p->count; i++)
    {
        size_t bar = eighths(p, region_at(p, i)->items, p->most, HEIGHT);
        size_t lines = 0;
        while (strcmp(p->signs->up[part_in(bar, lines)], " ") != 0)
            lines++;
        top = larger(top, lines);
    }
    return top;
}

static void draw_bars(const plot *p, pen *line)
{
    for (size_t level = top_of(p) + 1; level-- > 0;)
    {
        line->blanks = p->gutter;
        for (size_t i = 0; i < p->count; i++)
            put_bar_cell(p, region_at(p, i), level, line);
        end_line(line);
    }
    line->blanks = p->gutter;
    for (size_t i = 0; i < panel_width(p, p->count); i++)
        put_text(line, p->signs->floor);
    end_line(line);
}

static void put_name(const plot *p, const report_member *member, pen *line)
{
    SR_TEXT(name);
    bool cut = strlen(member->name) > p->name_width;
    name = sr_text_printf("%.*s%s", (int)(p->name_width - (cut ? 1 : 0)), member->name,
                          !cut               ? ""
                          : p->look->unicode ? "…"
                                             : "~");
    put_text(line, name);
    line->blanks += p->name_width - sr_utf8_width(sr_slice_text(name));
}

static void put_size(const plot *p, const report_member *member, pen *line)
{
    overlap_report_count size = overlap_report_grouped(member->items);
    size_t bar = eighths(p, member->items, p->most_size, p->size_bar);
    if (p->size_width == 0)
        return;
    line->blanks += 2 + p->size_width - strlen(size.text);
    put_text(line, size.text);
    if (p->size_bar == 0)
        return;
    line->blanks += 2;
    for (size_t i = 0; i < p->size_bar; i++)
        put_sign(line, p->signs->along[part_in(bar, i)]);
}

static void draw_member(const plot *p, size_t index, pen *line)
{
    const report_member *member = &p->report->members[index];
    put_name(p, member, line);
    put_size(p, member, line);
    line->blanks += 2;
    for (size_t i = 0; i < p->count; i++)
    {
        const report_number *region = region_at(p, i);
        bool in = (region->members >> index & 1u) != 0;
        put_middle(line, in ? p->signs->in : p->signs->out, 1, width_of(region));
    }
    end_line(line);
}

/* Between a member and the next: lines that join dots above and below. */
static void draw_between(const plot *p, size_t index, pen *line)
{
    line->blanks = p->gutter;
    for (size_t i = 0; i < p->count; i++)
    {
        const report_number *region = region_at(p, i);
        bool above = (region->members & ((2u << index) - 1u)) != 0;
        bool below = region->members >> (index + 1) != 0;
        put_middle(line, above && below ? p->signs->line : " ", 1, width_of(region));
    }
    end_line(line);
}

static void draw_panel(const plot *p, FILE *to)
{
    pen line = {.to = to};
    draw_bars(p, &line);
    for (size_t i = 0; i < p->report->member_count; i++)
    {
        draw_member(p, i, &line);
        if (i + 1 < p->report->member_count)
            draw_between(p, i, &line);
    }
}

void upset_print(const overlap_report *report, const report_look *look, FILE *to)
{
    plot p = {
        .report = report, .look = look, .signs = look->unicode ? &unicode_signs : &ascii_signs};
    measure(&p);
    for (; p.first < report->region_count; p.first += p.count)
    {
        fill_panel(&p);
        if (p.first > 0)
            (void)fputc('\n', to);
        draw_panel(&p, to);
    }
}
