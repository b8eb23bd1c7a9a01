#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "backup.h"
#include "base/file.h"
#include "files.h"
#include "server/shell/lock.h"
#include "server/shell/serve.h"

enum
{
    PRIVATE_FOLDER = 0700,
    ROOMS_MOST = 16 * 1024 * 1024, /* bytes of JSON */
};

typedef struct
{
    const backup_request *request;
    const server_config *config;
    const char *keys_from; /* NULL: inside of the backup */
    inventory about;
    char *stage;     /* DATA/restore.partial */
    char *key_stage; /* KEYS/restore.partial */
    bool is_staging; /* both are ours to remove */
} restoring;

static void remove_folder(const char *folder)
{
    sr_err ignored = SR_ERR_INIT;
    if (sr_folder_remove(folder, &ignored) != SR_OK)
        sr_err_reset(&ignored); /* the next run does it */
}

/* After a failure while copying both folders are as they were; one while moving is for the next run. */
static void restoring_clear(restoring *self)
{
    if (self->is_staging)
    {
        remove_folder(self->key_stage);
        remove_folder(self->stage);
    }
    sr_free(self->stage);
    sr_free(self->key_stage);
    inventory_clear(&self->about);
}

/* ---- the backup ------------------------------------------------------------------------------ */

static sr_result read_manifest(restoring *self, sr_err *err)
{
    const backup_request *request = self->request;
    if (inventory_read(&self->about, request->folder, err) != SR_OK)
        return SR_FAIL;
    if (self->about.keys_apart && request->keys == NULL)
        return sr_fail(err, SR_E_USAGE,
                       "%s: its keys lie apart: name their folder with --keys FOLDER",
                       request->folder);
    if (!self->about.keys_apart && request->keys != NULL)
        return sr_fail(err, SR_E_USAGE, "%s: has its keys inside: leave out --keys",
                       request->folder);
    self->keys_from = request->keys;
    return SR_OK;
}

static char *path_in_backup(const restoring *self, const char *name)
{
    return inventory_path(self->request->folder, self->keys_from, name);
}

static sr_result compare(const files_content *seen, const inventory_file *wanted, const char *path,
                         sr_err *err)
{
    if (files_content_equal(seen, &wanted->content))
        return SR_OK;
    return sr_fail(err, SR_E_CORRUPT, "%s: damaged: not the bytes that the manifest tells of",
                   path);
}

static sr_result verify_file(const restoring *self, const inventory_file *wanted, sr_err *err)
{
    SR_TEXT(path);
    files_content seen;
    path = path_in_backup(self, wanted->name);
    if (!sr_file_exists(path))
        return sr_fail(err, SR_E_NOT_FOUND, "%s: is missing from the backup", path);
    if (files_read(&seen, path, err) != SR_OK)
        return SR_FAIL;
    return compare(&seen, wanted, path, err);
}

static bool is_known(const restoring *self, const char *name)
{
    for (size_t i = 0; i < self->about.file_count; i++)
        if (strcmp(self->about.files[i].name, name) == 0)
            return true;
    return false;
}

