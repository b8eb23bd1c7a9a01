/*
 * pool.h: the engines of all collaborations, opened when first asked for and kept open.
 *
 *     <folder>/engines/<collaboration uuid>.duckdb    the rows
 *     <folder>/temp/<collaboration uuid>/             spill; all of temp/ is emptied by engine_pool_new
 *
 * Whoever works with an engine holds a lease; many may at once. Leases exist because erasing needs the file
 * to itself: it closes the engine, rewrites the file without what was deleted, and whoever asks meanwhile
 * waits until it is done.
 *
 * The first opening of a collaboration reconciles its engine with the catalog: stored tables that no
 * visible version names are leftovers of a crash and are dropped; a visible version that the engine does
 * not hold makes the collaboration SR_E_CORRUPT (others go on). Erasures that a crash left are done then.
 *
 * Threads: any. The memory limit holds for each engine by itself; while a file is rewritten, twice.
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
    const char *folder;     /* the server's data folder; made when it is not there, mode 0700 */
    uint64_t memory_limit;  /* bytes, of each engine */
    unsigned threads;       /* of each engine; 0: all cores */
    int64_t drain_every_ms; /* see "erasing"; 0: a minute */
    unsigned patience_ms;   /* that an erasure waits for leases; then it is overdue (see below) */
    /* Told of an erasure that failed; NULL: nobody is told. Any thread. */
    void (*erase_failed)(const sr_uuid *collaboration, const sr_err *why);
} engine_pool_config;

/* The catalog is borrowed and must outlive the pool. No engine is opened yet; the folder is nobody else's. */
sr_result engine_pool_new(engine_pool **out, const engine_pool_config *config, catalog *catalog,
                          sr_err *err) SR_MUST_USE;
/* Closes all engines (checkpoints); leases must be gone. Accepts NULL. */
void engine_pool_free(engine_pool *pool);
void engine_pool_clear(engine_pool **pool);
#define ENGINE_POOL(name) engine_pool *name SR_CLEANUP(engine_pool_clear) = NULL

/* ---- leases ---------------------------------------------------------------------------------- */

/* Stages and sessions of `engine` must be gone before the lease ends. Plain memory. */
typedef struct
{
    engine_pool *pool; /* NULL: no lease */
    struct pool_entry *entry;
    engine *engine;
    bool upload;
} engine_lease;

/* The collaboration's engine, made if it is new. Waits while it is being opened or rewritten. For work that ends
 * by itself. SR_E_UNAVAILABLE while nothing but such work keeps an overdue erasure waiting. */
sr_result engine_pool_lease(engine_lease *out, engine_pool *pool, const sr_uuid *collaboration,
                            sr_err *err) SR_MUST_USE;
/* The same for an upload, which lasts as long as its sender likes: SR_E_UNAVAILABLE when an erasure is overdue. */
sr_result engine_pool_lease_upload(engine_lease *out, engine_pool *pool,
                                   const sr_uuid *collaboration, sr_err *err) SR_MUST_USE;
/* SR_E_UNAVAILABLE once an erasure is overdue: an upload asks at each message, and ends. So nobody keeps for ever
 * what another deleted: the patience, the longest wait for a message and the longest query bound it. */
sr_result engine_lease_check(const engine_lease *held, sr_err *err) SR_MUST_USE;
/* The last one to go does the erasing that could not be done while others worked. Harmless twice. */
void engine_lease_end(engine_lease *lease);
#define ENGINE_LEASE(name) engine_lease name SR_CLEANUP(engine_lease_end) = {.pool = NULL}

/* ---- erasing --------------------------------------------------------------------------------- */

/* Erases what the catalog says is owed (catalog_erasures) and tells the catalog (catalog_erased). Waits for a
 * moment without leases, `wait_ms` at most; after five seconds it makes one: new leases then wait for up to ten
 * seconds. If running leases are held for longer, what is owed is done by the last of them when it ends, by whoever
 * asks for a lease later (who waits for up to ten seconds, once a minute), or at the next start. The caller must hold no lease of the collaboration. True: nothing is owed any more. A
 * failure (a full disk) is told to erase_failed; what is owed stays owed. */
bool engine_pool_erase(engine_pool *pool, const sr_uuid *collaboration, int64_t wait_ms);
/* The same for all collaborations, before anybody is served: what a crash left. Fails only when the catalog
 * cannot be read. */
sr_result engine_pool_erase_owed(engine_pool *pool, sr_err *err) SR_MUST_USE;

#endif
