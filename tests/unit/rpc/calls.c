/* Calls of all four kinds, their limits, deadlines and cancellation: client.h against call.h. */
#include <pthread.h>
#include <stdlib.h>

#include "room.h"

enum
{
    PARALLEL = 50,
};

static void fill(sr_buf *buf, size_t size)
{
    sr_err err = SR_ERR_INIT;
    uint8_t *to = NULL;
    check_ok(sr_buf_extend(buf, &to, size, &err), &err);
    for (size_t i = 0; i < size; i++)
        to[i] = (uint8_t)(i * 7);
}

/* ---- the four kinds -------------------------------------------------------------------------- */

static void a_unary_call_brings_the_answer(void **state)
{
    sr_err err = SR_ERR_INIT;
    SR_BUF(answer, 1024);
    RPC_CHANNEL(channel);
    channel = room_channel(*state);
    check_ok(room_ask(channel, &answer, ECHO, "hello", &err), &err);
    check_slice(sr_buf_view(&answer), "hello");
    check_ok(room_ask(channel, &answer, ECHO, "", &err), &err);
    check_int(answer.len, 0);
}

static void a_client_stream_is_collected_up_to_its_commit(void **state)
{
    sr_err err = SR_ERR_INIT;
    bool end = false;
    SR_BUF(answer, 1024);
    RPC_CHANNEL(channel);
    RPC_STREAM(stream);
    channel = room_channel(*state);
    check_ok(rpc_stream_open(&stream, channel, COLLECT, 10000, &err), &err);
    for (int i = 0; i < 100; i++)
        check_ok(rpc_stream_send(stream, sr_slice_text("0123456789"), &err), &err);
    check_ok(rpc_stream_send(stream, sr_slice_text("commit"), &err), &err);
    check_ok(rpc_stream_send_end(stream, &err), &err);
    check_ok(rpc_stream_receive(stream, &answer, &end, &err), &err);
    check(!end);
    check_slice(sr_buf_view(&answer), "1000 bytes");
    check_ok(rpc_stream_finish(stream, &err), &err);
    check_ok(rpc_stream_finish(stream, &err), &err);
}

static void a_server_stream_is_received_to_its_end(void **state)
{
    sr_err err = SR_ERR_INIT;
    bool end = false;
    int count = 0;
    SR_BUF(message, RPC_MESSAGE_LIMIT);
    RPC_CHANNEL(channel);
    RPC_STREAM(stream);
    channel = room_channel(*state);
    check_ok(rpc_stream_open(&stream, channel, REPEAT, 10000, &err), &err);
    check_ok(rpc_stream_send(stream, sr_slice_text("40 100000"), &err), &err);
    check_ok(rpc_stream_send_end(stream, &err), &err);
    check_ok(rpc_stream_receive(stream, &message, &end, &err), &err);
    for (; !end; count++)
    {
        check_int(message.len, 100000);
        check_ok(rpc_stream_receive(stream, &message, &end, &err), &err);
    }
    check_int(count, 40);
    check_int(message.len, 0);
    check_ok(rpc_stream_finish(stream, &err), &err);
}

static void a_bidirectional_stream_goes_to_and_fro(void **state)
{
    sr_err err = SR_ERR_INIT;
    bool end = false;
    SR_BUF(message, 1024);
    RPC_CHANNEL(channel);
    RPC_STREAM(stream);
    channel = room_channel(*state);
    check_ok(rpc_stream_open(&stream, channel, CHAT, 10000, &err), &err);
    for (int i = 0; i < 100; i++)
    {
        check_ok(rpc_stream_send(stream, sr_slice_text("ball"), &err), &err);
        check_ok(rpc_stream_receive(stream, &message, &end, &err), &err);
        check_slice(sr_buf_view(&message), "ball");
    }
    check_ok(rpc_stream_send_end(stream, &err), &err);
    check_ok(rpc_stream_receive(stream, &message, &end, &err), &err);
    check(end);
    check_ok(rpc_stream_finish(stream, &err), &err);
}

