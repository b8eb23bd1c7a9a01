/* ctime.h: what the cases of the constant-time test share (see ctime.c). */
#ifndef SEALROOM_TESTS_CTIME_H
#define SEALROOM_TESTS_CTIME_H

#include <stddef.h>

#include "base/err.h"

enum
{
    EXIT_SKIPPED = 77,
    ANY = -1, /* at least one report */
};

typedef struct
{
    const char *name;
    void (*run)(void);
    int allowed; /* reports */
} ctime_case;

void make_secret(const void *bytes, size_t len);
void make_public(const void *bytes, size_t len);
/* Failures of the code under test itself end the program. */
void must(sr_result result, const sr_err *err);

/* The cases of crypto/group, for the kernel in use; ends with a case without name. */
extern const ctime_case group_cases[];

#endif
