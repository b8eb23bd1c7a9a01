/* Who may begin how many sessions. */
#include "opened.h"
#include "server/catalog/inside.h"

static void nobody_uses_up_what_two_others_may_begin(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    ROOM(room);
    limit(&room, QUOTA_OVERLAP_SESSIONS, 1);
    for (int i = 0; i < 3; i++)
    {
        sr_uuid_text id = open_with(&room, &room.cargo, three, 3);
        if (i == 0)
            confirm(&room, &id, &room.cargo);
    }
    sr_uuid_text id = open_with(&room, &room.acme, pair, 2);
    confirm(&room, &id, &room.acme);
    confirm(&room, &id, &room.brand);
    check_fails(try_open(&id, &room, &room.brand, pair, 2, &err), &err, SR_E_LIMIT);
    check_quota(&err, QUOTA_OVERLAP_SESSIONS);
    check_text(err.text, "quota maxOverlapSessionsPerPair: \"brand\" and \"acme\" have begun as "
                         "many overlap sessions in the last 24 hours as this server allows; wait, "
                         "or ask the operator");
}

static void the_confirmation_that_is_one_too_many_is_refused(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    OVERLAP_SESSION(found);
    ROOM(room);
    limit(&room, QUOTA_OVERLAP_SESSIONS, 1);
    sr_uuid_text first = open_with(&room, &room.acme, pair, 2);
    sr_uuid_text second = open_with(&room, &room.cargo, three, 3);
    confirm(&room, &second, &room.acme);
    confirm(&room, &first, &room.acme);
    confirm(&room, &first, &room.brand);
    check_fails(try_confirm(&room, &second, &room.brand, &err), &err, SR_E_LIMIT);
    check_quota(&err, QUOTA_OVERLAP_SESSIONS);
    check_ok(overlap_session_get(&found, room.catalog, second.text, "brand", &err), &err);
    check(!found.manifest.members[1].confirmed);
    confirm(&room, &second, &room.cargo); /* with acme it has one, with brand none */
}

static void what_was_opened_long_ago_counts_from_its_confirmation(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    ROOM(room);
    sr_uuid_text old[2];
    for (size_t i = 0; i < 2; i++)
        old[i] = open_with(&room, &room.acme, pair, 2);
    change(&room, "UPDATE overlap_session SET opened_us = 1");
    limit(&room, QUOTA_OVERLAP_SESSIONS, 1);
    confirm(&room, &old[0], &room.acme);
    confirm(&room, &old[0], &room.brand);
    confirm(&room, &old[1], &room.acme);
    check_fails(try_confirm(&room, &old[1], &room.brand, &err), &err, SR_E_LIMIT);
    change(&room, "UPDATE overlap_member SET confirmed_us = 1 WHERE confirmed_us > 0");
    sr_err_reset(&err);
    confirm(&room, &old[1], &room.brand); /* a day later */
}

static void a_member_has_so_many_sessions_that_wait(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    sr_uuid_text id;
    ROOM(room);
    limit(&room, QUOTA_OVERLAP_OPEN, 2);
    (void)open_with(&room, &room.acme, pair, 2);
    sr_uuid_text second = open_with(&room, &room.acme, three, 3);
    check_fails(try_open(&id, &room, &room.acme, pair, 2, &err), &err, SR_E_LIMIT);
    check_quota(&err, QUOTA_OVERLAP_OPEN);
    check_text(err.text, "quota maxOverlapSessionsOpen: member \"acme\" has opened 2 overlap "
                         "sessions that wait for confirmations, the most that one member may; "
                         "cancel one, or ask the operator");
    sr_err_reset(&err);
    check_fails(overlap_session_get(&(overlap_session){.part_count = 0}, room.catalog, id.text,
                                    "acme", &err),
                &err, SR_E_NOT_FOUND);
    (void)open_with(&room, &room.brand, pair, 2); /* others have their own */
    confirm(&room, &second, &room.acme);
    confirm(&room, &second, &room.brand);
    confirm(&room, &second, &room.cargo); /* it waits no more */
    sr_uuid_text third = open_with(&room, &room.acme, pair, 2);
    sr_err_reset(&err);
    check_ok(overlap_end(room.catalog, third.text, OVERLAP_CANCELLED, "", &room.acme, &err), &err);
    (void)open_with(&room, &room.acme, pair, 2);
}

static int64_t number(fixture *room, const char *sql)
{
    sr_err err = SR_ERR_INIT;
    int64_t found = -1;
    check_ok(db_number(room->catalog->db, sql, &found, &err), &err);
    return found;
}

static void confirmations_of_an_older_catalog_count_from_the_opening(void **state)
{
    (void)state;
    ROOM(room);
    (void)run_session(&room);
    sr_uuid_text waits = open_with(&room, &room.acme, pair, 2);
    confirm(&room, &waits, &room.acme);
    change(&room, "ALTER TABLE overlap_member DROP COLUMN confirmed_us; PRAGMA user_version = 4");
    fixture_restart(&room);
    check_int(number(&room, "SELECT count(*) FROM overlap_member m JOIN overlap_session s"
                            " ON s.id = m.session WHERE m.confirmed_us = s.opened_us"),
              3);
    check_int(number(&room, "SELECT count(*) FROM overlap_member WHERE confirmed_us = 0"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_uses_up_what_two_others_may_begin),
        cmocka_unit_test(the_confirmation_that_is_one_too_many_is_refused),
        cmocka_unit_test(what_was_opened_long_ago_counts_from_its_confirmation),
        cmocka_unit_test(a_member_has_so_many_sessions_that_wait),
        cmocka_unit_test(confirmations_of_an_older_catalog_count_from_the_opening),
    };
    check_main(tests);
}
