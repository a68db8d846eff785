// SPDX-License-Identifier: MIT
// The mechanisms of one message, and which there are.
#include "tools/sim/security/sasl.h"

#include <algorithm>
#include <utility>

#include "tools/sim/security/scram.h"

namespace visa::sim {
namespace {

constexpr std::size_t kLongestName = 255;

struct Account {
  std::string password;
  ScramKeys keys;
};
using Accounts = std::map<std::string, Account, std::less<>>;

SaslStep garbage(const char* what) {
  return {SaslStep::Kind::garbage, what};
}

SaslStep failure(SaslFailure code, const char* text) {
  return {SaslStep::Kind::failure, text, static_cast<std::uint32_t>(code)};
}

// One message of the client decides.
class OneMessage : public SaslExchange {
 public:
  const std::string& user() const noexcept override { return user_; }

 protected:
  SaslStep admit(std::string user) {
    user_ = std::move(user);
    return {SaslStep::Kind::success};
  }

 private:
  std::string user_;
};

// What stands there is who the client says that it is; anyone may.
class Anonymous final : public OneMessage {
 public:
  SaslStep step(std::string_view response) override {
    if (response.size() > kLongestName || response.find('\0') != std::string_view::npos) {
      return garbage("ANONYMOUS is up to 255 characters, none of them NUL");
    }
    return admit("anonymous");
  }
};

// identity NUL user NUL password, of which the identity may be empty.
class Plain final : public OneMessage {
 public:
  explicit Plain(const Accounts& accounts) : accounts_(accounts) {}
  SaslStep step(std::string_view response) override {
    const std::size_t first = response.find('\0');
    const std::size_t second =
        first == std::string_view::npos ? first : response.find('\0', first + 1);
    if (second == std::string_view::npos) return garbage("PLAIN has two NULs");
    const std::string_view identity = response.substr(0, first);
    const std::string_view user = response.substr(first + 1, second - first - 1);
    const std::string_view password = response.substr(second + 1);
    if (user.empty() || password.empty() || password.find('\0') != std::string_view::npos ||
        std::max({identity.size(), user.size(), password.size()}) > kLongestName) {
      return garbage("PLAIN has a user and a password of 1 to 255 bytes");
    }
    const auto found = accounts_.find(user);
    if (found == accounts_.end() || !equal_secrets(found->second.password, password)) {
      return failure(SaslFailure::credentials, "the user or the password is wrong");
    }
    if (!identity.empty() && identity != user) {
      return failure(SaslFailure::identity, "nobody may act for another here");
    }
    return admit(std::string(user));
  }

 private:
  const Accounts& accounts_;
};

// Who the client is says its certificate.
class External final : public OneMessage {
 public:
  explicit External(std::string name) : name_(std::move(name)) {}
  SaslStep step(std::string_view response) override {
    if (response.find('\0') != std::string_view::npos) return garbage("EXTERNAL has no NUL");
    if (name_.empty()) {
      return failure(SaslFailure::credentials, "the client has shown no certificate");
    }
    if (!response.empty() && response != name_) {
      return failure(SaslFailure::identity, "the certificate is another's");
    }
    return admit(name_);
  }

 private:
  std::string name_;
};

class OpensslAccounts final : public SaslAccounts, public ScramUsers {
 public:
  explicit OpensslAccounts(const std::map<std::string, std::string>& users)
      : secret_(random_bytes(kSaltBytes)) {
    for (const auto& [name, password] : users) {
      accounts_[name] = {password, scram_keys(password, random_bytes(kSaltBytes))};
    }
  }

  std::unique_ptr<SaslExchange> begin(std::string_view mechanism,
                                      const std::string& certificate_name) const override {
    if (mechanism == "ANONYMOUS") return std::make_unique<Anonymous>();
    if (mechanism == "PLAIN") return std::make_unique<Plain>(accounts_);
    if (mechanism == "EXTERNAL") return std::make_unique<External>(certificate_name);
    if (mechanism == "SCRAM-SHA-256") return begin_scram(*this);
    return nullptr;
  }

  // A name that is unknown always gets the same salt, as one that is known.
  ScramKeys keys_of(const std::string& user) const override {
    const auto found = accounts_.find(user);
    if (found != accounts_.end()) return found->second.keys;
    ScramKeys nobody;
    nobody.salt = salt_of_nobody(secret_, user);
    return nobody;
  }

 private:
  std::string secret_;
  Accounts accounts_;
};

}  // namespace

std::unique_ptr<SaslAccounts> SaslAccounts::make(const std::map<std::string, std::string>& users) {
  return std::make_unique<OpensslAccounts>(users);
}

}  // namespace visa::sim
