/*
 * inventory.h: what a backup says of itself: manifest.json, written last. (In the code `manifest`
 * alone is an overlap session's.)
 *
 *     { "format": "sealroom-backup", "version": 1,
 *       "digest": "9b1c…",                        SHA-256 of the canonical JSON of "content"
 *       "content": {
 *         "time": "2026-11-24T08:13:41Z", "program": "0.1.0", "catalogVersion": 1,
 *         "keys": "here",                         or "apart": they lie in a folder of their own
 *         "collaborations": [ {"id", "name", "versions": [ {"number", "table", "owner", "version", "rows"} ]} ],
 *         "files": [ {"name": "catalog.sqlite", "size": 110592, "sha256": "0f3a…"},
 *                    {"name": "engines/<uuid>.duckdb", …}, {"name": "keys/<uuid>.key", …} ] } }
 *
 * Keys that lie apart have the same names here, and lie in their folder without "keys/". The digests find
 * damage. They are no signature: whoever can write to a backup can write a manifest that fits.
 */
#ifndef SEALROOM_SERVER_BACKUP_INVENTORY_H
#define SEALROOM_SERVER_BACKUP_INVENTORY_H

#include "base/json.h"
#include "files.h"

#define INVENTORY_NAME "manifest.json"
#define INVENTORY_CATALOG "catalog.sqlite"
#define INVENTORY_KEYS "keys"

typedef struct
{
    char *name; /* with its folder, as above */
    files_content content;
} inventory_file;

typedef struct
{
    char *time;
    char *program;
    int64_t catalog_version;
    bool keys_apart;
    sr_json *collaborations; /* as consistency_json makes it */
    inventory_file *files;
    size_t file_count;
} inventory;

void inventory_clear(inventory *about);
#define INVENTORY(name) inventory name SR_CLEANUP(inventory_clear) = {.file_count = 0}

/* Copies the name. */
void inventory_add(inventory *about, const char *name, const files_content *content);
/* FOLDER/manifest.json, on the disk when it returns. SR_E_EXISTS: there is one. */
sr_result inventory_write(const inventory *about, const char *folder, sr_err *err) SR_MUST_USE;
/* SR_E_NOT_FOUND: the folder has none, so it is no finished backup; SR_E_CORRUPT: damaged, or a file's name
 * that no backup has; SR_E_STATE: written by a newer program in another form. */
sr_result inventory_read(inventory *out, const char *folder, sr_err *err) SR_MUST_USE;
/* Where a file lies: FOLDER/NAME, or in `keys` (NULL: not apart) when it is a key; owned (sr_free). */
char *inventory_path(const char *folder, const char *keys, const char *name) SR_MUST_USE;
/* A key is a file whose name starts with "keys/". */
bool inventory_is_key(const char *name);

#endif
