/* Sessions in the catalog: how they end, what is wanted of them, what a list of them takes. */
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "opened.h"
#include "rpc/rpc.h"
#include "sealroom/v1/overlap.pb-c.h"
#include "server/catalog/inside.h"
#include "server/overlap/keeper.h"
#include "server/rpc/overlap_message.h"
#include "wire/wire.h"

enum
{
    SECOND_US = 1000 * 1000,
    FILE_MOST = 64 * 1024 * 1024,
    OFTEN_MS = 10,
    HOUR_MS = 60 * 60 * 1000,
    LOOK_US = 2 * 1000,
};

static overlap_state state_of(fixture *room, const char *id)
{
    OVERLAP_SESSION(found);
    sr_err err = SR_ERR_INIT;
    check_ok(overlap_session_get(&found, room->catalog, id, "acme", &err), &err);
    return found.state;
}

/* ---- the end --------------------------------------------------------------------------------- */

static void a_session_that_cannot_be_read_keeps_no_other_from_its_end(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    size_t ended = 0;
    sr_uuid_text ids[3];
    ROOM(room);
    for (size_t i = 0; i < 3; i++)
        ids[i] = run_session(&room);
    change(&room, "UPDATE overlap_session SET manifest = '{'"
                  " WHERE id = (SELECT min(id) FROM overlap_session)");
    check_fails(overlap_expire(&ended, room.catalog, INT64_MAX, &err), &err, SR_E_CORRUPT);
    check_int(ended, 2);
    size_t expired = 0;
    for (size_t i = 0; i < 3; i++)
    {
        OVERLAP_SESSION(found);
        sr_err_reset(&err);
        if (overlap_session_get(&found, room.catalog, ids[i].text, "acme", &err) == SR_OK)
            expired += found.state == OVERLAP_EXPIRED ? 1 : 0;
    }
    check_int(expired, 2);
}

static void what_nobody_could_end_is_not_confirmed_after_its_time(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    ROOM(room);
    manifest terms = terms_of(&room, pair, 2);
    terms.expires_s = sr_now_us() / SECOND_US;
    sr_uuid_text id = sr_uuid_print(&terms.session);
    check_ok(overlap_open(room.catalog, &terms, &room.acme, &err), &err);
    check_fails(try_confirm(&room, &id, &room.acme, &err), &err, SR_E_STATE);
    check_error_says(&err, "time is over");
}

static bool holds(const fixture *room, const char *ending, const uint8_t share[OVERLAP_SHARE_SIZE])
{
    SR_BUF(bytes, FILE_MOST);
    SR_TEXT(path);
    sr_err err = SR_ERR_INIT;
    path = sr_text_printf("%s%s", room->file, ending);
    check_ok(sr_file_read(&bytes, path, &err), &err);
    return bytes.len > 0 && memmem(bytes.data, bytes.len, share, OVERLAP_SHARE_SIZE) != NULL;
}

/* Maybe in the keeper's thread, where no test can be ended. */
static void nothing_failed(const sr_err *why)
{
    fprintf(stderr, "the keeper failed: %s\n", why->text);
    abort();
}

static void keep(fixture *room)
{
    sr_err err = SR_ERR_INIT;
    overlap_lists *lists = NULL;
    overlap_keeper *keeper = NULL;
    check_ok(overlap_lists_new(&lists, room->folder, &err), &err);
    check_ok(overlap_keeper_start(&keeper, lists, room->catalog, HOUR_MS, nothing_failed, &err),
             &err);
    overlap_keeper_stop(keeper);
    overlap_lists_free(lists);
}

static void begin_reading(db_statement **reader, fixture *room)
{
    sr_err err = SR_ERR_INIT;
    bool row = false;
    check_ok(db_prepare(reader, room->catalog->db, "SELECT id FROM collaboration", &err), &err);
    check_ok(db_step(*reader, &row, &err), &err);
    check(row);
}

static void a_share_is_in_no_file_after_the_end_though_somebody_read(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    bool done = true;
    OVERLAP_SESSION(found);
    ROOM(room);
    sr_uuid_text id = run_session(&room);
    check_ok(overlap_session_get(&found, room.catalog, id.text, "acme", &err), &err);
    const uint8_t *share = found.members[0].share;
    check(holds(&room, "-wal", share));
    {
        DB_STATEMENT(reader);
        begin_reading(&reader, &room);
        check_ok(overlap_end(room.catalog, id.text, OVERLAP_CANCELLED, "", &room.acme, &err), &err);
        check(holds(&room, "-wal", share));
        check_ok(overlap_cut_log(&done, room.catalog, &err), &err);
        check(!done);
    }
    keep(&room);
    check(!holds(&room, "-wal", share));
    check(!holds(&room, "", share));
    check_int(state_of(&room, id.text), OVERLAP_CANCELLED);
}

