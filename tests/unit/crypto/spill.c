#include "crypto/spill.h"

#include "support.h"

static const char chunk[] = "row 1: ann@example.com";

static void seal(spill_cipher *cipher, sr_buf *out, uint64_t number)
{
    sr_err err = SR_ERR_INIT;
    check_ok(spill_seal(cipher, out, number, sr_slice_text(chunk), &err), &err);
    check_int(out->len, strlen(chunk) + SPILL_OVERHEAD);
}

static void check_damaged(spill_cipher *cipher, uint64_t number, sr_slice sealed)
{
    sr_err err = SR_ERR_INIT;
    SR_BUF(out, 1000);
    check_ok(sr_buf_append_text(&out, "before", &err), &err);
    check_fails(spill_open(cipher, &out, number, sealed, &err), &err, SR_E_CORRUPT);
    check_slice(sr_buf_view(&out), "before");
}

static void a_chunk_comes_back_and_is_not_readable_meanwhile(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SPILL_CIPHER(cipher);
    SR_BUF(sealed, 1000);
    SR_BUF(out, 1000);
    check_ok(spill_cipher_new(&cipher, &err), &err);
    seal(cipher, &sealed, 5);
    check(memmem(sealed.data, sealed.len, "ann", 3) == NULL);
    check_ok(spill_open(cipher, &out, 5, sr_buf_view(&sealed), &err), &err);
    check_slice(sr_buf_view(&out), chunk);
}

static void an_empty_chunk_is_a_chunk(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SPILL_CIPHER(cipher);
    SR_BUF(sealed, 1000);
    SR_BUF(out, 1000);
    check_ok(spill_cipher_new(&cipher, &err), &err);
    check_ok(spill_seal(cipher, &sealed, 0, sr_slice_of(NULL, 0), &err), &err);
    check_ok(spill_open(cipher, &out, 0, sr_buf_view(&sealed), &err), &err);
    check_int(out.len, 0);
}

static void the_same_chunk_never_gives_the_same_bytes(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SPILL_CIPHER(cipher);
    SR_BUF(first, 1000);
    SR_BUF(second, 1000);
    check_ok(spill_cipher_new(&cipher, &err), &err);
    seal(cipher, &first, 5);
    seal(cipher, &second, 5);
    check(!sr_slice_equal_var(sr_buf_view(&first), sr_buf_view(&second)));
    assert_memory_not_equal(first.data, second.data, SPILL_NONCE_SIZE);
}

static void changed_cut_and_moved_chunks_are_refused(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    SPILL_CIPHER(cipher);
    SPILL_CIPHER(other);
    SR_BUF(sealed, 1000);
    check_ok(spill_cipher_new(&cipher, &err), &err);
    check_ok(spill_cipher_new(&other, &err), &err);
    seal(cipher, &sealed, 5);
    check_damaged(cipher, 6, sr_buf_view(&sealed));
    check_damaged(other, 5, sr_buf_view(&sealed));
    for (size_t len = 0; len < sealed.len; len++)
        check_damaged(cipher, 5, sr_slice_of(sealed.data, len));
    for (size_t bit = 0; bit < 8 * sealed.len; bit++)
    {
        sealed.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        check_damaged(cipher, 5, sr_buf_view(&sealed));
        sealed.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chunk_comes_back_and_is_not_readable_meanwhile),
        cmocka_unit_test(an_empty_chunk_is_a_chunk),
        cmocka_unit_test(the_same_chunk_never_gives_the_same_bytes),
        cmocka_unit_test(changed_cut_and_moved_chunks_are_refused),
    };
    check_main(tests);
}
