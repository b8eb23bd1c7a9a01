/*
 * report.h: the released numbers of an overlap session, for people: a table, an UpSet plot in the terminal and as
 * SVG. The report is the server's JSON (server/overlap/release.h says its fields); what is not of that shape is
 * refused.
 */
#ifndef SEALROOM_CLIENT_OVERLAP_REPORT_H
#define SEALROOM_CLIENT_OVERLAP_REPORT_H

#include "../output.h"

/* To standard output; `svg` (may be NULL) is the path of a file that must not be there yet. */
sr_result report_print(const char *report, output_form form, const char *svg,
                       sr_err *err) SR_MUST_USE;

#endif
