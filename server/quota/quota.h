/*
 * quota.h: how much each member and collaboration may use of this server: one table row a quota.
 *
 * A quota has one name everywhere: the field of the configuration, the first words of the refusal, and the
 * `field` of its details, so that whoever reads a refusal finds what to change by searching the name:
 *
 *     quota maxTables: member "acme" has 200 tables in collaboration "spring", the most that …
 *
 * A refusal is SR_E_LIMIT (gRPC RESOURCE_EXHAUSTED) with reason QUOTA_EXCEEDED, comes before anything is
 * changed or undoes all that its call did, and names only what its reader may know: the limit, and what
 * the reader itself made or may list. How much a disk holds is never said.
 *
 *     name                       counts                                              unit    default
 *     maxCollaborationDisk       engine file and write-ahead log of a collaboration  size    100G
 *     minFreeDisk                left on the file system of dataFolder               size    64M
 *     maxUploadBytes             messages of one upload                              size    64G
 *     maxUploadRows              rows of one upload                                  number  1000000000
 *     maxUploadsAtOnce           uploads of one member under way                     number  12
 *     maxCollaborations          created by one member                               number  100
 *     maxMembers                 of a collaboration, invitations included            number  100
 *     maxTables                  of a member in a collaboration, uploads included    number  200
 *     maxTableVersions           of a table that are kept, uploads included          number  1000
 *     maxOverlapDisk             lists of a collaboration's overlap sessions         size    100G
 *     maxOverlapPoints           of one member's list in an overlap session          number  50000000
 *     maxOverlapSessionsPerPair  overlap sessions that two members confirm in 24 h   number  100
 *     maxOverlapSessionsOpen     of one member, waiting for confirmations            number  100
 *     maxCallsPerMember          calls of one member under way                       number  a quarter of maxCalls
 *     maxCallsPerMinute          calls that one member begins                        number  6000
 *
 * 0 means: no limit. Two more limits belong to the protocol and cannot be configured (rpc/rpc.h):
 * maxMessageBytes, 1114112 bytes of one message, and maxMetadataBytes, 16384 bytes of all headers of a call.
 *
 * What a refusal cannot hide: that the others together use so much that this much more does not fit. A
 * member that uploads up to maxCollaborationDisk learns about how large its partners' tables are
 * altogether; so set it far above what the tables need, as a guard of the disk and not as an allowance.
 */
#ifndef SEALROOM_SERVER_QUOTA_H
#define SEALROOM_SERVER_QUOTA_H

#include <stdint.h>

#include "base/err.h"

typedef enum
{
    QUOTA_COLLABORATION_DISK,
    QUOTA_FREE_DISK,
    QUOTA_UPLOAD_BYTES,
    QUOTA_UPLOAD_ROWS,
    QUOTA_UPLOADS_AT_ONCE,
    QUOTA_COLLABORATIONS,
    QUOTA_MEMBERS,
    QUOTA_TABLES,
    QUOTA_TABLE_VERSIONS,
    QUOTA_OVERLAP_DISK,
    QUOTA_OVERLAP_POINTS,
    QUOTA_OVERLAP_SESSIONS,
    QUOTA_OVERLAP_OPEN,
    QUOTA_CALLS_PER_MEMBER,
    QUOTA_CALLS_PER_MINUTE,
    QUOTA_COUNT_
} quota_id;

/* The reason that travels with every refusal by a quota. */
#define QUOTA_REASON "QUOTA_EXCEEDED"

/* The limits in force, bytes or numbers; 0: none. All zero: nothing is limited. */
typedef struct
{
    uint64_t limit[QUOTA_COUNT_];
} quotas;

const char *quota_name(quota_id id);
/* Whether the configuration takes it with a unit ("512M"). */
bool quota_is_size(quota_id id);
/* In force when the configuration does not say. */
uint64_t quota_default(quota_id id);

/* Whether `amount` is within the limit, that is at most as large. Not for QUOTA_FREE_DISK, a least. */
bool quota_allows(const quotas *in_force, quota_id id, uint64_t amount);

/* Fills `err` with "quota NAME: " and these words, and with the details. Always SR_FAIL. */
sr_result quota_refuse(sr_err *err, quota_id id, const char *format, ...) SR_PRINTF(3, 4);

#endif
