#include "encrypt_job.h"

#include <string.h>

#include "cell_maker.h"

static encrypt_feed feed_for(const schema_column *column, size_t source)
{
    bool encrypted = column_type_of(column->type)->is_encrypted;
    return (encrypt_feed){.source = source,
                          .data = column->data,
                          .encoded = encrypted && column->data.kind != DATA_STRING};
}

/* Columns that read the same source as the same type share one feed. */
static size_t find_or_add(encrypt_job *job, encrypt_feed feed)
{
    for (size_t i = 0; i < job->feed_count; i++)
    {
        const encrypt_feed *other = &job->feeds[i];
        if (other->source == feed.source && other->encoded == feed.encoded &&
            data_type_equal(other->data, feed.data))
            return i;
    }
    job->feeds[job->feed_count] = feed;
    return job->feed_count++;
}

static void clear_array(void *array)
{
    sr_free(*(void **)array);
}

static const char **headers_of(const csv_reader *reader)
{
    size_t count = csv_reader_columns(reader);
    const char **headers = sr_array(count, sizeof *headers);
    for (size_t i = 0; i < count; i++)
        headers[i] = csv_reader_header(reader, i);
    return headers;
}

static sr_result check_keys(const encrypt_job *job, sr_err *err)
{
    for (size_t i = 0; i < job->schema.count && job->options->keys == NULL; i++)
    {
        const schema_column *column = &job->schema.columns[i];
        if (column_type_of(column->type)->is_encrypted)
            return sr_fail(err, SR_E_SECRET, "column \"%s\" needs the collaboration secret",
                           column->target);
    }
    return SR_OK;
}

sr_result encrypt_bind(encrypt_job *job, sr_err *err)
{
    const table_schema *schema = &job->schema;
    const char **headers SR_CLEANUP(clear_array) = headers_of(job->reader);
    size_t *sources SR_CLEANUP(clear_array) = sr_array(schema->count, sizeof *sources);
    if (check_keys(job, err) != SR_OK)
        return SR_FAIL;
    if (schema_bind(sources, schema, headers, csv_reader_columns(job->reader),
                    job->options->c3r_compat, err) != SR_OK)
        return sr_fail_in(err, "%s", job->options->input);
    job->feeds = sr_array(schema->count, sizeof *job->feeds);
    job->feed_of = sr_array(schema->count, sizeof *job->feed_of);
    job->longest_row = sr_array(schema->count, sizeof *job->longest_row);
    job->null_row = sr_array(schema->count, sizeof *job->null_row);
    for (size_t i = 0; i < schema->count; i++)
        job->feed_of[i] = find_or_add(job, feed_for(&schema->columns[i], sources[i]));
    return SR_OK;
}

/* ---- payloads -------------------------------------------------------------------------------- */

/* A typed value inside a cell: what model read, in crypto's words. Decimals keep their text. */
static cell_value value_for(const data_value *value, data_type data, sr_slice decimal)
{
    return (cell_value){.type = cell_type_of_data(data),
                        .has_parameters = true,
                        .precision = data.precision,
                        .scale = data.scale,
                        .is_utc = true,
                        .unit = CELL_UNIT_MICROS,
                        .integer = value->integer,
                        .real = value->real,
                        .text = data.kind == DATA_DECIMAL ? decimal : value->text};
}

sr_result encrypt_payload(sr_buf *out, const encrypt_feed *feed, sr_slice text, sr_err *err)
{
    data_value value;
    SR_BUF(decimal, 64);
    if (feed->data.kind != DATA_STRING && data_value_parse(&value, feed->data, text, err) != SR_OK)
        return SR_FAIL;
    if (!feed->encoded)
        return sr_buf_append(out, text, err);
    if (feed->data.kind == DATA_DECIMAL &&
        data_value_print(&decimal, feed->data, &value, err) != SR_OK)
        return SR_FAIL;
    cell_value inside = value_for(&value, feed->data, sr_buf_view(&decimal));
    return cell_value_encode_payload(out, &inside, err);
}
