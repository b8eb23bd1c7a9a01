#include "room.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "check.h"
#include "model/batch.h"
#include "model/principal.h"
#include "sealroom/v1/collaboration.pb-c.h"
#include "sealroom/v1/query.pb-c.h"
#include "sealroom/v1/table.pb-c.h"
#include "wire/wire.h"

enum
{
    CHANNELS_MOST = 16,
    WAIT_STEPS = 6000, /* of 10 ms */
};

extern char **environ;

static struct
{
    char folder[64];
    char address[64];
    pid_t server;
    struct
    {
        char name[64];
        rpc_channel *channel;
    } channels[CHANNELS_MOST];
    size_t channel_count;
} the_room;

/* ---- the server ------------------------------------------------------------------------------ */

static void pause_a_little(void)
{
    struct timespec time = {0, 10000000};
    nanosleep(&time, NULL);
}

static void spawn_server(const char *ready)
{
    SR_TEXT(program);
    SR_TEXT(log);
    char members[] = "retailer,brand,outsider";
    program = sr_text_copy(SEALROOM_BINARY_DIR "/bin/sealroomd");
    log = sr_path_join(the_room.folder, "log");
    char *const words[] = {program,
                           (char[]){"--dev"},
                           the_room.folder,
                           (char[]){"--members"},
                           members,
                           (char[]){"--listen"},
                           (char[]){"127.0.0.1:0"},
                           (char[]){"--ready-file"},
                           (char *)(uintptr_t)ready,
                           NULL};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    check_int(posix_spawn(&the_room.server, program, &actions, NULL, words, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
}

static void start_server(void)
{
    sr_err err = SR_ERR_INIT;
    SR_TEXT(ready);
    SR_BUF(bytes, sizeof the_room.address - 1);
    ready = sr_path_join(the_room.folder, "ready");
    spawn_server(ready);
    for (int i = 0; i < WAIT_STEPS && !sr_file_exists(ready); i++)
    {
        if (waitpid(the_room.server, NULL, WNOHANG) == the_room.server)
            fail_msg("the server ended; see %s/log", the_room.folder);
        pause_a_little();
    }
    check_ok(sr_file_read(&bytes, ready, &err), &err);
    memset(the_room.address, 0, sizeof the_room.address);
    sr_copy(the_room.address, bytes.data, bytes.len - 1); /* without the newline */
}

static void stop_server(void)
{
    int status = 0;
    for (size_t i = 0; i < the_room.channel_count; i++)
        rpc_channel_clear(&the_room.channels[i].channel);
    the_room.channel_count = 0;
    kill(the_room.server, SIGTERM);
    check_int(waitpid(the_room.server, &status, 0), the_room.server);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail_msg("the server ended badly; see %s/log", the_room.folder);
}

void room_restart(void)
{
    stop_server();
    start_server();
}

const char *room_folder(void)
{
    return the_room.folder;
}

int room_setup(void **state)
{
    sr_err err = SR_ERR_INIT;
    (void)state;
    (void)strcpy(the_room.folder, "/tmp/sealroom-services-XXXXXX");
    if (mkdtemp(the_room.folder) == NULL)
        return -1;
    start_server();
    check_ok(room_create("retailer", "lab", "", ROOM_FLAGS, &err), &err);
    check_ok(room_invite("retailer", "lab", "brand", ABILITY_ALL, &err), &err);
    check_ok(room_accept("brand", "lab", &err), &err);
    return 0;
}

int room_teardown(void **state)
{
    sr_err err = SR_ERR_INIT;
    (void)state;
    stop_server();
    return sr_folder_remove(the_room.folder, &err) == SR_OK ? 0 : -1;
}

/* ---- calls ----------------------------------------------------------------------------------- */

static char *read_pem(const char *member, const char *name, const char *ending)
{
    sr_err err = SR_ERR_INIT;
    char *text = NULL;
    SR_BUF(bytes, 65536);
    SR_TEXT(path);
    path = sr_text_printf("%s/members/%s/%s%s", the_room.folder, member, name, ending);
    check_ok(sr_file_read(&bytes, path, &err), &err);
    check_ok(sr_buf_take_text(&text, &bytes, &err), &err);
    return text;
}

static rpc_channel *open_channel(const char *member, const char *role)
{
    sr_err err = SR_ERR_INIT;
    rpc_channel *channel = NULL;
    SR_TEXT(ca);
    SR_TEXT(certificate);
    SR_TEXT(key);
    ca = read_pem(member, "ca", ".pem");
    certificate = read_pem(member, role, ".pem");
    key = read_pem(member, role, ".key");
    rpc_channel_config config = {
        .server = the_room.address,
        .ca_pem = ca,
        .certificate_pem = certificate,
        .key_pem = key,
    };
    check_ok(rpc_channel_new(&channel, &config, &err), &err);
    return channel;
}

rpc_channel *room_channel(const char *member, const char *role)
{
    char name[64];
    (void)snprintf(name, sizeof name, "%s/%s", member, role);
    for (size_t i = 0; i < the_room.channel_count; i++)
        if (strcmp(the_room.channels[i].name, name) == 0)
            return the_room.channels[i].channel;
    size_t at = the_room.channel_count++;
    check(at < CHANNELS_MOST);
    (void)strcpy(the_room.channels[at].name, name);
    the_room.channels[at].channel = open_channel(member, role);
    return the_room.channels[at].channel;
}

sr_result room_ask(void *answer, const void *descriptor, const char *member, const char *role,
                   const char *path, const void *request, sr_err *err)
{
    SR_BUF(bytes, RPC_MESSAGE_LIMIT);
    SR_BUF(back, RPC_MESSAGE_LIMIT);
    check_ok(wire_pack(request, &bytes, err), err);
    if (rpc_unary(room_channel(member, role), &back, path, sr_buf_view(&bytes), ROOM_DEADLINE_MS,
                  err) != SR_OK)
        return SR_FAIL;
    if (answer != NULL)
        check_ok(wire_unpack(answer, descriptor, sr_buf_view(&back), err), err);
    return SR_OK;
}

sr_result room_ask_raw(const char *member, const char *role, const char *path, sr_slice bytes,
                       sr_err *err)
{
    SR_BUF(back, RPC_MESSAGE_LIMIT);
    return rpc_unary(room_channel(member, role), &back, path, bytes, ROOM_DEADLINE_MS, err);
}

/* ---- shorthands ------------------------------------------------------------------------------ */

sr_result room_create(const char *member, const char *name, const char *id, unsigned flags,
                      sr_err *err)
{
    Sealroom__V1__CreateCollaborationRequest request =
        SEALROOM__V1__CREATE_COLLABORATION_REQUEST__INIT;
    Sealroom__V1__CollaborationFlags settings = SEALROOM__V1__COLLABORATION_FLAGS__INIT;
    settings.allow_cleartext = (flags & 1u) != 0;
    settings.allow_duplicates = (flags & 2u) != 0;
    settings.allow_joins_on_columns_with_different_names = (flags & 4u) != 0;
    settings.preserve_nulls = (flags & 8u) != 0;
    request.name = wire_text(name);
    request.id = wire_text(id);
    request.flags = &settings;
    return room_ask(NULL, NULL, member, "admin", COLLABORATION("CreateCollaboration"), &request,
                    err);
}

sr_result room_invite(const char *member, const char *collaboration, const char *invited,
                      unsigned abilities, sr_err *err)
{
    Sealroom__V1__InviteMemberRequest request = SEALROOM__V1__INVITE_MEMBER_REQUEST__INIT;
    Sealroom__V1__Abilities given = SEALROOM__V1__ABILITIES__INIT;
    given.contribute = (abilities & ABILITY_CONTRIBUTE) != 0;
    given.query = (abilities & ABILITY_QUERY) != 0;
    given.receive_results = (abilities & ABILITY_RECEIVE_RESULTS) != 0;
    request.collaboration = wire_text(collaboration);
    request.member = wire_text(invited);
    request.abilities = &given;
    return room_ask(NULL, NULL, member, "admin", COLLABORATION("InviteMember"), &request, err);
}

sr_result room_accept(const char *member, const char *collaboration, sr_err *err)
{
    Sealroom__V1__AcceptInvitationRequest request = SEALROOM__V1__ACCEPT_INVITATION_REQUEST__INIT;
    request.collaboration = wire_text(collaboration);
    return room_ask(NULL, NULL, member, "admin", COLLABORATION("AcceptInvitation"), &request, err);
}

sr_result room_set_rule(const char *member, const char *table, const char *rule, sr_err *err)
{
    Sealroom__V1__SetRuleRequest request = SEALROOM__V1__SET_RULE_REQUEST__INIT;
    request.collaboration = wire_text("lab");
    request.table = wire_text(table);
    request.rule_json = wire_text(rule);
    return room_ask(NULL, NULL, member, "owner", TABLE("SetRule"), &request, err);
}

char *room_tables(const char *member)
{
    sr_err err = SR_ERR_INIT;
    char *text = NULL;
    Sealroom__V1__ListTablesRequest request = SEALROOM__V1__LIST_TABLES_REQUEST__INIT;
    WIRE_MESSAGE(Sealroom__V1__ListTablesResponse, answer);
    SR_BUF(lines, 65536);
    request.collaboration = wire_text("lab");
    check_ok(room_ask(&answer, &sealroom__v1__list_tables_response__descriptor, member, "owner",
                      TABLE("ListTables"), &request, &err),
             &err);
    for (size_t i = 0; i < answer->n_tables; i++)
        check_ok(sr_buf_printf(&lines, &err, "%s %u\n", answer->tables[i]->name,
                               answer->tables[i]->version),
                 &err);
    check_ok(sr_buf_take_text(&text, &lines, &err), &err);
    return text;
}

/* ---- queries --------------------------------------------------------------------------------- */

enum
{
    ROWS_MOST = 64,
    COLUMNS_MOST = 8,
};

static void append_rows(sr_buf *out, const Sealroom__V1__ResultBatch *batch)
{
    static sr_slice cells[COLUMNS_MOST][ROWS_MOST];
    static bool nulls[COLUMNS_MOST][ROWS_MOST];
    sr_err err = SR_ERR_INIT;
    check(batch->rows <= ROWS_MOST && batch->n_columns <= COLUMNS_MOST);
    for (size_t i = 0; i < batch->n_columns; i++)
    {
        const Sealroom__V1__ColumnBatch *from = batch->columns[i];
        batch_column column = {
            .nulls = sr_slice_of(from->nulls.data, from->nulls.len),
            .width = from->width,
            .lengths = from->lengths,
            .length_count = from->n_lengths,
            .data = sr_slice_of(from->data.data, from->data.len),
        };
        check_ok(batch_split(cells[i], nulls[i], &column, batch->rows, &err), &err);
    }
    for (uint32_t row = 0; row < batch->rows; row++)
        for (size_t i = 0; i < batch->n_columns; i++)
        {
            sr_slice cell = nulls[i][row] ? sr_slice_text("NULL") : cells[i][row];
            check_ok(sr_buf_append_text(out, i == 0 ? "" : ", ", &err), &err);
            check_ok(sr_buf_append(out, cell, &err), &err);
            if (i + 1 == batch->n_columns)
                check_ok(sr_buf_append_text(out, "\n", &err), &err);
        }
}

sr_result room_query(char **rows, const char *member, const char *sql, sr_err *err)
{
    Sealroom__V1__RunQueryRequest request = SEALROOM__V1__RUN_QUERY_REQUEST__INIT;
    SR_BUF(bytes, RPC_MESSAGE_LIMIT);
    SR_BUF(text, 65536);
    RPC_STREAM(stream);
    bool end = false;
    *rows = NULL;
    request.collaboration = wire_text("lab");
    request.sql = wire_text(sql);
    check_ok(wire_pack(&request, &bytes, err), err);
    check_ok(rpc_stream_open(&stream, room_channel(member, "analyst"), QUERY("RunQuery"),
                             ROOM_DEADLINE_MS, err),
             err);
    if (rpc_stream_send(stream, sr_buf_view(&bytes), err) != SR_OK ||
        rpc_stream_send_end(stream, err) != SR_OK)
        return SR_FAIL;
    for (;;)
    {
        WIRE_MESSAGE(Sealroom__V1__RunQueryResponse, answer);
        if (rpc_stream_receive(stream, &bytes, &end, err) != SR_OK)
            return SR_FAIL;
        if (end)
            break;
        check_ok(wire_unpack(&answer, &sealroom__v1__run_query_response__descriptor,
                             sr_buf_view(&bytes), err),
                 err);
        if (answer->step_case == SEALROOM__V1__RUN_QUERY_RESPONSE__STEP_BATCH)
            append_rows(&text, answer->batch);
    }
    return sr_buf_take_text(rows, &text, err);
}
