/*
 * csv_read.h: reads CSV files record by record, in C3R's dialect (C3R-FORMAT 1.9).
 *
 * UTF-8 only, comma only, LF, CRLF or CR; a byte order mark is skipped. Bytes up to 0x20 around
 * unquoted texts do not count; quoted texts are kept exactly. What the dialect does with quotes and
 * line ends is in csv_scan.h.
 *
 * NULL, by `null_text` (`--csvInputNULLValue`):
 *
 *     null_text      blank field     ""             other text
 *     not given      NULL            NULL           text
 *     blank          NULL            empty text     text
 *     ""             empty text      NULL           text
 *     X              empty text      empty text     NULL when equal to X, quoted or not
 *
 * Where the Java client loses or mixes up data silently, this reader does not, unless `c3r_compat`:
 *     a record that starts with '#'             kept, counted                 (Java: dropped)
 *     a blank line in a one-column file         a row, counted                (Java: dropped)
 *     a quote still open at the end of file     refused                       (Java: one long field)
 * Blank lines in wider files are skipped and counted either way.
 *
 * Memory: one buffer that holds the current record and the bytes read ahead; a record longer than
 * `record_max` is SR_E_LIMIT. Fields are borrowed until the next call. Speed: some GB/s for plain
 * fields.
 *
 * Errors: SR_E_FORMAT with file, row (1-based, without the header), line and column:
 * `sales.csv: row 1042 (line 1044): column "email": not valid UTF-8`. No value is ever shown.
 * Once a call failed, the reader only fails.
 */
#ifndef SEALROOM_CLIENT_CSV_READ_H
#define SEALROOM_CLIENT_CSV_READ_H

#include "base/bytes.h"
#include "base/err.h"

enum
{
    CSV_RECORD_MAX = 32 * 1024 * 1024, /* default limit for one record */
};

typedef struct
{
    sr_slice text;
    bool null; /* then text is empty */
} csv_field;

typedef struct
{
    const csv_field *fields; /* borrowed until the next call */
    size_t count;
    uint64_t number; /* 1 for the first row of data */
    uint64_t line;   /* line on which it starts, 1 for the first of the file */
} csv_row;

typedef struct
{
    bool has_header; /* the first record names the columns; otherwise they are _c0, _c1, … */
    size_t columns;  /* without header: columns to expect, 0 for those of the first record */
    bool c3r_compat; /* read exactly what the Java client reads */
    const char *null_text; /* NULL: not given; borrowed for the reader's life */
    size_t record_max;     /* 0: CSV_RECORD_MAX */
} csv_read_options;

/* Where bytes come from; *got 0 is the end. */
typedef struct
{
    sr_result (*read)(void *self, void *buffer, size_t size, size_t *got, sr_err *err);
    void *self;
    const char *name; /* subject of errors; borrowed for the reader's life */
} csv_source;

typedef struct
{
    uint64_t rows;        /* given so far */
    uint64_t hash_rows;   /* that start with '#': kept, or with c3r_compat dropped */
    uint64_t blank_lines; /* skipped */
    uint64_t blank_rows;  /* of a one-column file: kept, unless c3r_compat */
    uint64_t bytes;       /* read so far */
    uint64_t size;        /* of the file; 0 when unknown */
} csv_counts;

typedef struct csv_reader csv_reader;

/* Opens a file ("-" is standard input) and reads its header; an empty file is refused. */
sr_result csv_reader_open(csv_reader **out, const char *path, const csv_read_options *options,
                          sr_err *err) SR_MUST_USE;
/* The same from any source. */
sr_result csv_reader_new(csv_reader **out, const csv_source *source,
                         const csv_read_options *options, sr_err *err) SR_MUST_USE;
size_t csv_reader_columns(const csv_reader *reader);
/* The raw header text, or "_c0" …; borrowed from the reader. */
const char *csv_reader_header(const csv_reader *reader, size_t column);
/* The next row, as many fields as there are columns; *end without a row at the end of the file. */
sr_result csv_reader_next(csv_reader *reader, csv_row *out, bool *end, sr_err *err) SR_MUST_USE;
csv_counts csv_reader_counts(const csv_reader *reader);

void csv_reader_free(csv_reader *reader); /* wipes the buffer; accepts NULL */
void csv_reader_clear(csv_reader **reader);
#define CSV_READER(name) csv_reader *name SR_CLEANUP(csv_reader_clear) = NULL

#endif
