#include "backup.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "files.h"
#include "server/engine/engine.h"
#include "server/overlap/sessions.h"
#include "server/shell/lock.h"
#include "server/shell/serve.h"
#include "server/shell/version.h"

#define TEMP "temp" /* the engine pool spills there too, so a data folder has it */
#define SCRATCH TEMP "/check"

enum
{
    PRIVATE_FOLDER = 0700,
};

/* What grows. */
typedef struct
{
    const backup_request *request;
    const server_config *config;
    files_growing data;
    files_growing keys; /* unused while the keys go into `data` */
    char *key_folder;   /* where this backup's keys go for now */
    consistency seen;   /* the source */
    inventory about;
} backing;

static void backing_clear(backing *self)
{
    files_drop_folder(&self->data);
    files_drop_folder(&self->keys);
    sr_free(self->key_folder);
    consistency_clear(&self->seen);
    inventory_clear(&self->about);
}

/* ---- the source ------------------------------------------------------------------------------ */

sr_result backup_lock(int *lock, const server_config *config, sr_err *err)
{
    SR_TEXT(unfinished);
    *lock = -1;
    unfinished = sr_path_join(config->data_folder, LOCK_UNFINISHED_RESTORE);
    if (!sr_file_exists(config->data_folder))
        return sr_fail(err, SR_E_NOT_FOUND, "%s: nothing is stored yet", config->data_folder);
    if (lock_take(lock, config->data_folder, err) == SR_OK)
        return SR_OK;
    return err->code == SR_E_STATE && !sr_file_exists(unfinished)
               ? sr_fail_in(err, "stop the server first")
               : SR_FAIL;
}

sr_result backup_look(consistency *out, const server_config *config, const char *folder,
                      const char *keys, bool read_rows, sr_err *err)
{
    SR_TEXT(scratch);
    scratch = sr_path_join(folder, SCRATCH);
    consistency_places places = {
        .folder = folder,
        .keys = keys,
        .scratch = scratch,
        .memory_limit = config->memory_limit,
        .threads = (unsigned)config->threads,
        .read_rows = read_rows,
    };
    return consistency_look(out, &places, err);
}

/* ---- folders --------------------------------------------------------------------------------- */

/* `inner` need not be there yet: whatever folder it is to lie in is. */
static bool lies_in(const char *inner, const char *outer)
{
    SR_TEXT(here);
    SR_TEXT(at);
    here = getcwd(NULL, 0);
    at = sr_path_join(here == NULL ? "." : here, inner);
    for (;;)
    {
        if (files_are_same(at, outer))
            return true;
        char *above = sr_path_folder(at);
        bool end = strcmp(above, at) == 0;
        sr_free(at);
        at = above;
        if (end)
            return false;
    }
}

static sr_result check_place(const backing *self, const char *option, const char *folder,
                             sr_err *err)
{
    if (lies_in(folder, self->config->data_folder))
        return sr_fail(err, SR_E_USAGE, "%s: %s lies inside the data folder", option, folder);
    if (lies_in(folder, self->config->key_folder))
        return sr_fail(err, SR_E_USAGE, "%s: %s lies inside the key folder", option, folder);
    return SR_OK;
}

static sr_result check_places(const backing *self, sr_err *err)
{
    const char *keys = self->request->keys;
    const char *folder = self->request->folder;
    size_t len = strlen(folder);
    if (check_place(self, "--to", folder, err) != SR_OK)
        return SR_FAIL;
    if (keys == NULL)
        return SR_OK;
    if (strncmp(keys, folder, len) == 0 &&
        (keys[len] == '\0' || keys[len] == '/' || folder[len - 1] == '/'))
        return sr_fail(err, SR_E_USAGE,
                       "--keys lies inside --to; without --keys the keys go there");
    return check_place(self, "--keys", keys, err);
}

static sr_result make_inside(char **out, const backing *self, const char *name, sr_err *err)
{
    *out = sr_path_join(self->data.partial, name);
    return sr_folder_make(*out, PRIVATE_FOLDER, err);
}

