// SPDX-License-Identifier: MIT
// TLS as the bench's wires see it: an authority that makes certificates when the bench starts, and
// streams that turn ciphertext into plain bytes and back. A stream touches no socket, so a wire
// moves the bytes as it likes and no handshake keeps the bench waiting.
//
// Owned by a wire's server; on the bench's thread only. In a build without OpenSSL
// tls_available() is false and an authority cannot be made.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace visa::sim {

/// This program was built with OpenSSL.
bool tls_available() noexcept;
/// What tells the user of an instrument file that it was not.
std::string tls_missing();
/// "OpenSSL 3.0.19 27 Jan 2026"; empty without it.
std::string tls_library();

/// Which certificate a server shows; all but the first are wrong in one thing.
enum class CertificateKind : std::uint8_t {
  good,         ///< for localhost and the addresses of the bench, signed by its authority
  expired,      ///< yesterday
  not_yet,      ///< valid from tomorrow on
  wrong_host,   ///< for "another.invalid"
  unknown_ca,   ///< signed by an authority that nobody has
  self_signed,  ///< by itself
};

/// How a server meets its clients; those with equal choices resume each other's sessions.
struct TlsChoice {
  CertificateKind certificate = CertificateKind::good;
  std::string certificate_file = {};  ///< PEM, instead of the above; empty: none
  std::string key_file = {};          ///< its private key
  bool asks_for_certificate = false;  ///< the client may show one; it has to be of the authority
  std::uint16_t oldest = 0x0303;      ///< TLS versions as their number on the wire
  std::uint16_t newest = 0x0304;

  auto operator<=>(const TlsChoice&) const = default;
};

/// One connection, at the server's end.
class TlsStream {
 public:
  enum class State : std::uint8_t {
    handshaking,
    open,
    ended,   ///< the client has sent close_notify
    failed,  ///< error() says why; an alert may stand in output()
  };

  virtual ~TlsStream() = default;
  virtual State state() const noexcept = 0;
  /// One line about what failed.
  virtual std::string error() const = 0;

  /// Bytes that have come. They are looked at by read() and are not copied before keep(), so they
  /// have to stay until read() has returned 0 or keep() was called.
  virtual void give(std::string_view bytes) = 0;
  /// Plain bytes, at most `most`; 0: more has to come first, or the state says that none will.
  /// Goes on with the handshake.
  virtual std::size_t read(char* to, std::size_t most) = 0;
  /// Copies what was given and not read.
  virtual void keep() = 0;
  /// What came after the client's close_notify.
  virtual std::string take_rest() = 0;

  /// Puts plain bytes into output(); only while open, or ended by the client alone.
  virtual void write(std::string_view plain) = 0;
  /// Puts close_notify into output().
  virtual void end() = 0;
  /// What has to be sent.
  virtual std::string_view output() const noexcept = 0;
  virtual void consume(std::size_t count) noexcept = 0;

  /// The common name of the certificate that the client has shown; empty without one.
  virtual std::string client_name() const = 0;
  /// "TLSv1.3 TLS_AES_256_GCM_SHA384 resumed", for the log.
  virtual std::string summary() const = 0;
};

/// Makes what it signs when it is first asked for.
class TlsAuthority {
 public:
  /// `address`: on which the bench listens; its certificates are good for that, too. Throws
  /// std::runtime_error.
  static std::unique_ptr<TlsAuthority> make(const std::string& address);
  virtual ~TlsAuthority() = default;

  /// Throws std::runtime_error, with a text for the user, where a file of `choice` cannot be used.
  virtual std::unique_ptr<TlsStream> accept(const TlsChoice& choice) = 0;
  /// Writes ca.pem, client.pem and client.key into a folder that is made if need be. Throws
  /// std::system_error, whose text names the file.
  virtual void write_files(const std::string& folder) = 0;
};

}  // namespace visa::sim
