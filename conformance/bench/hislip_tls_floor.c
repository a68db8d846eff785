/* SPDX-License-Identifier: MIT */
#include "conformance/bench/hislip_tls_floor.h"

#include <errno.h>
#include <unistd.h>

#include "conformance/bench/floor_io.h"
#include "conformance/bench/tls_floor.h"

/* In clear text: sends a message and receives the header of the answer. */
static int exchange(int fd, int type, uint32_t parameter, const char* payload, size_t size,
                    int answer, struct hs_header* header) {
  char bytes[HS_HEADER + 16];
  struct iovec part;
  int error;
  hs_put(bytes, type, 0, parameter, size);
  memcpy(bytes + HS_HEADER, payload, size);
  part.iov_base = bytes;
  part.iov_len = HS_HEADER + size;
  error = floor_send_parts(fd, &part, 1);
  if (error != 0 || answer < 0) return error;
  error = floor_receive_all(fd, bytes, HS_HEADER);
  if (error != 0) return error;
  if (hs_get(bytes, header) != 0 || header->type != answer || header->length != 0) return -EPROTO;
  return 0;
}

/* Over TLS: the same, with an answer whose payload is thrown away. */
static int secure_exchange(SSL* ssl, int type, const char* payload, size_t size, int answer) {
  char ignored[64];
  struct hs_header header;
  int error = tls_send_message(ssl, type, 0, 0, payload, size);
  if (error != 0 || answer < 0) return error;
  error = tls_receive_header(ssl, &header);
  if (error != 0) return error;
  if (header.type != answer || header.length > sizeof ignored) return -EPROTO;
  return tls_receive(ssl, ignored, (size_t)header.length);
}

static SSL* shake_hands(SSL_CTX* context, int fd, SSL* earlier) {
  SSL* ssl = SSL_new(context);
  if (ssl == NULL) return NULL;
  SSL_set_fd(ssl, fd);
  if (earlier != NULL) SSL_set_session(ssl, SSL_get0_session(earlier));
  if (SSL_connect(ssl) == 1) return ssl;
  SSL_free(ssl);
  return NULL;
}

static int secure(struct hislip_tls_floor* link) {
  char size[8];
  struct hs_header answer;
  int error = exchange(link->async, HS_ASYNC_START_TLS, link->id, "\xFF\xFF\xFE\xFE", 4,
                       HS_ASYNC_START_TLS_RESPONSE, &answer);
  if (error != 0) return error;
  link->async_tls = shake_hands(link->context, link->async, NULL);
  if (link->async_tls == NULL) return -EPROTO;
  error = exchange(link->sync, HS_START_TLS, 0, "", 0, -1, &answer);
  if (error != 0) return error;
  link->sync_tls = shake_hands(link->context, link->sync, link->async_tls);
  if (link->sync_tls == NULL) return -EPROTO;
  error = secure_exchange(link->sync_tls, HS_GET_MECHANISMS, "", 0, HS_MECHANISMS);
  if (error == 0) {
    error = secure_exchange(link->sync_tls, HS_AUTHENTICATION_START, "ANONYMOUS", 9, -1);
  }
  if (error == 0) {
    error = secure_exchange(link->sync_tls, HS_AUTHENTICATION_EXCHANGE, "floor", 5,
                            HS_AUTHENTICATION_RESULT);
  }
  hs_put_size(size, 1024 * 1024);
  return error != 0 ? error
                    : secure_exchange(link->async_tls, HS_ASYNC_MAXIMUM_MESSAGE_SIZE, size, 8,
                                      HS_ASYNC_MAXIMUM_MESSAGE_SIZE_RESPONSE);
}

int hislip_tls_floor_open(struct hislip_tls_floor* link, unsigned port, unsigned timeout_ms) {
  struct hs_header answer;
  int error;
  if (link->context == NULL) link->context = SSL_CTX_new(TLS_client_method());
  if (link->context == NULL) return -ENOMEM;
  link->id = HS_FIRST_ID - 2;
  link->delivered = 0;
  link->sync = floor_connect(port, timeout_ms);
  if (link->sync < 0) return link->sync;
  error = exchange(link->sync, HS_INITIALIZE, 0x02000000u | 'F' << 8 | 'V', "hislip0", 7,
                   HS_INITIALIZE_RESPONSE, &answer);
  if (error != 0) return error;
  link->async = floor_connect(port, timeout_ms);
  if (link->async < 0) return link->async;
  error = exchange(link->async, HS_ASYNC_INITIALIZE, answer.parameter & 0xFFFF, "", 0,
                   HS_ASYNC_INITIALIZE_RESPONSE, &answer);
  return error != 0 ? error : secure(link);
}

ssize_t hislip_tls_floor_write(struct hislip_tls_floor* link, const void* data, size_t size) {
  int error;
  link->id += 2;
  error = tls_send_message(link->sync_tls, HS_DATA_END, (int)link->delivered, link->id, data, size);
  link->delivered = 0;
  return error != 0 ? error : (ssize_t)size;
}

ssize_t hislip_tls_floor_read(struct hislip_tls_floor* link, void* data, size_t size) {
  char* at = data;
  for (;;) {
    struct hs_header header;
    int error = tls_receive_header(link->sync_tls, &header);
    if (error != 0) return error;
    if (header.parameter != link->id || header.length > size ||
        (header.type != HS_DATA && header.type != HS_DATA_END)) {
      return -EPROTO;
    }
    error = tls_receive(link->sync_tls, at, (size_t)header.length);
    if (error != 0) return error;
    at += header.length;
    size -= (size_t)header.length;
    if (header.type == HS_DATA_END) break;
  }
  link->delivered = 1;
  return at - (char*)data;
}

void hislip_tls_floor_close(struct hislip_tls_floor* link) {
  SSL_free(link->sync_tls);
  SSL_free(link->async_tls);
  link->sync_tls = NULL;
  link->async_tls = NULL;
  close(link->sync);
  close(link->async);
  link->sync = -1;
  link->async = -1;
}
