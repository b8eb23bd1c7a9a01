#include "server/backup/inventory.h"

#include <sys/stat.h>

#include "base/file.h"
#include "place.h"

#define ROOM "0b5d2a86-1c1f-4f0e-9a43-5f6f1b1c7d10"

static const files_content content = {.size = 1234, .sum = {.bytes = {0xab, 1}}};

static void fill(inventory *about)
{
    sr_json *room = sr_json_object_new();
    about->time = sr_text_copy("2026-11-24T08:13:41Z");
    about->program = sr_text_copy("0.1.0");
    about->catalog_version = 3;
    about->keys_apart = true;
    about->collaborations = sr_json_array_new();
    sr_json_set_text(room, "name", "spring");
    sr_json_add_take(about->collaborations, room);
    inventory_add(about, INVENTORY_CATALOG, &content);
    inventory_add(about, "engines/" ROOM ".duckdb", &content);
    inventory_add(about, "keys/" ROOM ".key", &content);
}

static void write_one(void)
{
    INVENTORY(about);
    sr_err err = SR_ERR_INIT;
    fill(&about);
    check_ok(inventory_write(&about, ".", &err), &err);
}

static void what_was_written_is_read(void **state)
{
    INVENTORY(read);
    sr_err err = SR_ERR_INIT;
    (void)state;
    write_one();
    check_int(place_mode(INVENTORY_NAME), 0600);
    check_ok(inventory_read(&read, ".", &err), &err);
    check_text(read.time, "2026-11-24T08:13:41Z");
    check_text(read.program, "0.1.0");
    check_int(read.catalog_version, 3);
    check(read.keys_apart);
    check_int(sr_json_size(read.collaborations), 1);
    check_int(read.file_count, 3);
    check_text(read.files[1].name, "engines/" ROOM ".duckdb");
    check(files_content_equal(&read.files[1].content, &content));
}

static void a_folder_without_one_is_no_finished_backup(void **state)
{
    INVENTORY(read);
    sr_err err = SR_ERR_INIT;
    (void)state;
    check_fails(inventory_read(&read, ".", &err), &err, SR_E_NOT_FOUND);
    check_error_says(&err, "no finished backup");
    check_int(read.file_count, 0);
}

static void a_pipe_in_its_place_is_not_waited_for(void **state)
{
    sr_err err = SR_ERR_INIT;
    INVENTORY(found);
    (void)state;
    check_int(mkfifo(INVENTORY_NAME, 0600), 0);
    check_fails(inventory_read(&found, ".", &err), &err, SR_E_FORMAT);
}

static void one_is_never_replaced(void **state)
{
    INVENTORY(about);
    sr_err err = SR_ERR_INIT;
    (void)state;
    write_one();
    fill(&about);
    check_fails(inventory_write(&about, ".", &err), &err, SR_E_EXISTS);
}

/* Every byte that is not blank counts. */
static void any_changed_byte_is_found(void **state)
{
    SR_TEXT(whole);
    (void)state;
    write_one();
    whole = place_read(INVENTORY_NAME);
    for (size_t i = 0; whole[i] != '\0'; i++)
    {
        INVENTORY(read);
        sr_err err = SR_ERR_INIT;
        char before = whole[i];
        if (before == ' ' || before == '\n')
            continue;
        whole[i] = before == 'x' ? 'y' : 'x';
        place_write(INVENTORY_NAME, whole, 0600);
        check_int(inventory_read(&read, ".", &err), SR_FAIL);
        check_error_says(&err, INVENTORY_NAME);
        check_int(read.file_count, 0);
        whole[i] = before;
    }
}

static void check_text_refused(const char *text, sr_code code, const char *words)
{
    INVENTORY(read);
    sr_err err = SR_ERR_INIT;
    place_write(INVENTORY_NAME, text, 0600);
    check_fails(inventory_read(&read, ".", &err), &err, code);
    check_error_says(&err, words);
}

static void other_documents_are_refused(void **state)
{
    (void)state;
    check_text_refused("{}", SR_E_CORRUPT, "format");
    check_text_refused("{\"format\": \"tar\", \"version\": 1}", SR_E_CORRUPT, "not a manifest");
    check_text_refused("{\"format\": \"sealroom-backup\", \"version\": 2}", SR_E_STATE, "newer");
    check_text_refused("{\"format\": \"sealroom-backup\", \"version\": 1, \"digest\": \"00\","
                       " \"content\": {}}",
                       SR_E_CORRUPT, "digest does not fit");
}

/* Its digest may fit, and it may still want to lead outside. */
static void a_name_that_leads_elsewhere_is_refused(void **state)
{
    static const char *const names[] = {
        "../catalog.sqlite", "/etc/passwd", "keys/../x.key", "keys/" ROOM ".key/x",
        "engines/" ROOM,     "other",       "keys/x.key",    "engines/" ROOM ".key"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    {
        INVENTORY(about);
        INVENTORY(read);
        sr_err err = SR_ERR_INIT;
        fill(&about);
        inventory_add(&about, names[i], &content);
        check_ok(inventory_write(&about, ".", &err), &err);
        check_fails(inventory_read(&read, ".", &err), &err, SR_E_CORRUPT);
        check_error_says(&err, "files[3]");
        check_int(place_run("rm " INVENTORY_NAME), 0);
    }
}

static void keys_lie_where_they_were_put(void **state)
{
    SR_TEXT(here);
    SR_TEXT(apart);
    SR_TEXT(rows);
    (void)state;
    here = inventory_path("b", NULL, "keys/" ROOM ".key");
    apart = inventory_path("b", "k", "keys/" ROOM ".key");
    rows = inventory_path("b", "k", "engines/" ROOM ".duckdb");
    check_text(here, "b/keys/" ROOM ".key");
    check_text(apart, "k/" ROOM ".key");
    check_text(rows, "b/engines/" ROOM ".duckdb");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        place_test(what_was_written_is_read),
        place_test(a_folder_without_one_is_no_finished_backup),
        place_test(a_pipe_in_its_place_is_not_waited_for),
        place_test(one_is_never_replaced),
        place_test(any_changed_byte_is_found),
        place_test(other_documents_are_refused),
        place_test(a_name_that_leads_elsewhere_is_refused),
        place_test(keys_lie_where_they_were_put),
    };
    check_main(tests);
}
