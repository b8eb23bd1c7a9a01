/*
 * pool.h: the engines of all collaborations, opened when first asked for and kept open.
 *
 *     <folder>/engines/<collaboration uuid>.duckdb    the rows
 *     <folder>/temp/<collaboration uuid>/             spill, emptied at each opening
 *
 * The first opening of a collaboration reconciles its engine with the catalog: stored tables that no
 * visible version names are leftovers of a crash and are dropped; a visible version that the engine does
 * not hold makes the collaboration SR_E_CORRUPT (others go on).
 *
 * Threads: any. The memory limit holds for each engine by itself.
 */
#ifndef SEALROOM_SERVER_ENGINE_POOL_H
#define SEALROOM_SERVER_ENGINE_POOL_H

#include "base/err.h"
#include "base/uuid.h"

#include "engine.h"
#include "server/catalog/catalog.h"

typedef struct engine_pool engine_pool;

typedef struct
{
    const char *folder;    /* the server's data folder; made when it is not there, mode 0700 */
    uint64_t memory_limit; /* bytes, of each engine */
    unsigned threads;      /* of each engine; 0: all cores */
} engine_pool_config;

/* The catalog is borrowed and must outlive the pool. No engine is opened yet. */
sr_result engine_pool_new(engine_pool **out, const engine_pool_config *config, catalog *catalog,
                          sr_err *err) SR_MUST_USE;
/* The collaboration's engine, made if it is new; borrowed until the pool is freed. */
sr_result engine_pool_get(engine **out, engine_pool *pool, const sr_uuid *collaboration,
                          sr_err *err) SR_MUST_USE;
/* Closes all engines (checkpoints); stages and sessions must be gone. Accepts NULL. */
void engine_pool_free(engine_pool *pool);
void engine_pool_clear(engine_pool **pool);
#define ENGINE_POOL(name) engine_pool *name SR_CLEANUP(engine_pool_clear) = NULL

#endif
