/*
 * sessions.h: overlap sessions as the catalog keeps them: manifest, state, who has done what, and the parts
 * of the lists on their way round the ring (proto/sealroom/v1/overlap.proto). The points themselves lie in
 * files (lists.h).
 *
 *     OPEN        members confirm the terms
 *     RUNNING     all have confirmed: the manifest is whole; lists come in and go round
 *     COMPLETE    every part of every member is back
 *     RELEASED    matched and decided; the report is kept, lists, scalars and shares are gone
 *     CANCELLED, EXPIRED, FAILED   ended before; nothing is kept but the record
 *
 * What a member may see is only what it takes part in: any other session is SR_E_NOT_FOUND, in the same words
 * as one that does not exist. Every change is one transaction; each but the return of a part has its audit record,
 * filed for all members of the session. Threads and errors as catalog.h says.
 *
 * Secrets at rest: the server's transport scalars and the members' checkpoint shares, until the session ends;
 * SQLite overwrites what is deleted (secure_delete), and its write-ahead log is cut then.
 */
#ifndef SEALROOM_SERVER_OVERLAP_SESSIONS_H
#define SEALROOM_SERVER_OVERLAP_SESSIONS_H

#include "model/manifest.h"
#include "server/catalog/catalog.h"

enum
{
    OVERLAP_DIGEST_SIZE = 32,
    OVERLAP_SHARE_SIZE = 32,
    OVERLAP_SCALAR_SIZE = 32,
    OVERLAP_SIGNATURE_MOST = 1024, /* RSA of 8,192 bits */
    OVERLAP_LABEL_SIZE = 64,       /* bytes of a segment's label with its NUL */
    OVERLAP_PARTS_MOST = MANIFEST_MEMBERS_MOST * MANIFEST_SEGMENTS_MOST,
};

typedef enum
{
    OVERLAP_OPEN,
    OVERLAP_RUNNING,
    OVERLAP_COMPLETE,
    OVERLAP_RELEASED,
    OVERLAP_CANCELLED,
    OVERLAP_EXPIRED,
    OVERLAP_FAILED,
    OVERLAP_STATE_COUNT_,
} overlap_state;

const char *overlap_state_name(overlap_state state); /* "open", "running", … */

/* One part of a member's list. Copies are wiped by who makes them (overlap_part_clear). */
typedef struct
{
    uint64_t number; /* in its session, from 1 */
    size_t owner;    /* position of the member whose items it holds */
    size_t hops; /* members that have multiplied it since: its turn is owner + hops + 1, modulo */
    char label[OVERLAP_LABEL_SIZE];
    uint64_t items;                      /* true ones */
    uint64_t points;                     /* with dummies */
    char name[SR_UUID_TEXT_SIZE];        /* of this turn: what its member calls it, and its file */
    uint8_t digest[OVERLAP_DIGEST_SIZE]; /* SHA-256 of its points as they lie now */
    uint8_t signature[OVERLAP_SIGNATURE_MOST]; /* of its owner */
    size_t signature_len;
    uint8_t
        transport[OVERLAP_SCALAR_SIZE]; /* takes the server's scalars off; zero with two members */
    char
        last_name[SR_UUID_TEXT_SIZE]; /* of the turn before, with what was returned then: a retry */
    uint8_t last_digest[OVERLAP_DIGEST_SIZE];
} overlap_part;

void overlap_part_clear(overlap_part *part); /* wipes the server's scalars */

typedef struct
{
    char *certificate; /* PEM, once confirmed */
    bool contributed;
    uint8_t digest[OVERLAP_DIGEST_SIZE]; /* of its contribution */
    uint8_t share[OVERLAP_SHARE_SIZE];   /* of its checkpoint, while RUNNING or COMPLETE */
} overlap_member;

typedef struct
{
    manifest manifest;
    overlap_state state;
    char opened_by[MODEL_NAME_SIZE];
    int64_t opened_us;
    char *reason;                                  /* "" unless CANCELLED or FAILED */
    char *report;                                  /* JSON once RELEASED, else "" */
    overlap_member members[MANIFEST_MEMBERS_MOST]; /* in the manifest's order */
    overlap_part *parts;                           /* by number; none once ended */
    size_t part_count;
} overlap_session;

void overlap_session_clear(overlap_session *session);
#define OVERLAP_SESSION(name)                                                                      \
    overlap_session name SR_CLEANUP(overlap_session_clear) = {.part_count = 0}

/* Position of the member whose turn a part is; member_count when it is back. */
size_t overlap_turn(const overlap_session *session, const overlap_part *part);

/* Its time is over, though it may not have ended yet. */
bool overlap_is_late(const overlap_session *session);

/* ---- reading --------------------------------------------------------------------------------- */

