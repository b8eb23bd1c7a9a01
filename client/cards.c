#include "cards.h"

#include "crypto/card.h"

/* What a card vouches for; `data_words` is the caller's room for the data type's name. */
static card_content content_of(const cards_authority *authority, const char *table,
                               uint32_t version, const room_column *column, char *data_words)
{
    data_type_print(data_words, column->data);
    return (card_content){
        .table = sr_slice_text(table),
        .version = version,
        .header = sr_slice_text(column->name),
        .column_type = sr_slice_text(column_type_of(column->type)->name),
        .data_type = sr_slice_text(data_words),
        .normaliser = sr_slice_text(column->normaliser),
        .flags = flags_to_byte(authority->flags),
    };
}

sr_result cards_make(void *authority, uint8_t *card, size_t *card_len, const char *table,
                     uint32_t version, const room_column *column, sr_err *err)
{
    const cards_authority *self = authority;
    char data_words[DATA_TYPE_TEXT_SIZE];
    card_content content = content_of(self, table, version, column, data_words);
    card_tag tag;
    *card_len = 0;
    if (card_make(&tag, self->keys, &content, err) != SR_OK)
        return SR_FAIL;
    sr_copy(card, tag.bytes, sizeof tag.bytes);
    *card_len = sizeof tag.bytes;
    return SR_OK;
}

static sr_result verify_column(const cards_authority *authority, const room_table *table,
                               const room_column *column, sr_err *err)
{
    char data_words[DATA_TYPE_TEXT_SIZE];
    card_content content = content_of(authority, table->name, table->version, column, data_words);
    card_tag tag;
    if (column->card_len != sizeof tag.bytes)
        return sr_fail(err, SR_E_SECRET, "its card is missing");
    sr_copy(tag.bytes, column->card, sizeof tag.bytes);
    return card_verify(&tag, authority->keys, &content, err);
}

sr_result cards_verify(const cards_authority *authority, const room_table *table, sr_err *err)
{
    for (size_t i = 0; i < table->column_count; i++)
    {
        const room_column *column = &table->columns[i];
        if (column_type_of(column->type)->is_encrypted &&
            verify_column(authority, table, column, err) != SR_OK)
            return sr_fail_in(err, "column \"%s\" of table \"%s\"", column->name, table->name);
    }
    return SR_OK;
}
