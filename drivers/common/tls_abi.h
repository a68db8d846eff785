// SPDX-License-Identifier: MIT
// The border between the library and its TLS module, a shared object of its own that alone is
// linked with OpenSSL. One table of C functions and opaque objects, so that neither side sees the
// other's C++ symbols, and no exception or allocation passes from one to the other. The module is
// asked for the table once; both sides compare FREEVISA_TLS_ABI, because an old module may lie
// beside a new library. No function waits: the bytes of the peer come and go through fv_tls_io.
// An object is used by one thread at a time; several objects by several threads.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Changes with every change of this file.
#define FREEVISA_TLS_ABI 1u
/// The one symbol of the module: const fv_tls_table* freevisa_tls_table(void).
#define FREEVISA_TLS_SYMBOL "freevisa_tls_table"

enum {
  FV_TLS_DONE = 0,
  FV_TLS_WAIT = 1,    /* nothing more to do before the peer has sent more */
  FV_TLS_CLOSED = 2,  /* the peer has ended the secure connection in an orderly way */
  FV_TLS_CUT = 3,     /* the connection ended without that: data may be missing */
  FV_TLS_LOST = 4,    /* fv_tls_io.give failed */
  FV_TLS_FAILED = 5,  /* the peer does not speak TLS as we do; the text says why */
  FV_TLS_REFUSED = 6, /* the peer does not accept us: certificate missing or not trusted there */
  FV_TLS_SETUP = 7,   /* a file of the user is missing or holds something else; the text names it */
  FV_TLS_MEMORY = 8,
  /* The certificate of the server: */
  FV_TLS_BAD_CERTIFICATE = 16,
  FV_TLS_UNTRUSTED = 17,
  FV_TLS_EXPIRED = 18, /* or not valid yet */
  FV_TLS_REVOKED = 19,
  FV_TLS_WRONG_HOST = 20
};

/// What fv_tls_table.describe tells.
enum {
  FV_TLS_CIPHER_SUITE = 0, /* by its IANA name */
  FV_TLS_PROTOCOL = 1,     /* "TLSv1.3" */
  FV_TLS_ISSUER = 2,       /* of the server's certificate; RFC 4514 */
  FV_TLS_SUBJECT = 3,
  FV_TLS_NOT_AFTER = 4,  /* "YYMMDDhhmmssZ", from 2050 on with four digits of the year */
  FV_TLS_CERTIFICATE = 5 /* PEM */
};

/// The connection below. Neither function waits or throws.
typedef struct fv_tls_io {
  void* owner;
  /// Takes up to `size` bytes that have arrived: their number, 0 if there are none, -1 after the
  /// peer has ended the connection.
  ptrdiff_t (*take)(void* owner, void* into, size_t size);
  /// Takes all of `data` for sending: 0, or -1 where that is not possible.
  int (*give)(void* owner, const void* data, size_t size);
} fv_tls_io;

/// Texts end with NUL; null means "none".
typedef struct fv_tls_settings {
  const char* ca_file;              /* PEM: trust these and no others; may hold CRLs, too */
  const char* client_certificate;   /* PEM, with the chain */
  const char* client_key;           /* PEM; null: it stands in client_certificate */
  const unsigned char* fingerprint; /* 32 bytes, SHA-256 of the one certificate that is accepted */
  const char* host;                 /* the name or address that the certificate has to have */
} fv_tls_settings;

/// One line about a failure, ASCII.
typedef struct fv_tls_text {
  char line[256];
} fv_tls_text;

typedef struct fv_tls_library fv_tls_library;       /* what all contexts share */
typedef struct fv_tls_context fv_tls_context;       /* settings, certificates, trust */
typedef struct fv_tls_connection fv_tls_connection; /* one TLS connection */

typedef struct fv_tls_table {
  uint32_t abi;  /* FREEVISA_TLS_ABI; comes first in every version */
  uint32_t size; /* of this struct */

  const char* (*version)(void); /* "OpenSSL 3.0.19 ..." */

  /// Null without memory.
  fv_tls_library* (*library_open)(void);
  void (*library_close)(fv_tls_library* library);

  /// FV_TLS_DONE, FV_TLS_SETUP, FV_TLS_MEMORY. Nothing in `settings` is needed afterwards.
  int (*context_open)(fv_tls_library* library, const fv_tls_settings* settings,
                      fv_tls_context** context, fv_tls_text* text);
  void (*context_close)(fv_tls_context* context);

  /// A connection of a client, before its handshake; it resumes the session of `earlier` where the
  /// server has given one. `io` is copied. Null without memory.
  fv_tls_connection* (*connection_open)(fv_tls_context* context, const fv_tls_io* io,
                                        const fv_tls_connection* earlier);
  /// Sends nothing.
  void (*connection_close)(fv_tls_connection* connection);

  /// FV_TLS_DONE: the server is whom the settings say, and the connection is encrypted.
  int (*handshake)(fv_tls_connection* connection, fv_tls_text* text);
  /// Decrypts into `into`; FV_TLS_DONE with at least one byte, or why there is none.
  int (*read)(fv_tls_connection* connection, void* into, size_t size, size_t* count,
              fv_tls_text* text);
  /// Encrypts some of `data`, at least one byte, and gives it away whole.
  int (*write)(fv_tls_connection* connection, const void* data, size_t size, size_t* count,
               fv_tls_text* text);
  /// Takes what the server sends besides data, sessions to be resumed above all; data stays. 1: a
  /// session is there.
  int (*take_session)(fv_tls_connection* connection);
  /// Says that nothing more will be sent. Reading goes on.
  int (*end)(fv_tls_connection* connection, fv_tls_text* text);

  /// After the handshake. The number of bytes there are; at most `size` of them are written,
  /// without a NUL.
  size_t (*describe)(const fv_tls_connection* connection, int what, char* into, size_t size);
  int (*is_perpetual)(const fv_tls_connection* connection);
  int (*is_resumed)(const fv_tls_connection* connection);

  /// Cryptography for the authentication; 1, or 0 where it failed.
  int (*random_bytes)(fv_tls_library* library, void* into, size_t size);
  int (*sha256)(fv_tls_library* library, const void* data, size_t size, unsigned char out[32]);
  int (*hmac_sha256)(fv_tls_library* library, const void* key, size_t key_size, const void* data,
                     size_t size, unsigned char out[32]);
  int (*pbkdf2_sha256)(fv_tls_library* library, const void* password, size_t password_size,
                       const void* salt, size_t salt_size, uint32_t iterations,
                       unsigned char out[32]);
} fv_tls_table;

#ifdef __cplusplus
}  // extern "C"
#endif
