/* Streaming input, whole files, scratch files, and the loops around read and write. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "file_io.h"

enum
{
    READ_CHUNK = 64 * 1024
};

struct sr_in
{
    int fd;
    char *name;
    uint64_t size;
};

/* ---- the loops ------------------------------------------------------------------------------- */

sr_result file_write_all(int fd, sr_slice bytes, const char *name, sr_err *err)
{
    while (bytes.len > 0)
    {
        ssize_t put = write(fd, bytes.data, bytes.len);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return sr_fail_errno(err, errno, "%s", name);
        bytes = sr_slice_sub(bytes, (size_t)put, bytes.len - (size_t)put);
    }
    return SR_OK;
}

sr_result file_read_up_to(int fd, void *buffer, size_t size, size_t *got, const char *name,
                          sr_err *err)
{
    uint8_t *at = buffer;
    *got = 0;
    while (*got < size)
    {
        ssize_t put = read(fd, at + *got, size - *got);
        if (put == 0)
            break;
        if (put > 0)
            *got += (size_t)put;
        else if (errno != EINTR)
        {
            *got = 0;
            return sr_fail_errno(err, errno, "%s", name);
        }
    }
    return SR_OK;
}

/* ---- streaming input ------------------------------------------------------------------------- */

sr_result sr_in_open(sr_in **out, const char *path, sr_err *err)
{
    SR_IN(made);
    struct stat status;
    *out = NULL;
    bool is_stdin = strcmp(path, "-") == 0;
    made = sr_alloc(sizeof *made);
    made->name = sr_text_copy(is_stdin ? "standard input" : path);
    made->fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (made->fd < 0 || fstat(made->fd, &status) != 0)
        return sr_fail_errno(err, errno, "%s", made->name);
    if (S_ISDIR(status.st_mode))
        return sr_fail_errno(err, EISDIR, "%s", made->name);
    made->size = S_ISREG(status.st_mode) ? (uint64_t)status.st_size : 0;
    *out = made;
    made = NULL;
    return SR_OK;
}

sr_result sr_in_read(sr_in *in, void *buffer, size_t size, size_t *got, sr_err *err)
{
    return file_read_up_to(in->fd, buffer, size, got, in->name, err);
}

sr_result sr_in_rewind(sr_in *in, sr_err *err)
{
    if (lseek(in->fd, 0, SEEK_SET) == 0)
        return SR_OK;
    if (errno == ESPIPE)
        return sr_fail(err, SR_E_IO, "%s: a pipe cannot be read twice; use a file", in->name);
    return sr_fail_errno(err, errno, "%s", in->name);
}

uint64_t sr_in_size(const sr_in *in)
{
    return in->size;
}

void sr_in_close(sr_in *in)
{
    if (in == NULL)
        return;
    if (in->fd != STDIN_FILENO)
        sr_fd_clear(&in->fd);
    sr_free(in->name);
    sr_free(in);
}

void sr_in_clear(sr_in **in)
{
    sr_in_close(*in);
    *in = NULL;
}

/* ---- whole files ----------------------------------------------------------------------------- */

/* Reads one chunk; false in *more at the end of the file. At the limit one more byte is asked for:
 * only then is the file too long. */
static sr_result read_chunk(sr_buf *out, int fd, const char *name, bool *more, sr_err *err)
{
    uint8_t *at;
    uint8_t probe;
    size_t got;
    size_t before = out->len;
    size_t room = out->max - before;
    *more = false;
    if (room == 0)
    {
        if (file_read_up_to(fd, &probe, 1, &got, name, err) != SR_OK)
            return SR_FAIL;
        return got == 0 ? SR_OK
                        : sr_fail(err, SR_E_LIMIT, "%s: longer than %zu bytes", name, out->max);
    }
    size_t size = room < READ_CHUNK ? room : READ_CHUNK;
    if (sr_buf_extend(out, &at, size, err) != SR_OK ||
        file_read_up_to(fd, at, size, &got, name, err) != SR_OK)
        return SR_FAIL;
    sr_buf_cut(out, before + got);
    *more = got == size;
    return SR_OK;
}

