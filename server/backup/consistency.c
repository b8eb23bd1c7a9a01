#include "consistency.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "files.h"
#include "server/engine/engine.h"
#include "server/shell/keys.h"
#include "server/shell/serve.h"

enum
{
    PRIVATE_FOLDER = 0700,
};

/* ---- lines ----------------------------------------------------------------------------------- */

/* Takes the text. */
static void add_line(consistency_lines *lines, char *text)
{
    lines->lines =
        sr_array_grow(lines->lines, lines->count, lines->count + 1, sizeof *lines->lines);
    lines->lines[lines->count++] = text;
}

static void clear_lines(consistency_lines *lines)
{
    for (size_t i = 0; i < lines->count; i++)
        sr_free(lines->lines[i]);
    sr_free(lines->lines);
    *lines = (consistency_lines){.count = 0};
}

static void add_fault(consistency *seen, sr_err *err)
{
    add_line(&seen->faults, sr_text_copy(err->text));
    sr_err_reset(err);
}

void consistency_clear(consistency *seen)
{
    for (size_t i = 0; i < seen->room_count; i++)
        sr_free(seen->rooms[i].versions);
    sr_free(seen->rooms);
    clear_lines(&seen->faults);
    clear_lines(&seen->leftovers);
    *seen = (consistency){.room_count = 0};
}

sr_result consistency_judge(const consistency *seen, sr_err *err)
{
    if (seen->faults.count == 0)
        return SR_OK;
    return sr_fail(err, SR_E_CORRUPT, "%s", seen->faults.lines[0]);
}

char *consistency_engine_name(const sr_uuid *collaboration)
{
    sr_uuid_text id = sr_uuid_print(collaboration);
    return sr_text_printf("%s.duckdb", id.text);
}

char *consistency_key_name(const sr_uuid *collaboration)
{
    sr_uuid_text id = sr_uuid_print(collaboration);
    return sr_text_printf("%s.key", id.text);
}

/* ---- an engine's file ------------------------------------------------------------------------ */

/* What is open while one collaboration is looked at. */
typedef struct
{
    const consistency_places *places;
    consistency *seen;
    const consistency_room *room;
    engine *opened;
    engine_table *stored;
    size_t stored_count;
} looking;

static void looking_clear(looking *self)
{
    sr_free(self->stored);
    engine_clear(&self->opened);
}

static bool is_stored(const looking *self, const catalog_kept *wanted)
{
    for (size_t i = 0; i < self->stored_count; i++)
        if (self->stored[i].table == wanted->number && self->stored[i].version == wanted->version)
            return true;
    return false;
}

static bool is_kept(const consistency_room *room, engine_table stored)
{
    for (size_t i = 0; i < room->version_count; i++)
        if (room->versions[i].number == stored.table && room->versions[i].version == stored.version)
            return true;
    return false;
}

static sr_result read_count(uint64_t *out, engine_result *result, sr_err *err)
{
    engine_cell cells[2];
    SR_TEXT(digits);
    bool end = false;
    if (engine_result_next(result, cells, &end, err) != SR_OK)
        return SR_FAIL;
    if (end)
        return sr_fail(err, SR_E_INTERNAL, "the engine does not count");
    if (sr_slice_to_text(&digits, cells[0].bytes, err) != SR_OK)
        return SR_FAIL;
    char *rest = digits;
    *out = strtoull(digits, &rest, 10);
    if (rest == digits || *rest != '\0')
        return sr_fail(err, SR_E_INTERNAL, "the engine does not count");
    return SR_OK;
}

/* Without `read_rows` the engine answers from what it knows of the table; with it, each block is read and
 * its checksum compared. */
static sr_result count_rows(uint64_t *out, const looking *self, const catalog_kept *kept,
                            sr_err *err)
{
    engine_session *session SR_CLEANUP(engine_session_clear) = NULL;
    engine_result *result SR_CLEANUP(engine_result_clear) = NULL;
    SR_TEXT(sql);
    sql = sr_text_printf("SELECT count(*), %s FROM t%" PRIu64 "_v%" PRIu32 " AS r",
                         self->places->read_rows ? "CAST(bit_xor(hash(r)) AS VARCHAR)" : "''",
                         kept->number, kept->version);
    if (engine_session_new(&session, self->opened, err) != SR_OK ||
        engine_select(&result, session, sql, NULL, 0, err) != SR_OK)
        return SR_FAIL;
    return read_count(out, result, err);
}

