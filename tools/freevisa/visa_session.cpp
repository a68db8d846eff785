// SPDX-License-Identifier: MIT
// Each status is explained by a row of kAdvice and by what viStatusDesc says of the session.
#include "tools/freevisa/visa_session.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "tools/freevisa/interruption.h"

namespace visa::tool {
namespace {

// The statuses a user meets, each with what usually helps.
struct Advice {
  ViStatus status;
  const char* name;
  const char* fix;
};
constexpr Advice kAdvice[] = {
    {VI_ERROR_RSRC_NFOUND, "VI_ERROR_RSRC_NFOUND",
     "Is the instrument on and connected, and the name right? 'freevisa list' shows what is "
     "known."},
    {VI_ERROR_INV_RSRC_NAME, "VI_ERROR_INV_RSRC_NAME",
     "Names look like TCPIP::192.168.1.20::5025::SOCKET; an alias must stand in the "
     "configuration."},
    {VI_ERROR_INV_EXPR, "VI_ERROR_INV_EXPR",
     "Expressions look like '?*', 'TCPIP?*' or 'TCPIP?*{VI_ATTR_TCPIP_PORT==5025}'."},
    {VI_ERROR_TMO, "VI_ERROR_TMO",
     "Does the command ask for an answer, and does the instrument know it? --timeout waits "
     "longer."},
    {VI_ERROR_CONN_LOST, "VI_ERROR_CONN_LOST",
     "The other side ended the connection: was it switched off, or does it admit one client only?"},
    {VI_ERROR_RSRC_LOCKED, "VI_ERROR_RSRC_LOCKED", "Another program holds a lock; end it first."},
    {VI_ERROR_RSRC_BUSY, "VI_ERROR_RSRC_BUSY", "Another program uses the device; end it first."},
    {VI_ERROR_NPERMISSION, "VI_ERROR_NPERMISSION",
     "This user may not use the device; look at its group or the udev rules."},
    {VI_ERROR_LIBRARY_NFOUND, "VI_ERROR_LIBRARY_NFOUND",
     "The library was built without the driver for this kind of resource."},
    {VI_ERROR_INTF_NUM_NCONFIG, "VI_ERROR_INTF_NUM_NCONFIG",
     "This machine has no interface of that number."},
    {VI_ERROR_NSUP_OPER, "VI_ERROR_NSUP_OPER", "This kind of resource cannot do that."},
    {VI_ERROR_IO, "VI_ERROR_IO", "FREEVISA_TRACE=stderr shows what happened."},
    {VI_ERROR_SYSTEM_ERROR, "VI_ERROR_SYSTEM_ERROR", "FREEVISA_TRACE=stderr shows what happened."},
};

const Advice* advice_for(ViStatus status) {
  const auto* const found =
      std::find_if(std::begin(kAdvice), std::end(kAdvice),
                   [status](const Advice& advice) { return advice.status == status; });
  return found != std::end(kAdvice) ? found : nullptr;
}

constexpr std::size_t kTextLength = 256;  // what every string of the C interface fits in
using Text = std::array<ViChar, kTextLength>;

}  // namespace

std::string status_name(ViStatus status) {
  std::array<char, 16> number{};
  std::snprintf(number.data(), number.size(), "0x%08X", static_cast<unsigned>(status));
  const Advice* const advice = advice_for(status);
  return advice != nullptr ? std::string(advice->name) + " (" + number.data() + ")" : number.data();
}

void check(ViStatus status, ViObject vi, const std::string& what) {
  if (status >= VI_SUCCESS) return;
  std::string text = what;
  text += ": ";
  text += status_name(status);
  Text description{};
  if (viStatusDesc(vi, status, description.data()) >= VI_SUCCESS) {
    text += "\n  ";
    text += description.data();
  }
  if (const Advice* const advice = advice_for(status)) {
    text += "\n  ";
    text += advice->fix;
  }
  throw VisaFailure(text);
}

void check_interruptible(ViStatus status, ViObject vi, const std::string& what) {
  if (status == VI_ERROR_ABORT && interrupt_pending()) throw Interrupted("interrupted: " + what);
  check(status, vi, what);
}

std::string reason_of(ViObject vi, ViStatus status) {
  Text text{};
  viStatusDesc(vi, status, text.data());
  std::string told = text.data();
  for (char& c : told) c = c >= ' ' && c <= '~' ? c : '?';
  // The standard's sentence, and after it the reason, which says more.
  const auto end = told.find(". ");
  return status_name(status) + ": " + (end == std::string::npos ? told : told.substr(end + 2));
}

Session open_manager(std::string* problem) {
  // FreeVISA answers VI_SUCCESS where only an entry of the configuration is wrong, and tells its
  // file and line in the text of the warning.
  Text plain{};
  viStatusDesc(VI_NULL, VI_WARN_CONFIG_NLOADED, plain.data());
  ViSession vi = VI_NULL;
  const ViStatus status = viOpenDefaultRM(&vi);
  check(status, vi, "cannot start VISA");
  Session manager(vi);
  Text text{};
  viStatusDesc(vi, VI_WARN_CONFIG_NLOADED, text.data());
  if (status == VI_WARN_CONFIG_NLOADED || text != plain) {
    std::fprintf(stderr, "freevisa: %s\n  'freevisa config check' shows every problem\n",
                 text.data());
    if (problem != nullptr) *problem = text.data();
  }
  return manager;
}

Session open_resource(const Session& manager, const std::string& name, std::uint32_t timeout) {
  ViSession vi = VI_NULL;
  ViStatus status = VI_SUCCESS;
  {
    const Interruptible guard(manager.get());
    status = viOpen(manager.get(), name.c_str(), VI_LOAD_CONFIG, timeout, &vi);
  }
  check_interruptible(status, manager.get(), "cannot open " + name);
  Session session(vi);
  check(viSetAttribute(vi, VI_ATTR_TMO_VALUE, timeout), vi, "cannot set the timeout of " + name);
  return session;
}

std::vector<std::string> find_resources(const Session& manager, const std::string& expression) {
  ViFindList list = VI_NULL;
  ViUInt32 count = 0;
  Text name{};
  const ViStatus status = viFindRsrc(manager.get(), expression.c_str(), &list, &count, name.data());
  if (status == VI_ERROR_RSRC_NFOUND) {
    throw VisaFailure(
        "nothing found for '" + expression + "': " + status_name(status) +
        "\n  Instruments on the network are found when they answer within a second or so (LXI: "
        "mDNS, VXI-11);\n  USB, serial ports and GPIB boards when they are attached; others when "
        "the "
        "configuration names them.\n  'freevisa doctor' looks for what is in the way.");
  }
  check(status, manager.get(), "cannot look for '" + expression + "'");
  const Session closes_list(list);
  std::vector<std::string> names = {name.data()};
  while (names.size() < count) {
    check(viFindNext(list, name.data()), list, "cannot go on in the list of resources");
    names.emplace_back(name.data());
  }
  return names;
}

ParsedName parse_name(const Session& manager, const std::string& name) {
  ParsedName parsed;
  Text resource_class{};
  Text full_name{};
  Text alias{};
  check(viParseRsrcEx(manager.get(), name.c_str(), &parsed.interface_type, &parsed.interface_number,
                      resource_class.data(), full_name.data(), alias.data()),
        manager.get(), "not a resource name: " + name);
  parsed.resource_class = resource_class.data();
  parsed.full_name = full_name.data();
  parsed.alias = alias.data();
  return parsed;
}

std::string text_attribute(ViObject vi, ViAttr attribute) {
  Text text{};
  return viGetAttribute(vi, attribute, text.data()) >= VI_SUCCESS ? text.data() : "";
}

std::string version_text(ViVersion version) {
  return std::to_string(VI_VERSION_MAJOR(version)) + "." +
         std::to_string(VI_VERSION_MINOR(version)) + "." +
         std::to_string(VI_VERSION_SUBMINOR(version));
}

std::string_view interface_name(ViUInt16 type) {
  switch (type) {
    case VI_INTF_GPIB:
      return "GPIB";
    case VI_INTF_VXI:
      return "VXI";
    case VI_INTF_GPIB_VXI:
      return "GPIB-VXI";
    case VI_INTF_ASRL:
      return "ASRL";
    case VI_INTF_PXI:
      return "PXI";
    case VI_INTF_TCPIP:
      return "TCPIP";
    case VI_INTF_USB:
      return "USB";
    default:
      return "unknown";
  }
}

}  // namespace visa::tool
