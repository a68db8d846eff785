// SPDX-License-Identifier: MIT
// A request on the wrong port is unknown there.
#include "tools/sim/gpib/enet_side.h"

#include "tools/sim/gpib/gpib_faults.h"
#include "tools/sim/gpib/gpib_reply.h"

namespace visa::sim {
namespace {

/// That the client asks for the device of its main connection.
constexpr std::uint32_t kForDevice = 2;

}  // namespace

void EnetSide::receive(std::string_view bytes) {
  input_.append(bytes);
  std::size_t used = 0;
  for (; input_.size() - used >= kEnetFrame && !ending(); used += kEnetFrame) {
    const std::string payload = execute(std::string_view(input_).substr(used, kEnetFrame));
    EnetClient* const client = box_.of_port(of_);
    GpibReply reply(client == nullptr ? nullptr : client->station(), kGpibQuestion);
    reply.send(enet_chunk(payload), true, paced_);
  }
  input_.erase(0, used);
}

std::string EnetSide::execute(std::string_view frame) {
  const std::uint32_t what = enet_number(frame, 0, 2);
  if (port_ == EnetPort::companion && what == 0x5502) return enet_status(0);
  if (port_ == EnetPort::control && what == 0x4F49) {
    box_.clear_interface();
    return enet_status(0);
  }
  if (port_ == EnetPort::wait && what == 0x5501 && enet_number(frame, 2, 2) == kForDevice) {
    of_ = static_cast<std::uint16_t>(enet_number(frame, 6, 2));
    return enet_status(0);
  }
  if (port_ == EnetPort::wait && what == 0x5010) return enet_status(0);
  EnetClient* const client = box_.of_port(of_);
  if (port_ == EnetPort::wait && what == 0x5400 && client != nullptr) {
    std::uint16_t state = box_.bus().srq() ? kEnetServiceLine : std::uint16_t{0};
    GpibStation* const device = client->station();
    if (device != nullptr && device->link().service_requested()) state |= kEnetRequested;
    return enet_status(state);
  }
  box_.count_unknown();
  return enet_failure(EnetFailure::argument);
}

}  // namespace visa::sim