static sr_result check_version(const looking *self, const catalog_kept *kept, sr_err *err)
{
    uint64_t rows = 0;
    if (!is_stored(self, kept))
        return sr_fail(err, SR_E_CORRUPT, "lacks version %" PRIu32 " of table \"%s\"",
                       kept->version, kept->table);
    if (count_rows(&rows, self, kept, err) != SR_OK)
        return sr_fail_in(err, "version %" PRIu32 " of table \"%s\"", kept->version, kept->table);
    if (rows != kept->rows)
        return sr_fail(err, SR_E_CORRUPT,
                       "version %" PRIu32 " of table \"%s\" has other rows than the catalog says",
                       kept->version, kept->table);
    return SR_OK;
}

static void note_leftovers(const looking *self, const char *file)
{
    size_t unknown = 0;
    for (size_t i = 0; i < self->stored_count; i++)
        unknown += !is_kept(self->room, self->stored[i]);
    if (unknown > 0)
        add_line(&self->seen->leftovers,
                 sr_text_printf("%s: %zu stored table%s that no query can see: a start drops %s",
                                file, unknown, unknown == 1 ? "" : "s",
                                unknown == 1 ? "it" : "them"));
}

static sr_result open_engine(looking *self, const char *file, sr_err *err)
{
    SR_TEXT(temp);
    temp = sr_path_join(self->places->scratch, "spill");
    engine_config config = {.file = file,
                            .temp_folder = temp,
                            .memory_limit = self->places->memory_limit,
                            .threads = self->places->threads,
                            .read_only = true};
    if (sr_file_check_private(file, err) != SR_OK ||
        engine_open(&self->opened, &config, err) != SR_OK)
        return SR_FAIL; /* both name the file */
    if (engine_tables(self->opened, &self->stored, &self->stored_count, err) != SR_OK)
        return sr_fail_in(err, "%s", file);
    return SR_OK;
}

static void check_engine(const consistency_places *places, consistency *seen,
                         consistency_room *room)
{
    looking self SR_CLEANUP(looking_clear) = {.places = places, .seen = seen, .room = room};
    SR_TEXT(name);
    SR_TEXT(file);
    sr_err err = SR_ERR_INIT;
    size_t before = seen->faults.count;
    name = consistency_engine_name(&room->id);
    file = sr_text_printf("%s/%s/%s", places->folder, CONSISTENCY_ENGINES, name);
    room->has_engine = sr_file_exists(file);
    if (!room->has_engine && room->version_count > 0 &&
        sr_fail(&err, SR_E_CORRUPT, "%s: the engine file is gone", file) != SR_OK)
        add_fault(seen, &err);
    if (room->has_engine && open_engine(&self, file, &err) != SR_OK)
        add_fault(seen, &err);
    for (size_t i = 0; self.opened != NULL && i < room->version_count; i++)
        if (check_version(&self, &room->versions[i], &err) != SR_OK &&
            sr_fail_in(&err, "%s", file) != SR_OK)
            add_fault(seen, &err);
    note_leftovers(&self, file);
    room->engine_fine = seen->faults.count == before;
}

/* ---- keys ------------------------------------------------------------------------------------ */

static void check_keys(const consistency_places *places, consistency *seen)
{
    server_keys *keys SR_CLEANUP(server_keys_clear) = NULL;
    sr_err err = SR_ERR_INIT;
    if (server_keys_open(&keys, places->keys, &err) != SR_OK)
    {
        add_fault(seen, &err);
        return;
    }
    for (size_t i = 0; i < seen->room_count; i++)
    {
        TOKEN_KEY(key);
        consistency_room *room = &seen->rooms[i];
        room->key_fine = server_keys_load(&key, keys, &room->id, &err) == SR_OK;
        if (room->key_fine)
            continue;
        (void)sr_fail_in(&err, "collaboration %s", room->name);
        add_fault(seen, &err);
    }
}

/* ---- files that nobody needs ----------------------------------------------------------------- */

static bool is_of_room(const consistency *seen, const char *name, const char *after)
{
    for (size_t i = 0; i < seen->room_count; i++)
    {
        SR_TEXT(wanted);
        sr_uuid_text id = sr_uuid_print(&seen->rooms[i].id);
        wanted = sr_text_printf("%s%s", id.text, after);
        if (strcmp(wanted, name) == 0)
            return true;
    }
    return false;
}

