// SPDX-License-Identifier: MIT
// The keys of [usb], which tools/sim/README.md explains.
#include "tools/sim/usb/usb_description.h"

#include <array>
#include <string_view>
#include <utility>

#include "tools/sim/tables/table_reader.h"

namespace visa::sim {
namespace {

constexpr std::int64_t kMostWord = 0xFFFF;
constexpr std::int64_t kMostInterface = 31;
constexpr std::size_t kLongestString = 126;

struct Capability {
  std::string_view name;
  bool UsbtmcCapabilities::*member;
};
constexpr std::array<Capability, 11> kCapabilities = {{
    {"indicator-pulse", &UsbtmcCapabilities::indicator_pulse},
    {"talk-only", &UsbtmcCapabilities::talk_only},
    {"listen-only", &UsbtmcCapabilities::listen_only},
    {"termchar", &UsbtmcCapabilities::termchar},
    {"488.2", &UsbtmcCapabilities::ieee488},
    {"remote", &UsbtmcCapabilities::remote},
    {"trigger", &UsbtmcCapabilities::trigger},
    {"scpi", &UsbtmcCapabilities::scpi},
    {"sr1", &UsbtmcCapabilities::sr1},
    {"rl1", &UsbtmcCapabilities::rl1},
    {"dt1", &UsbtmcCapabilities::dt1},
}};

void read_capabilities(TableReader& table, UsbtmcCapabilities& capabilities) {
  if (!table.has("capabilities")) return;
  UsbtmcCapabilities chosen{false, false, false, false, false, false,
                            false, false, false, false, false};
  std::string names;
  for (const Capability& one : kCapabilities) {
    names += (names.empty() ? "" : ", ") + std::string(one.name);
  }
  for (const std::string& name : table.texts("capabilities")) {
    bool known = false;
    for (const Capability& one : kCapabilities) {
      if (one.name != name) continue;
      chosen.*one.member = true;
      known = true;
    }
    if (!known) table.mistake("capabilities", "expected " + names + " instead of " + cited(name));
  }
  capabilities = chosen;
}

void read_word(TableReader& table, std::string_view key, std::uint16_t& into) {
  if (const auto value = table.integer(key, 0, kMostWord)) {
    into = static_cast<std::uint16_t>(*value);
  }
}

void read_flag(TableReader& table, std::string_view key, bool& into) {
  into = table.boolean(key).value_or(into);
}

std::optional<std::string> read_string(TableReader& table, std::string_view key) {
  auto text = table.text(key);
  if (text && text->size() > kLongestString) {
    table.mistake(key, "expected at most 126 bytes");
    text.reset();
  }
  return text;
}

void read_interfaces(TableReader& table, UsbDescription& usb) {
  if (const auto number = table.integer("interface", 0, kMostInterface)) {
    usb.interface = static_cast<std::uint8_t>(*number);
  }
  read_flag(table, "usbtmc", usb.usbtmc);
  read_flag(table, "usb488", usb.usb488);
  read_flag(table, "interrupt", usb.interrupt);
  read_flag(table, "raw", usb.raw);
  read_flag(table, "raw_interrupt", usb.raw_interrupt);
  usb.raw_interface = static_cast<std::uint8_t>(usb.interface + 1);
  if (const auto number = table.integer("raw_interface", 0, kMostInterface)) {
    usb.raw_interface = static_cast<std::uint8_t>(*number);
  }
  if (usb.raw && usb.usbtmc && usb.raw_interface == usb.interface) {
    table.mistake("raw_interface", "expected another number than that of `interface`");
  }
  if (!usb.raw && !usb.usbtmc) {
    table.mistake("usbtmc", "expected `raw` to be true where `usbtmc` is false");
  }
}

}  // namespace

std::unique_ptr<const UsbDescription> read_usb_description(TableReader& table) {
  auto result = std::make_unique<UsbDescription>();
  UsbDescription& usb = *result;
  read_word(table, "vendor", usb.vendor);
  read_word(table, "product", usb.product);
  read_word(table, "version", usb.version);
  usb.serial = read_string(table, "serial");
  usb.manufacturer = read_string(table, "manufacturer");
  usb.model = read_string(table, "model");
  read_flag(table, "serial_unreadable", usb.serial_unreadable);
  if (const auto word = table.word("speed", {"full", "high", "super"})) {
    usb.speed = static_cast<UsbSpeed>(*word);
  }
  read_interfaces(table, usb);
  read_capabilities(table, usb.capabilities);
  read_flag(table, "vendor_messages", usb.vendor_messages);
  if (const auto most = table.integer("largest_answer", 1, 1 << 30)) {
    usb.largest_answer = static_cast<std::size_t>(*most);
  }
  if (const auto time = table.integer("clear_ms", 0, 3600000)) {
    usb.clear_ms = static_cast<std::uint32_t>(*time);
  }
  read_flag(table, "clear_drains", usb.clear_drains);
  read_flag(table, "needs_remote", usb.needs_remote);
  read_flag(table, "kernel_driver", usb.kernel_driver);
  return result;
}

}  // namespace visa::sim
