/*
 * join.h: a member's part in an overlap session: confirming the terms, giving its list, re-blinding what comes
 * round (DESIGN 4.2; proto/sealroom/v1/overlap.proto).
 *
 * Before the first point leaves, the manifest is compared with what was confirmed (state.h). With two members the
 * signature of the other one's list is checked before the first multiplication: it is by the certificate that the
 * manifest names, of that member, of the profile's CA. With more there is nothing to check it against: the server is
 * trusted to forward honestly.
 *
 * Every step can be repeated after any process died: the scalar comes back from its checkpoint, lists that were
 * sent are sent again byte by byte.
 */
#ifndef SEALROOM_CLIENT_OVERLAP_JOIN_H
#define SEALROOM_CLIENT_OVERLAP_JOIN_H

#include "../link/overlap.h"
#include "../progress.h"

/* Who this member is; PEM texts borrowed. */
typedef struct
{
    link_session *link;
    const char *member;
    const char *profile; /* path: the state lies beside it */
    sr_slice ca_pem;
    sr_slice certificate_pem;
    sr_slice key_pem;
} overlap_self;

typedef struct
{
    const char *input; /* NULL: nothing to contribute in this call */
    const char *id_column;
    const char *segment_column;
    unsigned threads; /* 0: one for each processor */
    progress *progress;
} overlap_input;

/* What one call did. */
typedef struct
{
    bool contributed;
    manifest manifest; /* that the list was made under; of a call that contributed */
    uint64_t rows;
    uint64_t items;
    uint64_t points; /* sent, dummies included */
    uint64_t left_out;
    uint64_t repeats;
    size_t parts_returned;
    uint64_t points_returned;
} overlap_done;

/* Remembers beside the profile which terms a person was shown, so that no others are confirmed. */
sr_result overlap_member_shown(const char *profile, const link_overlap *session,
                               sr_err *err) SR_MUST_USE;

/* Shows nothing and asks nothing: whoever calls has judged the terms of `session`. */
sr_result overlap_member_confirm(link_overlap *out, const overlap_self *self,
                                 const link_overlap *session, sr_err *err) SR_MUST_USE;

/* Does all that is due for this member now, and gives the session as it is then. SR_E_STATE: the list is due and
 * there is no input. */
sr_result overlap_member_work(link_overlap *out, overlap_done *done, const overlap_self *self,
                              const char *session, const overlap_input *input,
                              sr_err *err) SR_MUST_USE;

/* The session is over: what was kept of it beside the profile goes. After a failure some of it may be left. */
sr_result overlap_member_forget(const char *profile_path, const char *session,
                                sr_err *err) SR_MUST_USE;

#endif
