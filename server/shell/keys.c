#include "keys.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

struct server_keys
{
    char *folder;
};

sr_result server_keys_open(server_keys **out, const char *folder, sr_err *err)
{
    struct stat status;
    *out = NULL;
    if (stat(folder, &status) != 0)
        return sr_fail_errno(err, errno, "key folder %s", folder);
    if (!S_ISDIR(status.st_mode))
        return sr_fail(err, SR_E_INVALID, "key folder %s: not a folder", folder);
    if (sr_file_check_private(folder, err) != SR_OK)
        return sr_fail_in(err, "key folder");
    *out = sr_alloc(sizeof **out);
    (*out)->folder = sr_text_copy(folder);
    return SR_OK;
}

void server_keys_free(server_keys *keys)
{
    if (keys == NULL)
        return;
    sr_free(keys->folder);
    sr_free(keys);
}

void server_keys_clear(server_keys **keys)
{
    server_keys_free(*keys);
    *keys = NULL;
}

static char *path_of(const server_keys *keys, const sr_uuid *collaboration)
{
    sr_uuid_text id = sr_uuid_print(collaboration);
    return sr_text_printf("%s/%s.key", keys->folder, id.text);
}

sr_result server_keys_make(const server_keys *keys, const sr_uuid *collaboration, sr_err *err)
{
    TOKEN_KEY(key);
    SR_TEXT(path);
    path = path_of(keys, collaboration);
    token_key_generate(&key);
    return sr_file_write(path, sr_slice_of(key.bytes, sizeof key.bytes), 0600, false, err);
}

void server_keys_forget(const server_keys *keys, const sr_uuid *collaboration)
{
    SR_TEXT(path);
    path = path_of(keys, collaboration);
    (void)unlink(path);
}

sr_result server_keys_load(token_key *out, const server_keys *keys, const sr_uuid *collaboration,
                           sr_err *err)
{
    SR_SECRET_BUF(bytes, TOKEN_KEY_SIZE);
    SR_TEXT(path);
    path = path_of(keys, collaboration);
    token_key_clear(out);
    if (sr_file_check_private(path, err) != SR_OK || sr_file_read(&bytes, path, err) != SR_OK)
    {
        err->code = SR_E_CORRUPT; /* the collaboration is there, so its key must be */
        return sr_fail_in(err, "server key");
    }
    if (bytes.len != sizeof out->bytes)
        return sr_fail(err, SR_E_CORRUPT, "server key: %s: not %d bytes", path, TOKEN_KEY_SIZE);
    sr_copy(out->bytes, bytes.data, sizeof out->bytes);
    return SR_OK;
}
