#include "door_gcrypt.h"

#include <gcrypt.h>
#include <pthread.h>

struct door_cipher
{
    gcry_cipher_hd_t handle;
};

/* The library is started once in a process, by whoever comes first. Its secure memory is left
 * out: cell keys live for one row, and processes that hold keys are not dumpable (secret.h). */
static void start_library(void)
{
    if (gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P))
        return;
    (void)gcry_check_version(NULL);
    (void)gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
    (void)gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
}

static sr_result library_failed(sr_err *err)
{
    return sr_fail(err, SR_E_INTERNAL, "the cipher library refused an operation");
}

static sr_result cipher_new(door_cipher **out, int mode, sr_err *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    *out = NULL;
    pthread_once(&once, start_library);
    door_cipher *cipher = sr_alloc(sizeof *cipher);
    if (gcry_cipher_open(&cipher->handle, GCRY_CIPHER_AES256, mode, 0) != 0)
    {
        sr_free(cipher);
        return library_failed(err);
    }
    *out = cipher;
    return SR_OK;
}

sr_result door_gcm_new(door_cipher **out, sr_err *err)
{
    return cipher_new(out, GCRY_CIPHER_MODE_GCM, err);
}

sr_result door_siv_new(door_cipher **out, const uint8_t key[DOOR_SIV_KEY_SIZE], sr_err *err)
{
    if (cipher_new(out, GCRY_CIPHER_MODE_SIV, err) != SR_OK)
        return SR_FAIL;
    if (gcry_cipher_setkey((*out)->handle, key, DOOR_SIV_KEY_SIZE) == 0)
        return SR_OK;
    door_cipher_free(*out);
    *out = NULL;
    return library_failed(err);
}

sr_result door_stream_new(door_cipher **out, sr_err *err)
{
    return cipher_new(out, GCRY_CIPHER_MODE_CTR, err);
}

void door_cipher_free(door_cipher *cipher)
{
    if (cipher == NULL)
        return;
    gcry_cipher_close(cipher->handle); /* wipes its keys */
    sr_free(cipher);
}

sr_result door_cipher_set_key(door_cipher *cipher, const uint8_t key[DOOR_AES_KEY_SIZE],
                              sr_err *err)
{
    if (gcry_cipher_setkey(cipher->handle, key, DOOR_AES_KEY_SIZE) != 0)
        return library_failed(err);
    return SR_OK;
}

/* ---- AES-256-GCM ----------------------------------------------------------------------------- */

static bool gcm_start(door_cipher *cipher, const uint8_t *iv, sr_slice aad)
{
    return gcry_cipher_setiv(cipher->handle, iv, DOOR_GCM_IV_SIZE) == 0 &&
           gcry_cipher_authenticate(cipher->handle, aad.data, aad.len) == 0;
}

sr_result door_gcm_seal(door_cipher *cipher, uint8_t *out, const uint8_t iv[DOOR_GCM_IV_SIZE],
                        sr_slice aad, sr_slice text, sr_err *err)
{
    bool sealed = gcm_start(cipher, iv, aad) && gcry_cipher_final(cipher->handle) == 0 &&
                  gcry_cipher_encrypt(cipher->handle, out, text.len, text.data, text.len) == 0 &&
                  gcry_cipher_gettag(cipher->handle, out + text.len, DOOR_GCM_TAG_SIZE) == 0;
    return sealed ? SR_OK : library_failed(err);
}

sr_result door_gcm_open(door_cipher *cipher, uint8_t *out, const uint8_t iv[DOOR_GCM_IV_SIZE],
                        sr_slice aad, sr_slice sealed, sr_err *err)
{
    if (sealed.len < DOOR_GCM_TAG_SIZE)
        return sr_fail(err, SR_E_SECRET, "shorter than its tag");
    size_t len = sealed.len - DOOR_GCM_TAG_SIZE;
    bool decrypted = gcm_start(cipher, iv, aad) && gcry_cipher_final(cipher->handle) == 0 &&
                     gcry_cipher_decrypt(cipher->handle, out, len, sealed.data, len) == 0;
    if (decrypted &&
        gcry_cipher_checktag(cipher->handle, sealed.data + len, DOOR_GCM_TAG_SIZE) == 0)
        return SR_OK;
    sr_wipe(out, len);
    if (!decrypted)
        return library_failed(err);
    return sr_fail(err, SR_E_SECRET, "it does not open: another secret, or it was changed");
}

/* ---- AES-256-SIV ----------------------------------------------------------------------------- */

static bool siv_start(door_cipher *cipher, sr_slice aad)
{
    return gcry_cipher_reset(cipher->handle) == 0 &&
           gcry_cipher_authenticate(cipher->handle, aad.data, aad.len) == 0;
}

sr_result door_siv_seal(door_cipher *cipher, uint8_t *out, sr_slice aad, sr_slice text, sr_err *err)
{
    bool sealed = siv_start(cipher, aad) &&
                  gcry_cipher_encrypt(cipher->handle, out + DOOR_SIV_SIZE, text.len, text.data,
                                      text.len) == 0 &&
                  gcry_cipher_gettag(cipher->handle, out, DOOR_SIV_SIZE) == 0;
    return sealed ? SR_OK : library_failed(err);
}

sr_result door_siv_open(door_cipher *cipher, uint8_t *out, sr_slice aad, sr_slice sealed,
                        sr_err *err)
{
    if (sealed.len < DOOR_SIV_SIZE)
        return sr_fail(err, SR_E_SECRET, "shorter than its tag");
    size_t len = sealed.len - DOOR_SIV_SIZE;
    if (!siv_start(cipher, aad) ||
        gcry_cipher_set_decryption_tag(cipher->handle, sealed.data, DOOR_SIV_SIZE) != 0)
        return library_failed(err);
    gcry_error_t opened =
        gcry_cipher_decrypt(cipher->handle, out, len, sealed.data + DOOR_SIV_SIZE, len);
    if (opened == 0)
        return SR_OK;
    sr_wipe(out, len);
    if (gcry_err_code(opened) != GPG_ERR_CHECKSUM)
        return library_failed(err);
    return sr_fail(err, SR_E_SECRET, "it does not open: another secret, or it was changed");
}

/* ---- AES-256-CTR as a generator -------------------------------------------------------------- */

sr_result door_stream_fill(door_cipher *cipher, uint8_t *out, size_t len, sr_err *err)
{
    static const uint8_t zero_counter[16];
    if (gcry_cipher_setctr(cipher->handle, zero_counter, sizeof zero_counter) != 0)
        return library_failed(err);
    for (size_t i = 0; i < len; i++)
        out[i] = 0;
    if (gcry_cipher_encrypt(cipher->handle, out, len, NULL, 0) != 0)
        return library_failed(err);
    return SR_OK;
}
