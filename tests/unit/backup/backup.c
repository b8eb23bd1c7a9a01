/* What tests/flow/flow_backup.py cannot bring about from outside. */
#include "server/backup/backup.h"

#include "base/file.h"
#include "base/text.h"
#include "server/backup/inventory.h"
#include "server/catalog/db.h"
#include "server/overlap/sessions.h"
#include "store.h"

enum
{
    FILE_MOST = 64 * 1024 * 1024,
};

static server_config configuration(const store *self)
{
    static char folder[64];
    check(sr_text_put(folder, sizeof folder, self->room.folder));
    return (server_config){.data_folder = folder,
                           .key_folder = self->keys,
                           .memory_limit = STORE_MEMORY,
                           .threads = 1};
}

static bool file_holds(const char *path, const char *words)
{
    SR_BUF(bytes, FILE_MOST);
    sr_err err = SR_ERR_INIT;
    check_ok(sr_file_read(&bytes, path, &err), &err);
    return memmem(bytes.data, bytes.len, words, strlen(words)) != NULL;
}

/* Beside the data folder, which is a folder of its own in /tmp. */
static char *beside(const store *self, const char *name)
{
    return sr_text_printf("%s-%s", self->room.folder, name);
}

static void folder_remove(char **folder)
{
    sr_err err = SR_ERR_INIT;
    check_ok(sr_folder_remove(*folder, &err), &err);
    sr_text_clear(folder);
}

#define ASIDE(name, store) char *name SR_CLEANUP(folder_remove) = beside(&(store), #name)

/* A crash kept them from being erased where they were. */
static void deleted_rows_do_not_live_on_in_a_backup(void **state)
{
    static const char words[] = "what acme deleted";
    INVENTORY(about);
    SR_TEXT(copy);
    uint32_t *deleted = NULL;
    size_t count = 0;
    sr_err err = SR_ERR_INIT;
    (void)state;
    STORE(killed);
    ASIDE(whole, killed);
    catalog_upload second = upload(&killed.room, &killed.room.acme, "sales");
    catalog_upload third = upload(&killed.room, &killed.room.acme, "sales");
    store_stage(&killed, (engine_table){second.number, second.version}, words, STORE_ROWS);
    store_stage(&killed, (engine_table){third.number, third.version}, "a cell", STORE_ROWS);
    check_ok(catalog_table_delete(&deleted, &count, killed.room.catalog, &killed.room.spring,
                                  "sales", CATALOG_DELETE_VERSION, second.version,
                                  &killed.room.acme, &err),
             &err);
    sr_free(deleted);
    fixture_close(&killed.room);
    check(file_holds(killed.engine_file, words));
    server_config config = configuration(&killed);
    backup_request request = {.config = &config, .folder = whole};
    check_ok(backup_make(&about, &request, &err), &err);
    copy = sr_text_printf("%s/%s", whole, about.files[1].name);
    check_text(sr_path_name(copy), sr_path_name(killed.engine_file));
    check(!file_holds(copy, words));
    check(file_holds(killed.engine_file, words)); /* the source is as it was */
}

/* Its members' shares, with which they resume, are in the catalog until it ends. */
static void open_session(store *self, sr_uuid_text *id)
{
    manifest terms = {.session = sr_uuid_random(),
                      .collaboration = self->room.spring,
                      .suite = "curve25519",
                      .normaliser = "email-v1",
                      .members = {{.name = "acme", .cap = 1000000, .receives = true},
                                  {.name = "brand", .cap = 1000000}},
                      .member_count = 2,
                      .minimum = 100,
                      .minimum_complement = 100,
                      .least_input = 1000,
                      .expires_s = sr_now_us() / 1000000 + 3600};
    const uint8_t nonce[MANIFEST_NONCE_SIZE] = {1};
    sr_err err = SR_ERR_INIT;
    *id = sr_uuid_print(&terms.session);
    check_ok(overlap_open(self->room.catalog, &terms, &self->room.acme, &err), &err);
    check_ok(overlap_confirm(self->room.catalog, id->text, nonce, "a certificate", &self->room.acme,
                             &err),
             &err);
    check_ok(
        overlap_confirm(self->room.catalog, id->text, nonce, "another", &self->room.brand, &err),
        &err);
}

static void db_clear(db **opened)
{
    db_free(*opened);
    *opened = NULL;
}