static void finishing_drops_what_was_not_received(void **state)
{
    sr_err err = SR_ERR_INIT;
    RPC_CHANNEL(channel);
    RPC_STREAM(stream);
    channel = room_channel(*state);
    check_ok(rpc_stream_open(&stream, channel, REPEAT, 10000, &err), &err);
    check_ok(rpc_stream_send(stream, sr_slice_text("20 200000"), &err), &err);
    check_ok(rpc_stream_finish(stream, &err), &err);
}

/* ---- limits ---------------------------------------------------------------------------------- */

static void a_message_at_the_limit_passes_both_ways(void **state)
{
    sr_err err = SR_ERR_INIT;
    SR_BUF(request, RPC_MESSAGE_LIMIT);
    SR_BUF(answer, RPC_MESSAGE_LIMIT);
    RPC_CHANNEL(channel);
    channel = room_channel(*state);
    fill(&request, RPC_MESSAGE_LIMIT);
    check_ok(rpc_unary(channel, &answer, ECHO, sr_buf_view(&request), 10000, &err), &err);
    check(sr_slice_equal_var(sr_buf_view(&request), sr_buf_view(&answer)));
}

static void a_larger_request_is_refused_before_it_is_sent(void **state)
{
    sr_err err = SR_ERR_INIT;
    SR_BUF(request, RPC_MESSAGE_LIMIT + 1);
    SR_BUF(answer, 1024);
    RPC_CHANNEL(channel);
    RPC_STREAM(stream);
    channel = room_channel(*state);
    fill(&request, RPC_MESSAGE_LIMIT + 1);
    check_fails(rpc_unary(channel, &answer, ECHO, sr_buf_view(&request), 10000, &err), &err,
                SR_E_LIMIT);
    check_int(answer.len, 0);
    check_ok(rpc_stream_open(&stream, channel, CHAT, 10000, &err), &err);
    check_fails(rpc_stream_send(stream, sr_buf_view(&request), &err), &err, SR_E_LIMIT);
}

/* The peer has a larger limit than we, as a hostile one would. */
static void a_larger_request_is_refused_by_the_server(void **state)
{
    sr_err err = SR_ERR_INIT;
    SR_BUF(request, 2 * RPC_MESSAGE_LIMIT);
    SR_BUF(answer, 2 * RPC_MESSAGE_LIMIT);
    RPC_CHANNEL(channel);
    rpc_channel_config config = room_channel_config(*state);
    config.max_message = 2 * RPC_MESSAGE_LIMIT;
    check_ok(rpc_channel_new(&channel, &config, &err), &err);
    fill(&request, RPC_MESSAGE_LIMIT + 1);
    check_fails(rpc_unary(channel, &answer, ECHO, sr_buf_view(&request), 10000, &err), &err,
                SR_E_LIMIT);
    check_error_says(&err, "larger than the limit maxMessageBytes");
    check_int(answer.len, 0);
    check_ok(room_ask(channel, &answer, ECHO, "and on it goes", &err), &err);
}

static void a_larger_answer_is_refused_by_the_client(void **state)
{
    sr_err err = SR_ERR_INIT;
    SR_BUF(answer, RPC_MESSAGE_LIMIT);
    RPC_CHANNEL(channel);
    rpc_channel_config config = room_channel_config(*state);
    config.max_message = 4096;
    check_ok(rpc_channel_new(&channel, &config, &err), &err);
    check_fails(room_ask(channel, &answer, REPEAT, "1 5000", &err), &err, SR_E_LIMIT);
    check_int(answer.len, 0);
}

static void a_larger_answer_is_refused_before_the_server_sends_it(void **state)
{
    sr_err err = SR_ERR_INIT;
    SR_BUF(answer, RPC_MESSAGE_LIMIT);
    RPC_CHANNEL(channel);
    channel = room_channel(*state);
    check_fails(room_ask(channel, &answer, REPEAT, "1 2000000", &err), &err, SR_E_LIMIT);
    check_error_says(&err, "the answer is larger");
}

