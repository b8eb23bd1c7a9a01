#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

enum
{
    BLOCK_SIZE = 256 * 1024,
    PRIVATE_FOLDER = 0700,
};

/* ---- files ----------------------------------------------------------------------------------- */

bool files_content_equal(const files_content *a, const files_content *b)
{
    return a->size == b->size && sr_equal_ct(a->sum.bytes, b->sum.bytes, DIGEST_SIZE);
}

sr_result files_check(const char *path, sr_err *err)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return sr_fail_errno(err, errno, "%s", path);
    return S_ISREG(status.st_mode) ? SR_OK : sr_fail(err, SR_E_FORMAT, "%s: is no file", path);
}

/* Reads `from` to its end; into `to` as well, unless that is NULL. */
static sr_result pass(files_content *out, sr_out *to, sr_in *from, sr_err *err)
{
    SR_SECRET_BUF(block, BLOCK_SIZE); /* a key may pass */
    uint8_t *bytes = NULL;
    digest state;
    digest_init(&state);
    if (sr_buf_extend(&block, &bytes, BLOCK_SIZE, err) != SR_OK)
        return SR_FAIL;
    for (;;)
    {
        size_t got = 0;
        if (sr_in_read(from, bytes, BLOCK_SIZE, &got, err) != SR_OK)
            return SR_FAIL;
        if (got == 0)
            break;
        digest_add(&state, sr_slice_of(bytes, got));
        out->size += got;
        if (to != NULL && sr_out_write(to, sr_slice_of(bytes, got), err) != SR_OK)
            return SR_FAIL;
    }
    digest_finish(&out->sum, &state);
    return SR_OK;
}

sr_result files_read(files_content *out, const char *path, sr_err *err)
{
    SR_IN(from);
    files_content made = {.size = 0};
    *out = made;
    if (files_check(path, err) != SR_OK || sr_in_open(&from, path, err) != SR_OK ||
        pass(&made, NULL, from, err) != SR_OK)
        return SR_FAIL;
    *out = made;
    return SR_OK;
}

sr_result files_copy(files_content *out, const char *to, const char *from, sr_err *err)
{
    SR_IN(in);
    SR_OUT(copy);
    files_content made = {.size = 0};
    *out = made;
    if (files_check(from, err) != SR_OK || sr_in_open(&in, from, err) != SR_OK ||
        sr_out_open(&copy, to, false, err) != SR_OK || pass(&made, copy, in, err) != SR_OK ||
        sr_out_commit(copy, err) != SR_OK)
        return SR_FAIL;
    *out = made;
    return SR_OK;
}

static sr_result sync_folder_of(const char *path, sr_err *err)
{
    SR_TEXT(folder);
    folder = sr_path_folder(path);
    return sr_path_sync(folder, err);
}

static sr_result fail_occupied(const char *path, sr_err *err)
{
    return sr_fail(err, SR_E_EXISTS, "%s: holds something already; name a new folder", path);
}

sr_result files_move(const char *from, const char *to, sr_err *err)
{
    struct stat status;
    if (lstat(to, &status) == 0 && !S_ISDIR(status.st_mode))
        return fail_occupied(to, err);
    if (rename(from, to) != 0)
        return errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR
                   ? fail_occupied(to, err)
                   : sr_fail_errno(err, errno, "%s", to);
    return sync_folder_of(from, err) == SR_OK ? sync_folder_of(to, err) : SR_FAIL;
}

/* ---- folders --------------------------------------------------------------------------------- */

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void close_listing(DIR **open)
{
    if (*open != NULL)
        closedir(*open);
}

static void add_name(files_listing *listing, const char *name)
{
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return;
    listing->names =
        sr_array_grow(listing->names, listing->count, listing->count + 1, sizeof *listing->names);
    listing->names[listing->count++] = sr_text_copy(name);
}

