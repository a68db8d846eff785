// SPDX-License-Identifier: MIT
// What lies between a HiSLIP channel and its socket: nothing, or TLS from a message on and until
// another (IVI-6.1 2.0, StartTLS and EndTLS). Each direction changes at a place of its own in the
// stream, so what came or was put before that place stays in clear.
//
// Owned by a HislipConnection; on the bench's thread only. Bounded: nothing is read while more than
// kMostWaiting of ciphertext waits for TCP.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tools/sim/base/file_descriptor.h"
#include "tools/sim/hislip/hislip_output.h"
#include "tools/sim/security/tls.h"

namespace visa::sim {

/// TLS for a channel, and what a fault makes of it.
struct HislipHandshake {
  enum class Spoiled : std::uint8_t {
    no,
    close,    ///< after `bytes` of the server's handshake the connection ends
    silence,  ///< after `bytes` nothing more comes
    garbage,  ///< `bytes` that are no TLS come instead
    clear,    ///< the handshake succeeds, and the server's messages come in clear
  };
  std::unique_ptr<TlsStream> stream = nullptr;
  Spoiled spoiled = Spoiled::no;
  std::size_t bytes = 0;
  bool reset = false;  ///< the connection ends by RST
};

class HislipTransport : public HislipSink {
 public:
  static constexpr std::size_t kHighWater = std::size_t{64} << 10;
  static constexpr std::size_t kMostWaiting = 4 * kHighWater;

  explicit HislipTransport(FileDescriptor socket) : socket_(std::move(socket)) {}

  int socket() const noexcept { return socket_.get(); }

  // Input.

  /// What comes next is HiSLIP itself.
  bool reads_clear() const noexcept { return phase_ == Phase::clear; }
  /// Nothing of TLS has come yet.
  bool awaits_hello() const noexcept { return tls_ != nullptr && !heard_; }
  /// Bytes of TLS, which have to stay until keep().
  void give(std::string_view bytes);
  /// Plain bytes, at most `most`; 0: there are none now.
  std::size_t read(char* to, std::size_t most);
  void keep();
  /// The handshake is done: once, after the read() that has ended it and before its bytes are used.
  bool take_secured() noexcept;
  /// What else has become of TLS, once each, after read() has returned 0.
  enum class Change : std::uint8_t {
    none,
    cleared,  ///< both have said close_notify; take_rest() is in clear
    left,     ///< the client has said close_notify, unasked
    failed,   ///< error() says why; the transport is in clear
  };
  Change change();
  std::string take_rest();
  const std::string& error() const noexcept { return error_; }

  // Output: a HislipSink.

  bool open() const noexcept override;
  bool send(OutputQueue& bytes) override;
  void turn() override;
  /// Sends ciphertext as far as TCP takes it; false: the connection is broken, or a fault ends it.
  bool flush();
  /// So much waits for TCP that nothing is read, which could make more: a client may ask for
  /// answers of TLS itself.
  bool crowded() const noexcept { return raw_.size() + ciphertext().size() > kMostWaiting; }
  /// Ciphertext waits for TCP.
  bool blocked() const noexcept { return !silent_ && (!raw_.empty() || !ciphertext().empty()); }

  // Turns. The output's comes when the queue has called turn().

  void start(HislipHandshake handshake);
  /// `notify` false: by a fault the client is not told.
  void end(bool notify);
  /// The connection is about to end by a FatalError: nothing waits for the client any more, and
  /// what is sent from now on is in clear unless TLS is complete.
  void give_up_turns();
  /// The last that is sent: close_notify, after a FatalError by TLS. A connection that ends
  /// otherwise, as by a fault, says nothing.
  void farewell();

  std::string client_name() const;
  std::string summary() const;

 private:
  enum class Phase : std::uint8_t {
    clear,
    starting,     ///< the client may speak TLS; output up to the turn is in clear
    handshaking,  ///< no message goes out
    secure,
    finishing,  ///< output up to the turn is TLS
    closing,    ///< no message goes out until the client has said close_notify, too
  };

  std::string_view ciphertext() const noexcept;
  /// False when there is no more to be sent.
  bool limit_handshake(std::string_view& bytes);
  void forget_tls();

  FileDescriptor socket_;
  Phase phase_ = Phase::clear;
  std::unique_ptr<TlsStream> tls_;
  HislipHandshake handshake_;  ///< but for the stream
  std::size_t handshake_sent_ = 0;
  std::string raw_;  ///< goes before anything else
  std::string rest_;
  std::string error_;
  bool notify_ = true;
  bool heard_ = false;
  bool silent_ = false;
  bool says_farewell_ = false;
};

}  // namespace visa::sim
