/*
 * order.h: members by name and segments by label. The order in which numbers are judged decides which of them are held
 * back, so it must be nobody's to choose: who could have the same lists judged in two orders, by the order of rows in a
 * file or of members in the terms, would get two reports that tell together what each holds back.
 */
#ifndef SEALROOM_SERVER_OVERLAP_ORDER_H
#define SEALROOM_SERVER_OVERLAP_ORDER_H

#include "counts.h"

/* Copies of both in that order. Regions stand as they did. */
void overlap_put_in_order(overlap_counts *counts_out, manifest *rules_out,
                          const overlap_counts *counts, const manifest *rules);

#endif
