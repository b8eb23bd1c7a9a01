/*
 * prescan.h: what is refused before the text meets a parser: larger than QUERY_TEXT_MOST, not UTF-8, a
 * control character that SQL does not need, brackets or block comments nested deeper than the limits
 * below (PostgreSQL's scanner runs for minutes on nested comments, its parser overflows on brackets).
 *
 * It reads the text as PostgreSQL's scanner does: strings, E-strings, quoted names, dollar quotes and
 * comments hide brackets. If it should ever read one differently, only these limits are concerned, never
 * what a query may do.
 */
#ifndef SEALROOM_SERVER_QUERY_PRESCAN_H
#define SEALROOM_SERVER_QUERY_PRESCAN_H

#include "base/bytes.h"
#include "base/err.h"

enum
{
    PRESCAN_MOST_BRACKETS = 64,
    PRESCAN_MOST_COMMENTS = 8,
};

/* `sql` is NUL-terminated text of any contents. SR_E_REFUSED. */
sr_result query_prescan(const char *sql, sr_err *err) SR_MUST_USE;

#endif
