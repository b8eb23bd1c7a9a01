#include "model/header.h"

#include "check.h"

typedef struct
{
    const char *given;
    const char *normalised; /* NULL: refused */
} example;

/* From C3R-FORMAT 1.7, the verified cases among them. */
static const example examples[] = {
    {"email", "email"},
    {"  Email \t", "email"},
    {"\x01id\x1f", "id"},
    {"Zip Code", "zip code"},
    {"_c0", "_c0"},
    {"0", "0"},
    {"ab-c", "ab-c"},
    {"a1-b-c", "a1-b-c"},
    {"a b-c d", "a b-c d"},
    {"ab -c", "ab -c"},
    {"", NULL},
    {"   ", NULL},
    {"a-b", NULL},
    {"-ab", NULL},
    {"ab-", NULL},
    {"ab--c", NULL},
    {"First.Name", NULL},
    {"a\tb", NULL},
    {"a\"b", NULL},
    {"caf\xc3\xa9", NULL},
    {"\xc2\xa0id", NULL},
};

static void headers_normalise_as_c3r_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++)
    {
        sr_err err = SR_ERR_INIT;
        char out[HEADER_SIZE] = "before";
        sr_slice given = sr_slice_text(examples[i].given);
        if (examples[i].normalised == NULL)
        {
            check_fails(header_normalise(out, given, &err), &err, SR_E_INVALID);
            check_text(out, "");
            continue;
        }
        check_ok(header_normalise(out, given, &err), &err);
        check_text(out, examples[i].normalised);
    }
}

static void normalising_twice_changes_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++)
    {
        sr_err err = SR_ERR_INIT;
        char out[HEADER_SIZE];
        if (examples[i].normalised == NULL)
            continue;
        check_ok(header_normalise(out, sr_slice_text(examples[i].normalised), &err), &err);
        check_text(out, examples[i].normalised);
    }
}

static void a_nul_inside_a_header_is_refused(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    char out[HEADER_SIZE];
    check_fails(header_normalise(out, sr_slice_of("ab\0cd", 5), &err), &err, SR_E_INVALID);
    check_text(out, "");
}

static void the_error_says_which_character_of_which_header(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    char out[HEADER_SIZE];
    check_fails(header_normalise(out, sr_slice_text("First.Name"), &err), &err, SR_E_INVALID);
    check_error_says(&err, "first.name");
    check_error_says(&err, "character 6");
}

static void a_header_has_at_most_128_characters(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    char out[HEADER_SIZE];
    char longer[HEADER_MOST_CHARACTERS + 1];
    memset(longer, 'x', sizeof longer);
    check_ok(header_normalise(out, sr_slice_of(longer, HEADER_MOST_CHARACTERS), &err), &err);
    check_int(strlen(out), HEADER_MOST_CHARACTERS);
    check_fails(header_normalise(out, sr_slice_of(longer, sizeof longer), &err), &err,
                SR_E_INVALID);
    check_text(out, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_normalise_as_c3r_does),
        cmocka_unit_test(normalising_twice_changes_nothing),
        cmocka_unit_test(a_nul_inside_a_header_is_refused),
        cmocka_unit_test(the_error_says_which_character_of_which_header),
        cmocka_unit_test(a_header_has_at_most_128_characters),
    };
    check_main(tests);
}
