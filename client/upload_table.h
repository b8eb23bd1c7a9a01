/*
 * upload_table.h: a table file to the server, by one of two ways to the same upload:
 *
 *     plaintext file  → the encryption pipeline (encrypt.h) → link/upload.h
 *     encrypted file  → cells by their prefix, base64 opened → link/upload.h
 *
 * Either way rows arrive in the order of their nonces, as C3R writes them, and cells travel raw.
 *
 * NULLs: the pipeline knows which values were NULL and sends the NULL bit of every column that can be a
 * subject, also where preserveNulls=false hides NULLs in a file. An encrypted file of such a collaboration
 * no longer shows them; the upload then says so and all owners are warned.
 *
 * An encrypted file must have the target headers of the schema, and in every encrypted column nothing but
 * cells of its type: a plaintext file is refused before a byte of it is sent. The first sealed or
 * deterministic cell of each column is opened to see that the secret is the right one.
 */
#ifndef SEALROOM_CLIENT_UPLOAD_TABLE_H
#define SEALROOM_CLIENT_UPLOAD_TABLE_H

#include "cards.h"
#include "encrypt.h"
#include "link/upload.h"

typedef struct
{
    link_session *link;
    const room_collaboration *room;
    const char *table;
    const char *const *allowed; /* headers of the allow-list; NULL: all columns */
    size_t allowed_count;
    bool append;             /* the new version begins with the rows of the current one */
    encrypt_options encrypt; /* input, schema, flags, keys …; keys NULL when all is cleartext */
} upload_table_options;

sr_result upload_table_plain(link_committed *out, const upload_table_options *options,
                             sr_err *err) SR_MUST_USE;
sr_result upload_table_encrypted(link_committed *out, const upload_table_options *options,
                                 sr_err *err) SR_MUST_USE;

#endif
