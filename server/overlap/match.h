/*
 * match.h: from lists that every member has multiplied to counts.
 *
 *     tag = first 16 bytes of SHA-256("SEALROOM-PSI-TAG-V1" || M || point)
 *
 * Equal items of different members have equal points by then, so equal tags. Tags are sorted into buckets on disk
 * by their first bits, and each bucket is sorted and counted by itself. There are as many buckets, up to 256, as let
 * one fit into half of `memory`: enough for six points a byte of it. Their buffers take 20 KiB each beside that.
 * Scratch files are unnamed. Two different points give one tag with probability n^2 / 2^129.
 *
 * Regions are counted over sets of tags. A tag that one member brings twice means that points which were
 * different came out equal: small-order components, so an attack or a broken client; the session must end
 * (SR_E_INVALID).
 */
#ifndef SEALROOM_SERVER_OVERLAP_MATCH_H
#define SEALROOM_SERVER_OVERLAP_MATCH_H

#include "counts.h"
#include "crypto/digest.h"

enum
{
    MATCH_MEMORY_LEAST = 1024 * 1024,
};

/* One file of points to be matched. */
typedef struct
{
    const char *path;
    size_t member;   /* position */
    size_t label;    /* index among its labels */
    uint64_t points; /* that the file must have */
} match_part;

typedef struct
{
    const digest_value *manifest_hash;
    size_t point_size;
    const char *scratch; /* folder */
    uint64_t memory;     /* bytes to use, MATCH_MEMORY_LEAST at least */
} match_config;

/* Fills regions of `counts`, whose members are set. SR_E_CORRUPT: a file is not as long as it should be. */
sr_result match_parts(overlap_counts *counts, const match_config *config, const match_part *parts,
                      size_t count, sr_err *err) SR_MUST_USE;

#endif