sr_result files_list(files_listing *out, const char *folder, sr_err *err)
{
    DIR *open SR_CLEANUP(close_listing) = opendir(folder);
    *out = (files_listing){.count = 0};
    if (open == NULL)
        return errno == ENOENT ? SR_OK : sr_fail_errno(err, errno, "%s", folder);
    for (;;)
    {
        errno = 0;
        const struct dirent *entry = readdir(open);
        if (entry == NULL)
            break;
        add_name(out, entry->d_name);
    }
    if (errno != 0)
    {
        files_listing_clear(out);
        return sr_fail_errno(err, errno, "%s", folder);
    }
    if (out->count > 0)
        qsort(out->names, out->count, sizeof *out->names, compare_names);
    return SR_OK;
}

void files_listing_clear(files_listing *listing)
{
    for (size_t i = 0; i < listing->count; i++)
        sr_free(listing->names[i]);
    sr_free(listing->names);
    *listing = (files_listing){.count = 0};
}

bool files_are_same(const char *a, const char *b)
{
    struct stat first;
    struct stat second;
    return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

/* ---- a folder that appears whole --------------------------------------------------------------- */

static sr_result refuse_occupied(const char *folder, sr_err *err)
{
    FILES_LISTING(inside);
    struct stat status;
    if (lstat(folder, &status) != 0)
        return errno == ENOENT ? SR_OK : sr_fail_errno(err, errno, "%s", folder);
    if (!S_ISDIR(status.st_mode))
        return fail_occupied(folder, err);
    if (files_list(&inside, folder, err) != SR_OK)
        return SR_FAIL;
    return inside.count == 0 ? SR_OK : fail_occupied(folder, err);
}

/* *fd stays -1 when there is no such folder. */
static sr_result hold_folder(int *fd, const char *folder, sr_err *err)
{
    *fd = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (*fd < 0)
        return errno == ENOENT ? SR_OK : sr_fail_errno(err, errno, "%s", folder);
    if (flock(*fd, LOCK_EX | LOCK_NB) == 0)
        return SR_OK;
    sr_fd_clear(fd);
    return sr_fail(err, SR_E_STATE, "%s: another process is filling it", folder);
}

static char *without_slashes(const char *path)
{
    char *copy = sr_text_copy(path);
    for (size_t len = strlen(copy); len > 1 && copy[len - 1] == '/'; len--)
        copy[len - 1] = '\0';
    return copy;
}

sr_result files_begin_folder(files_growing *out, const char *target, sr_err *err)
{
    SR_FD(left);
    SR_TEXT(partial);
    *out = (files_growing){.lock = -1};
    char *wanted SR_CLEANUP(sr_text_clear) = without_slashes(target);
    partial = sr_text_printf("%s.partial", wanted);
    if (refuse_occupied(wanted, err) != SR_OK || hold_folder(&left, partial, err) != SR_OK ||
        sr_folder_remove(partial, err) != SR_OK ||
        sr_folder_make(partial, PRIVATE_FOLDER, err) != SR_OK ||
        hold_folder(&out->lock, partial, err) != SR_OK)
        return SR_FAIL;
    out->target = wanted;
    out->partial = partial;
    wanted = NULL;
    partial = NULL;
    return SR_OK;
}

sr_result files_finish_folder(files_growing *growing, sr_err *err)
{
    if (sr_path_sync(growing->partial, err) != SR_OK ||
        files_move(growing->partial, growing->target, err) != SR_OK)
        return SR_FAIL;
    sr_text_clear(&growing->partial);
    return SR_OK;
}

void files_drop_folder(files_growing *growing)
{
    sr_err ignored = SR_ERR_INIT;
    if (growing->partial != NULL && sr_folder_remove(growing->partial, &ignored) != SR_OK)
        sr_err_reset(&ignored); /* the next run to the same target does it */
    sr_text_clear(&growing->partial);
    sr_text_clear(&growing->target);
    sr_fd_clear(&growing->lock);
}
