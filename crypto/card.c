#include "card.h"

/* Length first, so that no two contents have one encoding. */
static sr_result add_text(sr_buf *out, sr_slice text, const char *what, sr_err *err)
{
    if (text.len > CARD_TEXT_MAX)
        return sr_fail(err, SR_E_LIMIT, "column card: %s is longer than %d bytes", what,
                       CARD_TEXT_MAX);
    if (sr_buf_append_u32(out, (uint32_t)text.len, err) != SR_OK)
        return SR_FAIL;
    return sr_buf_append(out, text, err);
}

static sr_result encode(sr_buf *out, const card_content *content, sr_err *err)
{
    if (sr_buf_append_text(out, "sealroom-card-v1", err) != SR_OK ||
        add_text(out, content->table, "the table name", err) != SR_OK ||
        sr_buf_append_u64(out, content->version, err) != SR_OK ||
        add_text(out, content->header, "the header", err) != SR_OK ||
        add_text(out, content->column_type, "the column type", err) != SR_OK ||
        add_text(out, content->data_type, "the data type", err) != SR_OK ||
        add_text(out, content->normaliser, "the normaliser", err) != SR_OK)
        return SR_FAIL;
    return sr_buf_append_byte(out, content->flags, err);
}

sr_result card_make(card_tag *out, const kdf_schedule *schedule, const card_content *content,
                    sr_err *err)
{
    KDF_CARD_KEY(key);
    HMAC_KEY(mac);
    SR_BUF(text, 6 * (size_t)CARD_TEXT_MAX);
    digest_value sum;
    *out = (card_tag){{0}};
    if (encode(&text, content, err) != SR_OK)
        return SR_FAIL;
    kdf_derive_card(&key, schedule);
    hmac_key_init(&mac, sr_slice_of(key.bytes, sizeof key.bytes));
    hmac_sha256(&sum, &mac, sr_buf_view(&text), sr_slice_of(NULL, 0));
    sr_copy(out->bytes, sum.bytes, sizeof out->bytes);
    return SR_OK;
}

sr_result card_verify(const card_tag *tag, const kdf_schedule *schedule,
                      const card_content *content, sr_err *err)
{
    card_tag expected;
    if (card_make(&expected, schedule, content, err) != SR_OK)
        return SR_FAIL;
    bool same = sr_equal_ct(expected.bytes, tag->bytes, sizeof tag->bytes);
    sr_wipe(&expected, sizeof expected); /* the right tag of a forged content */
    if (!same)
        return sr_fail(err, SR_E_SECRET,
                       "the column card does not verify: another secret, or the server changed it");
    return SR_OK;
}
