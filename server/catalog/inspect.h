/*
 * inspect.h: a catalog's file as it lies there, for the operator's tools. Nothing is migrated and nothing
 * cleaned up, so that a tool can say what a start of the server would do.
 */
#ifndef SEALROOM_SERVER_CATALOG_INSPECT_H
#define SEALROOM_SERVER_CATALOG_INSPECT_H

#include "catalog.h"

typedef struct
{
    int64_t version;  /* its last migration */
    int64_t newest;   /* the last one of this program */
    uint64_t uploads; /* that never finished: a start forgets them */
    uint64_t queries; /* likewise: a start calls them FAILED */
} catalog_condition;

/* Reads every page and every reference. Afterwards the file alone is the whole catalog: what a killed
 * server left in the write-ahead log is in it (give it a copy, if the original must stay as it is).
 * SR_E_CORRUPT: damaged, empty, or no catalog; SR_E_STATE: of a newer server, or in use;
 * SR_E_NOT_FOUND: there is no such file. */
sr_result catalog_inspect(catalog_condition *out, const char *file, sr_err *err) SR_MUST_USE;

/* A version that stands, and what the engine must hold of it. */
typedef struct
{
    uint64_t number; /* of the table */
    uint32_t version;
    uint64_t rows;
    char table[MODEL_NAME_SIZE];
    char owner[MODEL_NAME_SIZE];
} catalog_kept;

/* Every version that stands of a collaboration's tables, by table's number and version; the array is the
 * caller's (sr_free). */
sr_result catalog_kept_list(catalog_kept **out, size_t *count, catalog *catalog,
                            const sr_uuid *collaboration, sr_err *err) SR_MUST_USE;

#endif
