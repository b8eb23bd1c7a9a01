/* The file: made, locked, checked, migrated, and cleaned after a crash. */
#include "fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "server/audit/audit.h"

static void a_new_catalog_is_private(void **state)
{
    (void)state;
    struct stat about;
    FIXTURE(room);
    check_int(stat(room.file, &about), 0);
    check_int(about.st_mode & 0777, 0600);
}

static void what_was_written_is_there_after_a_restart(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    ROOM_COLLABORATION(found);
    CATALOG_TABLE(table);
    FIXTURE(room);
    upload(&room, &room.acme, "sales");
    fixture_restart(&room);
    check_ok(catalog_collaboration_find(&found, room.catalog, "spring", "brand", &err), &err);
    check_int(found.member_count, 2);
    check_ok(catalog_table_find(&table, room.catalog, &room.spring, "sales", &err), &err);
    check_int(table.room.column_count, COLUMN_COUNT);
}

static void a_file_that_is_no_database_is_corrupt(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    catalog *opened = NULL;
    SR_TEXT(file);
    FIXTURE(room);
    file = sr_path_join(room.folder, "other");
    check_ok(sr_file_write(file,
                           sr_slice_text("this is a text, and a long one: not a database at all"),
                           0600, false, &err),
             &err);
    check_fails(catalog_open(&opened, file, &err), &err, SR_E_CORRUPT);
    check_error_says(&err, file);
    check(opened == NULL);
}

/* Overwrites bytes of the closed file. */
static void patch(const fixture *room, off_t offset, const void *bytes, size_t len)
{
    SR_FD(fd);
    fd = open(room->file, O_RDWR | O_CLOEXEC);
    check(fd >= 0);
    check_int(pwrite(fd, bytes, len, offset), (ssize_t)len);
}

enum
{
    USER_VERSION_AT = 60, /* https://www.sqlite.org/fileformat2.html, 1.3 */
    APPLICATION_ID_AT = 68,
};

static void a_catalog_of_a_newer_server_is_refused(void **state)
{
    (void)state;
    static const uint8_t newer[] = {0, 0, 3, 232};
    sr_err err = SR_ERR_INIT;
    FIXTURE(room);
    fixture_close(&room);
    patch(&room, USER_VERSION_AT, newer, sizeof newer);
    check_fails(catalog_open(&room.catalog, room.file, &err), &err, SR_E_STATE);
    check_error_says(&err, "newer server");
    check(room.catalog == NULL);
}

static void a_database_of_another_program_is_refused(void **state)
{
    (void)state;
    static const uint8_t other[] = {1, 2, 3, 4};
    sr_err err = SR_ERR_INIT;
    FIXTURE(room);
    fixture_close(&room);
    patch(&room, APPLICATION_ID_AT, other, sizeof other);
    check_fails(catalog_open(&room.catalog, room.file, &err), &err, SR_E_CORRUPT);
}

static void a_damaged_page_is_found_at_the_start(void **state)
{
    (void)state;
    static uint8_t noise[4096];
    struct stat about;
    sr_err err = SR_ERR_INIT;
    FIXTURE(room);
    fixture_close(&room);
    memset(noise, 0xa5, sizeof noise);
    check_int(stat(room.file, &about), 0);
    for (off_t at = 4096; at < about.st_size; at += 2 * 4096)
        patch(&room, at, noise, sizeof noise);
    check_fails(catalog_open(&room.catalog, room.file, &err), &err, SR_E_CORRUPT);
    check(room.catalog == NULL);
}

static void a_folder_that_is_not_there_is_named(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    catalog *opened = NULL;
    check(catalog_open(&opened, "/nonexistent/folder/catalog.sqlite", &err) == SR_FAIL);
    check(err.code == SR_E_NOT_FOUND || err.code == SR_E_IO);
    check_error_says(&err, "/nonexistent/folder/catalog.sqlite");
    check(opened == NULL);
}

