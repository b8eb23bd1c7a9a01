/*
 * place.h: a folder for one test, and the few things that tests of the shell do with files.
 *
 *     static const struct CMUnitTest tests[] = {
 *         cmocka_unit_test_setup_teardown(a_key_is_kept, place_make, place_remove), …
 *
 * The test is inside its folder: relative paths are its own.
 */
#ifndef SEALROOM_TESTS_SHELL_PLACE_H
#define SEALROOM_TESTS_SHELL_PLACE_H

#include "check.h"

int place_make(void **state);
int place_remove(void **state);
#define place_test(name) cmocka_unit_test_setup_teardown((name), place_make, place_remove)

void place_write(const char *path, const char *text, unsigned mode);
/* Owned (sr_free). */
char *place_read(const char *path);
unsigned place_mode(const char *path); /* permission bits */
/* Exit status of a shell command, whose output is dropped. */
int place_run(const char *command);

#endif
