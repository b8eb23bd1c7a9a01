/*
 * cards.h: column cards (crypto/card.h) of a table as the client knows it: made at upload, verified when a
 * partner's table is shown, so that the server cannot misrepresent an encrypted column.
 *
 * What a card cannot show: cleartext columns have none, so a server that calls a column cleartext, or leaves
 * one out, is not found out here; whoever relies on a column looks for it in what is shown. The padding of
 * a deterministic column is not in its card either: members who pad differently get no matches and no
 * error, so padding is agreed on together with the schema.
 */
#ifndef SEALROOM_CLIENT_CARDS_H
#define SEALROOM_CLIENT_CARDS_H

#include "crypto/kdf.h"
#include "model/room.h"

/* What a card is made under. Keys and flags are borrowed. */
typedef struct
{
    const kdf_schedule *keys;
    const collaboration_flags *flags;
} cards_authority;

/* link_card_maker of link/upload.h; the context is a cards_authority. */
sr_result cards_make(void *authority, uint8_t *card, size_t *card_len, const char *table,
                     uint32_t version, const room_column *column, sr_err *err) SR_MUST_USE;
/* Verifies the card of every encrypted column of the table's version; SR_E_SECRET names the first column
 * whose card is missing or says something else. */
sr_result cards_verify(const cards_authority *authority, const room_table *table,
                       sr_err *err) SR_MUST_USE;

#endif
