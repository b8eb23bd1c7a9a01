/*
 * grid.h: a small aligned table on a terminal, for the operator's commands.
 *
 *     GRID(table, 2);                                two columns
 *     grid_put(&table, sr_slice_text("name"), 40);   cell by cell, row after row; the first row heads it
 *     grid_print(&table, stdout, 100);
 *
 * Widths are counted as a terminal shows them (sr_utf8_width). A cell is cleaned when it is put: control
 * characters (C0, C1, DEL) and what is not UTF-8 become "?", so that stored text cannot steer the terminal,
 * and what is wider than its limit is cut, ending in "…".
 */
#ifndef SEALROOM_SERVER_SHELL_GRID_H
#define SEALROOM_SERVER_SHELL_GRID_H

#include <stdio.h>

#include "base/bytes.h"

typedef struct
{
    size_t columns;
    char **cells; /* row by row */
    size_t count;
    size_t room;
} grid;

/* One text, cleaned and cut as above; owned (sr_free). */
char *grid_clean(sr_slice text, size_t most) SR_MUST_USE;

void grid_clear(grid *table);
#define GRID(name, width) grid name SR_CLEANUP(grid_clear) = {.columns = (width)}

/* `most`: columns of the terminal that the cell may take; at least 1. */
void grid_put(grid *table, sr_slice text, size_t most);
/* Rows indented by two, columns two apart, no blanks at line ends. Columns that do not fit into `width` are
 * left out; gives how many. */
size_t grid_print(const grid *table, FILE *out, size_t width);

#endif
