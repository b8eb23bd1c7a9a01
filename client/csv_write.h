/*
 * csv_write.h: writes CSV records as C3R's client does (C3R-FORMAT 1.10): commas, LF line ends, UTF-8.
 *
 * A text is quoted when it holds a comma or any byte up to 0x20, starts with a quote, or is the first
 * of its record and starts with '#'; quotes inside are then doubled. (C3R leaves a few control
 * characters bare; a reader that trims would lose them at the ends, so we quote them too.) Texts like
 * `=1+1` are not changed.
 *
 * NULL is written as `null_text` (default: nothing). The empty text is `""`, or nothing when
 * `null_text` is something other than blanks. So with default options the file tells NULL and empty
 * apart.
 *
 * Appends to a buffer and has no state: threads may write different buffers at once. Fails only when
 * the buffer's limit is reached (SR_E_LIMIT).
 */
#ifndef SEALROOM_CLIENT_CSV_WRITE_H
#define SEALROOM_CLIENT_CSV_WRITE_H

#include "csv_read.h"

typedef struct
{
    const char *null_text; /* NULL: not given (`--csvOutputNULLValue`) */
} csv_write_options;

/* One record with its line end. */
sr_result csv_write_row(sr_buf *out, const csv_write_options *options, const csv_field *fields,
                        size_t count, sr_err *err) SR_MUST_USE;
/* One field without what stands around it; `first` is true for the first of a record. */
sr_result csv_write_field(sr_buf *out, const csv_write_options *options, csv_field field,
                          bool first, sr_err *err) SR_MUST_USE;

#endif
