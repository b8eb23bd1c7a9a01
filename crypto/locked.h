/*
 * locked.h: memory for long-lived secrets. Inside crypto/ only.
 *
 * Layout: [guard page][pages, the object at their end][guard page]; the object's end touches the
 * rear guard (but for alignment to 16), so that a read or write past it stops the process. The
 * pages are mlock'ed and MADV_DONTDUMP, start as zeros and are wiped by locked_free.
 */
#ifndef SEALROOM_CRYPTO_LOCKED_H
#define SEALROOM_CRYPTO_LOCKED_H

#include "base/bytes.h"
#include "base/err.h"

/* SR_E_FULL when the lock limit is used up, saying how to raise it. */
sr_result locked_new(void **out, size_t size, sr_err *err) SR_MUST_USE;
/* Wipes and unmaps; the size must be the one asked for. Accepts NULL. */
void locked_free(void *memory, size_t size);

#endif