static sr_result begin(backing *self, sr_err *err)
{
    SR_TEXT(engines);
    if (files_begin_folder(&self->data, self->request->folder, err) != SR_OK ||
        make_inside(&engines, self, CONSISTENCY_ENGINES, err) != SR_OK)
        return SR_FAIL;
    if (self->request->keys == NULL)
        return make_inside(&self->key_folder, self, INVENTORY_KEYS, err);
    if (files_begin_folder(&self->keys, self->request->keys, err) != SR_OK)
        return SR_FAIL;
    self->key_folder = sr_text_copy(self->keys.partial);
    return SR_OK;
}

/* ---- copying --------------------------------------------------------------------------------- */

/* Opening replays the write-ahead log, closing writes the file's final form. */
static sr_result close_log(const engine_config *config, const char *log, sr_err *err)
{
    engine *opened SR_CLEANUP(engine_clear) = NULL;
    if (engine_open(&opened, config, err) != SR_OK)
        return SR_FAIL;
    engine_clear(&opened);
    if (sr_file_exists(log))
        return sr_fail(err, SR_E_IO, "%s: does not close", log);
    return sr_path_sync(config->file, err);
}

/* What members deleted and a crash kept from being erased must not live on in a backup. */
static sr_result erase_owed(const engine_config *config, const consistency_room *room, sr_err *err)
{
    if (room->owed == 0)
        return SR_OK;
    engine_table *keep = sr_array(room->version_count, sizeof *keep);
    for (size_t i = 0; i < room->version_count; i++)
        keep[i] = (engine_table){room->versions[i].number, room->versions[i].version};
    sr_result result = engine_rewrite(config, keep, room->version_count, err);
    sr_free(keep);
    return result;
}

static sr_result finish_engine(const backing *self, const consistency_room *room, const char *file,
                               const char *log, sr_err *err)
{
    SR_TEXT(spill);
    spill = sr_path_join(self->data.partial, SCRATCH "/spill");
    engine_config config = {.file = file,
                            .temp_folder = spill,
                            .memory_limit = self->config->memory_limit,
                            .threads = (unsigned)self->config->threads};
    if (sr_file_exists(log) && close_log(&config, log, err) != SR_OK)
        return SR_FAIL;
    return erase_owed(&config, room, err);
}

static sr_result copy_engine(const backing *self, const consistency_room *room, sr_err *err)
{
    SR_TEXT(name);
    SR_TEXT(from);
    SR_TEXT(to);
    SR_TEXT(log_from);
    SR_TEXT(log_to);
    SR_TEXT(id);
    files_content ignored;
    if (!room->has_engine)
        return SR_OK;
    id = consistency_engine_name(&room->id);
    name = sr_path_join(CONSISTENCY_ENGINES, id);
    from = sr_path_join(self->config->data_folder, name);
    to = sr_path_join(self->data.partial, name);
    log_from = sr_text_printf("%s.wal", from);
    log_to = sr_text_printf("%s.wal", to);
    if (files_copy(&ignored, to, from, err) != SR_OK ||
        (sr_file_exists(log_from) && files_copy(&ignored, log_to, log_from, err) != SR_OK))
        return SR_FAIL;
    return finish_engine(self, room, to, log_to, err);
}

static sr_result copy_key(const backing *self, const consistency_room *room, sr_err *err)
{
    SR_TEXT(name);
    SR_TEXT(from);
    SR_TEXT(to);
    files_content ignored;
    name = consistency_key_name(&room->id);
    from = sr_path_join(self->config->key_folder, name);
    to = sr_path_join(self->key_folder, name);
    return files_copy(&ignored, to, from, err);
}

/* A session's scalars and shares are wiped when it is over; a backup that kept them would undo that. What a
 * start does to the catalog (its newest form, nothing unfinished) is done to the copy on the way. */
static sr_result end_sessions(const char *copy, sr_err *err)
{
    CATALOG(opened);
    size_t ended = 0;
    if (catalog_open(&opened, copy, err) != SR_OK ||
        overlap_expire(&ended, opened, INT64_MAX, err) != SR_OK)
        return SR_FAIL;
    catalog_clear(&opened);
    return sr_path_sync(copy, err);
}

