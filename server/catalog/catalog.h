/*
 * catalog.h: what the server knows apart from rows: collaborations, members, configured tables, their
 * versions, columns, cards and rules, and the audit records. One SQLite file (WAL, synchronous=FULL,
 * foreign keys), changed in transactions: what a function reported as done survives a power cut, and
 * what it refused left nothing.
 *
 * Life of a table:
 *
 *     catalog_upload_begin    table number and version are allotted; nobody can see them
 *         engine_stage_new, engine_stage_append …, engine_stage_commit         (rows, in the engine)
 *     catalog_upload_commit   the version becomes visible, with columns, cards and an audit record
 *   or
 *     catalog_upload_forget   as if nothing had been
 *
 * Later versions replace it or begin with its rows and add to them (append). Queries see the highest
 * version that stands. Deleting takes two steps, for the rows lie in the engine:
 *
 *     catalog_table_delete    no query sees the version any more; its cards are gone; an erasure is owed
 *         engine_rewrite                                                   (rows, in the engine)
 *     catalog_erased          the erasure is on record
 *
 * A crash between these two leaves the erasure owed, and the engine pool does it at the next start.
 *
 * A crash during an upload leaves a reservation, which catalog_open forgets, and perhaps rows in the
 * engine, which the engine pool drops because no visible version names them. A version number is
 * never used twice for one name of a table, not even after the table was deleted, so that a card of an
 * earlier version can never pass for a later one's; a table number is never used twice at all.
 *
 * Who may see what: a member names a collaboration by id or name through catalog_collaboration_find,
 * which looks only among those that the member belongs to or is invited to. What it finds carries the
 * id that every other function wants, so whoever holds an id has been let in. What lies outside is
 * SR_E_NOT_FOUND in the same words as what does not exist.
 *
 * Audit: every function that changes something takes the actor and writes the audit record in the
 * same transaction. No caller can forget it.
 *
 * Threads: every function may be called from any thread at any time; one mutex orders them, one
 * connection serves them. Processes: the file is locked while it is open; a second server is refused
 * with SR_E_STATE.
 *
 * Ownership: structs of model/room.h own what they hold; arrays are released with their _free. After
 * SR_FAIL outputs are empty.
 *
 * Errors: SR_E_IO, SR_E_FULL and SR_E_CORRUPT from any function (never with SQLite's own text);
 * others are named at the function.
 */
#ifndef SEALROOM_SERVER_CATALOG_H
#define SEALROOM_SERVER_CATALOG_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/uuid.h"
#include "model/room.h"
#include "server/quota/quota.h"

typedef struct catalog catalog;

/* Who changes something: what the client certificate said. */
typedef struct
{
    principal who;
    char certificate[65]; /* SHA-256 of the DER form, hexadecimal */
} catalog_actor;

/* Makes the file (mode 0600) when it is not there; else checks its integrity and brings it to this
 * server's version by numbered migrations. Then cleans up after a crash: reservations of dead uploads
 * are forgotten, queries that never finished become FAILED. SR_E_CORRUPT for a damaged file and for
 * one that is not a catalog; SR_E_STATE for one of a newer server and for one in use. */
sr_result catalog_open(catalog **out, const char *file, sr_err *err) SR_MUST_USE;
/* Copies the limits that hold from now on; at first there are none. What exceeds them already stays. The
 * functions below refuse with SR_E_LIMIT what would. Before other threads use the catalog. */
void catalog_set_quotas(catalog *catalog, const quotas *in_force);
void catalog_free(catalog *catalog); /* accepts NULL */
void catalog_clear(catalog **catalog);
#define CATALOG(name) catalog *name SR_CLEANUP(catalog_clear) = NULL

/* ---- collaborations and members -------------------------------------------------------------- */

/* `id` NULL: a random one. The actor's member becomes the first member, accepted, with all abilities.
 * SR_E_EXISTS: the id is taken, or this creator has one of this name; SR_E_INVALID: a name that breaks
 * the rules of model_name_check or that could be read as an id; SR_E_LIMIT: maxCollaborations. */
sr_result catalog_collaboration_create(room_collaboration *out, catalog *catalog, const sr_uuid *id,
                                       const char *name, const collaboration_flags *flags,
                                       const catalog_actor *actor, sr_err *err) SR_MUST_USE;

/* By id (36 characters, any case) or by name, among those that `member` belongs to or is invited to.
 * SR_E_NOT_FOUND; SR_E_INVALID when several bear the name (use the id). */
