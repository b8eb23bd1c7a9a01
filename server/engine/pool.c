#include "pool.h"

#include <pthread.h>
#include <stdio.h>

#include "base/file.h"
#include "base/text.h"
#include "base/wait.h"

/* The engine of one collaboration. Once made it stays until the pool is freed. */
typedef struct pool_entry
{
    sr_uuid collaboration;
    engine *engine; /* NULL: not open */
    size_t leases;
    size_t uploads;     /* of the leases */
    bool busy;          /* being opened, or its file rewritten: everybody else waits */
    bool owes;          /* the last lease to end is to erase */
    int64_t owes_since; /* monotonic us; while owes */
    bool draining;      /* new leases wait a little, so that the running ones get fewer */
    int64_t drained_us; /* when that was tried last; 0: never */
    struct pool_entry *next;
} pool_entry;

struct engine_pool
{
    pthread_mutex_t mutex; /* of all entries */
    pthread_cond_t changed;
    catalog *catalog;
    char *files; /* folder of engine files */
    char *temp;  /* folder of spill folders */
    uint64_t memory_limit;
    unsigned threads;
    int64_t drain_every_us;
    int64_t patience_us;
    void (*erase_failed)(const sr_uuid *collaboration, const sr_err *why);
    pool_entry *entries;
};

enum
{
    PRIVATE_FOLDER = 0700,
    US_OF_MS = 1000,
    QUIET_MS = 5 * 1000,  /* that an erasure waits for a quiet moment, before it makes one */
    DRAIN_MS = 10 * 1000, /* that new leases wait for it, at most */
    DRAIN_EVERY_MS = 60 * 1000,
};

static void init_lock(engine_pool *pool)
{
    sr_cond_init(&pool->changed);
    pthread_mutex_init(&pool->mutex, NULL);
}

