/*
 * files.h: whole files and folders that must be on the disk before anything says so.
 *
 * Errors carry the path. After a failure outputs are empty.
 */
#ifndef SEALROOM_SERVER_BACKUP_FILES_H
#define SEALROOM_SERVER_BACKUP_FILES_H

#include "base/bytes.h"
#include "base/err.h"
#include "crypto/digest.h"

/* What a file holds: its length and the SHA-256 of its bytes. */
typedef struct
{
    uint64_t size; /* bytes */
    digest_value sum;
} files_content;

bool files_content_equal(const files_content *a, const files_content *b);

/* SR_E_FORMAT unless it is a file, through symbolic links: to open a pipe would wait for ever. */
sr_result files_check(const char *path, sr_err *err) SR_MUST_USE;
/* Reads it to its end; this and files_copy from files alone. */
sr_result files_read(files_content *out, const char *path, sr_err *err) SR_MUST_USE;
/* A copy of mode 0600, on the disk when this returns; *out is what was read. `to` must not exist. */
sr_result files_copy(files_content *out, const char *to, const char *from, sr_err *err) SR_MUST_USE;
/* Within one file system; both folders are on the disk when it returns. SR_E_EXISTS: `to` is there (an
 * empty folder may be). */
sr_result files_move(const char *from, const char *to, sr_err *err) SR_MUST_USE;

/* ---- folders --------------------------------------------------------------------------------- */

typedef struct
{
    char **names; /* in ascending byte order, without "." and ".." */
    size_t count;
} files_listing;

/* A folder that is not there lists as empty. */
sr_result files_list(files_listing *out, const char *folder, sr_err *err) SR_MUST_USE;
void files_listing_clear(files_listing *listing);
#define FILES_LISTING(name)                                                                        \
    files_listing name SR_CLEANUP(files_listing_clear) = {.names = NULL, .count = 0}

/* The same place: one file or folder, by whatever path. False when either is not there. */
bool files_are_same(const char *a, const char *b);

/* ---- a folder that appears whole --------------------------------------------------------------- */

/* TARGET.partial, filled by the caller and renamed to TARGET by files_finish_folder. */
typedef struct
{
    char *target;
    char *partial;
    int lock; /* on the partial folder */
} files_growing;

#define FILES_GROWING(name)                                                                        \
    files_growing name SR_CLEANUP(files_drop_folder) = {.target = NULL, .lock = -1}

/* Makes TARGET.partial, mode 0700, in place of what an interrupted run left there. SR_E_EXISTS: the target
 * is there and not an empty folder; SR_E_STATE: another process is filling the same one. */
sr_result files_begin_folder(files_growing *out, const char *target, sr_err *err) SR_MUST_USE;
/* Everything in it is on the disk already, by files_copy. */
sr_result files_finish_folder(files_growing *growing, sr_err *err) SR_MUST_USE;
/* Unless finished, removes TARGET.partial. May be called twice. */
void files_drop_folder(files_growing *growing);

#endif
