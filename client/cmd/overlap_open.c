#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../overlap/normalise.h"
#include "base/text.h"
#include "cmd.h"
#include "common.h"
#include "crypto/group/group.h"
#include "overlap_common.h"

enum
{
    DAY_S = 24 * 3600,
    SECOND_US = 1000 * 1000,
};

static const option_row overlap_open_options[] = {
    {"member", NULL, 'm', OPTION_LIST, "NAME", "takes part (repeat, in the order of the ring)"},
    {"receiver", NULL, 0, OPTION_LIST, "NAME", "receives the numbers (repeat; default: all)"},
    {"segments", NULL, 0, OPTION_LIST, "NAME=N",
     "N segments of this member's items at most; too many (above): no matrix"},
    {"minimum", NULL, 0, OPTION_TEXT, "N", "a number that is released is N or more (default 100)"},
    {"minimumComplement", NULL, 0, OPTION_TEXT, "N",
     "and leaves N or more of each set and segment (default: the minimum)"},
    {"leastInput", NULL, 0, OPTION_TEXT, "N",
     "identifiers that every member brings at least (default: ten minimums)"},
    {"cap", NULL, 0, OPTION_TEXT, "N", "most points of a member's list (default 20000000)"},
    {"suite", NULL, 0, OPTION_TEXT, "NAME", "curve25519 (default) or p256"},
    {"normaliser", NULL, 0, OPTION_TEXT, "NAME", "exact, trim, or email (default)"},
    {"padded", NULL, 0, OPTION_FLAG, NULL,
     "hide sizes: fill lists up to 1, 2, 5 times a power of ten"},
    {"days", NULL, 0, OPTION_TEXT, "N", "the session expires after N days (default 7, most 30)"},
    ONLINE_COLLAB_OPTION,
    ONLINE_OPTIONS,
    ONLINE_OUTPUT_OPTION,
    COMMON_END,
};

static bool is_listed(const options *given, const char *option, const char *name)
{
    for (size_t i = 0; i < options_list_size(given, option); i++)
        if (strcmp(options_list_item(given, option, i), name) == 0)
            return true;
    return false;
}

/* "NAME=N" among the values of --segments. */
static sr_result read_segments(uint32_t *out, const options *given, const char *name, sr_err *err)
{
    size_t len = strlen(name);
    *out = 0;
    for (size_t i = 0; i < options_list_size(given, "segments"); i++)
    {
        const char *item = options_list_item(given, "segments", i);
        char *end = NULL;
        if (strncmp(item, name, len) != 0 || (item[len] != '=' && item[len] != '\0'))
            continue;
        if (item[len] == '\0')
            return sr_fail(err, SR_E_USAGE, "--segments %s: expected NAME=N", item);
        unsigned long number = strtoul(item + len + 1, &end, 10);
        if (end == item + len + 1 || *end != '\0' || number < 1 || number > MANIFEST_SEGMENTS_MOST)
            return sr_fail(err, SR_E_USAGE, "--segments %s: expected NAME=N with N from 1 to %d",
                           item, MANIFEST_SEGMENTS_MOST);
        *out = (uint32_t)number;
    }
    return SR_OK;
}

/* Every NAME, or NAME=N, of the option is of a member; a slip of the pen is not passed over. */
static sr_result check_names(const options *given, const char *option, sr_err *err)
{
    for (size_t i = 0; i < options_list_size(given, option); i++)
    {
        SR_TEXT(name);
        const char *item = options_list_item(given, option, i);
        name = sr_text_copy(item);
        name[strcspn(name, "=")] = '\0';
        if (!is_listed(given, "member", name))
            return sr_fail(err, SR_E_USAGE, "--%s %s: no --member of this name", option, item);
    }
    return SR_OK;
}

