#include "encrypt.h"

#include "encrypt_job.h"
#include "pool.h"

static void copy_schema(table_schema *out, const table_schema *from)
{
    *out = *from;
    out->columns = sr_array(from->count, sizeof *out->columns);
    sr_copy(out->columns, from->columns, from->count * sizeof *out->columns);
}

static void job_clear(encrypt_job *job)
{
    csv_reader_clear(&job->reader);
    sorter_clear(&job->rows);
    sorter_clear(&job->values);
    schema_clear(&job->schema);
    sr_free(job->feeds);
    sr_free(job->feed_of);
    sr_free(job->longest_row);
    sr_free(job->null_row);
}

size_t encrypt_threads(const encrypt_options *options)
{
    if (options->threads == 0)
        return pool_default_threads();
    return options->threads < POOL_THREADS_MAX ? options->threads : POOL_THREADS_MAX;
}

static sr_result open_input(encrypt_job *job, sr_err *err)
{
    const encrypt_options *options = job->options;
    csv_read_options csv = {.has_header = job->schema.header_row,
                            .columns = job->schema.positions,
                            .c3r_compat = options->c3r_compat,
                            .null_text = options->null_text};
    return csv_reader_open(&job->reader, options->input, &csv, err);
}

sr_result encrypt_table(encrypt_report *out, const encrypt_options *options,
                        const encrypt_sink *sink, sr_err *err)
{
    encrypt_job job SR_CLEANUP(job_clear) = {.options = options};
    *out = (encrypt_report){.rows = 0};
    copy_schema(&job.schema, options->schema);
    if (schema_check_flags(&job.schema, &options->flags, err) != SR_OK ||
        open_input(&job, err) != SR_OK || encrypt_bind(&job, err) != SR_OK ||
        encrypt_collect(&job, err) != SR_OK)
        return SR_FAIL;
    if (sink != NULL && encrypt_produce(&job, sink, err) != SR_OK)
        return SR_FAIL;
    *out = job.report;
    return SR_OK;
}