sr_result catalog_collaboration_find(room_collaboration *out, catalog *catalog,
                                     const char *id_or_name, const char *member,
                                     sr_err *err) SR_MUST_USE;
/* The same set, by name then id. Release with catalog_collaborations_free. */
sr_result catalog_collaboration_list(room_collaboration **out, size_t *count, catalog *catalog,
                                     const char *member, sr_err *err) SR_MUST_USE;
/* All of them, by name then id: for the operator's own tools, never for a call. */
sr_result catalog_collaboration_all(room_collaboration **out, size_t *count, catalog *catalog,
                                    sr_err *err) SR_MUST_USE;
void catalog_collaborations_free(room_collaboration *list, size_t count);

/* By the creator's organisation only (SR_E_ROLE). SR_E_EXISTS: is a member or is invited already;
 * SR_E_INVALID: malformed name or unknown ability bits; SR_E_NOT_FOUND: the collaboration; SR_E_LIMIT:
 * maxMembers. */
sr_result catalog_member_invite(catalog *catalog, const sr_uuid *collaboration, const char *member,
                                unsigned abilities, const catalog_actor *actor,
                                sr_err *err) SR_MUST_USE;
/* The actor's member accepts. SR_E_NOT_FOUND: not invited; SR_E_STATE: accepted already. */
sr_result catalog_member_accept(catalog *catalog, const sr_uuid *collaboration,
                                const catalog_actor *actor, sr_err *err) SR_MUST_USE;

/* ---- key check value ------------------------------------------------------------------------- */

enum
{
    CATALOG_KEY_CHECK_SIZE = 16,
};

typedef enum
{
    CATALOG_KEY_UNKNOWN, /* none on record yet: the first upload that commits sets it */
    CATALOG_KEY_MATCH,
    CATALOG_KEY_MISMATCH,
} catalog_key_answer;

/* Compares only (constant time). Ask it before an upload starts; catalog_upload_commit compares
 * again and sets the value if there is none, so that an upload that fails can never set it. */
sr_result catalog_key_check(catalog_key_answer *out, catalog *catalog, const sr_uuid *collaboration,
                            const uint8_t value[CATALOG_KEY_CHECK_SIZE], sr_err *err) SR_MUST_USE;

/* ---- tables ---------------------------------------------------------------------------------- */

/* A configured table and the number under which the engine keeps it (engine_table.table). */
typedef struct
{
    uint64_t number;
    room_table
        room; /* rows, cards and all columns: what a partner may know is for the caller to cut */
} catalog_table;

void catalog_table_clear(catalog_table *table);
#define CATALOG_TABLE(name) catalog_table name SR_CLEANUP(catalog_table_clear) = {0}

/* The current (highest visible) version of a table with its columns, that version's cards and repeats, and the
 * current rule. SR_E_NOT_FOUND for a table that is not there, has no visible version, or belongs to
 * another collaboration: the same words. */
sr_result catalog_table_find(catalog_table *out, catalog *catalog, const sr_uuid *collaboration,
                             const char *name, sr_err *err) SR_MUST_USE;
/* All visible tables of a collaboration, by name. */
sr_result catalog_table_list(catalog_table **out, size_t *count, catalog *catalog,
                             const sr_uuid *collaboration, sr_err *err) SR_MUST_USE;
void catalog_tables_free(catalog_table *list, size_t count);

/* ---- uploads --------------------------------------------------------------------------------- */

/* A reservation. Plain memory; ends with commit or forget. */
typedef struct
{
    sr_uuid collaboration;
    sr_uuid table_id;
    uint64_t number;
    uint32_t version;
    uint32_t
        appends_to; /* the current version when it began, for an upload that adds to it; else 0 */
    char table[MODEL_NAME_SIZE];
} catalog_upload;

/* `columns` as declared (cards are ignored here). `append`: the version is to begin with the rows of the
 * current one (SR_E_NOT_FOUND: there is none). SR_E_EXISTS: another member has, or had, a table of this
 * name; SR_E_INVALID: malformed name, no columns, more than HEADER_MOST_COLUMNS, the same header twice,
 * or columns that differ from those of the table's earlier versions (the first difference is named);
 * SR_E_ROLE: the actor's member is no accepted member that may contribute; SR_E_LIMIT: maxTables,
 * maxTableVersions. */
sr_result catalog_upload_begin(catalog_upload *out, catalog *catalog, const sr_uuid *collaboration,
                               const char *table, const room_column *columns, size_t column_count,
                               bool append, const catalog_actor *actor, sr_err *err) SR_MUST_USE;

