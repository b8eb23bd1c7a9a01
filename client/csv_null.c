#include "csv_null.h"

csv_null_rule csv_null_rule_of(const char *text)
{
    if (text == NULL)
        return NULLS_NOT_GIVEN;
    sr_slice rest = sr_slice_text(text);
    while (rest.len > 0 && rest.data[0] <= ' ')
        rest = sr_slice_sub(rest, 1, rest.len - 1);
    while (rest.len > 0 && rest.data[rest.len - 1] <= ' ')
        rest = sr_slice_sub(rest, 0, rest.len - 1);
    if (rest.len == 0)
        return NULLS_BLANK;
    return sr_slice_is_text_var(rest, "\"\"") ? NULLS_QUOTES : NULLS_TEXT;
}

bool csv_null_is(csv_null_rule rule, const char *null_text, sr_slice text, csv_form form)
{
    bool blank = text.len == 0 && form == CSV_BARE;
    bool quotes = text.len == 0 && form != CSV_BARE;
    switch (rule)
    {
    case NULLS_NOT_GIVEN:
        return blank || quotes;
    case NULLS_BLANK:
        return blank;
    case NULLS_QUOTES:
        return quotes;
    case NULLS_TEXT:
    default:
        return text.len > 0 && sr_slice_is_text_var(text, null_text);
    }
}