static sr_result read_members(manifest *terms, const options *given, uint64_t cap, sr_err *err)
{
    bool all_receive = options_list_size(given, "receiver") == 0;
    size_t count = options_list_size(given, "member");
    if (count < MANIFEST_MEMBERS_LEAST || count > MANIFEST_MEMBERS_MOST)
        return sr_fail(err, SR_E_USAGE,
                       "give --member for each of %d to %d members, yours included",
                       MANIFEST_MEMBERS_LEAST, MANIFEST_MEMBERS_MOST);
    if (check_names(given, "receiver", err) != SR_OK ||
        check_names(given, "segments", err) != SR_OK)
        return SR_FAIL;
    for (size_t i = 0; i < count; i++)
    {
        manifest_member *member = &terms->members[i];
        const char *name = options_list_item(given, "member", i);
        *member = (manifest_member){.cap = cap};
        if (!sr_text_put(member->name, sizeof member->name, name))
            return sr_fail(err, SR_E_USAGE, "--member %.64s…: no member's name", name);
        if (manifest_position(terms, name) < i)
            return sr_fail(err, SR_E_USAGE, "--member %s: given twice", name);
        terms->member_count = i + 1;
        member->receives = all_receive || is_listed(given, "receiver", name);
        if (read_segments(&member->segments, given, name, err) != SR_OK)
            return SR_FAIL;
    }
    return SR_OK;
}

static sr_result read_suite(manifest *terms, const options *given, sr_err *err)
{
    sr_err ignored = SR_ERR_INIT;
    group_suite known;
    const char *suite = options_text(given, "suite");
    if (suite == NULL)
        suite = "curve25519";
    if (group_suite_parse(&known, suite, &ignored) == SR_OK &&
        sr_text_put(terms->suite, sizeof terms->suite, suite))
        return SR_OK;
    return sr_fail(err, SR_E_USAGE, "--suite %.64s: expected curve25519 or p256", suite);
}

/* "email" on the command line is the newest "email-vN". */
static sr_result read_normaliser(manifest *terms, const options *given, sr_err *err)
{
    SR_TEXT(whole);
    sr_err ignored = SR_ERR_INIT;
    normaliser known;
    const char *word = options_text(given, "normaliser");
    if (word == NULL)
        word = "email";
    bool versioned = normaliser_parse(&known, word, &ignored) == SR_OK;
    whole = sr_text_printf("%s%s", word, versioned ? "" : "-v1");
    sr_err_reset(&ignored);
    if (normaliser_parse(&known, whole, &ignored) == SR_OK &&
        sr_text_put(terms->normaliser, sizeof terms->normaliser, whole))
        return SR_OK;
    return sr_fail(err, SR_E_USAGE, "--normaliser %.64s: expected exact, trim or email", word);
}

static sr_result read_words(manifest *terms, const options *given, sr_err *err)
{
    terms->padded = options_flag(given, "padded");
    return read_suite(terms, given, err) == SR_OK ? read_normaliser(terms, given, err) : SR_FAIL;
}

/* What the manifest would be refused for, in the words of the command line. */
static sr_result check_cap(const manifest *terms, uint64_t cap, sr_err *err)
{
    if (cap >= terms->least_input)
        return SR_OK;
    return sr_fail(err, SR_E_USAGE,
                   "--cap %llu: below the %llu identifiers that every member brings at least "
                   "(--leastInput, by default ten times --minimum)",
                   (unsigned long long)cap, (unsigned long long)terms->least_input);
}

