/* SPDX-License-Identifier: MIT
 * The reference server of the secure HiSLIP rows: floor_device behind one secure session after the
 * other, in synchronized mode, by OpenSSL's own blocking calls. It accepts ANONYMOUS. Its
 * certificate, made at the start, goes to the file --certificate NAME. Prints "port N". */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conformance/bench/floor_device.h"
#include "conformance/bench/floor_io.h"
#include "conformance/bench/tls_floor.h"

enum { kReceive = 1024 * 1024, kMostPayload = 256 };

static const unsigned long long kLimit = 1ull << 40; /* what it says that it takes */
static const size_t kAnswer = 1024 * 1024;           /* the largest message of an answer */

static char received[kReceive];
static struct floor_device device;

static X509* make_certificate(EVP_PKEY* key) {
  X509* made = X509_new();
  X509_EXTENSION* name;
  X509_set_version(made, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(made), 1);
  X509_gmtime_adj(X509_getm_notBefore(made), -60);
  X509_gmtime_adj(X509_getm_notAfter(made), 24 * 3600);
  X509_set_pubkey(made, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made), "CN", MBSTRING_ASC,
                             (const unsigned char*)"reference server", -1, -1, 0);
  X509_set_issuer_name(made, X509_get_subject_name(made));
  name = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "IP:127.0.0.1");
  X509_add_ext(made, name, -1);
  X509_EXTENSION_free(name);
  return X509_sign(made, key, EVP_sha256()) > 0 ? made : NULL;
}

static SSL_CTX* make_context(const char* file) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = key == NULL ? NULL : make_certificate(key);
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  FILE* out = fopen(file, "w");
  if (certificate == NULL || context == NULL || out == NULL ||
      SSL_CTX_use_certificate(context, certificate) != 1 ||
      SSL_CTX_use_PrivateKey(context, key) != 1 || PEM_write_X509(out, certificate) != 1 ||
      fclose(out) != 0) {
    exit(2);
  }
  return context;
}

/* In clear text: a header and its payload. */
static int receive_message(int fd, struct hs_header* header, char* payload) {
  char bytes[HS_HEADER];
  if (floor_receive_all(fd, bytes, sizeof bytes) != 0 || hs_get(bytes, header) != 0 ||
      header->length > kMostPayload) {
    return -1;
  }
  return floor_receive_all(fd, payload, (size_t)header->length);
}

static int send_header(int fd, int type, int control, uint32_t parameter) {
  char bytes[HS_HEADER];
  struct iovec part;
  hs_put(bytes, type, control, parameter, 0);
  part.iov_base = bytes;
  part.iov_len = sizeof bytes;
  return floor_send_parts(fd, &part, 1);
}

/* Over TLS: receives a message of this type. */
static int expect(SSL* ssl, int type, char* payload) {
  struct hs_header header;
  if (tls_receive_header(ssl, &header) != 0 || header.type != type ||
      header.length > kMostPayload) {
    return -1;
  }
  return tls_receive(ssl, payload, (size_t)header.length);
}

static SSL* shake_hands(SSL_CTX* context, int fd) {
  SSL* ssl = SSL_new(context);
  SSL_set_fd(ssl, fd);
  if (SSL_accept(ssl) == 1) return ssl;
  SSL_free(ssl);
  return NULL;
}

static int authenticate(SSL* ssl) {
  char payload[kMostPayload];
  if (expect(ssl, HS_GET_MECHANISMS, payload) != 0) return -1;
  tls_send_message(ssl, HS_MECHANISMS, 0, 0, "ANONYMOUS", 9);
  if (expect(ssl, HS_AUTHENTICATION_START, payload) != 0 ||
      expect(ssl, HS_AUTHENTICATION_EXCHANGE, payload) != 0) {
    return -1;
  }
  return tls_send_message(ssl, HS_AUTHENTICATION_RESULT, 1, 0, "", 0);
}

