/*
 * csv_null.h: which field of a CSV file is NULL (C3R-FORMAT 1.9, the table in csv_read.h). Inside the
 * reader only.
 *
 * The rule is chosen once from `--csvInputNULLValue`, blanks around it aside: not given, blank, exactly
 * two double quotes, or any other text. Values are compared as they are after parsing.
 */
#ifndef SEALROOM_CLIENT_CSV_NULL_H
#define SEALROOM_CLIENT_CSV_NULL_H

#include "base/bytes.h"
#include "csv_scan.h"

typedef enum
{
    NULLS_NOT_GIVEN,
    NULLS_BLANK,
    NULLS_QUOTES,
    NULLS_TEXT,
} csv_null_rule;

/* `text` NULL: not given. */
csv_null_rule csv_null_rule_of(const char *text);
/* `null_text` is what the rule was made from. */
bool csv_null_is(csv_null_rule rule, const char *null_text, sr_slice text, csv_form form);

#endif
