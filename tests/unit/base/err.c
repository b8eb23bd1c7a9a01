#include "base/err.h"

#include <errno.h>

#include "base/text.h"
#include "check.h"

static void a_failure_carries_its_code_and_text(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    check_fails(sr_fail(&err, SR_E_FORMAT, "row %d: %s", 7, "ragged"), &err, SR_E_FORMAT);
    check_text(err.text, "row 7: ragged");
}

static void outer_frames_put_their_subject_in_front(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    (void)sr_fail(&err, SR_E_FORMAT, "not valid UTF-8");
    (void)sr_fail_in(&err, "column \"%s\"", "email");
    (void)sr_fail_in(&err, "row %d", 1042);
    check_fails(sr_fail_in(&err, "sales.csv"), &err, SR_E_FORMAT);
    check_text(err.text, "sales.csv: row 1042: column \"email\": not valid UTF-8");
}

static void a_new_failure_forgets_the_details_of_the_last(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    (void)sr_fail(&err, SR_E_REFUSED, "no");
    sr_err_set_detail(&err, "COLUMN_NOT_A_DIMENSION", "dimensionColumns", NULL, "age");
    check_text(err.detail.reason, "COLUMN_NOT_A_DIMENSION");
    check_text(err.detail.table, "");
    (void)sr_fail(&err, SR_E_IO, "disk");
    check_text(err.detail.reason, "");
    check_text(err.detail.column, "");
}

static void details_survive_subjects(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    (void)sr_fail(&err, SR_E_REFUSED, "no");
    sr_err_set_detail(&err, "R", "f", "t", "c");
    (void)sr_fail_in(&err, "query");
    check_text(err.detail.reason, "R");
    check_text(err.detail.column, "c");
}

static void the_text_is_one_line_without_control_characters(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    (void)sr_fail(&err, SR_E_INVALID,
                  "a\nb\x1b[2J\x7f\tc\xc2\x9b"
                  "d");
    check_text(err.text, "a?b?[2J??c??d");
    (void)sr_fail_in(&err, "x\r\ny");
    check_text(err.text, "x??y: a?b?[2J??c??d");
}

static void the_text_is_valid_utf8_whatever_it_quotes(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    (void)sr_fail(&err, SR_E_INVALID, "gr\xc3\xbc\xc3\x9f \xff\xfe \xe2\x82");
    check_text(err.text, "gr\xc3\xbc\xc3\x9f ?? ??");
}

static void long_texts_are_cut_at_a_character_and_marked(void **state)
{
    (void)state;
    char longer[3 * SR_ERR_TEXT_SIZE];
    for (size_t shift = 0; shift < 4; shift++)
    {
        sr_err err = SR_ERR_INIT;
        memset(longer, 'a', sizeof longer);
        for (size_t i = shift; i + 2 < sizeof longer; i += 2)
            memcpy(longer + i, "\xc3\xa9", 2);
        longer[sizeof longer - 1] = '\0';
        (void)sr_fail(&err, SR_E_INVALID, "%s", longer);
        check(strlen(err.text) < SR_ERR_TEXT_SIZE);
        check(strlen(err.text) > SR_ERR_TEXT_SIZE - 8);
        check_text(err.text + strlen(err.text) - 3, "…");
        check(strchr(err.text, '?') == NULL);
        check(sr_utf8_is_valid(sr_slice_text(err.text)));
    }
}

static void long_subjects_and_details_are_cut_too(void **state)
{
    (void)state;
    char longer[2 * SR_ERR_TEXT_SIZE];
    sr_err err = SR_ERR_INIT;
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    (void)sr_fail(&err, SR_E_INVALID, "why");
    (void)sr_fail_in(&err, "%s", longer);
    check(strlen(err.text) == SR_ERR_TEXT_SIZE - 1);
    sr_err_set_detail(&err, longer, longer, longer, longer);
    check(strlen(err.detail.reason) == sizeof err.detail.reason - 1);
    check(strlen(err.detail.field) == SR_ERR_DETAIL_SIZE - 1);
    check_text(err.detail.column + strlen(err.detail.column) - 3, "…");
}

