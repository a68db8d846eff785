// SPDX-License-Identifier: MIT
// The settings are those of the VXI-11 driver, which reads them for each link.
#include "drivers/gpib/gateway/gateway_back_end.h"

#include <string_view>
#include <utility>

#include "drivers/gpib/gateway/gateway_controller.h"

namespace visa::drivers::gpib::gateway {
namespace {

constexpr std::string_view kKeys[] = {"core_port", "abort_port", "portmapper_port",
                                      "keepalive_idle_s", "interrupt_acknowledge"};

Result<std::string> identify(const BoardRequest& request, Call& call) {
  const auto target = read_target(request, call);
  if (!target) return target.status();
  return "vxi11 " + target->host + " " + target->interface;
}

Result<std::unique_ptr<Controller>> open(const BoardRequest& request, Call& call) {
  auto target = read_target(request, call);
  if (!target) return target.status();
  if (request.wires == nullptr) {
    return call.fail(Status::error_library_nfound, "this FreeVISA has no other wires");
  }
  return std::unique_ptr<Controller>(
      std::make_unique<GatewayController>(*std::move(target), request.settings, *request.wires));
}

}  // namespace

constinit const BackEnd kBackEnd{"vxi11", kKeys, &identify, &open, nullptr};

Result<GatewayTarget> read_target(const BoardRequest& request, Call& call) {
  GatewayTarget target;
  const auto slash = request.target.find('/');
  target.host = request.target.substr(0, slash);
  if (slash != std::string::npos) target.interface = request.target.substr(slash + 1);
  const bool odd = target.interface.find_first_of("/,:") != std::string::npos ||
                   target.host.find('@') != std::string::npos;
  if (target.host.empty() || target.interface.empty() || odd) {
    return call.fail(Status::error_inv_setup,
                     "GPIB" + std::to_string(request.number) + ": vxi11://" + request.target +
                         " names no gateway; write vxi11://HOST or vxi11://HOST/gpib0");
  }
  return target;
}

}  // namespace visa::drivers::gpib::gateway
