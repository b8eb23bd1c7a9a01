/*
 * upload_plan.h: the part that both ways of uploading share: what the schema and the options say, as a plan
 * for link/upload.h. Plan, columns and key check value live as long as this struct.
 */
#ifndef SEALROOM_CLIENT_UPLOAD_PLAN_H
#define SEALROOM_CLIENT_UPLOAD_PLAN_H

#include "crypto/key_check.h"
#include "upload_table.h"

typedef struct
{
    room_column *columns;
    sr_uuid_text collaboration;
    key_check_value key_check;
    cards_authority authority;
    link_upload_plan plan;
} upload_plan;

/* SR_E_NOT_FOUND for a header of the allow-list that the schema does not have. */
sr_result upload_plan_init(upload_plan *out, const upload_table_options *options,
                           sr_err *err) SR_MUST_USE;
void upload_plan_clear(upload_plan *plan);

#endif
