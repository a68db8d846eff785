// SPDX-License-Identifier: MIT
// Into the secure connection and out of it again, and what its failures mean for the user.
#include <algorithm>
#include <array>
#include <chrono>
#include <new>
#include <utility>

#include "drivers/common/tls_stream.h"
#include "lib/base/cancel_shield.h"

namespace visa::drivers {
namespace {

/// How much is received at once: several records, so that there are few system calls.
constexpr std::size_t kArrived = std::size_t{128} * 1024;

/// The most that a record holds (RFC 8446, 5.1).
constexpr std::size_t kRecord = std::size_t{16} * 1024;

/// How long the second connection of a session waits for what would spare it a whole handshake. A
/// server that gives sessions sends them together with its first answer.
constexpr std::chrono::milliseconds kMoment{10};

constexpr std::string_view kAgain = "; close this session and open it again";

struct Meaning {
  int code;
  Status status;
  std::string_view text;
};

constexpr Meaning kCertificate[] = {
    {FV_TLS_UNTRUSTED, Status::error_server_cert_untrusted,
     "name the file of its issuer by ca_file, or its fingerprint, in a [[credential]] of the "
     "configuration"},
    {FV_TLS_EXPIRED, Status::error_server_cert_expired,
     "give the instrument a new one, and check the clocks of both"},
    {FV_TLS_REVOKED, Status::error_server_cert_revoked, "give the instrument a new one"},
    {FV_TLS_WRONG_HOST, Status::error_server_cert_inv_subject,
     "open it by the name in the certificate, or give that as server_name in a [[credential]]"},
    {FV_TLS_BAD_CERTIFICATE, Status::error_server_cert, "give the instrument another one"},
};

/// A change that ends half-way, also because the thread is ended by force, breaks the stream. While
/// it goes on the stream is not lost: other threads ask that.
class Change {
 public:
  explicit Change(std::atomic<bool>& broken) noexcept : broken_(broken) {}
  ~Change() {
    if (!complete_) broken_.store(true, std::memory_order_relaxed);
  }
  Change(const Change&) = delete;
  Change& operator=(const Change&) = delete;

  void complete() noexcept { complete_ = true; }

