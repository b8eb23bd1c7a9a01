/*
 * lists.h: the points of an overlap session on disk.
 *
 *     <data folder>/overlap/<session>/<name of the part>      points, one after the other, ascending
 *
 * A part has another name for each turn (overlap_part.name), so no file is ever written twice. A list is written
 * under a temporary name and has its name only when it is whole and on disk. Whoever writes learns at once of a
 * point out of order: equal or descending is refused, so a list has no repeats and its order says nothing.
 * Decoding is judged by crypto/group, batch by batch.
 *
 * Files of a session go when it ends; what a call that was under way still wrote is found by overlap_lists_sweep, and
 * what a killed server left by overlap_lists_settle (keeper.h). The catalog says which sessions and files those are.
 */
#ifndef SEALROOM_SERVER_OVERLAP_LISTS_H
#define SEALROOM_SERVER_OVERLAP_LISTS_H

#include "base/file.h"
#include "crypto/digest.h"
#include "crypto/group/group.h"
#include "sessions.h"
#include "work.h"

/* The folder of all sessions, made when it is not there (mode 0700). `data_folder` is copied. */
typedef struct overlap_lists overlap_lists;

sr_result overlap_lists_new(overlap_lists **out, const char *data_folder, sr_err *err) SR_MUST_USE;
void overlap_lists_free(overlap_lists *lists); /* accepts NULL */

/* Where a part lies; owned (sr_free). The session's folder is made when `make`. */
sr_result overlap_lists_path(char **out, const overlap_lists *lists, const char *session,
                             const char *name, bool make, sr_err *err) SR_MUST_USE;
/* After a failure to open or rename a list's file: one that is not there was removed because the session has ended
 * meanwhile, so SR_E_STATE, without the path. Always SR_FAIL. */
sr_result overlap_lists_gone(sr_err *err);
/* Scratch space for matching and sorting. */
const char *overlap_lists_folder(const overlap_lists *lists);

/* Removes what is there of a session that has ended. A failure is swallowed: overlap_lists_sweep tries again. */
void overlap_lists_forget(const overlap_lists *lists, const char *session);
/* The same for all sessions that are not alive any more. */
void overlap_lists_sweep(const overlap_lists *lists, catalog *catalog);
/* Removes files that no part of their session names: what calls were writing when the server was killed. Only at the
 * start, when no call writes. Failures are swallowed. */
void overlap_lists_settle(const overlap_lists *lists, catalog *catalog);
/* Removes one file; not being there is no failure. */
void overlap_lists_drop(const overlap_lists *lists, const char *session, const char *name);

/* ---- a list that comes in -------------------------------------------------------------------- */

typedef struct
{
    sr_out *out;
    group_suite suite;
    uint64_t most; /* points */
    uint64_t points;
    uint8_t last[GROUP_POINT_SIZE_MAX];
    digest sum;
} overlap_writer;

/* Over the limit is SR_E_LIMIT at the batch that passes it. */
sr_result overlap_writer_open(overlap_writer *out, const char *path, group_suite suite,
                              uint64_t most, sr_err *err) SR_MUST_USE;
/* SR_E_FORMAT: not whole points, out of order, a repeat, or no point of the group. Names the position. */
sr_result overlap_writer_add(overlap_writer *writer, sr_slice points, sr_err *err) SR_MUST_USE;
/* Durable, and under its name, when it returns. */
sr_result overlap_writer_commit(overlap_writer *writer, uint8_t digest[OVERLAP_DIGEST_SIZE],
                                sr_err *err) SR_MUST_USE;
void overlap_writer_clear(overlap_writer *writer);

/* ---- the server's own multiplications -------------------------------------------------------- */

typedef struct
{
    const group_scalar *scalar;
    const overlap_job *job; /* a list longer than its memory goes through a scratch file */
} overlap_factor;

/* Multiplies every point of `from` and writes the products in ascending order to `to`. SR_E_INVALID: two products are
 * equal; SR_E_CANCELLED: nobody waits for it any more. */
sr_result overlap_list_multiply(const overlap_lists *lists, const char *from, const char *to,
                                const overlap_factor *by, uint64_t count,
                                uint8_t digest[OVERLAP_DIGEST_SIZE], sr_err *err) SR_MUST_USE;

#endif
