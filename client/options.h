/*
 * options.h: a command line after the command's name, read by the command's table of options.
 *
 *     --name value   --name=value   -n value   -n=value   --flag   argument   --   argument …
 *
 * Names are compared without regard to case and dashes, so `--dry-run`, `--dryRun` and `--dryrun` are
 * one. One pair of double quotes around a value is stripped, as c3r-cli does. Faults are SR_E_USAGE, in
 * one line; an unknown option suggests the nearest. Secrets are never options: they would show in
 * process lists.
 */
#ifndef SEALROOM_CLIENT_OPTIONS_H
#define SEALROOM_CLIENT_OPTIONS_H

#include "base/bytes.h"
#include "base/err.h"

typedef enum
{
    OPTION_FLAG,    /* given or not */
    OPTION_TEXT,    /* one value; given twice is refused */
    OPTION_LIST,    /* any number of values */
    OPTION_IGNORED, /* a c3r-cli option that means nothing here, with a value */
    OPTION_IGNORED_FLAG,
} option_kind;

/* A row of a command's table; the last row has no name. */
typedef struct
{
    const char *name;  /* without dashes */
    const char *alias; /* another long name, or NULL */
    char letter;       /* or 0 */
    option_kind kind;
    const char *value; /* what the value is, for help: "FILE" */
    const char *help;  /* one line; NULL hides it from help */
} option_row;

typedef struct options options;

/* `arguments_most`: more arguments than that are refused. */
sr_result options_parse(options **out, const option_row *table, size_t arguments_most, int count,
                        char *const *words, sr_err *err) SR_MUST_USE;
/* By the name in the table (asserted). NULL and false when not given. Borrowed. */
const char *options_text(const options *self, const char *name);
bool options_flag(const options *self, const char *name);
size_t options_list_size(const options *self, const char *name);
const char *options_list_item(const options *self, const char *name, size_t index);
/* Whole number of a text option; `otherwise` when not given; SR_E_USAGE outside the bounds. */
sr_result options_number(const options *self, const char *name, uint64_t otherwise, uint64_t least,
                         uint64_t most, uint64_t *out, sr_err *err) SR_MUST_USE;
/* The same in bytes: "64M", "2G", "1048576". */
sr_result options_size(const options *self, const char *name, uint64_t otherwise, uint64_t least,
                       uint64_t *out, sr_err *err) SR_MUST_USE;
/* A text option that must be there: SR_E_USAGE names it. */
sr_result options_required(const options *self, const char *name, const char **out,
                           sr_err *err) SR_MUST_USE;
size_t options_arguments(const options *self);
const char *options_argument(const options *self, size_t index); /* NULL behind the last */

void options_free(options *self); /* accepts NULL */
void options_clear(options **self);
#define OPTIONS(name) options *name SR_CLEANUP(options_clear) = NULL

/* Edit distance, letters of any case alike, dashes aside; for suggestions. */
size_t options_distance(const char *a, const char *b);

#endif
