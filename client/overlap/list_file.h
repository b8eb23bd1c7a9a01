/*
 * list_file.h: a member's own list as it lies on its disk, part after part, to be sent from there.
 *
 *     points of part 1, points of part 2, …        each ascending, without repeats; masked, so in clear
 *     of each part: label (64, NUL-filled), items (8), points (8), SHA-256(points) (32)
 *     parts (8), bytes of a point (8), "SEALROOM-OVERLAP-LIST-V2" (24)
 *
 * The facts stand last because digests are known last. Numbers as this machine has them: the file never leaves it. It
 * is written whole and renamed, and is durable when list_writer_commit returns; it is not changed after that.
 */
#ifndef SEALROOM_CLIENT_OVERLAP_LIST_FILE_H
#define SEALROOM_CLIENT_OVERLAP_LIST_FILE_H

#include "crypto/digest.h"
#include "model/manifest.h"
#include "rows.h"

typedef struct
{
    char label[ROWS_LABEL_SIZE];
    uint64_t items;
    uint64_t count; /* points, dummies included */
    uint64_t offset;
    digest_value digest;
} list_part;

/* ---- reading --------------------------------------------------------------------------------- */

typedef struct
{
    int fd; /* -1: none */
    list_part parts[MANIFEST_SEGMENTS_MOST];
    size_t part_count;
} list_file;

/* SR_E_CORRUPT for a file that is not of this shape, of a list of points of another size, or of an older version. */
sr_result list_file_open(list_file *out, const char *path, size_t point_size,
                         sr_err *err) SR_MUST_USE;
void list_file_clear(list_file *self);
#define LIST_FILE(name) list_file name SR_CLEANUP(list_file_clear) = {.fd = -1}

/* ---- writing --------------------------------------------------------------------------------- */

typedef struct list_writer list_writer;

/* Nothing is at `path` before the commit. */
sr_result list_writer_open(list_writer **out, const char *path, size_t point_size,
                           sr_err *err) SR_MUST_USE;
/* Begins a part; what was written of the one before is all of it. At most MANIFEST_SEGMENTS_MOST parts (asserted). */
void list_writer_part(list_writer *self, const char *label, uint64_t items);
sr_result list_writer_add(list_writer *self, const uint8_t *points, uint64_t count,
                          sr_err *err) SR_MUST_USE;
/* Replaces a file that is there. */
sr_result list_writer_commit(list_writer *self, sr_err *err) SR_MUST_USE;
void list_writer_free(list_writer *self); /* accepts NULL */
void list_writer_clear(list_writer **self);
#define LIST_WRITER(name) list_writer *name SR_CLEANUP(list_writer_clear) = NULL

#endif