/* In the child: exit status 0 when the opening is refused as it should be. */
static int open_elsewhere(const char *file)
{
    sr_err err = SR_ERR_INIT;
    catalog *opened = NULL;
    if (catalog_open(&opened, file, &err) == SR_OK)
        return 1;
    return err.code == SR_E_STATE && strstr(err.text, "in use by another process") != NULL ? 0 : 2;
}

static void a_second_process_is_refused(void **state)
{
    (void)state;
    int status = 0;
    FIXTURE(room);
    pid_t child = fork();
    if (child == 0)
        _exit(open_elsewhere(room.file));
    check_int(waitpid(child, &status, 0), child);
    check(WIFEXITED(status));
    check_int(WEXITSTATUS(status), 0);
}

/* ---- crashes --------------------------------------------------------------------------------- */

static void work_and_die(fixture *room)
{
    sr_err err = SR_ERR_INIT;
    audit_query query;
    fixture_open(room);
    upload(room, &room->acme, "whole");
    begin(room, &room->acme, "half");
    begin(room, &room->acme, "whole");
    check_ok(
        audit_query_begin(&query, room->catalog, &room->spring, &room->brand, "SELECT 1", &err),
        &err);
    kill(getpid(), SIGKILL);
}

static void kill_while_working(fixture *room)
{
    int status = 0;
    fixture_close(room);
    pid_t child = fork();
    if (child == 0)
        work_and_die(room);
    check_int(waitpid(child, &status, 0), child);
    check(WIFSIGNALED(status));
    check_int(WTERMSIG(status), SIGKILL);
    fixture_open(room);
}

static void a_kill_keeps_what_was_committed_and_forgets_reservations(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    CATALOG_TABLE(table);
    FIXTURE(room);
    kill_while_working(&room);
    check_ok(catalog_table_find(&table, room.catalog, &room.spring, "whole", &err), &err);
    check_int(table.room.version, 1);
    catalog_table_clear(&table);
    check_fails(catalog_table_find(&table, room.catalog, &room.spring, "half", &err), &err,
                SR_E_NOT_FOUND);
    upload(&room, &room.brand, "half"); /* the name is free again, for others too */
}

static void numbers_and_versions_of_dead_uploads_are_not_given_again(void **state)
{
    (void)state;
    FIXTURE(room);
    catalog_upload dead = begin(&room, &room.acme, "half");
    upload(&room, &room.acme, "whole");
    catalog_upload late = begin(&room, &room.acme, "whole");
    check_int(late.version, 2);
    fixture_restart(&room);
    catalog_upload again = begin(&room, &room.acme, "half");
    check(again.number > dead.number);
    check(!sr_uuid_equal(&again.table_id, &dead.table_id));
    check_int(begin(&room, &room.acme, "whole").version, 3);
}

static void a_query_that_a_crash_left_open_becomes_failed(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    room_audit_record *records = NULL;
    size_t count = 0;
    FIXTURE(room);
    kill_while_working(&room);
    audit_filter filter = {.collaboration = room.spring, .viewer = "brand", .limit = 1};
    check_ok(audit_list(&records, &count, room.catalog, &filter, &err), &err);
    check_int(count, 1);
    check_text(records[0].action, "QUERY");
    check_text(records[0].status, "FAILED");
    check_text(records[0].reason, "the server stopped");
    check(records[0].finished_us > 0);
    audit_list_free(records, count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_catalog_is_private),
        cmocka_unit_test(what_was_written_is_there_after_a_restart),
        cmocka_unit_test(a_file_that_is_no_database_is_corrupt),
        cmocka_unit_test(a_catalog_of_a_newer_server_is_refused),
        cmocka_unit_test(a_database_of_another_program_is_refused),
        cmocka_unit_test(a_damaged_page_is_found_at_the_start),
        cmocka_unit_test(a_folder_that_is_not_there_is_named),
        cmocka_unit_test(a_second_process_is_refused),
        cmocka_unit_test(a_kill_keeps_what_was_committed_and_forgets_reservations),
        cmocka_unit_test(numbers_and_versions_of_dead_uploads_are_not_given_again),
        cmocka_unit_test(a_query_that_a_crash_left_open_becomes_failed),
    };
    check_main(tests);
}
