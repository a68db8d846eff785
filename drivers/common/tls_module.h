// SPDX-License-Identifier: MIT
// The TLS module (tls_abi.h), opened when the first secure connection is made and never before: a
// program that opens nothing secure loads no OpenSSL. It lies in the folder freevisa-modules beside
// the file of this library, wherever that was loaded from; no environment variable has a say. It
// stays loaded. One per process; in a child of fork it is set up anew. Any thread.
#pragma once

#include <string>

#include "drivers/common/tls_abi.h"
#include "lib/base/call.h"
#include "lib/base/result.h"

namespace visa::drivers {

class TlsModule {
 public:
  /// Opens it if need be. error_library_nfound, with the file and the cure in the detail.
  static Result<const TlsModule*> get(Call& call);

  /// Whether this process has opened it.
  static bool loaded() noexcept;

  const fv_tls_table& table() const noexcept { return *table_; }
  fv_tls_library* library() const noexcept { return library_; }

  /// The file to open. Only unit tests, whose program lies elsewhere, put another function here.
  static std::string (*path)();

  TlsModule(const fv_tls_table* table, fv_tls_library* library) noexcept
      : table_(table), library_(library) {}

 private:
  const fv_tls_table* table_;
  fv_tls_library* library_;
};

/// The folder of the file that this code was loaded from, absolute, symbolic links resolved; "" if
/// the system does not say.
std::string own_folder();

}  // namespace visa::drivers
