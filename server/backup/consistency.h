/*
 * consistency.h: whether a catalog, engine files and server keys belong together:
 *
 *     the catalog    every page and reference is sound
 *     each engine    its file opens, holds every version that stands, and each has the rows that the catalog says
 *     each key       every collaboration has its server key of 32 bytes
 *     permissions    nobody but the owner may open any of it
 *
 * Nothing of what is looked at changes: the catalog is read from a copy in `scratch`, engine files are opened
 * read-only. What is wrong is a fault, one line each, with the file or collaboration in front, never with
 * data. What a start of the server would clean up, and files that nobody needs, are leftovers: no faults.
 * The caller sees to it that no server runs (lock.h).
 */
#ifndef SEALROOM_SERVER_BACKUP_CONSISTENCY_H
#define SEALROOM_SERVER_BACKUP_CONSISTENCY_H

#include "base/json.h"
#include "base/uuid.h"
#include "server/catalog/inspect.h"

#define CONSISTENCY_ENGINES "engines"

typedef struct
{
    const char *folder;  /* has catalog.sqlite, perhaps with its write-ahead log, and engines/ */
    const char *keys;    /* the folder of server keys */
    const char *scratch; /* a folder inside of `folder`, made and removed here */
    uint64_t memory_limit;
    unsigned threads;
    bool read_rows; /* every block of every engine file, not only how many rows there are */
} consistency_places;

/* One line each, owned. */
typedef struct
{
    char **lines;
    size_t count;
} consistency_lines;

typedef struct
{
    sr_uuid id;
    char name[MODEL_NAME_SIZE];
    catalog_kept *versions; /* that stand */
    size_t version_count;
    size_t owed;     /* versions that were deleted and are still to be erased */
    bool has_engine; /* a collaboration without an upload has no engine file yet */
    bool engine_fine;
    bool key_fine;
} consistency_room;

typedef struct
{
    catalog_condition catalog;
    consistency_room *rooms; /* by name, then id */
    size_t room_count;
    consistency_lines faults;
    consistency_lines leftovers;
} consistency;

/* SR_FAIL only when looking itself fails (no space for the copy, no memory); else *out tells, faults and all.
 * A catalog that cannot be read is one fault, and nothing else is looked at. */
sr_result consistency_look(consistency *out, const consistency_places *places,
                           sr_err *err) SR_MUST_USE;
void consistency_clear(consistency *seen);
#define CONSISTENCY(name) consistency name SR_CLEANUP(consistency_clear) = {.room_count = 0}

/* The first fault as an error (SR_E_CORRUPT), if there is one. */
sr_result consistency_judge(const consistency *seen, sr_err *err) SR_MUST_USE;

/* [{"id", "name", "versions": [{"number", "table", "owner", "version", "rows"}]}], for a manifest. */
sr_json *consistency_json(const consistency *seen) SR_MUST_USE;

/* The files of a collaboration, as they are called in their folders; owned (sr_free). */
char *consistency_engine_name(const sr_uuid *collaboration) SR_MUST_USE;
char *consistency_key_name(const sr_uuid *collaboration) SR_MUST_USE;

/* Copies a catalog, with a write-ahead log that lies beside it, and makes one file of them; *condition may
 * be NULL. Errors of the copied file carry `from` as their subject. */
sr_result consistency_copy_catalog(catalog_condition *condition, const char *to, const char *from,
                                   sr_err *err) SR_MUST_USE;

#endif
