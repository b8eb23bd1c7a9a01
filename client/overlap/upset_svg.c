/* The UpSet plot as SVG 1.1. Lengths are CSS pixels. */
#include <string.h>

#include "base/text.h"
#include "upset.h"

enum
{
    MARGIN = 24,
    HEAD = 76,       /* title and the line below it */
    BARS = 200,      /* the tallest bar */
    ROW = 30,        /* a member */
    SIZE_BARS = 110, /* the longest bar of a member */
    GAP = 12,
    DOT = 7,
    PITCH_LEAST = 32,
    COLUMNS_WIDTH = 960, /* wider, and numbers stand upright */
    WIDTH_LEAST = 560,
    NAME_MOST = 24,
    NOTE_LINE = 18,
    DIGIT = 8, /* widths that the fonts do not pass */
    LETTER = 8,
};

static const char style[] =
    "text{font-family:system-ui,-apple-system,\"Segoe UI\",Roboto,\"DejaVu Sans\",Arial,sans-serif;"
    "font-size:13px;fill:#1f2328}\n"
    ".title{font-size:17px;font-weight:600}.soft{fill:#57606a}.note{font-size:12px;fill:#57606a}\n"
    ".count{font-size:12px;font-variant-numeric:tabular-nums}.held{font-size:22px}.held,.mark{font-"
    "weight:700}\n"
    ".back{fill:#ffffff}.stripe{fill:#f3f5f7}.bar{fill:#2f5d9b}.size{fill:#6b7684}\n"
    ".in{fill:#1f2328}.out{fill:#d3d9df}.join{stroke:#1f2328;stroke-width:3}"
    ".floor{stroke:#8c959f}\n"
    "@media (prefers-color-scheme:dark){text{fill:#e6edf3}.soft,.note{fill:#9aa5b1}"
    ".back{fill:#14181d}.stripe{fill:#1d232a}.bar{fill:#7aa9e8}.size{fill:#8b96a3}"
    ".in{fill:#e6edf3}.out{fill:#3a434d}.join{stroke:#e6edf3}.floor{stroke:#6e7781}}\n";

typedef struct
{
    const overlap_report *report;
    FILE *to;
    size_t order[REPORT_REGIONS_MOST];
    int64_t most;
    int64_t most_size;
    bool sized;
    bool upright; /* numbers above the bars are turned by a quarter */
    int count_width;
    int size_width; /* of the widest size as text */
    int name_width;
    int columns; /* x of the first column */
    int pitch;
    int floor; /* y under the bars */
    int rows;  /* y of the first member's row */
    int width;
    int height;
} drawing;

/* ---- text ------------------------------------------------------------------------------------ */

/* Bytes of a character that XML 1.0 forbids or that may act on who shows it; 0 for any other. */
static size_t forbidden_at(const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    if (at[0] < ' ' || at[0] == 0x7f)
        return 1;
    if (at[0] == 0xc2 && at[1] >= 0x80 && at[1] <= 0x9f)
        return 2;
    return at[0] == 0xef && at[1] == 0xbf && at[2] >= 0xbe ? 3 : 0;
}

