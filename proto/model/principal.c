#include "principal.h"

#include <string.h>

/* ---- names ----------------------------------------------------------------------------------- */

static bool is_name_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_name_character(char c)
{
    return is_name_start(c) || c == '-' || c == '_';
}

static size_t valid_prefix(const char *name)
{
    size_t at = 0;
    if (!is_name_start(name[0]))
        return 0;
    while (is_name_character(name[at]))
        at++;
    return at;
}

sr_result model_name_check(const char *what, const char *name, sr_err *err)
{
    size_t len = strlen(name);
    if (len == 0)
        return sr_fail(err, SR_E_INVALID, "%s name: missing", what);
    if (len >= MODEL_NAME_SIZE)
        return sr_fail(err, SR_E_INVALID, "%s name: longer than %d characters", what,
                       MODEL_NAME_SIZE - 1);
    if (valid_prefix(name) != len)
        return sr_fail(
            err, SR_E_INVALID,
            "%s name \"%s\": expected a-z, 0-9, '-' and '_', with a letter or digit first", what,
            name);
    return SR_OK;
}

sr_result model_table_name_check(const char *name, sr_err *err)
{
    if (model_name_check("table", name, err) != SR_OK)
        return SR_FAIL;
    if (strchr(name, '-') != NULL || (name[0] >= '0' && name[0] <= '9'))
        return sr_fail(err, SR_E_INVALID,
                       "table name \"%s\": expected a-z, 0-9 and '_', with a letter first, so that "
                       "queries can name it",
                       name);
    return SR_OK;
}

/* ---- roles ----------------------------------------------------------------------------------- */

static const char *const role_names[ROLE_COUNT_] = {
    [ROLE_ADMIN] = "admin",
    [ROLE_OWNER] = "owner",
    [ROLE_ANALYST] = "analyst",
};

const char *role_name(principal_role role)
{
    return role_names[role];
}

sr_result role_parse(principal_role *out, const char *name, sr_err *err)
{
    *out = ROLE_ADMIN;
    for (int role = 0; role < ROLE_COUNT_; role++)
        if (strcmp(name, role_names[role]) == 0)
        {
            *out = (principal_role)role;
            return SR_OK;
        }
    return sr_fail(err, SR_E_INVALID, "role \"%s\": expected admin, owner or analyst", name);
}

/* ---- the URI --------------------------------------------------------------------------------- */

static const char scheme[] = "sealroom://";

static sr_result no_principal(principal *out, sr_err *err)
{
    *out = (principal){.member = ""};
    return sr_fail(err, SR_E_UNKNOWN_PEER,
                   "the certificate's URI is not sealroom://<member>/<role> with role admin, owner "
                   "or analyst");
}

/* The member's name ends at the first slash; the rest is the role, to its last character. */
sr_result principal_parse_uri(principal *out, const char *uri, sr_err *err)
{
    *out = (principal){.member = ""};
    if (strncmp(uri, scheme, sizeof scheme - 1) != 0)
        return no_principal(out, err);
    const char *member = uri + sizeof scheme - 1;
    const char *slash = strchr(member, '/');
    if (slash == NULL || slash == member || (size_t)(slash - member) >= MODEL_NAME_SIZE)
        return no_principal(out, err);
    sr_copy(out->member, member, (size_t)(slash - member));
    if (model_name_check("member", out->member, err) != SR_OK ||
        role_parse(&out->role, slash + 1, err) != SR_OK)
        return no_principal(out, err);
    return SR_OK;
}

char *principal_print_uri(const principal *who)
{
    return sr_text_printf("%s%s/%s", scheme, who->member, role_name(who->role));
}

/* ---- abilities ------------------------------------------------------------------------------- */

static const struct
{
    const char *word;
    unsigned bit;
} ability_words[] = {
    {"contribute", ABILITY_CONTRIBUTE},
    {"query", ABILITY_QUERY},
    {"receive", ABILITY_RECEIVE_RESULTS},
};
enum
{
    ABILITY_WORDS = sizeof ability_words / sizeof ability_words[0]
};

static unsigned ability_bit(sr_slice word)
{
    for (size_t i = 0; i < ABILITY_WORDS; i++)
        if (sr_slice_is_text_var(word, ability_words[i].word))
            return ability_words[i].bit;
    return 0;
}

sr_result abilities_parse(unsigned *out, const char *text, sr_err *err)
{
    unsigned abilities = 0;
    *out = 0;
    while (*text != '\0')
    {
        size_t len = strcspn(text, ",");
        unsigned bit = ability_bit(sr_slice_of(text, len));
        if (bit == 0)
            return sr_fail(err, SR_E_INVALID,
                           "ability \"%.*s\": expected contribute, query or receive, separated by "
                           "commas",
                           (int)(len < 64 ? len : 64), text);
        abilities |= bit;
        text += len;
        if (*text == ',' && *++text == '\0')
            return sr_fail(err, SR_E_INVALID, "abilities: a comma with nothing after it");
    }
    *out = abilities;
    return SR_OK;
}

char *abilities_print(unsigned abilities)
{
    const char *word[ABILITY_WORDS];
    const char *comma[ABILITY_WORDS];
    bool any = false;
    for (size_t i = 0; i < ABILITY_WORDS; i++)
    {
        bool has = (abilities & ability_words[i].bit) != 0;
        word[i] = has ? ability_words[i].word : "";
        comma[i] = has && any ? "," : "";
        any = any || has;
    }
    return sr_text_printf("%s%s%s%s%s", word[0], comma[1], word[1], comma[2], word[2]);
}
