// SPDX-License-Identifier: MIT
// The functions that the table is made of; what they do is said there (drivers/common/tls_abi.h).
#pragma once

#include <cstddef>

#include "drivers/tls/tls_objects.h"

namespace visa::tls {

/// The connection below as OpenSSL sees it. Null without memory.
BIO_METHOD* make_bio_method() noexcept;

/// Lets each connection keep the newest session that its server gives.
void keep_sessions(SSL_CTX* ssl_context) noexcept;

fv_tls_connection* connection_open(fv_tls_context* context, const fv_tls_io* io,
                                   const fv_tls_connection* earlier) noexcept;
void connection_close(fv_tls_connection* connection) noexcept;
int handshake(fv_tls_connection* connection, fv_tls_text* text) noexcept;
int read(fv_tls_connection* connection, void* into, std::size_t size, std::size_t* count,
         fv_tls_text* text) noexcept;
int write(fv_tls_connection* connection, const void* data, std::size_t size, std::size_t* count,
          fv_tls_text* text) noexcept;
int take_session(fv_tls_connection* connection) noexcept;
int end(fv_tls_connection* connection, fv_tls_text* text) noexcept;
int is_resumed(const fv_tls_connection* connection) noexcept;

int random_bytes(fv_tls_library* library, void* into, std::size_t size) noexcept;
int sha256(fv_tls_library* library, const void* data, std::size_t size,
           unsigned char* out) noexcept;
int hmac_sha256(fv_tls_library* library, const void* key, std::size_t key_size, const void* data,
                std::size_t size, unsigned char* out) noexcept;
int pbkdf2_sha256(fv_tls_library* library, const void* password, std::size_t password_size,
                  const void* salt, std::size_t salt_size, std::uint32_t iterations,
                  unsigned char* out) noexcept;

}  // namespace visa::tls
