/*
 * release.h: what of the counts may leave, and the report that says it (DESIGN 4.2, "Release").
 *
 * Numbers are sums of cells; a cell tells for each member whether an item is missing or in which segment it is.
 * Asked for, members by name and segments by label, which is nobody's to choose (order.h):
 *
 *     overlaps    of each two members, then three, … : items that all of these have
 *     regions     of the Venn diagram: items that exactly these members have
 *     matrices    of each two members, one of which has segments: items by the segments of both
 *
 * A number leaves only if
 *   1. it reaches the minimum, and what it leaves of every set and segment that it is of reaches minimumComplement
 *      (an overlap as large as a list discloses everyone in it); for items of one member alone the two change
 *      places;
 *   2. two members without segments: all or nothing;
 *   3. nobody who knows all sizes of all segments and everything else that leaves can confine a number that is held
 *      back to fewer whole values than the minimum (bounds.h). So numbers are released one after another, in the
 *      order above and whatever their sizes, each unless it would confine one that is held back. The same holds of
 *      numbers that nobody asked for (numbers.h) and that rule 1 would hold back: that everybody of a segment is in
 *      another member's list must not show in a row's sum.
 *
 * Rule 3 is proven for up to RELEASE_MEMBERS_PROVEN members and RELEASE_CELLS_PROVEN cells; with more cells matrices are
 * left out. With more members only the overlaps of two are told, and the overlap of all if
 * all of these are; rule 3 is held for each three members by themselves (judge.h).
 *
 * That holds of one report. Two sessions of the same lists under other terms, or with segments cut otherwise, may tell
 * together what each holds back; their number is limited (quota maxOverlapSessionsPerPair).
 *
 * The report, canonical JSON; null is a number that is held back:
 *
 *     { "matrices": [ { "columns": ["x", …], "items": [[5, null, …], …], "members": ["a", "b"], "rows": ["…"] } ],
 *       "members": [ { "items": 3000, "name": "a", "segments": [ { "items": 1000, "label": "gold" } ] } ],
 *       "minimum": 100, "minimumComplement": 100, "notice": "…",
 *       "overlaps": [ { "items": 500, "members": ["a", "b"], "percent": ["16.7", "12.5"] } ],
 *       "regions": [ { "items": null, "members": ["a"] } ], "session": UUID }
 *
 * Sizes, percentages, and regions of one member alone, which with the others give a size, are there only if lists were
 * not padded.
 */
#ifndef SEALROOM_SERVER_OVERLAP_RELEASE_H
#define SEALROOM_SERVER_OVERLAP_RELEASE_H

#include "counts.h"

enum
{
    RELEASE_MEMBERS_PROVEN = MANIFEST_MEMBERS_PROVEN,
    RELEASE_CELLS_PROVEN = MANIFEST_CELLS_PROVEN,
};

/* Owned (sr_free). */
sr_result release_report(char **out, const manifest *manifest, const overlap_counts *counts,
                         sr_err *err) SR_MUST_USE;

#endif
