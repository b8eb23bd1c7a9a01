#include "check.h"

#include "client/options.h"

static const option_row table[] = {
    {"dryRun", NULL, 'n', OPTION_FLAG, NULL, "dry"},
    {"output", NULL, 'o', OPTION_TEXT, "FILE", "output"},
    {"failOnFingerprintColumns", "fof", 0, OPTION_FLAG, NULL, "fail"},
    {"csvInputNULLValue", NULL, 'r', OPTION_TEXT, "TEXT", "null"},
    {"param", NULL, 'p', OPTION_LIST, "NAME=VALUE", "parameter"},
    {"memory", NULL, 0, OPTION_TEXT, "SIZE", "memory"},
    {"region", NULL, 'g', OPTION_IGNORED, "NAME", NULL},
    {NULL, NULL, 0, OPTION_FLAG, NULL, NULL},
};

enum
{
    WORDS_MOST = 8,
};

#define WORDS(...)                                                                                 \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

/* Parses copies, as main's words may be changed. */
static sr_result parse(options **out, int count, const char *const *words, sr_err *err)
{
    char *copies[WORDS_MOST] = {NULL};
    for (int i = 0; i < count; i++)
        copies[i] = sr_text_copy(words[i]);
    sr_result result = options_parse(out, table, 2, count, copies, err);
    for (int i = 0; i < count; i++)
        sr_free(copies[i]);
    return result;
}

static options *parsed(int count, const char *const *words)
{
    sr_err err = SR_ERR_INIT;
    options *given = NULL;
    check_ok(parse(&given, count, words, &err), &err);
    return given;
}

static void refused(int count, const char *const *words, const char *says)
{
    sr_err err = SR_ERR_INIT;
    OPTIONS(given);
    check_fails(parse(&given, count, words, &err), &err, SR_E_USAGE);
    check_error_says(&err, says);
    check(given == NULL);
}

static void values_come_in_four_ways(void **state)
{
    (void)state;
    OPTIONS(a);
    OPTIONS(b);
    OPTIONS(c);
    OPTIONS(d);
    a = parsed(2, WORDS("--output", "x"));
    b = parsed(1, WORDS("--output=x"));
    c = parsed(2, WORDS("-o", "x"));
    d = parsed(1, WORDS("-o=x"));
    check_text(options_text(a, "output"), "x");
    check_text(options_text(b, "output"), "x");
    check_text(options_text(c, "output"), "x");
    check_text(options_text(d, "output"), "x");
    check(options_text(a, "memory") == NULL && !options_flag(a, "dryRun"));
}

static void case_and_dashes_do_not_matter(void **state)
{
    (void)state;
    OPTIONS(given);
    given = parsed(3, WORDS("--dry-run", "--FOF", "--csv-input-null-value="));
    check(options_flag(given, "dryRun"));
    check(options_flag(given, "failOnFingerprintColumns"));
    check_text(options_text(given, "csvInputNULLValue"), "");
}

static void one_pair_of_quotes_is_stripped(void **state)
{
    (void)state;
    OPTIONS(given);
    given = parsed(3, WORDS("-r=\"\"\"\"", "--output=\"a b\"", "\"in\""));
    check_text(options_text(given, "csvInputNULLValue"), "\"\"");
    check_text(options_text(given, "output"), "a b");
    check_text(options_argument(given, 0), "in");
}

static void arguments_may_stand_anywhere(void **state)
{
    (void)state;
    OPTIONS(given);
    given = parsed(4, WORDS("-", "-n", "--", "--output"));
    check_int(options_arguments(given), 2);
    check_text(options_argument(given, 0), "-");
    check_text(options_argument(given, 1), "--output");
    check(options_argument(given, 2) == NULL);
}

static void lists_keep_their_order(void **state)
{
    (void)state;
    OPTIONS(given);
    given = parsed(4, WORDS("-p", "a=1", "--param=b=2", "--region=x"));
    check_int(options_list_size(given, "param"), 2);
    check_text(options_list_item(given, "param", 0), "a=1");
    check_text(options_list_item(given, "param", 1), "b=2");
    check(options_list_item(given, "param", 2) == NULL);
}

static void faults_are_told_in_one_line(void **state)
{
    (void)state;
    refused(1, WORDS("--ouptut=x"), "unknown option --ouptut; did you mean --output?");
    refused(1, WORDS("-z"), "unknown option -z");
    refused(1, WORDS("--output"), "--output needs a value: FILE");
    refused(1, WORDS("--dryRun=1"), "--dryRun takes no value");
    refused(2, WORDS("-o=x", "-o=y"), "--output is given twice");
    refused(3, WORDS("a", "b", "c"), "unexpected argument: c");
}

static void sizes_have_units(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    uint64_t size = 0;
    OPTIONS(given);
    OPTIONS(bad);
    given = parsed(1, WORDS("--memory=64M"));
    check_ok(options_size(given, "memory", 1, 1, &size, &err), &err);
    check_int(size, 64u << 20);
    check_fails(options_size(given, "memory", 1, 1u << 30, &size, &err), &err, SR_E_USAGE);
    bad = parsed(1, WORDS("--memory=64X"));
    check_fails(options_size(bad, "memory", 1, 1, &size, &err), &err, SR_E_USAGE);
    check_fails(options_number(bad, "memory", 1, 1, 100, &size, &err), &err, SR_E_USAGE);
    check_ok(options_number(given, "output", 7, 1, 100, &size, &err), &err);
    check_int(size, 7);
}

static void a_missing_option_is_named(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    const char *text = "";
    OPTIONS(given);
    given = parsed(1, WORDS("x"));
    check_fails(options_required(given, "output", &text, &err), &err, SR_E_USAGE);
    check_error_says(&err, "--output FILE is missing");
    check(text == NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_come_in_four_ways),
        cmocka_unit_test(case_and_dashes_do_not_matter),
        cmocka_unit_test(one_pair_of_quotes_is_stripped),
        cmocka_unit_test(arguments_may_stand_anywhere),
        cmocka_unit_test(lists_keep_their_order),
        cmocka_unit_test(faults_are_told_in_one_line),
        cmocka_unit_test(sizes_have_units),
        cmocka_unit_test(a_missing_option_is_named),
    };
    check_main(tests);
}
