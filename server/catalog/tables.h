/*
 * tables.h: reading configured tables, for callers that hold the catalog's lock.
 */
#ifndef SEALROOM_SERVER_CATALOG_TABLES_H
#define SEALROOM_SERVER_CATALOG_TABLES_H

#include "inside.h"

/* catalog_table_find for a caller that holds the lock. */
sr_result tables_find(catalog_table *out, catalog *catalog, const sr_uuid *collaboration,
                      const char *name, sr_err *err) SR_MUST_USE;
/* Adds the columns of a table, with the cards of out->version and what is known of its repeats. */
sr_result tables_read_columns(room_table *out, catalog *catalog, uint64_t number,
                              sr_err *err) SR_MUST_USE;

/* SR_E_NOT_FOUND for a table that is not there and never was: a deleted one still has its records. */
sr_result tables_was_there(catalog *catalog, const sr_uuid *collaboration, const char *name,
                           sr_err *err) SR_MUST_USE;
/* The (table number, version) pairs of a statement with the collaboration as ?1; the array is the
 * caller's (sr_free). */
sr_result tables_read_versions(catalog_version **out, size_t *count, catalog *catalog,
                               const char *sql, const sr_uuid *collaboration,
                               sr_err *err) SR_MUST_USE;

#endif
