/* Paths, folders and permissions. */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool sr_file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

sr_result sr_file_check_private(const char *path, sr_err *err)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return sr_fail_errno(err, errno, "%s", path);
    if (status.st_uid != geteuid() && status.st_uid != 0)
        return sr_fail(err, SR_E_SECRET, "%s: belongs to another user", path);
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return sr_fail(err, SR_E_SECRET, "%s: others may open it; run: chmod go= '%s'", path, path);
    return SR_OK;
}

/* ---- on the disk ----------------------------------------------------------------------------- */

/* EINVAL: a file system that has nothing to bring there. */
sr_result sr_path_sync(const char *path, sr_err *err)
{
    SR_FD(fd);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || (fsync(fd) != 0 && errno != EINVAL))
        return sr_fail_errno(err, errno, "%s", path);
    return SR_OK;
}

sr_result sr_file_move(const char *from, const char *to, sr_err *err)
{
    SR_TEXT(old_folder);
    SR_TEXT(new_folder);
    old_folder = sr_path_folder(from);
    new_folder = sr_path_folder(to);
    if (rename(from, to) != 0)
        return sr_fail_errno(err, errno, "%s", to);
    if (sr_path_sync(new_folder, err) != SR_OK)
        return SR_FAIL;
    return strcmp(old_folder, new_folder) == 0 ? SR_OK : sr_path_sync(old_folder, err);
}

/* ---- folders --------------------------------------------------------------------------------- */

static sr_result make_one(const char *path, mode_t mode, sr_err *err)
{
    struct stat status;
    if (mkdir(path, mode) == 0)
        return SR_OK;
    int number = errno;
    if (number == EEXIST && stat(path, &status) == 0 && S_ISDIR(status.st_mode))
        return SR_OK;
    return sr_fail_errno(err, number, "%s", path);
}

sr_result sr_folder_make(const char *path, unsigned mode, sr_err *err)
{
    SR_TEXT(part);
    part = sr_text_copy(path);
    for (char *at = part; *at != '\0'; at++)
    {
        if (*at != '/' || at == part)
            continue;
        *at = '\0';
        if (make_one(part, (mode_t)mode, err) != SR_OK)
            return SR_FAIL;
        *at = '/';
    }
    return make_one(part, (mode_t)mode, err);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    return remove(path);
}

sr_result sr_folder_remove(const char *path, sr_err *err)
{
    enum
    {
        OPEN_FOLDERS = 16
    };
    if (nftw(path, remove_one, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS) == 0 || errno == ENOENT)
        return SR_OK;
    return sr_fail_errno(err, errno, "%s", path);
}

/* ---- paths ----------------------------------------------------------------------------------- */

char *sr_path_join(const char *folder, const char *name)
{
    size_t len = strlen(folder);
    if (name[0] == '/' || len == 0)
        return sr_text_copy(name);
    return sr_text_printf("%s%s%s", folder, folder[len - 1] == '/' ? "" : "/", name);
}

char *sr_path_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return sr_text_copy(".");
    size_t len = (size_t)(slash - path);
    return sr_text_printf("%.*s", len == 0 ? 1 : (int)len, path);
}

const char *sr_path_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}
