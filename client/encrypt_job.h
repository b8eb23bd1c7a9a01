/*
 * encrypt_job.h: what the stages of encrypt.h share. Inside encrypt only; in the order in which they
 * happen:
 *
 *     encrypt_bind      which input column, as which type, feeds which column of the output
 *     encrypt_collect   read, check, draw nonces, sort
 *     encrypt_produce   encrypt in nonce order, hand to the sink
 *
 * A row between collect and produce is its number (uint64) and then for each feed a uint32 with the
 * length of its payload, or ROW_NULL, and the payload; big-endian.
 */
#ifndef SEALROOM_CLIENT_ENCRYPT_JOB_H
#define SEALROOM_CLIENT_ENCRYPT_JOB_H

#include "encrypt.h"
#include "sorter.h"

enum
{
    ROW_MAX = SORTER_PAYLOAD_MAX,
    SLOT_BYTES = 256 * 1024, /* plaintext in one batch, about */
    SLOT_ROWS = 4096,
    SLOT_MEMORY = 4 * 1024 * 1024, /* what a batch costs with its cells and their text, about */
};

#define ROW_NULL UINT32_MAX

/*
 * A value that one or more output columns are made of: a source column read as a data type. Columns that
 * read the same source in the same way share a feed, so that it is read, checked and kept once.
 */
typedef struct
{
    size_t source; /* column of the input */
    data_type data;
    bool encoded; /* payload is the encoded value; otherwise the text as it is */
} encrypt_feed;

typedef struct
{
    const encrypt_options *options;
    table_schema schema; /* a copy of the caller's: `pad.longest` is found out here */
    csv_reader *reader;  /* stays open to the end: its headers name columns in errors */
    encrypt_feed *feeds;
    size_t feed_count;
    size_t *feed_of;       /* for each column of the schema */
    uint64_t *longest_row; /* for each column: the row of its longest value */
    uint64_t *null_row;    /* for each column: the first row that is NULL, 0 when there is none */
    sorter *rows;
    sorter *values; /* fingerprints' values, while duplicates are looked for; else NULL */
    encrypt_report report;
} encrypt_job;

/* Fills schema, feeds and per-column arrays; fails for a header that is missing or there twice. */
sr_result encrypt_bind(encrypt_job *job, sr_err *err) SR_MUST_USE;
/* After it `rows` is sorted, the schema's `pad.longest` are known, and every check has passed. */
sr_result encrypt_collect(encrypt_job *job, sr_err *err) SR_MUST_USE;
/* Calls the sink's functions in the order that encrypt.h gives. */
sr_result encrypt_produce(encrypt_job *job, const encrypt_sink *sink, sr_err *err) SR_MUST_USE;

/* Appends the payload of one value; the error says what was expected, never the value. */
sr_result encrypt_payload(sr_buf *out, const encrypt_feed *feed, sr_slice text,
                          sr_err *err) SR_MUST_USE;
/* What the options ask for, within POOL_THREADS_MAX. */
size_t encrypt_threads(const encrypt_options *options);

#endif
