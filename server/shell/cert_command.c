#include "cert_command.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "certs.h"
#include "revocation.h"
#include "rpc/pem.h"

enum
{
    DAYS_DEFAULT = 365,
    DAYS_MOST = 3650,
    PEM_MOST = 64 * 1024,
};

static const char help[] =
    "sealroomd cert: certificates of a CA of your own\n"
    "\n"
    "  sealroomd cert ca --out CA                                  a new CA: ca.pem, ca.key\n"
    "  sealroomd cert issue --ca CA --server HOST[,HOST...] --out DIR\n"
    "                                                              server.pem, server.key\n"
    "  sealroomd cert issue --ca CA --member NAME --role ROLE --out DIR\n"
    "                                                              ROLE.pem, ROLE.key\n"
    "  sealroomd cert renew --ca CA --certificate FILE             same key, new validity\n"
    "  sealroomd cert revoke --ca CA (--certificate FILE | --fingerprint HEX)\n"
    "\n"
    "issue and renew take --days N (default 365, at most 3650). Roles: admin, owner, analyst.\n"
    "renew leaves the old certificate as FILE.old; it stays valid until it ends or is revoked.\n"
    "revoke adds to CA/revoked.txt. Name that file, or a copy, as revocationList in the\n"
    "configuration: the server reads it again when it changes, and refuses the certificate from\n"
    "the next call on. Replace a copy in one step (cp to a new name, then mv).\n"
    "Keep ca.key away from the server: whoever has it can be any member.\n";

/* ---- the command line ------------------------------------------------------------------------ */

typedef struct
{
    const char *ca;
    const char *out;
    const char *member;
    const char *role;
    const char *server;
    const char *certificate;
    const char *fingerprint;
    const char *days_text;
    const char *help;
    int days;
    certs_paths ca_paths;
} cert_options;

static const struct option long_options[] = {
    {"ca", required_argument, NULL, 1},
    {"out", required_argument, NULL, 2},
    {"member", required_argument, NULL, 3},
    {"role", required_argument, NULL, 4},
    {"server", required_argument, NULL, 5},
    {"certificate", required_argument, NULL, 6},
    {"fingerprint", required_argument, NULL, 7},
    {"days", required_argument, NULL, 8},
    {"help", no_argument, NULL, 9},
    {NULL, 0, NULL, 0},
};

static sr_result fail_usage(sr_err *err, const char *what)
{
    return sr_fail(err, SR_E_USAGE, "%s; see sealroomd cert --help", what);
}

static sr_result read_options(cert_options *out, int count, char **words, sr_err *err)
{
    const char **const places[] = {&out->ca,          &out->out,       &out->member,
                                   &out->role,        &out->server,    &out->certificate,
                                   &out->fingerprint, &out->days_text, &out->help};
    opterr = 0;
    optind = 1;
    for (;;)
    {
        int option = getopt_long(count, words, "", long_options, NULL);
        if (option == -1)
            break;
        if (option < 1 || option > 9)
            return fail_usage(err, "no such option, or its value is missing");
        if (*places[option - 1] != NULL)
            return fail_usage(err, "an option is given twice");
        *places[option - 1] = optarg == NULL ? "" : optarg;
    }
    return SR_OK;
}

static sr_result read_days(cert_options *options, sr_err *err)
{
    char *end = NULL;
    options->days = DAYS_DEFAULT;
    if (options->days_text == NULL)
        return SR_OK;
    long days = strtol(options->days_text, &end, 10);
    if (options->days_text[0] < '0' || options->days_text[0] > '9' || *end != '\0' || days < 1 ||
        days > DAYS_MOST)
        return sr_fail(err, SR_E_USAGE, "--days: expected a whole number from 1 to %d", DAYS_MOST);
    options->days = (int)days;
    return SR_OK;
}

/* ---- the commands ---------------------------------------------------------------------------- */

static sr_result make_ca(const cert_options *options, sr_err *err)
{
    SR_TEXT(certificate);
    SR_TEXT(key);
    SR_TEXT(list);
    if (options->out == NULL)
        return fail_usage(err, "name the folder: --out");
    certificate = sr_path_join(options->out, "ca.pem");
    key = sr_path_join(options->out, "ca.key");
    list = sr_path_join(options->out, "revoked.txt");
    certs_paths paths = {certificate, key};
    if (sr_folder_make(options->out, 0700, err) != SR_OK || certs_make_ca(&paths, err) != SR_OK ||
        revocation_list_make(list, err) != SR_OK)
        return SR_FAIL;
    (void)printf("%s: the CA; %s: keep it secret; %s: nobody is revoked\n", certificate, key, list);
    return SR_OK;
}

