#include "manifest.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"

enum
{
    BUCKET_LEAST = 1000,
};

static const char *const suites[] = {"curve25519", "p256"};
static const char *const normalisers[] = {"exact-v1", "trim-v1", "email-v1"};

/* ---- words ----------------------------------------------------------------------------------- */

static bool is_one_of(const char *word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(word, words[i]) == 0)
            return true;
    return false;
}

static sr_result get_word(char *out, const sr_json *from, const char *key, const char *const *words,
                          size_t count, sr_err *err)
{
    const char *word = NULL;
    if (sr_json_get_text(from, key, true, &word, err) != SR_OK)
        return SR_FAIL;
    if (!is_one_of(word, words, count) || !sr_text_put(out, MANIFEST_WORD_SIZE, word))
        return sr_fail(err, SR_E_INVALID, "%s: not one that this version knows", key);
    return SR_OK;
}

static sr_result get_uuid(sr_uuid *out, const sr_json *from, const char *key, sr_err *err)
{
    const char *text = NULL;
    if (sr_json_get_text(from, key, true, &text, err) != SR_OK)
        return SR_FAIL;
    if (sr_uuid_parse(out, text, err) != SR_OK)
        return sr_fail_in(err, "%s", key);
    return SR_OK;
}

static sr_result get_number(uint64_t *out, const sr_json *from, const char *key, int64_t most,
                            sr_err *err)
{
    int64_t number = 0;
    if (sr_json_get_int(from, key, true, 0, most, &number, err) != SR_OK)
        return SR_FAIL;
    *out = (uint64_t)number;
    return SR_OK;
}

/* ---- reading --------------------------------------------------------------------------------- */

/* Both empty: not confirmed. */
static sr_result get_confirmation(manifest_member *out, const sr_json *from, sr_err *err)
{
    const char *certificate = NULL;
    const char *nonce = NULL;
    if (sr_json_get_text(from, "certificate", true, &certificate, err) != SR_OK ||
        sr_json_get_text(from, "nonce", true, &nonce, err) != SR_OK)
        return SR_FAIL;
    if (certificate[0] == '\0' && nonce[0] == '\0')
        return SR_OK;
    uint8_t digest[MANIFEST_NONCE_SIZE];
    if (sr_hex_decode(digest, sizeof digest, sr_slice_text(certificate), err) != SR_OK)
        return sr_fail_in(err, "certificate");
    if (sr_hex_decode(out->nonce, sizeof out->nonce, sr_slice_text(nonce), err) != SR_OK)
        return sr_fail_in(err, "nonce");
    out->confirmed = true;
    sr_hex_encode(out->certificate, sr_slice_of(digest, sizeof digest));
    return SR_OK;
}

static sr_result get_member(manifest_member *out, const sr_json *from, sr_err *err)
{
    static const char *const fields[] = {"cap",      "certificate", "name", "nonce",
                                         "receives", "segments",    NULL};
    const char *name = NULL;
    uint64_t segments = 0;
    *out = (manifest_member){.cap = 0};
    if (sr_json_only(from, fields, err) != SR_OK ||
        sr_json_get_text(from, "name", true, &name, err) != SR_OK ||
        model_name_check("member", name, err) != SR_OK ||
        get_number(&out->cap, from, "cap", (int64_t)MANIFEST_POINTS_MOST, err) != SR_OK ||
        get_number(&segments, from, "segments", MANIFEST_SEGMENTS_MOST, err) != SR_OK ||
        sr_json_get_bool(from, "receives", true, &out->receives, err) != SR_OK ||
        get_confirmation(out, from, err) != SR_OK)
        return SR_FAIL;
    out->segments = (uint32_t)segments;
    if (!sr_text_put(out->name, sizeof out->name, name))
        return sr_fail(err, SR_E_INVALID, "name: too long");
    return SR_OK;
}

static sr_result get_members(manifest *out, const sr_json *from, sr_err *err)
{
    const sr_json *list = NULL;
    if (sr_json_get_array(from, "members", true, &list, err) != SR_OK)
        return SR_FAIL;
    size_t count = sr_json_size(list);
    if (count < MANIFEST_MEMBERS_LEAST || count > MANIFEST_MEMBERS_MOST)
        return sr_fail(err, SR_E_INVALID, "members: expected %d to %d", MANIFEST_MEMBERS_LEAST,
                       MANIFEST_MEMBERS_MOST);
    for (size_t i = 0; i < count; i++)
        if (get_member(&out->members[i], sr_json_item(list, i), err) != SR_OK)
            return sr_fail_in(err, "members[%zu]", i);
    out->member_count = count;
    return SR_OK;
}

