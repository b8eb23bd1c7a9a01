/*
 * report.h: prints the released numbers of an overlap session. The report is the server's JSON; what is not of that
 * shape (report_read.h) is refused with one line, before anything is printed or written.
 *
 *     table    for people: sizes, overlaps with percentages in words, the regions as an UpSet plot (upset.h),
 *              matrices by segments; a number that was held back is "·" ("*" where the terminal has no UTF-8)
 *     json     the document, indented
 *     csv      kind, members, labels, items: one line a number, nothing for one that was held back
 *
 * Kinds are size, segment, overlap, region and cell. Several members, and a cell's two labels (row's member first),
 * are joined by "|"; in a label "|" and "\" have a "\" in front.
 */
#ifndef SEALROOM_CLIENT_OVERLAP_REPORT_H
#define SEALROOM_CLIENT_OVERLAP_REPORT_H

#include "../output.h"
#include "upset.h"

/* To standard output. `terms` (may be NULL) are those of the session: the report must be of it (SR_E_INVALID). `svg`
 * (may be NULL) is the path of a file for the UpSet plot: one that is there already is SR_E_EXISTS, a report without
 * regions SR_E_NOT_FOUND. */
sr_result report_print(const char *report, const manifest *terms, output_form form, const char *svg,
                       sr_err *err) SR_MUST_USE;

/* The same to a file, of a report that was read. */
sr_result report_write(const overlap_report *report, output_form form, const report_look *look,
                       FILE *to, sr_err *err) SR_MUST_USE;
/* The table of it, which fails only as `to` does: report_write asks that. */
void report_write_table(const overlap_report *report, const report_look *look, FILE *to);

#endif
