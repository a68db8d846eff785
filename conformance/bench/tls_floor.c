/* SPDX-License-Identifier: MIT */
#include "conformance/bench/tls_floor.h"

#include <errno.h>

int tls_send(SSL* ssl, const char* data, size_t size) {
  size_t sent = 0;
  if (size == 0) return 0;
  return SSL_write_ex(ssl, data, size, &sent) == 1 && sent == size ? 0 : -EPIPE;
}

int tls_receive(SSL* ssl, char* into, size_t size) {
  while (size > 0) {
    size_t got = 0;
    if (SSL_read_ex(ssl, into, size, &got) != 1) return -ECONNRESET;
    into += got;
    size -= got;
  }
  return 0;
}

int tls_send_message(SSL* ssl, int type, int control, uint32_t parameter, const char* payload,
                     size_t size) {
  char record[TLS_RECORD];
  const size_t first = size < sizeof record - HS_HEADER ? size : sizeof record - HS_HEADER;
  int error;
  hs_put(record, type, control, parameter, size);
  if (first > 0) memcpy(record + HS_HEADER, payload, first);
  error = tls_send(ssl, record, HS_HEADER + first);
  return error != 0 ? error : tls_send(ssl, payload + first, size - first);
}

int tls_receive_header(SSL* ssl, struct hs_header* header) {
  char bytes[HS_HEADER];
  const int error = tls_receive(ssl, bytes, sizeof bytes);
  if (error != 0) return error;
  return hs_get(bytes, header) == 0 ? 0 : -EPROTO;
}
