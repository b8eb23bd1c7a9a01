#include "csv_scan.h"

#include <string.h>

/* A kernel: this file works with bare pointers, because every byte of a table passes through it. */

typedef struct
{
    const uint8_t *bytes;
    size_t len;
    bool last;
    csv_ends ends;
    size_t at;
    bool more; /* the answer depends on bytes that are not here yet */
} scan;

void csv_record_clear(csv_record *record)
{
    sr_free(record->spans);
    *record = (csv_record){0};
}

csv_ends csv_scan_ends(sr_slice start)
{
    for (size_t i = 0; i < start.len; i++)
    {
        if (start.data[i] == '\n')
            return CSV_ENDS_LF;
        if (start.data[i] == '\r')
            return i + 1 < start.len && start.data[i + 1] == '\n' ? CSV_ENDS_CRLF : CSV_ENDS_CR;
    }
    return CSV_ENDS_LF;
}

static bool at_end(const scan *s)
{
    return s->at >= s->len;
}

/* Bytes of the line end at a position: 0, 1 or 2. */
static size_t line_end_at(scan *s, size_t at)
{
    if (at >= s->len)
        return 0;
    if (s->bytes[at] == '\n')
        return 1;
    if (s->bytes[at] != '\r' || s->ends == CSV_ENDS_LF)
        return 0;
    if (s->ends == CSV_ENDS_CR)
        return 1;
    if (at + 1 < s->len)
        return s->bytes[at + 1] == '\n' ? 2 : 0;
    s->more = s->more || !s->last;
    return 0;
}

/* Non-zero when one of the eight bytes is zero (Mycroft's test; the lowest hit is exact). */
static uint64_t zero_byte(uint64_t word)
{
    return (word - 0x0101010101010101u) & ~word & 0x8080808080808080u;
}

/* The next comma, LF or CR, eight bytes at a time. */
static size_t find_stop(const uint8_t *bytes, size_t at, size_t len)
{
    while (at + 8 <= len)
    {
        uint64_t word;
        memcpy(&word, bytes + at, sizeof word);
        uint64_t hit = zero_byte(word ^ 0x2c2c2c2c2c2c2c2cu) |
                       zero_byte(word ^ 0x0a0a0a0a0a0a0a0au) |
                       zero_byte(word ^ 0x0d0d0d0d0d0d0d0du);
        if (hit != 0)
            break;
        at += 8;
    }
    while (at < len && bytes[at] != ',' && bytes[at] != '\n' && bytes[at] != '\r')
        at++;
    return at;
}

/* To the comma or line end that ends a bare text. */
static void skip_bare(scan *s)
{
    for (;;)
    {
        s->at = find_stop(s->bytes, s->at, s->len);
        if (at_end(s) || s->bytes[s->at] == ',' || line_end_at(s, s->at) > 0)
            return;
        s->at++; /* a CR that ends nothing */
    }
}

static void skip_blanks(scan *s)
{
    while (!at_end(s) && s->bytes[s->at] <= ' ' && line_end_at(s, s->at) == 0)
        s->at++;
}

static size_t trimmed(const scan *s, size_t from, size_t to)
{
    while (to > from && s->bytes[to - 1] <= ' ')
        to--;
    return to - from;
}

static csv_span scan_bare(scan *s)
{
    size_t from = s->at;
    skip_bare(s);
    return (csv_span){.form = CSV_BARE, .from = from, .len = trimmed(s, from, s->at)};
}

/* To the closing quote; false when there is none. *changes: the text is not what lies there. */
static bool find_closing(scan *s, bool *changes)
{
    while (!at_end(s))
    {
        const uint8_t *quote = memchr(s->bytes + s->at, '"', s->len - s->at);
        if (quote == NULL)
            break;
        s->at = (size_t)(quote - s->bytes);
        if (s->at + 1 >= s->len)
        {
            s->more = s->more || !s->last;
            return true;
        }
        if (s->bytes[s->at + 1] != '"')
            return true;
        *changes = true;
        s->at += 2;
    }
    s->at = s->len;
    s->more = s->more || !s->last;
    return false;
}

/* At the opening quote. */
static csv_span scan_quoted(scan *s)
{
    size_t open = s->at++;
    bool changes = false;
    if (!find_closing(s, &changes))
        return (csv_span){.form = CSV_UNCLOSED, .from = open + 1, .len = s->len - open - 1};
    size_t close = s->at++;
    skip_blanks(s);
    if (!at_end(s) && s->bytes[s->at] != ',' && line_end_at(s, s->at) == 0)
    {
        skip_bare(s);
        return (csv_span){
            .form = CSV_BROKEN, .from = open, .len = trimmed(s, open, s->at), .closed = close};
    }
    size_t len = close - open - 1;
    if (s->ends != CSV_ENDS_LF && len > 0 && memchr(s->bytes + open + 1, '\r', len) != NULL)
        changes = true;
    return (csv_span){.form = changes ? CSV_ESCAPED : CSV_QUOTED, .from = open + 1, .len = len};
}

