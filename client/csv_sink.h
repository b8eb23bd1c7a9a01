/*
 * csv_sink.h: encrypted rows into a CSV file that C3R's client can read (C3R-FORMAT 1.10): a header of
 * target names, then the rows as they come.
 *
 * The file appears under its name only when everything is written (base/file.h, sr_out); after a
 * failure nothing is left. Text is made in the workers' threads.
 */
#ifndef SEALROOM_CLIENT_CSV_SINK_H
#define SEALROOM_CLIENT_CSV_SINK_H

#include "encrypt.h"

typedef struct csv_sink csv_sink;

/* Opens the output at once, so that an unwritable one is told before the work. "-" is standard
 * output. `null_text` is borrowed. */
sr_result csv_sink_new(csv_sink **out, const char *path, bool overwrite, const char *null_text,
                       sr_err *err) SR_MUST_USE;
/* The functions to give to encrypt_table; borrowed from the sink. */
encrypt_sink csv_sink_functions(csv_sink *self);
void csv_sink_free(csv_sink *self); /* without `end` before: removes the file; accepts NULL */
void csv_sink_clear(csv_sink **self);
#define CSV_SINK(name) csv_sink *name SR_CLEANUP(csv_sink_clear) = NULL

#endif
