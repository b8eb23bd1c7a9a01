/*
 * fixture.h: a catalog in a folder of its own, with the members that every test knows: "acme" creates,
 * "brand" is invited and accepts, "cargo" is a stranger. Every failure ends the test.
 */
#ifndef SEALROOM_TESTS_CATALOG_FIXTURE_H
#define SEALROOM_TESTS_CATALOG_FIXTURE_H

#include "check.h"

#include "server/catalog/catalog.h"

typedef struct
{
    char folder[64];
    char *file;
    catalog *catalog;
    catalog_actor acme;
    catalog_actor brand;
    catalog_actor cargo;
    sr_uuid spring; /* acme's collaboration; brand has accepted */
} fixture;

void fixture_init(fixture *room);
/* Closes the catalog; opens it again. */
void fixture_close(fixture *room);
void fixture_open(fixture *room);
void fixture_restart(fixture *room);
/* Closes and removes the folder. */
void fixture_clear(fixture *room);
#define FIXTURE(name)                                                                              \
    fixture name SR_CLEANUP(fixture_clear) = {.folder = ""};                                       \
    fixture_init(&name)

/* A new collaboration of this actor, with no other member. */
sr_uuid create(fixture *room, const catalog_actor *actor, const char *name);
/* Invites and accepts. */
void join(fixture *room, const sr_uuid *collaboration, const catalog_actor *creator,
          const catalog_actor *member, unsigned abilities);

/* Two columns: a fingerprint "id" with a card, and cleartext "spend". */
enum
{
    COLUMN_COUNT = 2,
};
void two_columns(room_column *out);
/* Begins, must succeed. */
catalog_upload begin(fixture *room, const catalog_actor *actor, const char *table);
/* What a commit of two_columns says. */
catalog_upload_facts facts_of(const room_column *columns, uint64_t rows);
/* The whole of an upload of two_columns. */
catalog_upload upload(fixture *room, const catalog_actor *actor, const char *table);

/* The catalog's quotas: this one alone. */
void limit(fixture *room, quota_id id, uint64_t most);
/* A refusal by it, with its details. */
void check_quota(const sr_err *err, quota_id id);

#endif
