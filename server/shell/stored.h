/*
 * stored.h: what the operator's disk holds: `sealroomd stored`. For people who want to see for themselves
 * what a server stores of their tables: tokens, ciphertext, and the cleartext columns as they are.
 */
#ifndef SEALROOM_SERVER_SHELL_STORED_H
#define SEALROOM_SERVER_SHELL_STORED_H

#include "config.h"

/* Prints the first rows of every stored table on standard output; lines of at most 100 columns. The server
 * must be stopped (SR_E_STATE). */
sr_result stored_print(const server_config *config, unsigned rows, sr_err *err) SR_MUST_USE;

#endif
