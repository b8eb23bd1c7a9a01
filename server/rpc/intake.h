/*
 * intake.h: what all uploads under way bring, lists of overlap sessions among them, against the quotas of
 * uploads and of the disk (server/quota/quota.h).
 *
 *     begin     maxUploadsAtOnce of the member; maxCollaborationDisk and minFreeDisk as the disk is now
 *     add …     maxUploadBytes, maxUploadRows; maxCollaborationDisk and minFreeDisk once more
 *     end
 *
 * The engine holds the rows of an upload in memory for a while, so that a disk looks emptier than it will
 * be. Hence each upload counts from what was measured at its begin, and adds every byte that has arrived
 * since, its own and the others' (all of them for the disk, those of its collaboration for that quota).
 * Bytes count as they travel, before the engine packs them: an upload may be refused that would have
 * fitted, none goes through that does not.
 *
 * A list of an overlap session says at its begin how long it is, and is refused then if it would not fit; it counts as it
 * arrives, for maxOverlapDisk and minFreeDisk alone.
 *
 * After an upload has ended, committed or not, the next one is measured afresh.
 *
 * Safe to use from many threads.
 */
#ifndef SEALROOM_SERVER_RPC_INTAKE_H
#define SEALROOM_SERVER_RPC_INTAKE_H

#include "base/uuid.h"
#include "server/engine/engine.h"
#include "server/quota/quota.h"

typedef struct intake intake;
typedef struct intake_upload intake_upload;

/* Both are copied. */
intake *intake_new(const quotas *in_force, const char *data_folder);
/* When no upload is under way any more. Accepts NULL. */
void intake_free(intake *self);

/* Counts an upload of this member; end it with intake_end. SR_E_LIMIT, with nothing counted. */
sr_result intake_begin(intake_upload **out, intake *self, engine *rows,
                       const sr_uuid *collaboration, const char *member, sr_err *err) SR_MUST_USE;
/* The same for lists, beside `held` bytes of the collaboration's that are there. */
sr_result intake_begin_lists(intake_upload **out, intake *self, uint64_t held,
                             const sr_uuid *collaboration, const char *member,
                             sr_err *err) SR_MUST_USE;
/* A message of so many bytes, with so many rows, has arrived. SR_E_LIMIT: the upload must end. */
sr_result intake_add(intake_upload *upload, uint64_t bytes, uint64_t rows, sr_err *err) SR_MUST_USE;
/* The upload begins with a copy of this stored table, which counts for the disk before it is made. */
sr_result intake_add_copy(intake_upload *upload, engine *rows, engine_table from,
                          sr_err *err) SR_MUST_USE;
/* So many bytes are to come. SR_E_LIMIT if they would not fit now; nothing is counted. */
sr_result intake_announce(intake_upload *upload, uint64_t bytes, sr_err *err) SR_MUST_USE;
/* The upload is over. Accepts NULL. */
void intake_end(intake_upload *upload);

#endif
