/*
 * cmd.h: the rows of all commands; each is defined in the file of its name (command_keys_new in keys_new.c)
 * and says there what it does, which options it takes and how it is run (commands.h). Included by commands.c, which
 * puts them into the table.
 */
#ifndef SEALROOM_CLIENT_CMD_CMD_H
#define SEALROOM_CLIENT_CMD_CMD_H

#include "../commands.h"

extern const command_row command_keys_new;
extern const command_row command_keys_check;
extern const command_row command_schema;
extern const command_row command_encrypt;
extern const command_row command_decrypt;
extern const command_row command_ping;
extern const command_row command_whoami;
extern const command_row command_collab_create;
extern const command_row command_collab_invite;
extern const command_row command_collab_accept;
extern const command_row command_collab_show;
extern const command_row command_collab_list;
extern const command_row command_table_upload;
extern const command_row command_table_rule;
extern const command_row command_table_show;
extern const command_row command_table_list;
extern const command_row command_table_versions;
extern const command_row command_table_delete;
extern const command_row command_query_run;
extern const command_row command_overlap_count;
extern const command_row command_overlap_open;
extern const command_row command_overlap_confirm;
extern const command_row command_overlap_join;
extern const command_row command_overlap_status;
extern const command_row command_overlap_release;
extern const command_row command_overlap_list;
extern const command_row command_overlap_cancel;
extern const command_row command_audit_list;
extern const command_row command_version;
extern const command_row command_help;

#endif
