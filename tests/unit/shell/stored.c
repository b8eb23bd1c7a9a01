#include "server/shell/stored.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "place.h"
#include "server/catalog/catalog.h"
#include "server/engine/pool.h"
#include "server/shell/lock.h"
#include "server/shell/serve.h"

enum
{
    COLUMNS = 4,
    ROWS = 3,
    MEMORY = 256 * 1024 * 1024,
};

static const catalog_actor actor = {.who = {.member = "publisher", .role = ROLE_ADMIN}};

static server_config configuration(void)
{
    static char folder[] = "data";
    return (server_config){.data_folder = folder, .memory_limit = MEMORY, .threads = 1};
}

/* ---- a data folder with one table -------------------------------------------------------------- */

static const room_column columns[COLUMNS] = {
    {.name = "user", .type = COLUMN_FINGERPRINT, .card = {1}, .card_len = 1, .allowed = true},
    {.name = "note", .type = COLUMN_SEALED, .card = {1}, .card_len = 1, .allowed = true},
    {.name = "campaign", .type = COLUMN_DETERMINISTIC, .card = {1}, .card_len = 1, .allowed = true},
    {.name = "segment", .type = COLUMN_CLEARTEXT, .data = {.kind = DATA_STRING}, .allowed = true},
};

static void stage_rows(engine_stage *stage)
{
    static const uint8_t token[16] = {0x8b, 0x5d, 0x2a, 0x86, 0x1c, 0x1f, 0x4f, 0x0e,
                                      0x9a, 0x43, 0x5f, 0x6f, 0x1b, 0x1c, 0x7d, 0x10};
    static const uint8_t bytes[20] = {0xab, 0xcd, 0xef, 0x01};
    const sr_slice cells[COLUMNS] = {sr_slice_of(token, sizeof token), sr_slice_of(bytes, 20),
                                     sr_slice_of(bytes, 4), sr_slice_text("sports\033[2J")};
    engine_cells batch[COLUMNS];
    bool nulls[ROWS] = {false, false, true};
    sr_err err = SR_ERR_INIT;
    sr_slice column_cells[COLUMNS][ROWS];
    for (size_t i = 0; i < COLUMNS; i++)
    {
        for (size_t row = 0; row < ROWS; row++)
            column_cells[i][row] = cells[i];
        batch[i] = (engine_cells){column_cells[i], nulls};
    }
    check_ok(engine_stage_append(stage, batch, ROWS, &err), &err);
}

static void upload(catalog *rooms, engine_pool *pool, const sr_uuid *id)
{
    catalog_upload reserved;
    ENGINE_LEASE(into);
    engine_stage *stage SR_CLEANUP(engine_stage_clear) = NULL;
    engine_column stored[COLUMNS];
    uint64_t rows = 0;
    uint8_t key_check[CATALOG_KEY_CHECK_SIZE] = {1};
    sr_err err = SR_ERR_INIT;
    for (size_t i = 0; i < COLUMNS; i++)
        stored[i] = (engine_column){column_type_of(columns[i].type)->storage, columns[i].data};
    check_ok(catalog_upload_begin(&reserved, rooms, id, "audience", columns, COLUMNS, false, &actor,
                                  &err),
             &err);
    check_ok(engine_pool_lease(&into, pool, id, &err), &err);
    engine_table table = {reserved.number, reserved.version};
    check_ok(engine_stage_new(&stage, into.engine, table, stored, COLUMNS, &err), &err);
    stage_rows(stage);
    check_ok(engine_stage_commit(stage, &rows, &err), &err);
    catalog_upload_facts facts = {
        .columns = columns, .column_count = COLUMNS, .rows = rows, .key_check = key_check};
    check_ok(catalog_upload_commit(rooms, &reserved, &facts, &actor, &err), &err);
}

static void store(bool with_table)
{
    CATALOG(rooms);
    ENGINE_POOL(pool);
    ROOM_COLLABORATION(room);
    SR_TEXT(path);
    collaboration_flags flags = {true, true, true, true};
    engine_pool_config engines = {.folder = "data", .memory_limit = MEMORY, .threads = 1};
    sr_err err = SR_ERR_INIT;
    path = serve_catalog_path("data");
    check_ok(sr_folder_make("data", 0700, &err), &err);
    check_ok(catalog_open(&rooms, path, &err), &err);
    check_ok(engine_pool_new(&pool, &engines, rooms, &err), &err);
    check_ok(catalog_collaboration_create(&room, rooms, NULL, "lab", &flags, &actor, &err), &err);
    if (with_table)
        upload(rooms, pool, &room.id);
}

/* What is printed on standard output. */
static char *printed(unsigned rows)
{
    SR_FD(file);
    SR_FD(saved);
    server_config config = configuration();
    sr_err err = SR_ERR_INIT;
    (void)fflush(stdout);
    file = open("printed", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    saved = dup(STDOUT_FILENO);
    check(file >= 0 && saved >= 0 && dup2(file, STDOUT_FILENO) >= 0);
    sr_result result = stored_print(&config, rows, &err);
    (void)fflush(stdout);
    check(dup2(saved, STDOUT_FILENO) >= 0);
    check_ok(result, &err);
    return place_read("printed");
}

/* ---- tests ------------------------------------------------------------------------------------- */

static void each_kind_of_cell_shows_as_it_is_stored(void **state)
{
    SR_TEXT(text);
    (void)state;
    store(true);
    text = printed(3);
    check_text(text, "collaboration lab: audience of publisher, version 1, 3 rows\n"
                     "  user (fingerprint)                    note (sealed)             "
                     "campaign (deterministic)\n"
                     "  8b5d2a86-1c1f-4f0e-9a43-5f6f1b1c7d10  abcdef01000000000000000…  abcdef01\n"
                     "  8b5d2a86-1c1f-4f0e-9a43-5f6f1b1c7d10  abcdef01000000000000000…  abcdef01\n"
                     "  NULL                                  NULL                      NULL\n"
                     "  … and 1 more column\n");
}

static void the_first_rows_are_as_many_as_asked(void **state)
{
    SR_TEXT(one);
    SR_TEXT(none);
    (void)state;
    store(true);
    one = printed(1);
    check(strstr(one, "NULL") == NULL && strstr(one, "8b5d2a86") != NULL);
    none = printed(0);
    check(strstr(none, "8b5d2a86") == NULL && strstr(none, "user (fingerprint)") != NULL);
}

static void nothing_stored_is_said_and_nothing_is_made(void **state)
{
    SR_TEXT(before);
    SR_TEXT(empty);
    (void)state;
    before = printed(3);
    check_text(before, "nothing is stored yet\n");
    check(!sr_file_exists("data"));
    store(false);
    empty = printed(3);
    check_text(empty, "no table is stored yet\n");
}

static void a_folder_in_use_is_refused(void **state)
{
    SR_FD(lock);
    server_config config = configuration();
    sr_err err = SR_ERR_INIT;
    (void)state;
    store(true);
    check_ok(lock_take(&lock, "data", &err), &err);
    check_fails(stored_print(&config, 3, &err), &err, SR_E_STATE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        place_test(each_kind_of_cell_shows_as_it_is_stored),
        place_test(the_first_rows_are_as_many_as_asked),
        place_test(nothing_stored_is_said_and_nothing_is_made),
        place_test(a_folder_in_use_is_refused),
    };
    check_main(tests);
}
