#include "server/rpc/permission.h"

#include <ctype.h>

#include "base/file.h"
#include "check.h"

/* ---- the protocol's files, read as far as the test needs -------------------------------------- */

typedef struct
{
    char path[160];
    rpc_kind kind;
} proto_method;

enum
{
    METHODS_MOST = 64,
};

typedef struct
{
    proto_method methods[METHODS_MOST];
    size_t count;
} protocol;

static const char *read_word(char *out, size_t size, const char *at)
{
    size_t len = 0;
    while (*at == ' ')
        at++;
    for (; isalnum((unsigned char)*at) != 0 && len + 1 < size; at++)
        out[len++] = *at;
    out[len] = '\0';
    return at;
}

static rpc_kind kind_of(const char *line)
{
    bool takes =
        strstr(line, "(stream ") != NULL && strstr(line, "(stream ") < strstr(line, "returns");
    bool gives = strstr(line, "returns (stream ") != NULL;
    if (takes)
        return gives ? RPC_BIDIRECTIONAL : RPC_CLIENT_STREAM;
    return gives ? RPC_SERVER_STREAM : RPC_UNARY;
}

static void read_line(protocol *out, char service[64], const char *line)
{
    char method[64];
    const char *at = line + strspn(line, " ");
    if (strncmp(at, "service ", 8) == 0)
        (void)read_word(service, 64, at + 8);
    if (strncmp(at, "rpc ", 4) != 0)
        return;
    (void)read_word(method, sizeof method, at + 4);
    check(out->count < METHODS_MOST && strstr(line, ");") != NULL);
    proto_method *found = &out->methods[out->count++];
    (void)snprintf(found->path, sizeof found->path, "/sealroom.v1.%s/%s", service, method);
    found->kind = kind_of(line);
}

static void read_protocol(protocol *out)
{
    static const char *const names[] = {"collaboration", "table", "query", "overlap", "audit"};
    *out = (protocol){.count = 0};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    {
        sr_err err = SR_ERR_INIT;
        char service[64] = "";
        SR_BUF(bytes, 1 << 20);
        SR_TEXT(path);
        SR_TEXT(text);
        path = sr_text_printf("%s/proto/sealroom/v1/%s.proto", SEALROOM_SOURCE_DIR, names[i]);
        check_ok(sr_file_read(&bytes, path, &err), &err);
        check_ok(sr_buf_take_text(&text, &bytes, &err), &err);
        char *rest = NULL;
        for (char *line = strtok_r(text, "\n", &rest); line != NULL;
             line = strtok_r(NULL, "\n", &rest))
            read_line(out, service, line);
    }
}

static const permission_row *row_of(const char *path)
{
    size_t count = 0;
    const permission_row *rows = permission_table(&count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].path, path) == 0)
            return &rows[i];
    return NULL;
}

/* ---- tests ----------------------------------------------------------------------------------- */

static void every_method_of_the_protocol_has_a_row_of_its_kind(void **state)
{
    (void)state;
    protocol all;
    read_protocol(&all);
    check(all.count >= 13);
    for (size_t i = 0; i < all.count; i++)
    {
        const permission_row *row = row_of(all.methods[i].path);
        if (row == NULL)
            fail_msg("%s has no row in the permission table", all.methods[i].path);
        else
            check_int(row->kind, all.methods[i].kind);
    }
}

static void every_row_is_a_method_of_the_protocol_and_serves_somebody(void **state)
{
    (void)state;
    protocol all;
    size_t count = 0;
    const permission_row *rows = permission_table(&count);
    read_protocol(&all);
    check_int(count, all.count); /* with the test above: the same set */
    for (size_t i = 0; i < count; i++)
    {
        check(rows[i].handle != NULL);
        check(rows[i].roles != 0 && (rows[i].roles & ~ROLE_ANY) == 0);
        for (size_t other = 0; other < i; other++)
            check(strcmp(rows[i].path, rows[other].path) != 0);
    }
}

static void a_role_outside_the_row_is_refused_and_told_which_it_needs(void **state)
{
    (void)state;
    size_t count = 0;
    const permission_row *rows = permission_table(&count);
    for (size_t i = 0; i < count; i++)
        for (int role = 0; role < ROLE_COUNT_; role++)
        {
            sr_err err = SR_ERR_INIT;
            if ((rows[i].roles & ROLE_BIT(role)) != 0)
            {
                check_ok(permission_check(rows[i].path, (principal_role)role, &err), &err);
                continue;
            }
            check_fails(permission_check(rows[i].path, (principal_role)role, &err), &err,
                        SR_E_ROLE);
            check_error_says(&err, role_name((principal_role)role));
            check_error_says(&err, strrchr(rows[i].path, '/') + 1);
            check_text(err.detail.reason, "ROLE_NOT_ALLOWED");
        }
}

static void a_path_without_a_row_is_nobodys(void **state)
{
    static const char *const paths[] = {"",
                                        "/",
                                        "Upload",
                                        "/sealroom.v1.TableService/",
                                        "/sealroom.v1.TableService/upload",
                                        "/sealroom.v1.TableService/Upload/"};
    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        for (int role = 0; role < ROLE_COUNT_; role++)
        {
            sr_err err = SR_ERR_INIT;
            check_fails(permission_check(paths[i], (principal_role)role, &err), &err, SR_E_ROLE);
        }
}

static void who_may_change_what_is_as_the_design_says(void **state)
{
    static const struct
    {
        const char *path;
        unsigned roles;
    } known[] = {
        {"/sealroom.v1.CollaborationService/CreateCollaboration", ROLE_BIT(ROLE_ADMIN)},
        {"/sealroom.v1.CollaborationService/InviteMember", ROLE_BIT(ROLE_ADMIN)},
        {"/sealroom.v1.CollaborationService/AcceptInvitation", ROLE_BIT(ROLE_ADMIN)},
        {"/sealroom.v1.TableService/Upload", ROLE_BIT(ROLE_OWNER)},
        {"/sealroom.v1.TableService/SetRule", ROLE_BIT(ROLE_OWNER)},
        {"/sealroom.v1.QueryService/RunQuery", ROLE_BIT(ROLE_ANALYST)},
    };
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
    {
        const permission_row *row = row_of(known[i].path);
        check(row != NULL && row->roles == known[i].roles);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_method_of_the_protocol_has_a_row_of_its_kind),
        cmocka_unit_test(every_row_is_a_method_of_the_protocol_and_serves_somebody),
        cmocka_unit_test(a_role_outside_the_row_is_refused_and_told_which_it_needs),
        cmocka_unit_test(a_path_without_a_row_is_nobodys),
        cmocka_unit_test(who_may_change_what_is_as_the_design_says),
    };
    check_main(tests);
}
