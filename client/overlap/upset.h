/*
 * upset.h: the regions of an overlap session's Venn diagram as an UpSet plot (Lex and others, "UpSet: Visualization of
 * Intersecting Sets", 2014): a row for each member, with its size as a bar; a column for each region, with a dot
 * for each member that its items are in, the dots joined by a line, and a bar above for how many they are.
 *
 * Columns go from the greatest region to the smallest; of equal ones, and of those that were held back, which stand
 * last, the document's order decides, so that their place tells nothing. Nothing is told by colour alone.
 */
#ifndef SEALROOM_CLIENT_OVERLAP_UPSET_H
#define SEALROOM_CLIENT_OVERLAP_UPSET_H

#include <stdio.h>

#include "report_read.h"

/* How a terminal shows things. */
typedef struct
{
    bool unicode;          /* blocks, dots and lines; else ASCII */
    size_t width;          /* columns of a line */
    const manifest *terms; /* of the session; NULL: unknown. Tells why there is no matrix. */
} report_look;

/* The sign for a number that was held back. */
const char *report_held_back_sign(const report_look *look);

/* Indices into the regions; `out` has room for REPORT_REGIONS_MOST. */
void upset_order(size_t *out, const overlap_report *report);

/* Draws with characters. Columns that do not fit into the width go below, one panel under the other, all to one
 * scale; a name that is too long is cut. Lines end without blanks. */
void upset_print(const overlap_report *report, const report_look *look, FILE *to);

/* Draws an SVG document: no scripts, no links, nothing from elsewhere; texts escaped; title and description for
 * screen readers, a title for each column; colours for light and dark. */
void upset_svg(const overlap_report *report, FILE *to);

#endif
