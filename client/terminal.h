/*
 * terminal.h: makes long texts fit what people look at.
 *
 * A partner's or the server's text goes through output_safe_text here too, so that it cannot move the
 * cursor. Programs read --output json or csv, where nothing is cut or folded.
 */
#ifndef SEALROOM_CLIENT_TERMINAL_H
#define SEALROOM_CLIENT_TERMINAL_H

#include <stdio.h>

#include "base/bytes.h"

enum
{
    TERMINAL_LINE = 80, /* of prose, wherever it goes */
};

/* Columns of the terminal that standard output is; SIZE_MAX when it is none (a file, a pipe). */
size_t terminal_width(void);
/* Texts are read as UTF-8: the first of LC_ALL, LC_CTYPE and LANG that says anything names it. */
bool terminal_is_utf8(void);
/* The text in at most `width` columns (at least 1): what is too long ends in "…". The caller frees it
 * with sr_free. */
char *terminal_cut(sr_slice text, size_t width) SR_MUST_USE;
/* The same text with one blank for each line break and run of blanks. The caller frees it. */
char *terminal_on_one_line(const char *text) SR_MUST_USE;
/* Prints the text with a line break at a blank wherever a line would pass `width` columns, and one at
 * the end. A word longer than that stays whole. */
void terminal_fold(const char *text, size_t width, FILE *to);

#endif
