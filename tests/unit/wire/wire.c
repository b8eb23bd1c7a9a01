/* wire.h: messages as bytes and back, and every rule by which bytes are refused. */
#include "wire/wire.h"

#include "check.h"

#include "google/rpc/error_details.pb-c.h"
#include "wire_test.pb-c.h"

typedef Wire__Test__Node node;

static const ProtobufCMessageDescriptor *const NODE = &wire__test__node__descriptor;

static void put(sr_buf *out, const char *bytes, size_t length)
{
    sr_err err = SR_ERR_INIT;
    check_ok(sr_buf_append(out, sr_slice_of(bytes, length), &err), &err);
}

static void check_taken(const char *bytes, size_t length)
{
    sr_err err = SR_ERR_INIT;
    WIRE_MESSAGE(node, got);
    check_ok(wire_unpack(&got, NODE, sr_slice_of(bytes, length), &err), &err);
    check(got != NULL);
}

static void check_refused(const char *bytes, size_t length, const char *says)
{
    sr_err err = SR_ERR_INIT;
    node *got = (node *)(void *)&err; /* must be overwritten */
    check_fails(wire_unpack(&got, NODE, sr_slice_of(bytes, length), &err), &err, SR_E_INVALID);
    check_error_says(&err, says);
    check(got == NULL);
}

#define TAKEN(bytes) check_taken(bytes, sizeof(bytes) - 1)
#define REFUSED(bytes, says) check_refused(bytes, sizeof(bytes) - 1, says)

static void a_message_comes_back_as_it_went(void **state)
{
    sr_err err = SR_ERR_INIT;
    SR_BUF(bytes, 1024);
    WIRE_MESSAGE(node, got);
    node child = WIRE__TEST__NODE__INIT;
    node sent = WIRE__TEST__NODE__INIT;
    char *words[] = {wire_text("größe"), wire_text(""), wire_text(NULL)};
    uint32_t numbers[] = {1, 300, 70000};
    (void)state;
    child.name = wire_text("child");
    sent.name = wire_text("parent");
    sent.child = &child;
    sent.words = words;
    sent.n_words = 3;
    sent.packed = numbers;
    sent.n_packed = 3;
    sent.wide = -5;
    sent.eight = 0.5;
    check_ok(wire_pack(&sent, &bytes, &err), &err);
    check_ok(wire_unpack(&got, NODE, sr_buf_view(&bytes), &err), &err);
    check_text(got->name, "parent");
    check_text(got->child->name, "child");
    check_int(got->n_words, 3);
    check_text(got->words[0], "größe");
    check_text(got->words[2], "");
    check_int(got->packed[2], 70000);
    check(got->wide == -5 && got->eight > 0.4);
}

static void nothing_is_an_empty_message(void **state)
{
    sr_err err = SR_ERR_INIT;
    SR_BUF(bytes, 16);
    WIRE_MESSAGE(node, got);
    node sent = WIRE__TEST__NODE__INIT;
    (void)state;
    check_ok(wire_pack(&sent, &bytes, &err), &err);
    check_int(bytes.len, 0);
    check_ok(wire_unpack(&got, NODE, sr_slice_of(NULL, 0), &err), &err);
    check_text(got->name, "");
}

static void packing_appends_and_never_exceeds_the_largest_size(void **state)
{
    sr_err err = SR_ERR_INIT;
    SR_BUF(bytes, 12);
    node sent = WIRE__TEST__NODE__INIT;
    (void)state;
    put(&bytes, "before", 6);
    sent.name = wire_text("four");
    check_ok(wire_pack(&sent, &bytes, &err), &err);
    check_int(bytes.len, 12);
    check_fails(wire_pack(&sent, &bytes, &err), &err, SR_E_LIMIT);
    check_slice(sr_slice_sub(sr_buf_view(&bytes), 0, 6), "before");
    check_int(bytes.len, 12);
    sr_buf_cut(&bytes, 7);
    check_fails(wire_pack(&sent, &bytes, &err), &err, SR_E_LIMIT);
    check_int(bytes.len, 7);
    check_error_says(&err, "Node: larger than the 12 bytes");
}