static sr_result note_strangers(consistency *seen, const char *folder, const char *ending,
                                sr_err *err)
{
    FILES_LISTING(inside);
    SR_TEXT(log);
    SR_TEXT(rewritten);
    log = sr_text_printf("%s.wal", ending);
    rewritten = sr_text_printf("%s.new", ending); /* an erasure that a crash ended: still owed */
    if (files_list(&inside, folder, err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < inside.count; i++)
        if (!is_of_room(seen, inside.names[i], ending) && !is_of_room(seen, inside.names[i], log) &&
            !is_of_room(seen, inside.names[i], rewritten))
            add_line(&seen->leftovers,
                     sr_text_printf("%s/%s: no collaboration's: a start leaves it alone", folder,
                                    inside.names[i]));
    return SR_OK;
}

/* What is not known here is in no backup, and its owner should hear of that. Lists of overlap sessions are known
 * and in none all the same: sessions end in a backup. */
static sr_result note_unknown(consistency *seen, const consistency_places *places, sr_err *err)
{
    static const char *const known[] = {"lock",   "catalog.sqlite", "catalog.sqlite-wal",
                                        "temp",   "engines",        "catalog.sqlite-shm",
                                        "overlap"};
    FILES_LISTING(inside);
    if (files_list(&inside, places->folder, err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < inside.count; i++)
    {
        SR_TEXT(path);
        bool is_known = false;
        path = sr_path_join(places->folder, inside.names[i]);
        for (size_t k = 0; k < sizeof known / sizeof known[0]; k++)
            is_known = is_known || strcmp(known[k], inside.names[i]) == 0;
        if (!is_known && !files_are_same(path, places->keys))
            add_line(&seen->leftovers,
                     sr_text_printf("%s: none of the server's: no backup has it", path));
    }
    return SR_OK;
}

static void note_unfinished(consistency *seen, uint64_t count, const char *what, const char *then)
{
    if (count > 0)
        add_line(&seen->leftovers,
                 sr_text_printf("the catalog: %" PRIu64 " unfinished %s%s: a start %s", count, what,
                                count == 1 ? "" : "s", then));
}

/* ---- the catalog ----------------------------------------------------------------------------- */

/* An error of the copy speaks of the copy; people know the original. */
static sr_result speak_of(const char *original, const char *copy, sr_err *err)
{
    SR_TEXT(reason);
    size_t len = strlen(copy);
    bool named = strncmp(err->text, copy, len) == 0 && strncmp(err->text + len, ": ", 2) == 0;
    reason = sr_text_copy(named ? err->text + len + 2 : err->text);
    return sr_fail(err, err->code, "%s: %s", original, reason);
}

sr_result consistency_copy_catalog(catalog_condition *condition, const char *to, const char *from,
                                   sr_err *err)
{
    SR_TEXT(log_from);
    SR_TEXT(log_to);
    files_content ignored;
    catalog_condition found;
    if (!sr_file_exists(from))
        return sr_fail(err, SR_E_NOT_FOUND, "%s: the catalog is not there", from);
    log_from = sr_text_printf("%s-wal", from);
    log_to = sr_text_printf("%s-wal", to);
    if (files_copy(&ignored, to, from, err) != SR_OK ||
        (sr_file_exists(log_from) && files_copy(&ignored, log_to, log_from, err) != SR_OK))
        return SR_FAIL;
    if (catalog_inspect(&found, to, err) != SR_OK)
        return speak_of(from, to, err);
    if (sr_file_exists(log_to))
        return sr_fail(err, SR_E_IO, "%s: its write-ahead log does not close", from);
    if (condition != NULL)
        *condition = found;
    return sr_path_sync(to, err);
}

static sr_result read_owed(consistency *seen, consistency_room *room, catalog *from, sr_err *err)
{
    catalog_version *owed = NULL;
    if (catalog_erasures(&owed, &room->owed, from, &room->id, err) != SR_OK)
        return SR_FAIL;
    sr_free(owed);
    if (room->owed > 0)
        add_line(&seen->leftovers,
                 sr_text_printf("collaboration %s: %zu deleted version%s still to be erased: the "
                                "first use does it",
                                room->name, room->owed, room->owed == 1 ? "" : "s"));
    return SR_OK;
}

static sr_result read_rooms(consistency *seen, catalog *from, sr_err *err)
{
    room_collaboration *all = NULL;
    size_t count = 0;
    sr_result result = catalog_collaboration_all(&all, &count, from, err);
    seen->rooms = sr_array(count, sizeof *seen->rooms);
    for (size_t i = 0; result == SR_OK && i < count; i++)
    {
        consistency_room *room = &seen->rooms[seen->room_count++];
        room->id = all[i].id;
        sr_copy(room->name, all[i].name, sizeof room->name);
        result = catalog_kept_list(&room->versions, &room->version_count, from, &room->id, err);
        if (result == SR_OK)
            result = read_owed(seen, room, from, err);
    }
    catalog_collaborations_free(all, count);
    return result;
}

static sr_result read_catalog(consistency *seen, const consistency_places *places, sr_err *err)
{
    CATALOG(opened);
    SR_TEXT(original);
    SR_TEXT(copy);
    original = serve_catalog_path(places->folder);
    copy = serve_catalog_path(places->scratch);
    if (consistency_copy_catalog(&seen->catalog, copy, original, err) != SR_OK ||
        sr_file_check_private(original, err) != SR_OK)
        return SR_FAIL;
    if (catalog_open(&opened, copy, err) != SR_OK || read_rooms(seen, opened, err) != SR_OK)
        return speak_of(original, copy, err);
    return SR_OK;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static sr_result look(consistency *seen, const consistency_places *places, sr_err *err)
{
    SR_TEXT(engines);
    if (read_catalog(seen, places, err) != SR_OK)
    {
        if (err->code == SR_E_FULL)
            return SR_FAIL; /* no space for the copy says nothing of the original */
        add_fault(seen, err);
        return SR_OK;
    }
    note_unfinished(seen, seen->catalog.uploads, "upload", "forgets it");
    note_unfinished(seen, seen->catalog.queries, "query", "calls it FAILED");
    engines = sr_path_join(places->folder, CONSISTENCY_ENGINES);
    for (size_t i = 0; i < seen->room_count; i++)
        check_engine(places, seen, &seen->rooms[i]);
    check_keys(places, seen);
    if (note_strangers(seen, engines, ".duckdb", err) != SR_OK ||
        note_strangers(seen, places->keys, ".key", err) != SR_OK)
        return SR_FAIL;
    return note_unknown(seen, places, err);
}

static void remove_scratch(const char *const *scratch)
{
    sr_err ignored = SR_ERR_INIT;
    if (sr_folder_remove(*scratch, &ignored) != SR_OK)
        sr_err_reset(&ignored);
}

sr_result consistency_look(consistency *out, const consistency_places *places, sr_err *err)
{
    CONSISTENCY(seen);
    const char *scratch SR_CLEANUP(remove_scratch) = places->scratch;
    *out = (consistency){.room_count = 0};
    if (sr_folder_remove(scratch, err) != SR_OK ||
        sr_folder_make(scratch, PRIVATE_FOLDER, err) != SR_OK || look(&seen, places, err) != SR_OK)
        return SR_FAIL;
    *out = seen;
    seen = (consistency){.room_count = 0};
    return SR_OK;
}

sr_json *consistency_json(const consistency *seen)
{
    sr_json *rooms = sr_json_array_new();
    for (size_t i = 0; i < seen->room_count; i++)
    {
        const consistency_room *room = &seen->rooms[i];
        sr_json *object = sr_json_object_new();
        sr_json *versions = sr_json_array_new();
        sr_uuid_text id = sr_uuid_print(&room->id);
        for (size_t k = 0; k < room->version_count; k++)
        {
            const catalog_kept *kept = &room->versions[k];
            sr_json *version = sr_json_object_new();
            sr_json_set_int(version, "number", (int64_t)kept->number);
            sr_json_set_text(version, "table", kept->table);
            sr_json_set_text(version, "owner", kept->owner);
            sr_json_set_int(version, "version", kept->version);
            sr_json_set_int(version, "rows", (int64_t)kept->rows);
            sr_json_add_take(versions, version);
        }
        sr_json_set_text(object, "id", id.text);
        sr_json_set_text(object, "name", room->name);
        sr_json_set_take(object, "versions", versions);
        sr_json_add_take(rooms, object);
    }
    return rooms;
}
