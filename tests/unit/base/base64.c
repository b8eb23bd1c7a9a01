/* The base64 half of text.h. */
#include "base/text.h"
#include "check.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* The textbook's encoder, one bit group at a time: what the quick one is compared with. */
static size_t encode_slowly(char *out, const uint8_t *in, size_t len)
{
    size_t at = 0;
    for (size_t i = 0; i < len; i += 3)
    {
        uint32_t group = (uint32_t)in[i] << 16;
        group |= i + 1 < len ? (uint32_t)in[i + 1] << 8 : 0;
        group |= i + 2 < len ? (uint32_t)in[i + 2] : 0;
        out[at++] = alphabet[group >> 18];
        out[at++] = alphabet[group >> 12 & 63];
        out[at++] = i + 1 < len ? alphabet[group >> 6 & 63] : '=';
        out[at++] = i + 2 < len ? alphabet[group & 63] : '=';
    }
    return at;
}

static void the_vectors_of_rfc_4648_hold(void **state)
{
    (void)state;
    static const char *const vectors[][2] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
    };
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++)
    {
        char out[16] = "";
        uint8_t back[16];
        size_t len;
        sr_err err = SR_ERR_INIT;
        sr_base64_encode(out, sr_slice_text(vectors[i][0]));
        check_text(out, vectors[i][1]);
        check_ok(sr_base64_decode(back, &len, sr_slice_text(out), &err), &err);
        check_slice(sr_slice_of(back, len), vectors[i][0]);
    }
}

/* Allocated to the byte, so that AddressSanitizer sees a write or read past the end. */
static void check_there_and_back(size_t len)
{
    sr_err err = SR_ERR_INIT;
    size_t text_len = sr_base64_encoded_len(len);
    uint8_t *bytes = sr_alloc(len);
    uint8_t *back = sr_alloc(sr_base64_decoded_max(text_len));
    char *text = sr_alloc(text_len);
    char *expected = sr_alloc(text_len + 4);
    size_t back_len;
    sr_random_bytes(bytes, len);
    sr_base64_encode(text, sr_slice_of(bytes, len));
    check_int(encode_slowly(expected, bytes, len), text_len);
    assert_memory_equal(text, expected, text_len);
    check_ok(sr_base64_decode(back, &back_len, sr_slice_of(text, text_len), &err), &err);
    check_int(back_len, len);
    assert_memory_equal(back, bytes, len);
    sr_free(bytes);
    sr_free(back);
    sr_free(text);
    sr_free(expected);
}

static void every_length_goes_there_and_back(void **state)
{
    (void)state;
    for (size_t round = 0; round < 20; round++)
        for (size_t len = 0; len < 130; len++)
            check_there_and_back(len);
    check_there_and_back(1000003);
}

static void missing_padding_is_accepted(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    uint8_t *out = sr_alloc(4);
    size_t len;
    check_int(sr_base64_decoded_max(6), 4);
    check_ok(sr_base64_decode(out, &len, sr_slice_text("Zm9vYg"), &err), &err);
    check_slice(sr_slice_of(out, len), "foob");
    check_ok(sr_base64_decode(out, &len, sr_slice_text("Zm8"), &err), &err);
    check_slice(sr_slice_of(out, len), "fo");
    sr_free(out);
}

static void wrong_lengths_and_paddings_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "Z",
        "Zm9vY",
        "=",
        "==",
        "===",
        "====",
        "Z===",
        "Zg=",
        "Zm8==",
        "Zg==Zg==",
        "Zg==\n",
        "Zm9v====",
        "Zm9v=",
        "Z=g=",
        "=Zg=",
        "Zm9vYmFyZ",
        "Zm9vYmFy=",
        "Zm9vYmFyZg=",
        "AAAAAAAAAAAAA=A",
        "Zm9vYm=y",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    {
        sr_err err = SR_ERR_INIT;
        uint8_t out[32] = {0};
        size_t len = 77;
        if (sr_base64_decode(out, &len, sr_slice_text(bad[i]), &err) == SR_OK)
            fail_msg("\"%s\" was accepted", bad[i]);
        check_int(err.code, SR_E_FORMAT);
        check_int(len, 0);
    }
}

static void only_the_alphabet_is_accepted_at_every_place(void **state)
{
    (void)state;
    for (size_t place = 0; place < 24; place++)
        for (unsigned c = 0; c < 256; c++)
        {
            sr_err err = SR_ERR_INIT;
            uint8_t text[24];
            uint8_t out[18];
            size_t len;
            memset(text, 'A', sizeof text);
            text[place] = (uint8_t)c;
            bool good = c != 0 && strchr(alphabet, (int)c) != NULL;
            if (c == '=' && place == 23)
                good = true;
            sr_result result = sr_base64_decode(out, &len, sr_slice_of(text, sizeof text), &err);
            if ((result == SR_OK) != good)
                fail_msg("byte %u at %zu is judged wrongly", c, place);
        }
}

static void a_refused_text_leaves_nothing_behind(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    uint8_t out[18];
    size_t len = 5;
    static const uint8_t zero[18];
    check_fails(sr_base64_decode(out, &len, sr_slice_text("c2VjcmV0c2VjcmV0c2VjcmV_"), &err), &err,
                SR_E_FORMAT);
    check_int(len, 0);
    assert_memory_equal(out, zero, sizeof out);
    check(strstr(err.text, "c2Vj") == NULL);
}

static void set_unused_bits_are_accepted_only_as_java_does(void **state)
{
    (void)state;
    static const char *const untidy[] = {"Zh==", "Zh", "Zm9=", "Zm9", "Zm9vYmFyZh=="};
    for (size_t i = 0; i < sizeof untidy / sizeof untidy[0]; i++)
    {
        sr_err err = SR_ERR_INIT;
        uint8_t out[16];
        size_t len;
        check_fails(sr_base64_decode(out, &len, sr_slice_text(untidy[i]), &err), &err, SR_E_FORMAT);
        check_error_says(&err, "unused bits");
        check_ok(sr_base64_decode_like_java(out, &len, sr_slice_text(untidy[i]), &err), &err);
        check_int(out[0], 'f');
        check_fails(sr_base64_decode_like_java(out, &len, sr_slice_text("Zh-="), &err), &err,
                    SR_E_FORMAT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vectors_of_rfc_4648_hold),
        cmocka_unit_test(every_length_goes_there_and_back),
        cmocka_unit_test(missing_padding_is_accepted),
        cmocka_unit_test(wrong_lengths_and_paddings_are_refused),
        cmocka_unit_test(only_the_alphabet_is_accepted_at_every_place),
        cmocka_unit_test(a_refused_text_leaves_nothing_behind),
        cmocka_unit_test(set_unused_bits_are_accepted_only_as_java_does),
    };
    check_main(tests);
}
