/*
 * convert.h: structs of model/room.h as messages. Each result owns all it holds and is released with
 * wire_free (WIRE_MESSAGE), like a message that was received.
 *
 * What a partner may know of a table is cut here: `owner_view` false leaves out columns outside the
 * allow-list and the number of rows, and says of no column but the rule's joinColumns whether its values repeat.
 */
#ifndef SEALROOM_SERVER_RPC_CONVERT_H
#define SEALROOM_SERVER_RPC_CONVERT_H

#include "model/room.h"

/* sealroom.v1.Collaboration */
void *convert_collaboration_message(const room_collaboration *room) SR_MUST_USE;
/* sealroom.v1.Table */
void *convert_table_message(const room_table *table, bool owner_view) SR_MUST_USE;
/* sealroom.v1.TableVersion */
void *convert_table_version_message(const room_table_version *version) SR_MUST_USE;
/* sealroom.v1.AuditRecord */
void *convert_audit_message(const room_audit_record *record) SR_MUST_USE;

#endif
