/* An error's way to a peer and back: details.h, and the same over a connection. */
#include <stdlib.h>

#include "room.h"

#include "google/rpc/error_details.pb-c.h"
#include "google/rpc/status.pb-c.h"
#include "rpc/details.h"
#include "wire/wire.h"

static sr_err refusal(void)
{
    sr_err err = SR_ERR_INIT;
    sr_fail(&err, SR_E_REFUSED, "the rule of \"publisher\" does not allow to select \"e-mail\"");
    sr_err_set_detail(&err, "COLUMN_NOT_A_DIMENSION", "dimensionColumns", "publisher", "e-mail");
    check(sr_text_put(err.detail.position, sizeof err.detail.position, "3:14"));
    check(sr_text_put(err.detail.call, sizeof err.detail.call, "3f9a0c1d-52b7"));
    return err;
}

static void check_same(const sr_err *a, const sr_err *b)
{
    check_int(a->code, b->code);
    check_text(a->text, b->text);
    check_text(a->detail.reason, b->detail.reason);
    check_text(a->detail.field, b->detail.field);
    check_text(a->detail.table, b->detail.table);
    check_text(a->detail.column, b->detail.column);
    check_text(a->detail.position, b->detail.position);
    check_text(a->detail.call, b->detail.call);
}

static void check_clean(const char *text)
{
    for (; *text != '\0'; text++)
        check((unsigned char)*text >= 0x20 && *text != 0x7f);
}

/* ---- there and back -------------------------------------------------------------------------- */

static void every_code_and_every_part_comes_back(void **state)
{
    (void)state;
    for (int code = SR_E_NONE + 1; code < SR_E_COUNT_; code++)
    {
        sr_err sent = refusal();
        sr_err got;
        SR_BUF(details, RPC_DETAILS_MAX);
        sent.code = (sr_code)code;
        rpc_details_pack(&details, &sent);
        check(rpc_details_unpack(&got, sr_code_grpc_status(sent.code),
                                 sr_slice_text(sr_err_peer_text(&sent)), sr_buf_view(&details)));
        check_int(got.code, code);
        if (sr_code_peer_may_read(sent.code))
            check_same(&got, &sent);
    }
}

static void of_an_internal_failure_only_its_kind_travels(void **state)
{
    sr_err sent = refusal();
    sr_err got;
    SR_BUF(details, RPC_DETAILS_MAX);
    (void)state;
    sent.code = SR_E_CORRUPT;
    rpc_details_pack(&details, &sent);
    check(memmem(details.data, details.len, "publisher", 9) == NULL);
    check(memmem(details.data, details.len, "e-mail", 6) == NULL);
    check(memmem(details.data, details.len, "DIMENSION", 9) == NULL);
    check(rpc_details_unpack(&got, 15, sr_slice_text(sr_err_peer_text(&sent)),
                             sr_buf_view(&details)));
    check_text(got.text, "the server's stored state is damaged");
    check_text(got.detail.table, "");
    check_text(got.detail.call, sent.detail.call);
}

static void the_words_of_an_internal_failure_name_the_call(void **state)
{
    sr_err failure = refusal();
    char line[SR_ERR_TEXT_SIZE];
    (void)state;
    rpc_details_line(line, &failure);
    check_text(line, failure.text);
    failure.code = SR_E_INTERNAL;
    rpc_details_line(line, &failure);
    check_text(line, "internal error (the operator's log has more: call 3f9a0c1d-52b7)");
    failure.detail.call[0] = '\0';
    rpc_details_line(line, &failure);
    check_text(line, "internal error");
}

static void parts_at_their_largest_fit(void **state)
{
    sr_err sent = SR_ERR_INIT;
    sr_err got;
    SR_BUF(details, RPC_DETAILS_MAX);
    (void)state;
    sent.code = SR_E_REFUSED;
    memset(sent.text, 't', sizeof sent.text - 1);
    memset(sent.detail.reason, 'R', sizeof sent.detail.reason - 1);
    memset(sent.detail.field, 'f', sizeof sent.detail.field - 1);
    memset(sent.detail.table, 't', sizeof sent.detail.table - 1);
    memset(sent.detail.column, 'c', sizeof sent.detail.column - 1);
    memset(sent.detail.position, 'p', sizeof sent.detail.position - 1);
    memset(sent.detail.call, 'i', sizeof sent.detail.call - 1);
    rpc_details_pack(&details, &sent);
    check(details.len > 0);
    check(rpc_details_unpack(&got, 7, sr_slice_text(sent.text), sr_buf_view(&details)));
    check_same(&got, &sent);
}

static void parts_that_are_not_utf8_still_travel(void **state)
{
    sr_err sent = refusal();
    sr_err got;
    SR_BUF(details, RPC_DETAILS_MAX);
    (void)state;
    check(sr_text_put(sent.detail.column, sizeof sent.detail.column, "caf\xe9"));
    rpc_details_pack(&details, &sent);
    check(rpc_details_unpack(&got, 7, sr_slice_text("x"), sr_buf_view(&details)));
    check_text(got.detail.column, "caf?");
}

