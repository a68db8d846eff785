// SPDX-License-Identifier: MIT
// IEEE 488.1 command bytes and the docmd grid of VXI-11.2.
#include "tools/sim/vxi11/gpib_interface.h"

#include <algorithm>

#include "tools/sim/vxi11/vxi11_error.h"

namespace visa::sim {
namespace {

constexpr std::uint32_t kSendCommand = 0x020000;
constexpr std::uint32_t kBusStatus = 0x020001;
constexpr std::uint32_t kAtnControl = 0x020002;
constexpr std::uint32_t kRenControl = 0x020003;
constexpr std::uint32_t kPassControl = 0x020004;
constexpr std::uint32_t kBusAddress = 0x02000A;
constexpr std::uint32_t kInterfaceClear = 0x020010;

constexpr std::size_t kMostCommandBytes = 128;
constexpr std::uint32_t kMostAddress = 30;

std::uint32_t number_of(std::string_view data, bool network_order) noexcept {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < data.size(); ++i) {
    const std::size_t at = network_order ? i : data.size() - 1 - i;
    value = value << 8U | static_cast<unsigned char>(data[at]);
  }
  return value;
}

}  // namespace

GpibInterface::GpibInterface(const std::vector<Place>& places, LinkEvents& events) {
  for (const Place& place : places) {
    stations_.push_back(
        {place.address, std::make_unique<Link>(*place.instrument, Exchange::strict, &events)});
  }
}

// The docmds whose data is one number: its bytes, its range, what it does.
const std::array<GpibInterface::Docmd, 6> GpibInterface::kDocmds = {{
    {kBusStatus, 2, 1, 8, nullptr},
    {kAtnControl, 2, 0, 1, nullptr},
    {kRenControl, 2, 0, 1, &GpibInterface::control_remote},
    {kPassControl, 4, 0, kMostAddress, &GpibInterface::pass_control},
    {kBusAddress, 4, 0, kMostAddress, &GpibInterface::set_address},
    {kInterfaceClear, 0, 0, 0, &GpibInterface::interface_clear},
}};

std::uint32_t GpibInterface::command(std::uint32_t number, bool network_order,
                                     std::int32_t data_size, std::string_view data,
                                     std::string& answer) {
  answer = data;
  if (number == kSendCommand) {
    if (data.size() > kMostCommandBytes || data_size != 1) return kVxi11ParameterError;
    send_commands(data);
    return 0;
  }
  const auto row = std::find_if(kDocmds.begin(), kDocmds.end(),
                                [number](const Docmd& one) { return one.number == number; });
  if (row == kDocmds.end()) return kVxi11NotSupported;
  const std::uint32_t value = data.size() <= 4 ? number_of(data, network_order) : 0;
  if (data.size() != row->bytes || (row->bytes > 0 && data_size != std::int32_t{row->bytes}) ||
      value < row->least || value > row->most) {
    return kVxi11ParameterError;
  }
  if (row->act != nullptr) {
    (this->*row->act)(value);
  } else if (number == kBusStatus) {
    const std::uint16_t state = status(value);
    const char high = static_cast<char>(state >> 8U);
    const char low = static_cast<char>(state & 0xFFU);
    answer = network_order ? std::string{high, low} : std::string{low, high};
  }
  return 0;
}

void GpibInterface::control_remote(std::uint32_t value) {
  remote_enable_ = value == 1;
}

void GpibInterface::pass_control(std::uint32_t value) {
  in_charge_ = value == own_address_;
}

void GpibInterface::set_address(std::uint32_t value) {
  own_address_ = static_cast<std::uint8_t>(value);
}

void GpibInterface::interface_clear(std::uint32_t) {
  listeners_.clear();
  talker_ = nullptr;
  controller_talks_ = false;
  controller_listens_ = false;
  in_charge_ = true;
}

// A primary address alone reaches the stations that have no secondary one.
void GpibInterface::address(bool talk, std::uint8_t primary, const std::uint8_t* secondary) {
  if (secondary == nullptr) {
    (talk ? controller_talks_ : controller_listens_) = primary == own_address_;
  }
  for (const Station& station : stations_) {
    const bool same = station.address.primary == primary &&
                      (secondary != nullptr ? station.address.secondary == *secondary
                                            : !station.address.secondary.has_value());
    if (!same) continue;
    if (talk) {
      talker_ = station.link.get();
    } else if (std::find(listeners_.begin(), listeners_.end(), station.link.get()) ==
               listeners_.end()) {
      listeners_.push_back(station.link.get());
    }
  }
}

void GpibInterface::send_commands(std::string_view bytes) {
  std::uint8_t primary = 0xFF;
  bool talk = false;
  for (const char byte : bytes) {
    const auto code = static_cast<std::uint8_t>(static_cast<unsigned char>(byte) & 0x7FU);
    const auto low = static_cast<std::uint8_t>(code & 0x1FU);
    if (code >= 0x60 && code <= 0x7E) {
      if (primary != 0xFF) address(talk, primary, &low);
      continue;
    }
    primary = 0xFF;
    if (code == 0x3F) {
      listeners_.clear();
      controller_listens_ = false;
    } else if (code == 0x5F) {
      talker_ = nullptr;
      controller_talks_ = false;
    } else if (code >= 0x20 && code < 0x5F) {
      talk = code >= 0x40;
      if (talk) {
        talker_ = nullptr;  // one talker at a time
      }
      primary = low;
      address(talk, primary, nullptr);
    } else if (code == 0x14) {
      device_clear();
    } else if (code == 0x04) {
      for (Link* const link : listeners_) link->device_clear();
    } else if (code == 0x08) {
      trigger();
    }
  }
}

std::uint16_t GpibInterface::status(std::uint32_t selector) const {
  switch (selector) {
    case 1:
      return remote_enable_ ? 1 : 0;
    case 2:
      return std::any_of(stations_.begin(), stations_.end(),
                         [](const Station& one) { return one.link->service_requested(); })
                 ? 1
                 : 0;
    case 3:  // a listener that can take a byte asserts NDAC
      return listeners_.empty() ? 0 : 1;
    case 4:
      return 1;
    case 5:
      return in_charge_ ? 1 : 0;
    case 6:
      return controller_talks_ ? 1 : 0;
    case 7:
      return controller_listens_ ? 1 : 0;
    default:
      return own_address_;
  }
}

void GpibInterface::device_clear() {
  for (const Station& station : stations_) station.link->device_clear();
}

void GpibInterface::trigger() {
  for (Link* const link : listeners_) link->trigger();
}

std::vector<Link*> GpibInterface::links() const {
  std::vector<Link*> result;
  for (const Station& station : stations_) result.push_back(station.link.get());
  return result;
}

}  // namespace visa::sim