static void operating_system_errors_choose_their_code(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    check_fails(sr_fail_errno(&err, ENOENT, "a.csv"), &err, SR_E_NOT_FOUND);
    check_text(err.text, "a.csv: No such file or directory");
    check_fails(sr_fail_errno(&err, ENOSPC, "a.csv"), &err, SR_E_FULL);
    check_fails(sr_fail_errno(&err, EDQUOT, "a.csv"), &err, SR_E_FULL);
    check_fails(sr_fail_errno(&err, EACCES, "%s", "a.csv"), &err, SR_E_IO);
    check_text(err.text, "a.csv: Permission denied");
}

static void reset_empties_everything(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    (void)sr_fail(&err, SR_E_REFUSED, "no");
    sr_err_set_detail(&err, "R", "f", "t", "c");
    sr_err_reset(&err);
    check_int(err.code, SR_E_NONE);
    check_text(err.text, "");
    check_text(err.detail.reason, "");
}

static void every_code_has_a_full_row(void **state)
{
    (void)state;
    for (int i = 0; i < SR_E_COUNT_; i++)
    {
        sr_code code = (sr_code)i;
        check(sr_code_words(code) != NULL && sr_code_words(code)[0] != '\0');
        check(sr_code_grpc_status(code) >= 0 && sr_code_grpc_status(code) <= 16);
        check((sr_code_exit_status(code) == 0) == (code == SR_E_NONE));
        check((sr_code_grpc_status(code) == 0) == (code == SR_E_NONE));
        check_int(sr_code_from_name(sr_code_name(code)), code);
    }
    check_int(sr_code_exit_status(SR_E_USAGE), 2);
    check_int(sr_code_exit_status(SR_E_REFUSED), 3);
}

static void unknown_codes_names_and_statuses_are_internal_errors(void **state)
{
    (void)state;
    check_text(sr_code_name((sr_code)SR_E_COUNT_), "INTERNAL");
    check_text(sr_code_name((sr_code)4711), "INTERNAL");
    check_int(sr_code_from_name("NO_SUCH_CODE"), SR_E_INTERNAL);
    check_int(sr_code_from_grpc(-1), SR_E_INTERNAL);
    check_int(sr_code_from_grpc(17), SR_E_INTERNAL);
}

static void every_grpc_status_but_ok_is_a_failure(void **state)
{
    (void)state;
    check_int(sr_code_from_grpc(0), SR_E_NONE);
    for (int status = 1; status <= 16; status++)
        check(sr_code_from_grpc(status) != SR_E_NONE);
    check_int(sr_code_from_grpc(5), SR_E_NOT_FOUND);
    check_int(sr_code_from_grpc(14), SR_E_UNAVAILABLE);
    check_int(sr_code_from_grpc(16), SR_E_UNKNOWN_PEER);
}

static void peers_read_the_text_only_of_codes_that_allow_it(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    (void)sr_fail(&err, SR_E_REFUSED, "dimensionColumns: age");
    check_text(sr_err_peer_text(&err), "dimensionColumns: age");
    (void)sr_fail(&err, SR_E_INTERNAL, "value 42 of row 7");
    check_text(sr_err_peer_text(&err), "internal error");
    (void)sr_fail(&err, SR_E_CORRUPT, "/srv/private/catalog");
    check_text(sr_err_peer_text(&err), sr_code_words(SR_E_CORRUPT));
    check(!sr_code_peer_may_read(SR_E_IO));
    check(!sr_code_peer_may_read(SR_E_FULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_carries_its_code_and_text),
        cmocka_unit_test(outer_frames_put_their_subject_in_front),
        cmocka_unit_test(a_new_failure_forgets_the_details_of_the_last),
        cmocka_unit_test(details_survive_subjects),
        cmocka_unit_test(the_text_is_one_line_without_control_characters),
        cmocka_unit_test(the_text_is_valid_utf8_whatever_it_quotes),
        cmocka_unit_test(long_texts_are_cut_at_a_character_and_marked),
        cmocka_unit_test(long_subjects_and_details_are_cut_too),
        cmocka_unit_test(operating_system_errors_choose_their_code),
        cmocka_unit_test(reset_empties_everything),
        cmocka_unit_test(every_code_has_a_full_row),
        cmocka_unit_test(unknown_codes_names_and_statuses_are_internal_errors),
        cmocka_unit_test(every_grpc_status_but_ok_is_a_failure),
        cmocka_unit_test(peers_read_the_text_only_of_codes_that_allow_it),
    };
    check_main(tests);
}
