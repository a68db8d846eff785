// SPDX-License-Identifier: MIT
// device_abort goes over a connection of its own, because the core connection is occupied by the
// call that is to be aborted.
#include "drivers/vxi11/abort_channel.h"

#include "drivers/common/connector.h"
#include "drivers/vxi11/vxi11_protocol.h"
#include "lib/base/cancel_shield.h"

namespace visa::drivers::vxi11 {
namespace {

/// Seconds of silence before the system probes the kept connection: networks drop idle ones, and an
/// abort over such a one would be lost.
constexpr int kIdle = 60;

}  // namespace

AbortChannel::Outcome AbortChannel::abort(std::uint32_t link, Call& call) {
  if (where_.port() == 0) return Outcome::refused;
  const bool kept = connection_ != nullptr;
  const Outcome outcome = ask(link, call);
  // An idle connection may have been dropped since its last use: try once more with a new one.
  if (outcome == Outcome::refused && kept) return ask(link, call);
  return outcome;
}

Status AbortChannel::connect(Call& call) {
  ConnectOptions options;
  options.keepalive = true;
  options.keepalive_idle = kIdle;
  auto made = connect_tcp({&where_, 1}, host_, options, call);
  if (!made) return made.status();
  auto fresh = std::make_unique<RpcConnection>(std::move(made->socket), host_);
  const MutexLock lock(mutex_);
  connection_ = std::move(fresh);
  return Status::success;
}

AbortChannel::Outcome AbortChannel::ask(std::uint32_t link, Call& call) {
  const auto outcome_of = [](Status status) {
    const bool ended = status == Status::error_tmo || status == Status::error_abort;
    return ended ? Outcome::unanswered : Outcome::refused;
  };
  if (connection_ == nullptr) {
    if (const Status status = connect(call); failed(status)) return outcome_of(status);
  }
  RpcRequest request(kDeviceAbort);
  request.arguments().word(link);
  Status status = connection_->send(request, {}, call);
  RpcReply reply;
  if (ok(status)) {
    reply = connection_->receive(kXdrWord, {}, call);
    status = reply.status;
  }
  if (failed(status)) {
    close();  // the next abort uses a new connection; the owed reply is not worth waiting for
    return outcome_of(status);
  }
  const bool taken = reply.outcome == RpcOutcome::success && reply.results.size() == kXdrWord &&
                     get_word(reply.results.data()) == kNoError;
  connection_->finish();
  return taken ? Outcome::delivered : Outcome::refused;
}

void AbortChannel::wake() noexcept {
  const MutexLock lock(mutex_);
  if (connection_ != nullptr) connection_->wake();
}

void AbortChannel::close() noexcept {
  if (connection_ == nullptr) return;
  const CancelShield shield;
  connection_->close();
  const MutexLock lock(mutex_);
  connection_.reset();
}

}  // namespace visa::drivers::vxi11