static int send_answer(SSL* ssl, uint32_t id) {
  floor_device_answer(&device);
  while (device.left > 0) {
    char record[TLS_RECORD];
    size_t have = HS_HEADER;
    size_t size = device.left < kAnswer ? (size_t)device.left : kAnswer;
    hs_put(record, size == device.left ? HS_DATA_END : HS_DATA, 0, id, size);
    while (size > 0) {
      const char* data;
      const size_t room = have > 0 ? sizeof record - have : size;
      const size_t n = floor_device_next(&device, size < room ? size : room, &data);
      size -= n;
      if (have == 0) {
        if (tls_send(ssl, data, n) != 0) return -1;
        continue;
      }
      memcpy(record + have, data, n);
      have += n;
      if (size > 0 && have < sizeof record) continue;
      if (tls_send(ssl, record, have) != 0) return -1;
      have = 0;
    }
  }
  return 0;
}

static void serve(SSL* ssl) {
  struct hs_header header;
  while (tls_receive_header(ssl, &header) == 0) {
    unsigned long long left = header.length;
    if (header.type != HS_DATA && header.type != HS_DATA_END) return;
    while (left > 0) {
      size_t got = 0;
      if (SSL_read_ex(ssl, received, left < kReceive ? (size_t)left : kReceive, &got) != 1) return;
      floor_device_take(&device, received, got);
      left -= got;
    }
    if (header.type == HS_DATA_END && send_answer(ssl, header.parameter) != 0) return;
  }
}

static void serve_session(SSL_CTX* context, int sync, int async) {
  char payload[kMostPayload];
  char size[8];
  struct hs_header header;
  SSL* sync_tls = NULL;
  SSL* async_tls = NULL;
  device.head_size = 0;
  hs_put_size(size, kLimit);
  if (receive_message(async, &header, payload) != 0 || header.type != HS_ASYNC_START_TLS) return;
  send_header(async, HS_ASYNC_START_TLS_RESPONSE, 1, 0);
  async_tls = shake_hands(context, async);
  if (async_tls != NULL && receive_message(sync, &header, payload) == 0 &&
      header.type == HS_START_TLS) {
    sync_tls = shake_hands(context, sync);
  }
  if (sync_tls != NULL && authenticate(sync_tls) == 0 &&
      expect(async_tls, HS_ASYNC_MAXIMUM_MESSAGE_SIZE, payload) == 0 &&
      tls_send_message(async_tls, HS_ASYNC_MAXIMUM_MESSAGE_SIZE_RESPONSE, 0, 0, size, 8) == 0) {
    serve(sync_tls);
  }
  SSL_free(sync_tls);
  SSL_free(async_tls);
}

static int accept_one(int listening) {
  const int on = 1;
  const int fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
  if (fd >= 0) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

int main(int argc, char** argv) {
  const char* file = "hislip_tls_floor.pem";
  SSL_CTX* context;
  unsigned port = 0;
  int listening;
  int i;
  for (i = 1; i + 1 < argc; i += 2) {
    if (strcmp(argv[i], "--certificate") == 0) file = argv[i + 1];
  }
  floor_device_begin(argc, argv);
  signal(SIGPIPE, SIG_IGN);
  memset(received, 1, sizeof received); /* warm */
  context = make_context(file);
  listening = floor_device_socket(SOCK_STREAM, &port);
  printf("port %u\n", port);
  fflush(stdout);
  for (;;) {
    char payload[kMostPayload];
    struct hs_header header;
    const int sync = accept_one(listening);
    int async = -1;
    if (sync >= 0 && receive_message(sync, &header, payload) == 0 && header.type == HS_INITIALIZE &&
        send_header(sync, HS_INITIALIZE_RESPONSE, 0, 0x02000001u) == 0) {
      async = accept_one(listening);
    }
    if (async >= 0 && receive_message(async, &header, payload) == 0 &&
        send_header(async, HS_ASYNC_INITIALIZE_RESPONSE, 1, 'F' << 8 | 'V') == 0) {
      serve_session(context, sync, async);
    }
    if (async >= 0) close(async);
    if (sync >= 0) close(sync);
  }
}
