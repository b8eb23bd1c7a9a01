#include "revocation.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "log.h"

#define FIRST_LINE "# sealroom revocations 1\n"

enum
{
    LIST_MOST = 1024 * 1024,
    FINGERPRINT_LEN = 64,
};

struct revocation
{
    char *path;
    pthread_mutex_t mutex; /* over what follows */
    struct stat seen;      /* of the file as it was read */
    sr_buf list;           /* its bytes, of the right form; meaningless unless `usable` */
    bool usable;
    bool complained; /* of what makes it unusable now */
};

/* ---- the form -------------------------------------------------------------------------------- */

static bool is_fingerprint(sr_slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (memchr("0123456789abcdef", text.data[i], 16) == NULL)
            return false;
    return text.len == FINGERPRINT_LEN;
}

/* The next line without its newline; false at the end, and for a line without one. */
static bool next_line(sr_slice *line, sr_slice list, size_t *at)
{
    sr_slice rest = sr_slice_sub(list, *at, list.len - *at);
    const uint8_t *end = rest.len == 0 ? NULL : memchr(rest.data, '\n', rest.len);
    if (end == NULL)
        return false;
    *line = sr_slice_sub(rest, 0, (size_t)(end - rest.data));
    *at += line->len + 1;
    return true;
}

static sr_result judge(sr_slice list, const char *path, sr_err *err)
{
    size_t at = 0;
    sr_slice line;
    if (!sr_slice_starts_with_var(list, FIRST_LINE))
        return sr_fail(err, SR_E_FORMAT, "%s: no revocation list: it does not begin with \"%.*s\"",
                       path, (int)strlen(FIRST_LINE) - 1, FIRST_LINE);
    for (size_t number = 1; next_line(&line, list, &at); number++)
        if (line.len > 0 && line.data[0] != '#' && !is_fingerprint(line))
            return sr_fail(err, SR_E_FORMAT, "%s: line %zu: expected %d lower-case hex digits",
                           path, number, FINGERPRINT_LEN);
    if (at != list.len)
        return sr_fail(err, SR_E_FORMAT, "%s: the last line is cut short", path);
    return SR_OK;
}

static bool has(sr_slice list, const char *fingerprint)
{
    size_t at = 0;
    sr_slice line;
    while (next_line(&line, list, &at))
        if (sr_slice_is_text_var(line, fingerprint))
            return true;
    return false;
}

/* ---- the list of a server -------------------------------------------------------------------- */

revocation *revocation_new(const char *path)
{
    revocation *self = sr_alloc(sizeof *self);
    *self = (revocation){.path = sr_text_copy(path)};
    (void)pthread_mutex_init(&self->mutex, NULL);
    sr_buf_init(&self->list, LIST_MOST);
    return self;
}

void revocation_free(revocation *self)
{
    if (self == NULL)
        return;
    sr_free(self->path);
    sr_buf_clear(&self->list);
    (void)pthread_mutex_destroy(&self->mutex);
    sr_free(self);
}

static bool is_same_time(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           is_same_time(a->st_mtim, b->st_mtim) && is_same_time(a->st_ctim, b->st_ctim);
}

static sr_result read_again(revocation *self, sr_err *err)
{
    SR_FD(fd);
    self->usable = false;
    fd = open(self->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &self->seen) != 0)
        return sr_fail_errno(err, errno, "%s", self->path);
    if (!S_ISREG(self->seen.st_mode))
        return sr_fail(err, SR_E_FORMAT, "%s: not a file", self->path);
    if (sr_file_read_fd(&self->list, fd, self->path, err) != SR_OK)
        return SR_FAIL;
    return judge(sr_buf_view(&self->list), self->path, err);
}

/* An unusable list is tried anew at every call. */
static void refresh(revocation *self)
{
    sr_err err = SR_ERR_INIT;
    struct stat now;
    if (self->usable && stat(self->path, &now) == 0 && is_same(&now, &self->seen))
        return;
    self->usable = read_again(self, &err) == SR_OK;
    if (self->usable)
        log_event(LOG_INFO, "revocation_list_read", "file", self->path, NULL);
    else if (!self->complained)
        log_event(LOG_ERROR, "revocation_list_unusable", "why", err.text, "effect",
                  "every call is refused until it is repaired", NULL);
    self->complained = !self->usable;
}

sr_result revocation_check(revocation *self, const char *fingerprint, sr_err *err)
{
    (void)pthread_mutex_lock(&self->mutex);
    refresh(self);
    bool usable = self->usable;
    bool revoked = usable && has(sr_buf_view(&self->list), fingerprint);
    (void)pthread_mutex_unlock(&self->mutex);
    if (!usable)
        return sr_fail(err, SR_E_UNKNOWN_PEER,
                       "the server's revocation list cannot be read, so no certificate is let in; "
                       "tell whoever keeps the server");
    if (!is_fingerprint(sr_slice_text(fingerprint)))
        return sr_fail(err, SR_E_UNKNOWN_PEER, "there is no certificate");
    if (revoked)
        return sr_fail(err, SR_E_UNKNOWN_PEER,
                       "this certificate has been revoked; ask for a new one");
    return SR_OK;
}

/* ---- keeping the list ------------------------------------------------------------------------ */

sr_result revocation_list_make(const char *path, sr_err *err)
{
    return sr_file_write(path, sr_slice_text(FIRST_LINE), 0644, false, err);
}

sr_result revocation_list_add(const char *path, const char *fingerprint, sr_err *err)
{
    SR_BUF(list, LIST_MOST);
    if (!is_fingerprint(sr_slice_text(fingerprint)))
        return sr_fail(err, SR_E_INVALID,
                       "no fingerprint: expected SHA-256 as %d lower-case hex digits",
                       FINGERPRINT_LEN);
    if (!sr_file_exists(path) && revocation_list_make(path, err) != SR_OK)
        return SR_FAIL;
    if (sr_file_read(&list, path, err) != SR_OK || judge(sr_buf_view(&list), path, err) != SR_OK)
        return SR_FAIL;
    if (has(sr_buf_view(&list), fingerprint))
        return SR_OK;
    if (sr_buf_printf(&list, err, "%s\n", fingerprint) != SR_OK)
        return SR_FAIL;
    return sr_file_write(path, sr_buf_view(&list), 0644, true, err);
}
