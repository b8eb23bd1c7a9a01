/* The end of a server, with and without running calls, and its health on the way: server.h. */
#include <pthread.h>

#include "room.h"

#include "base/text.h"
#include "grpc/health/v1/health.pb-c.h"
#include "wire/wire.h"

typedef struct
{
    rpc_channel *channel;
    const char *request;
    sr_err err;
    sr_result result;
    pthread_t thread;
} asker;

static void *ask_long(void *argument)
{
    asker *asks = argument;
    SR_BUF(answer, 1024);
    asks->result = room_ask(asks->channel, &answer, LONG, asks->request, &asks->err);
    return NULL;
}

/* Begins a long call and waits until its handler runs. */
static void begin_long(asker *asks, test_room *room, rpc_channel *channel, const char *ms)
{
    *asks = (asker){.channel = channel, .request = ms};
    int before = atomic_load(&room->entered);
    check_int(pthread_create(&asks->thread, NULL, ask_long, asks), 0);
    check(room_wait_for(&room->entered, before + 1));
}

static void running_calls_finish_within_the_grace(void **state)
{
    test_room *room = *state;
    asker asks;
    RPC_CHANNEL(channel);
    channel = room_channel(room);
    begin_long(&asks, room, channel, "300");
    int64_t from = sr_monotonic_us();
    rpc_server_stop(room->server, 10000);
    check(sr_monotonic_us() - from < 5000000);
    check_int(atomic_load(&room->finished), 1);
    pthread_join(asks.thread, NULL);
    check_ok(asks.result, &asks.err);
}

static void calls_beyond_the_grace_are_cancelled(void **state)
{
    test_room *room = *state;
    asker asks;
    RPC_CHANNEL(channel);
    channel = room_channel(room);
    begin_long(&asks, room, channel, "60000");
    int64_t from = sr_monotonic_us();
    rpc_server_stop(room->server, 200);
    check(sr_monotonic_us() - from < 5000000);
    check_int(atomic_load(&room->saw_cancel), 1);
    pthread_join(asks.thread, NULL);
    check_int(asks.result, SR_FAIL);
    check(asks.err.code == SR_E_UNAVAILABLE || asks.err.code == SR_E_CANCELLED);
}

static void a_stopped_server_takes_no_calls(void **state)
{
    test_room *room = *state;
    sr_err err = SR_ERR_INIT;
    SR_BUF(answer, 1024);
    RPC_CHANNEL(channel);
    channel = room_channel(room);
    check_ok(room_ask(channel, &answer, ECHO, "x", &err), &err);
    int64_t from = sr_monotonic_us();
    rpc_server_stop(room->server, 10000);
    check(sr_monotonic_us() - from < 3000000); /* an idle connection holds nothing up */
    rpc_server_stop(room->server, 10000);
    check_fails(room_ask(channel, &answer, ECHO, "x", &err), &err, SR_E_UNAVAILABLE);
    check_error_says(&err, "connection refused");
}

static void a_server_that_never_started_can_be_freed(void **state)
{
    test_room other = {.server = NULL};
    sr_err err = SR_ERR_INIT;
    rpc_server_config config = room_server_config(&other);
    RPC_SERVER(server);
    (void)state;
    check_ok(rpc_server_new(&server, &config, NULL, 0, &err), &err);
    check(rpc_server_port(server) > 0);
}

static void a_server_starts_only_once(void **state)
{
    test_room *room = *state;
    sr_err err = SR_ERR_INIT;
    check_fails(rpc_server_start(room->server, &err), &err, SR_E_STATE);
}

static void servers_come_and_go(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++)
    {
        test_room other = {.server = NULL};
        sr_err err = SR_ERR_INIT;
        SR_BUF(answer, 64);
        rpc_server_config config = room_server_config(&other);
        check_ok(room_serve(&other, &config, &err), &err);
        {
            RPC_CHANNEL(channel);
            channel = room_channel(&other);
            check_ok(room_ask(channel, &answer, ECHO, "x", &err), &err);
        }
        rpc_server_clear(&other.server);
    }
}

/* ---- health ---------------------------------------------------------------------------------- */

#define CHECK "/grpc.health.v1.Health/Check"
#define WATCH "/grpc.health.v1.Health/Watch"
#define STATUS(name) GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__##name

static void pack_request(sr_buf *out, const char *service)
{
    sr_err err = SR_ERR_INIT;
    Grpc__Health__V1__HealthCheckRequest request = GRPC__HEALTH__V1__HEALTH_CHECK_REQUEST__INIT;
    request.service = wire_text(service);
    check_ok(wire_pack(&request, out, &err), &err);
}

static int status_in(const sr_buf *bytes)
{
    sr_err err = SR_ERR_INIT;
    WIRE_MESSAGE(Grpc__Health__V1__HealthCheckResponse, response);
    check_ok(wire_unpack(&response, &grpc__health__v1__health_check_response__descriptor,
                         sr_buf_view(bytes), &err),
             &err);
    return (int)response->status;
}