static void packing_refuses_what_a_peer_would_refuse(void **state)
{
    sr_err err = SR_ERR_INIT;
    SR_BUF(bytes, 64);
    node child = WIRE__TEST__NODE__INIT;
    node sent = WIRE__TEST__NODE__INIT;
    (void)state;
    child.name = wire_text("caf\xe9");
    sent.child = &child;
    check_fails(wire_pack(&sent, &bytes, &err), &err, SR_E_INVALID);
    check_text(err.text, "Node: child: name: not valid UTF-8");
    check_int(bytes.len, 0);
}

static void strings_must_be_utf8_wherever_they_are(void **state)
{
    (void)state;
    TAKEN("\x0a\x02\xc3\xa9");
    REFUSED("\x0a\x01\xe9", "Node: name: not valid UTF-8");
    REFUSED("\x0a\x02\xc0\x80", "not valid UTF-8");
    REFUSED("\x0a\x03\xed\xa0\x80", "not valid UTF-8");
    REFUSED("\x22\x01"
            "a"
            "\x22\x01\xff",
            "Node: words: not valid UTF-8");
    REFUSED("\x12\x03\x0a\x01\xff", "Node: child: name: not valid UTF-8");
    REFUSED("\x1a\x05\x1a\x03\x0a\x01\xff", "Node: children: children: name: not valid UTF-8");
    REFUSED("\x72\x03\x0a\x01\xff", "Node: table: key: not valid UTF-8");
    REFUSED("\x72\x03\x12\x01\xff", "Node: table: value: not valid UTF-8");
    REFUSED("\x7a\x01\xff", "Node: text: not valid UTF-8");
    REFUSED("\x82\x01\x03\x0a\x01\xff", "Node: inner: name: not valid UTF-8");
    TAKEN("\x2a\x02\xff\x00"); /* bytes may be anything */
}

static void a_nul_in_a_string_is_refused(void **state)
{
    (void)state;
    REFUSED("\x0a\x03"
            "a\0b",
            "Node: name: a NUL character is not allowed");
    REFUSED("\x22\x01\0", "Node: words: a NUL character is not allowed");
}

static void a_field_that_is_no_list_appears_once(void **state)
{
    (void)state;
    TAKEN("\x22\x01"
          "a"
          "\x22\x01"
          "b");
    REFUSED("\x0a\x01"
            "a"
            "\x0a\x01"
            "b",
            "Node: name: appears twice");
    REFUSED("\x12\x00\x12\x00", "Node: child: appears twice");
    REFUSED("\x30\x01\x30\x01", "Node: number: appears twice");
}

