/* Any text as a cell: what reads as a cell writes the same text again, and nothing forged opens. */
#include "crypto/cell.h"
#include "crypto/deterministic.h"
#include "crypto/sealed.h"
#include "fuzz.h"

/* Made once: the keys do not matter, and making them takes longer than an input. */
static sealed_column *sealed;
static deterministic_column *deterministic;

static void make_columns(void)
{
    sr_err err = SR_ERR_INIT;
    SECRET(secret);
    KDF_SCHEDULE(schedule);
    sr_uuid id = {{1}};
    sealed_options options = {.type = CELL_STRING};
    deterministic_options det_options = {.type = CELL_STRING};
    sr_slice header = sr_slice_text("n");
    fuzz_check(secret_generate(&secret, &err) == SR_OK);
    fuzz_check(kdf_schedule_new(&schedule, secret, &id, &err) == SR_OK);
    fuzz_check(sealed_column_new(&sealed, schedule, header, &options, &err) == SR_OK);
    fuzz_check(deterministic_column_new(&deterministic, schedule, header, &det_options, &err) ==
               SR_OK);
}

static void try_to_open(cell_kind kind, sr_slice raw)
{
    sr_err err = SR_ERR_INIT;
    CELL_BATCH(out);
    cell_input cell = {.value = raw};
    if (kind == CELL_SEALED)
        fuzz_check(sealed_column_decrypt(sealed, &out, &cell, 1, &err) == SR_FAIL);
    if (kind == CELL_DETERMINISTIC)
        fuzz_check(deterministic_column_decrypt(deterministic, &out, &cell, 1, &err) == SR_FAIL);
    fuzz_check(out.count == 0 && out.bytes.len == 0);
}

static void read_as(cell_kind kind, sr_slice text)
{
    sr_err err = SR_ERR_INIT;
    SR_BUF(raw, CELL_TEXT_MAX);
    SR_BUF(again, CELL_TEXT_MAX);
    if (cell_from_text(&raw, kind, text, &err) != SR_OK)
    {
        fuzz_check(raw.len == 0 && (err.code == SR_E_FORMAT || err.code == SR_E_LIMIT));
        return;
    }
    fuzz_check(cell_kind_of_var(text) == kind);
    fuzz_check(cell_to_text(&again, kind, sr_buf_view(&raw), &err) == SR_OK);
    fuzz_check(sr_slice_equal_var(sr_buf_view(&again), text));
    try_to_open(kind, sr_buf_view(&raw));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (sealed == NULL)
        make_columns();
    for (int kind = CELL_CLEARTEXT + 1; kind < CELL_KIND_COUNT_; kind++)
    {
        read_as((cell_kind)kind, sr_slice_of(data, size));
        try_to_open((cell_kind)kind, sr_slice_of(data, size));
    }
    return 0;
}