static sr_result get_padding(bool *out, const sr_json *from, sr_err *err)
{
    static const char *const words[] = {"none", "buckets"};
    char word[MANIFEST_WORD_SIZE];
    if (get_word(word, from, "padding", words, 2, err) != SR_OK)
        return SR_FAIL;
    *out = strcmp(word, "buckets") == 0;
    return SR_OK;
}

static sr_result read_fields(manifest *out, const sr_json *from, sr_err *err)
{
    static const char *const fields[] = {
        "collaboration", "expires", "leastInput", "members", "minimum", "minimumComplement",
        "normaliser",    "padding", "session",    "suite",   "version", NULL};
    uint64_t version = 0;
    uint64_t expires = 0;
    if (sr_json_only(from, fields, err) != SR_OK ||
        get_number(&version, from, "version", INT32_MAX, err) != SR_OK)
        return SR_FAIL;
    if (version != MANIFEST_VERSION)
        return sr_fail(err, SR_E_INVALID, "version: this program knows version %d",
                       MANIFEST_VERSION);
    int64_t points = (int64_t)MANIFEST_POINTS_MOST;
    if (get_uuid(&out->collaboration, from, "collaboration", err) != SR_OK ||
        get_uuid(&out->session, from, "session", err) != SR_OK ||
        get_word(out->suite, from, "suite", suites, 2, err) != SR_OK ||
        get_word(out->normaliser, from, "normaliser", normalisers, 3, err) != SR_OK ||
        get_number(&out->minimum, from, "minimum", points, err) != SR_OK ||
        get_number(&out->minimum_complement, from, "minimumComplement", points, err) != SR_OK ||
        get_number(&out->least_input, from, "leastInput", points, err) != SR_OK ||
        get_number(&expires, from, "expires", INT64_MAX / 1000000, err) != SR_OK ||
        get_padding(&out->padded, from, err) != SR_OK || get_members(out, from, err) != SR_OK)
        return SR_FAIL;
    out->expires_s = (int64_t)expires;
    return manifest_check(out, err);
}

sr_result manifest_parse(manifest *out, sr_slice text, sr_err *err)
{
    SR_JSON(document);
    SR_BUF(again, MANIFEST_TEXT_MOST);
    manifest read = {.member_count = 0};
    *out = read;
    if (text.len > MANIFEST_TEXT_MOST)
        return sr_fail(err, SR_E_LIMIT, "a manifest has at most %d bytes", MANIFEST_TEXT_MOST);
    if (sr_json_parse(&document, text, err) != SR_OK ||
        read_fields(&read, document, err) != SR_OK || manifest_print(&read, &again, err) != SR_OK)
        return sr_fail_in(err, "manifest");
    if (!sr_slice_equal_var(sr_buf_view(&again), text))
        return sr_fail(err, SR_E_INVALID, "manifest: not in its canonical form");
    *out = read;
    return SR_OK;
}

/* ---- judging --------------------------------------------------------------------------------- */

static sr_result check_members(const manifest *self, sr_err *err)
{
    size_t receivers = 0;
    for (size_t i = 0; i < self->member_count; i++)
    {
        const manifest_member *member = &self->members[i];
        if (model_name_check("member", member->name, err) != SR_OK)
            return SR_FAIL;
        if (manifest_position(self, member->name) != i)
            return sr_fail(err, SR_E_INVALID, "members: \"%s\" is there twice", member->name);
        if (member->cap == 0 || member->cap > MANIFEST_POINTS_MOST)
            return sr_fail(err, SR_E_INVALID, "members: the cap of \"%s\" is not from 1 to %llu",
                           member->name, (unsigned long long)MANIFEST_POINTS_MOST);
        if (member->cap < self->least_input)
            return sr_fail(err, SR_E_INVALID, "members: the cap of \"%s\" is below leastInput",
                           member->name);
        receivers += member->receives ? 1 : 0;
    }
    if (receivers == 0)
        return sr_fail(err, SR_E_INVALID, "members: nobody receives the result");
    return SR_OK;
}