static void malformed_bytes_are_refused(void **state)
{
    (void)state;
    REFUSED("\x0a", "malformed");
    REFUSED("\x0a\x05"
            "abcd",
            "malformed");
    REFUSED("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"
            "a",
            "malformed");
    REFUSED("\x30\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "malformed");
    REFUSED("\x30", "malformed");
    REFUSED("\x30\x80", "malformed");
    REFUSED("\x45\x01\x02\x03", "malformed");
    REFUSED("\x49\x01\x02\x03\x04\x05\x06\x07", "malformed");
    REFUSED("\x00\x01", "malformed");
    REFUSED("\x0b\x0c", "malformed"); /* a group */
    REFUSED("\x0e\x01", "malformed");
    REFUSED("\x62\x01\x80", "malformed"); /* packed, and cut inside a number */
}

static void a_field_of_another_type_is_refused(void **state)
{
    (void)state;
    REFUSED("\x08\x01", "Node: name: not of the type");
    REFUSED("\x32\x01\x01", "Node: number: not of the type");
    REFUSED("\x15\x01\x02\x03\x04", "Node: child: not of the type");
    TAKEN("\x62\x02\x01\x02");
    TAKEN("\x60\x01\x60\x02");                         /* a packed list, sent loosely */
    TAKEN("\x6a\x08\x01\x02\x03\x04\x05\x06\x07\x08"); /* a loose list, sent packed */
    TAKEN("\x69\x01\x02\x03\x04\x05\x06\x07\x08");
}

static void unknown_fields_are_skipped(void **state)
{
    (void)state;
    TAKEN("\xf8\x07\x01\x0a\x01"
          "a"
          "\xfa\x07\x02\xff\xff");
}

/* A chain of so many messages, each the child of the one before. */
static void chain(sr_buf *out, unsigned messages)
{
    SR_BUF(inner, 64 * 1024);
    for (unsigned i = 1; i < messages; i++)
    {
        SR_BUF(outer, 64 * 1024);
        char head[4] = {0x12};
        size_t length = 2;
        head[1] = (char)(inner.len & 0x7f);
        if (inner.len > 127)
        {
            head[1] = (char)(head[1] | (char)0x80);
            head[2] = (char)(inner.len >> 7);
            length = 3;
        }
        put(&outer, head, length);
        put(&outer, (const char *)inner.data, inner.len);
        sr_buf_clear(&inner);
        put(&inner, (const char *)outer.data, outer.len);
    }
    put(out, (const char *)inner.data, inner.len);
}

static void messages_nest_only_so_deep(void **state)
{
    SR_BUF(allowed, 64 * 1024);
    SR_BUF(deeper, 64 * 1024);
    SR_BUF(much_deeper, 64 * 1024);
    (void)state;
    chain(&allowed, WIRE_DEPTH_MAX);
    check_taken((const char *)allowed.data, allowed.len);
    chain(&deeper, WIRE_DEPTH_MAX + 1);
    check_refused((const char *)deeper.data, deeper.len, "messages nest deeper than 32");
    chain(&much_deeper, 3000);
    check_refused((const char *)much_deeper.data, much_deeper.len, "messages nest deeper than 32");
}

/* `count` empty children (field 3) or unknown fields (99, a varint). */
static void fill(sr_buf *out, size_t count, const char *field, size_t length)
{
    sr_buf_cut(out, 0);
    for (size_t i = 0; i < count; i++)
        put(out, field, length);
}

static void a_small_message_cannot_ask_for_much_memory(void **state)
{
    static const char child[] = "\x1a\x00";
    static const char unknown[] = "\x98\x06\x01";
    SR_BUF(bytes, 1024 * 1024);
    (void)state;
    fill(&bytes, WIRE_PARTS_MAX, child, sizeof child - 1);
    check_taken((const char *)bytes.data, bytes.len);
    fill(&bytes, WIRE_PARTS_MAX + 1, child, sizeof child - 1);
    check_refused((const char *)bytes.data, bytes.len, "more than 65536 messages");
    fill(&bytes, WIRE_PARTS_MAX + 1, unknown, sizeof unknown - 1);
    check_refused((const char *)bytes.data, bytes.len, "more than 65536 messages");
}

static void releasing_accepts_nothing_and_twice(void **state)
{
    sr_err err = SR_ERR_INIT;
    node *got = NULL;
    (void)state;
    wire_free(NULL);
    wire_clear(&got);
    check_ok(wire_unpack(&got, NODE, sr_slice_of(NULL, 0), &err), &err);
    wire_clear(&got);
    check(got == NULL);
    wire_clear(&got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_comes_back_as_it_went),
        cmocka_unit_test(nothing_is_an_empty_message),
        cmocka_unit_test(packing_appends_and_never_exceeds_the_largest_size),
        cmocka_unit_test(packing_refuses_what_a_peer_would_refuse),
        cmocka_unit_test(strings_must_be_utf8_wherever_they_are),
        cmocka_unit_test(a_nul_in_a_string_is_refused),
        cmocka_unit_test(a_field_that_is_no_list_appears_once),
        cmocka_unit_test(malformed_bytes_are_refused),
        cmocka_unit_test(a_field_of_another_type_is_refused),
        cmocka_unit_test(unknown_fields_are_skipped),
        cmocka_unit_test(messages_nest_only_so_deep),
        cmocka_unit_test(a_small_message_cannot_ask_for_much_memory),
        cmocka_unit_test(releasing_accepts_nothing_and_twice),
    };
    check_main(tests);
}
