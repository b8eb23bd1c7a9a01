#include "csv_read.h"

#include <inttypes.h>

#include "base/file.h"
#include "base/text.h"
#include "csv_null.h"
#include "csv_scan.h"

enum
{
    CHUNK_MAX = 1024 * 1024, /* read at once; also where the kind of line end is looked for */
};

struct csv_reader
{
    csv_source source;
    sr_in *file; /* owned, when the reader opened it */
    csv_read_options options;
    csv_null_rule nulls;
    sr_buf buffer;
    size_t chunk;
    size_t at; /* first byte that is not consumed */
    bool last; /* the source has ended */
    bool broken;
    csv_ends ends;
    csv_record record;
    csv_field *fields;
    char **headers;
    size_t columns;
    uint64_t line; /* of the record at `at` */
    csv_counts counts;
};

/* ---- bytes ----------------------------------------------------------------------------------- */

static csv_field field_of(csv_reader *reader, const csv_span *span)
{
    sr_slice text = csv_scan_text(reader->buffer.data + reader->at, span, reader->ends);
    if (csv_null_is(reader->nulls, reader->options.null_text, text, span->form))
        return (csv_field){.null = true};
    return (csv_field){.text = text};
}

static size_t unread(const csv_reader *reader)
{
    return reader->buffer.len - reader->at;
}

/* Moves what is not consumed to the front, when that costs less than what has been consumed. */
static void close_gap(csv_reader *reader)
{
    size_t left = unread(reader);
    if (reader->at < left)
        return;
    if (left > 0)
        sr_copy(reader->buffer.data, reader->buffer.data + reader->at, left);
    sr_buf_cut(&reader->buffer, left);
    reader->at = 0;
}

static sr_result read_some(csv_reader *reader, size_t wanted, sr_err *err)
{
    uint8_t *room = NULL;
    size_t got = 0;
    size_t before = reader->buffer.len;
    if (sr_buf_extend(&reader->buffer, &room, wanted, err) != SR_OK)
        return SR_FAIL;
    sr_result result = reader->source.read(reader->source.self, room, wanted, &got, err);
    sr_buf_cut(&reader->buffer, before + (result == SR_OK ? got : 0));
    reader->last = got == 0;
    reader->counts.bytes += got;
    return result;
}

static sr_result fail_long(const csv_reader *reader, sr_err *err)
{
    return sr_fail(err, SR_E_LIMIT, "a record is longer than %zu KiB; is a quote left open?",
                   reader->options.record_max / 1024);
}

/* At least one byte more, or `last`; doubling keeps repeated scans of one record linear. */
static sr_result fill(csv_reader *reader, sr_err *err)
{
    if (unread(reader) > reader->options.record_max)
        return fail_long(reader, err);
    size_t wanted = unread(reader) > reader->chunk ? unread(reader) : reader->chunk;
    close_gap(reader);
    return read_some(reader, wanted, err);
}

/* ---- places ---------------------------------------------------------------------------------- */

static sr_result fail_at_row(const csv_reader *reader, sr_err *err)
{
    if (reader->columns == 0 && reader->options.has_header)
        return sr_fail_in(err, "header (line %" PRIu64 ")", reader->line);
    return sr_fail_in(err, "row %" PRIu64 " (line %" PRIu64 ")", reader->counts.rows + 1,
                      reader->line);
}

static sr_result fail_at_field(const csv_reader *reader, size_t column, sr_err *err)
{
    if (column < reader->columns)
        sr_fail_in(err, "column \"%s\"", reader->headers[column]);
    else
        sr_fail_in(err, "field %zu", column + 1);
    return fail_at_row(reader, err);
}

/* ---- checks of a scanned record -------------------------------------------------------------- */

/* The first field that ends at or after a position of the record. */
static size_t field_at(const csv_record *record, size_t position)
{
    size_t i = 0;
    while (i + 1 < record->count && record->spans[i].from + record->spans[i].len <= position)
        i++;
    return i;
}

