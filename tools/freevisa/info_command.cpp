// SPDX-License-Identifier: MIT
// freevisa info: the library without a name, or one resource, by attributes that every VISA has.
#include <dlfcn.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "tools/freevisa/command_line.h"
#include "tools/freevisa/visa_session.h"

namespace visa::tool {

namespace {

constexpr Option kOptions[] = {
    {.name = "--timeout",
     .value = "MS",
     .help = "for opening, 5000 if left out",
     .number = Number{1, 4000000000U, 5000}},
    {.name = "--no-open", .help = "only what the name says"},
};

constexpr char kAbout[] =
    R"(Without NAME: which file the VISA library is, its vendor, versions and drivers, where its locks meet
those of other processes, the first problem of the configuration, and how many resources it knows.
With NAME, a resource name or an alias: its full name, interface, class and alias, and, after opening
it, its attributes. Nothing is sent to the instrument.
)";

constexpr char kClosing[] = R"(Examples:
  freevisa info
  freevisa info scope

Exit codes: 0 done, 1 a VISA error, 2 wrong usage.
)";

enum class Form { text, boolean, u8, u16, i16, u32, hex16, version };

struct Shown {
  ViAttr attribute;
  const char* name;
  Form form;
};

// What tells a user something; attributes a session does not have are left out of the output.
constexpr Shown kShown[] = {
    {VI_ATTR_RSRC_NAME, "VI_ATTR_RSRC_NAME", Form::text},
    {VI_ATTR_RSRC_CLASS, "VI_ATTR_RSRC_CLASS", Form::text},
    {VI_ATTR_INTF_INST_NAME, "VI_ATTR_INTF_INST_NAME", Form::text},
    {VI_ATTR_TMO_VALUE, "VI_ATTR_TMO_VALUE", Form::u32},
    {VI_ATTR_TERMCHAR, "VI_ATTR_TERMCHAR", Form::u8},
    {VI_ATTR_TERMCHAR_EN, "VI_ATTR_TERMCHAR_EN", Form::boolean},
    {VI_ATTR_SEND_END_EN, "VI_ATTR_SEND_END_EN", Form::boolean},
    {VI_ATTR_SUPPRESS_END_EN, "VI_ATTR_SUPPRESS_END_EN", Form::boolean},
    {VI_ATTR_IO_PROT, "VI_ATTR_IO_PROT", Form::u16},
    {VI_ATTR_RSRC_LOCK_STATE, "VI_ATTR_RSRC_LOCK_STATE", Form::u32},
    {VI_ATTR_TCPIP_ADDR, "VI_ATTR_TCPIP_ADDR", Form::text},
    {VI_ATTR_TCPIP_HOSTNAME, "VI_ATTR_TCPIP_HOSTNAME", Form::text},
    {VI_ATTR_TCPIP_PORT, "VI_ATTR_TCPIP_PORT", Form::u16},
    {VI_ATTR_TCPIP_DEVICE_NAME, "VI_ATTR_TCPIP_DEVICE_NAME", Form::text},
    {VI_ATTR_TCPIP_NODELAY, "VI_ATTR_TCPIP_NODELAY", Form::boolean},
    {VI_ATTR_TCPIP_KEEPALIVE, "VI_ATTR_TCPIP_KEEPALIVE", Form::boolean},
    {VI_ATTR_TCPIP_IS_HISLIP, "VI_ATTR_TCPIP_IS_HISLIP", Form::boolean},
    {VI_ATTR_TCPIP_HISLIP_VERSION, "VI_ATTR_TCPIP_HISLIP_VERSION", Form::version},
    {VI_ATTR_ASRL_BAUD, "VI_ATTR_ASRL_BAUD", Form::u32},
    {VI_ATTR_MANF_NAME, "VI_ATTR_MANF_NAME", Form::text},
    {VI_ATTR_MODEL_NAME, "VI_ATTR_MODEL_NAME", Form::text},
    {VI_ATTR_MANF_ID, "VI_ATTR_MANF_ID", Form::hex16},
    {VI_ATTR_MODEL_CODE, "VI_ATTR_MODEL_CODE", Form::hex16},
    {VI_ATTR_USB_SERIAL_NUM, "VI_ATTR_USB_SERIAL_NUM", Form::text},
    {VI_ATTR_GPIB_PRIMARY_ADDR, "VI_ATTR_GPIB_PRIMARY_ADDR", Form::u16},
    {VI_ATTR_GPIB_REN_STATE, "VI_ATTR_GPIB_REN_STATE", Form::i16},
};

void print_row(const char* name, const std::string& value) {
  std::printf("%-29s %s\n", name, value.c_str());
}

std::string version_text(ViVersion version) {
  return std::to_string(VI_VERSION_MAJOR(version)) + "." +
         std::to_string(VI_VERSION_MINOR(version)) + "." +
         std::to_string(VI_VERSION_SUBMINOR(version));
}

// Reads an attribute of exactly the width of Value.
template <typename Value>
std::optional<Value> get(ViObject vi, ViAttr attribute) {
  Value value{};
  if (viGetAttribute(vi, attribute, &value) < VI_SUCCESS) return std::nullopt;
  return value;
}

template <typename Value>
std::optional<std::string> number(ViObject vi, ViAttr attribute) {
  const std::optional<Value> value = get<Value>(vi, attribute);
  return value ? std::optional(std::to_string(*value)) : std::nullopt;
}

