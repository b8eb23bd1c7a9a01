/* The catalog's tables, by numbered migrations: a number is never changed once it has been released. */
#include "inside.h"

enum
{
    APPLICATION_ID = 0x5345414c, /* "SEAL" */
};

static const char *const migrations[] = {
    /* 1 */
    "CREATE TABLE collaboration ("
    "  id TEXT PRIMARY KEY, name TEXT NOT NULL, creator TEXT NOT NULL, flags INTEGER NOT NULL,"
    "  created_us INTEGER NOT NULL, key_check BLOB, next_record INTEGER NOT NULL DEFAULT 1,"
    "  UNIQUE (creator, name)) STRICT;"
    "CREATE TABLE member ("
    "  collaboration TEXT NOT NULL REFERENCES collaboration (id), name TEXT NOT NULL,"
    "  position INTEGER NOT NULL, abilities INTEGER NOT NULL, accepted INTEGER NOT NULL,"
    "  PRIMARY KEY (collaboration, name)) STRICT;"
    "CREATE TABLE configured_table ("
    "  number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,"
    "  collaboration TEXT NOT NULL REFERENCES collaboration (id), name TEXT NOT NULL,"
    "  owner TEXT NOT NULL, next_version INTEGER NOT NULL DEFAULT 1,"
    "  UNIQUE (collaboration, name)) STRICT;"
    "CREATE TABLE table_column ("
    "  table_number INTEGER NOT NULL REFERENCES configured_table (number),"
    "  position INTEGER NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL, data_type TEXT NOT NULL,"
    "  normaliser TEXT NOT NULL, allowed INTEGER NOT NULL,"
    "  PRIMARY KEY (table_number, position)) STRICT;"
    "CREATE TABLE reservation ("
    "  table_number INTEGER NOT NULL REFERENCES configured_table (number),"
    "  version INTEGER NOT NULL, PRIMARY KEY (table_number, version)) STRICT;"
    "CREATE TABLE table_version ("
    "  table_number INTEGER NOT NULL REFERENCES configured_table (number),"
    "  version INTEGER NOT NULL, rows INTEGER NOT NULL, uploaded_us INTEGER NOT NULL,"
    "  null_bits_unknown INTEGER NOT NULL, member TEXT NOT NULL, certificate TEXT NOT NULL,"
    "  PRIMARY KEY (table_number, version)) STRICT;"
    "CREATE TABLE card ("
    "  table_number INTEGER NOT NULL, version INTEGER NOT NULL, position INTEGER NOT NULL,"
    "  card BLOB NOT NULL, PRIMARY KEY (table_number, version, position),"
    "  FOREIGN KEY (table_number, version) REFERENCES table_version (table_number, version)) "
    "STRICT;"
    "CREATE TABLE rule ("
    "  table_number INTEGER NOT NULL REFERENCES configured_table (number),"
    "  version INTEGER NOT NULL, member TEXT NOT NULL, role TEXT NOT NULL,"
    "  certificate TEXT NOT NULL, set_us INTEGER NOT NULL, json TEXT NOT NULL,"
    "  subject_column TEXT NOT NULL, PRIMARY KEY (table_number, version)) STRICT;"
    "CREATE TABLE record ("
    "  collaboration TEXT NOT NULL REFERENCES collaboration (id), number INTEGER NOT NULL,"
    "  time_us INTEGER NOT NULL, member TEXT NOT NULL, role TEXT NOT NULL,"
    "  certificate TEXT NOT NULL, action TEXT NOT NULL, query_id TEXT NOT NULL, text TEXT NOT NULL,"
    "  decision TEXT NOT NULL, status TEXT NOT NULL, reason TEXT NOT NULL,"
    "  rule_field TEXT NOT NULL, rule_table TEXT NOT NULL, rule_column TEXT NOT NULL,"
    "  finished_us INTEGER NOT NULL, PRIMARY KEY (collaboration, number)) STRICT;"
    "CREATE TABLE record_table ("
    "  collaboration TEXT NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL,"
    "  owner TEXT NOT NULL, version INTEGER NOT NULL,"
    "  PRIMARY KEY (collaboration, number, name, owner, version),"
    "  FOREIGN KEY (collaboration, number) REFERENCES record (collaboration, number)) STRICT;"
    "CREATE INDEX record_table_owner ON record_table (collaboration, owner, number);",
    /* 2: versions that were deleted, what is still to be erased, and names that come again */
    "ALTER TABLE table_version ADD COLUMN appended_to INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE table_version ADD COLUMN deleted_us INTEGER NOT NULL DEFAULT 0;"
    "CREATE TABLE erasure ("
    "  table_number INTEGER NOT NULL, version INTEGER NOT NULL,"
    "  collaboration TEXT NOT NULL REFERENCES collaboration (id), name TEXT NOT NULL,"
    "  member TEXT NOT NULL, role TEXT NOT NULL, certificate TEXT NOT NULL,"
    "  PRIMARY KEY (table_number, version)) STRICT;"
    "CREATE TABLE former_table ("
    "  collaboration TEXT NOT NULL REFERENCES collaboration (id), name TEXT NOT NULL,"
    "  owner TEXT NOT NULL, next_version INTEGER NOT NULL,"
    "  PRIMARY KEY (collaboration, name)) STRICT;",
    /* 3: whether the values of a column repeat (1) or never do (0), for each version; no row: not known */
    "CREATE TABLE column_repeats ("
    "  table_number INTEGER NOT NULL, version INTEGER NOT NULL, position INTEGER NOT NULL,"
    "  repeats INTEGER NOT NULL CHECK (repeats IN (0, 1)),"
    "  PRIMARY KEY (table_number, version, position),"
    "  FOREIGN KEY (table_number, version) REFERENCES table_version (table_number, version)) "
    "STRICT;",
    /* 4: overlap sessions */
    "CREATE TABLE overlap_session ("
    "  id TEXT PRIMARY KEY, collaboration TEXT NOT NULL REFERENCES collaboration (id),"
    "  state TEXT NOT NULL, opened_by TEXT NOT NULL, role TEXT NOT NULL,"
    "  certificate TEXT NOT NULL, opened_us INTEGER NOT NULL, expires_us INTEGER NOT NULL,"
    "  manifest TEXT NOT NULL, reason TEXT NOT NULL, report TEXT NOT NULL,"
    "  next_part INTEGER NOT NULL DEFAULT 1) STRICT;"
    "CREATE TABLE overlap_member ("
    "  session TEXT NOT NULL REFERENCES overlap_session (id), position INTEGER NOT NULL,"
    "  name TEXT NOT NULL, certificate TEXT NOT NULL, contributed INTEGER NOT NULL,"
    "  digest BLOB, share BLOB, PRIMARY KEY (session, position)) STRICT;"
    "CREATE INDEX overlap_member_name ON overlap_member (name, session);"
    "CREATE TABLE overlap_part ("
    "  session TEXT NOT NULL REFERENCES overlap_session (id), number INTEGER NOT NULL,"
    "  owner INTEGER NOT NULL, hops INTEGER NOT NULL, label TEXT NOT NULL,"
    "  items INTEGER NOT NULL, points INTEGER NOT NULL, name TEXT NOT NULL,"
    "  digest BLOB NOT NULL, signature BLOB NOT NULL, transport BLOB NOT NULL,"
    "  last_name TEXT NOT NULL, last_digest BLOB NOT NULL,"
    "  PRIMARY KEY (session, number)) STRICT;",
    /* 5: when a member confirmed */
    "ALTER TABLE overlap_member ADD COLUMN confirmed_us INTEGER NOT NULL DEFAULT 0;"
    "UPDATE overlap_member SET confirmed_us = (SELECT opened_us FROM overlap_session"
    "  WHERE id = session) WHERE certificate <> '';",
};

