#include "normalise.h"

#include <string.h>

static const char *const names[NORMALISE_COUNT_] = {
    [NORMALISE_EXACT] = "exact-v1",
    [NORMALISE_TRIM] = "trim-v1",
    [NORMALISE_EMAIL] = "email-v1",
};

sr_result normaliser_parse(normaliser *out, const char *name, sr_err *err)
{
    for (int i = 0; i < NORMALISE_COUNT_; i++)
        if (strcmp(names[i], name) == 0)
        {
            *out = (normaliser)i;
            return SR_OK;
        }
    return sr_fail(err, SR_E_INVALID, "no normaliser that this version knows");
}

static sr_slice trim(sr_slice id)
{
    while (id.len > 0 && id.data[0] <= ' ')
        id = sr_slice_of(id.data + 1, id.len - 1);
    while (id.len > 0 && id.data[id.len - 1] <= ' ')
        id.len--;
    return id;
}

size_t normalise(uint8_t *out, normaliser by, sr_slice id)
{
    if (by != NORMALISE_EXACT)
        id = trim(id);
    for (size_t i = 0; i < id.len; i++) /* forwards: `out` may be where the untrimmed text begins */
    {
        uint8_t c = id.data[i];
        bool upper = by == NORMALISE_EMAIL && c >= 'A' && c <= 'Z';
        out[i] = upper ? (uint8_t)(c - 'A' + 'a') : c;
    }
    return id.len;
}
