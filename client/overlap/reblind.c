#include "reblind.h"

#include <string.h>

#include "base/sort.h"
#include "crypto/psi_list.h"

enum
{
    PIECE_POINTS = 128 * 1024,
};

/* A list in a file, piece by piece. */
typedef struct
{
    int fd;
    uint64_t count;
    size_t size;
    uint64_t next;
    uint8_t *points; /* PIECE_POINTS at most */
    uint64_t held;
} pieces;

static pieces pieces_of(int fd, uint64_t count, group_suite suite)
{
    size_t size = group_point_size(suite);
    uint64_t most = count < PIECE_POINTS ? count : PIECE_POINTS;
    return (pieces){.fd = fd, .count = count, .size = size, .points = sr_array(most, size)};
}

static void pieces_clear(pieces *self)
{
    sr_free(self->points);
}

/* `held` 0 after the last. */
static sr_result take_piece(pieces *self, sr_err *err)
{
    uint64_t left = self->count - self->next;
    self->held = left < PIECE_POINTS ? left : PIECE_POINTS;
    if (sr_fd_read_at(self->fd, self->next * self->size, self->points, self->held * self->size,
                      err) != SR_OK)
        return SR_FAIL;
    self->next += self->held;
    return SR_OK;
}

/* ---- judging --------------------------------------------------------------------------------- */

sr_result reblind_judge(digest_value *sum, int fd, uint64_t count, group_suite suite, sr_err *err)
{
    pieces from SR_CLEANUP(pieces_clear) = pieces_of(fd, count, suite);
    uint8_t last[GROUP_POINT_SIZE_MAX];
    uint64_t before = 0;
    digest seen;
    digest_init(&seen);
    for (;;)
    {
        if (take_piece(&from, err) != SR_OK)
            return SR_FAIL;
        if (from.held == 0)
            break;
        if (psi_list_check(from.points, suite, from.held, before == 0 ? NULL : last, before, err) !=
            SR_OK)
            return SR_FAIL;
        digest_add(&seen, sr_slice_of(from.points, from.held * from.size));
        sr_copy(last, from.points + (from.held - 1) * from.size, from.size);
        before += from.held;
    }
    digest_finish(sum, &seen);
    return SR_OK;
}

/* ---- multiplying ----------------------------------------------------------------------------- */

static sr_result multiply(sr_sorter *products, pieces *from, const reblind_config *config,
                          sr_err *err)
{
    for (;;)
    {
        uint64_t before = from->next;
        progress_show(config->progress, "re-blinding", before, before, from->count);
        if (take_piece(from, err) != SR_OK)
            return SR_FAIL;
        if (from->held == 0)
            return SR_OK;
        if (psi_list_mask(from->points, config->scalar, from->held, config->threads, err) != SR_OK)
            return sr_fail_in(err, "the server's list, after point %llu",
                              (unsigned long long)before);
        if (sr_sorter_add(products, from->points, from->held, err) != SR_OK)
            return SR_FAIL;
    }
}

/* `piece` has the room of PIECE_POINTS, or of all. */
static sr_result write_ascending(sr_out *out, bool *met, sr_sorter *products, pieces *piece,
                                 group_suite suite, sr_err *err)
{
    uint8_t last[GROUP_POINT_SIZE_MAX];
    uint64_t room = piece->count < PIECE_POINTS ? piece->count : PIECE_POINTS;
    uint64_t got = 0;
    for (uint64_t before = 0;; before += got)
    {
        if (sr_sorter_next(products, piece->points, room, &got, err) != SR_OK)
            return SR_FAIL;
        if (got == 0)
            return SR_OK;
        *met = psi_list_check(piece->points, suite, got, before == 0 ? NULL : last, before, err) !=
               SR_OK;
        if (*met)
        {
            sr_err_reset(err);
            return sr_fail(err, SR_E_INVALID, "points that were different came out equal");
        }
        if (sr_out_write(out, sr_slice_of(piece->points, got * piece->size), err) != SR_OK)
            return SR_FAIL;
        sr_copy(last, piece->points + (got - 1) * piece->size, piece->size);
    }
}

sr_result reblind_multiply(sr_out *out, bool *met, const reblind_config *config, int fd,
                           uint64_t count, sr_err *err)
{
    SR_SORTER(products);
    group_suite suite = config->scalar->suite;
    pieces from SR_CLEANUP(pieces_clear) = pieces_of(fd, count, suite);
    *met = false;
    products = sr_sorter_new(
        from.size, config->memory == 0 ? (uint64_t)REBLIND_MEMORY : config->memory, config->folder);
    if (multiply(products, &from, config, err) != SR_OK)
        return SR_FAIL;
    return write_ascending(out, met, products, &from, suite, err);
}