/* What is known when the rows are in the engine. */
typedef struct
{
    const room_column *columns; /* as in begin, now with their cards and repeats */
    size_t column_count;
    uint64_t rows; /* of the version, those that it began with included */
    bool null_bits_unknown;
    const uint8_t *key_check; /* CATALOG_KEY_CHECK_SIZE bytes; NULL: every column is cleartext */
} catalog_upload_facts;

/* Makes the version visible: the last step of an upload, after engine_stage_commit. SR_E_STATE: a later
 * version became visible meanwhile, the one that it appends to is not the current one any more, or the
 * reservation is gone; SR_E_SECRET: the key check value does
 * not match the one on record; and what begin refuses. After a failure drop the rows (engine_drop)
 * and forget the reservation. */
sr_result catalog_upload_commit(catalog *catalog, const catalog_upload *upload,
                                const catalog_upload_facts *facts, const catalog_actor *actor,
                                sr_err *err) SR_MUST_USE;
/* Harmless after commit, or twice. A failure is swallowed: catalog_open forgets what is left. */
void catalog_upload_forget(catalog *catalog, const catalog_upload *upload);

typedef struct
{
    uint64_t table;
    uint32_t version;
} catalog_version;

/* Every version that stands of every table of a collaboration; the engine must hold exactly these. The
 * array is the caller's (sr_free). */
sr_result catalog_versions_visible(catalog_version **out, size_t *count, catalog *catalog,
                                   const sr_uuid *collaboration, sr_err *err) SR_MUST_USE;

/* ---- versions -------------------------------------------------------------------------------- */

/* Every version that a table ever had, deleted ones included, newest first; the array is the caller's
 * (sr_free). SR_E_NOT_FOUND: the table. */
sr_result catalog_version_list(room_version **out, size_t *count, catalog *catalog,
                               const sr_uuid *collaboration, const char *table,
                               sr_err *err) SR_MUST_USE;

typedef enum
{
    CATALOG_DELETE_TABLE, /* all versions, columns and rules: the name is free again for its owner */
    CATALOG_DELETE_VERSION, /* one; if it was the current one, the one before it is current again */
    CATALOG_DELETE_OLD,     /* all but the current one; none is no error */
} catalog_deletion;

/* What is deleted is invisible when this returns, and its erasure is owed (catalog_erasures). `*out`: the
 * versions that it was, ascending; the caller's (sr_free). A table's audit records stay. When no table of
 * the collaboration with an encrypted column is left, the key check value is forgotten too.
 * SR_E_NOT_FOUND: the table, or a `version` that does not stand; SR_E_ROLE: the actor's member does not own
 * it; SR_E_STATE: the only version that stands cannot be deleted without its table. */
sr_result catalog_table_delete(uint32_t **out, size_t *count, catalog *catalog,
                               const sr_uuid *collaboration, const char *table,
                               catalog_deletion what, uint32_t version, const catalog_actor *actor,
                               sr_err *err) SR_MUST_USE;

/* The versions of a collaboration that were deleted and whose rows the engine's file may still hold. The
 * array is the caller's (sr_free). */
sr_result catalog_erasures(catalog_version **out, size_t *count, catalog *catalog,
                           const sr_uuid *collaboration, sr_err *err) SR_MUST_USE;
/* Their rows are nowhere any more: records it under the name of who deleted them (ROWS_ERASED), and frees
 * what SQLite's write-ahead log still held of their cards. */
sr_result catalog_erased(catalog *catalog, const sr_uuid *collaboration,
                         const catalog_version *versions, size_t count, sr_err *err) SR_MUST_USE;

/* ---- rules ----------------------------------------------------------------------------------- */

/* Stores the rule (checked by the caller, canonical JSON) as the table's next rule version; it is in
 * force when this returns. SR_E_NOT_FOUND: the table; SR_E_ROLE: the actor's member does not own it. */
sr_result catalog_rule_set(uint32_t *rule_version, catalog *catalog, const sr_uuid *collaboration,
                           const char *table, const char *rule_json, const char *subject_column,
                           const catalog_actor *actor, sr_err *err) SR_MUST_USE;

typedef struct
{
    uint32_t version;
    principal who;
    int64_t set_us;
    char *rule_json;
} catalog_rule;

/* Every rule that a table ever had, newest first. SR_E_NOT_FOUND: the table. */
sr_result catalog_rule_history(catalog_rule **out, size_t *count, catalog *catalog,
                               const sr_uuid *collaboration, const char *table,
                               sr_err *err) SR_MUST_USE;
void catalog_rules_free(catalog_rule *list, size_t count);

#endif
