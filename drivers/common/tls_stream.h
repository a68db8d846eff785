// SPDX-License-Identifier: MIT
// A byte stream that can be switched between clear text and TLS, both ways, on the same connection.
// In clear text every call passes to the stream below.
//
// One thread may receive while another sends, as on every byte stream. OpenSSL's object allows one
// call at a time, so a mutex is held around each; no wait happens inside it. The receiving thread
// fetches what has arrived into a buffer of its own and decrypts from there, straight into the
// caller's memory; the sending thread gives records to the stream below, and keeps those that were
// not taken. `start`, `end` and `close` need both sides idle.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "drivers/common/byte_stream.h"
#include "drivers/common/tls_abi.h"
#include "drivers/common/tls_context.h"
#include "lib/base/call.h"
#include "lib/base/thread_annotations.h"

namespace visa::drivers {

/// What a handshake agreed on, and the certificate of the server.
struct TlsFacts {
  std::string cipher_suite;  // IANA name
  std::string protocol;      // "TLSv1.3"
  std::string issuer;        // RFC 4514
  std::string subject;
  std::string not_after;    // "YYMMDDhhmmssZ", from 2050 on with four digits of the year
  std::string certificate;  // PEM
  bool perpetual = false;   // the certificate never ends
  bool resumed = false;     // the session of another connection was resumed
};

class TlsStream final : public ByteStream {
 public:
  explicit TlsStream(std::unique_ptr<ByteStream> below);
  ~TlsStream() override;
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  StreamResult receive(std::span<std::byte> into, Call& call) override;
  StreamResult receive_now(std::span<std::byte> into, Call& call) override;
  StreamResult send(std::span<const std::byte> data, Call& call) override;
  StreamResult receive_scattered(std::span<const iovec> pieces, Call& call) override;
  StreamResult send_gathered(std::span<iovec> pieces, Call& call) override;
  bool holds_unsent() const noexcept override { return wire_begin_ < wire_.size(); }
  void wake() noexcept override { below_->wake(); }
  const std::string& peer() const noexcept override { return below_->peer(); }
  bool lost() const noexcept override {
    return broken_.load(std::memory_order_relaxed) || below_->lost();
  }
  void close() noexcept override;

  /// The handshake. `earlier` is a connection to the same server whose session may be resumed; null
  /// for none. Statuses of viOpen for a certificate that is not accepted; error_npermission: the
  /// server does not accept us; error_rsrc_nfound: it does not speak TLS as we do; error_tmo,
  /// error_abort, error_conn_lost. After a failure the stream is lost.
  Status start(std::shared_ptr<const TlsContext> context, const TlsStream* earlier, Call& call);

  /// Right after `start`: waits a moment for the session that a server of TLS 1.3 gives after the
  /// handshake, so that the next connection can resume it. Nothing else may use the stream.
  void await_session(Call& call);

  /// Ends the secure connection on both sides; what arrives before its end is dropped. Afterwards
  /// the stream is in clear text. After a failure it is lost.
  Status end(Call& call);

  bool secure() const noexcept { return tls_ != nullptr; }
  /// While secure.
  TlsFacts facts();

 private:
  // Called by the module, and so inside mutex_.
  static std::ptrdiff_t take(void* stream, void* into,
                             std::size_t size) VISA_NO_THREAD_SAFETY_ANALYSIS;
  static int give(void* stream, const void* data, std::size_t size) VISA_NO_THREAD_SAFETY_ANALYSIS;

  std::ptrdiff_t take_arrived(std::span<std::byte> into) noexcept VISA_REQUIRES(mutex_);
  bool give_record(std::span<const std::byte> data) VISA_REQUIRES(mutex_);

  StreamResult receive_clear(std::span<const iovec> pieces, bool wait, Call& call);
  StreamResult receive_secure(std::span<const iovec> pieces, bool wait, Call& call);
  Status decrypt(std::span<const iovec> pieces, std::size_t& count, Call& call)
      VISA_EXCLUDES(mutex_);
  StreamResult fill(bool wait, Call& call) VISA_EXCLUDES(mutex_);
  StreamResult send_secure(std::span<const std::byte> data, Call& call) VISA_EXCLUDES(mutex_);
  Status encrypt(std::span<const std::byte> data, std::size_t& count, Call& call)
      VISA_EXCLUDES(mutex_);
  Status flush(Call& call) VISA_EXCLUDES(mutex_);
  Status shake_hands(Call& call) VISA_EXCLUDES(mutex_);
  Status await_end(Call& call) VISA_EXCLUDES(mutex_);
  Status explain(int code, const fv_tls_text& text, bool opening, Call& call) VISA_EXCLUDES(mutex_);
  Status break_off(Status status, const std::string& text, Call& call) VISA_EXCLUDES(mutex_);
  Status broken(Call& call) VISA_EXCLUDES(mutex_);
  std::string describe(int what) const VISA_REQUIRES(mutex_);
  void drop_tls() noexcept;

  const std::unique_ptr<ByteStream> below_;
  std::shared_ptr<const TlsContext> context_;
  const fv_tls_table* table_ = nullptr;
  fv_tls_connection* tls_ = nullptr;
  std::atomic<bool> broken_{false};
  std::string why_ VISA_GUARDED_BY(mutex_);  // what broke it

  Mutex mutex_;  // around every call of the module
  // Received and not decrypted: [begin_, end_) of arrived_. While it is empty, the receiving thread
  // may fill the memory without the mutex.
  std::vector<std::byte> arrived_;
  std::size_t begin_ VISA_GUARDED_BY(mutex_) = 0;
  std::size_t end_ VISA_GUARDED_BY(mutex_) = 0;
  bool more_ = false;  // the last fill may have left something in the stream below

  // Encrypted and not sent.
  std::vector<std::byte> out_ VISA_GUARDED_BY(mutex_);
  Call* direct_ VISA_GUARDED_BY(mutex_) = nullptr;  // of the sending thread: records go out at once
  Status given_ VISA_GUARDED_BY(mutex_) = Status::success;  // why a record could not be given
  // By the sending thread: before out_.
  std::vector<std::byte> wire_;
  std::size_t wire_begin_ = 0;
  std::vector<std::byte> record_;  // pieces that go into one record
};

}  // namespace visa::drivers
