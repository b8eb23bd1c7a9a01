/*
 * overlap.h: the client's side of OverlapService (proto/sealroom/v1/overlap.proto). Lists go from and into files, a
 * message at a time, so none is ever in memory; what comes from the server is judged here for its shape alone, its
 * points and signatures by overlap/reblind.h and join.c.
 */
#ifndef SEALROOM_CLIENT_LINK_OVERLAP_H
#define SEALROOM_CLIENT_LINK_OVERLAP_H

#include "crypto/digest.h"
#include "crypto/signature.h"
#include "link.h"
#include "model/manifest.h"

enum
{
    LINK_OVERLAP_STEP_SIZE = 16,
    LINK_OVERLAP_SHARE_SIZE = 32,
};

/* What a member must do next. Plain memory. */
typedef struct
{
    char member[MODEL_NAME_SIZE];
    char step[LINK_OVERLAP_STEP_SIZE]; /* "confirm", "contribute", "reblind" */
    char part[SR_UUID_TEXT_SIZE];      /* of an own "reblind" */
    uint64_t points;
} link_overlap_due;

typedef struct
{
    char session[SR_UUID_TEXT_SIZE];
    char *collaboration; /* name */
    char *state; /* "open", "running", "complete", "released", "cancelled", "expired", "failed" */
    char *opened_by;
    char *reason;
    int64_t opened_us;
    manifest manifest;
    digest_value manifest_hash; /* of its canonical text */
    link_overlap_due *due;
    size_t due_count;
    link_overlap_due *waiting; /* what the others must do */
    size_t waiting_count;
    uint8_t share[LINK_OVERLAP_SHARE_SIZE];
    bool has_share;
    uint32_t parts;
    uint32_t parts_done;
} link_overlap;

void link_overlap_clear(link_overlap *session);
#define LINK_OVERLAP(name) link_overlap name SR_CLEANUP(link_overlap_clear) = {.state = NULL}

typedef struct
{
    link_overlap *items; /* newest first */
    size_t count;
    bool more; /* there may be older ones */
} link_overlaps;

void link_overlaps_clear(link_overlaps *list);

/* The server gives the session its id and puts the collaboration's into the terms. */
sr_result link_overlap_open(link_overlap *out, link_session *link, const char *collaboration,
                            const manifest *terms, sr_err *err) SR_MUST_USE;
sr_result link_overlap_confirm(link_overlap *out, link_session *link, const char *session,
                               const digest_value *terms_hash,
                               const uint8_t nonce[MANIFEST_NONCE_SIZE],
                               const signature_value *signature, sr_err *err) SR_MUST_USE;
sr_result link_overlap_get(link_overlap *out, link_session *link, const char *session,
                           sr_err *err) SR_MUST_USE;
sr_result link_overlap_cancel(link_overlap *out, link_session *link, const char *session,
                              sr_err *err) SR_MUST_USE;
sr_result link_overlap_list(link_overlaps *out, link_session *link, const char *collaboration,
                            sr_err *err) SR_MUST_USE;
/* `*report`: JSON, owned (sr_free); "" when this member does not receive it. Matching takes as long as
 * LINK_STREAM_MS. */
sr_result link_overlap_release(link_overlap *out, char **report, link_session *link,
                               const char *session, sr_err *err) SR_MUST_USE;

/* ---- lists ----------------------------------------------------------------------------------- */

/* Points one after another in an open file. Borrowed. */
typedef struct
{
    int fd;
    uint64_t offset; /* bytes */
    uint64_t count;
} link_overlap_points;

/* A part of an own list, ascending. Borrowed. */
typedef struct
{
    const char *label;
    uint64_t items;
    link_overlap_points points;
    digest_value digest; /* of the points */
    signature_value signature;
} link_overlap_part;

/* Told of points that went or came; may be NULL. */
typedef void (*link_overlap_progress)(void *context, uint64_t points);

typedef struct
{
    const char *session;
    const digest_value *manifest_hash;
    size_t point_size;
    link_overlap_progress progress;
    void *progress_context;
} link_overlap_way;

/* SR_E_CORRUPT when a part's points are not those of its digest any more. */
sr_result link_overlap_contribute(link_session *link, const link_overlap_way *way,
                                  const link_overlap_part *parts, size_t count,
                                  sr_err *err) SR_MUST_USE;

/* A part that is to be re-blinded, but for its points. */
typedef struct
{
    uint64_t count;
    digest_value digest;       /* as the server says; of the points as they came: compare */
    signature_value signature; /* len 0 with more than two members */
    char *certificate;         /* PEM of whoever signed */
} link_overlap_fetched;

void link_overlap_fetched_clear(link_overlap_fetched *fetched);

/* Writes the points to the file `into`, from its beginning. SR_E_LIMIT, with nothing written, when there are more than
 * `most`. */
sr_result link_overlap_fetch(link_overlap_fetched *out, link_session *link,
                             const link_overlap_way *way, const char *part, uint64_t most, int into,
                             sr_err *err) SR_MUST_USE;
sr_result link_overlap_return(link_session *link, const link_overlap_way *way, const char *part,
                              const link_overlap_points *points, sr_err *err) SR_MUST_USE;

/* ---- stored tables --------------------------------------------------------------------------- */

/* All borrowed. */
typedef struct
{
    const char *const *tables; /* names */
    size_t table_count;
    const char *column; /* NULL: the server finds it */
    const char *where;  /* NULL: none */
} link_count_request;

typedef struct
{
    char *query_id;
    bool held_back;    /* under a minimum, or none */
    uint64_t subjects; /* 0 unless released */
    char *column;
    char *sql; /* what was run */
    char *notice;
    room_table_version *tables;
    size_t table_count;
    bool results_withheld; /* this member may not receive results: there is no answer */
    bool from_memory;      /* the server did not compute it again */
} link_count;

void link_count_clear(link_count *count);
#define LINK_COUNT(name) link_count name SR_CLEANUP(link_count_clear) = {.query_id = NULL}

/* How many subjects the tables have in common. Refusals as link_query_run. */
sr_result link_overlap_count(link_count *out, link_session *link, const char *collaboration,
                             const link_count_request *asked, sr_err *err) SR_MUST_USE;

#endif
