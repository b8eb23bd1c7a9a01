#include "services.h"

#include "permission.h"

rpc_method *services_methods(size_t *count, service_context *context)
{
    const permission_row *rows = permission_table(count);
    rpc_method *methods = sr_array(*count, sizeof *methods);
    for (size_t i = 0; i < *count; i++)
        methods[i] = (rpc_method){
            .path = rows[i].path,
            .kind = rows[i].kind,
            .handle = rows[i].handle,
            .context = context,
        };
    return methods;
}