static void an_answer_larger_than_the_callers_buffer_is_refused(void **state)
{
    sr_err err = SR_ERR_INIT;
    SR_BUF(answer, 4);
    RPC_CHANNEL(channel);
    channel = room_channel(*state);
    check_fails(room_ask(channel, &answer, ECHO, "12345", &err), &err, SR_E_LIMIT);
    check_int(answer.len, 0);
}

/* ---- ends ------------------------------------------------------------------------------------ */

static void a_deadline_ends_the_call_on_both_sides(void **state)
{
    test_room *room = *state;
    sr_err err = SR_ERR_INIT;
    SR_BUF(answer, 1024);
    RPC_CHANNEL(channel);
    channel = room_channel(room);
    check_ok(room_ask(channel, &answer, ECHO, "connect first", &err), &err);
    check_fails(rpc_unary(channel, &answer, LONG, sr_slice_text("5000"), 200, &err), &err,
                SR_E_TIMEOUT);
    check_error_says(&err, "within 200 ms");
    check_int(answer.len, 0);
    check(room_wait_for(&room->saw_cancel, 1));
}

static void *cancel_soon(void *argument)
{
    room_sleep_ms(100);
    rpc_stream_cancel(argument);
    return NULL;
}

static void the_server_sees_that_the_client_cancelled(void **state)
{
    test_room *room = *state;
    sr_err err = SR_ERR_INIT;
    bool end = false;
    pthread_t thread;
    SR_BUF(answer, 1024);
    RPC_CHANNEL(channel);
    RPC_STREAM(stream);
    channel = room_channel(room);
    check_ok(rpc_stream_open(&stream, channel, LONG, 10000, &err), &err);
    check_ok(rpc_stream_send(stream, sr_slice_text("9000"), &err), &err);
    check(room_wait_for(&room->entered, 1));
    check_int(pthread_create(&thread, NULL, cancel_soon, stream), 0);
    check_fails(rpc_stream_receive(stream, &answer, &end, &err), &err, SR_E_CANCELLED);
    check(!end);
    check_fails(rpc_stream_finish(stream, &err), &err, SR_E_CANCELLED);
    pthread_join(thread, NULL);
    check(room_wait_for(&room->saw_cancel, 1));
}

static volatile sig_atomic_t interrupt_flag;

typedef struct
{
    pthread_t caller;
    test_room *room;
} interruption;

/* Not before the handler runs, however slow the machine is. */
static void *interrupt_soon(void *argument)
{
    interruption *plan = argument;
    (void)room_wait_for(&plan->room->entered, 1);
    pthread_kill(plan->caller, SIGUSR1);
    return NULL;
}

static void on_signal(int number)
{
    (void)number;
    interrupt_flag = 1;
}

static void a_signal_handlers_flag_interrupts_a_call(void **state)
{
    test_room *room = *state;
    sr_err err = SR_ERR_INIT;
    pthread_t thread;
    interruption plan = {pthread_self(), room};
    SR_BUF(answer, 1024);
    RPC_CHANNEL(channel);
    rpc_channel_config config = room_channel_config(room);
    interrupt_flag = 0;
    config.interrupt = &interrupt_flag;
    signal(SIGUSR1, on_signal);
    check_ok(rpc_channel_new(&channel, &config, &err), &err);
    check_int(pthread_create(&thread, NULL, interrupt_soon, &plan), 0);
    check_fails(room_ask(channel, &answer, LONG, "9000", &err), &err, SR_E_CANCELLED);
    pthread_join(thread, NULL);
    check(room_wait_for(&room->saw_cancel, 1));
    check_fails(room_ask(channel, &answer, ECHO, "still set", &err), &err, SR_E_CANCELLED);
}

static void an_aborted_client_stream_is_never_committed(void **state)
{
    test_room *room = *state;
    for (int i = 0; i < 20; i++)
    {
        sr_err err = SR_ERR_INIT;
        RPC_CHANNEL(channel);
        RPC_STREAM(stream);
        channel = room_channel(room);
        check_ok(rpc_stream_open(&stream, channel, COLLECT, 10000, &err), &err);
        check_ok(rpc_stream_send(stream, sr_slice_text("half of it"), &err), &err);
    }
    check(room_wait_for(&room->uncommitted, 20));
    check_int(atomic_load(&room->collected), 0);
}