static sr_result issue_to(const cert_options *options, const certs_paths *to, sr_err *err)
{
    principal who = {.member = ""};
    if (options->server != NULL)
        return certs_issue_server(to, &options->ca_paths, options->server, options->days, err);
    if (model_name_check("--member", options->member, err) != SR_OK ||
        role_parse(&who.role, options->role, err) != SR_OK)
        return SR_FAIL;
    if (!sr_text_put(who.member, sizeof who.member, options->member))
        return fail_usage(err, "--member: too long");
    return certs_issue_member(to, &options->ca_paths, &who, options->days, err);
}

static sr_result issue(const cert_options *options, sr_err *err)
{
    SR_TEXT(certificate);
    SR_TEXT(key);
    bool is_server = options->server != NULL;
    if (options->ca == NULL || options->out == NULL)
        return fail_usage(err, "name the CA's folder and the new one: --ca, --out");
    if (is_server ? options->member != NULL || options->role != NULL
                  : options->member == NULL || options->role == NULL)
        return fail_usage(err, "give --member and --role, or --server alone");
    const char *name = is_server ? "server" : options->role;
    if (strchr(name, '/') != NULL)
        return fail_usage(err, "--role: expected admin, owner or analyst");
    certificate = sr_text_printf("%s/%s.pem", options->out, name);
    key = sr_text_printf("%s/%s.key", options->out, name);
    certs_paths paths = {certificate, key};
    if (sr_folder_make(options->out, 0700, err) != SR_OK || issue_to(options, &paths, err) != SR_OK)
        return SR_FAIL;
    (void)printf("%s, %s: for %d days\n", certificate, key, options->days);
    return SR_OK;
}

static sr_result renew(const cert_options *options, sr_err *err)
{
    if (options->ca == NULL || options->certificate == NULL)
        return fail_usage(err, "name the CA's folder and the file: --ca, --certificate");
    if (certs_renew(options->certificate, &options->ca_paths, options->days, err) != SR_OK)
        return SR_FAIL;
    (void)printf("%s: for %d more days; the old one: %s.old\n", options->certificate, options->days,
                 options->certificate);
    return SR_OK;
}

static sr_result find_fingerprint(char out[RPC_FINGERPRINT_TEXT_SIZE], const cert_options *options,
                                  sr_err *err)
{
    SR_BUF(bytes, PEM_MOST);
    SR_TEXT(pem);
    if (options->fingerprint != NULL &&
        !sr_text_put(out, RPC_FINGERPRINT_TEXT_SIZE, options->fingerprint))
        return fail_usage(err, "--fingerprint: expected 64 lower-case hex digits");
    if (options->fingerprint != NULL)
        return SR_OK;
    if (sr_file_read(&bytes, options->certificate, err) != SR_OK ||
        sr_buf_take_text(&pem, &bytes, err) != SR_OK)
        return SR_FAIL;
    rpc_pem_fingerprint(out, pem);
    if (out[0] == '\0')
        return sr_fail(err, SR_E_FORMAT, "%s: no certificate", options->certificate);
    return SR_OK;
}

static sr_result revoke(const cert_options *options, sr_err *err)
{
    char fingerprint[RPC_FINGERPRINT_TEXT_SIZE];
    SR_TEXT(list);
    if (options->ca == NULL || (options->certificate == NULL) == (options->fingerprint == NULL))
        return fail_usage(err, "give --ca and one of --certificate and --fingerprint");
    list = sr_path_join(options->ca, "revoked.txt");
    if (find_fingerprint(fingerprint, options, err) != SR_OK ||
        revocation_list_add(list, fingerprint, err) != SR_OK)
        return SR_FAIL;
    (void)printf("%s: has %s\n", list, fingerprint);
    return SR_OK;
}

/* One row a command. */
static const struct
{
    const char *verb;
    sr_result (*run)(const cert_options *options, sr_err *err);
} commands[] = {{"ca", make_ca}, {"issue", issue}, {"renew", renew}, {"revoke", revoke}};

static sr_result run(cert_options *options, const char *verb, sr_err *err)
{
    SR_TEXT(certificate);
    SR_TEXT(key);
    certificate = sr_path_join(options->ca == NULL ? "." : options->ca, "ca.pem");
    key = sr_path_join(options->ca == NULL ? "." : options->ca, "ca.key");
    options->ca_paths = (certs_paths){certificate, key};
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (strcmp(commands[i].verb, verb) == 0)
            return commands[i].run(options, err);
    return fail_usage(err, "cert: expected ca, issue, renew or revoke");
}

sr_result cert_command_run(int count, char **words, sr_err *err)
{
    cert_options options = {.ca = NULL};
    if (read_options(&options, count, words, err) != SR_OK)
        return SR_FAIL;
    if (options.help != NULL)
        return fputs(help, stdout) < 0 ? SR_FAIL : SR_OK;
    if (read_days(&options, err) != SR_OK)
        return SR_FAIL;
    if (optind + 1 != count)
        return fail_usage(err, "cert: expected one of ca, issue, renew, revoke");
    return run(&options, words[optind], err);
}
