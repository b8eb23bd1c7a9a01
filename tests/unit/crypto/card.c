#include "crypto/card.h"

#include "support.h"

static card_content usual(void)
{
    return (card_content){
        .table = sr_slice_text("sales"),
        .version = 3,
        .header = sr_slice_text("email"),
        .column_type = sr_slice_text("fingerprint"),
        .data_type = sr_slice_text("STRING"),
        .normaliser = sr_slice_text("email/1"),
        .flags = 5,
    };
}

static void a_card_verifies_under_the_same_secret(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    KDF_SCHEDULE(mine);
    KDF_SCHEDULE(yours);
    card_tag tag;
    card_content content = usual();
    mine = support_usual_schedule(1);
    yours = support_usual_schedule(1);
    check_ok(card_make(&tag, mine, &content, &err), &err);
    check_ok(card_verify(&tag, yours, &content, &err), &err);
}

static void check_forgery(card_content forged)
{
    sr_err err = SR_ERR_INIT;
    KDF_SCHEDULE(schedule);
    card_tag tag;
    card_content content = usual();
    schedule = support_usual_schedule(1);
    check_ok(card_make(&tag, schedule, &content, &err), &err);
    check_fails(card_verify(&tag, schedule, &forged, &err), &err, SR_E_SECRET);
}

static void a_change_of_any_field_is_refused(void **state)
{
    (void)state;
    card_content changed[7];
    for (size_t i = 0; i < 7; i++)
        changed[i] = usual();
    changed[0].table = sr_slice_text("sale");
    changed[1].version = 4;
    changed[2].header = sr_slice_text("mail");
    changed[3].column_type = sr_slice_text("cleartext");
    changed[4].data_type = sr_slice_text("BIGINT");
    changed[5].normaliser = sr_slice_text("");
    changed[6].flags = 4;
    for (size_t i = 0; i < 7; i++)
        check_forgery(changed[i]);
}

static void bytes_moved_from_one_field_to_the_next_are_refused(void **state)
{
    (void)state;
    card_content moved = usual();
    moved.column_type = sr_slice_text("fingerprintSTRING");
    moved.data_type = sr_slice_text("");
    check_forgery(moved);
}

static void another_secret_and_a_flipped_tag_are_refused(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    KDF_SCHEDULE(mine);
    KDF_SCHEDULE(other);
    card_tag tag;
    card_content content = usual();
    mine = support_usual_schedule(1);
    other = support_usual_schedule(2);
    check_ok(card_make(&tag, mine, &content, &err), &err);
    check_fails(card_verify(&tag, other, &content, &err), &err, SR_E_SECRET);
    for (size_t bit = 0; bit < 8 * sizeof tag.bytes; bit++)
    {
        tag.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        check_fails(card_verify(&tag, mine, &content, &err), &err, SR_E_SECRET);
        tag.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

static void a_text_beyond_the_limit_is_refused_and_leaves_no_tag(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    static char text[CARD_TEXT_MAX + 1];
    static const card_tag zeros;
    KDF_SCHEDULE(schedule);
    card_tag tag = {{1}};
    card_content content = usual();
    content.header = sr_slice_of(text, sizeof text);
    schedule = support_usual_schedule(1);
    check_fails(card_make(&tag, schedule, &content, &err), &err, SR_E_LIMIT);
    assert_memory_equal(&tag, &zeros, sizeof tag);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_card_verifies_under_the_same_secret),
        cmocka_unit_test(a_change_of_any_field_is_refused),
        cmocka_unit_test(bytes_moved_from_one_field_to_the_next_are_refused),
        cmocka_unit_test(another_secret_and_a_flipped_tag_are_refused),
        cmocka_unit_test(a_text_beyond_the_limit_is_refused_and_leaves_no_tag),
    };
    check_main(tests);
}
