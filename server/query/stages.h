/*
 * stages.h: the stages of a query, in the order in which they happen.
 *
 *   stage     takes                         makes             in
 *   parse     text                          parsed_query      parse.c     libpg_query, in a child process
 *   resolve   parsed_query, catalog         resolved_query    resolve.c   names become tables and columns
 *   check     resolved_query, rules         checked_query     check.c     default deny
 *   plan      checked_query                 engine_plan       plan.c      SQL is generated
 *   execute   engine_plan, engine           grouped_rows      execute.c   groups and hidden counts
 *   protect   grouped_rows, engine_plan     protected_rows    protect.c   minimums, then HAVING, ORDER BY
 *   deliver   protected_rows                (the sink)        deliver.c
 *
 * The types are opaque, and each is made in its own file only, so a stage that is left out does not
 * compile. parsed, resolved and checked have private headers of their names (ast.h, resolved.h,
 * checked.h) which the following stage reads; the last three are known to their own files alone.
 *
 * Ownership: a product borrows from the products before it (texts, rules), all the way to the
 * request; release them in reverse order, as locals do by themselves.
 *
 * Errors: parse, resolve and check refuse with SR_E_REFUSED (refuse.h). Outputs are NULL after a failure.
 */
#ifndef SEALROOM_SERVER_QUERY_STAGES_H
#define SEALROOM_SERVER_QUERY_STAGES_H

#include "query.h"

typedef struct parsed_query parsed_query;
typedef struct resolved_query resolved_query;
typedef struct checked_query checked_query;
typedef struct engine_plan engine_plan;
typedef struct grouped_rows grouped_rows;
typedef struct protected_rows protected_rows;

/* 1. One SELECT as our own small tree; every construct that we do not know is refused. */
sr_result query_parse(parsed_query **out, const query_request *request, sr_err *err) SR_MUST_USE;

/* 2. Every name bound to a configured table with a rule and an allowed column. `touched` receives the
 * tables as they are found, also when the stage fails (release with sr_free). */
sr_result query_resolve(resolved_query **out, room_table_version **touched, size_t *touched_count,
                        parsed_query *parsed, const query_request *request,
                        sr_err *err) SR_MUST_USE;

/* 3. All of it allowed by the rules of every table that it touches. */
sr_result query_check(checked_query **out, const resolved_query *resolved,
                      const query_request *request, sr_err *err) SR_MUST_USE;

/* With query_request.is_total: the query is one aggregate of everything. */
sr_result query_check_total(const checked_query *checked, const query_request *request,
                            sr_err *err) SR_MUST_USE;

/* The caller has the answer from before (query_memory). */
bool query_is_known(const checked_query *checked, const query_request *request);

/* 4. SQL for the engine, its parameters, and the minimum of every hidden count. */
sr_result query_plan(engine_plan **out, const checked_query *checked, sr_err *err) SR_MUST_USE;

/* The thresholds in force: depends on the rules of the tables alone. Owned (sr_free). */
char *query_notice(const checked_query *checked) SR_MUST_USE;

/* What the aggregates of the query count several times because keys repeat, and the ways out; NULL when there is
 * nothing of the kind. Depends on tables, joins, aggregates and room_column.repeats alone: never on conditions,
 * constants or rows. Owned (sr_free). */
char *query_warning(const checked_query *checked) SR_MUST_USE;

/* 5. The groups with their hidden counts, in a temporary table of the engine. */
sr_result query_execute(grouped_rows **out, const engine_plan *plan, const query_request *request,
                        sr_err *err) SR_MUST_USE;

/* 6. Takes the groups: those under a minimum are dropped, then HAVING and ORDER BY choose among the rest.
 * Reads the rules again first: if one changed while the query ran, nothing is released. `*rows` is taken
 * (NULL afterwards), whatever happens. */
sr_result query_protect(protected_rows **out, grouped_rows **rows, const checked_query *checked,
                        const engine_plan *plan, const query_request *request,
                        sr_err *err) SR_MUST_USE;

/* The same reading of the rules for an answer that was given before. */
sr_result query_rules_again(const checked_query *checked, const query_request *request,
                            sr_err *err) SR_MUST_USE;

/* 7. Rows to the sink. */
sr_result query_deliver(protected_rows *rows, const query_sink *sink, sr_err *err) SR_MUST_USE;

void query_parsed_free(parsed_query *parsed); /* all accept NULL */
void query_resolved_free(resolved_query *resolved);
void query_checked_free(checked_query *checked);
void query_plan_free(engine_plan *plan);
void query_grouped_free(grouped_rows *rows);
void query_protected_free(protected_rows *rows);

void query_parsed_clear(parsed_query **parsed);
void query_resolved_clear(resolved_query **resolved);
void query_checked_clear(checked_query **checked);
void query_plan_clear(engine_plan **plan);
void query_grouped_clear(grouped_rows **rows);
void query_protected_clear(protected_rows **rows);

#define PARSED_QUERY(name) parsed_query *name SR_CLEANUP(query_parsed_clear) = NULL
#define RESOLVED_QUERY(name) resolved_query *name SR_CLEANUP(query_resolved_clear) = NULL
#define CHECKED_QUERY(name) checked_query *name SR_CLEANUP(query_checked_clear) = NULL
#define ENGINE_PLAN(name) engine_plan *name SR_CLEANUP(query_plan_clear) = NULL
#define GROUPED_ROWS(name) grouped_rows *name SR_CLEANUP(query_grouped_clear) = NULL
#define PROTECTED_ROWS(name) protected_rows *name SR_CLEANUP(query_protected_clear) = NULL

#endif
