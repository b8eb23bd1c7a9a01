#include "opened.h"

#include "base/text.h"
#include "server/catalog/inside.h"

enum
{
    SECOND_US = 1000 * 1000,
    HOUR_S = 3600,
};

void change(fixture *room, const char *sql)
{
    sr_err err = SR_ERR_INIT;
    CATALOG_LOCK(room->catalog);
    check_ok(db_run(room->catalog->db, sql, &err), &err);
}

void prepare(fixture *room)
{
    join(room, &room->spring, &room->acme, &room->cargo, ABILITY_ALL);
    change(room, "PRAGMA synchronous = OFF");
}

manifest terms_of(const fixture *room, const char *const *names, size_t count)
{
    manifest made = {
        .session = sr_uuid_random(),
        .collaboration = room->spring,
        .suite = "curve25519",
        .normaliser = "email-v1",
        .member_count = count,
        .expires_s = sr_now_us() / SECOND_US + HOUR_S,
    };
    for (size_t i = 0; i < count; i++)
    {
        check(sr_text_put(made.members[i].name, sizeof made.members[i].name, names[i]));
        made.members[i].cap = 1000;
        made.members[i].segments = MANIFEST_SEGMENTS_MOST;
        made.members[i].receives = true;
    }
    return made;
}

const char *const pair[2] = {"acme", "brand"};
const char *const three[3] = {"acme", "brand", "cargo"};

sr_result try_open(sr_uuid_text *id, fixture *room, const catalog_actor *opener,
                   const char *const *names, size_t count, sr_err *err)
{
    manifest terms = terms_of(room, names, count);
    *id = sr_uuid_print(&terms.session);
    return overlap_open(room->catalog, &terms, opener, err);
}

sr_uuid_text open_with(fixture *room, const catalog_actor *opener, const char *const *names,
                       size_t count)
{
    sr_err err = SR_ERR_INIT;
    sr_uuid_text id;
    check_ok(try_open(&id, room, opener, names, count, &err), &err);
    return id;
}

sr_result try_confirm(fixture *room, const sr_uuid_text *id, const catalog_actor *actor,
                      sr_err *err)
{
    static const uint8_t nonce[MANIFEST_NONCE_SIZE] = {1};
    return overlap_confirm(room->catalog, id->text, nonce, "a certificate", actor, err);
}

void confirm(fixture *room, const sr_uuid_text *id, const catalog_actor *actor)
{
    sr_err err = SR_ERR_INIT;
    check_ok(try_confirm(room, id, actor, &err), &err);
}

sr_uuid_text run_session(fixture *room)
{
    sr_uuid_text id = open_with(room, &room->acme, pair, 2);
    confirm(room, &id, &room->acme);
    confirm(room, &id, &room->brand);
    return id;
}
