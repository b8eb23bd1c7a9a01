/*
 * file_io.h: the two loops around read and write, shared by the files of file.h and by nobody else.
 *
 * Both go on after EINTR and after short transfers, and put `name` in front of their errors.
 */
#ifndef SEALROOM_BASE_FILE_IO_H
#define SEALROOM_BASE_FILE_IO_H

#include "bytes.h"
#include "err.h"

/* Writes everything. */
sr_result file_write_all(int fd, sr_slice bytes, const char *name, sr_err *err) SR_MUST_USE;
/* Reads until `size` bytes are there or the file ends; *got says how many. */
sr_result file_read_up_to(int fd, void *buffer, size_t size, size_t *got, const char *name,
                          sr_err *err) SR_MUST_USE;

#endif