static sr_result check_utf8(const csv_reader *reader, size_t len, sr_err *err)
{
    sr_slice raw = sr_slice_of(reader->buffer.data + reader->at, len);
    size_t good = sr_utf8_valid_prefix(raw);
    if (good == len)
        return SR_OK;
    sr_fail(err, SR_E_FORMAT, "not valid UTF-8");
    if (reader->record.count == 0)
        return fail_at_row(reader, err);
    return fail_at_field(reader, field_at(&reader->record, good), err);
}

static sr_result check_width(const csv_reader *reader, sr_err *err)
{
    size_t count = reader->record.count;
    if (reader->columns == 0 || count == reader->columns)
        return SR_OK;
    sr_fail(err, SR_E_FORMAT, "%zu fields where %zu are expected", count, reader->columns);
    return fail_at_row(reader, err);
}

static sr_result check_closed(const csv_reader *reader, sr_err *err)
{
    const csv_record *record = &reader->record;
    if (reader->options.c3r_compat || record->count == 0)
        return SR_OK;
    if (record->spans[record->count - 1].form != CSV_UNCLOSED)
        return SR_OK;
    sr_fail(err, SR_E_FORMAT, "a quote is opened and never closed");
    return fail_at_field(reader, record->count - 1, err);
}

/* ---- records --------------------------------------------------------------------------------- */

static csv_scan_outcome scan_here(csv_reader *reader)
{
    sr_slice bytes = sr_slice_of(reader->buffer.data + reader->at, unread(reader));
    return csv_scan_record(&reader->record, bytes, reader->last, reader->ends);
}

static sr_result scan_filling(csv_reader *reader, csv_scan_outcome *outcome, sr_err *err)
{
    *outcome = scan_here(reader);
    while (*outcome == CSV_SCAN_MORE)
    {
        if (fill(reader, err) != SR_OK)
            return fail_at_row(reader, err);
        *outcome = scan_here(reader);
    }
    return SR_OK;
}

static void consume(csv_reader *reader, size_t bytes, size_t lines)
{
    reader->at += bytes;
    reader->line += lines;
}

/* With c3r_compat: drops records that start with '#', up to the end of their line. */
static sr_result drop_hash_lines(csv_reader *reader, sr_err *err)
{
    for (;;)
    {
        if (unread(reader) == 0 && !reader->last && fill(reader, err) != SR_OK)
            return SR_FAIL;
        if (unread(reader) == 0 || reader->buffer.data[reader->at] != '#')
            return SR_OK;
        size_t len = 0;
        while ((len = csv_scan_line(sr_slice_of(reader->buffer.data + reader->at, unread(reader)),
                                    reader->last, reader->ends)) == 0)
        {
            if (fill(reader, err) != SR_OK)
                return SR_FAIL;
        }
        reader->record.count = 0;
        if (check_utf8(reader, len, err) != SR_OK)
            return SR_FAIL;
        reader->counts.hash_rows++;
        consume(reader, len, 1);
    }
}

static bool keeps_blank(const csv_reader *reader)
{
    return reader->columns == 1 && !reader->options.c3r_compat;
}

/* The Java client drops rows of a one-column file that hold nothing, quoted or not. */
static bool compat_drops(const csv_reader *reader)
{
    const csv_record *record = &reader->record;
    return reader->options.c3r_compat && reader->columns == 1 && record->count == 1 &&
           record->spans[0].len == 0;
}

static sr_result check_scanned(const csv_reader *reader, csv_scan_outcome outcome, sr_err *err)
{
    if (outcome == CSV_SCAN_WIDE)
        (void)sr_fail(err, SR_E_LIMIT, "more than %d columns", CSV_COLUMNS_MAX);
    else if (outcome == CSV_SCAN_RECORD && reader->record.used > reader->options.record_max)
        (void)fail_long(reader, err);
    else
        return SR_OK;
    return fail_at_row(reader, err);
}

