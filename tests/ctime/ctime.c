/*
 * Are secrets kept from branches and addresses? Under valgrind's memcheck the secret bytes are
 * marked as undefined: each branch and each address that depends on them is then reported, and
 * counted here.
 *
 * The code under test is compiled again for this program, at the release optimisation level,
 * whatever the build type: what counts is what the compiler makes of it.
 *
 * A case names how many reports it may give. That is 0, but for the decoder, whose verdict
 * (well-formed or not) is public and looked at once, however long the text is; and for the leaky
 * twins, which must be reported, so that a blind test fails.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <valgrind/memcheck.h>

#include "base/text.h"
#include "crypto/card.h"
#include "crypto/deterministic.h"
#include "crypto/fingerprint.h"
#include "crypto/group/group.h"
#include "crypto/key_check.h"
#include "crypto/sealed.h"
#include "crypto/token.h"
#include "ctime.h"

void make_secret(const void *bytes, size_t len)
{
    (void)VALGRIND_MAKE_MEM_UNDEFINED(bytes, len);
}

void make_public(const void *bytes, size_t len)
{
    (void)VALGRIND_MAKE_MEM_DEFINED(bytes, len);
}

void must(sr_result result, const sr_err *err)
{
    if (result == SR_OK)
        return;
    fprintf(stderr, "ctime: %s\n", err->text);
    _Exit(1);
}

static void secret_schedule(kdf_schedule **schedule)
{
    sr_err err = SR_ERR_INIT;
    SECRET(secret);
    sr_uuid id = {{1}};
    must(secret_generate(&secret, &err), &err);
    make_secret(secret_view(secret).data, secret_view(secret).len);
    must(kdf_schedule_new(schedule, secret, &id, &err), &err);
}

/* ---- the key schedule ------------------------------------------------------------------------ */

static void derive_all_keys(void)
{
    KDF_SCHEDULE(schedule);
    KDF_ROOT_KEY(root);
    KDF_FINGERPRINT_KEY(fingerprint);
    KDF_DETERMINISTIC_KEY(deterministic);
    KDF_CARD_KEY(card);
    secret_schedule(&schedule);
    kdf_derive_root(&root, schedule);
    kdf_derive_fingerprint(&fingerprint, schedule, sr_slice_text("email"), false);
    kdf_derive_deterministic(&deterministic, schedule, sr_slice_text("city"));
    kdf_derive_card(&card, schedule);
}

static void make_and_compare_key_checks(void)
{
    KDF_SCHEDULE(schedule);
    key_check_value a;
    key_check_value b;
    secret_schedule(&schedule);
    key_check_make(&a, schedule, (key_check_flags){.preserve_nulls = true});
    key_check_make(&b, schedule, (key_check_flags){.preserve_nulls = false});
    bool same = key_check_equal(&a, &b);
    make_public(&same, sizeof same);
    if (same)
        fprintf(stderr, "ctime: two key checks are equal\n");
}

static void make_card(void)
{
    sr_err err = SR_ERR_INIT;
    KDF_SCHEDULE(schedule);
    card_tag tag;
    card_content content = {.table = sr_slice_text("sales"), .header = sr_slice_text("email")};
    secret_schedule(&schedule);
    must(card_make(&tag, schedule, &content, &err), &err);
}

/* ---- columns --------------------------------------------------------------------------------- */

enum
{
    ROWS = 4,
};

static uint8_t payload[200];
static cell_nonce nonces[ROWS];
static const size_t text_lengths[ROWS] = {0, 5, 55, 200};

/* Secret values of some lengths; the last one is NULL when `with_null`. */
static void secret_values(cell_input values[ROWS], size_t fixed_length, bool with_null)
{
    make_secret(payload, sizeof payload);
    for (size_t i = 0; i < ROWS; i++)
    {
        size_t len = fixed_length == 0 ? text_lengths[i] : fixed_length;
        values[i] = (cell_input){.value = sr_slice_of(payload, len)};
        nonces[i].bytes[0] = (uint8_t)i;
    }
    if (with_null)
        values[ROWS - 1] = (cell_input){.null = true};
}

