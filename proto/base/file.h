/*
 * file.h: files and folders, without surprises.
 *
 * Reading has a limit. Writing is all or nothing: an `sr_out` writes to a temporary name in the
 * same folder (mode 0600) and becomes the target only by `sr_out_commit`, which flushes to the disk
 * first; dropped without commit it leaves nothing behind. Signals: `sr_out_unlink_all` is safe to
 * call from a handler. Errors carry the path as their subject.
 */
#ifndef SEALROOM_BASE_FILE_H
#define SEALROOM_BASE_FILE_H

#include "bytes.h"
#include "err.h"

/* Whole file into `out`, replacing its contents; longer than its max is SR_E_LIMIT. After a failure
 * `out` is empty and wiped. Path "-" is standard input. */
sr_result sr_file_read(sr_buf *out, const char *path, sr_err *err) SR_MUST_USE;
/* The same from an open descriptor, which is not closed; `name` is the subject of errors. */
sr_result sr_file_read_fd(sr_buf *out, int fd, const char *name, sr_err *err) SR_MUST_USE;
/* A file as text of at most `most` bytes, owned (sr_text_clear): a NUL in it is SR_E_FORMAT. It may be a secret:
 * what was in between is wiped. */
sr_result sr_file_read_text(char **out, const char *path, size_t most, sr_err *err) SR_MUST_USE;
/* Writes a file in one go: temporary name, fsync, rename. Mode is e.g. 0600. */
sr_result sr_file_write(const char *path, sr_slice bytes, unsigned mode, bool overwrite,
                        sr_err *err) SR_MUST_USE;
bool sr_file_exists(const char *path);
/* Brings what the system still holds of a file or folder to the disk. A name that was made, changed or taken
 * away lasts when its folder was. */
sr_result sr_path_sync(const char *path, sr_err *err) SR_MUST_USE;
/* Renames a file, over one that is there; lasts when it returns. Both are in one file system. */
sr_result sr_file_move(const char *from, const char *to, sr_err *err) SR_MUST_USE;
/* SR_E_SECRET for a file or folder that others than its owner may open, or that is another user's. */
sr_result sr_file_check_private(const char *path, sr_err *err) SR_MUST_USE;
/* Creates a folder (and its parents) with this mode; an existing folder is fine. */
sr_result sr_folder_make(const char *path, unsigned mode, sr_err *err) SR_MUST_USE;
/* Removes a folder with everything in it; a missing one is fine. */
sr_result sr_folder_remove(const char *path, sr_err *err) SR_MUST_USE;
/* "a/b" from "a" and "b"; an absolute `name` stays as it is. Owned (sr_free). */
char *sr_path_join(const char *folder, const char *name) SR_MUST_USE;
/* Folder part ("." when there is none); owned. */
char *sr_path_folder(const char *path) SR_MUST_USE;
/* The last part of a path; borrowed from it. */
const char *sr_path_name(const char *path);

/* ---- streaming input ------------------------------------------------------------------------- */

typedef struct sr_in sr_in;

/* Opens for sequential reading; "-" is standard input. */
sr_result sr_in_open(sr_in **out, const char *path, sr_err *err) SR_MUST_USE;
/* Reads up to `size` bytes; *got 0 means end of file. Retries short reads and EINTR. */
sr_result sr_in_read(sr_in *in, void *buffer, size_t size, size_t *got, sr_err *err) SR_MUST_USE;
/* Back to the first byte, for a second pass; fails for pipes. */
sr_result sr_in_rewind(sr_in *in, sr_err *err) SR_MUST_USE;
/* Size of a regular file, 0 when unknown (pipe): for progress only. */
uint64_t sr_in_size(const sr_in *in);
void sr_in_close(sr_in *in); /* accepts NULL */
void sr_in_clear(sr_in **in);
#define SR_IN(name) sr_in *name SR_CLEANUP(sr_in_clear) = NULL

/* ---- streaming output ------------------------------------------------------------------------ */

typedef struct sr_out sr_out;

/* "-" is standard output (commit then only flushes). Without `overwrite` an existing target is refused
 * with SR_E_EXISTS, at opening or at commit; with it, anything but a regular file is refused. */
sr_result sr_out_open(sr_out **out, const char *path, bool overwrite, sr_err *err) SR_MUST_USE;
/* Buffered; errors of the disk may show only at commit. */
sr_result sr_out_write(sr_out *out, sr_slice bytes, sr_err *err) SR_MUST_USE;
/* Flush, fsync, rename to the target, fsync the folder. After it the object is closed. */
sr_result sr_out_commit(sr_out *out, sr_err *err) SR_MUST_USE;
/* Without commit before it: removes the temporary file. Accepts NULL. */
void sr_out_free(sr_out *out);
void sr_out_clear(sr_out **out);
#define SR_OUT(name) sr_out *name SR_CLEANUP(sr_out_clear) = NULL
/* Whether this name (without folder) has the shape of a temporary one, ".TARGET.16 hexadecimal digits.tmp": what a killed
 * process leaves behind, unless somebody is writing it. */
bool sr_out_is_unfinished(const char *name);
/* Unlinks every temporary output that is open; async-signal-safe. */
void sr_out_unlink_all(void);

/* ---- scratch files --------------------------------------------------------------------------- */

/* An unnamed read-write file in `folder` (NULL: $TMPDIR or /tmp) that vanishes when closed. */
sr_result sr_scratch_open(int *fd, const char *folder, sr_err *err) SR_MUST_USE;
/* A file that is there, to be read at offsets; `size` may be NULL. SR_E_INVALID when it is not a regular file. */
sr_result sr_fd_open(int *fd, uint64_t *size, const char *path, sr_err *err) SR_MUST_USE;
/* Writes all / reads exactly `len` bytes at an offset. */
sr_result sr_fd_write_at(int fd, uint64_t offset, sr_slice bytes, sr_err *err) SR_MUST_USE;
sr_result sr_fd_read_at(int fd, uint64_t offset, void *out, size_t len, sr_err *err) SR_MUST_USE;
void sr_fd_clear(int *fd); /* closes when >= 0 and sets -1 */
#define SR_FD(name) int name SR_CLEANUP(sr_fd_clear) = -1

#endif
