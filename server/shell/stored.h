/*
 * stored.h: what the operator's disk holds: `sealroomd stored`. For people who want to see for themselves
 * what a server stores of their tables: tokens, ciphertext, and the cleartext columns as they are.
 *
 *     collaboration lab: publisher_audience of publisher, version 1, 5 rows
 *       user_id_hash (fingerprint)            segment (cleartext)
 *       0b5d2a86-1c1f-4f0e-9a43-5f6f1b1c7d10  news
 *
 * Tokens show as the engine stores them (UUID), sealed and deterministic cells as the beginning of their
 * bytes in hexadecimal, NULL as NULL. Lines are at most STORED_WIDTH columns of a terminal wide: long cells
 * are cut ("…"), and columns that do not fit are counted instead. Control characters, which a member's
 * cleartext may hold, show as "?".
 */
#ifndef SEALROOM_SERVER_SHELL_STORED_H
#define SEALROOM_SERVER_SHELL_STORED_H

#include "config.h"

enum
{
    STORED_WIDTH = 100,
    STORED_ROWS_MOST = 1000,
};

/* Prints the first rows of every stored table on standard output. Takes the data folder's lock, so that the
 * server must be stopped (SR_E_STATE); makes nothing where nothing is stored. */
sr_result stored_print(const server_config *config, unsigned rows, sr_err *err) SR_MUST_USE;

#endif