static void encrypt_fingerprints(cell_type type, size_t length)
{
    sr_err err = SR_ERR_INIT;
    KDF_SCHEDULE(schedule);
    FINGERPRINT_COLUMN(column);
    CELL_BATCH(out);
    cell_input values[ROWS];
    cell_rows rows = {.count = ROWS};
    fingerprint_options options = {.type = type};
    secret_values(values, length, true);
    secret_schedule(&schedule);
    must(fingerprint_column_new(&column, schedule, sr_slice_text("n"), &options, &err), &err);
    must(fingerprint_column_encrypt(column, &out, values, &rows, &err), &err);
}

static void encrypt_fingerprints_of_texts(void)
{
    encrypt_fingerprints(CELL_STRING, 0);
}

static void encrypt_fingerprints_of_numbers(void)
{
    encrypt_fingerprints(CELL_SMALLINT, 2);
}

static void encrypt_sealed(padding pad)
{
    sr_err err = SR_ERR_INIT;
    KDF_SCHEDULE(schedule);
    SEALED_COLUMN(column);
    SEALED_ROW_KEYS(keys);
    CELL_BATCH(out);
    cell_input values[ROWS];
    cell_rows rows = {.count = ROWS, .nonces = nonces};
    sealed_options options = {.type = CELL_STRING, .pad = pad};
    secret_values(values, 0, false);
    secret_schedule(&schedule);
    must(sealed_column_new(&column, schedule, sr_slice_text("n"), &options, &err), &err);
    must(sealed_column_encrypt(column, &out, values, &rows, &err), &err);
    keys = sealed_row_keys_new(schedule);
    sealed_row_keys_fill(keys, nonces, ROWS);
    rows.keys = keys;
    must(sealed_column_encrypt(column, &out, values, &rows, &err), &err);
}

static void encrypt_sealed_texts(void)
{
    encrypt_sealed((padding){.kind = PADDING_NONE});
}

static void encrypt_sealed_padded_texts(void)
{
    encrypt_sealed((padding){.kind = PADDING_FIXED, .length = 256});
}

static void encrypt_deterministic(cell_type type, size_t length, padding pad)
{
    sr_err err = SR_ERR_INIT;
    KDF_SCHEDULE(schedule);
    DETERMINISTIC_COLUMN(column);
    CELL_BATCH(out);
    cell_input values[ROWS];
    cell_rows rows = {.count = ROWS};
    deterministic_options options = {.type = type, .pad = pad};
    secret_values(values, length, true);
    secret_schedule(&schedule);
    must(deterministic_column_new(&column, schedule, sr_slice_text("n"), &options, &err), &err);
    must(deterministic_column_encrypt(column, &out, values, &rows, &err), &err);
}

static void encrypt_deterministic_texts(void)
{
    encrypt_deterministic(CELL_STRING, 0, (padding){.kind = PADDING_NONE});
}

static void encrypt_deterministic_padded_numbers(void)
{
    encrypt_deterministic(CELL_INT, 4, (padding){.kind = PADDING_FIXED, .length = 64});
}

static void make_tokens(void)
{
    TOKEN_KEY(key);
    TOKEN_MAKER(maker);
    uint8_t fingerprints[2 * FINGERPRINT_SIZE] = {0};
    token_value tokens[2];
    token_key_generate(&key);
    make_secret(key.bytes, sizeof key.bytes);
    make_secret(fingerprints, sizeof fingerprints);
    token_maker_init(&maker, &key);
    token_make(tokens, &maker, fingerprints, 2);
}

/* ---- base ------------------------------------------------------------------------------------ */

static void encode_base64(void)
{
    char text[300];
    make_secret(payload, sizeof payload);
    for (size_t len = 0; len <= sizeof payload; len++)
        sr_base64_encode(text, sr_slice_of(payload, len));
}

