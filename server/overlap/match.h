/*
 * match.h: from lists that every member has multiplied to counts.
 *
 *     tag = first 16 bytes of SHA-256("SEALROOM-PSI-TAG-V1" || M || point)
 *
 * Equal items of different members have equal points by then, so equal tags. Tags are sorted, in memory or through an
 * unnamed scratch file (base/sort.h), whatever they are: a member that re-blinds can choose them, for M is public. Two
 * different points give one tag with probability n^2 / 2^129.
 *
 * Memory: the job's to sort in, of which points need MATCH_POINT_SIZE bytes each; beside it a counter for each combination of places (512 KiB
 * at most) and less than 1 MiB of buffers. When the tags are counted that memory is given back, and only then the
 * regions are listed: 24 bytes each, 1.5 MiB at most.
 *
 * Regions are counted over sets of tags. A tag that one member brings twice means that points which were
 * different came out equal: small-order components, so an attack or a broken client, the owner's or a re-blinder's; the
 * session must end (SR_E_INVALID).
 */
#ifndef SEALROOM_SERVER_OVERLAP_MATCH_H
#define SEALROOM_SERVER_OVERLAP_MATCH_H

#include "counts.h"
#include "crypto/digest.h"
#include "work.h"

enum
{
    MATCH_POINT_SIZE = 20, /* bytes that a point needs, in memory or in the scratch file */
};

/* One file of points to be matched. */
typedef struct
{
    const char *path;
    size_t member;     /* position */
    size_t label;      /* index among its labels */
    uint64_t points;   /* that the file must have */
    const char *owner; /* name of that member, for errors */
} match_part;

typedef struct
{
    const digest_value *manifest_hash;
    size_t point_size;
    const char *scratch;    /* folder */
    const overlap_job *job; /* its memory is to sort in; 4,096 points fit in any case */
} match_config;

/* Fills regions and shared of `counts`, whose member_count is set. SR_E_CORRUPT: a file is not as long as it
 * should be; SR_E_CANCELLED: nobody waits for it any more. */
sr_result match_parts(overlap_counts *counts, const match_config *config, const match_part *parts,
                      size_t count, sr_err *err) SR_MUST_USE;

#endif
