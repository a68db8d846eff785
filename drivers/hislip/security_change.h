// SPDX-License-Identifier: MIT
// What a change of the encryption needs besides messages. Given to SyncChannel for one change.
#pragma once

#include <functional>

#include "drivers/hislip/sasl_mechanism.h"
#include "lib/base/call.h"
#include "lib/base/status.h"

namespace visa::drivers::hislip {

struct SecurityChange {
  bool on = false;
  /// The TLS handshake, or the end of TLS, on each connection.
  std::function<Status(Call&)> on_async;
  std::function<Status(Call&)> on_sync;
  /// Who authenticates afterwards; only with `on`.
  const SaslUser* user = nullptr;
  SaslCrypto* crypto = nullptr;
};

}  // namespace visa::drivers::hislip