 private:
  std::atomic<bool>& broken_;
  bool complete_ = false;
};

}  // namespace

TlsStream::TlsStream(std::unique_ptr<ByteStream> below) : below_(std::move(below)) {}

TlsStream::~TlsStream() {
  drop_tls();
}

void TlsStream::drop_tls() noexcept {
  if (tls_ == nullptr) return;
  const CancelShield shield;
  table_->connection_close(tls_);
  tls_ = nullptr;
}

/// From now on the stream is of no use.
Status TlsStream::break_off(Status status, const std::string& text, Call& call) {
  {
    const MutexLock lock(mutex_);
    if (why_.empty()) why_ = text;
  }
  broken_.store(true, std::memory_order_relaxed);
  return call.fail(status, text);
}

/// Says again what broke it.
Status TlsStream::broken(Call& call) {
  const MutexLock lock(mutex_);
  return call.fail(
      Status::error_conn_lost,
      why_.empty() ? peer() + ": a change of the encryption failed half-way" + std::string(kAgain)
                   : why_);
}

/// What the module reported. `opening`: during the handshake.
Status TlsStream::explain(int code, const fv_tls_text& text, bool opening, Call& call) {
  for (const Meaning& meaning : kCertificate) {
    if (meaning.code != code) continue;
    return break_off(meaning.status,
                     peer() + ": the certificate of the instrument is not accepted (" + text.line +
                         "); " + std::string(meaning.text),
                     call);
  }
  switch (code) {
    case FV_TLS_CLOSED:
      return break_off(
          Status::error_conn_lost,
          peer() + ": the instrument ended the secure connection" + std::string(kAgain), call);
    case FV_TLS_REFUSED:
      return break_off(Status::error_npermission,
                       peer() + ": the instrument does not accept this computer (" + text.line +
                           "); name a client_certificate that it trusts in a [[credential]] of "
                           "the configuration",
                       call);
    case FV_TLS_MEMORY:
      return break_off(Status::error_alloc, {}, call);
    default:
      return break_off(
          opening ? Status::error_rsrc_nfound : Status::error_conn_lost,
          peer() + ": the secure connection failed (" + text.line + ")" +
              (opening ? "; does the instrument have TLS 1.2 or 1.3?" : std::string(kAgain)),
          call);
  }
}

Status TlsStream::start(std::shared_ptr<const TlsContext> context, const TlsStream* earlier,
                        Call& call) {
  const fv_tls_io io{this, &TlsStream::take, &TlsStream::give};
  arrived_.resize(kArrived);
  record_.resize(kRecord);
  {
    const MutexLock lock(mutex_);
    begin_ = end_ = 0;
    out_.reserve(2 * kRecord);
  }
  context_ = std::move(context);
  table_ = &context_->module().table();
  const auto* before = earlier != nullptr ? earlier->tls_ : nullptr;
  {
    const CancelShield shield;
    tls_ = table_->connection_open(context_->get(), &io, before);
  }
  if (tls_ == nullptr) return break_off(Status::error_alloc, {}, call);
  Change change(broken_);
  const Status status = shake_hands(call);
  if (ok(status)) change.complete();
  return status;
}

Status TlsStream::shake_hands(Call& call) {
  for (;;) {
    fv_tls_text text{};
    int code = FV_TLS_DONE;
    {
      const CancelShield shield;
      const MutexLock lock(mutex_);
      code = table_->handshake(tls_, &text);
    }
    const bool refused = code != FV_TLS_DONE && code != FV_TLS_WAIT;
    // The alert goes out as far as that needs no wait.
    Call moment(call, Deadline::immediate());
    const Status sent = flush(refused ? moment : call);
    if (refused) return explain(code, text, true, call);
    if (failed(sent) || code == FV_TLS_DONE) return sent;
    if (!call.deadline.is_immediate() && call.deadline.expired()) return Status::error_tmo;
    const StreamResult got = fill(true, call);
    if (failed(got.status)) return got.status;
  }
}

void TlsStream::await_session(Call& call) {
  Call moment(call, std::min(call.deadline, Deadline::after(kMoment)));
  for (;;) {
    {
      const CancelShield shield;
      const MutexLock lock(mutex_);
      if (table_->take_session(tls_) != 0 || begin_ < end_) return;
    }
    if (moment.deadline.expired() || failed(fill(true, moment).status)) return;
  }
}

Status TlsStream::end(Call& call) {
  Change change(broken_);
  fv_tls_text text{};
  int code = FV_TLS_DONE;
  {
    const CancelShield shield;
    const MutexLock lock(mutex_);
    code = table_->end(tls_, &text);
  }
  if (code != FV_TLS_DONE) return explain(code, text, false, call);
  Status status = flush(call);
  if (ok(status)) status = await_end(call);
  if (failed(status)) return status;
  drop_tls();
  change.complete();
  return status;
}

/// Until the peer has said that it sends nothing more in this connection.
Status TlsStream::await_end(Call& call) {
  std::array<std::byte, 4096> scratch;
  for (;;) {
    fv_tls_text text{};
    std::size_t count = 0;
    int code = FV_TLS_DONE;
    {
      const CancelShield shield;
      const MutexLock lock(mutex_);
      code = table_->read(tls_, scratch.data(), scratch.size(), &count, &text);
    }
    if (code == FV_TLS_CLOSED) return Status::success;
    if (code != FV_TLS_DONE && code != FV_TLS_WAIT) return explain(code, text, false, call);
    if (call.cancelled()) return Status::error_abort;
    if (!call.deadline.is_immediate() && call.deadline.expired()) return Status::error_tmo;
    if (code == FV_TLS_DONE) continue;
    const StreamResult got = fill(true, call);
    if (failed(got.status)) return got.status;
  }
}

void TlsStream::close() noexcept {
  if (tls_ != nullptr && !broken_.load(std::memory_order_relaxed)) {
    const CancelShield shield;
    fv_tls_text text{};
    {
      const MutexLock lock(mutex_);
      table_->end(tls_, &text);
    }
    try {
      Call moment(Deadline::immediate());
      flush(moment);
    } catch (const std::bad_alloc&) {  // then the peer learns of the end by the connection's
    }
  }
  below_->close();
}

std::string TlsStream::describe(int what) const {
  const std::size_t size = table_->describe(tls_, what, nullptr, 0);
  std::string text(size, '\0');
  const std::size_t again = table_->describe(tls_, what, text.data(), size);
  text.resize(std::min(size, again));
  return text;
}

TlsFacts TlsStream::facts() {
  const CancelShield shield;
  const MutexLock lock(mutex_);
  return {.cipher_suite = describe(FV_TLS_CIPHER_SUITE),
          .protocol = describe(FV_TLS_PROTOCOL),
          .issuer = describe(FV_TLS_ISSUER),
          .subject = describe(FV_TLS_SUBJECT),
          .not_after = describe(FV_TLS_NOT_AFTER),
          .certificate = describe(FV_TLS_CERTIFICATE),
          .perpetual = table_->is_perpetual(tls_) != 0,
          .resumed = table_->is_resumed(tls_) != 0};
}

}  // namespace visa::drivers
