// SPDX-License-Identifier: MIT
// The attributes of the secure connection. While there is none, they do not exist.
#include <string>

#include "drivers/hislip/hislip_channel.h"

namespace visa::drivers::hislip {
namespace {

/// What a string attribute may have without its NUL (3.4.1).
constexpr std::size_t kLongestString = 255;

Result<model::AttributeValue> text(const std::string& value) {
  return model::AttributeValue(value.substr(0, kLongestString));
}

Result<model::AttributeValue> no_connection(Call& call) {
  return call.fail(Status::error_nsup_attr, "the connection is not encrypted");
}

}  // namespace

Result<model::AttributeValue> HislipChannel::encryption(Call&) {
  return model::AttributeValue(std::uint64_t{session_->encrypted() ? 1U : 0U});
}

Status HislipChannel::set_encryption(const model::AttributeValue& value, Call& call) {
  certificate_size_read_ = false;
  return session_->set_encryption(model::number(value) != 0, call);
}

Result<model::AttributeValue> HislipChannel::certificate_issuer(Call& call) {
  return session_->encrypted() ? text(session_->tls_facts().issuer) : no_connection(call);
}

Result<model::AttributeValue> HislipChannel::certificate_subject(Call& call) {
  return session_->encrypted() ? text(session_->tls_facts().subject) : no_connection(call);
}

Result<model::AttributeValue> HislipChannel::certificate_end(Call& call) {
  return session_->encrypted() ? text(session_->tls_facts().not_after) : no_connection(call);
}

Result<model::AttributeValue> HislipChannel::certificate_is_perpetual(Call& call) {
  if (!session_->encrypted()) return no_connection(call);
  return model::AttributeValue(std::uint64_t{session_->tls_facts().perpetual ? 1U : 0U});
}

// 3.4.1-a, b: the program learns from the size how large its buffer has to be.
Result<model::AttributeValue> HislipChannel::certificate(Call& call) {
  if (!session_->encrypted()) return no_connection(call);
  if (!certificate_size_read_) {
    return call.fail(Status::error_inv_size,
                     "read VI_ATTR_TCPIP_SERVER_CERT_SIZE first: the buffer must hold that many "
                     "bytes");
  }
  return model::AttributeValue(session_->tls_facts().certificate);
}

Result<model::AttributeValue> HislipChannel::certificate_size(Call& call) {
  if (!session_->encrypted()) return no_connection(call);
  certificate_size_read_ = true;
  return model::AttributeValue(std::uint64_t{session_->tls_facts().certificate.size()});
}

Result<model::AttributeValue> HislipChannel::sasl_mechanism(Call& call) {
  return session_->encrypted() ? text(session_->sync().mechanism()) : no_connection(call);
}

Result<model::AttributeValue> HislipChannel::cipher_suite(Call& call) {
  return session_->encrypted() ? text(session_->tls_facts().cipher_suite) : no_connection(call);
}

}  // namespace visa::drivers::hislip