static void a_sender_learns_why_the_server_ended_the_call(void **state)
{
    sr_err err = SR_ERR_INIT;
    sr_result result = SR_OK;
    SR_BUF(batch, 100000);
    RPC_CHANNEL(channel);
    RPC_STREAM(stream);
    channel = room_channel(*state);
    fill(&batch, 100000);
    check_ok(rpc_stream_open(&stream, channel, COLLECT, 10000, &err), &err);
    check_ok(rpc_stream_send(stream, sr_slice_text("refuse"), &err), &err);
    for (int i = 0; i < 1000 && result == SR_OK; i++)
        result = rpc_stream_send(stream, sr_buf_view(&batch), &err);
    check_int(result, SR_FAIL);
    check_int(err.code, SR_E_REFUSED);
    check_text(err.text, "no more of this");
    check_fails(rpc_stream_finish(stream, &err), &err, SR_E_REFUSED);
}

/* The library gives no status before the messages in front of it have been taken. */
static void a_sender_learns_why_even_with_answers_unread(void **state)
{
    sr_err err = SR_ERR_INIT;
    sr_result result = SR_OK;
    SR_BUF(batch, 100000);
    RPC_CHANNEL(channel);
    RPC_STREAM(stream);
    channel = room_channel(*state);
    fill(&batch, 100000);
    check_ok(rpc_stream_open(&stream, channel, CHAT, 10000, &err), &err);
    for (int i = 0; i < 3; i++)
        check_ok(rpc_stream_send(stream, sr_slice_text("unread"), &err), &err);
    check_ok(rpc_stream_send(stream, sr_slice_text("refuse"), &err), &err);
    for (int i = 0; i < 1000 && result == SR_OK; i++)
        result = rpc_stream_send(stream, sr_buf_view(&batch), &err);
    check_int(result, SR_FAIL);
    check_int(err.code, SR_E_REFUSED);
    check_text(err.text, "no more of this");
}

/* The server does not read ahead of its handler without limit: a sender is held up. */
static void a_slow_reader_slows_its_writer(void **state)
{
    sr_err err = SR_ERR_INIT;
    size_t sent = 0;
    SR_BUF(batch, RPC_MESSAGE_MAX);
    RPC_CHANNEL(channel);
    RPC_STREAM(stream);
    channel = room_channel(*state);
    fill(&batch, RPC_MESSAGE_MAX);
    check_ok(rpc_stream_open(&stream, channel, LONG, 1000, &err), &err);
    check_ok(rpc_stream_send(stream, sr_slice_text("3000"), &err), &err);
    while (rpc_stream_send(stream, sr_buf_view(&batch), &err) == SR_OK)
        sent++;
    check_int(err.code, SR_E_TIMEOUT);
    check(sent < 32);
}

/* ---- many and strange ------------------------------------------------------------------------ */

static void *ask_much(void *argument)
{
    sr_err err = SR_ERR_INIT;
    char text[32];
    SR_BUF(answer, 1024);
    for (int i = 0; i < 10; i++)
    {
        snprintf(text, sizeof text, "%p %d", (void *)&err, i);
        if (room_ask(argument, &answer, ECHO, text, &err) != SR_OK ||
            !sr_slice_is_text_var(sr_buf_view(&answer), text))
            return sr_text_copy(err.text);
    }
    return NULL;
}

static void fifty_calls_run_side_by_side(void **state)
{
    pthread_t threads[PARALLEL];
    RPC_CHANNEL(channel);
    channel = room_channel(*state);
    for (int i = 0; i < PARALLEL; i++)
        check_int(pthread_create(&threads[i], NULL, ask_much, channel), 0);
    for (int i = 0; i < PARALLEL; i++)
    {
        void *failure = NULL;
        pthread_join(threads[i], &failure);
        if (failure != NULL)
            fail_msg("a call failed: %s", (char *)failure);
    }
}

