/*
 * coordinate.h: what the server does to lists between two members: it hides them from members that compare
 * notes, and takes that off again at the end.
 *
 * With two members a list goes to the other as it came, signature and all. With more, two members that knew
 * both sides of a third one's list could name its items; so each part gets a fresh transport scalar of the
 * server's own before every hop, and its product comes off when the part is back. The server is trusted to
 * forward honestly.
 *
 * Both functions are heavy work (work.h): the caller has entered with its job, but for passing on between two members.
 *
 * Files of the turn before are removed by the caller once the catalog knows of the new ones.
 */
#ifndef SEALROOM_SERVER_OVERLAP_COORDINATE_H
#define SEALROOM_SERVER_OVERLAP_COORDINATE_H

#include "counts.h"
#include "lists.h"
#include "work.h"

/* A list that came in lies at `received`, with `part` saying whose turn it was (hops of before for one that was
 * returned, 0 for a contribution, which `returned` tells). Brings it to where the next turn finds it and sets
 * what the catalog is to know: hops, name, digest, transport. */
sr_result overlap_pass_on(overlap_part *part, const overlap_lists *lists,
                          const overlap_session *session, bool returned, const char *received,
                          const overlap_job *job, sr_err *err) SR_MUST_USE;

/* Matches all parts of a session that is COMPLETE. SR_E_INVALID: a list was not made as the protocol says. */
sr_result overlap_count(overlap_counts *counts, const overlap_lists *lists,
                        const overlap_session *session, const overlap_job *job,
                        sr_err *err) SR_MUST_USE;

#endif