/* ---- hostile peers --------------------------------------------------------------------------- */

typedef struct
{
    const char *domain;
    const char *url;
    const char *code;
    char *table;
} forged;

static void forge(sr_buf *out, const forged *with)
{
    sr_err err = SR_ERR_INIT;
    SR_BUF(packed, 16 * 1024);
    Google__Rpc__ErrorInfo__MetadataEntry code = GOOGLE__RPC__ERROR_INFO__METADATA_ENTRY__INIT;
    Google__Rpc__ErrorInfo__MetadataEntry table = GOOGLE__RPC__ERROR_INFO__METADATA_ENTRY__INIT;
    Google__Rpc__ErrorInfo__MetadataEntry *entries[] = {&code, &table};
    Google__Rpc__ErrorInfo info = GOOGLE__RPC__ERROR_INFO__INIT;
    Google__Protobuf__Any any = GOOGLE__PROTOBUF__ANY__INIT;
    Google__Protobuf__Any *details[] = {&any};
    Google__Rpc__Status status = GOOGLE__RPC__STATUS__INIT;
    code.key = wire_text("code");
    code.value = wire_text(with->code);
    table.key = wire_text("table");
    table.value = with->table;
    info.domain = wire_text(with->domain);
    info.metadata = entries;
    info.n_metadata = 2;
    check_ok(wire_pack(&info, &packed, &err), &err);
    any.type_url = wire_text(with->url);
    any.value.data = packed.data;
    any.value.len = packed.len;
    status.details = details;
    status.n_details = 1;
    check_ok(wire_pack(&status, out, &err), &err);
}

static const char INFO_URL[] = "type.googleapis.com/google.rpc.ErrorInfo";

static void details_of_another_domain_or_type_are_left_alone(void **state)
{
    char table[] = "t";
    const forged cases[] = {
        {"example.com", INFO_URL, "REFUSED", table},
        {"sealroom", "type.googleapis.com/google.rpc.BadRequest", "REFUSED", table},
    };
    (void)state;
    for (size_t i = 0; i < 2; i++)
    {
        sr_err got;
        SR_BUF(details, 16 * 1024);
        forge(&details, &cases[i]);
        check(!rpc_details_unpack(&got, 7, sr_slice_text("no"), sr_buf_view(&details)));
        check_int(got.code, sr_code_from_grpc(7));
        check_text(got.text, "no");
        check_text(got.detail.table, "");
    }
}

static void a_code_that_contradicts_the_status_is_not_believed(void **state)
{
    char table[] = "t";
    const char *const codes[] = {"NOT_FOUND", "NONE", "nonsense", ""};
    (void)state;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
    {
        sr_err got;
        SR_BUF(details, 16 * 1024);
        const forged with = {"sealroom", INFO_URL, codes[i], table};
        forge(&details, &with);
        check(rpc_details_unpack(&got, 7, sr_slice_text("no"), sr_buf_view(&details)));
        check_int(got.code, sr_code_from_grpc(7));
    }
}

static void hostile_lengths_and_control_characters_are_tamed(void **state)
{
    sr_err got;
    char table[3000];
    SR_BUF(details, 16 * 1024);
    SR_BUF(text, 16 * 1024);
    sr_err err = SR_ERR_INIT;
    const forged with = {"sealroom", INFO_URL, "REFUSED", table};
    (void)state;
    for (size_t i = 0; i < sizeof table - 1; i++)
        table[i] = (char)(i % 26 == 0 ? '\n' : i % 26 == 1 ? '\x1b' : 'a');
    table[sizeof table - 1] = '\0';
    forge(&details, &with);
    check_ok(
        sr_buf_append_text(&text, "first\nsecond\x1b[2J\x7f\xc2\x9b\xe2\x80\xae\xff\xc0\x80", &err),
        &err);
    for (int i = 0; i < 2000; i++)
        check_ok(sr_buf_append_text(&text, "é", &err), &err);
    check(rpc_details_unpack(&got, 7, sr_buf_view(&text), sr_buf_view(&details)));
    check_clean(got.text);
    check_clean(got.detail.table);
    check(strncmp(got.text, "first?second?[2J??????", 22) == 0);
    check_int(strlen(got.detail.table), SR_ERR_DETAIL_SIZE - 1);
}