/* Scans to the next record that counts; its raw bytes stay at reader->at. */
static sr_result find_record(csv_reader *reader, bool *end, sr_err *err)
{
    for (;;)
    {
        csv_scan_outcome outcome = CSV_SCAN_END;
        if (reader->options.c3r_compat && drop_hash_lines(reader, err) != SR_OK)
            return SR_FAIL;
        if (scan_filling(reader, &outcome, err) != SR_OK ||
            check_scanned(reader, outcome, err) != SR_OK)
            return SR_FAIL;
        *end = outcome == CSV_SCAN_END;
        if (*end)
            return SR_OK;
        bool blank = reader->record.blank || compat_drops(reader);
        if (!blank || keeps_blank(reader))
            return check_utf8(reader, reader->record.used, err);
        reader->counts.blank_lines++;
        consume(reader, reader->record.used, reader->record.lines);
    }
}

/* A blank line that counts as a row has one blank field. */
static void fill_blank(csv_record *record)
{
    static const csv_span nothing = {.form = CSV_BARE};
    if (!record->blank || record->count > 0 || record->room == 0)
        return;
    record->spans[record->count++] = nothing;
}

static sr_result next_record(csv_reader *reader, bool *end, sr_err *err)
{
    if (find_record(reader, end, err) != SR_OK)
        return SR_FAIL;
    if (*end)
        return SR_OK;
    fill_blank(&reader->record);
    if (check_closed(reader, err) != SR_OK)
        return SR_FAIL;
    return check_width(reader, err);
}

/* ---- header ---------------------------------------------------------------------------------- */

static void skip_bom(csv_reader *reader)
{
    if (sr_slice_starts_with_var(sr_buf_view(&reader->buffer), "\xef\xbb\xbf"))
        reader->at = 3;
}

static sr_result take_header(csv_reader *reader, size_t column, sr_err *err)
{
    if (!reader->options.has_header)
    {
        reader->headers[column] = sr_text_printf("_c%zu", column);
        return SR_OK;
    }
    sr_slice text = csv_scan_text(reader->buffer.data + reader->at, &reader->record.spans[column],
                                  reader->ends);
    if (sr_slice_to_text(&reader->headers[column], text, err) != SR_OK)
        return fail_at_field(reader, column, err);
    return SR_OK;
}

static sr_result set_columns(csv_reader *reader, size_t count, sr_err *err)
{
    reader->headers = sr_array(count, sizeof *reader->headers);
    reader->fields = sr_array(count, sizeof *reader->fields);
    for (size_t i = 0; i < count; i++)
    {
        if (take_header(reader, i, err) != SR_OK)
        {
            reader->columns = i;
            return SR_FAIL;
        }
    }
    reader->columns = count;
    return SR_OK;
}

/* With a header the first record is consumed; without, it only tells how many columns there are. */
static sr_result read_header(csv_reader *reader, sr_err *err)
{
    bool end = false;
    if (!reader->options.has_header && reader->options.columns > 0)
        return set_columns(reader, reader->options.columns, err);
    if (next_record(reader, &end, err) != SR_OK)
        return SR_FAIL;
    if (end)
        return sr_fail(err, SR_E_FORMAT, "the file is empty; a header row is expected");
    if (set_columns(reader, reader->record.count, err) != SR_OK)
        return SR_FAIL;
    if (reader->options.has_header)
        consume(reader, reader->record.used, reader->record.lines);
    return SR_OK;
}

static sr_result begin(csv_reader *reader, sr_err *err)
{
    while (!reader->last && reader->buffer.len < reader->chunk)
    {
        if (read_some(reader, reader->chunk - reader->buffer.len, err) != SR_OK)
            return SR_FAIL;
    }
    skip_bom(reader);
    reader->ends = csv_scan_ends(sr_slice_of(reader->buffer.data, reader->buffer.len));
    if (reader->last && unread(reader) == 0)
        return sr_fail(err, SR_E_FORMAT, "the file is empty");
    csv_record warm = {.spans = sr_array(1, sizeof(csv_span)), .room = 1};
    reader->record = warm; /* so that a blank row always has room for its field */
    return read_header(reader, err);
}

