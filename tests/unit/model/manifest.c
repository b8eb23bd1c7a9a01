#include "model/manifest.h"

#include <string.h>

#include "check.h"

static void two_members(manifest *out)
{
    *out = (manifest){
        .session = sr_uuid_random(),
        .collaboration = sr_uuid_random(),
        .suite = "curve25519",
        .normaliser = "email-v1",
        .members = {{.name = "retailer", .cap = 1000000, .segments = 8, .receives = true},
                    {.name = "brand", .cap = 1000000}},
        .member_count = 2,
        .minimum = 100,
        .minimum_complement = 100,
        .least_input = 1000,
        .expires_s = 1800000000,
    };
}

static void confirm(manifest_member *member, uint8_t with)
{
    member->confirmed = true;
    memset(member->nonce, with, sizeof member->nonce);
    memset(member->certificate, '0' + with % 10, 64);
}

static void what_is_printed_is_read_again(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    manifest made;
    manifest read;
    SR_BUF(first, MANIFEST_TEXT_MOST);
    SR_BUF(second, MANIFEST_TEXT_MOST);
    two_members(&made);
    confirm(&made.members[1], 7);
    check_ok(manifest_print(&made, &first, &err), &err);
    check_ok(manifest_parse(&read, sr_buf_view(&first), &err), &err);
    check_ok(manifest_print(&read, &second, &err), &err);
    check(sr_slice_equal_var(sr_buf_view(&first), sr_buf_view(&second)));
    check(!read.members[0].confirmed && read.members[1].confirmed);
    check(!manifest_is_whole(&read));
    check_int(manifest_position(&read, "brand"), 1);
    check_int(manifest_position(&read, "stranger"), 2);
}

static void terms_carry_no_confirmation(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    manifest made;
    manifest terms;
    SR_BUF(before, MANIFEST_TEXT_MOST);
    SR_BUF(after, MANIFEST_TEXT_MOST);
    two_members(&made);
    check_ok(manifest_print(&made, &before, &err), &err);
    confirm(&made.members[0], 1);
    confirm(&made.members[1], 2);
    check(manifest_is_whole(&made));
    manifest_terms(&terms, &made);
    check_ok(manifest_print(&terms, &after, &err), &err);
    check(sr_slice_equal_var(sr_buf_view(&before), sr_buf_view(&after)));
}

static void other_forms_of_the_same_are_refused(void **state)
{
    (void)state;
    static const char *const changes[][2] = {
        {"{\"collaboration\"", "{ \"collaboration\""},
        {"\"minimum\":100,", "\"minimum\":100.0,"},
        {"\"version\":1}", "\"version\":1,\"x\":1}"},
        {"\"version\":1", "\"version\":2"},
        {"\"suite\":\"curve25519\"", "\"suite\":\"x\""},
        {"\"padding\":\"none\",", ""},
        {"email-v1", "email-v2"},
        {"\"name\":\"brand\"", "\"name\":\"retailer\""},
        {"\"cap\":1000000", "\"cap\":0"},
        {"\"cap\":1000000", "\"cap\":999"},
        {"\"receives\":true", "\"receives\":false"},
        {"\"nonce\":\"\"", "\"nonce\":\"00\""},
        {"\"expires\":1800000000", "\"expires\":0"},
        {"\"segments\":8", "\"segments\":65"},
    };
    sr_err fault = SR_ERR_INIT;
    manifest made;
    SR_BUF(text, MANIFEST_TEXT_MOST);
    two_members(&made);
    check_ok(manifest_print(&made, &text, &fault), &fault);
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++)
    {
        sr_err err = SR_ERR_INIT;
        manifest read;
        SR_TEXT(whole);
        SR_TEXT(changed);
        check_ok(sr_slice_to_text(&whole, sr_buf_view(&text), &err), &err);
        const char *at = strstr(whole, changes[i][0]);
        check(at != NULL);
        changed = sr_text_printf("%.*s%s%s", (int)(at - whole), whole, changes[i][1],
                                 at + strlen(changes[i][0]));
        check(manifest_parse(&read, sr_slice_text(changed), &err) != SR_OK);
        check_int(read.member_count, 0);
    }
}

static void segments_are_told_up_to_256_cells_and_five_members(void **state)
{
    (void)state;
    manifest terms;
    two_members(&terms);
    check(manifest_has_segments(&terms));
    check_int(manifest_cells(&terms), 17);
    terms.members[0].segments = terms.members[1].segments = 15;
    check_int(manifest_cells(&terms), 255);
    check(manifest_tells_segments(&terms));
    terms.members[0].segments = 16;
    check_int(manifest_cells(&terms), MANIFEST_CELLS_PROVEN + 1);
    check(!manifest_tells_segments(&terms));
    terms = (manifest){.member_count = 16};
    check(!manifest_has_segments(&terms) && !manifest_tells_segments(&terms));
    for (size_t i = 0; i < 16; i++)
        terms.members[i].segments = MANIFEST_SEGMENTS_MOST;
    check_int(manifest_cells(&terms), MANIFEST_CELLS_PROVEN + 1);
    terms = (manifest){.member_count = 6, .members = {{.segments = 1}}};
    check_int(manifest_cells(&terms), 63);
    check(!manifest_tells_segments(&terms));
    terms.member_count = 5;
    check(manifest_tells_segments(&terms));
}

static void buckets_hide_sizes(void **state)
{
    (void)state;
    check_int(manifest_bucket(0), 1000);
    check_int(manifest_bucket(1000), 1000);
    check_int(manifest_bucket(1001), 2000);
    check_int(manifest_bucket(2001), 5000);
    check_int(manifest_bucket(5001), 10000);
    check_int(manifest_bucket(1000001), 2000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_printed_is_read_again),
        cmocka_unit_test(terms_carry_no_confirmation),
        cmocka_unit_test(other_forms_of_the_same_are_refused),
        cmocka_unit_test(segments_are_told_up_to_256_cells_and_five_members),
        cmocka_unit_test(buckets_hide_sizes),
    };
    check_main(tests);
}