static sr_result read_terms(manifest *terms, const options *given, sr_err *err)
{
    uint64_t cap = 0;
    uint64_t days = 0;
    *terms = (manifest){.member_count = 0};
    if (options_number(given, "minimum", MANIFEST_MINIMUM_DEFAULT, 0, MANIFEST_POINTS_MOST,
                       &terms->minimum, err) != SR_OK ||
        options_number(given, "minimumComplement", terms->minimum, 0, MANIFEST_POINTS_MOST,
                       &terms->minimum_complement, err) != SR_OK ||
        options_number(given, "leastInput", 10 * terms->minimum, 0, MANIFEST_POINTS_MOST,
                       &terms->least_input, err) != SR_OK ||
        options_number(given, "cap", 20000000, 1, MANIFEST_POINTS_MOST, &cap, err) != SR_OK ||
        options_number(given, "days", 7, 1, 30, &days, err) != SR_OK ||
        check_cap(terms, cap, err) != SR_OK || read_words(terms, given, err) != SR_OK ||
        read_members(terms, given, cap, err) != SR_OK)
        return SR_FAIL;
    /* A little less, so that 30 days are not over the server's limit by its clock. */
    terms->expires_s = sr_now_us() / SECOND_US + (int64_t)days * DAY_S - 60;
    return manifest_check(terms, err);
}

/* The server gives the two ids, and changes nothing else: whoever proposed the terms would confirm others unseen. */
static sr_result check_answer(const link_overlap *session, const manifest *asked, sr_err *err)
{
    manifest expected = *asked;
    SR_BUF(wanted, MANIFEST_TEXT_MOST);
    SR_BUF(given, MANIFEST_TEXT_MOST);
    expected.session = session->manifest.session;
    expected.collaboration = session->manifest.collaboration;
    if (manifest_print(&expected, &wanted, err) != SR_OK ||
        manifest_print(&session->manifest, &given, err) != SR_OK)
        return SR_FAIL;
    if (!sr_slice_equal_var(sr_buf_view(&wanted), sr_buf_view(&given)))
        return sr_fail(err, SR_E_STATE,
                       "the server opened session %s under other terms than were asked for; do not "
                       "confirm it",
                       session->session);
    return SR_OK;
}

static sr_result run_overlap_open(const options *given, sr_err *err)
{
    ONLINE(here);
    LINK_OVERLAP(session);
    manifest terms;
    output_form form;
    if (online_form(&form, given, err) != SR_OK || read_terms(&terms, given, err) != SR_OK ||
        online_open(&here, given, ROLE_BIT(ROLE_ANALYST), err) != SR_OK)
        return SR_FAIL;
    online_choose(&here, given);
    if (link_overlap_open(&session, here.link, here.collaboration, &terms, err) != SR_OK ||
        check_answer(&session, &terms, err) != SR_OK ||
        overlap_print(&session, form, err) != SR_OK ||
        overlap_member_shown(here.profile.path, &session, err) != SR_OK)
        return SR_FAIL;
    overlap_warn_segments(&session.manifest);
    if (form == OUTPUT_TABLE)
        (void)printf("\nEvery member, you too, looks at these terms and confirms them:\n"
                     "sealroom overlap confirm %s --yes\n",
                     session.session);
    return SR_OK;
}

const command_row command_overlap_open = {
    .noun = "overlap",
    .verb = "open",
    .line = "propose an overlap session: who, and what may be released",
    .usage = "--member NAME --member NAME … [--minimum N] [--segments NAME=N] [--collab NAME]",
    .about =
        "An overlap session tells how many identifiers members have in common, and no member "
        "which.\n"
        "Members share no secret for it: each blinds its list with a scalar of its own, the "
        "others\n"
        "blind it again, and the server counts what is equal. It releases a number only if it and\n"
        "what it leaves of each set reach the minimum.\n"
        "\n"
        "  sealroom overlap open --member retailer --member brand --minimum 100\n"
        "  sealroom overlap confirm SESSION --yes          every member, once\n"
        "  sealroom overlap join SESSION customers.csv --id email   every member, until it is "
        "done\n"
        "  sealroom overlap release SESSION\n"
        "\n"
        "Members need not be online at the same moment: the server keeps what waits for each.\n"
        "\n"
        "With --segments numbers are told by segment too, in a matrix, among up to five members, "
        "if\n"
        "every member's segments plus one (2 for a member without), multiplied, are at most 257: "
        "15\n"
        "segments of each of two members, for example.",
    .options = overlap_open_options,
    .arguments = 0,
    .run = run_overlap_open,
};