/* By UUID text, if `member` takes part. SR_E_NOT_FOUND. */
sr_result overlap_session_get(overlap_session *out, catalog *catalog, const char *session,
                              const char *member, sr_err *err) SR_MUST_USE;
/* The same, but of each part only number, owner, hops, points and name: whose turn it is. */
sr_result overlap_session_glance(overlap_session *out, catalog *catalog, const char *session,
                                 const char *member, sr_err *err) SR_MUST_USE;
/* The ids of all of a collaboration that `member` takes part in, newest first, at most OVERLAP_LIST_MOST. Owned
 * (sr_free). */
enum
{
    OVERLAP_LIST_MOST = 200,
};
sr_result overlap_session_list(sr_uuid_text **out, size_t *count, catalog *catalog,
                               const sr_uuid *collaboration, const char *member,
                               sr_err *err) SR_MUST_USE;

/* ---- changing -------------------------------------------------------------------------------- */

/* Opens a session with these terms, which were checked and name this collaboration. SR_E_ROLE: a member of the
 * terms is no accepted member of the collaboration, lacks the ability to contribute or, if it is to receive, to receive
 * results, or the actor takes no part; SR_E_EXISTS: the id;
 * SR_E_LIMIT: quota maxOverlapSessionsPerPair for the actor and another member, or maxOverlapSessionsOpen. */
sr_result overlap_open(catalog *catalog, const manifest *terms, const catalog_actor *actor,
                       sr_err *err) SR_MUST_USE;

/* The actor's member confirms; its certificate is the actor's. With the last one the session runs. SR_E_STATE:
 * not OPEN, its time is over, or confirmed already; SR_E_LIMIT: quota maxOverlapSessionsPerPair for it and one that has
 * confirmed. `certificate`: PEM. */
sr_result overlap_confirm(catalog *catalog, const char *session,
                          const uint8_t nonce[MANIFEST_NONCE_SIZE], const char *certificate,
                          const catalog_actor *actor, sr_err *err) SR_MUST_USE;

/* The actor's list is in: `parts` with all but hops and what was last returned, numbers from
 * overlap_next_part. SR_E_STATE: not RUNNING; SR_E_EXISTS: contributed already. */
sr_result overlap_contributed(catalog *catalog, const char *session, const overlap_part *parts,
                              size_t count, const uint8_t digest[OVERLAP_DIGEST_SIZE],
                              const catalog_actor *actor, sr_err *err) SR_MUST_USE;

/* A part came back: `part` with number, hops as before plus one, and the new digest, transport and name;
 * last_name and last_digest of what was returned. SR_E_STATE when somebody was quicker. When the last part of
 * all members is back the session is COMPLETE. */
sr_result overlap_returned(catalog *catalog, const char *session, const overlap_part *part,
                           const catalog_actor *actor, sr_err *err) SR_MUST_USE;

/* The end: RELEASED with its report, or CANCELLED, FAILED or EXPIRED with a reason. Parts, scalars and shares
 * are gone, from the write-ahead log unless somebody reads just then (overlap_cut_log). SR_E_STATE: ended already. */
sr_result overlap_end(catalog *catalog, const char *session, overlap_state state, const char *text,
                      const catalog_actor *actor, sr_err *err) SR_MUST_USE;

/* Ends every session whose time is over at `now_us`, in the name of the member that opened it; how many is in *ended.
 * Their lists are the caller's to remove. One that cannot be ended (damaged, say) keeps no other from it: the first
 * failure is told after all were tried. */
sr_result overlap_expire(size_t *ended, catalog *catalog, int64_t now_us, sr_err *err) SR_MUST_USE;
/* What was deleted stays readable in the write-ahead log until that is written back and cut. *done false: somebody
 * reads just now; to be tried again. */
sr_result overlap_cut_log(bool *done, catalog *catalog, sr_err *err) SR_MUST_USE;
/* True while a session of this id has lists that are wanted: RUNNING or COMPLETE. */
sr_result overlap_is_alive(bool *out, catalog *catalog, const char *session,
                           sr_err *err) SR_MUST_USE;

/* Whether a part of the session has this name now, so that its file is wanted. */
sr_result overlap_is_named(bool *out, catalog *catalog, const char *session, const char *name,
                           sr_err *err) SR_MUST_USE;

/* Points of all lists of the collaboration's sessions that are kept. */
sr_result overlap_points_held(uint64_t *out, catalog *catalog, const sr_uuid *collaboration,
                              sr_err *err) SR_MUST_USE;
/* A number that no part of the session has or will have. */
sr_result overlap_next_part(uint64_t *out, catalog *catalog, const char *session,
                            sr_err *err) SR_MUST_USE;

#endif