static void a_share_is_in_no_file_after_the_end(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    OVERLAP_SESSION(found);
    ROOM(room);
    sr_uuid_text id = run_session(&room);
    check_ok(overlap_session_get(&found, room.catalog, id.text, "acme", &err), &err);
    check_ok(overlap_end(room.catalog, id.text, OVERLAP_CANCELLED, "", &room.acme, &err), &err);
    check(!holds(&room, "-wal", found.members[0].share));
    check(!holds(&room, "", found.members[0].share));
}

/* ---- parts ----------------------------------------------------------------------------------- */

static overlap_part part_of(size_t owner, uint64_t number)
{
    overlap_part made = {.number = number, .owner = owner, .items = 5, .points = 1000};
    sr_uuid name = sr_uuid_random();
    sr_uuid_text words = sr_uuid_print(&name);
    sr_copy(made.name, words.text, sizeof made.name);
    made.signature_len = 70;
    memset(made.signature, 0x5a, made.signature_len);
    memset(made.transport, 0x5b, sizeof made.transport);
    return made;
}

/* As many parts as a member may have. */
static void contribute(fixture *room, const sr_uuid_text *id, size_t owner,
                       const catalog_actor *actor, overlap_part *parts, size_t count)
{
    static const uint8_t sum[OVERLAP_DIGEST_SIZE] = {7};
    sr_err err = SR_ERR_INIT;
    for (size_t i = 0; i < count; i++)
        parts[i] = part_of(owner, owner * MANIFEST_SEGMENTS_MOST + i + 1);
    check_ok(overlap_contributed(room->catalog, id->text, parts, count, sum, actor, &err), &err);
}

static char *put_file(const overlap_lists *lists, const sr_uuid_text *id, const char *name)
{
    sr_err err = SR_ERR_INIT;
    char *path = NULL;
    check_ok(overlap_lists_path(&path, lists, id->text, name, true, &err), &err);
    check_ok(sr_file_write(path, sr_slice_text("points"), 0600, true, &err), &err);
    return path;
}

static void files_that_no_part_names_are_gone_when_the_keeper_has_started(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    overlap_lists *lists = NULL;
    overlap_part parts[2];
    SR_TEXT(wanted);
    SR_TEXT(received);
    SR_TEXT(unfinished);
    ROOM(room);
    sr_uuid_text id = run_session(&room);
    overlap_part lost = part_of(0, 1);
    contribute(&room, &id, 0, &room.acme, parts, 2);
    check_ok(overlap_lists_new(&lists, room.folder, &err), &err);
    wanted = put_file(lists, &id, parts[1].name);
    received = put_file(lists, &id, lost.name);
    unfinished = put_file(lists, &id, ".unfinished");
    overlap_lists_sweep(lists, room.catalog); /* a call may be writing them */
    check(sr_file_exists(wanted) && sr_file_exists(received) && sr_file_exists(unfinished));
    overlap_lists_free(lists);
    keep(&room);
    check(sr_file_exists(wanted));
    check(!sr_file_exists(received) && !sr_file_exists(unfinished));
}

/* The keeper has started by the time the session is over. The manifest stays, so that no call finds it over. */
static void a_session_ends_and_its_lists_go_though_nobody_calls(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    overlap_lists *lists = NULL;
    overlap_keeper *keeper = NULL;
    overlap_part parts[1];
    SR_TEXT(list);
    ROOM(room);
    sr_uuid_text id = run_session(&room);
    contribute(&room, &id, 0, &room.acme, parts, 1);
    check_ok(overlap_lists_new(&lists, room.folder, &err), &err);
    list = put_file(lists, &id, parts[0].name);
    check_ok(overlap_keeper_start(&keeper, lists, room.catalog, OFTEN_MS, nothing_failed, &err),
             &err);
    check_int(state_of(&room, id.text), OVERLAP_RUNNING);
    check(sr_file_exists(list));
    change(&room, "UPDATE overlap_session SET expires_us = 1");
    while (sr_file_exists(list))
        usleep(LOOK_US);
    check_int(state_of(&room, id.text), OVERLAP_EXPIRED);
    overlap_keeper_stop(keeper);
    overlap_lists_free(lists);
}

static void a_glance_tells_whose_turn_it_is_and_nothing_else_of_parts(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    OVERLAP_SESSION(found);
    OVERLAP_SESSION(none);
    overlap_part parts[2];
    ROOM(room);
    sr_uuid_text id = run_session(&room);
    contribute(&room, &id, 1, &room.brand, parts, 2);
    check_ok(overlap_session_glance(&found, room.catalog, id.text, "acme", &err), &err);
    check_int(found.part_count, 2);
    for (size_t i = 0; i < 2; i++)
    {
        const overlap_part *part = &found.parts[i];
        check_int(part->number, parts[i].number);
        check_text(part->name, parts[i].name);
        check_int(part->points, 1000);
        check_int(overlap_turn(&found, part), 0);
        check_int(part->signature_len, 0);
        check_int(part->transport[0], 0);
    }
    check_fails(overlap_session_glance(&none, room.catalog, id.text, "cargo", &err), &err,
                SR_E_NOT_FOUND);
}

