#include "crypto/group/xmd.h"

#include "support.h"

#include "base/text.h"

static void expanding_gives_the_vectors_of_rfc_9380(void **state)
{
    SR_JSON(vectors);
    (void)state;
    vectors = support_vectors("rfc9380/expand_message_xmd.json");
    check_int(sr_json_size(vectors), 30);
    for (size_t i = 0; i < sr_json_size(vectors); i++)
    {
        sr_err err = SR_ERR_INIT;
        xmd_tag tag;
        uint8_t out[128];
        char hex[2 * sizeof out + 1];
        const sr_json *one = sr_json_item(vectors, i);
        const char *hash = sr_json_text(sr_json_member(one, "hash"));
        size_t len = (size_t)sr_json_int(sr_json_member(one, "len_in_bytes"));
        check_ok(xmd_tag_init(&tag, strcmp(hash, "SHA256") == 0 ? XMD_SHA256 : XMD_SHA512,
                              sr_slice_text(sr_json_text(sr_json_member(one, "dst"))), &err),
                 &err);
        xmd_expand(out, len, &tag, sr_slice_text(sr_json_text(sr_json_member(one, "msg"))));
        sr_hex_encode(hex, sr_slice_of(out, len));
        check_text(hex, sr_json_text(sr_json_member(one, "uniform_bytes")));
    }
}

static void an_empty_tag_is_refused(void **state)
{
    sr_err err = SR_ERR_INIT;
    xmd_tag tag;
    (void)state;
    check_fails(xmd_tag_init(&tag, XMD_SHA512, sr_slice_of(NULL, 0), &err), &err, SR_E_INVALID);
    check_int(tag.dst_len, 0);
}

/* 255 bytes are a tag as they are, 256 are hashed first: both differ from all their neighbours. */
static void the_longest_tags_differ(void **state)
{
    sr_err err = SR_ERR_INIT;
    static uint8_t letters[1000];
    uint8_t outs[3][32];
    (void)state;
    memset(letters, 'a', sizeof letters);
    for (size_t i = 0; i < 3; i++)
    {
        xmd_tag tag;
        check_ok(xmd_tag_init(&tag, XMD_SHA512, sr_slice_of(letters, 254 + i), &err), &err);
        check_int(tag.dst_len, i < 2 ? 255 + i : 65);
        xmd_expand(outs[i], sizeof outs[i], &tag, sr_slice_text("x"));
    }
    check(memcmp(outs[0], outs[1], 32) != 0 && memcmp(outs[1], outs[2], 32) != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expanding_gives_the_vectors_of_rfc_9380),
        cmocka_unit_test(an_empty_tag_is_refused),
        cmocka_unit_test(the_longest_tags_differ),
    };
    check_main(tests);
}
