/* A folder for an overlap session's files, and a session's scalar, domain and key. */
#ifndef SEALROOM_TESTS_OVERLAP_PLACE_H
#define SEALROOM_TESTS_OVERLAP_PLACE_H

#include <stdlib.h>

#include "base/file.h"
#include "check.h"
#include "client/overlap/items.h"

typedef struct
{
    char folder[64];
    char *input;
    char *list;
    group_scalar scalar;
    group_domain domain;
    checkpoint_key key;
} place;

static inline void place_init(place *at)
{
    sr_err err = SR_ERR_INIT;
    const uint8_t secret[CHECKPOINT_SECRET_SIZE] = {1};
    const uint8_t share[CHECKPOINT_SHARE_SIZE] = {2};
    const digest_value hash = digest_of(sr_slice_text("manifest"));
    *at = (place){.folder = "/tmp/overlap-test-XXXXXX"};
    check(mkdtemp(at->folder) != NULL);
    at->input = sr_path_join(at->folder, "ids.csv");
    at->list = sr_path_join(at->folder, "list");
    group_scalar_random(&at->scalar, GROUP_CURVE25519);
    check_ok(group_domain_init(&at->domain, GROUP_CURVE25519, sr_slice_text("a test"), &err), &err);
    checkpoint_key_make(&at->key, secret, share, &hash);
}

static inline void place_clear(place *at)
{
    sr_err err = SR_ERR_INIT;
    check_ok(sr_folder_remove(at->folder, &err), &err);
    sr_free(at->input);
    sr_free(at->list);
    group_scalar_clear(&at->scalar);
    checkpoint_key_clear(&at->key);
}

#define PLACE(name)                                                                                \
    place name SR_CLEANUP(place_clear);                                                            \
    place_init(&name)

static inline void write_text(const char *path, const char *text)
{
    sr_err err = SR_ERR_INIT;
    check_ok(sr_file_write(path, sr_slice_text(text), 0600, true, &err), &err);
}

static inline rows_config rows_of(const place *at, bool segmented)
{
    return (rows_config){.input = at->input,
                         .id_column = "id",
                         .segment_column = segmented ? "segment" : NULL,
                         .normaliser = NORMALISE_EMAIL,
                         .key = &at->key,
                         .segments_most = segmented ? 3 : 1,
                         .stage = "reading"};
}

#endif