static void more_calls_than_the_server_takes_at_once_wait(void **state)
{
    test_room *outer = *state;
    test_room narrow = {.server = NULL};
    pthread_t threads[PARALLEL];
    sr_err err = SR_ERR_INIT;
    (void)outer;
    rpc_server_config config = room_server_config(&narrow);
    config.max_calls = 2;
    check_ok(room_serve(&narrow, &config, &err), &err);
    {
        RPC_CHANNEL(channel);
        channel = room_channel(&narrow);
        for (int i = 0; i < PARALLEL; i++)
            check_int(pthread_create(&threads[i], NULL, ask_much, channel), 0);
        for (int i = 0; i < PARALLEL; i++)
        {
            void *failure = NULL;
            pthread_join(threads[i], &failure);
            check(failure == NULL);
        }
    }
    rpc_server_clear(&narrow.server);
}

static void a_peer_that_does_nothing_loses_its_call(void **state)
{
    test_room idle = {.server = NULL};
    sr_err err = SR_ERR_INIT;
    bool end = false;
    SR_BUF(message, 1024);
    (void)state;
    rpc_server_config config = room_server_config(&idle);
    config.idle_ms = 200;
    check_ok(room_serve(&idle, &config, &err), &err);
    {
        RPC_CHANNEL(channel);
        RPC_STREAM(stream);
        channel = room_channel(&idle);
        check_ok(rpc_stream_open(&stream, channel, CHAT, 20000, &err), &err);
        check_ok(rpc_stream_send(stream, sr_slice_text("ball"), &err), &err);
        check_ok(rpc_stream_receive(stream, &message, &end, &err), &err);
        check_fails(rpc_stream_receive(stream, &message, &end, &err), &err, SR_E_TIMEOUT);
        check_ok(room_ask(channel, &message, ECHO, "the next call is served", &err), &err);
    }
    rpc_server_clear(&idle.server);
}

static void an_unknown_method_is_refused_by_name(void **state)
{
    sr_err err = SR_ERR_INIT;
    SR_BUF(answer, 1024);
    RPC_CHANNEL(channel);
    channel = room_channel(*state);
    check_fails(room_ask(channel, &answer, "/test.v1.Echo/Nothing", "", &err), &err, SR_E_INVALID);
    check_error_says(&err, "/test.v1.Echo/Nothing");
}

static void a_handler_that_forgets_to_answer_is_our_fault_not_the_callers(void **state)
{
    sr_err err = SR_ERR_INIT;
    SR_BUF(answer, 1024);
    RPC_CHANNEL(channel);
    channel = room_channel(*state);
    check_fails(room_ask(channel, &answer, SILENT, "", &err), &err, SR_E_INTERNAL);
    check_error_says(&err, "internal error (the operator's log has more: call ");
    check_error_says(&err, err.detail.call);
}

/* ---- what the operator is told ---------------------------------------------------------------- */

typedef struct
{
    atomic_int count;
    char path[64];
    char id[RPC_CALL_ID_SIZE];
    sr_code code; /* SR_E_NONE: OK, or no such method */
    bool failed;
    uint64_t in;
    uint64_t out;
} told;

static void note_end(const rpc_call *call, const char *path, const sr_err *failure, void *context)
{
    told *to = context;
    const rpc_call_facts *facts = rpc_call_facts_view(call);
    check(sr_text_put(to->path, sizeof to->path, path == NULL ? "" : path));
    check(sr_text_put(to->id, sizeof to->id, facts->id));
    to->failed = failure != NULL;
    to->code = failure == NULL ? SR_E_NONE : failure->code;
    to->in = facts->bytes_in;
    to->out = facts->bytes_out;
    atomic_fetch_add(&to->count, 1);
}

