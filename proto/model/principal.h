/*
 * principal.h: who calls: a member (organisation) and a role inside it, as the client certificate's
 * SAN URI says: `sealroom://<member>/<role>`.
 *
 * Member names: 1 to 63 characters of a-z, 0-9, '-' and '_', starting with a letter or digit. Roles:
 * admin (collaborations, members), owner (tables, rules, approvals), analyst (queries, overlap).
 * Abilities belong to a member in a collaboration (AWS: member abilities).
 */
#ifndef SEALROOM_MODEL_PRINCIPAL_H
#define SEALROOM_MODEL_PRINCIPAL_H

#include "base/bytes.h"
#include "base/err.h"

enum
{
    MODEL_NAME_SIZE = 64, /* member, table and collaboration names, with the NUL */
};

typedef enum
{
    ROLE_ADMIN,
    ROLE_OWNER,
    ROLE_ANALYST,
    ROLE_COUNT_
} principal_role;

typedef struct
{
    char member[MODEL_NAME_SIZE];
    principal_role role;
} principal;

/* Bits of a set of roles, for the permission table. */
#define ROLE_BIT(role) (1u << (role))
#define ROLE_ANY (ROLE_BIT(ROLE_ADMIN) | ROLE_BIT(ROLE_OWNER) | ROLE_BIT(ROLE_ANALYST))

typedef enum
{
    ABILITY_CONTRIBUTE = 1u << 0,
    ABILITY_QUERY = 1u << 1,
    ABILITY_RECEIVE_RESULTS = 1u << 2,
    ABILITY_ALL = 7u,
} ability;

const char *role_name(principal_role role); /* "admin", "owner", "analyst" */
sr_result role_parse(principal_role *out, const char *name, sr_err *err) SR_MUST_USE;
/* Reads `sealroom://<member>/<role>`; anything else, down to a trailing slash, is SR_E_UNKNOWN_PEER. */
sr_result principal_parse_uri(principal *out, const char *uri, sr_err *err) SR_MUST_USE;
/* The URI, owned (sr_free). */
char *principal_print_uri(const principal *who) SR_MUST_USE;

/* "contribute,query,receive" and back; unknown words are refused by name. Result owned. */
sr_result abilities_parse(unsigned *out, const char *text, sr_err *err) SR_MUST_USE;
char *abilities_print(unsigned abilities) SR_MUST_USE;

/* Names of members, collaborations and tables: the rule above; `what` is the subject of the error
 * ("member", "table", "collaboration"). Table names may not hold '-' (they are SQL identifiers). */
sr_result model_name_check(const char *what, const char *name, sr_err *err) SR_MUST_USE;
sr_result model_table_name_check(const char *name, sr_err *err) SR_MUST_USE;

#endif
