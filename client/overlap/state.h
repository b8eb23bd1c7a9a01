/*
 * state.h: what a member keeps on its own disk about an overlap session, so that it can go on after its process
 * died, and so that nothing is ever done twice with other bytes.
 *
 *     <profile's folder>/overlap/local.secret           32 bytes, mode 0600: half of every checkpoint's key
 *     <profile's folder>/overlap/<session>/terms        what was confirmed, canonical
 *                                         /shown        what a person looked at before
 *                                         /nonce        of the confirmation, hexadecimal
 *                                         /checkpoint   scalar and digest of the input, sealed (checkpoint.h)
 *                                         /list         the own list as it was sent first (list_file.h)
 *                                         /ledger       the parts that were multiplied: name, digest, points
 *                                         /answer.NAME  a part as it was returned first
 *                                         /lock         empty; held by the process that works on the session
 *
 * The ledger is what keeps a server from having a scalar applied to whatever it likes: a part's digest is in it,
 * durably, before the first multiplication; the same name with other points is refused, and so is more than the
 * manifest's caps and segments allow.
 *
 * Files are written whole and renamed, and durable before a point of them leaves; what a killed process left under a
 * temporary name goes when the folder is opened again. Lists and answers are never in memory. Scratch files of sorts,
 * and the list that is being re-blinded, lie in the folder too, without a name. The folder of a session goes when it
 * is over.
 */
#ifndef SEALROOM_CLIENT_OVERLAP_STATE_H
#define SEALROOM_CLIENT_OVERLAP_STATE_H

#include "base/file.h"
#include "crypto/checkpoint.h"
#include "crypto/group/group.h"
#include "items.h"
#include "list_file.h"
#include "model/manifest.h"

typedef struct
{
    char *folder; /* of the session; NULL: not open */
    int lock;     /* held while it is open */
    uint8_t local_secret[CHECKPOINT_SECRET_SIZE];
} overlap_folder;

/* Makes folders and local secret when they are not there; `profile` is the profile file's path. One process at a time
 * has a session's folder open, or there would be two scalars: SR_E_STATE for the others. */
sr_result overlap_folder_open(overlap_folder *out, const char *profile, const char *session,
                              sr_err *err) SR_MUST_USE;
void overlap_folder_clear(overlap_folder *self);
#define OVERLAP_FOLDER(name) overlap_folder name SR_CLEANUP(overlap_folder_clear) = {.folder = NULL}
/* The session is over: nothing of it is kept. */
sr_result overlap_folder_remove(overlap_folder *self, sr_err *err) SR_MUST_USE;

/* ---- confirmation ---------------------------------------------------------------------------- */

/* What a person was shown: overlap_keep_confirmation refuses other terms than these (SR_E_STATE), if there were any. */
sr_result overlap_keep_shown(const overlap_folder *self, sr_slice terms, sr_err *err) SR_MUST_USE;

/* Durable when it returns: to be called before the confirmation is sent. A second time with the same terms keeps the
 * first nonce, and gives it. SR_E_STATE: other terms were confirmed. */
sr_result overlap_keep_confirmation(const overlap_folder *self, sr_slice terms,
                                    uint8_t nonce[MANIFEST_NONCE_SIZE], sr_err *err) SR_MUST_USE;
/* The manifest must be whole, and hold what was confirmed: the terms, this member's nonce and certificate. */
sr_result overlap_check_manifest(const overlap_folder *self, const manifest *whole,
                                 const char *member, const char *certificate,
                                 sr_err *err) SR_MUST_USE;

/* ---- scalar ---------------------------------------------------------------------------------- */

/* The session's scalar: from the checkpoint, or a fresh one that is in a checkpoint when this returns. `key` is made
 * of local secret and share. */
sr_result overlap_scalar(group_scalar *out, const overlap_folder *self, const checkpoint_key *key,
                         group_suite suite, sr_err *err) SR_MUST_USE;
/* Notes the input's digest in the checkpoint, the first time; later it must be the same (SR_E_STATE). */
sr_result overlap_pin_input(const overlap_folder *self, const checkpoint_key *key,
                            const group_scalar *scalar, const digest_value *input,
                            sr_err *err) SR_MUST_USE;

/* ---- lists ----------------------------------------------------------------------------------- */

/* The list as it was sent first; *there false when none was. */
sr_result overlap_list_open(list_file *out, bool *there, const overlap_folder *self,
                            size_t point_size, sr_err *err) SR_MUST_USE;
/* Durable when it returns. */
sr_result overlap_list_keep(const overlap_folder *self, const items_list *list,
                            sr_err *err) SR_MUST_USE;

/* Notes that this part is about to be multiplied. SR_E_STATE: it was there with other points; SR_E_LIMIT: more than
 * the other members' caps and segments allow. */
sr_result overlap_ledger_note(const overlap_folder *self, const manifest *whole, const char *member,
                              const char *part, uint64_t points, const digest_value *digest,
                              sr_err *err) SR_MUST_USE;

/* An answer that was computed, to be read: its points one after another; *fd is -1 when there is none. */
sr_result overlap_answer_open(int *fd, uint64_t *points, const overlap_folder *self,
                              const char *part, size_t point_size, sr_err *err) SR_MUST_USE;
/* One that is being computed: it counts, and lasts, with sr_out_commit. */
sr_result overlap_answer_begin(sr_out **out, const overlap_folder *self, const char *part,
                               sr_err *err) SR_MUST_USE;
/* It has been returned. */
void overlap_answer_drop(const overlap_folder *self, const char *part);

#endif