static csv_span scan_field(scan *s)
{
    skip_blanks(s);
    if (!at_end(s) && s->bytes[s->at] == '"')
        return scan_quoted(s);
    return scan_bare(s);
}

static bool add_span(csv_record *record, csv_span span)
{
    if (record->count == CSV_COLUMNS_MAX)
        return false;
    if (record->count == record->room)
    {
        size_t room = record->room == 0 ? 32 : 2 * record->room;
        record->spans = sr_array_grow(record->spans, record->room, room, sizeof *record->spans);
        record->room = room;
    }
    record->spans[record->count++] = span;
    return true;
}

static size_t count_lines(const scan *s, size_t to)
{
    int end = s->ends == CSV_ENDS_CR ? '\r' : '\n';
    size_t lines = 0;
    for (size_t at = 0; at < to;)
    {
        const uint8_t *hit = memchr(s->bytes + at, end, to - at);
        if (hit == NULL)
            break;
        lines++;
        at = (size_t)(hit - s->bytes) + 1;
    }
    return lines;
}

static csv_scan_outcome finish(csv_record *record, scan *s)
{
    size_t width = line_end_at(s, s->at);
    if (s->more || (at_end(s) && !s->last))
        return CSV_SCAN_MORE;
    record->used = s->at + width;
    bool simple = true;
    for (size_t i = 0; i < record->count && simple; i++)
        simple = record->spans[i].form == CSV_BARE;
    record->lines = simple ? 1 : count_lines(s, record->used);
    return CSV_SCAN_RECORD;
}

csv_scan_outcome csv_scan_record(csv_record *record, sr_slice bytes, bool last, csv_ends ends)
{
    scan s = {.bytes = bytes.data, .len = bytes.len, .last = last, .ends = ends};
    record->count = 0;
    record->blank = false;
    if (bytes.len == 0)
        return last ? CSV_SCAN_END : CSV_SCAN_MORE;
    skip_blanks(&s);
    if (at_end(&s) || line_end_at(&s, s.at) > 0)
    {
        record->blank = true;
        return finish(record, &s);
    }
    for (s.at = 0;; s.at++)
    {
        csv_span span = scan_field(&s);
        if (s.more)
            return CSV_SCAN_MORE;
        if (!add_span(record, span))
            return CSV_SCAN_WIDE;
        if (at_end(&s) || s.bytes[s.at] != ',')
            return finish(record, &s);
    }
}

size_t csv_scan_line(sr_slice bytes, bool last, csv_ends ends)
{
    scan s = {.bytes = bytes.data, .len = bytes.len, .last = last, .ends = ends};
    while (!at_end(&s) && line_end_at(&s, s.at) == 0)
        s.at++;
    size_t width = line_end_at(&s, s.at);
    if (s.more || (at_end(&s) && !last))
        return 0;
    return s.at + width;
}

/* Moves the inside of quotes to `to`: doubled quotes become single, line ends become LF. */
static size_t unescape(uint8_t *bytes, size_t to, size_t from, size_t end, csv_ends ends)
{
    while (from < end)
    {
        uint8_t byte = bytes[from++];
        bool pair = byte == '"' && from < end && bytes[from] == '"';
        bool crlf = byte == '\r' && ends == CSV_ENDS_CRLF && from < end && bytes[from] == '\n';
        if (pair || crlf)
            byte = bytes[from++];
        if (byte == '\r' && ends == CSV_ENDS_CR)
            byte = '\n';
        bytes[to++] = byte;
    }
    return to;
}

/* The opening quote, the unescaped inside, and from the closing quote on what lies there. */
static sr_slice broken_text(uint8_t *bytes, const csv_span *span, csv_ends ends)
{
    size_t end = span->from + span->len;
    size_t to = unescape(bytes, span->from + 1, span->from + 1, span->closed, ends);
    memmove(bytes + to, bytes + span->closed, end - span->closed);
    return sr_slice_of(bytes + span->from, to + (end - span->closed) - span->from);
}

sr_slice csv_scan_text(uint8_t *bytes, const csv_span *span, csv_ends ends)
{
    if (span->form == CSV_BARE || span->form == CSV_QUOTED)
        return sr_slice_of(bytes + span->from, span->len);
    if (span->form == CSV_BROKEN)
        return broken_text(bytes, span, ends);
    size_t end = unescape(bytes, span->from, span->from, span->from + span->len, ends);
    return sr_slice_of(bytes + span->from, end - span->from);
}
