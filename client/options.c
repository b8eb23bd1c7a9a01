#include "options.h"

#include <assert.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

typedef struct
{
    const option_row *row;
    char *value; /* NULL for flags */
} given;

struct options
{
    const option_row *table;
    size_t most;
    given *given;
    size_t given_count;
    char **arguments;
    size_t argument_count;
};

/* ---- names ----------------------------------------------------------------------------------- */

static char plain(char c)
{
    return (char)tolower((unsigned char)c);
}

static size_t skip_dashes(const char *text, size_t at, size_t len)
{
    while (at < len && text[at] == '-')
        at++;
    return at;
}

/* Compares with the first `len` characters of `typed`, case and dashes aside. */
static bool same_name(const char *name, const char *typed, size_t len)
{
    size_t name_len = strlen(name);
    size_t a = skip_dashes(name, 0, name_len);
    size_t b = skip_dashes(typed, 0, len);
    while (a < name_len && b < len && plain(name[a]) == plain(typed[b]))
    {
        a = skip_dashes(name, a + 1, name_len);
        b = skip_dashes(typed, b + 1, len);
    }
    return a == name_len && b == len;
}

static const option_row *find_long(const options *self, const char *typed, size_t len)
{
    for (const option_row *row = self->table; row->name != NULL; row++)
    {
        if (same_name(row->name, typed, len) ||
            (row->alias != NULL && same_name(row->alias, typed, len)))
            return row;
    }
    return NULL;
}