/* `prefix`: what the manifest puts before a name of this folder, or "". */
static sr_result refuse_strangers(const restoring *self, const char *folder, const char *prefix,
                                  sr_err *err)
{
    FILES_LISTING(inside);
    bool is_top = prefix[0] == '\0';
    if (files_list(&inside, folder, err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < inside.count; i++)
    {
        SR_TEXT(name);
        name = sr_path_join(prefix, inside.names[i]);
        bool is_part = is_top && (strcmp(name, INVENTORY_NAME) == 0 ||
                                  strcmp(name, CONSISTENCY_ENGINES) == 0 ||
                                  (self->keys_from == NULL && strcmp(name, INVENTORY_KEYS) == 0));
        if (!is_part && !is_known(self, name))
            return sr_fail(err, SR_E_CORRUPT, "%s/%s: does not belong to the backup", folder,
                           inside.names[i]);
    }
    return SR_OK;
}

static sr_result verify(const restoring *self, sr_err *err)
{
    SR_TEXT(engines);
    SR_TEXT(keys);
    engines = sr_path_join(self->request->folder, CONSISTENCY_ENGINES);
    keys = self->keys_from == NULL ? sr_path_join(self->request->folder, INVENTORY_KEYS)
                                   : sr_text_copy(self->keys_from);
    for (size_t i = 0; i < self->about.file_count; i++)
        if (verify_file(self, &self->about.files[i], err) != SR_OK)
            return SR_FAIL;
    if (refuse_strangers(self, self->request->folder, "", err) != SR_OK ||
        refuse_strangers(self, engines, CONSISTENCY_ENGINES, err) != SR_OK)
        return SR_FAIL;
    return refuse_strangers(self, keys, INVENTORY_KEYS, err);
}

/* ---- where it goes --------------------------------------------------------------------------- */

static sr_result refuse_data(const restoring *self, sr_err *err)
{
    FILES_LISTING(inside);
    const char *folder = self->config->data_folder;
    if (files_list(&inside, folder, err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < inside.count; i++)
    {
        SR_TEXT(path);
        path = sr_path_join(folder, inside.names[i]);
        if (strcmp(inside.names[i], "lock") != 0 && !files_are_same(path, self->config->key_folder))
            return sr_fail(err, SR_E_EXISTS,
                           "%s: the data folder holds something already; restore into an empty one",
                           path);
    }
    return SR_OK;
}

static const inventory_file *find_key(const restoring *self, const char *file)
{
    SR_TEXT(name);
    name = sr_path_join(INVENTORY_KEYS, file);
    for (size_t i = 0; i < self->about.file_count; i++)
        if (strcmp(self->about.files[i].name, name) == 0)
            return &self->about.files[i];
    return NULL;
}

/* Keys on a device that survived are welcome, if they are the same. */
static sr_result refuse_keys(const restoring *self, sr_err *err)
{
    FILES_LISTING(inside);
    const char *folder = self->config->key_folder;
    if (files_list(&inside, folder, err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < inside.count; i++)
    {
        SR_TEXT(path);
        files_content seen;
        const inventory_file *same = find_key(self, inside.names[i]);
        path = sr_path_join(folder, inside.names[i]);
        if (strcmp(inside.names[i], LOCK_UNFINISHED_RESTORE) == 0)
            continue;
        if (same == NULL || files_read(&seen, path, err) != SR_OK ||
            !files_content_equal(&seen, &same->content))
            return sr_fail(err, SR_E_EXISTS,
                           "%s: the key folder holds something else than this backup's keys; move "
                           "it away",
                           path);
    }
    return SR_OK;
}

/* The folder was empty when that restore began, and nobody could use it since: what is there is its own. */
static sr_result forget_unfinished(const restoring *self, sr_err *err)
{
    SR_TEXT(file);
    SR_TEXT(engines);
    if (!sr_file_exists(self->stage))
        return SR_OK;
    file = serve_catalog_path(self->config->data_folder);
    engines = sr_path_join(self->config->data_folder, CONSISTENCY_ENGINES);
    if (unlink(file) != 0 && errno != ENOENT)
        return sr_fail_errno(err, errno, "%s", file);
    if (sr_folder_remove(engines, err) != SR_OK || sr_folder_remove(self->key_stage, err) != SR_OK)
        return SR_FAIL;
    return sr_folder_remove(self->stage, err);
}

static sr_result claim(restoring *self, int *lock, sr_err *err)
{
    const server_config *config = self->config;
    self->stage = sr_path_join(config->data_folder, LOCK_UNFINISHED_RESTORE);
    self->key_stage = sr_path_join(config->key_folder, LOCK_UNFINISHED_RESTORE);
    if (lock_take_for_restore(lock, config->data_folder, err) != SR_OK)
        return err->code == SR_E_STATE ? sr_fail_in(err, "stop the server first") : SR_FAIL;
    if (forget_unfinished(self, err) != SR_OK || refuse_data(self, err) != SR_OK ||
        refuse_keys(self, err) != SR_OK)
        return SR_FAIL;
    if (sr_folder_make(config->key_folder, PRIVATE_FOLDER, err) != SR_OK)
        return SR_FAIL;
    return sr_file_check_private(config->key_folder, err);
}

/* ---- copying --------------------------------------------------------------------------------- */

/* The digest again: of what was read now, not a while ago. */
static sr_result stage_file(const restoring *self, const inventory_file *file, sr_err *err)
{
    SR_TEXT(from);
    SR_TEXT(to);
    files_content copied;
    from = path_in_backup(self, file->name);
    to = inventory_path(self->stage, self->key_stage, file->name);
    if (files_copy(&copied, to, from, err) != SR_OK)
        return SR_FAIL;
    return compare(&copied, file, from, err);
}

static sr_result stage(restoring *self, sr_err *err)
{
    SR_TEXT(engines);
    engines = sr_path_join(self->stage, CONSISTENCY_ENGINES);
    self->is_staging = true;
    if (sr_folder_make(engines, PRIVATE_FOLDER, err) != SR_OK ||
        sr_path_sync(self->config->data_folder, err) != SR_OK ||
        sr_folder_remove(self->key_stage, err) != SR_OK ||
        sr_folder_make(self->key_stage, PRIVATE_FOLDER, err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < self->about.file_count; i++)
        if (stage_file(self, &self->about.files[i], err) != SR_OK)
            return SR_FAIL;
    return SR_OK;
}

static sr_result compare_rooms(const restoring *self, const consistency *seen, sr_err *err)
{
    SR_BUF(told, ROOMS_MOST);
    SR_BUF(found, ROOMS_MOST);
    SR_JSON(rooms);
    rooms = consistency_json(seen);
    if (sr_json_write_canonical(self->about.collaborations, &told, err) != SR_OK ||
        sr_json_write_canonical(rooms, &found, err) != SR_OK)
        return SR_FAIL;
    if (sr_slice_equal_var(sr_buf_view(&told), sr_buf_view(&found)))
        return SR_OK;
    return sr_fail(err, SR_E_CORRUPT, "%s: its manifest tells of other tables than its catalog",
                   self->request->folder);
}

static sr_result check_stage(const restoring *self, sr_err *err)
{
    CONSISTENCY(seen);
    if (backup_look(&seen, self->config, self->stage, self->key_stage, true, err) != SR_OK)
        return SR_FAIL;
    if (consistency_judge(&seen, err) != SR_OK)
        return sr_fail_in(err, "%s: not consistent", self->request->folder);
    return compare_rooms(self, &seen, err);
}

/* ---- into place ------------------------------------------------------------------------------ */

static sr_result move_key(const restoring *self, const inventory_file *file, sr_err *err)
{
    SR_TEXT(from);
    SR_TEXT(to);
    from = inventory_path(self->stage, self->key_stage, file->name);
    to = inventory_path(self->stage, self->config->key_folder, file->name);
    if (sr_file_exists(to)) /* the same: refuse_keys */
        return SR_OK;
    return files_move(from, to, err);
}

static sr_result move_part(const restoring *self, const char *name, sr_err *err)
{
    SR_TEXT(from);
    SR_TEXT(to);
    from = sr_path_join(self->stage, name);
    to = sr_path_join(self->config->data_folder, name);
    return files_move(from, to, err);
}

/* Until the stage is gone, no server takes what is there for whole. */
static sr_result move_all(restoring *self, sr_err *err)
{
    self->is_staging = false;
    for (size_t i = 0; i < self->about.file_count; i++)
        if (inventory_is_key(self->about.files[i].name) &&
            move_key(self, &self->about.files[i], err) != SR_OK)
            return SR_FAIL;
    if (sr_folder_remove(self->key_stage, err) != SR_OK ||
        move_part(self, CONSISTENCY_ENGINES, err) != SR_OK ||
        move_part(self, INVENTORY_CATALOG, err) != SR_OK ||
        sr_folder_remove(self->stage, err) != SR_OK)
        return SR_FAIL;
    return sr_path_sync(self->config->data_folder, err);
}

sr_result backup_restore(inventory *out, const backup_request *request, sr_err *err)
{
    SR_FD(lock);
    restoring self SR_CLEANUP(restoring_clear) = {.request = request, .config = request->config};
    *out = (inventory){.file_count = 0};
    if (read_manifest(&self, err) != SR_OK || verify(&self, err) != SR_OK ||
        claim(&self, &lock, err) != SR_OK || stage(&self, err) != SR_OK ||
        check_stage(&self, err) != SR_OK || move_all(&self, err) != SR_OK)
        return SR_FAIL;
    *out = self.about;
    self.about = (inventory){.file_count = 0};
    return SR_OK;
}
