#include "crypto/digest.h"

#include "support.h"

/* FIPS 180-4 examples. */
static const char abc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
static const char nothing[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
static const char two_blocks[] = "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1";
static const char two_blocks_text[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";

static void check_digest(const char *text, const char *hex)
{
    digest_value sum = digest_of(sr_slice_text(text));
    check_hex(sr_slice_of(sum.bytes, sizeof sum.bytes), hex);
}

static void it_gives_the_examples_of_fips_180(void **state)
{
    (void)state;
    check_digest("", nothing);
    check_digest("abc", abc);
    check_digest(two_blocks_text, two_blocks);
}

static void parts_give_the_same_as_the_whole(void **state)
{
    (void)state;
    for (size_t cut = 0; cut <= strlen(two_blocks_text); cut++)
    {
        digest whole;
        digest_value sum;
        digest_init(&whole);
        digest_add(&whole, sr_slice_of(two_blocks_text, cut));
        digest_add(&whole, sr_slice_text(two_blocks_text + cut));
        digest_finish(&sum, &whole);
        check_hex(sr_slice_of(sum.bytes, sizeof sum.bytes), two_blocks);
    }
}

static void a_state_can_be_continued_many_times(void **state)
{
    (void)state;
    digest start;
    digest_value sum;
    digest_init(&start);
    digest_add(&start, sr_slice_text("a"));
    for (int i = 0; i < 2; i++)
    {
        digest_from(&sum, &start, sr_slice_text("bc"));
        check_hex(sr_slice_of(sum.bytes, sizeof sum.bytes), abc);
    }
}

static void a_finished_state_is_wiped(void **state)
{
    (void)state;
    static const digest zeros;
    digest used;
    digest_value sum;
    digest_init(&used);
    digest_add(&used, sr_slice_text("abc"));
    digest_finish(&sum, &used);
    assert_memory_equal(&used, &zeros, sizeof zeros);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_gives_the_examples_of_fips_180),
        cmocka_unit_test(parts_give_the_same_as_the_whole),
        cmocka_unit_test(a_state_can_be_continued_many_times),
        cmocka_unit_test(a_finished_state_is_wiped),
    };
    check_main(tests);
}