sr_result manifest_check(const manifest *self, sr_err *err)
{
    if (!is_one_of(self->suite, suites, 2))
        return sr_fail(err, SR_E_INVALID, "suite: expected curve25519 or p256");
    if (!is_one_of(self->normaliser, normalisers, 3))
        return sr_fail(err, SR_E_INVALID, "normaliser: expected exact-v1, trim-v1 or email-v1");
    if (self->member_count < MANIFEST_MEMBERS_LEAST || self->member_count > MANIFEST_MEMBERS_MOST)
        return sr_fail(err, SR_E_INVALID, "members: expected %d to %d", MANIFEST_MEMBERS_LEAST,
                       MANIFEST_MEMBERS_MOST);
    if (self->minimum > MANIFEST_POINTS_MOST || self->minimum_complement > MANIFEST_POINTS_MOST ||
        self->least_input > MANIFEST_POINTS_MOST)
        return sr_fail(err, SR_E_INVALID, "minimum, minimumComplement, leastInput: too large");
    if (self->expires_s <= 0)
        return sr_fail(err, SR_E_INVALID, "expires: expected seconds since 1970");
    return check_members(self, err);
}

bool manifest_is_whole(const manifest *self)
{
    for (size_t i = 0; i < self->member_count; i++)
        if (!self->members[i].confirmed)
            return false;
    return true;
}

void manifest_terms(manifest *out, const manifest *self)
{
    *out = *self;
    for (size_t i = 0; i < out->member_count; i++)
    {
        manifest_member *member = &out->members[i];
        member->confirmed = false;
        memset(member->certificate, 0, sizeof member->certificate);
        memset(member->nonce, 0, sizeof member->nonce);
    }
}

size_t manifest_position(const manifest *self, const char *member)
{
    for (size_t i = 0; i < self->member_count; i++)
        if (strcmp(self->members[i].name, member) == 0)
            return i;
    return self->member_count;
}

bool manifest_has_segments(const manifest *self)
{
    for (size_t i = 0; i < self->member_count; i++)
        if (self->members[i].segments > 0)
            return true;
    return false;
}

size_t manifest_cells(const manifest *self)
{
    size_t places = 1;
    for (size_t i = 0; i < self->member_count; i++)
    {
        uint32_t segments = self->members[i].segments;
        places *= segments == 0 ? 2 : segments + 1;
        if (places - 1 > MANIFEST_CELLS_PROVEN)
            return MANIFEST_CELLS_PROVEN + 1;
    }
    return places - 1;
}

bool manifest_tells_segments(const manifest *self)
{
    return self->member_count <= MANIFEST_MEMBERS_PROVEN &&
           manifest_cells(self) <= MANIFEST_CELLS_PROVEN;
}

uint64_t manifest_bucket(uint64_t count)
{
    static const uint64_t steps[] = {1, 2, 5};
    for (uint64_t power = BUCKET_LEAST;; power *= 10)
        for (size_t i = 0; i < 3; i++)
            if (steps[i] * power >= count || power > MANIFEST_POINTS_MOST)
                return steps[i] * power;
}

/* ---- printing -------------------------------------------------------------------------------- */

static sr_json *print_member(const manifest_member *member)
{
    char nonce[2 * MANIFEST_NONCE_SIZE + 1] = "";
    sr_json *out = sr_json_object_new();
    if (member->confirmed)
        sr_hex_encode(nonce, sr_slice_of(member->nonce, sizeof member->nonce));
    sr_json_set_int(out, "cap", (int64_t)member->cap);
    sr_json_set_text(out, "certificate", member->certificate);
    sr_json_set_text(out, "name", member->name);
    sr_json_set_text(out, "nonce", nonce);
    sr_json_set_bool(out, "receives", member->receives);
    sr_json_set_int(out, "segments", member->segments);
    return out;
}

static void print_uuid(sr_json *out, const char *key, const sr_uuid *uuid)
{
    sr_uuid_text text = sr_uuid_print(uuid);
    sr_json_set_text(out, key, text.text);
}

sr_result manifest_print(const manifest *self, sr_buf *out, sr_err *err)
{
    SR_JSON(document);
    document = sr_json_object_new();
    sr_json *members = sr_json_array_new();
    for (size_t i = 0; i < self->member_count; i++)
        sr_json_add_take(members, print_member(&self->members[i]));
    print_uuid(document, "collaboration", &self->collaboration);
    sr_json_set_int(document, "expires", self->expires_s);
    sr_json_set_int(document, "leastInput", (int64_t)self->least_input);
    sr_json_set_take(document, "members", members);
    sr_json_set_int(document, "minimum", (int64_t)self->minimum);
    sr_json_set_int(document, "minimumComplement", (int64_t)self->minimum_complement);
    sr_json_set_text(document, "normaliser", self->normaliser);
    sr_json_set_text(document, "padding", self->padded ? "buckets" : "none");
    print_uuid(document, "session", &self->session);
    sr_json_set_text(document, "suite", self->suite);
    sr_json_set_int(document, "version", MANIFEST_VERSION);
    return sr_json_write_canonical(document, out, err);
}
