// SPDX-License-Identifier: MIT
// The zone of an IPv6 address ("%eth0") is ours and stands in no certificate.
#include "drivers/common/tls_context.h"

#include "lib/base/cancel_shield.h"

namespace visa::drivers {
namespace {

const char* text_or_null(const std::string& text) noexcept {
  return text.empty() ? nullptr : text.c_str();
}

}  // namespace

Result<std::shared_ptr<const TlsContext>> TlsContext::make(const TlsSettings& settings,
                                                           Call& call) {
  const auto module = TlsModule::get(call);
  if (!module) return module.status();
  const std::string host = settings.host.substr(0, settings.host.find('%'));
  const fv_tls_settings values{
      text_or_null(settings.ca_file), text_or_null(settings.client_certificate),
      text_or_null(settings.client_key),
      settings.fingerprint ? settings.fingerprint->data() : nullptr, text_or_null(host)};
  std::shared_ptr<TlsContext> made(new TlsContext(**module));
  fv_tls_text text{};
  const CancelShield shield;
  switch (made->module_.table().context_open(made->module_.library(), &values, &made->context_,
                                             &text)) {
    case FV_TLS_DONE:
      return std::shared_ptr<const TlsContext>(std::move(made));
    case FV_TLS_SETUP:
      return call.fail(Status::error_inv_setup, text.line);
    default:
      return Status::error_alloc;
  }
}

TlsContext::~TlsContext() {
  module_.table().context_close(context_);
}

}  // namespace visa::drivers