/* ---- the reader ------------------------------------------------------------------------------ */

static csv_reader *reader_of(const csv_source *source, const csv_read_options *options)
{
    csv_reader *reader = sr_alloc(sizeof *reader);
    reader->source = *source;
    reader->options = *options;
    if (reader->options.record_max == 0)
        reader->options.record_max = CSV_RECORD_MAX;
    reader->nulls = csv_null_rule_of(options->null_text);
    reader->line = 1;
    bool small = reader->options.record_max < CHUNK_MAX;
    reader->chunk = small ? reader->options.record_max : CHUNK_MAX;
    sr_buf_init(&reader->buffer, 4 * reader->options.record_max + 4 * reader->chunk);
    return reader;
}

static sr_result start(csv_reader **out, csv_reader *reader, sr_err *err)
{
    if (begin(reader, err) != SR_OK)
    {
        sr_fail_in(err, "%s", reader->source.name);
        csv_reader_free(reader);
        return SR_FAIL;
    }
    *out = reader;
    return SR_OK;
}

sr_result csv_reader_new(csv_reader **out, const csv_source *source,
                         const csv_read_options *options, sr_err *err)
{
    *out = NULL;
    return start(out, reader_of(source, options), err);
}

static sr_result read_file(void *self, void *buffer, size_t size, size_t *got, sr_err *err)
{
    return sr_in_read(self, buffer, size, got, err);
}

sr_result csv_reader_open(csv_reader **out, const char *path, const csv_read_options *options,
                          sr_err *err)
{
    SR_IN(file);
    *out = NULL;
    if (sr_in_open(&file, path, err) != SR_OK)
        return SR_FAIL;
    csv_source source = {.read = read_file, .self = file, .name = path};
    csv_reader *reader = reader_of(&source, options);
    reader->file = file;
    reader->counts.size = sr_in_size(file);
    file = NULL;
    return start(out, reader, err);
}

size_t csv_reader_columns(const csv_reader *reader)
{
    return reader->columns;
}

const char *csv_reader_header(const csv_reader *reader, size_t column)
{
    return reader->headers[column];
}

csv_counts csv_reader_counts(const csv_reader *reader)
{
    return reader->counts;
}

static void give_row(csv_reader *reader, csv_row *out)
{
    const csv_record *record = &reader->record;
    if (!reader->options.c3r_compat && !record->blank && reader->buffer.data[reader->at] == '#')
        reader->counts.hash_rows++;
    reader->counts.blank_rows += record->blank ? 1 : 0;
    for (size_t i = 0; i < record->count; i++)
        reader->fields[i] = field_of(reader, &record->spans[i]);
    reader->counts.rows++;
    *out = (csv_row){.fields = reader->fields,
                     .count = record->count,
                     .number = reader->counts.rows,
                     .line = reader->line};
    consume(reader, record->used, record->lines);
}

sr_result csv_reader_next(csv_reader *reader, csv_row *out, bool *end, sr_err *err)
{
    *out = (csv_row){.fields = NULL};
    *end = false;
    if (reader->broken)
        return sr_fail(err, SR_E_STATE, "%s: reading has failed before", reader->source.name);
    if (next_record(reader, end, err) != SR_OK)
    {
        reader->broken = true;
        return sr_fail_in(err, "%s", reader->source.name);
    }
    if (!*end)
        give_row(reader, out);
    return SR_OK;
}

void csv_reader_free(csv_reader *reader)
{
    if (reader == NULL)
        return;
    for (size_t i = 0; i < reader->columns && reader->headers != NULL; i++)
        sr_free(reader->headers[i]);
    sr_free(reader->headers);
    sr_free(reader->fields);
    csv_record_clear(&reader->record);
    sr_buf_wipe(&reader->buffer);
    sr_in_close(reader->file);
    sr_free(reader);
}

void csv_reader_clear(csv_reader **reader)
{
    csv_reader_free(*reader);
    *reader = NULL;
}
