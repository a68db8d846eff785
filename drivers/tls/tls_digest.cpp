// SPDX-License-Identifier: MIT
// The cryptography that an authentication by password needs, from the module's own algorithms.
#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include "drivers/tls/tls_internal.h"

namespace visa::tls {
namespace {

constexpr std::size_t kDigestSize = 32;
constexpr char kSha256[] = "SHA256";

char* unchanged(const char* text) noexcept {
  return const_cast<char*>(text);  // OSSL_PARAM has no form for constants; it changes nothing
}

void* unchanged(const void* bytes) noexcept {
  return const_cast<void*>(bytes);
}

}  // namespace

int random_bytes(fv_tls_library* library, void* into, std::size_t size) noexcept {
  const CleanErrors clean;
  return RAND_bytes_ex(library->algorithms, static_cast<unsigned char*>(into), size, 0) == 1;
}

int sha256(fv_tls_library* library, const void* data, std::size_t size,
           unsigned char* out) noexcept {
  const CleanErrors clean;
  std::size_t made = 0;
  return EVP_Q_digest(library->algorithms, kSha256, nullptr, data, size, out, &made) == 1 &&
         made == kDigestSize;
}

int hmac_sha256(fv_tls_library* library, const void* key, std::size_t key_size, const void* data,
                std::size_t size, unsigned char* out) noexcept {
  const CleanErrors clean;
  std::size_t made = 0;
  const auto* result =
      EVP_Q_mac(library->algorithms, "HMAC", nullptr, kSha256, nullptr, key, key_size,
                static_cast<const unsigned char*>(data), size, out, kDigestSize, &made);
  return result != nullptr && made == kDigestSize;
}

int pbkdf2_sha256(fv_tls_library* library, const void* password, std::size_t password_size,
                  const void* salt, std::size_t salt_size, std::uint32_t iterations,
                  unsigned char* out) noexcept {
  const CleanErrors clean;
  const Owned<EVP_KDF, EVP_KDF_free> algorithm(
      EVP_KDF_fetch(library->algorithms, "PBKDF2", nullptr));
  if (algorithm == nullptr) return 0;
  const Owned<EVP_KDF_CTX, EVP_KDF_CTX_free> work(EVP_KDF_CTX_new(algorithm.get()));
  if (work == nullptr) return 0;
  unsigned rounds = iterations;
  int any_salt = 1;  // the limits of SP 800-132 are not those of RFC 7677
  const OSSL_PARAM how[] = {
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PASSWORD, unchanged(password),
                                        password_size),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, unchanged(salt), salt_size),
      OSSL_PARAM_construct_uint(OSSL_KDF_PARAM_ITER, &rounds),
      OSSL_PARAM_construct_int(OSSL_KDF_PARAM_PKCS5, &any_salt),
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, unchanged(kSha256), 0),
      OSSL_PARAM_construct_end()};
  return EVP_KDF_derive(work.get(), out, kDigestSize, how) == 1;
}

}  // namespace visa::tls
