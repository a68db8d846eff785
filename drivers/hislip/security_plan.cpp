// SPDX-License-Identifier: MIT
// A session that is to be secure is never made in clear text instead: a program between this
// computer and the instrument could say in its place that it has no encryption.
#include "drivers/hislip/security_plan.h"

#include "drivers/hislip/password_file.h"

namespace visa::drivers::hislip {
namespace {

Status unknown_credential(const std::string& name, Call& call) {
  return call.fail(Status::error_npermission,
                   "the credential \"" + name +
                       "\" is not in the configuration; add [[credential]] with name = \"" + name +
                       "\", or correct what names it");
}

Status fill(SecurityPlan& plan, const spi::Credential& credential, Call& call) {
  plan.tls.ca_file = credential.ca_file;
  plan.tls.client_certificate = credential.client_certificate;
  plan.tls.client_key = credential.client_key;
  plan.tls.fingerprint = credential.fingerprint;
  if (!credential.server_name.empty()) plan.tls.host = credential.server_name;
  plan.user.user = credential.user;
  plan.user.password = credential.password;
  plan.user.has_certificate = !credential.client_certificate.empty();
  plan.user.mechanisms = credential.mechanisms;
  if (credential.password || credential.password_file.empty()) return Status::success;
  auto password = read_password(credential.password_file, call);
  if (!password) return password.status();
  plan.user.password = *std::move(password);
  return Status::success;
}

}  // namespace

Result<SecurityPlan> read_plan(const spi::OpenRequest& request, const Settings& settings,
                               Call& call) {
  const model::ResourceName& name = request.name;
  const std::string& asked = name.has_credential ? name.credential : settings.credential;
  SecurityPlan plan;
  plan.policy = settings.encryption;
  plan.by_credential = name.has_credential || !settings.credential.empty();
  plan.tls.host = name.host;
  if (plan.by_credential && plan.policy == Encryption::off) {
    return call.fail(Status::error_inv_setup,
                     "a credential is named, and the setting encryption is \"off\"; a credential "
                     "is not sent in clear text: drop one of them");
  }
  if (asked.empty()) return plan;
  if (request.credential == nullptr) return unknown_credential(asked, call);
  if (const Status status = fill(plan, *request.credential, call); failed(status)) return status;
  return plan;
}

Result<bool> begins_encrypted(const SecurityPlan& plan, const Announced& announced,
                              std::string_view peer, Call& call) {
  const std::string who(peer);
  if (announced.demands() && plan.policy == Encryption::off) {
    return call.fail(Status::error_npermission,
                     who +
                         ": the instrument demands an encrypted connection, and the setting "
                         "encryption is \"off\"; set it to \"auto\", or allow unencrypted "
                         "connections at the instrument");
  }
  if (plan.insists() && !announced.capable && !announced.demands()) {
    return call.fail(
        Status::error_npermission,
        who + ": the instrument offers no secure connection, and " +
            (plan.by_credential ? "a credential is named" : "the configuration requires one") +
            "; switch it on at the instrument, or " +
            (plan.by_credential ? "leave the credential out" : "change the configuration") +
            " if clear text is good enough");
  }
  return plan.insists() || announced.demands();
}

}  // namespace visa::drivers::hislip
