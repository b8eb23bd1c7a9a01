/*
 * link.h: the client's side of the server: one connection, one function for each thing that can be
 * asked. Messages of proto/ stay inside this folder; callers see the structs of model/room.h.
 *
 * A link is opened for one identity (member and role). Opening reads the certificate files and checks
 * what can be known without the server, so that the common mistakes get a clear line: files missing, a
 * certificate that has expired, is not yet valid, or was not issued by the CA of the profile, a key that
 * does not fit its certificate. The connection itself is made by the first call.
 *
 * Every call has a deadline: LINK_CALL_MS for the small ones, LINK_STREAM_MS for an upload or a query.
 * The interrupt flag (set by a signal handler) ends running calls with SR_E_CANCELLED.
 *
 * Collaborations are named by id or name. "" or NULL means "the only one this member belongs to".
 */
#ifndef SEALROOM_CLIENT_LINK_H
#define SEALROOM_CLIENT_LINK_H

#include <signal.h>

#include "base/bytes.h"
#include "base/err.h"
#include "model/room.h"

enum
{
    LINK_CALL_MS = 30 * 1000,
    LINK_STREAM_MS = 6 * 3600 * 1000,
};

typedef struct
{
    const char *server;      /* "host:port" */
    const char *server_name; /* name in the server's certificate; NULL: the host */
    const char *ca;          /* paths of PEM files */
    const char *certificate;
    const char *key;
    const volatile sig_atomic_t *interrupt; /* may be NULL */
} link_config;

typedef struct link_session link_session;

sr_result link_open(link_session **out, const link_config *config, sr_err *err) SR_MUST_USE;
void link_free(link_session *link); /* accepts NULL */
void link_clear(link_session **link);
#define LINK(name) link_session *name SR_CLEANUP(link_clear) = NULL

/* ---- who and where --------------------------------------------------------------------------- */

typedef struct
{
    char *server_version;
    int64_t server_time_us;
    int64_t round_trip_us;
} link_pong;

void link_pong_clear(link_pong *pong);
sr_result link_ping(link_pong *out, link_session *link, sr_err *err) SR_MUST_USE;

typedef struct
{
    principal who;
    char certificate[65]; /* SHA-256 of the DER form, hexadecimal */
} link_identity;

sr_result link_whoami(link_identity *out, link_session *link, sr_err *err) SR_MUST_USE;

/* ---- collaborations -------------------------------------------------------------------------- */

/* `id` is NULL for one of the server's choice, or a UUID (a room that exists elsewhere). */
sr_result link_collaboration_create(room_collaboration *out, link_session *link, const char *name,
                                    const collaboration_flags *flags, const char *id,
                                    sr_err *err) SR_MUST_USE;
sr_result link_collaboration_invite(room_collaboration *out, link_session *link,
                                    const char *collaboration, const char *member,
                                    unsigned abilities, sr_err *err) SR_MUST_USE;
sr_result link_collaboration_accept(room_collaboration *out, link_session *link,
                                    const char *collaboration, sr_err *err) SR_MUST_USE;
sr_result link_collaboration_get(room_collaboration *out, link_session *link,
                                 const char *collaboration, sr_err *err) SR_MUST_USE;

typedef struct
{
    room_collaboration *items;
    size_t count;
} link_collaborations;

void link_collaborations_clear(link_collaborations *list);
sr_result link_collaboration_list(link_collaborations *out, link_session *link,
                                  sr_err *err) SR_MUST_USE;

/* ---- tables ---------------------------------------------------------------------------------- */

sr_result link_table_rule(room_table *out, link_session *link, const char *collaboration,
                          const char *table, const char *rule_json, sr_err *err) SR_MUST_USE;
sr_result link_table_get(room_table *out, link_session *link, const char *collaboration,
                         const char *table, sr_err *err) SR_MUST_USE;

typedef struct
{
    room_table *items;
    size_t count;
} link_tables;

void link_tables_clear(link_tables *list);
sr_result link_table_list(link_tables *out, link_session *link, const char *collaboration,
                          sr_err *err) SR_MUST_USE;

/* Every version that an own table ever had, newest first. */
typedef struct
{
    room_version *items;
    size_t count;
} link_versions;

void link_versions_clear(link_versions *list);
sr_result link_version_list(link_versions *out, link_session *link, const char *collaboration,
                            const char *table, sr_err *err) SR_MUST_USE;

typedef enum
{
    LINK_DELETE_TABLE,   /* all of it */
    LINK_DELETE_VERSION, /* one version */
    LINK_DELETE_OLD,     /* all versions but the current one */
} link_deletion;

typedef struct
{
    uint32_t *versions; /* ascending; none: there was nothing to delete */
    size_t count;
    bool erased; /* else the server still waits for others who work with the file */
} link_deleted;

void link_deleted_clear(link_deleted *deleted);
/* The server waits up to a minute for others who work with the file. `version` counts for LINK_DELETE_VERSION alone. */
sr_result link_table_delete(link_deleted *out, link_session *link, const char *collaboration,
                            const char *table, link_deletion what, uint32_t version,
                            sr_err *err) SR_MUST_USE;

/* ---- audit ----------------------------------------------------------------------------------- */

typedef struct
{
    room_audit_record *items; /* newest first */
    size_t count;
} link_audit;

void link_audit_clear(link_audit *list);
/* `table` may be NULL; `limit` 0 means 100; `before` 0 means from the newest. */
sr_result link_audit_list(link_audit *out, link_session *link, const char *collaboration,
                          const char *table, uint32_t limit, uint64_t before,
                          sr_err *err) SR_MUST_USE;

#endif