static void every_service_is_serving(void **state)
{
    const char *const services[] = {"", "test.v1.Echo", "grpc.health.v1.Health"};
    RPC_CHANNEL(channel);
    channel = room_channel(*state);
    for (size_t i = 0; i < sizeof services / sizeof *services; i++)
    {
        sr_err err = SR_ERR_INIT;
        SR_BUF(request, 256);
        SR_BUF(answer, 256);
        pack_request(&request, services[i]);
        check_ok(rpc_unary(channel, &answer, CHECK, sr_buf_view(&request), 10000, &err), &err);
        check_int(status_in(&answer), STATUS(SERVING));
    }
}

static void an_unknown_service_is_not_found(void **state)
{
    const char *const services[] = {"test.v1.Ech", "test.v1.Echo/Unary", "other"};
    RPC_CHANNEL(channel);
    channel = room_channel(*state);
    for (size_t i = 0; i < sizeof services / sizeof *services; i++)
    {
        sr_err err = SR_ERR_INIT;
        SR_BUF(request, 256);
        SR_BUF(answer, 256);
        pack_request(&request, services[i]);
        check_fails(rpc_unary(channel, &answer, CHECK, sr_buf_view(&request), 10000, &err), &err,
                    SR_E_NOT_FOUND);
    }
}

static void open_watch(rpc_stream **stream, rpc_channel *channel, const char *service)
{
    sr_err err = SR_ERR_INIT;
    SR_BUF(request, 256);
    pack_request(&request, service);
    check_ok(rpc_stream_open(stream, channel, WATCH, 10000, &err), &err);
    check_ok(rpc_stream_send(*stream, sr_buf_view(&request), &err), &err);
    check_ok(rpc_stream_send_end(*stream, &err), &err);
}

static void check_next_status(rpc_stream *stream, int status)
{
    sr_err err = SR_ERR_INIT;
    bool end = false;
    SR_BUF(answer, 256);
    check_ok(rpc_stream_receive(stream, &answer, &end, &err), &err);
    check(!end);
    check_int(status_in(&answer), status);
}

static void *stop_server(void *server)
{
    rpc_server_stop(server, 5000);
    return NULL;
}

static void a_watcher_sees_the_server_stop(void **state)
{
    test_room *room = *state;
    pthread_t thread;
    sr_err err = SR_ERR_INIT;
    RPC_CHANNEL(channel);
    RPC_STREAM(stream);
    channel = room_channel(room);
    open_watch(&stream, channel, "test.v1.Echo");
    check_next_status(stream, STATUS(SERVING));
    check_int(pthread_create(&thread, NULL, stop_server, room->server), 0);
    check_next_status(stream, STATUS(NOT_SERVING));
    check_fails(rpc_stream_finish(stream, &err), &err, SR_E_UNAVAILABLE);
    check_text(err.text, "the server is stopping");
    pthread_join(thread, NULL);
}

static void a_watcher_of_an_unknown_service_is_told_so(void **state)
{
    RPC_CHANNEL(channel);
    RPC_STREAM(stream);
    channel = room_channel(*state);
    open_watch(&stream, channel, "other");
    check_next_status(stream, STATUS(SERVICE_UNKNOWN));
}

static void watchers_cannot_take_all_calls(void **state)
{
    test_room *room = *state;
    test_room narrow = {.server = NULL};
    sr_err err = SR_ERR_INIT;
    (void)room;
    rpc_server_config config = room_server_config(&narrow);
    config.max_calls = 4;
    check_ok(room_serve(&narrow, &config, &err), &err);
    {
        RPC_CHANNEL(channel);
        RPC_STREAM(first);
        RPC_STREAM(second);
        channel = room_channel(&narrow);
        open_watch(&first, channel, "");
        check_next_status(first, STATUS(SERVING));
        open_watch(&second, channel, "");
        check_fails(rpc_stream_finish(second, &err), &err, SR_E_LIMIT);
    }
    rpc_server_clear(&narrow.server);
}

static void a_malformed_health_request_is_refused(void **state)
{
    sr_err err = SR_ERR_INIT;
    SR_BUF(answer, 256);
    RPC_CHANNEL(channel);
    channel = room_channel(*state);
    check_fails(room_ask(channel, &answer, CHECK, "\x0a\x02\xff\xfe", &err), &err, SR_E_INVALID);
    check_error_says(&err, "not valid UTF-8");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define IN_ROOM(test) cmocka_unit_test_setup_teardown(test, room_setup, room_teardown)
        IN_ROOM(running_calls_finish_within_the_grace),
        IN_ROOM(calls_beyond_the_grace_are_cancelled),
        IN_ROOM(a_stopped_server_takes_no_calls),
        IN_ROOM(a_server_that_never_started_can_be_freed),
        IN_ROOM(a_server_starts_only_once),
        IN_ROOM(servers_come_and_go),
        IN_ROOM(every_service_is_serving),
        IN_ROOM(an_unknown_service_is_not_found),
        IN_ROOM(a_watcher_sees_the_server_stop),
        IN_ROOM(a_watcher_of_an_unknown_service_is_told_so),
        IN_ROOM(watchers_cannot_take_all_calls),
        IN_ROOM(a_malformed_health_request_is_refused),
    };
    return cmocka_run_group_tests(tests, certificates_setup, certificates_teardown);
}
