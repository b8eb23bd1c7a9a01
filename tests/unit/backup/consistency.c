/* A catalog, an engine's file and a key that fit, and each way in which they can stop to. */
#include "server/backup/consistency.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "server/audit/audit.h"
#include "store.h"

static void look(consistency *out, store *self)
{
    SR_TEXT(scratch);
    sr_err err = SR_ERR_INIT;
    scratch = sr_path_join(self->room.folder, "temp/check");
    consistency_places places = {.folder = self->room.folder,
                                 .keys = self->keys,
                                 .scratch = scratch,
                                 .memory_limit = STORE_MEMORY,
                                 .threads = 1,
                                 .read_rows = true};
    fixture_close(&self->room);
    check_ok(consistency_look(out, &places, &err), &err);
    check(!sr_file_exists(scratch));
}

/* One fault, which says all of this. */
static void check_fault(store *self, const char *subject, const char *words)
{
    CONSISTENCY(seen);
    sr_err err = SR_ERR_INIT;
    look(&seen, self);
    check_int(seen.faults.count, 1);
    check_fails(consistency_judge(&seen, &err), &err, SR_E_CORRUPT);
    check_error_says(&err, subject);
    check_error_says(&err, words);
}

static void what_a_server_left_is_consistent(void **state)
{
    CONSISTENCY(seen);
    SR_JSON(told);
    sr_err err = SR_ERR_INIT;
    (void)state;
    STORE(stopped);
    look(&seen, &stopped);
    check_ok(consistency_judge(&seen, &err), &err);
    check_int(seen.leftovers.count, 0);
    check_int(seen.catalog.version, seen.catalog.newest);
    check_int(seen.room_count, 1);
    check_text(seen.rooms[0].name, "spring");
    check(seen.rooms[0].has_engine && seen.rooms[0].engine_fine && seen.rooms[0].key_fine);
    check_int(seen.rooms[0].version_count, 1);
    check_text(seen.rooms[0].versions[0].table, "sales");
    check_text(seen.rooms[0].versions[0].owner, "acme");
    check_int(seen.rooms[0].versions[0].rows, STORE_ROWS);
    told = consistency_json(&seen);
    check_int(sr_json_size(sr_json_member(sr_json_item(told, 0), "versions")), 1);
}

static void a_missing_engine_file_is_named(void **state)
{
    (void)state;
    STORE(stopped);
    check_int(unlink(stopped.engine_file), 0);
    check_fault(&stopped, stopped.engine_file, "gone");
}

static void a_version_that_the_engine_lacks_is_named(void **state)
{
    (void)state;
    STORE(stopped);
    (void)upload(&stopped.room, &stopped.room.acme, "sales");
    check_fault(&stopped, stopped.engine_file, "lacks version 2 of table \"sales\"");
}

static void other_rows_than_the_catalog_says_are_found(void **state)
{
    (void)state;
    STORE(stopped);
    catalog_upload second = upload(&stopped.room, &stopped.room.acme, "sales");
    store_stage(&stopped, (engine_table){second.number, second.version}, "a cell", STORE_ROWS - 1);
    check_fault(&stopped, stopped.engine_file, "version 2 of table \"sales\" has other rows");
}

static void a_missing_or_short_key_is_named(void **state)
{
    (void)state;
    STORE(stopped);
    check_int(truncate(stopped.key_file, 31), 0);
    check_fault(&stopped, stopped.key_file, "not 32 bytes");
    check_int(unlink(stopped.key_file), 0);
    check_fault(&stopped, stopped.key_file, "collaboration spring");
}

static void a_missing_key_folder_is_one_fault(void **state)
{
    sr_err err = SR_ERR_INIT;
    (void)state;
    STORE(stopped);
    check_ok(sr_folder_remove(stopped.keys, &err), &err);
    check_fault(&stopped, stopped.keys, "key folder");
}

static void a_file_that_others_may_read_is_named(void **state)
{
    (void)state;
    STORE(stopped);
    check_int(chmod(stopped.engine_file, 0640), 0);
    check_fault(&stopped, stopped.engine_file, "others may open it");
    check_int(chmod(stopped.engine_file, 0600), 0);
    check_int(chmod(stopped.room.file, 0604), 0);
    check_fault(&stopped, stopped.room.file, "others may open it");
}

static void a_catalog_that_cannot_be_read_is_one_fault(void **state)
{
    (void)state;
    STORE(stopped);
    fixture_close(&stopped.room);
    check_int(truncate(stopped.room.file, 8192), 0);
    check_fault(&stopped, stopped.room.file, "damaged");
    check_int(truncate(stopped.room.file, 0), 0);
    check_fault(&stopped, stopped.room.file, "empty");
    check_int(unlink(stopped.room.file), 0);
    check_fault(&stopped, stopped.room.file, "not there");
}

static bool tells(const consistency_lines *lines, const char *words)
{
    for (size_t i = 0; i < lines->count; i++)
        if (strstr(lines->lines[i], words) != NULL)
            return true;
    return false;
}

