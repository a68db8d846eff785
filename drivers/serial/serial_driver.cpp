// SPDX-License-Identifier: MIT
// VI_LOAD_CONFIG: the line settings among the configured values are those the port is opened with,
// so that it never has others. A port that is open already gets them as viSetAttribute would set
// them.
#include "drivers/serial/serial_driver.h"

#include <type_traits>
#include <utility>

#include "drivers/serial/port_names.h"
#include "drivers/serial/serial_channel.h"
#include "drivers/serial/serial_settings.h"

namespace visa::drivers {
namespace {

using serial::LineSettings;
using serial::SerialChannel;
using serial::SerialPort;
using serial::SerialPorts;

constinit SerialPorts serial_ports;

/// Puts `value` into `line`; false if the attribute is no line setting.
bool edit_line(LineSettings& line, ViAttr id, const model::AttributeValue& value) {
  const std::uint64_t number = model::number(value);
  const auto put = [number](auto& field) {
    field = static_cast<std::remove_reference_t<decltype(field)>>(number);
    return true;
  };
  if (id == VI_ATTR_ASRL_BAUD) return put(line.baud);
  if (id == VI_ATTR_ASRL_DATA_BITS) return put(line.data_bits);
  if (id == VI_ATTR_ASRL_PARITY) return put(line.parity);
  if (id == VI_ATTR_ASRL_STOP_BITS) return put(line.stop_bits);
  if (id == VI_ATTR_ASRL_FLOW_CNTRL) return put(line.flow);
  if (id == VI_ATTR_ASRL_XON_CHAR) return put(line.xon);
  if (id == VI_ATTR_ASRL_XOFF_CHAR) return put(line.xoff);
  return false;
}

/// All line settings together, because some are possible only with others; then the rest.
Status set_initial(SerialChannel& channel, const spi::OpenRequest& request, Call& call) {
  const auto& initial = request.initial_attributes;
  Status status = channel.change_line(
      [&](LineSettings& line) {
        for (const auto& [id, value] : initial) edit_line(line, id, value);
      },
      call);
  LineSettings unused;
  for (const auto& [id, value] : initial) {
    if (failed(status)) break;
    if (!edit_line(unused, id, value)) status = channel.set_attribute(id, value, call);
  }
  return status;
}

Result<std::string> path_of(const spi::OpenRequest& request, const SerialSettings& settings,
                            Call& call) {
  return serial::device_of(request.name, settings.device, call);
}

/// viOpen knows no VI_ERROR_CONN_LOST and no VI_ERROR_IO.
Status open_status(Status status) noexcept {
  const bool gone = status == Status::error_conn_lost || status == Status::error_io;
  return gone ? Status::error_rsrc_nfound : status;
}

}  // namespace

std::vector<std::string_view> SerialDriver::setting_keys() const {
  return SerialSettings::keys();
}

Result<spi::Identity> SerialDriver::identify(const spi::OpenRequest& request, Call& call) {
  const auto settings = read_serial_settings(request.settings, call);
  if (!settings) return settings.status();
  const auto path = path_of(request, *settings, call);
  if (!path) return path.status();
  return serial::identity_of(*path, call);
}

Result<std::unique_ptr<spi::Channel>> SerialDriver::open(const spi::OpenRequest& request,
                                                         Call& call) {
  const auto settings = read_serial_settings(request.settings, call);
  if (!settings) return settings.status();
  const auto path = path_of(request, *settings, call);
  if (!path) return path.status();
  const auto identity = serial::identity_of(*path, call);
  if (!identity) return identity.status();
  auto port = serial_ports.open(identity->key, call, [&](Call& opening) {
    LineSettings line;
    for (const auto& [id, value] : request.initial_attributes) edit_line(line, id, value);
    return SerialPort::open(*path, line, settings->keep_lines, opening);
  });
  if (!port) return open_status(port.status());
  auto channel = std::make_unique<SerialChannel>(*std::move(port));
  if (const Status set = set_initial(*channel, request, call); failed(set)) {
    channel->close(call);
    return open_status(set);
  }
  return std::unique_ptr<spi::Channel>(std::move(channel));
}

std::unique_ptr<spi::Driver> make_serial_driver() {
  return std::make_unique<SerialDriver>();
}

}  // namespace visa::drivers