sr_result sr_file_read_fd(sr_buf *out, int fd, const char *name, sr_err *err)
{
    bool more = true;
    sr_buf_cut(out, 0);
    while (more)
    {
        if (read_chunk(out, fd, name, &more, err) == SR_OK)
            continue;
        sr_buf_wipe(out);
        return SR_FAIL;
    }
    return SR_OK;
}

sr_result sr_file_read(sr_buf *out, const char *path, sr_err *err)
{
    SR_IN(in);
    sr_buf_cut(out, 0);
    if (sr_in_open(&in, path, err) != SR_OK)
        return SR_FAIL;
    assert(in != NULL);
    return sr_file_read_fd(out, in->fd, in->name, err);
}

sr_result sr_file_read_text(char **out, const char *path, size_t most, sr_err *err)
{
    SR_SECRET_BUF(bytes, most);
    *out = NULL;
    if (sr_file_read(&bytes, path, err) != SR_OK)
        return SR_FAIL;
    if (sr_slice_to_text(out, sr_buf_view(&bytes), err) != SR_OK)
        return sr_fail_in(err, "%s", path);
    return SR_OK;
}

/* ---- scratch files --------------------------------------------------------------------------- */

/* Where O_TMPFILE is unknown: a name that lives for a moment. */
static int open_unlinked(const char *folder)
{
    SR_TEXT(path);
    path = sr_path_join(folder, "sealroom.XXXXXX");
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        unlink(path);
    return fd;
}

sr_result sr_scratch_open(int *fd, const char *folder, sr_err *err)
{
    if (folder == NULL)
        folder = getenv("TMPDIR");
    if (folder == NULL || *folder == '\0')
        folder = "/tmp";
    *fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (*fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR))
        *fd = open_unlinked(folder);
    if (*fd >= 0)
        return SR_OK;
    *fd = -1;
    return sr_fail_errno(err, errno, "%s: no scratch file", folder);
}

sr_result sr_fd_open(int *fd, uint64_t *size, const char *path, sr_err *err)
{
    SR_FD(opened);
    struct stat status;
    *fd = -1;
    opened = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (opened < 0 || fstat(opened, &status) != 0)
        return sr_fail_errno(err, errno, "%s", path);
    if (!S_ISREG(status.st_mode))
        return sr_fail(err, SR_E_INVALID, "%s: not a regular file", path);
    if (size != NULL)
        *size = (uint64_t)status.st_size;
    *fd = opened;
    opened = -1;
    return SR_OK;
}

sr_result sr_fd_write_at(int fd, uint64_t offset, sr_slice bytes, sr_err *err)
{
    while (bytes.len > 0)
    {
        ssize_t put = pwrite(fd, bytes.data, bytes.len, (off_t)offset);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return sr_fail_errno(err, errno, "scratch file");
        bytes = sr_slice_sub(bytes, (size_t)put, bytes.len - (size_t)put);
        offset += (uint64_t)put;
    }
    return SR_OK;
}

sr_result sr_fd_read_at(int fd, uint64_t offset, void *out, size_t len, sr_err *err)
{
    uint8_t *at = out;
    size_t got = 0;
    while (got < len)
    {
        ssize_t put = pread(fd, at + got, len - got, (off_t)(offset + got));
        if (put < 0 && errno == EINTR)
            continue;
        if (put > 0)
        {
            got += (size_t)put;
            continue;
        }
        int number = errno;
        sr_wipe(out, len);
        return put < 0 ? sr_fail_errno(err, number, "scratch file")
                       : sr_fail(err, SR_E_IO, "scratch file: ends too early");
    }
    return SR_OK;
}

void sr_fd_clear(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}
