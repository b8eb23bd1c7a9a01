#include "lists.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/sort.h"
#include "crypto/psi_list.h"

enum
{
    PRIVATE_FOLDER = 0700,
};

struct overlap_lists
{
    char *folder;
};

sr_result overlap_lists_new(overlap_lists **out, const char *data_folder, sr_err *err)
{
    overlap_lists *made = sr_alloc(sizeof *made);
    made->folder = sr_path_join(data_folder, "overlap");
    *out = NULL;
    if (sr_folder_make(made->folder, PRIVATE_FOLDER, err) != SR_OK)
    {
        overlap_lists_free(made);
        return SR_FAIL;
    }
    *out = made;
    return SR_OK;
}

void overlap_lists_free(overlap_lists *lists)
{
    if (lists == NULL)
        return;
    sr_free(lists->folder);
    sr_free(lists);
}

const char *overlap_lists_folder(const overlap_lists *lists)
{
    return lists->folder;
}

sr_result overlap_lists_path(char **out, const overlap_lists *lists, const char *session,
                             const char *name, bool make, sr_err *err)
{
    SR_TEXT(folder);
    folder = sr_path_join(lists->folder, session);
    if (make && (sr_folder_make(folder, PRIVATE_FOLDER, err) != SR_OK ||
                 sr_path_sync(lists->folder, err) != SR_OK))
        return SR_FAIL;
    *out = sr_path_join(folder, name);
    return SR_OK;
}

sr_result overlap_lists_gone(sr_err *err)
{
    if (err->code != SR_E_NOT_FOUND)
        return SR_FAIL;
    sr_err_reset(err);
    return sr_fail(err, SR_E_STATE, "the overlap session is over: its lists are gone");
}

void overlap_lists_drop(const overlap_lists *lists, const char *session, const char *name)
{
    SR_TEXT(path);
    sr_err ignored = SR_ERR_INIT;
    if (name[0] != '\0' &&
        overlap_lists_path(&path, lists, session, name, false, &ignored) == SR_OK)
        (void)unlink(path);
}

void overlap_lists_forget(const overlap_lists *lists, const char *session)
{
    SR_TEXT(path);
    sr_err ignored = SR_ERR_INIT;
    path = sr_path_join(lists->folder, session);
    if (sr_folder_remove(path, &ignored) != SR_OK)
        sr_err_reset(&ignored);
}

/* ---- what is over ---------------------------------------------------------------------------- */

static void sweep_one(const overlap_lists *lists, catalog *rooms, const char *session)
{
    bool alive = true;
    sr_err ignored = SR_ERR_INIT;
    if (overlap_is_alive(&alive, rooms, session, &ignored) != SR_OK)
        sr_err_reset(&ignored);
    else if (!alive)
        overlap_lists_forget(lists, session);
}

typedef void about_session(const overlap_lists *lists, catalog *rooms, const char *session);

static void for_each_session(const overlap_lists *lists, catalog *rooms, about_session *about)
{
    DIR *folder = opendir(lists->folder);
    if (folder == NULL)
        return;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
        if (strlen(entry->d_name) == SR_UUID_TEXT_SIZE - 1)
            about(lists, rooms, entry->d_name);
    (void)closedir(folder);
}

void overlap_lists_sweep(const overlap_lists *lists, catalog *rooms)
{
    for_each_session(lists, rooms, sweep_one);
}

static void drop_if_unnamed(const overlap_lists *lists, catalog *rooms, const char *session,
                            const char *name)
{
    bool named = true;
    sr_err ignored = SR_ERR_INIT;
    if (overlap_is_named(&named, rooms, session, name, &ignored) != SR_OK)
        sr_err_reset(&ignored);
    else if (!named)
        overlap_lists_drop(lists, session, name);
}

static void drop_unnamed(const overlap_lists *lists, catalog *rooms, const char *session)
{
    SR_TEXT(path);
    path = sr_path_join(lists->folder, session);
    DIR *folder = opendir(path);
    if (folder == NULL)
        return;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            drop_if_unnamed(lists, rooms, session, entry->d_name);
    (void)closedir(folder);
}

void overlap_lists_settle(const overlap_lists *lists, catalog *rooms)
{
    for_each_session(lists, rooms, drop_unnamed);
}

/* ---- a list that comes in -------------------------------------------------------------------- */

sr_result overlap_writer_open(overlap_writer *out, const char *path, group_suite suite,
                              uint64_t most, sr_err *err)
{
    *out = (overlap_writer){.suite = suite, .most = most};
    digest_init(&out->sum);
    return sr_out_open(&out->out, path, true, err) == SR_OK ? SR_OK : overlap_lists_gone(err);
}

sr_result overlap_writer_add(overlap_writer *self, sr_slice points, sr_err *err)
{
    size_t size = group_point_size(self->suite);
    size_t count = points.len / size;
    if (points.len == 0 || points.len % size != 0)
        return sr_fail(err, SR_E_FORMAT, "not a whole number of points");
    if (self->points + count > self->most)
        return sr_fail(err, SR_E_LIMIT, "more points than were agreed on: %llu",
                       (unsigned long long)self->most);
    const uint8_t *last = self->points == 0 ? NULL : self->last;
    if (psi_list_check(points.data, self->suite, count, last, self->points, err) != SR_OK)
        return SR_FAIL;
    if (group_check(self->suite, points.data, count, err) != SR_OK)
        return sr_fail_in(err, "after point %llu", (unsigned long long)self->points);
    sr_copy(self->last, points.data + (count - 1) * size, size);
    self->points += count;
    digest_add(&self->sum, points);
    return sr_out_write(self->out, points, err);
}

