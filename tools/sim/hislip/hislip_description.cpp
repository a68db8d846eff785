// SPDX-License-Identifier: MIT
// The keys of [hislip], which tools/sim/README.md explains.
#include "tools/sim/hislip/hislip_description.h"

#include <algorithm>

#include "tools/sim/security/sasl.h"
#include "tools/sim/tables/table_reader.h"

namespace visa::sim {
namespace {

constexpr std::uint16_t kTls12 = 0x0303;
constexpr std::uint16_t kTls13 = 0x0304;
constexpr std::uint16_t kVersions[] = {kHislipVersion1, 0x0101, kHislipVersion2};

bool is_sub_address(const std::string& text) {
  return text.size() <= 32 && text.starts_with("hislip") &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789") == std::string::npos;
}

void read_certificate(TableReader& table, TlsChoice& tls) {
  if (table.has("certificate_file") || table.has("key_file")) {
    tls.certificate_file = table.text("certificate_file").value_or("");
    tls.key_file = table.text("key_file").value_or("");
    if (tls.certificate_file.empty() || tls.key_file.empty()) {
      table.mistake("certificate_file", "expected the names of two PEM files, this and key_file");
    }
  }
  if (const auto word = table.word("certificate", {"good", "expired", "not-yet", "wrong-host",
                                                   "unknown-ca", "self-signed"})) {
    tls.certificate = static_cast<CertificateKind>(*word);
  }
  if (table.has("tls")) {
    const auto word = table.word("tls", {"1.2", "1.3", "1.2 to 1.3"}).value_or(2);
    tls.oldest = word == 1 ? kTls13 : kTls12;
    tls.newest = word == 0 ? kTls12 : kTls13;
  }
}

void read_users(TableReader& table, std::map<std::string, std::string>& users) {
  const Node* const node = table.table("users");
  if (node == nullptr) return;
  for (const Entry& entry : *node->get<Table>()) {
    const auto* const password = entry.value.get<std::string>();
    if (password == nullptr || password->empty() || entry.key.empty()) {
      table.mistake("users", "expected names and passwords as in { alice = \"secret\" }");
      return;
    }
    users[entry.key] = *password;
  }
}

void read_mechanisms(TableReader& table, HislipDescription& hislip) {
  if (!table.has("mechanisms")) return;
  hislip.authentication = true;
  hislip.mechanisms.clear();
  for (const std::string& name : table.texts("mechanisms")) {
    if (std::find(kSaslMechanisms.begin(), kSaslMechanisms.end(), name) == kSaslMechanisms.end()) {
      table.mistake(
          "mechanisms",
          "expected SCRAM-SHA-256, EXTERNAL, PLAIN and ANONYMOUS instead of " + cited(name));
      return;
    }
    hislip.tls.asks_for_certificate = hislip.tls.asks_for_certificate || name == "EXTERNAL";
    hislip.mechanisms.push_back(name);
  }
}

void read_security(TableReader& table, HislipDescription& hislip) {
  const auto word = table.word("encryption", {"off", "optional", "initial", "mandatory"});
  hislip.encryption = static_cast<HislipEncryption>(word.value_or(0));
  hislip.clear_changes_encryption = table.boolean("clear_changes_encryption").value_or(false);
  read_certificate(table, hislip.tls);
  read_mechanisms(table, hislip);
  read_users(table, hislip.users);
  if (hislip.encryption != HislipEncryption::off) {
    if (!tls_available()) table.mistake("encryption", tls_missing());
    if (hislip.version < kHislipVersion2) {
      table.mistake("encryption", "needs version = \"2.0\", which is the default");
    }
    return;
  }
  for (const char* const key : {"clear_changes_encryption", "certificate", "certificate_file",
                                "key_file", "tls", "mechanisms", "users"}) {
    if (table.has(key)) table.mistake(key, "means nothing without encryption");
  }
}

}  // namespace

std::unique_ptr<const HislipDescription> read_hislip_description(TableReader& table) {
  auto result = std::make_unique<HislipDescription>();
  HislipDescription& hislip = *result;
  hislip.device = table.text("device").value_or("");
  if (table.has("device") && !is_sub_address(hislip.device)) {
    table.mistake("device",
                  "expected a name as in \"hislip3\": \"hislip\" with small letters and digits");
    hislip.device.clear();
  }
  if (const auto word = table.word("overlap", {"never", "allowed", "preferred", "always"})) {
    hislip.overlap = static_cast<HislipOverlap>(*word);
  }
  if (const auto word = table.word("version", {"1.0", "1.1", "2.0"})) {
    hislip.version = kVersions[*word];
  }
  if (const auto most = table.integer("max_receive", 1,
                                      static_cast<std::int64_t>(HislipDescription::kMostReceive))) {
    hislip.max_receive = static_cast<std::uint64_t>(*most);
  }
  if (const auto most = table.integer("largest_answer", 1, 1 << 30)) {
    hislip.largest_answer = static_cast<std::size_t>(*most);
  }
  hislip.strict_ids = table.boolean("strict_ids").value_or(false);
  read_security(table, hislip);
  return result;
}

}  // namespace visa::sim