static void damaged_details_leave_the_status_alone(void **state)
{
    sr_err sent = refusal();
    SR_BUF(details, RPC_DETAILS_MAX);
    (void)state;
    rpc_details_pack(&details, &sent);
    for (size_t cut = 0; cut < details.len; cut++)
    {
        sr_err got;
        sr_slice part = sr_slice_sub(sr_buf_view(&details), 0, cut);
        (void)rpc_details_unpack(&got, 7, sr_slice_text("no"), part);
        check_text(got.text, "no");
        check(sr_code_grpc_status(got.code) == 7);
    }
    srand(1); /* NOLINT(cert-msc32-c,cert-msc51-cpp): the same damage every time */
    for (int i = 0; i < 2000; i++)
    {
        sr_err got;
        size_t at = (size_t)rand() % details.len; /* NOLINT(cert-msc30-c,cert-msc50-cpp) */
        uint8_t before = details.data[at];
        details.data[at] = (uint8_t)rand(); /* NOLINT(cert-msc30-c,cert-msc50-cpp) */
        (void)rpc_details_unpack(&got, 7, sr_slice_text("no"), sr_buf_view(&details));
        check(sr_code_grpc_status(got.code) == 7);
        check_clean(got.detail.column);
        details.data[at] = before;
    }
}

static void a_status_out_of_range_is_an_internal_error(void **state)
{
    const int statuses[] = {0, -1, 17, 2, 1000000};
    (void)state;
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
    {
        sr_err got;
        check(!rpc_details_unpack(&got, statuses[i], sr_slice_of(NULL, 0), sr_slice_of(NULL, 0)));
        check_int(got.code, SR_E_INTERNAL);
        check_text(got.text, sr_code_words(SR_E_INTERNAL));
    }
}

static void cleaning_cuts_at_a_characters_border(void **state)
{
    char small[6];
    (void)state;
    rpc_text_clean(small, sizeof small, sr_slice_text("ab€€"));
    check_text(small, "ab€");
    rpc_text_clean(small, sizeof small, sr_slice_text("abc€"));
    check_text(small, "abc");
    rpc_text_clean(small, 1, sr_slice_text("abc"));
    check_text(small, "");
    rpc_text_clean(small, sizeof small, sr_slice_of("\xe2\x82", 2));
    check_text(small, "??");
}

/* ---- over a connection ----------------------------------------------------------------------- */

static void a_rich_error_survives_the_connection(void **state)
{
    test_room *room = *state;
    SR_BUF(answer, 1024);
    RPC_CHANNEL(channel);
    channel = room_channel(room);
    for (int code = SR_E_NONE + 1; code < SR_E_COUNT_; code++)
    {
        sr_err err = SR_ERR_INIT;
        room->failure = refusal();
        room->failure.code = (sr_code)code;
        check_fails(room_ask(channel, &answer, FAILING, "", &err), &err, (sr_code)code);
        check_int(strlen(err.detail.call), RPC_CALL_ID_SIZE - 1);
        sr_copy(room->failure.detail.call, err.detail.call, RPC_CALL_ID_SIZE);
        rpc_details_line(room->failure.text, &room->failure);
        check_text(err.text, room->failure.text);
        if (sr_code_peer_may_read(err.code))
            check_same(&err, &room->failure);
    }
}

/* The worst that headers make of it: every byte of the text is percent-encoded. */
static void the_longest_error_survives_the_connection(void **state)
{
    test_room *room = *state;
    sr_err err = SR_ERR_INIT;
    SR_BUF(answer, 1024);
    RPC_CHANNEL(channel);
    channel = room_channel(room);
    room->failure = refusal();
    for (size_t i = 0; i + 2 < sizeof room->failure.text; i += 2)
        sr_copy(room->failure.text + i, "é", 3);
    for (size_t i = 0; i + 2 < sizeof room->failure.detail.table; i += 2)
        sr_copy(room->failure.detail.table + i, "é", 3);
    check_fails(room_ask(channel, &answer, FAILING, "", &err), &err, SR_E_REFUSED);
    sr_copy(room->failure.detail.call, err.detail.call, sizeof err.detail.call);
    check_same(&err, &room->failure);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_and_every_part_comes_back),
        cmocka_unit_test(of_an_internal_failure_only_its_kind_travels),
        cmocka_unit_test(the_words_of_an_internal_failure_name_the_call),
        cmocka_unit_test(parts_at_their_largest_fit),
        cmocka_unit_test(parts_that_are_not_utf8_still_travel),
        cmocka_unit_test(details_of_another_domain_or_type_are_left_alone),
        cmocka_unit_test(a_code_that_contradicts_the_status_is_not_believed),
        cmocka_unit_test(hostile_lengths_and_control_characters_are_tamed),
        cmocka_unit_test(damaged_details_leave_the_status_alone),
        cmocka_unit_test(a_status_out_of_range_is_an_internal_error),
        cmocka_unit_test(cleaning_cuts_at_a_characters_border),
        cmocka_unit_test_setup_teardown(a_rich_error_survives_the_connection, room_setup,
                                        room_teardown),
        cmocka_unit_test_setup_teardown(the_longest_error_survives_the_connection, room_setup,
                                        room_teardown),
    };
    return cmocka_run_group_tests(tests, certificates_setup, certificates_teardown);
}
