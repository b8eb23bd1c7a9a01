#include "random.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/text.h"
#include "door_gcrypt.h"

enum
{
    BLOCK_SIZE = 4096,
    KEY_SIZE = DOOR_AES_KEY_SIZE,
    BLOCKS_PER_KERNEL_KEY = 1024,
};

/* In a page of its own, which the kernel empties in a forked child: then `ready` is false. */
typedef struct
{
    bool ready;
    pid_t owner;
    unsigned blocks;
    size_t used;
    uint8_t bytes[BLOCK_SIZE];
} random_state;

struct random_source
{
    random_state *state;
    door_cipher *stream; /* holds the key of the next block */
    bool watch_fork;     /* the kernel does not empty the page: look at the process id instead */
};

sr_result random_source_new(random_source **out, sr_err *err)
{
    RANDOM_SOURCE(source);
    *out = NULL;
    source = sr_alloc(sizeof *source);
    void *page = mmap(NULL, sizeof(random_state), PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return sr_fail(err, SR_E_FULL, "no memory for the random generator");
    source->state = page;
    source->watch_fork = madvise(page, sizeof(random_state), MADV_WIPEONFORK) != 0;
    (void)madvise(page, sizeof(random_state), MADV_DONTDUMP);
    if (door_stream_new(&source->stream, err) != SR_OK)
        return SR_FAIL;
    *out = source;
    source = NULL;
    return SR_OK;
}

/* A key of the kernel, mixed with `key` (which may be zeros) so that neither spoils the other. */
static void mix_in_kernel_key(uint8_t key[KEY_SIZE])
{
    uint8_t fresh[KEY_SIZE];
    sr_random_bytes(fresh, sizeof fresh);
    for (size_t i = 0; i < KEY_SIZE; i++)
        key[i] ^= fresh[i];
    sr_wipe(fresh, sizeof fresh);
}

static bool start(random_source *source)
{
    sr_err err;
    uint8_t key[KEY_SIZE] = {0};
    mix_in_kernel_key(key);
    bool started = door_cipher_set_key(source->stream, key, &err) == SR_OK;
    sr_wipe(key, sizeof key);
    source->state->owner = getpid();
    source->state->blocks = 0;
    source->state->used = BLOCK_SIZE;
    source->state->ready = started;
    return started;
}

/* Makes a block and at once replaces the key that made it by the block's first bytes. */
static bool next_block(random_source *source)
{
    sr_err err;
    random_state *state = source->state;
    if (door_stream_fill(source->stream, state->bytes, BLOCK_SIZE, &err) != SR_OK)
        return false;
    state->blocks++;
    if (state->blocks % BLOCKS_PER_KERNEL_KEY == 0)
        mix_in_kernel_key(state->bytes);
    bool replaced = door_cipher_set_key(source->stream, state->bytes, &err) == SR_OK;
    sr_wipe(state->bytes, KEY_SIZE);
    state->used = KEY_SIZE;
    return replaced;
}

static bool is_ready(const random_source *source)
{
    const random_state *state = source->state;
    return state->ready && !(source->watch_fork && state->owner != getpid());
}

/* Hands out bytes of the block and overwrites them there. */
static size_t take(random_state *state, uint8_t *out, size_t len)
{
    size_t left = BLOCK_SIZE - state->used;
    size_t part = len < left ? len : left;
    sr_copy(out, state->bytes + state->used, part);
    sr_wipe(state->bytes + state->used, part);
    state->used += part;
    return part;
}

void random_source_fill(random_source *source, void *out, size_t len)
{
    uint8_t *at = out;
    bool works = is_ready(source) || start(source);
    while (works && len > 0)
    {
        works = source->state->used < BLOCK_SIZE || next_block(source);
        size_t part = works ? take(source->state, at, len) : 0;
        at += part;
        len -= part;
    }
    if (len > 0) /* the cipher failed: the kernel does not */
        sr_random_bytes(at, len);
}

void random_source_nonces(random_source *source, cell_nonce *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        random_source_fill(source, out[i].bytes, sizeof out[i].bytes);
}

void random_source_free(random_source *source)
{
    if (source == NULL)
        return;
    door_cipher_free(source->stream);
    if (source->state != NULL)
    {
        sr_wipe(source->state, sizeof *source->state);
        munmap(source->state, sizeof *source->state);
    }
    sr_free(source);
}

void random_source_clear(random_source **source)
{
    random_source_free(*source);
    *source = NULL;
}
