// SPDX-License-Identifier: MIT
// The key of a port is the number of its device: it is the same by every link, and in containers
// that have nodes of their own.
#include "drivers/serial/port_names.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <charconv>
#include <optional>
#include <string_view>
#include <variant>

namespace visa::drivers::serial {
namespace {

constexpr std::string_view kOnBoard = "/dev/ttyS";

std::string resource(const std::string& where) {
  return "ASRL" + where + "::INSTR";
}

/// The number that means /dev/ttyS<n-1>; nothing for other nodes.
std::optional<unsigned> usual_number(const std::string& node) {
  if (!node.starts_with(kOnBoard)) return std::nullopt;
  unsigned index = 0;
  const char* const end = node.data() + node.size();
  const auto [stopped, error] = std::from_chars(node.data() + kOnBoard.size(), end, index);
  if (error != std::errc() || stopped != end || index >= kMostNumbers) return std::nullopt;
  return index + 1;
}

/// The device that is configured for a number; "" if none.
std::string configured_device(const spi::Settings& settings) {
  const auto at = settings.find("device");
  if (at == settings.end()) return {};
  const auto* const text = std::get_if<std::string>(&at->second);
  return text == nullptr ? std::string() : *text;
}

}  // namespace

Result<std::string> device_of(const model::ResourceName& name, const std::string& configured,
                              Call& call) {
  if (!name.host.empty()) {
    return call.fail(Status::error_rsrc_nfound,
                     name.canonical() +
                         ": serial ports of another host are not supported; open its TCP port as "
                         "TCPIP::host::port::SOCKET if it has one");
  }
  if (!name.path.empty()) return name.path;
  if (!configured.empty()) return configured;
  if (name.board == 0 || name.board > kMostNumbers) {
    return call.fail(Status::error_intf_num_nconfig,
                     name.canonical() +
                         ": no port has this number; ASRL1 is /dev/ttyS0; others are "
                         "configured by [[interface]] name = \"ASRL" +
                         std::to_string(name.board) + "\", device = \"/dev/...\"");
  }
  return std::string(kOnBoard) + std::to_string(name.board - 1);
}

Result<spi::Identity> identity_of(const std::string& path, Call& call) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    return call.fail(Status::error_rsrc_nfound,
                     path +
                         ": there is no such port; is the converter plugged in? 'freevisa list' "
                         "shows the ports there are");
  }
  if (!S_ISCHR(status.st_mode)) {
    return call.fail(Status::error_rsrc_nfound, path + ": this is no serial port");
  }
  return spi::Identity{
      "asrl:" + std::to_string(major(status.st_rdev)) + ":" + std::to_string(minor(status.st_rdev)),
      text_of(describe_port(path))};
}

std::string listed_name(const PortDescription& port, const spi::BoardSettings& boards) {
  for (const auto& [number, settings] : boards) {
    const std::string device = configured_device(settings);
    if (!device.empty() && without_links(device) == port.node) {
      return resource(std::to_string(number));
    }
  }
  if (const auto number = usual_number(port.node)) {
    const auto taken = boards.find(static_cast<std::uint16_t>(*number));
    if (taken == boards.end() || configured_device(taken->second).empty()) {
      return resource(std::to_string(*number));
    }
  }
  return resource(port.by_id.empty() ? port.node : port.by_id);
}

}  // namespace visa::drivers::serial
