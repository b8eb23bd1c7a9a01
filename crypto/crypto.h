/*
 * crypto.h: the contents page of crypto/. Include the header that does the job, not this one.
 *
 *   To do this                                                   include
 *   ------------------------------------------------------------------------------------
 *   load, make or store a collaboration secret; keep core dumps
 *     and debuggers away from the process                        crypto/secret.h
 *   turn secret + collaboration id into keys (HKDF)              crypto/kdf.h
 *   learn whether two members hold the same secret               crypto/key_check.h
 *   tell a column's type, rows and nonces apart; hold a batch of
 *     cells; turn raw cells into text and back                   crypto/cell.h
 *   encode or decode a typed value inside a cell                 crypto/cell_value.h
 *   print a typed value as text                                  crypto/cell_render.h
 *   encrypt a fingerprint column (join, COUNT)                   crypto/fingerprint.h
 *   encrypt or open a sealed column (return only)                crypto/sealed.h
 *   encrypt or open a deterministic column (=, GROUP BY, return) crypto/deterministic.h
 *   pad values so that lengths say nothing                       crypto/padding.h
 *   draw row nonces fast                                         crypto/random.h
 *   vouch for a column towards other members                     crypto/card.h
 *   re-key fingerprints on the server                            crypto/token.h
 *   write scratch files that say nothing                         crypto/spill.h
 *   what overlap sessions hash and sign                          crypto/psi.h
 *   hash identifiers to a curve, blind them, check points        crypto/group/group.h
 *   blind, sort and check whole lists of points, on all cores    crypto/psi_list.h
 *   keep an overlap session's scalar over a crash                crypto/checkpoint.h
 *   sign with a certificate's key, check such a signature        crypto/signature.h
 *   SHA-256, HMAC-SHA-256                                        crypto/digest.h, crypto/hmac.h
 *
 * Conventions, said once:
 *   - Lengths, types, headers, prefixes, base64 validity and "did it open" are public. Keys, secrets and values
 *     are secret: no branch and no address depends on them, except in functions that end in `_var`, and in
 *     encoding, decoding and showing typed values (cell_value.h, cell_render.h), which happens where the value
 *     is in the clear anyway. tests/ctime proves it.
 *   - Key types are structs of their size, wiped when they leave scope (KDF_…_KEY macros). They cannot be
 *     printed; compare secrets with sr_equal_ct only.
 *   - A cell that does not open, a wrong secret and a tampered cell are one and the same error,
 *     SR_E_SECRET; a malformed cell is SR_E_FORMAT; a value too long is SR_E_LIMIT.
 *   - After SR_FAIL every output is empty, and nothing of the plaintext is left in it.
 *   - No error text carries a value, a key, a secret or a cell.
 *   - Column objects are not shared by threads: each thread works on its own `_clone`.
 *   - Formats are byte for byte those of AWS's C3R client where it has them; what is ours starts
 *     with "sealroom-v1/" in the key schedule and "03:" in the cells.
 *
 * Doors: libgcrypt is included by door_gcrypt.c, OpenSSL by digest.c, signature.c,
 * group/xmd.c and group/p256_door.c, and nowhere else.
 */
#ifndef SEALROOM_CRYPTO_CRYPTO_H
#define SEALROOM_CRYPTO_CRYPTO_H

#endif
