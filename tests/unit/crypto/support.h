/* support.h: what the tests of crypto/ share: schedules of known secrets, vectors, hexadecimal. */
#ifndef SEALROOM_TESTS_CRYPTO_SUPPORT_H
#define SEALROOM_TESTS_CRYPTO_SUPPORT_H

#include "check.h"

#include "base/json.h"
#include "base/text.h"
#include "crypto/cell.h"
#include "crypto/kdf.h"

/* A secret of 32 bytes that are all `fill`, in this collaboration. */
kdf_schedule *support_schedule(uint8_t fill, const char *collaboration);
/* The same in a usual collaboration. */
kdf_schedule *support_usual_schedule(uint8_t fill);

/* A vector file of tests/vectors/c3r, parsed; and the schedule of one of its rooms ("A"). */
sr_json *support_vectors(const char *name);
kdf_schedule *support_room(const char *room);

/* Hexadecimal text into a buffer. */
void support_hex(sr_buf *out, const char *hex);
void check_hex(sr_slice bytes, const char *hex);

/* The text of a vector: "value", or "value_repeat" spelt out; false for NULL. */
bool support_value(sr_buf *out, const sr_json *vector);

cell_input support_input(const char *text); /* NULL gives a NULL */
cell_input support_cell(const cell_batch *batch, size_t index);

#endif
