#include "fixture.h"

#include <stdlib.h>

#include "base/file.h"

static catalog_actor actor_of(const char *member)
{
    catalog_actor made = {.who = {.role = ROLE_ADMIN}};
    check(sr_text_put(made.who.member, sizeof made.who.member, member));
    check(sr_text_put(made.certificate, sizeof made.certificate,
                      "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"));
    return made;
}

void fixture_open(fixture *room)
{
    sr_err err = SR_ERR_INIT;
    check_ok(catalog_open(&room->catalog, room->file, &err), &err);
}

void fixture_close(fixture *room)
{
    catalog_clear(&room->catalog);
}

void fixture_restart(fixture *room)
{
    fixture_close(room);
    fixture_open(room);
}

void fixture_init(fixture *room)
{
    *room = (fixture){.folder = "/tmp/catalog-test-XXXXXX"};
    check(mkdtemp(room->folder) != NULL);
    room->file = sr_path_join(room->folder, "catalog.sqlite");
    room->acme = actor_of("acme");
    room->brand = actor_of("brand");
    room->cargo = actor_of("cargo");
    fixture_open(room);
    room->spring = create(room, &room->acme, "spring");
    join(room, &room->spring, &room->acme, &room->brand, ABILITY_ALL);
}

void fixture_clear(fixture *room)
{
    sr_err err = SR_ERR_INIT;
    fixture_close(room);
    check_ok(sr_folder_remove(room->folder, &err), &err);
    sr_free(room->file);
}

sr_uuid create(fixture *room, const catalog_actor *actor, const char *name)
{
    sr_err err = SR_ERR_INIT;
    const collaboration_flags flags = {.allow_cleartext = true};
    ROOM_COLLABORATION(made);
    check_ok(catalog_collaboration_create(&made, room->catalog, NULL, name, &flags, actor, &err),
             &err);
    return made.id;
}

void join(fixture *room, const sr_uuid *collaboration, const catalog_actor *creator,
          const catalog_actor *member, unsigned abilities)
{
    sr_err err = SR_ERR_INIT;
    check_ok(catalog_member_invite(room->catalog, collaboration, member->who.member, abilities,
                                   creator, &err),
             &err);
    check_ok(catalog_member_accept(room->catalog, collaboration, member, &err), &err);
}

void two_columns(room_column *out)
{
    out[0] = (room_column){.name = "id",
                           .type = COLUMN_FINGERPRINT,
                           .data = {.kind = DATA_STRING},
                           .normaliser = "email-v1",
                           .card = "a card\0with a zero",
                           .card_len = 18,
                           .allowed = true};
    out[1] = (room_column){.name = "spend",
                           .type = COLUMN_CLEARTEXT,
                           .data = {.kind = DATA_DECIMAL, .precision = 12, .scale = 2},
                           .normaliser = "exact"};
}

catalog_upload begin(fixture *room, const catalog_actor *actor, const char *table)
{
    sr_err err = SR_ERR_INIT;
    room_column columns[COLUMN_COUNT];
    catalog_upload made;
    two_columns(columns);
    check_ok(catalog_upload_begin(&made, room->catalog, &room->spring, table, columns, COLUMN_COUNT,
                                  false, actor, &err),
             &err);
    return made;
}

catalog_upload_facts facts_of(const room_column *columns, uint64_t rows)
{
    return (catalog_upload_facts){.columns = columns, .column_count = COLUMN_COUNT, .rows = rows};
}

catalog_upload upload(fixture *room, const catalog_actor *actor, const char *table)
{
    sr_err err = SR_ERR_INIT;
    room_column columns[COLUMN_COUNT];
    two_columns(columns);
    catalog_upload made = begin(room, actor, table);
    catalog_upload_facts facts = facts_of(columns, 1042);
    check_ok(catalog_upload_commit(room->catalog, &made, &facts, actor, &err), &err);
    return made;
}

void limit(fixture *room, quota_id id, uint64_t most)
{
    quotas in_force = {.limit = {0}};
    in_force.limit[id] = most;
    catalog_set_quotas(room->catalog, &in_force);
}

void check_quota(const sr_err *err, quota_id id)
{
    check_error_says(err, quota_name(id));
    check_text(err->detail.reason, QUOTA_REASON);
    check_text(err->detail.field, quota_name(id));
}