/* ---- listing --------------------------------------------------------------------------------- */

enum
{
    LARGE = 16, /* sessions, each of as many members and parts as there may be */
};

/* Names as long as they may be. */
static void gather(fixture *room, catalog_actor *actors, const char **names)
{
    actors[0] = room->acme;
    for (size_t i = 0; i < MANIFEST_MEMBERS_MOST; i++)
    {
        if (i > 0)
        {
            actors[i] = room->acme;
            memset(actors[i].who.member, 'm', sizeof actors[i].who.member - 1);
            actors[i].who.member[0] = (char)('a' + i);
            join(room, &room->spring, &room->acme, &actors[i], ABILITY_ALL);
        }
        names[i] = actors[i].who.member;
    }
}

static sr_uuid_text run_large(fixture *room, const catalog_actor *actors, const char **names)
{
    static overlap_part parts[MANIFEST_SEGMENTS_MOST];
    sr_uuid_text id = open_with(room, &actors[0], names, MANIFEST_MEMBERS_MOST);
    for (size_t i = 0; i < MANIFEST_MEMBERS_MOST; i++)
        confirm(room, &id, &actors[i]);
    for (size_t i = 0; i < MANIFEST_MEMBERS_MOST; i++)
        contribute(room, &id, i, &actors[i], parts, MANIFEST_SEGMENTS_MOST);
    return id;
}

static void a_list_of_the_largest_sessions_fits_into_a_message(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    ROOM_COLLABORATION(spring);
    SR_BUF(bytes, RPC_MESSAGE_MAX);
    WIRE_MESSAGE(Sealroom__V1__ListSessionsResponse, made);
    WIRE_MESSAGE(Sealroom__V1__ListSessionsResponse, read);
    catalog_actor actors[MANIFEST_MEMBERS_MOST];
    const char *names[MANIFEST_MEMBERS_MOST];
    sr_uuid_text ids[LARGE];
    ROOM(room);
    gather(&room, actors, names);
    for (size_t i = 0; i < LARGE; i++)
        ids[i] = run_large(&room, actors, names);
    check_ok(catalog_collaboration_find(&spring, room.catalog, "spring", "acme", &err), &err);
    check_ok(overlap_list_message(&made, room.catalog, &spring, "acme", &err), &err);
    check_ok(wire_pack(made, &bytes, &err), &err);
    check_ok(wire_unpack(&read, &sealroom__v1__list_sessions_response__descriptor,
                         sr_buf_view(&bytes), &err),
             &err);
    check(read->n_sessions > 1 && read->n_sessions < LARGE);
    check(read->more);
    for (size_t i = 0; i < read->n_sessions; i++)
        check_text(read->sessions[i]->session, ids[LARGE - 1 - i].text);
    check_int(read->sessions[0]->n_due, MANIFEST_SEGMENTS_MOST);
    check_int(read->sessions[0]->parts, OVERLAP_PARTS_MOST);
}

static void a_list_holds_no_share_and_no_session_that_is_damaged(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    ROOM_COLLABORATION(spring);
    WIRE_MESSAGE(Sealroom__V1__ListSessionsResponse, made);
    ROOM(room);
    for (size_t i = 0; i < 3; i++)
        (void)run_session(&room);
    change(&room, "UPDATE overlap_session SET manifest = '{'"
                  " WHERE id = (SELECT min(id) FROM overlap_session)");
    check_ok(catalog_collaboration_find(&spring, room.catalog, "spring", "acme", &err), &err);
    check_ok(overlap_list_message(&made, room.catalog, &spring, "acme", &err), &err);
    check_int(made->n_sessions, 2);
    check(!made->more);
    for (size_t i = 0; i < made->n_sessions; i++)
        check_int(made->sessions[i]->checkpoint_share.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_that_cannot_be_read_keeps_no_other_from_its_end),
        cmocka_unit_test(what_nobody_could_end_is_not_confirmed_after_its_time),
        cmocka_unit_test(a_share_is_in_no_file_after_the_end_though_somebody_read),
        cmocka_unit_test(a_share_is_in_no_file_after_the_end),
        cmocka_unit_test(files_that_no_part_names_are_gone_when_the_keeper_has_started),
        cmocka_unit_test(a_session_ends_and_its_lists_go_though_nobody_calls),
        cmocka_unit_test(a_glance_tells_whose_turn_it_is_and_nothing_else_of_parts),
        cmocka_unit_test(a_list_of_the_largest_sessions_fits_into_a_message),
        cmocka_unit_test(a_list_holds_no_share_and_no_session_that_is_damaged),
    };
    check_main(tests);
}
