#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"

enum
{
    NUMBER_MOST = 32,
};

/* 0: the file does not say, perhaps because its holder is just about to. */
static long read_holder(int fd)
{
    char text[NUMBER_MOST] = "";
    ssize_t got = pread(fd, text, sizeof text - 1, 0);
    return got <= 0 ? 0 : strtol(text, NULL, 10);
}

/* Only for a message, so that a failure is no failure. */
static void write_holder(int fd)
{
    SR_TEXT(text);
    sr_err ignored = SR_ERR_INIT;
    text = sr_text_printf("%ld\n", (long)getpid());
    if (ftruncate(fd, 0) != 0 || sr_fd_write_at(fd, 0, sr_slice_text(text), &ignored) != SR_OK)
        sr_err_reset(&ignored);
}

static sr_result refuse(int fd, const char *data_folder, sr_err *err)
{
    long holder = read_holder(fd);
    if (holder > 0)
        return sr_fail(err, SR_E_STATE, "%s: another sealroomd uses this data folder (process %ld)",
                       data_folder, holder);
    return sr_fail(err, SR_E_STATE, "%s: another sealroomd uses this data folder", data_folder);
}

static sr_result hold(int fd, const char *data_folder, sr_err *err)
{
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
    {
        write_holder(fd);
        return SR_OK;
    }
    return errno == EWOULDBLOCK ? refuse(fd, data_folder, err)
                                : sr_fail_errno(err, errno, "%s: cannot be locked", data_folder);
}

sr_result lock_take_for_restore(int *fd, const char *data_folder, sr_err *err)
{
    SR_TEXT(path);
    *fd = -1;
    if (sr_folder_make(data_folder, 0700, err) != SR_OK ||
        sr_file_check_private(data_folder, err) != SR_OK)
        return SR_FAIL;
    path = sr_path_join(data_folder, "lock");
    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (*fd < 0)
        return sr_fail_errno(err, errno, "%s", path);
    if (hold(*fd, data_folder, err) == SR_OK)
        return SR_OK;
    sr_fd_clear(fd);
    return SR_FAIL;
}

sr_result lock_take(int *fd, const char *data_folder, sr_err *err)
{
    SR_TEXT(unfinished);
    if (lock_take_for_restore(fd, data_folder, err) != SR_OK)
        return SR_FAIL;
    unfinished = sr_path_join(data_folder, LOCK_UNFINISHED_RESTORE);
    if (!sr_file_exists(unfinished))
        return SR_OK;
    sr_fd_clear(fd);
    return sr_fail(err, SR_E_STATE, "%s: a restore did not finish here: run it again", data_folder);
}
