/*
 * report_read.h: the released numbers of an overlap session as the server's JSON has them (server/overlap/release.h
 * says the document), checked and ready to print.
 *
 * The bytes are a stranger's. Read is only what has every field of that shape and no other: names follow the rule
 * of member names and are told once, sets of members are told once and in the members' order, labels are texts of
 * REPORT_LABEL_MOST bytes at most, no number is above REPORT_ITEMS_MOST or above the size of a set that it is of,
 * and regions are there for REPORT_REGION_MEMBERS members at most. Anything else is SR_E_INVALID; the error says
 * where. Percentages are computed from sizes here; those of the document are checked for their shape alone.
 */
#ifndef SEALROOM_CLIENT_OVERLAP_REPORT_READ_H
#define SEALROOM_CLIENT_OVERLAP_REPORT_READ_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/json.h"
#include "model/manifest.h"

enum
{
    REPORT_REGION_MEMBERS = MANIFEST_MEMBERS_PROVEN,
    REPORT_REGIONS_MOST = (1 << REPORT_REGION_MEMBERS) - 1,
    REPORT_LABEL_MOST = 63,
};

#define REPORT_ITEMS_MOST ((int64_t)MANIFEST_POINTS_MOST)
#define REPORT_HELD_BACK INT64_C(-1) /* instead of a number of items */
#define REPORT_UNTOLD INT64_C(-1)    /* instead of a size: lists were padded */

typedef struct
{
    const char *label; /* borrowed from the document, as are all texts below */
    int64_t items;
} report_segment;

typedef struct
{
    const char *name;
    int64_t items; /* or REPORT_UNTOLD */
    report_segment *segments;
    size_t segment_count; /* 0: none, or sizes are untold */
} report_member;

/* Items that a set of members has. */
typedef struct
{
    unsigned members; /* bit i: the i-th member */
    int64_t items;    /* or REPORT_HELD_BACK */
} report_number;

/* Items by the segments of two members. A member without segments has the one label "". */
typedef struct
{
    size_t row_member;
    size_t column_member;
    const sr_json *rows; /* lists of labels */
    const sr_json *columns;
    size_t row_count;
    size_t column_count;
    int64_t *items; /* row by row; or REPORT_HELD_BACK */
} report_matrix;

typedef struct
{
    sr_json *document;
    const char *session;
    int64_t minimum;
    int64_t minimum_complement;
    report_member members[MANIFEST_MEMBERS_MOST];
    size_t member_count;
    report_number *overlaps; /* in the document's order, like all lists here */
    size_t overlap_count;
    report_number *regions;
    size_t region_count;
    report_matrix *matrices;
    size_t matrix_count;
} overlap_report;

void overlap_report_clear(overlap_report *report);
#define OVERLAP_REPORT(name)                                                                       \
    overlap_report name SR_CLEANUP(overlap_report_clear) = {.document = NULL}

sr_result overlap_report_read(overlap_report *out, sr_slice text, sr_err *err) SR_MUST_USE;

/* Sizes were told: lists were not padded. */
bool overlap_report_has_sizes(const overlap_report *report);
/* Some number was held back. */
bool overlap_report_holds_back(const overlap_report *report);
size_t overlap_report_members(unsigned members); /* how many are in a set */
/* "retailer, brand and press" with `between` ", " and `last` " and ". Owned (sr_free). */
char *overlap_report_names(const overlap_report *report, unsigned members, const char *between,
                           const char *last) SR_MUST_USE;
/* "1,234,567", for people. */
typedef struct
{
    char text[32];
} overlap_report_count;
overlap_report_count overlap_report_grouped(int64_t items);

#endif