static const option_row *find_letter(const options *self, char letter)
{
    for (const option_row *row = self->table; row->name != NULL; row++)
    {
        if (row->letter == letter)
            return row;
    }
    return NULL;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

enum
{
    DISTANCE_LONGEST = 64,
};

size_t options_distance(const char *a, const char *b)
{
    size_t row[DISTANCE_LONGEST + 1];
    size_t len = least(strlen(b), DISTANCE_LONGEST);
    for (size_t k = 0; k <= len; k++)
        row[k] = k;
    for (size_t i = 0; a[i] != '\0'; i++)
    {
        size_t corner = row[0];
        row[0] = i + 1;
        for (size_t k = 0; k < len; k++)
        {
            size_t change = corner + (plain(a[i]) == plain(b[k]) ? 0 : 1);
            corner = row[k + 1];
            row[k + 1] = least(change, 1 + least(row[k], row[k + 1]));
        }
    }
    return row[len];
}

static sr_result fail_unknown(const options *self, const char *word, size_t len, sr_err *err)
{
    SR_TEXT(typed);
    typed = sr_text_printf("%.*s", (int)len, word);
    const option_row *near = NULL;
    size_t distance = 4; /* farther ones help nobody */
    for (const option_row *row = self->table; row->name != NULL; row++)
    {
        size_t here = options_distance(typed + strspn(typed, "-"), row->name);
        if (here < distance && row->help != NULL)
        {
            distance = here;
            near = row;
        }
    }
    if (near == NULL)
        return sr_fail(err, SR_E_USAGE, "unknown option %s; see --help", typed);
    return sr_fail(err, SR_E_USAGE, "unknown option %s; did you mean --%s?", typed, near->name);
}

/* ---- values ---------------------------------------------------------------------------------- */

static char *without_quotes(const char *value)
{
    size_t len = strlen(value);
    if (len >= 2 && value[0] == '"' && value[len - 1] == '"')
        return sr_text_printf("%.*s", (int)(len - 2), value + 1);
    return sr_text_copy(value);
}

static const given *find_given(const options *self, const option_row *row, size_t index)
{
    for (size_t i = 0; i < self->given_count; i++)
    {
        if (self->given[i].row == row && index-- == 0)
            return &self->given[i];
    }
    return NULL;
}

static sr_result add_given(options *self, const option_row *row, const char *value, sr_err *err)
{
    if (row->kind == OPTION_IGNORED || row->kind == OPTION_IGNORED_FLAG)
        return SR_OK;
    if (row->kind == OPTION_TEXT && find_given(self, row, 0) != NULL)
        return sr_fail(err, SR_E_USAGE, "--%s is given twice", row->name);
    size_t count = self->given_count;
    self->given = sr_array_grow(self->given, count, count + 1, sizeof *self->given);
    self->given[count].row = row;
    self->given[count].value = value == NULL ? NULL : without_quotes(value);
    self->given_count++;
    return SR_OK;
}

static bool takes_value(const option_row *row)
{
    return row->kind != OPTION_FLAG && row->kind != OPTION_IGNORED_FLAG;
}

static void add_argument(options *self, const char *word)
{
    size_t count = self->argument_count;
    self->arguments = sr_array_grow(self->arguments, count, count + 1, sizeof *self->arguments);
    self->arguments[count] = without_quotes(word);
    self->argument_count++;
}

/* ---- words ----------------------------------------------------------------------------------- */

static bool is_option(const char *word)
{
    return word[0] == '-' && word[1] != '\0';
}

static const option_row *find_row(const options *self, const char *word, size_t len)
{
    if (word[1] == '-')
        return find_long(self, word + 2, len - 2);
    return len == 2 ? find_letter(self, word[1]) : NULL;
}

/* One option, with the next word when its value stands there; *used counts the words. */
static sr_result parse_option(options *self, const char *word, const char *next, size_t *used,
                              sr_err *err)
{
    const char *equals = strchr(word, '=');
    size_t len = equals == NULL ? strlen(word) : (size_t)(equals - word);
    const option_row *row = find_row(self, word, len);
    *used = 1;
    if (row == NULL)
        return fail_unknown(self, word, len, err);
    if (!takes_value(row))
        return equals == NULL ? add_given(self, row, NULL, err)
                              : sr_fail(err, SR_E_USAGE, "--%s takes no value", row->name);
    if (equals != NULL)
        return add_given(self, row, equals + 1, err);
    if (next == NULL)
        return sr_fail(err, SR_E_USAGE, "--%s needs a value: %s", row->name,
                       row->value == NULL ? "…" : row->value);
    *used = 2;
    return add_given(self, row, next, err);
}

static sr_result parse_words(options *self, int count, char *const *words, sr_err *err)
{
    bool only_arguments = false;
    for (int i = 0; i < count;)
    {
        size_t used = 1;
        if (!only_arguments && strcmp(words[i], "--") == 0)
            only_arguments = true;
        else if (only_arguments || !is_option(words[i]))
            add_argument(self, words[i]);
        else if (parse_option(self, words[i], i + 1 < count ? words[i + 1] : NULL, &used, err) !=
                 SR_OK)
            return SR_FAIL;
        i += (int)used;
    }
    if (self->argument_count > self->most)
        return sr_fail(err, SR_E_USAGE, "unexpected argument: %s", self->arguments[self->most]);
    return SR_OK;
}

sr_result options_parse(options **out, const option_row *table, size_t arguments_most, int count,
                        char *const *words, sr_err *err)
{
    options *self = sr_alloc(sizeof *self);
    self->table = table;
    self->most = arguments_most;
    *out = NULL;
    if (parse_words(self, count, words, err) != SR_OK)
    {
        options_free(self);
        return SR_FAIL;
    }
    *out = self;
    return SR_OK;
}

/* ---- asking ---------------------------------------------------------------------------------- */

static const option_row *row_of(const options *self, const char *name)
{
    const option_row *row = self->table;
    while (row->name != NULL && strcmp(row->name, name) != 0)
        row++;
    assert(row->name != NULL);
    return row;
}

const char *options_text(const options *self, const char *name)
{
    return options_list_item(self, name, 0);
}

bool options_flag(const options *self, const char *name)
{
    return find_given(self, row_of(self, name), 0) != NULL;
}

size_t options_list_size(const options *self, const char *name)
{
    const option_row *row = row_of(self, name);
    size_t size = 0;
    while (find_given(self, row, size) != NULL)
        size++;
    return size;
}

const char *options_list_item(const options *self, const char *name, size_t index)
{
    const given *found = find_given(self, row_of(self, name), index);
    return found == NULL ? NULL : found->value;
}

sr_result options_required(const options *self, const char *name, const char **out, sr_err *err)
{
    const option_row *row = row_of(self, name);
    *out = options_text(self, name);
    if (*out != NULL)
        return SR_OK;
    return sr_fail(err, SR_E_USAGE, "--%s %s is missing", name,
                   row->value == NULL ? "" : row->value);
}

/* Digits, and with `units` one letter of K, M, G behind them. */
static bool read_number(const char *text, bool units, uint64_t *out)
{
    static const char letters[] = "KMG";
    char *end = NULL;
    if (text[0] < '0' || text[0] > '9')
        return false;
    unsigned long long value = strtoull(text, &end, 10);
    const char *unit = units && *end != '\0' ? strchr(letters, toupper((unsigned char)*end)) : NULL;
    if (unit != NULL)
    {
        unsigned shift = 10u * (unsigned)(unit - letters + 1);
        if (value > (UINT64_MAX >> shift))
            return false;
        value <<= shift;
        end++;
    }
    *out = value;
    return *end == '\0';
}

sr_result options_number(const options *self, const char *name, uint64_t otherwise, uint64_t low,
                         uint64_t most, uint64_t *out, sr_err *err)
{
    const char *text = options_text(self, name);
    *out = otherwise;
    if (text == NULL || (read_number(text, false, out) && *out >= low && *out <= most))
        return SR_OK;
    return sr_fail(err, SR_E_USAGE, "--%s: expected a whole number from %" PRIu64 " to %" PRIu64,
                   name, low, most);
}

sr_result options_size(const options *self, const char *name, uint64_t otherwise, uint64_t low,
                       uint64_t *out, sr_err *err)
{
    const char *text = options_text(self, name);
    *out = otherwise;
    if (text == NULL || (read_number(text, true, out) && *out >= low))
        return SR_OK;
    return sr_fail(err, SR_E_USAGE, "--%s: expected a size such as 512M, at least %" PRIu64 "M",
                   name, low >> 20);
}

size_t options_arguments(const options *self)
{
    return self->argument_count;
}

const char *options_argument(const options *self, size_t index)
{
    return index < self->argument_count ? self->arguments[index] : NULL;
}

void options_free(options *self)
{
    if (self == NULL)
        return;
    for (size_t i = 0; i < self->given_count; i++)
        sr_free(self->given[i].value);
    for (size_t i = 0; i < self->argument_count; i++)
        sr_free(self->arguments[i]);
    sr_free(self->given);
    sr_free(self->arguments);
    sr_free(self);
}

void options_clear(options **self)
{
    options_free(*self);
    *self = NULL;
}