static int64_t shares_in(const char *file)
{
    db *opened SR_CLEANUP(db_clear) = NULL;
    int64_t shares = -1;
    sr_err err = SR_ERR_INIT;
    check_ok(db_open(&opened, file, &err), &err);
    check_ok(db_number(opened, "SELECT count(*) FROM overlap_member WHERE share IS NOT NULL",
                       &shares, &err),
             &err);
    return shares;
}

static overlap_state state_in(const char *file, const sr_uuid_text *id)
{
    CATALOG(opened);
    OVERLAP_SESSION(session);
    sr_err err = SR_ERR_INIT;
    check_ok(catalog_open(&opened, file, &err), &err);
    check_ok(overlap_session_get(&session, opened, id->text, "acme", &err), &err);
    return session.state;
}

static void an_overlap_session_ends_in_a_backup_with_its_secrets(void **state)
{
    INVENTORY(about);
    SR_TEXT(copy);
    sr_uuid_text id;
    sr_err err = SR_ERR_INIT;
    (void)state;
    STORE(stopped);
    ASIDE(whole, stopped);
    open_session(&stopped, &id);
    fixture_close(&stopped.room);
    check(shares_in(stopped.room.file) > 0);
    server_config config = configuration(&stopped);
    backup_request request = {.config = &config, .folder = whole};
    check_ok(backup_make(&about, &request, &err), &err);
    copy = sr_path_join(whole, INVENTORY_CATALOG);
    check_int(shares_in(copy), 0);
    check_int(state_in(copy, &id), OVERLAP_EXPIRED);
    check(shares_in(stopped.room.file) > 0); /* where it runs, it goes on */
    check_int(state_in(stopped.room.file, &id), OVERLAP_RUNNING);
}

static void folders_inside_of_each_other_are_wrong_usage(void **state)
{
    INVENTORY(about);
    SR_TEXT(inside);
    SR_TEXT(in_keys);
    SR_TEXT(in_backup);
    sr_err err = SR_ERR_INIT;
    (void)state;
    STORE(stopped);
    ASIDE(whole, stopped);
    fixture_close(&stopped.room);
    server_config config = configuration(&stopped);
    inside = sr_text_printf("%s/new/backup", stopped.room.folder);
    in_keys = sr_path_join(stopped.keys, "backup");
    in_backup = sr_path_join(whole, "keys");
    const backup_request requests[] = {{&config, inside, NULL},
                                       {&config, in_keys, NULL},
                                       {&config, whole, inside},
                                       {&config, whole, in_backup},
                                       {&config, whole, whole}};
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++)
    {
        sr_err_reset(&err);
        check_fails(backup_make(&about, &requests[i], &err), &err, SR_E_USAGE);
        check_error_says(&err, "inside");
        check_int(about.file_count, 0);
        check(!sr_file_exists(inside) && !sr_file_exists(whole));
    }
}

static void keys_that_lie_apart_must_be_named_and_others_must_not(void **state)
{
    INVENTORY(about);
    sr_err err = SR_ERR_INIT;
    (void)state;
    STORE(stopped);
    ASIDE(whole, stopped);
    ASIDE(apart, stopped);
    ASIDE(secret, stopped);
    fixture_close(&stopped.room);
    server_config config = configuration(&stopped);
    backup_request with_keys = {&config, whole, NULL};
    backup_request without = {&config, apart, secret};
    check_ok(backup_make(&about, &with_keys, &err), &err);
    check(!about.keys_apart);
    inventory_clear(&about);
    check_ok(backup_make(&about, &without, &err), &err);
    check(about.keys_apart);
    inventory_clear(&about);
    with_keys.keys = secret;
    without.keys = NULL;
    check_fails(backup_restore(&about, &with_keys, &err), &err, SR_E_USAGE);
    check_error_says(&err, "leave out --keys");
    sr_err_reset(&err);
    check_fails(backup_restore(&about, &without, &err), &err, SR_E_USAGE);
    check_error_says(&err, "name their folder with --keys");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(deleted_rows_do_not_live_on_in_a_backup),
        cmocka_unit_test(an_overlap_session_ends_in_a_backup_with_its_secrets),
        cmocka_unit_test(folders_inside_of_each_other_are_wrong_usage),
        cmocka_unit_test(keys_that_lie_apart_must_be_named_and_others_must_not),
    };
    check_main(tests);
}
