/* Each test works in a folder of its own, which is removed after it. */
#ifndef SEALROOM_TESTS_BASE_FOLDER_H
#define SEALROOM_TESTS_BASE_FOLDER_H

#include <stdlib.h>

#include "base/file.h"
#include "base/text.h"
#include "check.h"

static char folder[64];

static inline int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/sealroom-file-test.XXXXXX");
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static inline int remove_folder(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    return sr_folder_remove(folder, &err) == SR_OK ? 0 : -1;
}

/* A path in the test's folder; valid until the call after next. */
static inline const char *in_folder(const char *name)
{
    static char paths[2][512];
    static unsigned turn;
    turn = 1 - turn;
    snprintf(paths[turn], sizeof paths[turn], "%s/%s", folder, name);
    return paths[turn];
}

static inline size_t files_in_folder(void)
{
    SR_TEXT(command);
    size_t count = 0;
    command = sr_text_printf("find %s -type f | wc -l", folder);
    FILE *pipe = popen(command, "r");
    check(pipe != NULL);
    check(fscanf(pipe, "%zu", &count) == 1);
    pclose(pipe);
    return count;
}

#define in_own_folder(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

#endif
