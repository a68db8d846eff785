// SPDX-License-Identifier: MIT
// A TlsStream of OpenSSL. Only where the build has it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "tools/sim/security/openssl_handles.h"
#include "tools/sim/security/tls.h"

namespace visa::sim {

/// Reads what was given where it lies, and collects ciphertext in one buffer.
class OpensslStream final : public TlsStream {
 public:
  /// Throws std::runtime_error.
  explicit OpensslStream(SSL_CTX& context);

  State state() const noexcept override { return state_; }
  std::string error() const override { return error_; }
  void give(std::string_view bytes) override;
  std::size_t read(char* to, std::size_t most) override;
  void keep() override;
  std::string take_rest() override;
  void write(std::string_view plain) override;
  void end() override;
  std::string_view output() const noexcept override {
    return std::string_view(output_).substr(sent_);
  }
  void consume(std::size_t count) noexcept override;
  std::string client_name() const override;
  std::string summary() const override;

 private:
  static const BIO_METHOD* bytes_method();
  static int bio_read(BIO* bio, char* to, std::size_t most, std::size_t* count);
  static int bio_write(BIO* bio, const char* from, std::size_t size, std::size_t* count);
  static long bio_control(BIO* bio, int command, long number, void* pointer);

  /// False: no more can be done now.
  bool went_well(int result);

  std::string kept_;        ///< given earlier
  std::string_view given_;  ///< after kept_
  std::string output_;
  std::size_t sent_ = 0;  ///< of output_
  State state_ = State::handshaking;
  std::string error_;
  SslOwner ssl_;
};

}  // namespace visa::sim
