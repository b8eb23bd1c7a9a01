#include "store.h"

#include "base/file.h"
#include "server/backup/consistency.h"
#include "server/shell/keys.h"

void store_stage(const store *self, engine_table table, const char *cell, size_t rows)
{
    engine *into SR_CLEANUP(engine_clear) = NULL;
    engine_stage *stage SR_CLEANUP(engine_stage_clear) = NULL;
    SR_TEXT(temp);
    sr_slice cells[STORE_ROWS];
    bool nulls[STORE_ROWS] = {false};
    uint64_t stored = 0;
    sr_err err = SR_ERR_INIT;
    engine_column column = {.storage = STORED_AS_BYTES};
    engine_cells batch = {cells, nulls};
    temp = sr_path_join(self->room.folder, "temp");
    engine_config config = {
        .file = self->engine_file, .temp_folder = temp, .memory_limit = STORE_MEMORY, .threads = 1};
    for (size_t i = 0; i < rows; i++)
        cells[i] = sr_slice_text(cell);
    check_ok(engine_open(&into, &config, &err), &err);
    check_ok(engine_stage_new(&stage, into, table, &column, 1, &err), &err);
    check_ok(engine_stage_append(stage, &batch, rows, &err), &err);
    check_ok(engine_stage_commit(stage, &stored, &err), &err);
}

void store_init(store *self)
{
    server_keys *keys SR_CLEANUP(server_keys_clear) = NULL;
    SR_TEXT(engine_name);
    SR_TEXT(key_name);
    sr_err err = SR_ERR_INIT;
    fixture_init(&self->room);
    self->keys = sr_path_join(self->room.folder, "keys");
    self->engines = sr_path_join(self->room.folder, CONSISTENCY_ENGINES);
    engine_name = consistency_engine_name(&self->room.spring);
    key_name = consistency_key_name(&self->room.spring);
    self->engine_file = sr_path_join(self->engines, engine_name);
    self->key_file = sr_path_join(self->keys, key_name);
    check_ok(sr_folder_make(self->keys, 0700, &err), &err);
    check_ok(sr_folder_make(self->engines, 0700, &err), &err);
    check_ok(server_keys_open(&keys, self->keys, &err), &err);
    check_ok(server_keys_make(keys, &self->room.spring, &err), &err);
    self->uploaded = upload(&self->room, &self->room.acme, "sales");
    store_stage(self, (engine_table){self->uploaded.number, self->uploaded.version}, "a cell",
                STORE_ROWS);
}

void store_clear(store *self)
{
    fixture_clear(&self->room);
    sr_free(self->keys);
    sr_free(self->engines);
    sr_free(self->engine_file);
    sr_free(self->key_file);
}
