/*
 * audit.h: the audit log: one record for every query, whatever became of it, and for every change of
 * collaborations, members, tables and rules. It cannot be switched off.
 *
 * A query writes its record before anything else happens, and each step of its life into it:
 *
 *     audit_query_begin       decision PENDING   status SUBMITTED     before parsing
 *     audit_query_decided     ACCEPTED           STARTED
 *                             REFUSED            FAILED               (the query ends here)
 *     audit_query_finished    (as it was)        SUCCESS, FAILED, CANCELLED or TIMED_OUT
 *
 * If a step cannot be recorded the query must fail: what is not written down does not happen. Records of
 * changes are written by the catalog in the transaction of the change itself.
 *
 * Numbers rise by one in each collaboration, without gaps; records are never removed. A record that a
 * crash left open becomes FAILED ("the server stopped") when the catalog opens again.
 *
 * A record holds query text, names, versions and words: no row, count, key or result. Reasons are what a
 * peer may read of the error (sr_err_peer_text), because owners of the tables read them.
 *
 * The log lives in the catalog's file; threads and errors are as catalog.h says.
 */
#ifndef SEALROOM_SERVER_AUDIT_H
#define SEALROOM_SERVER_AUDIT_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/uuid.h"
#include "model/room.h"

#include "server/catalog/catalog.h"

/* The record of a query that runs. Plain memory. */
typedef struct
{
    sr_uuid collaboration;
    uint64_t number;
    char query_id[SR_UUID_TEXT_SIZE]; /* a fresh UUID: the query's name for clients and logs */
} audit_query;

typedef enum
{
    AUDIT_SUCCESS,
    AUDIT_FAILED,
    AUDIT_CANCELLED,
    AUDIT_TIMED_OUT,
} audit_outcome;

/* Outcome of an error: SR_E_CANCELLED is CANCELLED, SR_E_TIMEOUT TIMED_OUT, anything else FAILED. */
audit_outcome audit_outcome_of(const sr_err *why);

enum
{
    AUDIT_TEXT_MOST =
        64 * 1024, /* bytes of query text kept; the rest of a longer one is cut, with "…" */
    AUDIT_LIST_DEFAULT = 100,
    AUDIT_LIST_MOST = 1000,
    AUDIT_LIST_BYTES = 2 * 1024 * 1024, /* of texts; a list ends with the record that reaches it */
};

/* Writes the SUBMITTED record, durably, and names the query. */
sr_result audit_query_begin(audit_query *out, catalog *catalog, const sr_uuid *collaboration,
                            const catalog_actor *actor, const char *text, sr_err *err) SR_MUST_USE;

/* The decision of the check stage and the tables with versions that the query touches (also for a
 * refusal, as far as they were resolved). `refusal` NULL: accepted; else its text and details become
 * reason, rule field, table and column, and the query is finished. SR_E_STATE: decided already. */
sr_result audit_query_decided(catalog *catalog, const audit_query *query,
                              const room_table_version *tables, size_t table_count,
                              const sr_err *refusal, sr_err *err) SR_MUST_USE;

/* The end. `why` is NULL for success. SR_E_STATE: finished already. */
sr_result audit_query_finished(catalog *catalog, const audit_query *query, audit_outcome outcome,
                               const sr_err *why, sr_err *err) SR_MUST_USE;

/* A change that the catalog does not record by itself. `action` is UPPER_SNAKE_CASE. The catalog's own:
 * COLLABORATION_CREATED, MEMBER_INVITED, INVITATION_ACCEPTED, TABLE_UPLOADED, RULE_SET, TABLE_DELETED,
 * ROWS_ERASED. */
sr_result audit_event(catalog *catalog, const sr_uuid *collaboration, const catalog_actor *actor,
                      const char *action, const char *text, const room_table_version *tables,
                      size_t table_count, sr_err *err) SR_MUST_USE;

typedef struct
{
    sr_uuid collaboration;
    const char *viewer; /* member: sees its own records and those that touch its tables */
    const char *table;  /* NULL or "": all; else only records that touch this table */
    uint32_t limit;     /* 0: AUDIT_LIST_DEFAULT; more than AUDIT_LIST_MOST is cut to it */
    uint64_t before;    /* 0: from the newest; else only smaller numbers, for paging */
} audit_filter;

/* Newest first, fewer than `limit` where their texts are long (AUDIT_LIST_BYTES): page on with `before`.
 * SR_E_NOT_FOUND: the table of the filter is not there. */
sr_result audit_list(room_audit_record **out, size_t *count, catalog *catalog,
                     const audit_filter *filter, sr_err *err) SR_MUST_USE;
void audit_list_free(room_audit_record *records, size_t count);

#endif