/* Letters alone: how many '=' end a text is its length, and public. */
static void decode_base64(void)
{
    sr_err err = SR_ERR_INIT;
    uint8_t bytes[300];
    char text[400];
    size_t len;
    memset(text, 'Q', sizeof text);
    make_secret(text, sizeof text - 2);
    must(sr_base64_decode(bytes, &len, sr_slice_of(text, sizeof text), &err), &err);
    make_public(&len, sizeof len);
}

static void compare_in_constant_time(void)
{
    uint8_t a[32] = {0};
    uint8_t b[32] = {0};
    make_secret(a, sizeof a);
    bool same = sr_equal_ct(a, b, sizeof a);
    make_public(&same, sizeof same);
    if (!same)
        fprintf(stderr, "ctime: equal bytes differ\n");
}

/* ---- leaky twins ----------------------------------------------------------------------------- */

static void compare_until_they_differ(void)
{
    uint8_t a[32] = {0};
    volatile const uint8_t b[32] = {0};
    size_t equal = 0;
    make_secret(a, sizeof a);
    while (equal < sizeof a && a[equal] == b[equal])
        equal++;
    make_public(&equal, sizeof equal);
}

static void look_up_in_a_table(void)
{
    static volatile const uint8_t table[256] = {1, 2, 3};
    KDF_SCHEDULE(schedule);
    KDF_ROOT_KEY(root);
    secret_schedule(&schedule);
    kdf_derive_root(&root, schedule); /* a secret stays one through the key schedule */
    uint8_t found = table[root.bytes[0]];
    make_public(&found, sizeof found);
}

/* ---- the table ------------------------------------------------------------------------------- */

static const ctime_case cases[] = {
    {"derive all keys", derive_all_keys, 0},
    {"make and compare key checks", make_and_compare_key_checks, 0},
    {"make a column card", make_card, 0},
    {"fingerprints of texts", encrypt_fingerprints_of_texts, 0},
    {"fingerprints of numbers", encrypt_fingerprints_of_numbers, 0},
    {"sealed texts", encrypt_sealed_texts, 0},
    {"sealed padded texts", encrypt_sealed_padded_texts, 0},
    {"deterministic texts", encrypt_deterministic_texts, 0},
    {"deterministic padded numbers", encrypt_deterministic_padded_numbers, 0},
    {"tokens", make_tokens, 0},
    {"base64 encoding", encode_base64, 0},
    {"base64 decoding: one verdict", decode_base64, 1},
    {"sr_equal_ct", compare_in_constant_time, 0},
    {"leaky twin: comparing until bytes differ", compare_until_they_differ, ANY},
    {"leaky twin: a table indexed by a key", look_up_in_a_table, ANY},
    {NULL, NULL, 0},
};

static bool holds(const ctime_case *one)
{
    unsigned before = (unsigned)VALGRIND_COUNT_ERRORS;
    one->run();
    int reports = (int)((unsigned)VALGRIND_COUNT_ERRORS - before);
    bool good = one->allowed == ANY ? reports > 0 : reports == one->allowed;
    printf("%-45s %d reports: %s\n", one->name, reports, good ? "ok" : "NOT OK");
    fflush(stdout);
    return good;
}

static int failures_of(const ctime_case *table)
{
    int failed = 0;
    for (; table->name != NULL; table++)
        failed += holds(table) ? 0 : 1;
    return failed;
}

/* Without an argument the cases above; with a kernel's name those of crypto/group for that kernel. */
int main(int argc, char **argv)
{
    sr_err err = SR_ERR_INIT;
    if (!RUNNING_ON_VALGRIND)
    {
        printf("skipped: this test needs valgrind\n");
        return EXIT_SKIPPED;
    }
    if (argc < 2)
        return failures_of(cases) == 0 ? 0 : 1;
    if (group_kernel_force(argv[1], &err) != SR_OK)
    {
        printf("skipped: %s under valgrind\n", err.text);
        return EXIT_SKIPPED;
    }
    return failures_of(group_cases) == 0 ? 0 : 1;
}