static void put_escaped(const char *text, FILE *to)
{
    static const char marks[] = "&<>\"'";
    static const char *const words[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
    while (*text != '\0')
    {
        size_t forbidden = forbidden_at(text);
        const char *mark = strchr(marks, *text);
        if (forbidden > 0)
            (void)fputc('?', to);
        else if (mark != NULL)
            (void)fputs(words[mark - marks], to);
        else
            (void)fputc(*text, to);
        text += forbidden > 0 ? forbidden : 1;
    }
}

/* "retailer and brand, nobody else: 1,204" */
static void put_region_words(const drawing *d, const report_number *region)
{
    SR_TEXT(names);
    names = overlap_report_names(d->report, region->members, ", ", " and ");
    put_escaped(names, d->to);
    (void)fprintf(d->to, ", nobody else: %s",
                  region->items == REPORT_HELD_BACK ? "held back"
                                                    : overlap_report_grouped(region->items).text);
}

/* ---- measures -------------------------------------------------------------------------------- */

static int larger(int a, int b)
{
    return a > b ? a : b;
}

static int count_width(int64_t items)
{
    return DIGIT * (int)strlen(overlap_report_grouped(items).text);
}

static void measure_members(drawing *d)
{
    d->sized = overlap_report_has_sizes(d->report);
    for (size_t i = 0; i < d->report->member_count; i++)
    {
        const report_member *member = &d->report->members[i];
        int letters = (int)strlen(member->name);
        d->name_width = larger(d->name_width, LETTER * (letters > NAME_MOST ? NAME_MOST : letters));
        d->size_width = larger(d->size_width, d->sized ? count_width(member->items) : 0);
        d->most_size = member->items > d->most_size ? member->items : d->most_size;
    }
    d->columns = MARGIN + d->name_width + GAP;
    if (d->sized)
        d->columns += d->size_width + GAP / 2 + SIZE_BARS + GAP;
}

static void measure_columns(drawing *d)
{
    int count = (int)d->report->region_count;
    for (size_t i = 0; i < d->report->region_count; i++)
    {
        int64_t items = d->report->regions[i].items;
        d->most = items > d->most ? items : d->most;
        d->count_width = larger(d->count_width, count_width(items));
    }
    d->pitch = larger(PITCH_LEAST, d->count_width + GAP);
    d->upright = d->pitch * count > COLUMNS_WIDTH;
    d->pitch = d->upright ? PITCH_LEAST : d->pitch;
}

/* Held back regions stand last. */
static bool holds_back(const drawing *d)
{
    size_t count = d->report->region_count;
    return count > 0 && d->report->regions[d->order[count - 1]].items == REPORT_HELD_BACK;
}

static void measure(drawing *d)
{
    upset_order(d->order, d->report);
    measure_members(d);
    measure_columns(d);
    int right = d->columns + d->pitch * (int)d->report->region_count + MARGIN;
    d->width = larger(WIDTH_LEAST, right);
    d->floor = HEAD + (d->upright ? d->count_width + GAP : NOTE_LINE) + BARS;
    d->rows = d->floor + GAP;
    d->height = d->rows + ROW * (int)d->report->member_count + MARGIN;
    if (holds_back(d))
        d->height += 3 * NOTE_LINE;
}

/* What is there is seen. */
static int length_of(int64_t items, int64_t most, int full)
{
    if (items <= 0 || most <= 0)
        return 0;
    return larger(1, (int)((items * full + most / 2) / most));
}

/* ---- parts ----------------------------------------------------------------------------------- */

static void draw_head(const drawing *d)
{
    (void)fprintf(d->to,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
                  "viewBox=\"0 0 %d %d\" role=\"img\" "
                  "aria-labelledby=\"upset-title upset-desc\">\n"
                  "<title id=\"upset-title\">Regions of overlap session ",
                  d->width, d->height, d->width, d->height);
    put_escaped(d->report->session, d->to);
    (void)fputs("</title>\n<desc id=\"upset-desc\">Items that exactly these members have. ", d->to);
    for (size_t i = 0; i < d->report->region_count; i++)
    {
        put_region_words(d, &d->report->regions[d->order[i]]);
        (void)fputs(i + 1 == d->report->region_count ? "." : "; ", d->to);
    }
    (void)fprintf(d->to,
                  "</desc>\n<style>\n%s</style>\n"
                  "<rect class=\"back\" width=\"%d\" height=\"%d\"/>\n"
                  "<text class=\"title\" x=\"%d\" y=\"34\">Regions of the overlap</text>\n"
                  "<text class=\"soft\" x=\"%d\" y=\"54\">items that exactly these members "
                  "have</text>\n",
                  style, d->width, d->height, MARGIN, MARGIN);
}

static void draw_count(const drawing *d, const report_number *region, int middle, int y)
{
    overlap_report_count count = overlap_report_grouped(region->items);
    if (region->items == REPORT_HELD_BACK)
        (void)fprintf(d->to,
                      "<text class=\"held\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">·</text>",
                      middle, y + 2);
    else if (d->upright)
        (void)fprintf(d->to,
                      "<text class=\"count\" transform=\"translate(%d %d) rotate(-90)\">%s</text>",
                      middle + 4, y, count.text);
    else
        (void)fprintf(d->to,
                      "<text class=\"count\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>",
                      middle, y, count.text);
}

static void draw_dots(const drawing *d, const report_number *region, int middle)
{
    int first = -1;
    int last = 0;
    for (int i = 0; i < (int)d->report->member_count; i++)
    {
        bool in = (region->members >> i & 1u) != 0;
        first = in && first < 0 ? i : first;
        last = in ? i : last;
    }
    if (first < last)
        (void)fprintf(d->to, "<line class=\"join\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>",
                      middle, d->rows + ROW * first + ROW / 2, middle,
                      d->rows + ROW * last + ROW / 2);
    for (int i = 0; i < (int)d->report->member_count; i++)
        (void)fprintf(d->to, "<circle class=\"%s\" cx=\"%d\" cy=\"%d\" r=\"%d\"/>",
                      (region->members >> i & 1u) != 0 ? "in" : "out", middle,
                      d->rows + ROW * i + ROW / 2,
                      (region->members >> i & 1u) != 0 ? DOT : DOT - 2);
}

/* A group with its own title: what a pointer shows and a screen reader says. */
static void draw_column(const drawing *d, size_t column)
{
    const report_number *region = &d->report->regions[d->order[column]];
    int left = d->columns + d->pitch * (int)column;
    int middle = left + d->pitch / 2;
    int bar = length_of(region->items, d->most, BARS);
    (void)fputs("<g><title>", d->to);
    put_region_words(d, region);
    (void)fputs("</title>", d->to);
    if (bar > 0)
        (void)fprintf(d->to, "<rect class=\"bar\" x=\"%d\" y=\"%d\" width=\"20\" height=\"%d\"/>",
                      middle - 10, d->floor - bar, bar);
    draw_count(d, region, middle, d->floor - bar - 6);
    draw_dots(d, region, middle);
    (void)fputs("</g>\n", d->to);
}

static void draw_name(const drawing *d, const report_member *member, int y)
{
    SR_TEXT(name);
    bool cut = strlen(member->name) > NAME_MOST;
    name = sr_text_printf("%.*s%s", NAME_MOST - (cut ? 1 : 0), member->name, cut ? "…" : "");
    (void)fprintf(d->to, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">", d->columns - GAP, y);
    put_escaped(name, d->to);
    (void)fputs("</text>", d->to);
}

static void draw_member(const drawing *d, size_t index)
{
    const report_member *member = &d->report->members[index];
    int top = d->rows + ROW * (int)index;
    int right = d->columns - GAP - d->name_width - GAP;
    int bar = length_of(member->items, d->most_size, SIZE_BARS);
    (void)fputs("<g><title>", d->to);
    put_escaped(member->name, d->to);
    if (d->sized)
        (void)fprintf(d->to, ": %s", overlap_report_grouped(member->items).text);
    (void)fputs("</title>", d->to);
    if (index % 2 == 0)
        (void)fprintf(d->to,
                      "<rect class=\"stripe\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>",
                      MARGIN / 2, top, d->width - MARGIN, ROW);
    draw_name(d, member, top + ROW / 2 + 5);
    if (bar > 0)
        (void)fprintf(d->to, "<rect class=\"size\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"14\"/>",
                      right - bar, top + ROW / 2 - 7, bar);
    if (d->sized)
        (void)fprintf(
            d->to, "<text class=\"count\" x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>",
            right - bar - GAP / 2, top + ROW / 2 + 4, overlap_report_grouped(member->items).text);
    (void)fputs("</g>\n", d->to);
}

static void draw_note(const drawing *d)
{
    static const char *const lines[] = {
        "<tspan class=\"mark\">·</tspan> is held back: too small, too large to leave enough of a "
        "set, or needed so that",
        "another cannot be computed; these are not told apart.",
    };
    int y = d->rows + ROW * (int)d->report->member_count + MARGIN + NOTE_LINE / 2;
    if (!holds_back(d))
        return;
    for (int i = 0; i < 2; i++)
        (void)fprintf(d->to, "<text class=\"note\" x=\"%d\" y=\"%d\">%s</text>\n", MARGIN,
                      y + NOTE_LINE * i, lines[i]);
}

void upset_svg(const overlap_report *report, FILE *to)
{
    drawing d = {.report = report, .to = to};
    measure(&d);
    draw_head(&d);
    for (size_t i = 0; i < report->member_count; i++)
        draw_member(&d, i);
    (void)fprintf(to, "<line class=\"floor\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n",
                  d.columns, d.floor, d.columns + d.pitch * (int)report->region_count, d.floor);
    for (size_t i = 0; i < report->region_count; i++)
        draw_column(&d, i);
    draw_note(&d);
    (void)fputs("</svg>\n", to);
}