std::optional<std::string> attribute_text(ViObject vi, const Shown& shown) {
  switch (shown.form) {
    case Form::text: {
      std::string text = text_attribute(vi, shown.attribute);
      return text.empty() ? std::nullopt : std::optional(std::move(text));
    }
    case Form::boolean: {
      const auto value = get<ViBoolean>(vi, shown.attribute);
      return value ? std::optional<std::string>(*value != VI_FALSE ? "true" : "false")
                   : std::nullopt;
    }
    case Form::u8:
      return number<ViUInt8>(vi, shown.attribute);
    case Form::u16:
      return number<ViUInt16>(vi, shown.attribute);
    case Form::i16:
      return number<ViInt16>(vi, shown.attribute);
    case Form::u32:
      return number<ViUInt32>(vi, shown.attribute);
    case Form::hex16: {
      const auto value = get<ViUInt16>(vi, shown.attribute);
      if (!value) return std::nullopt;
      std::array<char, 8> text{};
      std::snprintf(text.data(), text.size(), "0x%04X", static_cast<unsigned>(*value));
      return text.data();
    }
    case Form::version: {
      const auto value = get<ViVersion>(vi, shown.attribute);
      return value ? std::optional(version_text(*value)) : std::nullopt;
    }
  }
  return std::nullopt;
}

// The file viOpenDefaultRM came from: with several VISA libraries installed, the first question.
std::string library_file() {
  Dl_info info{};
  if (::dladdr(reinterpret_cast<void*>(&viOpenDefaultRM), &info) == 0 ||
      info.dli_fname == nullptr) {
    return "unknown";
  }
  return info.dli_fname;
}

// FreeVISA tells the drivers it was built with in its text for VI_ERROR_LIBRARY_NFOUND; empty for
// the library of another vendor, which tells nothing of the kind.
std::string drivers_of(const Session& manager) {
  constexpr std::string_view kMark = "has the drivers: ";
  std::array<ViChar, 256> text{};
  if (viStatusDesc(manager.get(), VI_ERROR_LIBRARY_NFOUND, text.data()) < VI_SUCCESS) return "";
  const std::string_view told = text.data();
  const std::size_t mark = told.find(kMark);
  return mark == std::string_view::npos ? "" : std::string(told.substr(mark + kMark.size()));
}

// Whether other processes see the locks: the text for an unlocking that unlocks nothing says it.
std::string reach_of_locks(const Session& manager) {
  std::array<ViChar, VI_FIND_BUFLEN> text{};
  const ViStatus status = viUnlock(manager.get());
  viStatusDesc(manager.get(), status, text.data());
  constexpr const char* kMark = "; locks ";
  const char* const found = std::strstr(text.data(), kMark);
  return found == nullptr ? "unknown" : found + std::strlen(kMark);
}

void print_library(const Session& manager, const std::string& configuration) {
  print_row("library", library_file());
  print_row("vendor", text_attribute(manager.get(), VI_ATTR_RSRC_MANF_NAME));
  if (const auto version = get<ViVersion>(manager.get(), VI_ATTR_RSRC_IMPL_VERSION)) {
    print_row("implementation version", version_text(*version));
  }
  if (const auto version = get<ViVersion>(manager.get(), VI_ATTR_RSRC_SPEC_VERSION)) {
    print_row("specification version", version_text(*version));
  }
  print_row("configuration", configuration);
  if (const std::string drivers = drivers_of(manager); !drivers.empty()) {
    print_row("drivers", drivers);
  }
  print_row("locks", reach_of_locks(manager));
  ViFindList list = VI_NULL;
  ViUInt32 count = 0;
  std::array<ViChar, VI_FIND_BUFLEN> first{};
  const ViStatus status = viFindRsrc(manager.get(), "?*", &list, &count, first.data());
  if (status >= VI_SUCCESS) {
    viClose(list);
  } else if (status != VI_ERROR_RSRC_NFOUND) {
    check(status, manager.get(), "cannot look for resources");
  }
  print_row("resources known", std::to_string(count));
}

int run(const CommandLine& line) {
  const auto timeout = line.number("--timeout");
  std::string configuration = "no problem";
  const Session manager = open_manager(&configuration);
  if (line.operands().empty()) {
    print_library(manager, configuration);
    return kDone;
  }
  const std::string& name = line.operands().front();
  const ParsedName parsed = parse_name(manager, name);
  print_row("name", parsed.full_name);
  print_row("interface", std::string(interface_name(parsed.interface_type)) + " " +
                             std::to_string(parsed.interface_number));
  print_row("class", parsed.resource_class);
  print_row("alias", parsed.alias.empty() ? "-" : parsed.alias);
  if (line.has("--no-open")) return kDone;
  const Session session = open_resource(manager, name, timeout);
  std::puts("");
  for (const Shown& shown : kShown) {
    if (const auto text = attribute_text(session.get(), shown)) print_row(shown.name, *text);
  }
  return kDone;
}

constexpr Command kCommand = {.name = "info",
                              .topic = Topic::find,
                              .summary = "show the library, or what is known of one resource",
                              .about = kAbout,
                              .options = kOptions,
                              .operands = "[NAME]",
                              .least = 0,
                              .most = 1,
                              .closing = kClosing,
                              .run = &run};

}  // namespace

const Command& info_command() {
  return kCommand;
}

}  // namespace visa::tool
