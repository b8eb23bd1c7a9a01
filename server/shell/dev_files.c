#include "dev_files.h"

#include <string.h>
#include <unistd.h>

#include "base/file.h"

enum
{
    DOCUMENT_MOST = 64 * 1024,
};

sr_result dev_write_document(const char *path, const sr_json *document, sr_err *err)
{
    SR_BUF(text, DOCUMENT_MOST);
    if (sr_json_write(document, true, &text, err) != SR_OK)
        return sr_fail_in(err, "%s", path);
    return sr_file_write(path, sr_buf_view(&text), 0600, true, err);
}

sr_result dev_correct_document(const char *path, const char *key, const char *value, sr_err *err)
{
    SR_JSON(document);
    if (sr_json_parse_file(&document, path, err) != SR_OK)
        return SR_FAIL;
    if (sr_json_kind_of(document) != SR_JSON_OBJECT)
        return sr_fail(err, SR_E_INVALID, "%s: expected an object", path);
    if (strcmp(sr_json_text(sr_json_member(document, key)), value) == 0)
        return SR_OK;
    sr_json_set_text(document, key, value);
    return dev_write_document(path, document, err);
}

dev_pair dev_pair_in(const char *folder, const char *name)
{
    return (dev_pair){
        .certificate = sr_text_printf("%s/%s.pem", folder, name),
        .key = sr_text_printf("%s/%s.key", folder, name),
    };
}

certs_paths dev_pair_view(const dev_pair *pair)
{
    return (certs_paths){pair->certificate, pair->key};
}

void dev_pair_clear(dev_pair *pair)
{
    sr_text_clear(&pair->certificate);
    sr_text_clear(&pair->key);
}

bool dev_pair_is_made(const dev_pair *pair)
{
    if (sr_file_exists(pair->certificate))
        return true;
    (void)unlink(pair->key);
    return false;
}
