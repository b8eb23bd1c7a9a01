/*
 * result_opener.h: the rows that a query releases, gathered for printing, with sealed and deterministic
 * cells opened when the secret is at hand and left as cell text when it is not.
 */
#ifndef SEALROOM_CLIENT_RESULT_OPENER_H
#define SEALROOM_CLIENT_RESULT_OPENER_H

#include "crypto/kdf.h"
#include "link/query.h"
#include "output.h"

typedef struct result_opener result_opener;

/* `keys` NULL: cells stay encrypted. Borrowed. */
sr_result result_opener_new(result_opener **out, output_form form, const kdf_schedule *keys,
                            sr_err *err) SR_MUST_USE;
/* For link_query_run. */
link_row_receiver result_opener_receiver(result_opener *opener);
/* NULL until the first columns have arrived; borrowed. */
output *result_opener_table(const result_opener *opener);
/* True when an encrypted cell was left as it is. */
bool result_opener_left_closed(const result_opener *opener);
void result_opener_free(result_opener *opener); /* accepts NULL */
void result_opener_clear(result_opener **opener);
#define RESULT_OPENER(name) result_opener *name SR_CLEANUP(result_opener_clear) = NULL

#endif