sr_result engine_pool_new(engine_pool **out, const engine_pool_config *config, catalog *rooms,
                          sr_err *err)
{
    *out = NULL;
    engine_pool *pool SR_CLEANUP(engine_pool_clear) = sr_alloc(sizeof *pool);
    init_lock(pool);
    pool->catalog = rooms;
    pool->files = sr_path_join(config->folder, "engines");
    pool->temp = sr_path_join(config->folder, "temp");
    pool->memory_limit = config->memory_limit;
    pool->threads = config->threads;
    pool->drain_every_us =
        INT64_C(1000) * (config->drain_every_ms == 0 ? DRAIN_EVERY_MS : config->drain_every_ms);
    pool->patience_us = US_OF_MS * (int64_t)config->patience_ms;
    pool->erase_failed = config->erase_failed;
    if (sr_folder_make(pool->files, PRIVATE_FOLDER, err) != SR_OK ||
        sr_folder_remove(pool->temp, err) != SR_OK || /* what a killed process spilled */
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
    while (pool->entries != NULL)
    {
        pool_entry *entry = pool->entries;
        pool->entries = entry->next;
        engine_free(entry->engine);
        sr_free(entry);
    }
    sr_free(pool->files);
    sr_free(pool->temp);
    pthread_cond_destroy(&pool->changed);
    pthread_mutex_destroy(&pool->mutex);
    sr_free(pool);
}

void engine_pool_clear(engine_pool **pool)
{
    engine_pool_free(*pool);
    *pool = NULL;
}

/* ---- the file of a collaboration ------------------------------------------------------------- */

/* What the catalog and the engine hold of a collaboration, and where. Released by place_clear. */
typedef struct
{
    sr_uuid_text uuid;
    char *file;
    char *temp;
    engine_config config;
    engine_table *stored;
    size_t stored_count;
    catalog_version *visible;
    size_t visible_count;
    catalog_version *owed; /* deleted, still to be erased */
    size_t owed_count;
} place;

static void place_clear(place *at)
{
    sr_free(at->file);
    sr_free(at->temp);
    sr_free(at->stored);
    sr_free(at->visible);
    sr_free(at->owed);
    *at = (place){.stored_count = 0};
}

static sr_result place_find(place *at, engine_pool *pool, const sr_uuid *collaboration, sr_err *err)
{
    SR_TEXT(name);
    at->uuid = sr_uuid_print(collaboration);
    name = sr_text_printf("%s.duckdb", at->uuid.text);
    at->file = sr_path_join(pool->files, name);
    at->temp = sr_path_join(pool->temp, at->uuid.text);
    at->config = (engine_config){.file = at->file,
                                 .temp_folder = at->temp,
                                 .memory_limit = pool->memory_limit,
                                 .threads = pool->threads};
    /* What is owed first: a version deleted between the two is in neither, so the rewritten file lacks it and
     * it stays owed. The other way round it would stay in the file and be recorded as erased. */
    if (catalog_erasures(&at->owed, &at->owed_count, pool->catalog, collaboration, err) != SR_OK ||
        catalog_versions_visible(&at->visible, &at->visible_count, pool->catalog, collaboration,
                                 err) != SR_OK)
        return SR_FAIL;
    if (at->visible_count > 0 && !sr_file_exists(at->file))
        return sr_fail(err, SR_E_CORRUPT, "%s: the engine file is gone; restore it", at->file);
    return SR_OK;
}

/* ---- erasing --------------------------------------------------------------------------------- */

/* Nobody has the file open. */
static sr_result erase_in(place *at, engine_pool *pool, const sr_uuid *collaboration, sr_err *err)
{
    if (at->owed_count == 0)
        return SR_OK;
    engine_table *keep = sr_array(at->visible_count, sizeof *keep);
    for (size_t i = 0; i < at->visible_count; i++)
        keep[i] = (engine_table){at->visible[i].table, at->visible[i].version};
    sr_result result = sr_file_exists(at->file)
                           ? engine_rewrite(&at->config, keep, at->visible_count, err)
                           : SR_OK;
    sr_free(keep);
    if (result != SR_OK)
        return SR_FAIL;
    return catalog_erased(pool->catalog, collaboration, at->owed, at->owed_count, err);
}

static sr_result erase(engine_pool *pool, const sr_uuid *collaboration, sr_err *err)
{
    place at SR_CLEANUP(place_clear) = {.stored_count = 0};
    if (place_find(&at, pool, collaboration, err) != SR_OK ||
        erase_in(&at, pool, collaboration, err) != SR_OK)
        return sr_fail_in(err, "collaboration %s", at.uuid.text);
    return SR_OK;
}

static void tell_failed(const engine_pool *pool, const sr_uuid *collaboration, sr_err *why)
{
    if (pool->erase_failed != NULL)
        pool->erase_failed(collaboration, why);
    sr_err_reset(why);
}

/* With the mutex held and `entry` neither busy nor leased; lets go of it meanwhile. */
static sr_result erase_alone(engine_pool *pool, pool_entry *entry, sr_err *err)
{
    entry->busy = true;
    entry->owes = false; /* also after a failure: not again at each lease's end */
    pthread_mutex_unlock(&pool->mutex);
    engine_clear(&entry->engine);
    sr_result result = erase(pool, &entry->collaboration, err);
    pthread_mutex_lock(&pool->mutex);
    entry->busy = false;
    pthread_cond_broadcast(&pool->changed);
    return result;
}

/* With the mutex held: keeps new leases waiting until the running ones have ended, DRAIN_MS at most. Under a steady
 * load no moment would come by itself; and whoever holds a lease for long, an upload that stalls, must not
 * keep everybody out. */
static void drain(engine_pool *pool, pool_entry *entry, int64_t wait_ms)
{
    struct timespec end = sr_in_ms(wait_ms < DRAIN_MS ? wait_ms : DRAIN_MS);
    int timed_out = 0;
    entry->draining = true;
    entry->drained_us = sr_monotonic_us();
    while (timed_out == 0 && (entry->busy || (entry->owes && entry->leases > 0)))
        timed_out = pthread_cond_timedwait(&pool->changed, &pool->mutex, &end);
    entry->draining = false;
    pthread_cond_broadcast(&pool->changed);
}

/* Not at every delete, or somebody with a stalled upload and many deletions would keep everybody waiting. */
static bool is_drain_due(const engine_pool *pool, const pool_entry *entry)
{
    return entry->drained_us == 0 || sr_monotonic_us() - entry->drained_us > pool->drain_every_us;
}

/* ---- opening --------------------------------------------------------------------------------- */

static bool is_stored(const place *at, catalog_version wanted)
{
    for (size_t i = 0; i < at->stored_count; i++)
        if (at->stored[i].table == wanted.table && at->stored[i].version == wanted.version)
            return true;
    return false;
}

static bool is_visible(const place *at, engine_table stored)
{
    for (size_t i = 0; i < at->visible_count; i++)
        if (at->visible[i].table == stored.table && at->visible[i].version == stored.version)
            return true;
    return false;
}

static sr_result reconcile(engine *opened, const place *at, sr_err *err)
{
    for (size_t i = 0; i < at->visible_count; i++)
        if (!is_stored(at, at->visible[i]))
            return sr_fail(err, SR_E_CORRUPT,
                           "the engine file lacks an uploaded table; restore it");
    for (size_t i = 0; i < at->stored_count; i++)
        if (!is_visible(at, at->stored[i]) && engine_drop(opened, at->stored[i], err) != SR_OK)
            return SR_FAIL;
    return SR_OK;
}

/* No upload can be under way in an engine that is not open yet, so what nobody knows is a leftover. An
 * erasure that fails keeps nobody out: what is owed is dropped and stays owed. */
static sr_result open_engine(engine **out, engine_pool *pool, const sr_uuid *collaboration,
                             sr_err *err)
{
    engine *made SR_CLEANUP(engine_clear) = NULL;
    place at SR_CLEANUP(place_clear) = {.stored_count = 0};
    sr_err why = SR_ERR_INIT;
    if (place_find(&at, pool, collaboration, err) != SR_OK)
        return sr_fail_in(err, "collaboration %s", at.uuid.text);
    if (erase_in(&at, pool, collaboration, &why) != SR_OK)
        tell_failed(pool, collaboration, &why);
    if (engine_open(&made, &at.config, err) != SR_OK ||
        engine_tables(made, &at.stored, &at.stored_count, err) != SR_OK ||
        reconcile(made, &at, err) != SR_OK)
        return sr_fail_in(err, "collaboration %s", at.uuid.text);
    *out = made;
    made = NULL;
    return SR_OK;
}

/* With the mutex held; lets go of it meanwhile, so that other collaborations go on. */
static sr_result open_alone(engine_pool *pool, pool_entry *entry, sr_err *err)
{
    engine *made = NULL;
    entry->busy = true;
    pthread_mutex_unlock(&pool->mutex);
    sr_result result = open_engine(&made, pool, &entry->collaboration, err);
    pthread_mutex_lock(&pool->mutex);
    entry->engine = made;
    entry->busy = false;
    pthread_cond_broadcast(&pool->changed);
    return result;
}

/* ---- leases ---------------------------------------------------------------------------------- */

static pool_entry *find_entry(engine_pool *pool, const sr_uuid *collaboration)
{
    for (pool_entry *entry = pool->entries; entry != NULL; entry = entry->next)
        if (sr_uuid_equal(&entry->collaboration, collaboration))
            return entry;
    pool_entry *made = sr_alloc(sizeof *made);
    made->collaboration = *collaboration;
    made->next = pool->entries;
    pool->entries = made;
    return made;
}

/* An erasure has waited longer than the pool's patience for leases to end. */
static sr_result refuse_overdue(const engine_pool *pool, const pool_entry *entry, sr_err *err)
{
    if (!entry->owes || entry->leases == 0 ||
        sr_monotonic_us() - entry->owes_since < pool->patience_us)
        return SR_OK;
    return sr_fail(err, SR_E_UNAVAILABLE,
                   "rows that were deleted from this collaboration have waited long to be erased, "
                   "which needs its file alone: try again in some minutes");
}

static sr_result lease_locked(engine_lease *out, engine_pool *pool, const sr_uuid *collaboration,
                              bool upload, sr_err *err)
{
    pool_entry *entry = find_entry(pool, collaboration);
    sr_err why = SR_ERR_INIT;
    while (entry->busy || entry->draining)
        pthread_cond_wait(&pool->changed, &pool->mutex);
    /* What is owed for long is made room for by whoever comes next. */
    if (entry->owes && entry->leases > 0 && is_drain_due(pool, entry))
        drain(pool, entry, DRAIN_MS);
    while (entry->busy)
        pthread_cond_wait(&pool->changed, &pool->mutex);
    if (entry->owes && entry->leases == 0 && erase_alone(pool, entry, &why) != SR_OK)
        tell_failed(pool, collaboration, &why);
    /* Uploads could last for ever, so none begins. Queries end by themselves: they go on beside the uploads that
     * remain, and then let an overdue erasure pass, for one after another would keep the file as well. */
    if ((upload || entry->uploads == 0) && refuse_overdue(pool, entry, err) != SR_OK)
        return SR_FAIL;
    if (entry->engine == NULL && open_alone(pool, entry, err) != SR_OK)
        return SR_FAIL;
    entry->leases++;
    entry->uploads += upload ? 1 : 0;
    *out = (engine_lease){.pool = pool, .entry = entry, .engine = entry->engine, .upload = upload};
    return SR_OK;
}

static sr_result lease(engine_lease *out, engine_pool *pool, const sr_uuid *collaboration,
                       bool upload, sr_err *err)
{
    *out = (engine_lease){.pool = NULL};
    pthread_mutex_lock(&pool->mutex);
    sr_result result = lease_locked(out, pool, collaboration, upload, err);
    pthread_mutex_unlock(&pool->mutex);
    return result;
}

sr_result engine_pool_lease(engine_lease *out, engine_pool *pool, const sr_uuid *collaboration,
                            sr_err *err)
{
    return lease(out, pool, collaboration, false, err);
}

sr_result engine_pool_lease_upload(engine_lease *out, engine_pool *pool,
                                   const sr_uuid *collaboration, sr_err *err)
{
    return lease(out, pool, collaboration, true, err);
}

sr_result engine_lease_check(const engine_lease *held, sr_err *err)
{
    engine_pool *pool = held->pool;
    pthread_mutex_lock(&pool->mutex);
    sr_result result = refuse_overdue(pool, held->entry, err);
    pthread_mutex_unlock(&pool->mutex);
    return result;
}

void engine_lease_end(engine_lease *lease)
{
    engine_pool *pool = lease->pool;
    pool_entry *entry = lease->entry;
    bool upload = lease->upload;
    sr_err why = SR_ERR_INIT;
    if (pool == NULL)
        return;
    *lease = (engine_lease){.pool = NULL};
    pthread_mutex_lock(&pool->mutex);
    entry->leases--;
    entry->uploads -= upload ? 1 : 0;
    pthread_cond_broadcast(&pool->changed);
    bool mine = entry->leases == 0 && entry->owes && !entry->busy;
    sr_result result = mine ? erase_alone(pool, entry, &why) : SR_OK;
    pthread_mutex_unlock(&pool->mutex);
    if (result != SR_OK)
        tell_failed(pool, &entry->collaboration, &why);
}

/* ---- erasing on demand ----------------------------------------------------------------------- */

/* Somebody else may have erased it meanwhile. */
static sr_result count_owed(size_t *count, engine_pool *pool, const sr_uuid *collaboration,
                            sr_err *err)
{
    catalog_version *owed = NULL;
    if (catalog_erasures(&owed, count, pool->catalog, collaboration, err) != SR_OK)
        return SR_FAIL;
    sr_free(owed);
    return SR_OK;
}

bool engine_pool_erase(engine_pool *pool, const sr_uuid *collaboration, int64_t wait_ms)
{
    int64_t quiet_ms = wait_ms / 2 < QUIET_MS ? wait_ms / 2 : QUIET_MS;
    struct timespec quiet_end = sr_in_ms(quiet_ms);
    sr_err why = SR_ERR_INIT;
    size_t owed = 0;
    int timed_out = 0;
    pthread_mutex_lock(&pool->mutex);
    pool_entry *entry = find_entry(pool, collaboration);
    if (!entry->owes)
        entry->owes_since = sr_monotonic_us();
    entry->owes = true;
    while (timed_out == 0 && (entry->busy || (entry->owes && entry->leases > 0)))
        timed_out = pthread_cond_timedwait(&pool->changed, &pool->mutex, &quiet_end);
    if (entry->owes && !entry->draining && (entry->busy || entry->leases > 0) &&
        is_drain_due(pool, entry))
        drain(pool, entry, wait_ms - quiet_ms);
    sr_result result = SR_OK;
    if (entry->owes && !entry->busy && entry->leases == 0)
        result = erase_alone(pool, entry, &why);
    pthread_mutex_unlock(&pool->mutex);
    if (result == SR_OK && count_owed(&owed, pool, collaboration, &why) == SR_OK)
        return owed == 0;
    tell_failed(pool, collaboration, &why);
    return false;
}

sr_result engine_pool_erase_owed(engine_pool *pool, sr_err *err)
{
    room_collaboration *rooms = NULL;
    size_t count = 0;
    size_t owed = 0;
    if (catalog_collaboration_all(&rooms, &count, pool->catalog, err) != SR_OK)
        return SR_FAIL;
    sr_result result = SR_OK;
    for (size_t i = 0; i < count && result == SR_OK; i++)
    {
        result = count_owed(&owed, pool, &rooms[i].id, err);
        if (result == SR_OK && owed > 0)
            (void)engine_pool_erase(pool, &rooms[i].id, 0);
    }
    catalog_collaborations_free(rooms, count);
    return result;
}
