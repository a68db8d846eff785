/* SPDX-License-Identifier: MIT
 * OpenSSL on a socket as its manual shows it, for both ends of the secure rows: SSL_set_fd,
 * SSL_read, SSL_write, and HiSLIP messages over it. Blocking; one thread. */
#ifndef FREEVISA_BENCH_TLS_FLOOR_H
#define FREEVISA_BENCH_TLS_FLOOR_H

#include <openssl/ssl.h>

#include "conformance/bench/hislip_wire.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { TLS_RECORD = 16 * 1024 };

/* Each returns 0 or a negative errno. */
int tls_send(SSL* ssl, const char* data, size_t size);
int tls_receive(SSL* ssl, char* into, size_t size);

/* A message whose payload begins in the record of its header. */
int tls_send_message(SSL* ssl, int type, int control, uint32_t parameter, const char* payload,
                     size_t size);
int tls_receive_header(SSL* ssl, struct hs_header* header);

#ifdef __cplusplus
}
#endif

#endif
