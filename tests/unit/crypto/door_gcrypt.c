#include "crypto/door_gcrypt.h"

#include "support.h"

static void free_cipher(door_cipher **cipher)
{
    door_cipher_free(*cipher);
}
#define CIPHER(name) door_cipher *name SR_CLEANUP(free_cipher) = NULL

/* The input of RFC 5297 appendix A.1, which is for AES-128, with a key of 64 bytes that extends
 * its key. The result is OpenSSL's. */
static const char siv_key[] = "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f06f6e6d6c6b6a69686766656463626160"
                              "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff000102030405060708090a0b0c0d0e0f";
static const char siv_aad[] = "101112131415161718191a1b1c1d1e1f2021222324252627";
static const char siv_text[] = "112233445566778899aabbccddee";
static const char siv_sealed[] = "f125274c598065cfc26b0e71575029088b035217e380cac8919ee800c126";

/* The specification of GCM (McGrew and Viega), test case 16: AES-256, 60 bytes, 20 bytes of data.
 * */
static const char gcm_key[] = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
static const char gcm_iv[] = "cafebabefacedbaddecaf888";
static const char gcm_aad[] = "feedfacedeadbeeffeedfacedeadbeefabaddad2";
static const char gcm_text[] = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                               "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39";
static const char gcm_sealed[] = "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                                 "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
                                 "76fc6ece0f4e1768cddf8853bb2d551b";

typedef struct
{
    sr_buf key;
    sr_buf iv;
    sr_buf aad;
    sr_buf text;
    uint8_t out[128];
} inputs;

static void clear_inputs(inputs *in)
{
    sr_buf_clear(&in->key);
    sr_buf_clear(&in->iv);
    sr_buf_clear(&in->aad);
    sr_buf_clear(&in->text);
}
#define INPUTS(name) inputs name SR_CLEANUP(clear_inputs) = {.out = {0}}

static void read_inputs(inputs *in, const char *key, const char *iv, const char *aad,
                        const char *text)
{
    sr_buf *const bufs[] = {&in->key, &in->iv, &in->aad, &in->text};
    const char *const hex[] = {key, iv, aad, text};
    for (size_t i = 0; i < 4; i++)
    {
        sr_buf_init(bufs[i], 128);
        support_hex(bufs[i], hex[i]);
    }
}

static void siv_gives_the_vector_and_opens_it(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    CIPHER(siv);
    INPUTS(in);
    uint8_t opened[16];
    read_inputs(&in, siv_key, "", siv_aad, siv_text);
    check_ok(door_siv_new(&siv, in.key.data, &err), &err);
    for (int i = 0; i < 2; i++) /* a cipher is used again and again */
    {
        check_ok(door_siv_seal(siv, in.out, sr_buf_view(&in.aad), sr_buf_view(&in.text), &err),
                 &err);
        sr_slice sealed = sr_slice_of(in.out, in.text.len + DOOR_SIV_SIZE);
        check_hex(sealed, siv_sealed);
        check_ok(door_siv_open(siv, opened, sr_buf_view(&in.aad), sealed, &err), &err);
        check_hex(sr_slice_of(opened, in.text.len), siv_text);
    }
}

static void siv_with_other_associated_data_does_not_open(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    static const uint8_t zeros[14];
    CIPHER(siv);
    INPUTS(in);
    uint8_t opened[14];
    read_inputs(&in, siv_key, "", siv_aad, siv_text);
    check_ok(door_siv_new(&siv, in.key.data, &err), &err);
    check_ok(door_siv_seal(siv, in.out, sr_buf_view(&in.aad), sr_buf_view(&in.text), &err), &err);
    check_fails(door_siv_open(siv, opened, sr_slice_text("x"),
                              sr_slice_of(in.out, in.text.len + DOOR_SIV_SIZE), &err),
                &err, SR_E_SECRET);
    assert_memory_equal(opened, zeros, sizeof zeros);
}

static void gcm_gives_the_vector_and_opens_it(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    CIPHER(gcm);
    INPUTS(in);
    uint8_t opened[60];
    read_inputs(&in, gcm_key, gcm_iv, gcm_aad, gcm_text);
    check_ok(door_gcm_new(&gcm, &err), &err);
    check_ok(door_cipher_set_key(gcm, in.key.data, &err), &err);
    for (int i = 0; i < 2; i++)
    {
        check_ok(door_gcm_seal(gcm, in.out, in.iv.data, sr_buf_view(&in.aad), sr_buf_view(&in.text),
                               &err),
                 &err);
        sr_slice sealed = sr_slice_of(in.out, in.text.len + DOOR_GCM_TAG_SIZE);
        check_hex(sealed, gcm_sealed);
        check_ok(door_gcm_open(gcm, opened, in.iv.data, sr_buf_view(&in.aad), sealed, &err), &err);
        check_hex(sr_slice_of(opened, sizeof opened), gcm_text);
    }
}

static void gcm_in_place_gives_the_same(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    CIPHER(gcm);
    INPUTS(in);
    read_inputs(&in, gcm_key, gcm_iv, gcm_aad, gcm_text);
    check_ok(door_gcm_new(&gcm, &err), &err);
    check_ok(door_cipher_set_key(gcm, in.key.data, &err), &err);
    sr_copy(in.out, in.text.data, in.text.len);
    check_ok(door_gcm_seal(gcm, in.out, in.iv.data, sr_buf_view(&in.aad),
                           sr_slice_of(in.out, in.text.len), &err),
             &err);
    check_hex(sr_slice_of(in.out, in.text.len + DOOR_GCM_TAG_SIZE), gcm_sealed);
}

static void what_is_shorter_than_its_tag_does_not_open(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    CIPHER(gcm);
    CIPHER(siv);
    uint8_t key[DOOR_SIV_KEY_SIZE] = {1};
    uint8_t out[16];
    check_ok(door_gcm_new(&gcm, &err), &err);
    check_ok(door_siv_new(&siv, key, &err), &err);
    check_ok(door_cipher_set_key(gcm, key, &err), &err);
    sr_slice cut = sr_slice_of(key, 15);
    check_fails(door_gcm_open(gcm, out, key, sr_slice_text("x"), cut, &err), &err, SR_E_SECRET);
    check_fails(door_siv_open(siv, out, sr_slice_text("x"), cut, &err), &err, SR_E_SECRET);
}

static void the_stream_is_aes_of_a_counter_from_zero(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    CIPHER(stream);
    uint8_t key[DOOR_AES_KEY_SIZE] = {0};
    uint8_t out[32];
    check_ok(door_stream_new(&stream, &err), &err);
    check_ok(door_cipher_set_key(stream, key, &err), &err);
    check_ok(door_stream_fill(stream, out, sizeof out, &err), &err);
    check_hex(sr_slice_of(out, sizeof out),
              "dc95c078a2408989ad48a21492842087530f8afbc74536b9a963b4f1c4cb738b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(siv_gives_the_vector_and_opens_it),
        cmocka_unit_test(siv_with_other_associated_data_does_not_open),
        cmocka_unit_test(gcm_gives_the_vector_and_opens_it),
        cmocka_unit_test(gcm_in_place_gives_the_same),
        cmocka_unit_test(what_is_shorter_than_its_tag_does_not_open),
        cmocka_unit_test(the_stream_is_aes_of_a_counter_from_zero),
    };
    check_main(tests);
}
