#include "sealed_row_keys.h"

#include <assert.h>

typedef struct
{
    cell_nonce nonce;
    digest_value key;
} row_key;

struct sealed_row_keys
{
    digest root;
    row_key *rows;
    size_t count;
    size_t room;
};

void sealed_root_start(digest *out, const kdf_schedule *schedule)
{
    KDF_ROOT_KEY(root);
    kdf_derive_root(&root, schedule);
    digest_init(out);
    digest_add(out, sr_slice_of(root.bytes, sizeof root.bytes));
}

sealed_row_keys *sealed_row_keys_new(const kdf_schedule *schedule)
{
    sealed_row_keys *keys = sr_alloc(sizeof *keys);
    sealed_root_start(&keys->root, schedule);
    return keys;
}

static void drop_rows(sealed_row_keys *keys)
{
    if (keys->rows != NULL)
        sr_wipe(keys->rows, keys->room * sizeof *keys->rows);
    keys->count = 0;
}

static void make_room(sealed_row_keys *keys, size_t count)
{
    drop_rows(keys);
    if (count <= keys->room)
        return;
    sr_free(keys->rows);
    keys->rows = sr_array(count, sizeof *keys->rows);
    keys->room = count;
}

void sealed_row_keys_fill(sealed_row_keys *keys, const cell_nonce *nonces, size_t count)
{
    make_room(keys, count);
    for (size_t i = 0; i < count; i++)
    {
        keys->rows[i].nonce = nonces[i];
        digest_from(&keys->rows[i].key, &keys->root,
                    sr_slice_of(nonces[i].bytes, sizeof nonces[i].bytes));
    }
    keys->count = count;
}

const uint8_t *sealed_row_keys_at(const sealed_row_keys *keys, size_t index,
                                  const cell_nonce *nonce)
{
    assert(index < keys->count);
    const row_key *row = &keys->rows[index];
    assert(sr_slice_equal_var(sr_slice_of(row->nonce.bytes, CELL_NONCE_SIZE),
                              sr_slice_of(nonce->bytes, CELL_NONCE_SIZE)));
    (void)nonce;
    return row->key.bytes;
}

void sealed_row_keys_free(sealed_row_keys *keys)
{
    if (keys == NULL)
        return;
    drop_rows(keys);
    sr_free(keys->rows);
    sr_wipe(keys, sizeof *keys);
    sr_free(keys);
}

void sealed_row_keys_clear(sealed_row_keys **keys)
{
    sealed_row_keys_free(*keys);
    *keys = NULL;
}
