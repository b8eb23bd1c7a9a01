#include "room.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"

enum
{
    TEXTS_MAX = 32,
    TEN_SECONDS = 10000,
};

static char folder[] = "/tmp/sealroom-rpc-test-XXXXXX";

static struct
{
    const char *name;
    char *text;
} texts[TEXTS_MAX];

/* ---- certificates ---------------------------------------------------------------------------- */

int certificates_setup(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    SR_TEXT(command);
    command =
        sr_text_printf("sh %s/tests/unit/rpc/make_certificates.sh %s", SEALROOM_SOURCE_DIR, folder);
    return system(command) == 0 ? 0 : -1;
}

int certificates_teardown(void **state)
{
    sr_err err = SR_ERR_INIT;
    (void)state;
    for (size_t i = 0; i < TEXTS_MAX; i++)
        sr_text_clear(&texts[i].text);
    return sr_folder_remove(folder, &err) == SR_OK ? 0 : -1;
}

const char *certificate_folder(void)
{
    return folder;
}

const char *certificate_text(const char *name)
{
    sr_err err = SR_ERR_INIT;
    SR_BUF(bytes, 64 * 1024);
    SR_TEXT(path);
    size_t at = 0;
    while (at < TEXTS_MAX && texts[at].text != NULL && strcmp(texts[at].name, name) != 0)
        at++;
    assert_true(at < TEXTS_MAX);
    if (texts[at].text != NULL)
        return texts[at].text;
    path = sr_path_join(folder, name);
    check_ok(sr_file_read(&bytes, path, &err), &err);
    check_ok(sr_buf_take_text(&texts[at].text, &bytes, &err), &err);
    texts[at].name = name;
    return texts[at].text;
}

/* ---- methods --------------------------------------------------------------------------------- */

static sr_result serve_echo(rpc_call *call, void *context, sr_err *err)
{
    bool end = false;
    SR_BUF(message, RPC_MESSAGE_LIMIT);
    (void)context;
    if (rpc_call_receive(call, &message, &end, err) != SR_OK)
        return SR_FAIL;
    return rpc_call_send(call, sr_buf_view(&message), err);
}

static sr_result serve_collect(rpc_call *call, void *context, sr_err *err)
{
    test_room *room = context;
    size_t total = 0;
    bool end = false;
    bool committed = false;
    SR_BUF(message, RPC_MESSAGE_LIMIT);
    SR_BUF(answer, 64);
    while (rpc_call_receive(call, &message, &end, err) == SR_OK && !end)
    {
        committed = sr_slice_is_text_var(sr_buf_view(&message), "commit");
        if (sr_slice_is_text_var(sr_buf_view(&message), "refuse"))
            return sr_fail(err, SR_E_REFUSED, "no more of this");
        total += committed ? 0 : message.len;
    }
    atomic_fetch_add(committed ? &room->collected : &room->uncommitted, 1);
    if (!committed)
        return sr_fail(err, SR_E_STATE, "the stream ended without commit");
    if (sr_buf_printf(&answer, err, "%zu bytes", total) != SR_OK)
        return SR_FAIL;
    return rpc_call_send(call, sr_buf_view(&answer), err);
}

static sr_result serve_repeat(rpc_call *call, void *context, sr_err *err)
{
    bool end = false;
    char text[64] = "";
    unsigned count = 0;
    unsigned size = 0;
    SR_BUF(message, 63);
    SR_BUF(answer, 4 * RPC_MESSAGE_LIMIT);
    uint8_t *room_for = NULL;
    (void)context;
    if (rpc_call_receive(call, &message, &end, err) != SR_OK)
        return SR_FAIL;
    sr_copy(text, message.data, message.len);
    if (sscanf(text, "%u %u", &count, &size) != 2) /* NOLINT(cert-err34-c): a test's own text */
        return sr_fail(err, SR_E_INVALID, "expected COUNT SIZE");
    if (sr_buf_extend(&answer, &room_for, size, err) != SR_OK)
        return SR_FAIL;
    memset(room_for, 'x', size);
    for (unsigned i = 0; i < count; i++)
        if (rpc_call_send(call, sr_buf_view(&answer), err) != SR_OK)
            return SR_FAIL;
    return SR_OK;
}

static sr_result serve_chat(rpc_call *call, void *context, sr_err *err)
{
    bool end = false;
    SR_BUF(message, RPC_MESSAGE_LIMIT);
    (void)context;
    for (;;)
    {
        if (rpc_call_receive(call, &message, &end, err) != SR_OK)
            return SR_FAIL;
        if (end)
            return SR_OK;
        if (sr_slice_is_text_var(sr_buf_view(&message), "refuse"))
            return sr_fail(err, SR_E_REFUSED, "no more of this");
        if (rpc_call_send(call, sr_buf_view(&message), err) != SR_OK)
            return SR_FAIL;
    }
}

static sr_result serve_failing(rpc_call *call, void *context, sr_err *err)
{
    test_room *room = context;
    (void)call;
    *err = room->failure;
    return SR_FAIL;
}

static sr_result serve_long(rpc_call *call, void *context, sr_err *err)
{
    test_room *room = context;
    bool end = false;
    char text[16] = "";
    SR_BUF(message, 15);
    if (rpc_call_receive(call, &message, &end, err) != SR_OK)
        return SR_FAIL;
    sr_copy(text, message.data, message.len);
    long left = strtol(text, NULL, 10);
    atomic_fetch_add(&room->entered, 1);
    for (; left > 0 && !rpc_call_cancelled(call); left -= 10)
        room_sleep_ms(10);
    atomic_fetch_add(rpc_call_cancelled(call) ? &room->saw_cancel : &room->finished, 1);
    return rpc_call_send(call, sr_slice_text("done"), err);
}

