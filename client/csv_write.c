#include "csv_write.h"

static bool is_blank(const char *text)
{
    if (text == NULL)
        return true;
    while (*text != '\0' && (unsigned char)*text <= ' ')
        text++;
    return *text == '\0';
}

static bool needs_quotes(sr_slice text, bool first)
{
    if (text.len == 0)
        return false;
    if (text.data[0] == '"' || (first && text.data[0] == '#'))
        return true;
    unsigned special = 0; /* no early way out: the loop then runs many bytes at a time */
    for (size_t i = 0; i < text.len; i++)
        special |= (unsigned)(text.data[i] <= ' ') | (unsigned)(text.data[i] == ',');
    return special != 0;
}

static sr_result append_quoted(sr_buf *out, sr_slice text, sr_err *err)
{
    size_t quotes = 0;
    uint8_t *to = NULL;
    for (size_t i = 0; i < text.len; i++)
        quotes += text.data[i] == '"' ? 1 : 0;
    if (sr_buf_extend(out, &to, text.len + quotes + 2, err) != SR_OK)
        return SR_FAIL;
    *to++ = '"';
    for (size_t i = 0; i < text.len; i++)
    {
        if (text.data[i] == '"')
            *to++ = '"';
        *to++ = text.data[i];
    }
    *to = '"';
    return SR_OK;
}

static sr_result append_text(sr_buf *out, sr_slice text, bool first, sr_err *err)
{
    if (needs_quotes(text, first))
        return append_quoted(out, text, err);
    return sr_buf_append(out, text, err);
}

sr_result csv_write_field(sr_buf *out, const csv_write_options *options, csv_field field,
                          bool first, sr_err *err)
{
    if (field.null)
        return append_text(out, sr_slice_text(options->null_text), first, err);
    if (field.text.len == 0)
        return sr_buf_append_text(out, is_blank(options->null_text) ? "\"\"" : "", err);
    return append_text(out, field.text, first, err);
}

sr_result csv_write_row(sr_buf *out, const csv_write_options *options, const csv_field *fields,
                        size_t count, sr_err *err)
{
    for (size_t i = 0; i < count; i++)
    {
        if (i > 0 && sr_buf_append_byte(out, ',', err) != SR_OK)
            return SR_FAIL;
        if (csv_write_field(out, options, fields[i], i == 0, err) != SR_OK)
            return SR_FAIL;
    }
    return sr_buf_append_byte(out, '\n', err);
}
