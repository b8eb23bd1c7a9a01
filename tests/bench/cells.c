/* cells.c: the bare cost of the cells of a table: nonces, fingerprints, sealed cells, text forms. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "baselines.h"
#include "crypto/fingerprint.h"
#include "crypto/random.h"
#include "crypto/sealed.h"

enum
{
    BATCH = 4096,
    COLUMNS = 3, /* e-mail, number, text */
    FILE_MOST = 1 << 30,
};

typedef struct
{
    sr_buf file;
    cell_input *values[COLUMNS];
    size_t rows;
    size_t longest;
} cells_table;

typedef struct
{
    fingerprint_column *email;
    sealed_column *text;
    random_source *random;
    cell_batch raw;
    cell_batch shown;
    cell_nonce nonces[BATCH];
    size_t bytes;
} cells_work;

static void table_clear(cells_table *table)
{
    sr_buf_clear(&table->file);
    for (size_t i = 0; i < COLUMNS; i++)
        sr_free(table->values[i]);
}

static void work_clear(cells_work *work)
{
    fingerprint_column_free(work->email);
    sealed_column_free(work->text);
    random_source_free(work->random);
    cell_batch_clear(&work->raw);
    cell_batch_clear(&work->shown);
}

/* The generated file has no quotes. */
static sr_result split_row(cells_table *table, const uint8_t **at, const uint8_t *end, sr_err *err)
{
    for (size_t i = 0; i < COLUMNS; i++)
    {
        const uint8_t *stop = memchr(*at, i + 1 == COLUMNS ? '\n' : ',', (size_t)(end - *at));
        if (stop == NULL)
            return sr_fail(err, SR_E_FORMAT, "row %zu is cut off", table->rows);
        table->values[i][table->rows] =
            (cell_input){.value = {.data = *at, .len = (size_t)(stop - *at)}, .null = false};
        *at = stop + 1;
    }
    table->rows++;
    return SR_OK;
}

static sr_result table_read(cells_table *table, const char *path, sr_err *err)
{
    if (sr_file_read(&table->file, path, err) != SR_OK)
        return SR_FAIL;
    const uint8_t *at = table->file.data;
    const uint8_t *end = at + table->file.len;
    size_t lines = 0;
    for (const uint8_t *byte = at; byte < end; byte++)
        lines += *byte == '\n';
    for (size_t i = 0; i < COLUMNS; i++)
        table->values[i] = sr_array(lines, sizeof *table->values[i]);
    const uint8_t *head = memchr(at, '\n', table->file.len);
    if (head == NULL)
        return sr_fail(err, SR_E_FORMAT, "no header");
    for (at = head + 1; at < end;)
        if (split_row(table, &at, end, err) != SR_OK)
            return SR_FAIL;
    padding_longest_add(&table->longest, table->values[2], table->rows);
    return SR_OK;
}

static sr_result work_start(cells_work *work, const cells_table *table, sr_err *err)
{
    SECRET(secret);
    KDF_SCHEDULE(keys);
    sr_uuid id;
    fingerprint_options email = {.type = CELL_STRING, .preserve_nulls = true};
    sealed_options text = {.type = CELL_STRING,
                           .preserve_nulls = true,
                           .pad = {.kind = PADDING_MAX, .length = 0, .longest = table->longest}};
    cell_batch_init(&work->raw);
    cell_batch_init(&work->shown);
    if (secret_generate(&secret, err) != SR_OK ||
        sr_uuid_parse(&id, "12345678-1234-1234-1234-1234567890ab", err) != SR_OK ||
        kdf_schedule_new(&keys, secret, &id, err) != SR_OK ||
        fingerprint_column_new(&work->email, keys, sr_slice_text("email"), &email, err) != SR_OK ||
        sealed_column_new(&work->text, keys, sr_slice_text("note"), &text, err) != SR_OK)
        return SR_FAIL;
    return random_source_new(&work->random, err);
}

static sr_result make_batch(cells_work *work, const cells_table *table, size_t first, size_t count,
                            sr_err *err)
{
    cell_rows rows = {.count = count, .nonces = work->nonces};
    random_source_nonces(work->random, work->nonces, count);
    if (fingerprint_column_encrypt(work->email, &work->raw, &table->values[0][first], &rows, err) !=
            SR_OK ||
        cell_batch_to_text(&work->shown, &work->raw, CELL_FINGERPRINT, err) != SR_OK)
        return SR_FAIL;
    work->bytes += work->shown.bytes.len;
    if (sealed_column_encrypt(work->text, &work->raw, &table->values[2][first], &rows, err) !=
            SR_OK ||
        cell_batch_to_text(&work->shown, &work->raw, CELL_SEALED, err) != SR_OK)
        return SR_FAIL;
    work->bytes += work->shown.bytes.len;
    return SR_OK;
}

sr_result baseline_cells(int count, char **words, sr_err *err)
{
    (void)count;
    cells_table table SR_CLEANUP(table_clear) = {0};
    cells_work work SR_CLEANUP(work_clear) = {0};
    double runs[BASELINE_RUNS];
    sr_buf_init(&table.file, FILE_MOST);
    if (table_read(&table, words[0], err) != SR_OK || work_start(&work, &table, err) != SR_OK)
        return SR_FAIL;
    for (size_t run = 0; run < BASELINE_RUNS; run++)
    {
        double start = baseline_cpu();
        work.bytes = 0;
        for (size_t at = 0; at < table.rows; at += BATCH)
        {
            size_t size = table.rows - at < BATCH ? table.rows - at : BATCH;
            if (make_batch(&work, &table, at, size, err) != SR_OK)
                return SR_FAIL;
        }
        runs[run] = baseline_cpu() - start;
    }
    printf("{\"rows\": %zu, \"bytes\": %zu, \"cpu\": %.6f}\n", table.rows, work.bytes,
           baseline_median(runs, BASELINE_RUNS));
    return SR_OK;
}
