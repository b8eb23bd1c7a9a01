/* tls.c: plain TLS 1.3 over loopback: what an upload could cost at best. Both ends are threads of this
 * process; the cipher is what gRPC agrees on, and a record is as long as those that it writes. */
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "base/bytes.h"
#include "base/text.h"
#include "baselines.h"

enum
{
    RECORD = 16384,
};

typedef struct
{
    SSL_CTX *server;
    SSL_CTX *client;
    int listener;
    int ends[2]; /* accepted, connected */
    uint64_t bytes;
    uint64_t sum; /* of the bytes received */
} tls_pair;

static void pair_clear(tls_pair *pair)
{
    SSL_CTX_free(pair->server);
    SSL_CTX_free(pair->client);
    for (size_t i = 0; i < 2; i++)
        if (pair->ends[i] >= 0)
            close(pair->ends[i]);
    if (pair->listener >= 0)
        close(pair->listener);
}

/* A certificate for this run alone. */
static sr_result give_certificate(SSL_CTX *context, sr_err *err)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    bool made = key != NULL && certificate != NULL && X509_set_version(certificate, 2) == 1 &&
                X509_gmtime_adj(X509_getm_notBefore(certificate), 0) != NULL &&
                X509_gmtime_adj(X509_getm_notAfter(certificate), 3600) != NULL &&
                X509_set_pubkey(certificate, key) == 1 &&
                X509_sign(certificate, key, EVP_sha256()) > 0 &&
                SSL_CTX_use_certificate(context, certificate) == 1 &&
                SSL_CTX_use_PrivateKey(context, key) == 1;
    X509_free(certificate);
    EVP_PKEY_free(key);
    return made ? SR_OK : sr_fail(err, SR_E_INTERNAL, "no certificate");
}

static SSL_CTX *make_context(const SSL_METHOD *method)
{
    SSL_CTX *context = SSL_CTX_new(method);
    if (context == NULL || SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1 ||
        SSL_CTX_set_ciphersuites(context, "TLS_AES_256_GCM_SHA384") != 1)
        abort();
    return context;
}

static sr_result connect_pair(tls_pair *pair, sr_err *err)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof address;
    struct sockaddr *at = (struct sockaddr *)&address;
    pair->listener = socket(AF_INET, SOCK_STREAM, 0);
    pair->ends[1] = socket(AF_INET, SOCK_STREAM, 0);
    if (pair->listener < 0 || pair->ends[1] < 0 || bind(pair->listener, at, len) != 0 ||
        listen(pair->listener, 1) != 0 || getsockname(pair->listener, at, &len) != 0 ||
        connect(pair->ends[1], at, len) != 0)
        return sr_fail(err, SR_E_IO, "loopback does not connect");
    pair->ends[0] = accept(pair->listener, NULL, NULL);
    return pair->ends[0] >= 0 ? SR_OK : sr_fail(err, SR_E_IO, "loopback does not accept");
}

static void *receive(void *argument)
{
    tls_pair *pair = argument;
    SSL *ssl = SSL_new(pair->server);
    uint8_t record[RECORD];
    int got = 0;
    uint64_t left = pair->bytes;
    if (ssl == NULL || SSL_set_fd(ssl, pair->ends[0]) != 1 || SSL_accept(ssl) != 1)
        abort();
    while (left > 0 && (got = SSL_read(ssl, record, RECORD)) > 0)
    {
        pair->sum += record[0];
        left -= (uint64_t)got < left ? (uint64_t)got : left;
    }
    SSL_free(ssl);
    return NULL;
}

static sr_result send_all(tls_pair *pair, uint64_t *sum, sr_err *err)
{
    SSL *ssl = SSL_new(pair->client);
    uint8_t record[RECORD];
    bool sent = ssl != NULL && SSL_set_fd(ssl, pair->ends[1]) == 1 && SSL_connect(ssl) == 1;
    sr_random_bytes(record, RECORD);
    for (uint64_t left = pair->bytes; sent && left > 0;)
    {
        size_t size = left < RECORD ? (size_t)left : RECORD;
        record[0] = (uint8_t)(record[0] + left / RECORD); /* no two records alike */
        *sum += record[0];
        sent = SSL_write(ssl, record, (int)size) == (int)size;
        left -= size;
    }
    SSL_free(ssl);
    return sent ? SR_OK : sr_fail(err, SR_E_IO, "TLS does not send");
}

static sr_result run_once(double *cpu, double *wall, uint64_t bytes, sr_err *err)
{
    tls_pair pair SR_CLEANUP(pair_clear) = {.listener = -1, .ends = {-1, -1}, .bytes = bytes};
    pthread_t thread;
    uint64_t sum = 0;
    pair.server = make_context(TLS_server_method());
    pair.client = make_context(TLS_client_method());
    if (give_certificate(pair.server, err) != SR_OK || connect_pair(&pair, err) != SR_OK)
        return SR_FAIL;
    *cpu = baseline_cpu();
    *wall = baseline_wall();
    if (pthread_create(&thread, NULL, receive, &pair) != 0)
        return sr_fail(err, SR_E_INTERNAL, "no thread");
    sr_result result = send_all(&pair, &sum, err);
    shutdown(pair.ends[1], SHUT_WR);
    pthread_join(thread, NULL);
    *cpu = baseline_cpu() - *cpu;
    *wall = baseline_wall() - *wall;
    if (result == SR_OK && sum != pair.sum)
        return sr_fail(err, SR_E_IO, "not everything arrived");
    return result;
}

sr_result baseline_tls(int count, char **words, sr_err *err)
{
    (void)count;
    double cpu[BASELINE_RUNS];
    double wall[BASELINE_RUNS];
    uint64_t bytes = strtoull(words[0], NULL, 10);
    for (size_t run = 0; run < BASELINE_RUNS; run++)
        if (run_once(&cpu[run], &wall[run], bytes, err) != SR_OK)
            return SR_FAIL;
    printf("{\"bytes\": %llu, \"cpu\": %.6f, \"wall\": %.6f}\n", (unsigned long long)bytes,
           baseline_median(cpu, BASELINE_RUNS), baseline_median(wall, BASELINE_RUNS));
    return SR_OK;
}