static sr_result serve_who(rpc_call *call, void *context, sr_err *err)
{
    SR_BUF(answer, 8192);
    (void)context;
    const char *beyond = rpc_call_peer_uri(call, rpc_call_peer_uri_count(call));
    for (size_t i = 0; i < rpc_call_peer_uri_count(call); i++)
        if (sr_buf_printf(&answer, err, "uri %s\n", rpc_call_peer_uri(call, i)) != SR_OK)
            return SR_FAIL;
    if (sr_buf_printf(&answer, err,
                      "beyond %s\nfingerprint %s\npem %d\naddress %s\nuser %s\npath %s\n",
                      beyond == NULL ? "nothing" : beyond, rpc_call_peer_fingerprint(call),
                      strstr(rpc_call_peer_certificate(call), "BEGIN CERTIFICATE") != NULL,
                      rpc_call_peer_address(call), (const char *)rpc_call_user(call),
                      rpc_call_path(call)) != SR_OK)
        return SR_FAIL;
    if (sr_buf_printf(&answer, err, "left %d\n",
                      rpc_call_time_left_ms(call) > 0 &&
                          rpc_call_time_left_ms(call) <= TEN_SECONDS) != SR_OK)
        return SR_FAIL;
    return rpc_call_send(call, sr_buf_view(&answer), err);
}

static sr_result serve_silent(rpc_call *call, void *context, sr_err *err)
{
    (void)call;
    (void)context;
    (void)err;
    return SR_OK;
}

/* A user is its name; the room that counts its release is found behind it. */
typedef struct
{
    char name[16];
    test_room *room;
} test_user;

static void free_user(void *user)
{
    atomic_fetch_add(&((test_user *)user)->room->users_freed, 1);
    sr_free(user);
}

static test_user *user_new(test_room *room, const char *name)
{
    test_user *user = sr_alloc(sizeof *user);
    snprintf(user->name, sizeof user->name, "%s", name);
    user->room = room;
    return user;
}

static sr_result check_caller(rpc_call *call, const char *path, void *context, sr_err *err)
{
    if (strcmp(path, FORBIDDEN) == 0)
        return sr_fail(err, SR_E_ROLE, "an analyst may not do that");
    rpc_call_set_user(call, user_new(context, "first"), free_user);
    rpc_call_set_user(call, user_new(context, "somebody"), free_user);
    return SR_OK;
}

/* ---- the room -------------------------------------------------------------------------------- */

rpc_server_config room_server_config(test_room *room)
{
    return (rpc_server_config){
        .listen = "127.0.0.1:0",
        .ca_pem = certificate_text("ca.pem"),
        .certificate_pem = certificate_text("server.pem"),
        .key_pem = certificate_text("server.key"),
        .authorize = check_caller,
        .authorize_context = room,
    };
}

sr_result room_serve(test_room *room, const rpc_server_config *config, sr_err *err)
{
    const rpc_method methods[] = {
        {ECHO, RPC_UNARY, serve_echo, room},
        {COLLECT, RPC_CLIENT_STREAM, serve_collect, room},
        {REPEAT, RPC_SERVER_STREAM, serve_repeat, room},
        {CHAT, RPC_BIDIRECTIONAL, serve_chat, room},
        {FAILING, RPC_UNARY, serve_failing, room},
        {LONG, RPC_UNARY, serve_long, room},
        {WHO, RPC_UNARY, serve_who, room},
        {SILENT, RPC_UNARY, serve_silent, room},
        {FORBIDDEN, RPC_UNARY, serve_echo, room},
    };
    if (rpc_server_new(&room->server, config, methods, sizeof methods / sizeof *methods, err) !=
        SR_OK)
        return SR_FAIL;
    snprintf(room->address, sizeof room->address, "127.0.0.1:%u", rpc_server_port(room->server));
    return rpc_server_start(room->server, err);
}

int room_setup(void **state)
{
    sr_err err = SR_ERR_INIT;
    test_room *made = sr_alloc(sizeof *made);
    rpc_server_config config = room_server_config(made);
    *state = made;
    check_ok(room_serve(made, &config, &err), &err);
    return 0;
}

int room_teardown(void **state)
{
    test_room *room = *state;
    rpc_server_free(room->server);
    sr_free(room);
    return 0;
}

rpc_channel_config room_channel_config(const test_room *room)
{
    return (rpc_channel_config){
        .server = room->address,
        .ca_pem = certificate_text("ca.pem"),
        .certificate_pem = certificate_text("analyst.pem"),
        .key_pem = certificate_text("analyst.key"),
    };
}

rpc_channel *room_channel(const test_room *room)
{
    sr_err err = SR_ERR_INIT;
    rpc_channel *channel = NULL;
    rpc_channel_config config = room_channel_config(room);
    check_ok(rpc_channel_new(&channel, &config, &err), &err);
    return channel;
}

sr_result room_ask(rpc_channel *channel, sr_buf *answer, const char *path, const char *request,
                   sr_err *err)
{
    return rpc_unary(channel, answer, path, sr_slice_text(request), TEN_SECONDS, err);
}

void room_sleep_ms(unsigned ms)
{
    struct timespec time = {ms / 1000, (long)(ms % 1000) * 1000000};
    nanosleep(&time, NULL);
}

bool room_wait_for(atomic_int *counter, int value)
{
    for (int i = 0; i < 1000 && atomic_load(counter) != value; i++)
        room_sleep_ms(10);
    return atomic_load(counter) == value;
}
