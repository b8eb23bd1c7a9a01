/*
 * csv_scan.h: where the fields of one CSV record lie. Inside the reader only (csv_read.h).
 *
 * The dialect is the one that C3R's parser (univocity) reads, C3R-FORMAT 1.9:
 *
 *     record  = field *("," field) (line end | end of file)
 *     field   = blanks bare | blanks quoted blanks | broken
 *     bare    = any bytes up to comma or line end; bytes <= 0x20 at both ends do not count
 *     quoted  = DQUOTE *(byte | DQUOTE DQUOTE) DQUOTE, and then only blanks
 *     broken  = starts like quoted, but something else follows the closing quote: the whole text up
 *               to comma or line end counts, quotes included, doubled quotes before it made single
 *
 * Line ends are those of the first line (LF, CRLF or CR), looked for without regard to quotes as the
 * Java client does; a bare LF always ends a record. Inside quotes a line end of the file's kind
 * becomes LF.
 *
 * Scanning is pure: it looks at bytes and gives positions. It asks for more bytes when the record may
 * go on behind them, and then starts over; the caller doubles what it gives, so that the work stays
 * linear. `csv_scan_text` afterwards makes a field's text in place, destroying the raw bytes.
 */
#ifndef SEALROOM_CLIENT_CSV_SCAN_H
#define SEALROOM_CLIENT_CSV_SCAN_H

#include "base/bytes.h"

enum
{
    CSV_COLUMNS_MAX = 10000,
};

typedef enum
{
    CSV_ENDS_LF,
    CSV_ENDS_CRLF,
    CSV_ENDS_CR,
} csv_ends;

typedef enum
{
    CSV_BARE,     /* as it is; empty means blank */
    CSV_QUOTED,   /* as it is, between quotes */
    CSV_ESCAPED,  /* between quotes, with doubled quotes or line ends to change */
    CSV_BROKEN,   /* something follows the closing quote */
    CSV_UNCLOSED, /* the quote is open at the end of the file */
} csv_form;

typedef struct
{
    csv_form form;
    size_t from;   /* first byte: of the text, or for CSV_BROKEN of the opening quote */
    size_t len;    /* raw length */
    size_t closed; /* CSV_BROKEN: position of the closing quote */
} csv_span;

typedef struct
{
    csv_span *spans;
    size_t count;
    size_t room;
    size_t used;  /* bytes of the record, its line end included */
    size_t lines; /* line ends in it */
    bool blank;   /* nothing but blanks up to the line end; no span */
} csv_record;

typedef enum
{
    CSV_SCAN_RECORD,
    CSV_SCAN_MORE, /* give more bytes, or say that there are none */
    CSV_SCAN_END,  /* no bytes are left */
    CSV_SCAN_WIDE, /* more than CSV_COLUMNS_MAX fields */
} csv_scan_outcome;

void csv_record_clear(csv_record *record);

/* The kind of the first line end in these bytes; LF when there is none. */
csv_ends csv_scan_ends(sr_slice start);

/* One record at the beginning of `bytes`. `last` says that nothing follows them. */
csv_scan_outcome csv_scan_record(csv_record *record, sr_slice bytes, bool last, csv_ends ends);

/* Length of the line at the beginning, its line end included; 0 when more bytes are needed. */
size_t csv_scan_line(sr_slice bytes, bool last, csv_ends ends);

/* The text of a field, made in place in the bytes that were scanned. */
sr_slice csv_scan_text(uint8_t *bytes, const csv_span *span, csv_ends ends);

#endif
