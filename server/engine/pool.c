#include "pool.h"

#include <pthread.h>
#include <stdio.h>

#include "base/file.h"

typedef struct
{
    sr_uuid collaboration;
    engine *engine;
} pool_entry;

struct engine_pool
{
    pthread_mutex_t mutex;
    catalog *catalog;
    char *files; /* folder of engine files */
    char *temp;  /* folder of spill folders */
    uint64_t memory_limit;
    unsigned threads;
    pool_entry *entries;
    size_t count;
};

enum
{
    PRIVATE_FOLDER = 0700,
};

sr_result engine_pool_new(engine_pool **out, const engine_pool_config *config, catalog *rooms,
                          sr_err *err)
{
    *out = NULL;
    engine_pool *pool SR_CLEANUP(engine_pool_clear) = sr_alloc(sizeof *pool);
    pthread_mutex_init(&pool->mutex, NULL);
    pool->catalog = rooms;
    pool->files = sr_path_join(config->folder, "engines");
    pool->temp = sr_path_join(config->folder, "temp");
    pool->memory_limit = config->memory_limit;
    pool->threads = config->threads;
    if (sr_folder_make(pool->files, PRIVATE_FOLDER, err) != SR_OK ||
        sr_folder_make(pool->temp, PRIVATE_FOLDER, err) != SR_OK)
        return SR_FAIL;
    *out = pool;
    pool = NULL;
    return SR_OK;
}

void engine_pool_free(engine_pool *pool)
{
    if (pool == NULL)
        return;
    for (size_t i = 0; i < pool->count; i++)
        engine_free(pool->entries[i].engine);
    sr_free(pool->entries);
    sr_free(pool->files);
    sr_free(pool->temp);
    pthread_mutex_destroy(&pool->mutex);
    sr_free(pool);
}

void engine_pool_clear(engine_pool **pool)
{
    engine_pool_free(*pool);
    *pool = NULL;
}

/* ---- reconciling ----------------------------------------------------------------------------- */

/* What the two sides hold; both arrays are released by sides_clear. */
typedef struct
{
    engine_table *stored;
    size_t stored_count;
    catalog_version *visible;
    size_t visible_count;
} sides;

static void sides_clear(sides *both)
{
    sr_free(both->stored);
    sr_free(both->visible);
    *both = (sides){.stored_count = 0};
}

static bool is_stored(const sides *both, catalog_version wanted)
{
    for (size_t i = 0; i < both->stored_count; i++)
        if (both->stored[i].table == wanted.table && both->stored[i].version == wanted.version)
            return true;
    return false;
}

static bool is_visible(const sides *both, engine_table stored)
{
    for (size_t i = 0; i < both->visible_count; i++)
        if (both->visible[i].table == stored.table && both->visible[i].version == stored.version)
            return true;
    return false;
}

static sr_result reconcile(engine *opened, const sides *both, sr_err *err)
{
    for (size_t i = 0; i < both->visible_count; i++)
        if (!is_stored(both, both->visible[i]))
            return sr_fail(err, SR_E_CORRUPT,
                           "the engine file lacks an uploaded table; restore it");
    for (size_t i = 0; i < both->stored_count; i++)
        if (!is_visible(both, both->stored[i]) &&
            engine_drop(opened, both->stored[i], err) != SR_OK)
            return SR_FAIL;
    return SR_OK;
}

/* ---- opening --------------------------------------------------------------------------------- */

static sr_result open_file(engine **out, engine_pool *pool, const char *uuid, sides *both,
                           sr_err *err)
{
    SR_TEXT(name);
    SR_TEXT(file);
    SR_TEXT(temp);
    name = sr_text_printf("%s.duckdb", uuid);
    file = sr_path_join(pool->files, name);
    temp = sr_path_join(pool->temp, uuid);
    if (both->visible_count > 0 && !sr_file_exists(file))
        return sr_fail(err, SR_E_CORRUPT, "%s: the engine file is gone; restore it", file);
    engine_config config = {.file = file,
                            .temp_folder = temp,
                            .memory_limit = pool->memory_limit,
                            .threads = pool->threads};
    return engine_open(out, &config, err);
}

/* No upload can be under way in an engine that is not open yet, so what nobody knows is a leftover. */
static sr_result open_engine(engine **out, engine_pool *pool, const sr_uuid *collaboration,
                             sr_err *err)
{
    engine *made SR_CLEANUP(engine_clear) = NULL;
    sides both SR_CLEANUP(sides_clear) = {.stored_count = 0};
    sr_uuid_text uuid = sr_uuid_print(collaboration);
    if (catalog_versions_visible(&both.visible, &both.visible_count, pool->catalog, collaboration,
                                 err) != SR_OK ||
        open_file(&made, pool, uuid.text, &both, err) != SR_OK ||
        engine_tables(made, &both.stored, &both.stored_count, err) != SR_OK ||
        reconcile(made, &both, err) != SR_OK)
        return sr_fail_in(err, "collaboration %s", uuid.text);
    *out = made;
    made = NULL;
    return SR_OK;
}

static engine *find_open(const engine_pool *pool, const sr_uuid *collaboration)
{
    for (size_t i = 0; i < pool->count; i++)
        if (sr_uuid_equal(&pool->entries[i].collaboration, collaboration))
            return pool->entries[i].engine;
    return NULL;
}

static sr_result get_locked(engine **out, engine_pool *pool, const sr_uuid *collaboration,
                            sr_err *err)
{
    *out = find_open(pool, collaboration);
    if (*out != NULL)
        return SR_OK;
    if (open_engine(out, pool, collaboration, err) != SR_OK)
        return SR_FAIL;
    pool->entries =
        sr_array_grow(pool->entries, pool->count, pool->count + 1, sizeof *pool->entries);
    pool->entries[pool->count++] = (pool_entry){.collaboration = *collaboration, .engine = *out};
    return SR_OK;
}

sr_result engine_pool_get(engine **out, engine_pool *pool, const sr_uuid *collaboration,
                          sr_err *err)
{
    pthread_mutex_lock(&pool->mutex);
    sr_result got = get_locked(out, pool, collaboration, err);
    pthread_mutex_unlock(&pool->mutex);
    return got;
}
