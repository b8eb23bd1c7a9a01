#include "place.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

enum
{
    TEXT_MOST = 1024 * 1024,
};

int place_make(void **state)
{
    char folder[] = "/tmp/sealroom-shell-XXXXXX";
    if (mkdtemp(folder) == NULL || chdir(folder) != 0)
        return -1;
    *state = sr_text_copy(folder);
    return 0;
}

int place_remove(void **state)
{
    sr_err err = SR_ERR_INIT;
    char *folder = *state;
    bool gone = chdir("/") == 0 && sr_folder_remove(folder, &err) == SR_OK;
    sr_free(folder);
    return gone ? 0 : -1;
}

void place_write(const char *path, const char *text, unsigned mode)
{
    sr_err err = SR_ERR_INIT;
    check_ok(sr_file_write(path, sr_slice_text(text), mode, true, &err), &err);
}

char *place_read(const char *path)
{
    SR_BUF(bytes, TEXT_MOST);
    sr_err err = SR_ERR_INIT;
    char *text = NULL;
    check_ok(sr_file_read(&bytes, path, &err), &err);
    check_ok(sr_buf_take_text(&text, &bytes, &err), &err);
    return text;
}

unsigned place_mode(const char *path)
{
    struct stat status;
    check(stat(path, &status) == 0);
    return status.st_mode & 07777u;
}

int place_run(const char *command)
{
    SR_TEXT(quiet);
    quiet = sr_text_printf("( %s ) >/dev/null 2>&1", command);
    int status = system(quiet);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