static void what_a_crash_left_is_told_and_is_no_fault(void **state)
{
    CONSISTENCY(seen);
    CONSISTENCY(again);
    audit_query asked;
    sr_err err = SR_ERR_INIT;
    (void)state;
    STORE(crashed);
    catalog_upload unfinished = begin(&crashed.room, &crashed.room.acme, "sales");
    store_stage(&crashed, (engine_table){unfinished.number, unfinished.version}, "a cell", 1);
    check_ok(audit_query_begin(&asked, crashed.room.catalog, &crashed.room.spring,
                               &crashed.room.acme, "SELECT 1", &err),
             &err);
    look(&seen, &crashed);
    check_ok(consistency_judge(&seen, &err), &err);
    check_int(seen.leftovers.count, 3);
    check(tells(&seen.leftovers, "1 unfinished upload: a start forgets it"));
    check(tells(&seen.leftovers, "1 unfinished query: a start calls it FAILED"));
    check(tells(&seen.leftovers, "1 stored table that no query can see: a start drops it"));
    look(&again, &crashed); /* looking cleaned nothing up */
    check_int(again.leftovers.count, 3);
}

/* Deleted, and the server was killed before it had erased the rows. */
static void an_erasure_that_is_owed_is_told(void **state)
{
    CONSISTENCY(seen);
    uint32_t *deleted = NULL;
    size_t count = 0;
    sr_err err = SR_ERR_INIT;
    (void)state;
    STORE(killed);
    catalog_upload second = upload(&killed.room, &killed.room.acme, "sales");
    store_stage(&killed, (engine_table){second.number, second.version}, "a cell", STORE_ROWS);
    check_ok(catalog_table_delete(&deleted, &count, killed.room.catalog, &killed.room.spring,
                                  "sales", CATALOG_DELETE_OLD, 0, &killed.room.acme, &err),
             &err);
    sr_free(deleted);
    check_int(count, 1);
    look(&seen, &killed);
    check_ok(consistency_judge(&seen, &err), &err);
    check_int(seen.rooms[0].version_count, 1);
    check_int(seen.rooms[0].versions[0].version, second.version);
    check_int(seen.rooms[0].owed, 1);
    check(tells(&seen.leftovers, "1 deleted version still to be erased"));
}

static void files_of_nobody_are_told(void **state)
{
    CONSISTENCY(seen);
    SR_TEXT(file);
    SR_TEXT(key);
    SR_TEXT(beside);
    sr_err err = SR_ERR_INIT;
    (void)state;
    STORE(stopped);
    file = sr_path_join(stopped.engines, "note.txt");
    key = sr_path_join(stopped.keys, "old.key");
    check_ok(sr_file_write(file, sr_slice_text("x"), 0600, false, &err), &err);
    check_ok(sr_file_write(key, sr_slice_text("x"), 0600, false, &err), &err);
    beside = sr_path_join(stopped.room.folder, "more");
    check_ok(sr_folder_make(beside, 0700, &err), &err);
    look(&seen, &stopped);
    check_ok(consistency_judge(&seen, &err), &err);
    check_int(seen.leftovers.count, 3);
    check(tells(&seen.leftovers, file) && tells(&seen.leftovers, key));
    check(tells(&seen.leftovers, beside) && tells(&seen.leftovers, "no backup has it"));
}

/* A killed server's catalog is a file and a log; a copy is one file. */
static void a_copied_catalog_is_one_file(void **state)
{
    CATALOG(opened);
    SR_TEXT(copy);
    SR_TEXT(log);
    room_collaboration *list = NULL;
    size_t count = 0;
    catalog_condition condition;
    sr_err err = SR_ERR_INIT;
    (void)state;
    STORE(running);
    copy = sr_path_join(running.room.folder, "copy.sqlite");
    log = sr_text_printf("%s-wal", running.room.file);
    check(sr_file_exists(log)); /* it is open still */
    check_ok(consistency_copy_catalog(&condition, copy, running.room.file, &err), &err);
    sr_text_clear(&log);
    log = sr_text_printf("%s-wal", copy);
    check(!sr_file_exists(log));
    check_ok(catalog_open(&opened, copy, &err), &err);
    check_ok(catalog_collaboration_all(&list, &count, opened, &err), &err);
    check_int(count, 1);
    catalog_collaborations_free(list, count);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_server_left_is_consistent),
        cmocka_unit_test(a_missing_engine_file_is_named),
        cmocka_unit_test(a_version_that_the_engine_lacks_is_named),
        cmocka_unit_test(other_rows_than_the_catalog_says_are_found),
        cmocka_unit_test(a_missing_or_short_key_is_named),
        cmocka_unit_test(a_missing_key_folder_is_one_fault),
        cmocka_unit_test(a_file_that_others_may_read_is_named),
        cmocka_unit_test(a_catalog_that_cannot_be_read_is_one_fault),
        cmocka_unit_test(what_a_crash_left_is_told_and_is_no_fault),
        cmocka_unit_test(an_erasure_that_is_owed_is_told),
        cmocka_unit_test(files_of_nobody_are_told),
        cmocka_unit_test(a_copied_catalog_is_one_file),
    };
    check_main(tests);
}
