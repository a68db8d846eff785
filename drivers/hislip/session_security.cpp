// SPDX-License-Identifier: MIT
// When a session is encrypted, and the two handshakes with what they leave behind for the user.
#include <utility>

#include "drivers/hislip/hislip_session.h"
#include "drivers/hislip/tls_crypto.h"

namespace visa::drivers::hislip {

/// While the session is made.
Status Session::begin_security(Call& call) {
  const auto wanted = begins_encrypted(plan_, announced_, sync_stream_->peer(), call);
  if (!wanted) return wanted.status();
  return *wanted ? start_tls(call) : Status::success;
}

Status Session::start_tls(Call& call) {
  if (tls_context_ == nullptr) {
    auto made = TlsContext::make(plan_.tls, call);
    if (!made) return made.status();
    tls_context_ = *std::move(made);
  }
  TlsCrypto crypto(tls_context_->module());
  SecurityChange change;
  change.on = true;
  change.on_async = [&](Call& step) {
    const Status status = async_tls_->start(tls_context_, nullptr, step);
    if (ok(status)) async_tls_->await_session(step);
    return status;
  };
  change.on_sync = [&](Call& step) { return sync_tls_->start(tls_context_, async_tls_, step); };
  change.user = &plan_.user;
  change.crypto = &crypto;
  const Status status = sync_->change_encryption(change, call);
  if (failed(status)) {
    if (!sync_->usable()) {
      constexpr std::string_view kWhy = "the client does not accept the secure connection";
      sync_->say_fatal(kFatalSecurity, kWhy);
      async_->say_fatal(kFatalSecurity, kWhy);
    }
    return status;
  }
  facts_ = sync_tls_->facts();
  encrypted_.store(true, std::memory_order_release);
  return status;
}

Status Session::end_tls(Call& call) {
  SecurityChange change;
  change.on_async = [&](Call& step) { return async_tls_->end(step); };
  change.on_sync = [&](Call& step) { return sync_tls_->end(step); };
  const Status status = sync_->change_encryption(change, call);
  if (ok(status)) encrypted_.store(false, std::memory_order_release);
  return status;
}

Status Session::set_encryption(bool on, Call& call) {
  if (on == encrypted()) return Status::success;
  if (on && !announced_.capable) {
    return call.fail(Status::error_nsup_attr_state,
                     sync_stream_->peer() + ": the instrument offers no secure connection");
  }
  if (!on && (announced_.mandatory || plan_.policy == Encryption::required)) {
    return call.fail(
        Status::error_nsup_attr_state,
        sync_stream_->peer() + (announced_.mandatory
                                    ? ": the instrument demands an encrypted connection"
                                    : ": the setting encryption of the configuration requires it"));
  }
  if (on && plan_.policy == Encryption::off) {
    return call.fail(Status::error_nsup_attr_state,
                     sync_stream_->peer() + ": the setting encryption of the configuration is off");
  }
  if (!on) return end_tls(call);
  const Status status = start_tls(call);
  if (failed(status) && sync_->usable() && sync_tls_->secure()) {
    // The authentication failed: back to where the session was.
    std::string why = std::exchange(call.detail, {});
    end_tls(call);
    call.detail = std::move(why);
  }
  return status;
}

}  // namespace visa::drivers::hislip
