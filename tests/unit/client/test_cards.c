/* Column cards: what an owner's client declared is what a partner's client accepts, and nothing else. */
#include "client/cards.h"

#include "check.h"

static const collaboration_flags flags_in_use = {true, true, false, true};

typedef struct
{
    kdf_schedule *keys;
    room_table table;
    room_column columns[2];
} declared;

static kdf_schedule *new_keys(void)
{
    sr_err err = SR_ERR_INIT;
    SECRET(secret);
    kdf_schedule *keys = NULL;
    sr_uuid id = {{7}};
    check_ok(secret_generate(&secret, &err), &err);
    check_ok(kdf_schedule_new(&keys, secret, &id, &err), &err);
    return keys;
}

/* A table with a fingerprint and a cleartext column, its card made. */
static void declare(declared *out)
{
    sr_err err = SR_ERR_INIT;
    *out = (declared){.keys = new_keys()};
    out->columns[0] =
        (room_column){.name = "email", .normaliser = "exact", .type = COLUMN_FINGERPRINT};
    out->columns[1] =
        (room_column){.name = "region", .normaliser = "exact", .type = COLUMN_CLEARTEXT};
    out->table =
        (room_table){.name = "customers", .version = 3, .columns = out->columns, .column_count = 2};
    cards_authority authority = {out->keys, &flags_in_use};
    check_ok(cards_make(&authority, out->columns[0].card, &out->columns[0].card_len, "customers", 3,
                        &out->columns[0], &err),
             &err);
}

static void refused(const declared *made, const collaboration_flags *flags)
{
    sr_err err = SR_ERR_INIT;
    cards_authority authority = {made->keys, flags};
    check_fails(cards_verify(&authority, &made->table, &err), &err, SR_E_SECRET);
    check_error_says(&err, "customers");
}

static void a_declared_table_verifies(void **state)
{
    sr_err err = SR_ERR_INIT;
    declared made;
    (void)state;
    declare(&made);
    cards_authority authority = {made.keys, &flags_in_use};
    check_ok(cards_verify(&authority, &made.table, &err), &err);
    kdf_schedule_free(made.keys);
}

static void every_changed_field_of_a_column_is_refused(void **state)
{
    declared made;
    (void)state;
    declare(&made);
    room_column whole = made.columns[0];
    made.columns[0].type = COLUMN_DETERMINISTIC;
    refused(&made, &flags_in_use);
    made.columns[0] = whole;
    made.columns[0].data.kind = DATA_BIGINT;
    refused(&made, &flags_in_use);
    made.columns[0] = whole;
    made.columns[0].name[0] = 'E';
    refused(&made, &flags_in_use);
    made.columns[0] = whole;
    made.columns[0].normaliser[0] = 't';
    refused(&made, &flags_in_use);
    made.columns[0] = whole;
    made.table.version = 4;
    refused(&made, &flags_in_use);
    kdf_schedule_free(made.keys);
}

static void other_flags_and_other_secrets_are_refused(void **state)
{
    static const collaboration_flags others = {true, true, true, true};
    declared made;
    (void)state;
    declare(&made);
    refused(&made, &others);
    kdf_schedule_free(made.keys);
    made.keys = new_keys();
    refused(&made, &flags_in_use);
    kdf_schedule_free(made.keys);
}

static void a_missing_or_damaged_card_is_refused(void **state)
{
    declared made;
    (void)state;
    declare(&made);
    made.columns[0].card[5] ^= 1;
    refused(&made, &flags_in_use);
    made.columns[0].card[5] ^= 1;
    made.columns[0].card_len = 0;
    refused(&made, &flags_in_use);
    kdf_schedule_free(made.keys);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_declared_table_verifies),
        cmocka_unit_test(every_changed_field_of_a_column_is_refused),
        cmocka_unit_test(other_flags_and_other_secrets_are_refused),
        cmocka_unit_test(a_missing_or_damaged_card_is_refused),
    };
    check_main(tests);
}