static sr_result copy_all(backing *self, sr_err *err)
{
    SR_TEXT(from);
    SR_TEXT(to);
    from = serve_catalog_path(self->config->data_folder);
    to = sr_path_join(self->data.partial, INVENTORY_CATALOG);
    if (consistency_copy_catalog(NULL, to, from, err) != SR_OK || end_sessions(to, err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < self->seen.room_count; i++)
        if (copy_engine(self, &self->seen.rooms[i], err) != SR_OK ||
            copy_key(self, &self->seen.rooms[i], err) != SR_OK)
            return SR_FAIL;
    return SR_OK;
}

/* What was written, not what was read: every row of it. */
static sr_result check_copy(const backing *self, sr_err *err)
{
    CONSISTENCY(copy);
    SR_TEXT(temp);
    temp = sr_path_join(self->data.partial, TEMP);
    if (backup_look(&copy, self->config, self->data.partial, self->key_folder, true, err) !=
            SR_OK ||
        consistency_judge(&copy, err) != SR_OK)
        return sr_fail_in(err, "the copy");
    return sr_folder_remove(temp, err);
}

/* ---- the manifest ---------------------------------------------------------------------------- */

/* Takes the name. */
static sr_result list_file(backing *self, char *name, sr_err *err)
{
    SR_TEXT(path);
    char *taken SR_CLEANUP(sr_text_clear) = name;
    const char *keys = self->request->keys == NULL ? NULL : self->key_folder;
    files_content content;
    path = inventory_path(self->data.partial, keys, taken);
    if (files_read(&content, path, err) != SR_OK)
        return SR_FAIL;
    inventory_add(&self->about, taken, &content);
    return SR_OK;
}

static sr_result list_room(backing *self, const consistency_room *room, sr_err *err)
{
    SR_TEXT(engine_name);
    SR_TEXT(key_name);
    engine_name = consistency_engine_name(&room->id);
    key_name = consistency_key_name(&room->id);
    if (room->has_engine &&
        list_file(self, sr_path_join(CONSISTENCY_ENGINES, engine_name), err) != SR_OK)
        return SR_FAIL;
    return list_file(self, sr_path_join(INVENTORY_KEYS, key_name), err);
}

static sr_result write_manifest(backing *self, sr_err *err)
{
    SR_TEXT(engines);
    sr_time_text now = sr_time_print(sr_now_us());
    engines = sr_path_join(self->data.partial, CONSISTENCY_ENGINES);
    self->about.time = sr_text_copy(now.text);
    self->about.program = sr_text_copy(SEALROOM_VERSION);
    self->about.catalog_version = self->seen.catalog.newest; /* end_sessions */
    self->about.keys_apart = self->request->keys != NULL;
    self->about.collaborations = consistency_json(&self->seen);
    if (list_file(self, sr_text_copy(INVENTORY_CATALOG), err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < self->seen.room_count; i++)
        if (list_room(self, &self->seen.rooms[i], err) != SR_OK)
            return SR_FAIL;
    if (sr_path_sync(engines, err) != SR_OK || sr_path_sync(self->key_folder, err) != SR_OK)
        return SR_FAIL;
    return inventory_write(&self->about, self->data.partial, err);
}

/* ---- the whole ------------------------------------------------------------------------------- */

static sr_result check_source(backing *self, sr_err *err)
{
    const server_config *config = self->config;
    if (backup_look(&self->seen, config, config->data_folder, config->key_folder, false, err) !=
        SR_OK)
        return SR_FAIL;
    if (consistency_judge(&self->seen, err) != SR_OK)
        return sr_fail_in(err, "what is stored is not consistent (`sealroomd check` tells all)");
    return SR_OK;
}

sr_result backup_make(inventory *out, const backup_request *request, sr_err *err)
{
    SR_FD(lock);
    backing self SR_CLEANUP(backing_clear) = {
        .request = request, .config = request->config, .data.lock = -1, .keys.lock = -1};
    *out = (inventory){.file_count = 0};
    if (backup_lock(&lock, request->config, err) != SR_OK || check_places(&self, err) != SR_OK ||
        check_source(&self, err) != SR_OK || begin(&self, err) != SR_OK ||
        copy_all(&self, err) != SR_OK || check_copy(&self, err) != SR_OK ||
        write_manifest(&self, err) != SR_OK)
        return SR_FAIL;
    /* The folder with the manifest is what counts as a backup: it comes last. */
    if ((request->keys != NULL && files_finish_folder(&self.keys, err) != SR_OK) ||
        files_finish_folder(&self.data, err) != SR_OK)
        return SR_FAIL;
    *out = self.about;
    self.about = (inventory){.file_count = 0};
    return SR_OK;
}
