/*
 * judge.h: which of the numbers leave (release.h says by what rule).
 *
 * Up to RELEASE_MEMBERS_PROVEN members are judged all together: nothing that is held back, asked for or not, is confined by
 * all that leaves. With more, only overlaps of two may leave, and that of all; they are judged three members at a time,
 * each three as if they were alone: what could be said of three lists (27 things) is not confined by what leaves of these
 * three. What more of them say together is not looked at.
 */
#ifndef SEALROOM_SERVER_OVERLAP_JUDGE_H
#define SEALROOM_SERVER_OVERLAP_JUDGE_H

#include "numbers.h"

/* Sets allowed and released of all numbers. */
void judge(const manifest *rules, numbers *all);

/* ---- what judge.c and judge_many.c share ------------------------------------------------------ */

/* Rule 1: what a number is, and what it leaves. */
bool judge_reaches(const manifest *rules, const numbers *all, const number *one);
/* What is known now; NULL when that could not be found: then everything is taken to be confined, until so much is held
 * back that it can. */
bounds *judge_known(const numbers *all);
/* As many whole values as a number may have; 0 when that could not be found, or nothing is known. */
uint64_t judge_values_left(bounds *known, const number *one);
/* For more members than are proven; `allowed` is set. */
void judge_many(const manifest *rules, numbers *all);

#endif
