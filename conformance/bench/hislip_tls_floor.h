/* SPDX-License-Identifier: MIT
 * The floor of the secure HiSLIP rows: OpenSSL's own loop over the messages that the protocol
 * needs. It checks no certificate and authenticates as ANONYMOUS. One session in synchronized mode,
 * one thread. */
#ifndef FREEVISA_BENCH_HISLIP_TLS_FLOOR_H
#define FREEVISA_BENCH_HISLIP_TLS_FLOOR_H

#include <openssl/ssl.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct hislip_tls_floor {
  SSL_CTX* context;
  SSL* sync_tls;
  SSL* async_tls;
  int sync;
  int async;
  unsigned id;        /* of the last message */
  unsigned delivered; /* an answer has been read since the last message */
};

/* Each returns 0 or a count, or a negative errno. */
int hislip_tls_floor_open(struct hislip_tls_floor* link, unsigned port, unsigned timeout_ms);
ssize_t hislip_tls_floor_write(struct hislip_tls_floor* link, const void* data, size_t size);
ssize_t hislip_tls_floor_read(struct hislip_tls_floor* link, void* data, size_t size);
void hislip_tls_floor_close(struct hislip_tls_floor* link);

#ifdef __cplusplus
}
#endif

#endif
