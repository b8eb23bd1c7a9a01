/*
 * store.h: the folder of a server that has stopped: a catalog with one collaboration and one table, its rows,
 * and its key. Every failure ends the test.
 */
#ifndef SEALROOM_TESTS_BACKUP_STORE_H
#define SEALROOM_TESTS_BACKUP_STORE_H

#include "fixture.h"
#include "server/engine/engine.h"

enum
{
    STORE_ROWS = 1042, /* as the fixture's upload says */
    STORE_MEMORY = 256 * 1024 * 1024,
};

typedef struct
{
    fixture room;
    char *keys;
    char *engines;
    char *engine_file;
    char *key_file;
    catalog_upload uploaded; /* table "sales" of "acme", version 1 */
} store;

void store_init(store *self);
void store_clear(store *self);
#define STORE(name)                                                                                \
    store name SR_CLEANUP(store_clear) = {.keys = NULL};                                           \
    store_init(&name)

/* So many rows of one column, all the same, into the engine's file alone. */
void store_stage(const store *self, engine_table table, const char *cell, size_t rows);

#endif
