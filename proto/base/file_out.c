/*
 * Streaming output: written under a temporary name beside the target, renamed to it by commit.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "file_io.h"
#include "text.h"

enum
{
    BUFFER_SIZE = 256 * 1024,
    OPEN_MAX_OUTPUTS = 256,
    RANDOM_DIGITS = 16, /* of a temporary name */
};

#define UNFINISHED ".tmp"

struct sr_out
{
    int fd;
    char *name;   /* the target as the caller named it: the subject of errors */
    char *target; /* where it goes, symbolic links followed; NULL for standard output */
    char *temporary;
    bool overwrite;
    uint8_t *buffer;
    size_t used;
};

/* ---- the temporary names that a signal handler may have to unlink ---------------------------- */

/* Whoever takes a text out of its slot owns it: the output that ends, or the handler, which unlinks
 * the file and keeps the text for ever, since it may not call free. */
static _Atomic(char *) temporaries[OPEN_MAX_OUTPUTS];
static char *unlinked[OPEN_MAX_OUTPUTS];

static bool remember(char *temporary)
{
    for (size_t i = 0; i < OPEN_MAX_OUTPUTS; i++)
    {
        char *empty = NULL;
        if (atomic_compare_exchange_strong(&temporaries[i], &empty, temporary))
            return true;
    }
    return false;
}

/* True when the text was still there, and so belongs to the caller again. */
static bool forget(const char *temporary)
{
    for (size_t i = 0; i < OPEN_MAX_OUTPUTS; i++)
    {
        char *same = (char *)temporary;
        if (atomic_compare_exchange_strong(&temporaries[i], &same, NULL))
            return true;
    }
    return false;
}

void sr_out_unlink_all(void)
{
    for (size_t i = 0; i < OPEN_MAX_OUTPUTS; i++)
    {
        char *temporary = atomic_exchange(&temporaries[i], NULL);
        if (temporary == NULL)
            continue;
        unlink(temporary);
        unlinked[i] = temporary;
    }
}

/* What open_temporary makes. */
bool sr_out_is_unfinished(const char *name)
{
    const size_t ending = 1 + RANDOM_DIGITS + strlen(UNFINISHED);
    size_t len = strlen(name);
    if (name[0] != '.' || len <= 1 + ending)
        return false;
    const char *at = name + len - ending;
    return at[0] == '.' && strspn(at + 1, "0123456789abcdef") == RANDOM_DIGITS &&
           strcmp(at + 1 + RANDOM_DIGITS, UNFINISHED) == 0;
}

/* ---- opening --------------------------------------------------------------------------------- */

static sr_result refuse_existing(const char *name, sr_err *err)
{
    return sr_fail(err, SR_E_EXISTS,
                   "%s: exists already; choose another name or, if the command has it, --overwrite",
                   name);
}

/* Follows a symbolic link to the file that it names, and refuses what a rename would destroy. */
static sr_result find_target(sr_out *out, sr_err *err)
{
    struct stat status;
    if (stat(out->name, &status) != 0)
    {
        out->target = sr_text_copy(out->name);
        return errno == ENOENT ? SR_OK : sr_fail_errno(err, errno, "%s", out->name);
    }
    if (!out->overwrite)
        return refuse_existing(out->name, err);
    if (!S_ISREG(status.st_mode))
        return sr_fail(err, SR_E_INVALID, "%s: not a regular file, so not replaced", out->name);
    out->target = realpath(out->name, NULL);
    return out->target != NULL ? SR_OK : sr_fail_errno(err, errno, "%s", out->name);
}

