/*
 * trace_follow.h: runs machine code as it is, with a look before each instruction.
 *
 * Every instruction is copied to a slot of its own, behind a call of the function that looks; what jumps, calls or returns is not
 * copied but done by hand. Addresses on the stack, and all that the code sees, are those of the original; only the copies of
 * instructions that name an address relative to their own are changed, to name the same. A look costs a fifth of a
 * microsecond; the processor's trap after each instruction costs up to ten, and knows no more.
 *
 *     slot     back:   rsp += 136                  from a jump
 *              start:  rsp -= 136, below the red zone; the instruction's number; call look
 *                      rsp += 136; the instruction; on to the next slot's start
 */
#ifndef SEALROOM_TESTS_TRACE_FOLLOW_H
#define SEALROOM_TESTS_TRACE_FOLLOW_H

#include <sys/ucontext.h>

#include "instruction.h"

/* Room for the copies, near this program and near its libraries. False: there is none, or no decoder. */
bool follow_init(void);

/* Registers by their numbers in <sys/ucontext.h>, as they are before `at`; rip and rsp too. May end the process, and not
 * change anything. */
typedef void follow_look(const instruction *at, const greg_t *registers);

/* Runs it in this thread. Not twice at a time. */
void follow(void (*run)(void), follow_look *look);

#endif
