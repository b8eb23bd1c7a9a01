#include "check.h"

#include <stdlib.h>

#include "base/file.h"
#include "client/profile.h"

typedef struct
{
    char folder[64];
    char *path;
} place;

static int set_up(void **state)
{
    place *p = sr_alloc(sizeof *p);
    sr_copy(p->folder, "/tmp/sealroom-profile-XXXXXX", 29);
    if (mkdtemp(p->folder) == NULL)
        return -1;
    p->path = sr_path_join(p->folder, "profile.json");
    *state = p;
    return 0;
}

static int tear_down(void **state)
{
    place *p = *state;
    sr_err err = SR_ERR_INIT;
    sr_result gone = sr_folder_remove(p->folder, &err);
    sr_free(p->path);
    sr_free(p);
    return gone == SR_OK ? 0 : -1;
}

static void write_profile(const place *p, const char *identities)
{
    sr_err err = SR_ERR_INIT;
    SR_TEXT(text);
    text = sr_text_printf("{\"server\":\"localhost:7443\",\"ca\":\"ca.pem\",\"identities\":{%s}}",
                          identities);
    check_ok(sr_file_write(p->path, sr_slice_text(text), 0600, true, &err), &err);
}

#define IDENTITY(role)                                                                             \
    "\"" role "\":{\"certificate\":\"" role ".pem\",\"key\":\"/keys/" role ".key\"}"

static void paths_are_relative_to_the_profile(void **state)
{
    const place *p = *state;
    sr_err err = SR_ERR_INIT;
    PROFILE(loaded);
    SR_TEXT(expected);
    write_profile(p, IDENTITY("owner"));
    check_ok(profile_load(&loaded, p->path, &err), &err);
    expected = sr_path_join(p->folder, "owner.pem");
    check_text(loaded.server, "localhost:7443");
    check(loaded.server_name == NULL);
    check_text(loaded.identities[ROLE_OWNER].certificate, expected);
    check_text(loaded.identities[ROLE_OWNER].key, "/keys/owner.key");
    check(!loaded.identities[ROLE_ADMIN].present);
}

static void the_environment_names_the_profile(void **state)
{
    const place *p = *state;
    sr_err err = SR_ERR_INIT;
    PROFILE(loaded);
    write_profile(p, IDENTITY("admin"));
    check_int(setenv("SEALROOM_PROFILE", p->path, 1), 0);
    check_ok(profile_load(&loaded, NULL, &err), &err);
    check_int(unsetenv("SEALROOM_PROFILE"), 0);
}

static void a_missing_profile_is_told(void **state)
{
    (void)state;
    sr_err err = SR_ERR_INIT;
    PROFILE(loaded);
    check_fails(profile_load(&loaded, "/nonexistent/profile.json", &err), &err, SR_E_NOT_FOUND);
    check_error_says(&err, "/nonexistent/profile.json");
    check_int(setenv("SEALROOM_PROFILE", "/nonexistent/p.json", 1), 0);
    check_fails(profile_load(&loaded, NULL, &err), &err, SR_E_NOT_FOUND);
    check_error_says(&err, "--profile");
    check(loaded.path == NULL && loaded.server == NULL);
    check_int(unsetenv("SEALROOM_PROFILE"), 0);
}

static void a_malformed_profile_is_told_with_its_path(void **state)
{
    const place *p = *state;
    sr_err err = SR_ERR_INIT;
    PROFILE(loaded);
    write_profile(p, "\"emperor\":{}");
    check_fails(profile_load(&loaded, p->path, &err), &err, SR_E_INVALID);
    check_error_says(&err, "identities");
    write_profile(p, "\"owner\":{\"certificate\":\"x\"}");
    check_fails(profile_load(&loaded, p->path, &err), &err, SR_E_INVALID);
    check_error_says(&err, "identities: owner: key: missing");
    write_profile(p, "");
    check_fails(profile_load(&loaded, p->path, &err), &err, SR_E_INVALID);
    check(loaded.ca == NULL);
}

static void a_command_gets_an_identity_that_may_do_it(void **state)
{
    const place *p = *state;
    sr_err err = SR_ERR_INIT;
    PROFILE(loaded);
    principal_role role;
    write_profile(p, IDENTITY("admin") "," IDENTITY("analyst"));
    check_ok(profile_load(&loaded, p->path, &err), &err);
    check_ok(profile_pick(&role, &loaded, ROLE_BIT(ROLE_ANALYST), NULL, &err), &err);
    check_int(role, ROLE_ANALYST);
    check_ok(profile_pick(&role, &loaded, ROLE_ANY, NULL, &err), &err);
    check_int(role, ROLE_ADMIN);
    check_fails(profile_pick(&role, &loaded, ROLE_BIT(ROLE_OWNER), NULL, &err), &err, SR_E_ROLE);
    check_ok(profile_pick(&role, &loaded, ROLE_BIT(ROLE_OWNER), "analyst", &err), &err);
    check_int(role, ROLE_ANALYST);
    check_fails(profile_pick(&role, &loaded, ROLE_ANY, "owner", &err), &err, SR_E_ROLE);
    check_fails(profile_pick(&role, &loaded, ROLE_ANY, "emperor", &err), &err, SR_E_USAGE);
}

static void the_only_identity_is_taken(void **state)
{
    const place *p = *state;
    sr_err err = SR_ERR_INIT;
    PROFILE(loaded);
    principal_role role;
    write_profile(p, IDENTITY("analyst"));
    check_ok(profile_load(&loaded, p->path, &err), &err);
    check_ok(profile_pick(&role, &loaded, ROLE_BIT(ROLE_OWNER), NULL, &err), &err);
    check_int(role, ROLE_ANALYST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(paths_are_relative_to_the_profile, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_environment_names_the_profile, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_missing_profile_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_malformed_profile_is_told_with_its_path, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_command_gets_an_identity_that_may_do_it, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_only_identity_is_taken, set_up, tear_down),
    };
    check_main(tests);
}