static sr_result open_temporary(sr_out *out, sr_err *err)
{
    SR_TEXT(folder);
    SR_TEXT(hidden);
    uint64_t random;
    folder = sr_path_folder(out->target);
    sr_random_bytes(&random, sizeof random);
    hidden = sr_text_printf(".%.100s.%0*" PRIx64 UNFINISHED, sr_path_name(out->target),
                            RANDOM_DIGITS, random);
    out->temporary = sr_path_join(folder, hidden);
    if (!remember(out->temporary))
    {
        sr_text_clear(&out->temporary);
        return sr_fail(err, SR_E_LIMIT, "%s: too many outputs open at once", out->name);
    }
    out->fd = open(out->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return out->fd >= 0 ? SR_OK : sr_fail_errno(err, errno, "%s", out->name);
}

sr_result sr_out_open(sr_out **out, const char *path, bool overwrite, sr_err *err)
{
    SR_OUT(made);
    *out = NULL;
    made = sr_alloc(sizeof *made);
    made->fd = -1;
    made->overwrite = overwrite;
    made->buffer = sr_alloc(BUFFER_SIZE);
    made->name = sr_text_copy(strcmp(path, "-") == 0 ? "standard output" : path);
    if (strcmp(path, "-") == 0)
        made->fd = STDOUT_FILENO;
    else if (find_target(made, err) != SR_OK || open_temporary(made, err) != SR_OK)
        return SR_FAIL;
    *out = made;
    made = NULL;
    return SR_OK;
}

/* ---- writing --------------------------------------------------------------------------------- */

static sr_result flush(sr_out *out, sr_err *err)
{
    sr_slice bytes = sr_slice_of(out->buffer, out->used);
    out->used = 0;
    return file_write_all(out->fd, bytes, out->name, err);
}

sr_result sr_out_write(sr_out *out, sr_slice bytes, sr_err *err)
{
    if (bytes.len > BUFFER_SIZE - out->used && flush(out, err) != SR_OK)
        return SR_FAIL;
    if (bytes.len >= BUFFER_SIZE)
        return file_write_all(out->fd, bytes, out->name, err);
    sr_copy(out->buffer + out->used, bytes.data, bytes.len);
    out->used += bytes.len;
    return SR_OK;
}

/* ---- committing ------------------------------------------------------------------------------ */

/* Not every file system knows RENAME_NOREPLACE; there the check at opening has to do. */
static int rename_to_target(const sr_out *out)
{
    if (out->overwrite)
        return rename(out->temporary, out->target);
    int done = renameat2(AT_FDCWD, out->temporary, AT_FDCWD, out->target, RENAME_NOREPLACE);
    if (done != 0 && (errno == EINVAL || errno == ENOSYS))
        return rename(out->temporary, out->target);
    return done;
}

static sr_result move_to_target(sr_out *out, sr_err *err)
{
    if (rename_to_target(out) != 0)
        return errno == EEXIST ? refuse_existing(out->name, err)
                               : sr_fail_errno(err, errno, "%s", out->name);
    if (forget(out->temporary))
        sr_free(out->temporary);
    out->temporary = NULL;
    return SR_OK;
}

/* A rename is safe against power loss only once the folder itself is on the disk. */
static sr_result sync_folder(const sr_out *out, sr_err *err)
{
    SR_TEXT(folder);
    folder = sr_path_folder(out->target);
    return sr_path_sync(folder, err);
}

static sr_result close_file(sr_out *out, sr_err *err)
{
    int fd = out->fd;
    out->fd = -1;
    return close(fd) == 0 ? SR_OK : sr_fail_errno(err, errno, "%s", out->name);
}

sr_result sr_out_commit(sr_out *out, sr_err *err)
{
    if (flush(out, err) != SR_OK)
        return SR_FAIL;
    if (out->target == NULL)
        return SR_OK;
    if (fsync(out->fd) != 0)
        return sr_fail_errno(err, errno, "%s", out->name);
    if (close_file(out, err) != SR_OK || move_to_target(out, err) != SR_OK)
        return SR_FAIL;
    return sync_folder(out, err);
}

static void drop_temporary(sr_out *out)
{
    if (out->temporary == NULL)
        return;
    unlink(out->temporary);
    if (forget(out->temporary))
        sr_free(out->temporary);
}

void sr_out_free(sr_out *out)
{
    if (out == NULL)
        return;
    if (out->target != NULL || out->fd != STDOUT_FILENO)
        sr_fd_clear(&out->fd);
    drop_temporary(out);
    sr_wipe(out->buffer, BUFFER_SIZE);
    sr_free(out->buffer);
    sr_free(out->name);
    sr_free(out->target);
    sr_free(out);
}

void sr_out_clear(sr_out **out)
{
    sr_out_free(*out);
    *out = NULL;
}

/* ---- whole files ----------------------------------------------------------------------------- */

sr_result sr_file_write(const char *path, sr_slice bytes, unsigned mode, bool overwrite,
                        sr_err *err)
{
    SR_OUT(out);
    if (sr_out_open(&out, path, overwrite, err) != SR_OK || sr_out_write(out, bytes, err) != SR_OK)
        return SR_FAIL;
    if (out->target != NULL && fchmod(out->fd, (mode_t)mode) != 0)
        return sr_fail_errno(err, errno, "%s", path);
    return sr_out_commit(out, err);
}