sr_result overlap_writer_commit(overlap_writer *self, uint8_t out[OVERLAP_DIGEST_SIZE], sr_err *err)
{
    digest_value sum;
    digest_finish(&sum, &self->sum);
    sr_copy(out, sum.bytes, OVERLAP_DIGEST_SIZE);
    return sr_out_commit(self->out, err) == SR_OK ? SR_OK : overlap_lists_gone(err);
}

void overlap_writer_clear(overlap_writer *self)
{
    sr_out_clear(&self->out);
}

/* ---- multiplying ----------------------------------------------------------------------------- */

enum
{
    PIECE_POINTS = 65536, /* that are read, multiplied or written at once */
};

typedef struct
{
    const group_scalar *scalar;
    size_t size;
    const overlap_job *job;
    uint8_t *piece; /* PIECE_POINTS */
    sr_sorter *products;
} multiplying;

static void multiplying_clear(multiplying *self)
{
    sr_free(self->piece);
    sr_sorter_free(self->products);
}

static sr_result fail_damaged(sr_err *err)
{
    return sr_fail(err, SR_E_CORRUPT, "a stored list of an overlap session is damaged");
}

/* Every point was judged when it came in. */
static sr_result multiply_piece(multiplying *self, size_t bytes, sr_err *err)
{
    sr_err torn = SR_ERR_INIT;
    uint64_t count = bytes / self->size;
    if (overlap_job_check(self->job, err) != SR_OK)
        return SR_FAIL;
    if (bytes % self->size != 0 || psi_list_mask(self->piece, self->scalar, count,
                                                 overlap_job_threads(self->job), &torn) != SR_OK)
        return fail_damaged(err);
    return sr_sorter_add(self->products, self->piece, count, err);
}

static sr_result multiply_all(multiplying *self, const char *path, uint64_t count, sr_err *err)
{
    SR_IN(in);
    uint64_t points = 0;
    if (sr_in_open(&in, path, err) != SR_OK)
        return overlap_lists_gone(err);
    for (size_t got = 1; got > 0; points += got / self->size)
        if (sr_in_read(in, self->piece, PIECE_POINTS * self->size, &got, err) != SR_OK ||
            multiply_piece(self, got, err) != SR_OK)
            return SR_FAIL;
    return points == count ? SR_OK : fail_damaged(err);
}

static sr_result write_piece(multiplying *self, sr_out *out, digest *sum, uint64_t count,
                             const uint8_t *last, sr_err *err)
{
    sr_err torn = SR_ERR_INIT;
    sr_slice points = sr_slice_of(self->piece, count * self->size);
    if (psi_list_check(points.data, self->scalar->suite, count, last, 0, &torn) != SR_OK)
        return sr_fail(err, SR_E_INVALID,
                       "points of one list that were different came out equal: the list was not "
                       "made as the protocol says");
    digest_add(sum, points);
    return sr_out_write(out, points, err);
}

static sr_result write_all(multiplying *self, const char *path, digest_value *value, sr_err *err)
{
    SR_OUT(out);
    digest sum;
    uint8_t last[GROUP_POINT_SIZE_MAX];
    uint64_t written = 0;
    digest_init(&sum);
    if (sr_out_open(&out, path, true, err) != SR_OK)
        return overlap_lists_gone(err);
    for (;;)
    {
        uint64_t got = 0;
        if (sr_sorter_next(self->products, self->piece, PIECE_POINTS, &got, err) != SR_OK)
            return SR_FAIL;
        if (got == 0)
            break;
        if (write_piece(self, out, &sum, got, written == 0 ? NULL : last, err) != SR_OK)
            return SR_FAIL;
        sr_copy(last, self->piece + (got - 1) * self->size, self->size);
        written += got;
    }
    digest_finish(value, &sum);
    return sr_out_commit(out, err) == SR_OK ? SR_OK : overlap_lists_gone(err);
}

sr_result overlap_list_multiply(const overlap_lists *lists, const char *from, const char *to,
                                const overlap_factor *by, uint64_t count,
                                uint8_t out[OVERLAP_DIGEST_SIZE], sr_err *err)
{
    size_t size = group_point_size(by->scalar->suite);
    digest_value sum;
    multiplying self SR_CLEANUP(multiplying_clear) = {
        .scalar = by->scalar,
        .size = size,
        .job = by->job,
        .piece = sr_array(PIECE_POINTS, size),
        .products = sr_sorter_new(size, overlap_job_memory(by->job), lists->folder),
    };
    if (multiply_all(&self, from, count, err) != SR_OK || write_all(&self, to, &sum, err) != SR_OK)
        return SR_FAIL;
    sr_copy(out, sum.bytes, sizeof sum.bytes);
    return SR_OK;
}