enum
{
    MIGRATION_COUNT = sizeof migrations / sizeof migrations[0],
};

sr_result catalog_check_file(int64_t *version, int64_t *newest, db *self, sr_err *err)
{
    int64_t application = 0;
    int64_t tables = 0;
    *newest = MIGRATION_COUNT;
    if (db_number(self, "PRAGMA application_id", &application, err) != SR_OK ||
        db_number(self, "PRAGMA user_version", version, err) != SR_OK ||
        db_number(self, "SELECT count(*) FROM sqlite_schema", &tables, err) != SR_OK)
        return SR_FAIL;
    if (tables > 0 && application != APPLICATION_ID)
        return sr_fail(err, SR_E_CORRUPT, "this file is no catalog of Sealroom");
    if (*version > MIGRATION_COUNT)
        return sr_fail(err, SR_E_STATE, "this catalog was written by a newer server");
    return SR_OK;
}

sr_result catalog_check_pages(db *self, bool indexes, sr_err *err)
{
    DB_STATEMENT(check);
    bool row = false;
    const char *sql = indexes ? "PRAGMA integrity_check(1)" : "PRAGMA quick_check(1)";
    if (db_prepare(&check, self, sql, err) != SR_OK || db_step(check, &row, err) != SR_OK)
        return SR_FAIL;
    if (!row || !sr_slice_is_text_var(sr_slice_text(db_text(check, 0)), "ok"))
        return sr_fail(err, SR_E_CORRUPT, "the catalog is damaged");
    return SR_OK;
}

static sr_result apply(db *self, int64_t number, sr_err *err)
{
    DB_TRANSACTION(change);
    SR_TEXT(stamp);
    stamp = sr_text_printf("PRAGMA application_id = %d; PRAGMA user_version = %d;", APPLICATION_ID,
                           (int)number + 1);
    if (db_begin(&change, self, err) != SR_OK || db_run(self, migrations[number], err) != SR_OK ||
        db_run(self, stamp, err) != SR_OK)
        return SR_FAIL;
    return db_commit(&change, err);
}

/* What a crash left open: reservations of dead uploads, and queries that will never finish. */
static sr_result clean_up(db *self, sr_err *err)
{
    static const char sql[] = "DELETE FROM reservation;"
                              "DELETE FROM configured_table"
                              "  WHERE number NOT IN (SELECT table_number FROM table_version);"
                              "UPDATE record SET status = 'FAILED', reason = 'the server stopped',"
                              "  finished_us = unixepoch() * 1000000"
                              "  WHERE action = 'QUERY' AND status IN ('SUBMITTED', 'STARTED');";
    DB_TRANSACTION(change);
    if (db_begin(&change, self, err) != SR_OK || db_run(self, sql, err) != SR_OK)
        return SR_FAIL;
    return db_commit(&change, err);
}

sr_result catalog_migrate(catalog *self, sr_err *err)
{
    int64_t version = 0;
    int64_t newest = 0;
    if (catalog_check_file(&version, &newest, self->db, err) != SR_OK ||
        catalog_check_pages(self->db, false, err) != SR_OK)
        return SR_FAIL;
    for (; version < MIGRATION_COUNT; version++)
        if (apply(self->db, version, err) != SR_OK)
            return SR_FAIL;
    return clean_up(self->db, err);
}
