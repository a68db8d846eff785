// SPDX-License-Identifier: MIT
// A credential's name is compared as it is written: it is a key to secrets, not a host name.
#include "lib/config/credential_reader.h"

#include <algorithm>
#include <string>
#include <utility>

#include "lib/model/ascii.h"

namespace visa::config {
namespace {

using spi::Credential;
using tomlio::Entry;
using tomlio::Node;
using tomlio::Table;

constexpr std::size_t kLongestName = 64;
constexpr std::size_t kLongestValue = 4096;

struct TextRow {
  std::string_view key;
  std::string Credential::*value;
};

constexpr TextRow kTexts[] = {{"user", &Credential::user},
                              {"password_file", &Credential::password_file},
                              {"ca_file", &Credential::ca_file},
                              {"client_certificate", &Credential::client_certificate},
                              {"client_key", &Credential::client_key},
                              {"server_name", &Credential::server_name}};

constexpr std::string_view kMechanisms[] = {"ANONYMOUS", "EXTERNAL", "PLAIN", "SCRAM-SHA-256"};

std::string list_of(const std::vector<std::string_view>& words) {
  std::string text;
  for (const auto word : words) text.append(text.empty() ? "" : ", ").append(word);
  return text;
}

/// A text that a function of C and a message of SASL can carry.
const std::string* usable_text(const Node& node) {
  const auto* text = node.get<std::string>();
  const bool good = text != nullptr && !text->empty() && text->size() <= kLongestValue &&
                    std::none_of(text->begin(), text->end(), [](char c) {
                      return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
                    });
  return good ? text : nullptr;
}

/// As the grammar of resource names takes it before the '@'.
bool fit_for_name(std::string_view name) {
  return !name.empty() && name.size() <= kLongestName &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return c > ' ' && c <= '~' && c != ':' && c != '[' && c != ']' && c != '@';
         });
}

std::optional<std::array<unsigned char, 32>> read_fingerprint(std::string_view text) {
  std::array<unsigned char, 32> bytes{};
  std::size_t digits = 0;
  for (const char c : text) {
    if (c == ':' && digits % 2 == 0) continue;
    const int value = model::hex_value(c);
    if (value < 0 || digits == 2 * bytes.size()) return {};
    bytes[digits / 2] = static_cast<unsigned char>(bytes[digits / 2] * 16 + value);
    ++digits;
  }
  return digits == 2 * bytes.size() ? std::optional(bytes) : std::nullopt;
}

class Reader {
 public:
  Reader(std::string_view file, bool open_to_others, ProblemLog& problems)
      : file_(file), open_to_others_(open_to_others), problems_(problems) {}

  std::optional<Credential> read(const Table& table, Place place) {
    Credential credential;
    credential.origin = std::string(file_) + ":" + std::to_string(place.line);
    bool good = true;
    for (const Entry& entry : table) good = read_entry(entry, credential) && good;
    if (credential.name.empty()) {
      problems_.lost(place, "[[credential]] without name: expected name = \"lab\" or the like");
      return {};
    }
    if (!good) {
      problems_.lost(place, "credential " + in_quotes(credential.name) +
                                " is not usable because of the mistake above");
      return {};
    }
    if (credential.password && open_to_others_) {
      problems_.harmless(place, "credential " + in_quotes(credential.name) +
                                    ": other users may read the password in this file: chmod 600, "
                                    "or keep it in a password_file");
    }
    return credential;
  }

 private:
  bool refuse(const Entry& entry, std::string_view expected) {
    problems_.wrong_value(entry, expected);
    return false;
  }

  bool read_entry(const Entry& entry, Credential& credential) {
    if (entry.key == "mechanisms") return read_mechanisms(entry, credential);
    const auto row = std::find_if(std::begin(kTexts), std::end(kTexts),
                                  [&](const TextRow& one) { return one.key == entry.key; });
    const bool own = entry.key == "name" || entry.key == "password" || entry.key == "fingerprint";
    if (row == std::end(kTexts) && !own) {
      problems_.unknown_key(entry, "[[credential]]", list_of(credential_keys()));
      return true;
    }
    const auto* text = usable_text(entry.value);
    if (text == nullptr) return refuse(entry, "a text in quotes without control characters");
    if (row != std::end(kTexts)) {
      credential.*(row->value) = *text;
      return true;
    }
    if (entry.key == "password") {
      credential.password.emplace(*text);
      return true;
    }
    if (entry.key == "fingerprint") {
      credential.fingerprint = read_fingerprint(*text);
      return credential.fingerprint.has_value() ||
             refuse(entry,
                    "the SHA-256 fingerprint of a certificate, 64 hexadecimal digits with or "
                    "without colons");
    }
    if (!fit_for_name(*text)) {
      return refuse(entry, "1 to 64 ASCII characters without blanks, ':', '@' and brackets");
    }
    credential.name = *text;
    return true;
  }

  bool read_mechanisms(const Entry& entry, Credential& credential) {
    const auto* list = entry.value.get<std::vector<Node>>();
    const std::string expected =
        "a list of " + list_of({std::begin(kMechanisms), std::end(kMechanisms)});
    if (list == nullptr || list->empty()) return refuse(entry, expected);
    for (const Node& node : *list) {
      const auto* text = node.get<std::string>();
      if (text == nullptr || std::find(std::begin(kMechanisms), std::end(kMechanisms), *text) ==
                                 std::end(kMechanisms)) {
        return refuse(entry, expected);
      }
      credential.mechanisms.push_back(*text);
    }
    return true;
  }

  std::string_view file_;
  bool open_to_others_;
  ProblemLog& problems_;
};

}  // namespace

std::vector<Credential> read_credentials(const Entry& section, std::string_view file,
                                         bool open_to_others, ProblemLog& problems) {
  std::vector<Credential> result;
  const auto* array = section.value.get<std::vector<Node>>();
  if (array == nullptr) {
    problems.wrong_value(section,
                         "an array of tables, [[credential]] with two brackets on each side");
    return result;
  }
  Reader reader(file, open_to_others, problems);
  for (const Node& node : *array) {
    const auto* table = node.get<Table>();
    if (table == nullptr) {
      problems.lost(node.place, "\"credential\": expected tables, [[credential]]");
      continue;
    }
    auto credential = reader.read(*table, node.place);
    if (!credential) continue;
    const bool twice = std::any_of(result.begin(), result.end(), [&](const Credential& one) {
      return one.name == credential->name;
    });
    if (twice) {
      problems.lost(node.place, "credential " + in_quotes(credential->name) +
                                    " stands in this file already: this second entry is ignored");
    } else {
      result.push_back(*std::move(credential));
    }
  }
  return result;
}

std::vector<std::string_view> credential_keys() {
  std::vector<std::string_view> keys{"name", "password", "mechanisms", "fingerprint"};
  for (const TextRow& row : kTexts) keys.push_back(row.key);
  std::sort(keys.begin(), keys.end());
  return keys;
}

}  // namespace visa::config
