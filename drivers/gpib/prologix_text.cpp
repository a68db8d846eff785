// SPDX-License-Identifier: MIT
// What the families are sent at first: no reading after a write by itself (++auto 0), EOI with the
// last byte (++eoi 1), nothing appended (++eos 3), a mark after EOI (++eot_enable). A Prologix
// would write each setting into its memory, which wears out: ++savecfg 0 comes first. An AR488
// saves when it gets that command, so it gets none.
#include "drivers/gpib/prologix_text.h"

#include <charconv>

namespace visa::drivers::gpib {
namespace {

constexpr AdapterDialect kPrologix{};
constexpr AdapterDialect kAr488{AdapterKind::ar488, "AR488", 0x04};
// It ends its own answers, too, with the mark: it keeps the one it starts with.
constexpr AdapterDialect kGalvant{AdapterKind::galvant, "Galvant GPIBUSB", '\r'};

constexpr char kEscape = 0x1B;

/// "ver. 0.48.21"; one that gives no number counts as old.
bool is_old_ar488(std::string_view version) noexcept {
  constexpr std::string_view kBefore = "ver. 0.";
  constexpr unsigned kNew = 50;
  const std::size_t at = version.find(kBefore);
  if (at == std::string_view::npos) return version.find("ver. ") == std::string_view::npos;
  unsigned minor = 0;
  const std::string_view rest = version.substr(at + kBefore.size());
  std::from_chars(rest.data(), rest.data() + rest.size(), minor);
  return minor < kNew;
}

bool is_blank(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

}  // namespace

AdapterDialect dialect_of(std::string_view version) noexcept {
  if (version.find("AR488") != std::string_view::npos) {
    AdapterDialect dialect = kAr488;
    dialect.reads_alone = is_old_ar488(version);
    return dialect;
  }
  // "Version 5.0" is all that it says.
  if (version.starts_with("Version ")) return kGalvant;
  return kPrologix;
}

std::string setup_lines(const AdapterDialect& dialect) {
  std::string lines;
  if (dialect.kind != AdapterKind::ar488) lines += "++savecfg 0\n";
  lines +=
      "++mode 1\n"
      "++auto 0\n"
      "++eoi 1\n"
      "++eos 3\n";
  lines += "++eot_char " + std::to_string(dialect.end_mark) + "\n++eot_enable 1\n";
  if (dialect.kind == AdapterKind::ar488) lines += "++eor 7\n++srqauto 0\n";
  lines += "++ifc\n";
  return lines;
}

void append_escaped(std::string& line, std::span<const std::byte> data) {
  line.reserve(line.size() + data.size() + data.size() / 16);
  for (const std::byte one : data) {
    const char c = static_cast<char>(one);
    if (c == '\r' || c == '\n' || c == kEscape || c == '+') line += kEscape;
    line += c;
  }
}

std::string address_arguments(const Address& address) {
  std::string text = " " + std::to_string(address.primary);
  if (address.secondary) text += " " + std::to_string(kMsa + *address.secondary);
  return text;
}

std::optional<unsigned> number_in(std::string_view answer) noexcept {
  while (!answer.empty() && is_blank(answer.front())) answer.remove_prefix(1);
  while (!answer.empty() && is_blank(answer.back())) answer.remove_suffix(1);
  constexpr unsigned kMost = 65535;
  unsigned number = 0;
  const char* const end = answer.data() + answer.size();
  const auto [stopped, error] = std::from_chars(answer.data(), end, number);
  if (error != std::errc() || stopped != end || number > kMost) return std::nullopt;
  return number;
}

}  // namespace visa::drivers::gpib
