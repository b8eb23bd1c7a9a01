/*
 * run.c: runs red-team suites through the real stages and a real engine. Every case of stage "sql" whose setup
 * is known must end as the suite says; all others are counted and named as not run.
 *
 *     redteam_suite           suite.json and extra.json
 *     redteam_suite CASE      one case, with its answer in full
 */
#include <math.h>
#include <stdlib.h>

#include "base/file.h"
#include "check.h"
#include "room.h"

static const char folder[] = SEALROOM_SOURCE_DIR "/tests/redteam";
static const char *only_case = NULL;

typedef struct
{
    unsigned run;
    unsigned wrong;
    unsigned not_run;
} case_tally;

static const char *text_of(const sr_json *json, const char *key)
{
    return sr_json_text(sr_json_member(json, key));
}

/* ---- comparing rows -------------------------------------------------------------------------- */

static bool is_number(const char *text, double *value)
{
    char *end = NULL;
    *value = strtod(text, &end);
    return *text != '\0' && *end == '\0';
}

static bool same_cell(const char *cell, const sr_json *expected)
{
    double a = 0;
    double b = 0;
    if (sr_json_kind_of(expected) == SR_JSON_NULL || cell == NULL)
        return sr_json_kind_of(expected) == SR_JSON_NULL && cell == NULL;
    const char *text = sr_json_text(expected);
    if (is_number(cell, &a) && is_number(text, &b))
        return a == b || fabs(a - b) <= 1e-9 * fmax(1.0, fabs(b));
    return strcmp(cell, text) == 0;
}

static bool same_row(const test_answer *answer, size_t row, const sr_json *expected)
{
    if (sr_json_size(expected) != answer->column_count)
        return false;
    for (size_t i = 0; i < answer->column_count; i++)
        if (!same_cell(answer->cells[row * answer->column_count + i], sr_json_item(expected, i)))
            return false;
    return true;
}

/* Rows of the answer that are already matched are marked in `used`. */
static bool find_row(const test_answer *answer, bool *used, const sr_json *expected)
{
    for (size_t row = 0; row < answer->row_count; row++)
        if (!used[row] && same_row(answer, row, expected))
        {
            used[row] = true;
            return true;
        }
    return false;
}

static bool same_rows(const test_answer *answer, const sr_json *expected, bool ordered)
{
    bool same = sr_json_size(expected) == answer->row_count;
    bool *used = sr_array(answer->row_count, sizeof *used);
    for (size_t i = 0; same && i < sr_json_size(expected); i++)
        same = ordered ? same_row(answer, i, sr_json_item(expected, i))
                       : find_row(answer, used, sr_json_item(expected, i));
    sr_free(used);
    return same;
}

/* ---- one case -------------------------------------------------------------------------------- */

static const char *judge_refusal(const sr_json *test_case, const test_answer *answer)
{
    const char *reason = text_of(test_case, "refusal");
    if (answer->err.code != SR_E_REFUSED)
        return "failed, which is no refusal";
    if (strcmp(text_of(test_case, "expected"), "reject") != 0)
        return "refused, and is legal";
    if (!answer->decided || !answer->refused || answer->finished || answer->column_count > 0)
        return "refused, but not recorded so, or after data was touched";
    if (answer->err.detail.reason[0] == '\0' || answer->err.text[0] == '\0')
        return "refused without a reason";
    if (*reason != '\0' && strcmp(reason, answer->err.detail.reason) != 0)
        return "refused for another reason";
    return NULL;
}

static const char *judge(const sr_json *test_case, sr_result result, const test_answer *answer)
{
    if (result != SR_OK)
        return judge_refusal(test_case, answer);
    if (strcmp(text_of(test_case, "expected"), "reject") == 0)
        return "answered, and must be refused";
    if (!answer->decided || !answer->finished || answer->data_before_decision)
        return "answered without its record";
    const sr_json *rows = sr_json_member(test_case, "expected_rows");
    bool ordered = sr_json_bool(sr_json_member(test_case, "ordered"));
    return rows == NULL || same_rows(answer, rows, ordered) ? NULL : "answered other rows";
}

