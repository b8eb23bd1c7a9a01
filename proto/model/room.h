/*
 * room.h: what client and server both know about collaborations, tables and audit records: plain
 * structs that the server's catalog fills and the client's commands print. The wire has its own messages;
 * server/rpc and client/link translate.
 *
 * All structs own their texts and arrays; `_clear` releases and empties them, may be called twice.
 */
#ifndef SEALROOM_MODEL_ROOM_H
#define SEALROOM_MODEL_ROOM_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/uuid.h"
#include "model/column_type.h"
#include "model/data_type.h"
#include "model/flags.h"
#include "model/header.h"
#include "model/principal.h"

typedef struct
{
    char name[MODEL_NAME_SIZE];
    unsigned abilities; /* ability bits */
    bool accepted;
} room_member;

typedef struct
{
    sr_uuid id;
    char name[MODEL_NAME_SIZE];
    char creator[MODEL_NAME_SIZE];
    collaboration_flags flags;
    room_member *members;
    size_t member_count;
    int64_t created_us;
    bool key_check_known;
} room_collaboration;

enum
{
    ROOM_CARD_MOST = 64, /* bytes of a column card */
    ROOM_NORMALISER_SIZE = 32,
};

/* Whether any value stands in more than one row of a stored version; NULLs do not count. Whoever does not
 * know says so, and then values are taken to repeat. */
typedef enum
{
    ROOM_REPEATS_UNKNOWN,
    ROOM_REPEATS_NEVER,
    ROOM_REPEATS_SOME,
} room_repeats;

typedef struct
{
    char name[HEADER_SIZE];
    column_type type;
    data_type data;
    room_repeats repeats;
    char normaliser[ROOM_NORMALISER_SIZE];
    uint8_t card[ROOM_CARD_MOST];
    size_t card_len; /* 0 for cleartext */
    bool allowed;
} room_column;

typedef struct
{
    sr_uuid id;
    char name[MODEL_NAME_SIZE];
    char owner[MODEL_NAME_SIZE];
    uint32_t version;
    room_column *columns;
    size_t column_count;
    char *rule_json;                  /* NULL: no rule yet */
    char subject_column[HEADER_SIZE]; /* "" while there is no rule */
    int64_t uploaded_us;
    uint64_t rows;          /* 0 when the caller may not know */
    bool null_bits_unknown; /* raw C3R file: NULLs look like subjects */
} room_table;

typedef struct
{
    char table[MODEL_NAME_SIZE];
    char owner[MODEL_NAME_SIZE];
    uint32_t version;
} room_table_version;

typedef enum
{
    ROOM_VERSION_CURRENT, /* what queries see */
    ROOM_VERSION_KEPT,    /* an earlier one, still stored */
    ROOM_VERSION_ERASING, /* deleted: no query sees it, its rows are still to be erased */
    ROOM_VERSION_ERASED,  /* deleted, and its rows are nowhere */
    ROOM_VERSION_STATE_COUNT_,
} room_version_state;

/* "current", "kept", "erasing", "erased". */
const char *room_version_state_name(room_version_state state);
/* SR_E_FORMAT for any other word. */
sr_result room_version_state_parse(room_version_state *out, const char *word,
                                   sr_err *err) SR_MUST_USE;

/* One version of a configured table, as its owner sees it. Plain memory. */
typedef struct
{
    uint32_t version;
    uint32_t appended_to; /* the version whose rows it began with; 0: none */
    uint64_t rows;
    int64_t uploaded_us;
    int64_t deleted_us; /* 0 unless deleted */
    room_version_state state;
} room_version;

typedef struct
{
    uint64_t number;
    int64_t time_us;
    principal who;
    char certificate[65]; /* SHA-256, hexadecimal */
    char *action;         /* "QUERY", "TABLE_UPLOADED", … */
    char *query_id;       /* "" unless a query */
    char *text;
    room_table_version *tables;
    size_t table_count;
    char *decision;
    char *status;
    char *reason;
    char *rule_field;
    char *rule_table;
    char *rule_column;
    int64_t finished_us;
} room_audit_record;

void room_collaboration_clear(room_collaboration *collaboration);
void room_table_clear(room_table *table);
void room_audit_record_clear(room_audit_record *record);
#define ROOM_COLLABORATION(name) room_collaboration name SR_CLEANUP(room_collaboration_clear) = {0}
#define ROOM_TABLE(name) room_table name SR_CLEANUP(room_table_clear) = {0}
#define ROOM_AUDIT_RECORD(name) room_audit_record name SR_CLEANUP(room_audit_record_clear) = {0}

/* NULL when there is none of this name. */
const room_member *room_member_find(const room_collaboration *collaboration, const char *name);
const room_column *room_column_find(const room_table *table, const char *name);

#endif