static void each_call_is_told_before_its_caller_hears_of_it(void **state)
{
    sr_err err = SR_ERR_INIT;
    test_room room = {.server = NULL};
    told last = {.failed = false};
    SR_BUF(answer, 1024);
    RPC_CHANNEL(channel);
    (void)state;
    rpc_server_config config = room_server_config(&room);
    config.ended = note_end;
    config.ended_context = &last;
    check_ok(room_serve(&room, &config, &err), &err);
    channel = room_channel(&room);
    check_ok(room_ask(channel, &answer, ECHO, "hello", &err), &err);
    check(last.count == 1 && !last.failed && last.in == 5 && last.out == 5);
    check_text(last.path, ECHO);
    sr_fail(&room.failure, SR_E_IO, "a path of the server");
    check_fails(room_ask(channel, &answer, FAILING, "", &err), &err, SR_E_IO);
    check(last.count == 2 && last.failed && last.code == SR_E_IO && last.out == 0);
    check_text(last.id, err.detail.call);
    check_fails(room_ask(channel, &answer, FORBIDDEN, "", &err), &err, SR_E_ROLE);
    check(last.count == 3 && last.code == SR_E_ROLE);
    check_fails(room_ask(channel, &answer, "/test.v1.Echo/Nothing", "", &err), &err, SR_E_INVALID);
    check(last.count == 4 && last.failed && last.code == SR_E_NONE);
    check_text(last.path, "");
    check_fails(room_ask(channel, &answer, "/grpc.health.v1.Health/Check", "\x7f", &err), &err,
                err.code);
    check_int(last.count, 4); /* health is nobody's business */
    rpc_server_free(room.server);
}

static void a_unary_request_without_message_is_refused(void **state)
{
    sr_err err = SR_ERR_INIT;
    RPC_CHANNEL(channel);
    RPC_STREAM(stream);
    channel = room_channel(*state);
    check_ok(rpc_stream_open(&stream, channel, ECHO, 10000, &err), &err);
    check_fails(rpc_stream_finish(stream, &err), &err, SR_E_INVALID);
    check_text(err.text, "the request has no message");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define IN_ROOM(test) cmocka_unit_test_setup_teardown(test, room_setup, room_teardown)
        IN_ROOM(a_unary_call_brings_the_answer),
        IN_ROOM(a_client_stream_is_collected_up_to_its_commit),
        IN_ROOM(a_server_stream_is_received_to_its_end),
        IN_ROOM(a_bidirectional_stream_goes_to_and_fro),
        IN_ROOM(finishing_drops_what_was_not_received),
        IN_ROOM(a_message_at_the_limit_passes_both_ways),
        IN_ROOM(a_larger_request_is_refused_before_it_is_sent),
        IN_ROOM(a_larger_request_is_refused_by_the_server),
        IN_ROOM(a_larger_answer_is_refused_by_the_client),
        IN_ROOM(a_larger_answer_is_refused_before_the_server_sends_it),
        IN_ROOM(an_answer_larger_than_the_callers_buffer_is_refused),
        IN_ROOM(a_deadline_ends_the_call_on_both_sides),
        IN_ROOM(the_server_sees_that_the_client_cancelled),
        IN_ROOM(a_signal_handlers_flag_interrupts_a_call),
        IN_ROOM(an_aborted_client_stream_is_never_committed),
        IN_ROOM(a_sender_learns_why_the_server_ended_the_call),
        IN_ROOM(a_sender_learns_why_even_with_answers_unread),
        IN_ROOM(a_slow_reader_slows_its_writer),
        IN_ROOM(fifty_calls_run_side_by_side),
        IN_ROOM(more_calls_than_the_server_takes_at_once_wait),
        IN_ROOM(a_peer_that_does_nothing_loses_its_call),
        IN_ROOM(an_unknown_method_is_refused_by_name),
        IN_ROOM(a_handler_that_forgets_to_answer_is_our_fault_not_the_callers),
        cmocka_unit_test(each_call_is_told_before_its_caller_hears_of_it),
        IN_ROOM(a_unary_request_without_message_is_refused),
    };
    return cmocka_run_group_tests(tests, certificates_setup, certificates_teardown);
}