static void print_answer(const test_answer *answer)
{
    if (answer->err.code != SR_E_NONE)
        print_message("    %s: %s [%s, %s, %s, %s, %s]\n", sr_code_name(answer->err.code),
                      answer->err.text, answer->err.detail.reason, answer->err.detail.field,
                      answer->err.detail.table, answer->err.detail.column,
                      answer->err.detail.position);
    for (size_t i = 0; i < answer->row_count * answer->column_count; i++)
        print_message("%s%s%s", i % answer->column_count == 0 ? "    " : ", ",
                      answer->cells[i] == NULL ? "NULL" : answer->cells[i],
                      (i + 1) % answer->column_count == 0 ? "\n" : "");
}

/* Once with columns that say whether their values repeat, and once without: the same must come of it. */
static void run_case(case_tally *tally, test_room *room, const sr_json *test_case)
{
    bool is_policy = strcmp(text_of(test_case, "level"), "policy") == 0;
    const char *wrong = NULL;
    for (unsigned way = 0; way < 2 && wrong == NULL; way++)
    {
        TEST_ANSWER(answer);
        test_room_hide_repeats(room, way == 1);
        sr_result result = test_room_ask(&answer, room, text_of(test_case, "caller"), ABILITY_ALL,
                                         text_of(test_case, "sql"));
        wrong = judge(test_case, result, &answer);
        if (wrong != NULL)
            print_message("%s %s: %s\n", is_policy ? "choice" : "WRONG", text_of(test_case, "id"),
                          wrong);
        if (wrong != NULL || only_case != NULL)
            print_answer(&answer);
    }
    tally->run++;
    if (wrong != NULL && !is_policy)
        tally->wrong++;
}

/* ---- one suite ------------------------------------------------------------------------------- */

static bool is_wanted(const sr_json *test_case, const char *setup)
{
    return strcmp(text_of(test_case, "setup"), setup) == 0 &&
           (only_case == NULL || strcmp(text_of(test_case, "id"), only_case) == 0);
}

static void run_setup(case_tally *tally, const sr_json *cases, const char *name,
                      const sr_json *setup)
{
    sr_err err = SR_ERR_INIT;
    test_room *room = NULL;
    for (size_t i = 0; i < sr_json_size(cases); i++)
    {
        const sr_json *test_case = sr_json_item(cases, i);
        if (!is_wanted(test_case, name))
            continue;
        if (strcmp(text_of(test_case, "stage"), "sql") != 0)
        {
            tally->not_run++;
            continue;
        }
        if (room == NULL)
            check_ok(test_room_new(&room, setup, folder, &err), &err);
        run_case(tally, room, test_case);
    }
    test_room_free(room);
}

static void run_suite(const char *file, const char *setups_of)
{
    SR_JSON(suite);
    SR_JSON(others);
    SR_TEXT(path);
    SR_TEXT(setups_path);
    sr_err err = SR_ERR_INIT;
    case_tally tally = {0, 0, 0};
    path = sr_path_join(folder, file);
    setups_path = sr_path_join(folder, setups_of);
    check_ok(sr_json_parse_file(&suite, path, &err), &err);
    check_ok(sr_json_parse_file(&others, setups_path, &err), &err);
    const sr_json *cases = sr_json_member(suite, "cases");
    const sr_json *own = sr_json_member(suite, "setups");
    const sr_json *borrowed = sr_json_member(others, "setups");
    for (size_t i = 0; i < sr_json_size(own); i++)
        run_setup(&tally, cases, sr_json_key_at(own, i), sr_json_member_at(own, i));
    for (size_t i = 0; strcmp(file, setups_of) != 0 && i < sr_json_size(borrowed); i++)
        run_setup(&tally, cases, sr_json_key_at(borrowed, i), sr_json_member_at(borrowed, i));
    print_message("%s: %u run, %u wrong, %u not run\n", file, tally.run, tally.wrong,
                  tally.not_run);
    check_int(tally.wrong, 0);
    if (only_case == NULL)
        check_int(tally.run + tally.not_run, sr_json_size(cases));
}

static void the_suite_ends_as_it_says(void **state)
{
    (void)state;
    run_suite("suite.json", "suite.json");
}

static void our_own_cases_end_as_they_say(void **state)
{
    (void)state;
    run_suite("extra.json", "suite.json");
}

int main(int count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_suite_ends_as_it_says),
        cmocka_unit_test(our_own_cases_end_as_they_say),
    };
    if (count > 1)
        only_case = arguments[1];
    check_main(tests);
}
