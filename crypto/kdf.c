#include "kdf.h"

#include <assert.h>

#include "locked.h"

struct kdf_schedule
{
    hmac_key prk; /* HMAC states of the pseudorandom key */
};

/* ---- RFC 5869 -------------------------------------------------------------------------------- */

void kdf_extract(digest_value *prk, sr_slice salt, sr_slice secret)
{
    HMAC_KEY(key);
    hmac_key_init(&key, salt); /* no salt: a key of zeros, which an empty key is (section 2.2) */
    hmac_sha256(prk, &key, secret, (sr_slice){NULL, 0});
}

/* T(i) = HMAC(PRK, T(i-1) || label || suffix || i); section 2.3. */
static void expand_with(uint8_t *out, size_t len, const hmac_key *prk, sr_slice label,
                        sr_slice suffix)
{
    digest_value block;
    sr_slice before = {NULL, 0};
    assert(len <= KDF_EXPAND_MAX);
    for (uint8_t i = 1; len > 0; i++)
    {
        digest state;
        hmac_start(&state, prk);
        digest_add(&state, before);
        digest_add(&state, label);
        digest_add(&state, suffix);
        digest_add(&state, sr_slice_of(&i, 1));
        hmac_finish(&block, &state, prk);
        before = sr_slice_of(block.bytes, sizeof block.bytes);
        size_t part = len < sizeof block.bytes ? len : sizeof block.bytes;
        sr_copy(out, block.bytes, part);
        out += part;
        len -= part;
    }
    sr_wipe(&block, sizeof block);
}

void kdf_expand(uint8_t *out, size_t len, const digest_value *prk, sr_slice info)
{
    HMAC_KEY(key);
    hmac_key_init(&key, sr_slice_of(prk->bytes, sizeof prk->bytes));
    expand_with(out, len, &key, info, (sr_slice){NULL, 0});
}

/* ---- the schedule ---------------------------------------------------------------------------- */

sr_result kdf_schedule_new(kdf_schedule **out, const collaboration_secret *secret,
                           const sr_uuid *collaboration, sr_err *err)
{
    void *memory = NULL;
    *out = NULL;
    if (locked_new(&memory, sizeof **out, err) != SR_OK)
        return SR_FAIL;
    sr_uuid_text salt = sr_uuid_print(collaboration);
    digest_value prk;
    kdf_extract(&prk, sr_slice_text(salt.text), secret_view(secret));
    *out = memory;
    hmac_key_init(&(*out)->prk, sr_slice_of(prk.bytes, sizeof prk.bytes));
    sr_wipe(&prk, sizeof prk);
    return SR_OK;
}

void kdf_schedule_free(kdf_schedule *schedule)
{
    locked_free(schedule, sizeof *schedule);
}

void kdf_schedule_clear(kdf_schedule **schedule)
{
    kdf_schedule_free(*schedule);
    *schedule = NULL;
}

void kdf_derive(uint8_t *out, size_t len, const kdf_schedule *schedule, const char *label,
                sr_slice suffix)
{
    expand_with(out, len, &schedule->prk, sr_slice_text(label), suffix);
}

static const sr_slice no_suffix = {NULL, 0};

void kdf_derive_root(kdf_root_key *out, const kdf_schedule *schedule)
{
    kdf_derive(out->bytes, sizeof out->bytes, schedule, "c3r-encryption-primary-aes-gcm-256",
               no_suffix);
}

void kdf_derive_fingerprint(kdf_fingerprint_key *out, const kdf_schedule *schedule, sr_slice header,
                            bool joins_across_names)
{
    if (joins_across_names)
        kdf_derive(out->bytes, sizeof out->bytes, schedule, "c3r-encryption-primary-aes-gcm-256",
                   no_suffix);
    else
        kdf_derive(out->bytes, sizeof out->bytes, schedule, "c3r-hmac-sha256-col-", header);
}

void kdf_derive_deterministic(kdf_deterministic_key *out, const kdf_schedule *schedule,
                              sr_slice header)
{
    kdf_derive(out->bytes, sizeof out->bytes, schedule, "sealroom-v1/det/", header);
}

void kdf_derive_card(kdf_card_key *out, const kdf_schedule *schedule)
{
    kdf_derive(out->bytes, sizeof out->bytes, schedule, "sealroom-v1/column-card", no_suffix);
}

/* ---- locals that wipe themselves ------------------------------------------------------------- */

void kdf_root_key_clear(kdf_root_key *key)
{
    sr_wipe(key, sizeof *key);
}

void kdf_fingerprint_key_clear(kdf_fingerprint_key *key)
{
    sr_wipe(key, sizeof *key);
}

void kdf_deterministic_key_clear(kdf_deterministic_key *key)
{
    sr_wipe(key, sizeof *key);
}

void kdf_card_key_clear(kdf_card_key *key)
{
    sr_wipe(key, sizeof *key);
}
