/*
 * sorter_run.h: the sorter's spilled runs and their merging. Inside the sorter only.
 *
 *     items in memory → sorted → run_writer → run      (one run each time the memory is full)
 *     runs → run_merge → one record after another      (each reader holds one opened chunk)
 *
 * A record is key (32) || length (uint32, big-endian) || payload. A run is a list of sealed chunks in
 * one scratch file, each holding whole records; a chunk is opened with the number it was sealed under, so
 * chunks that were exchanged or changed on disk are SR_E_CORRUPT. A record larger than a chunk has one to
 * itself. Buffers that held records are wiped. The scratch file has no name and vanishes when closed; the
 * space of runs that were merged into longer ones is not given back before that.
 */
#ifndef SEALROOM_CLIENT_SORTER_RUN_H
#define SEALROOM_CLIENT_SORTER_RUN_H

#include "crypto/spill.h"
#include "sorter.h"

enum
{
    RUN_RECORD_HEAD = SORTER_KEY_SIZE + 4,
};

/* Unsigned byte order of the keys, then of the payloads. Both point at records. */
int run_record_compare(const uint8_t *a, const uint8_t *b);
/* Head and payload. */
size_t run_record_len(const uint8_t *record);
/* Borrowed from the record. */
sorter_item run_record_item(const uint8_t *record);

/* Where a sealed chunk lies. `number` is never used twice in a store. */
typedef struct
{
    uint64_t offset;
    uint64_t number;
    size_t sealed_len;
} run_chunk;

typedef struct
{
    run_chunk *chunks;
    size_t count;
    size_t room;
} run;

/* The scratch file that all runs share. */
typedef struct
{
    int fd;
    uint64_t end;
    uint64_t next_number;
    size_t chunk_size;
    spill_cipher *cipher;
    sr_buf sealed; /* one chunk on its way */
} run_store;

/* `folder` NULL: $TMPDIR or /tmp. */
sr_result run_store_init(run_store *store, const char *folder, size_t chunk_size,
                         sr_err *err) SR_MUST_USE;
void run_store_clear(run_store *store);
void run_clear(run *self);

/* ---- writing --------------------------------------------------------------------------------- */

typedef struct
{
    run_store *store;
    run *target;
    sr_buf plain;
} run_writer;

/* Both must outlive the writer. */
void run_writer_init(run_writer *writer, run_store *store, run *target);
void run_writer_clear(run_writer *writer);
/* Records come in ascending order; a full chunk is sealed and written. */
sr_result run_writer_add(run_writer *writer, const uint8_t *record, sr_err *err) SR_MUST_USE;
/* Writes what is left; without it the run is cut short. */
sr_result run_writer_finish(run_writer *writer, sr_err *err) SR_MUST_USE;
#define RUN_WRITER(name) run_writer name SR_CLEANUP(run_writer_clear) = {.store = NULL}

/* ---- merging --------------------------------------------------------------------------------- */

typedef struct
{
    const run *source;
    size_t next; /* chunk */
    sr_buf plain;
    size_t at;             /* of the current record in `plain` */
    const uint8_t *record; /* NULL at the end */
} run_reader;

typedef struct
{
    run_store *store;
    run_reader *readers;
    size_t reader_count;
    run_reader **heap; /* smallest record first */
    size_t heap_count;
    bool started;
} run_merge;

/* Over `count` runs, which must outlive it. */
sr_result run_merge_init(run_merge *merge, run_store *store, const run *runs, size_t count,
                         sr_err *err) SR_MUST_USE;
/* The next record, borrowed until the next call; NULL at the end. */
sr_result run_merge_next(run_merge *merge, const uint8_t **record, sr_err *err) SR_MUST_USE;
void run_merge_clear(run_merge *merge);
#define RUN_MERGE(name) run_merge name SR_CLEANUP(run_merge_clear) = {.store = NULL}

#endif
