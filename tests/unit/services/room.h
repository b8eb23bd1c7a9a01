/*
 * room.h: a real server (`sealroomd --dev`) on loopback in a folder of its own, the certificates of the
 * members retailer, brand and outsider, and calls to it with messages made by hand, good or bad.
 *
 * The room that every test finds: collaboration "lab" (allowCleartext and allowDuplicates), created by
 * retailer, joined by brand with all abilities; outsider is nobody in it.
 */
#ifndef SEALROOM_TESTS_SERVICES_ROOM_H
#define SEALROOM_TESTS_SERVICES_ROOM_H

#include "base/bytes.h"
#include "base/err.h"
#include "rpc/client.h"

#define COLLABORATION(method) "/sealroom.v1.CollaborationService/" method
#define TABLE(method) "/sealroom.v1.TableService/" method
#define QUERY(method) "/sealroom.v1.QueryService/" method
#define AUDIT(method) "/sealroom.v1.AuditService/" method

enum
{
    ROOM_DEADLINE_MS = 60000,
    ROOM_FLAGS = 3, /* allowCleartext, allowDuplicates */
};

/* Group setup and teardown. */
int room_setup(void **state);
int room_teardown(void **state);
/* Stops the server in an orderly way, and starts it again over the same folder. */
void room_restart(void);
/* The server's folder; borrowed. */
const char *room_folder(void);

/* The channel of a certificate; borrowed until the server stops. */
rpc_channel *room_channel(const char *member, const char *role);

/* One unary call: `answer` is a `Type **` as for wire_unpack, or NULL when it does not matter. */
sr_result room_ask(void *answer, const void *descriptor, const char *member, const char *role,
                   const char *path, const void *request, sr_err *err) SR_MUST_USE;
/* A request of bytes that need not be a message. */
sr_result room_ask_raw(const char *member, const char *role, const char *path, sr_slice bytes,
                       sr_err *err) SR_MUST_USE;

/* Shorthands of calls that most tests need. */
sr_result room_create(const char *member, const char *name, const char *id, unsigned flags,
                      sr_err *err) SR_MUST_USE;
sr_result room_invite(const char *member, const char *collaboration, const char *invited,
                      unsigned abilities, sr_err *err) SR_MUST_USE;
sr_result room_accept(const char *member, const char *collaboration, sr_err *err) SR_MUST_USE;
sr_result room_set_rule(const char *member, const char *table, const char *rule,
                        sr_err *err) SR_MUST_USE;
/* "name version" lines of the tables that the member sees in "lab", in order. Owned (sr_free). */
char *room_tables(const char *member) SR_MUST_USE;
/* Runs a query in "lab" as the member's analyst; rows as "a, b\n" with NULL for NULL. */
sr_result room_query(char **rows, const char *member, const char *sql, sr_err *err) SR_MUST_USE;

#endif
