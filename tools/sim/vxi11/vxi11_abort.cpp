// SPDX-License-Identifier: MIT
// VXI-11 B.6.12: device_abort comes on a connection of its own, since the core channel serves one
// call at a time.
#include "tools/sim/vxi11/vxi11_abort.h"

#include <string>
#include <utility>

#include "tools/sim/rpc/rpc_faults.h"
#include "tools/sim/rpc/rpc_reply.h"
#include "tools/sim/vxi11/vxi11_arguments.h"
#include "tools/sim/vxi11/vxi11_error.h"

namespace visa::sim {
namespace {

constexpr std::size_t kLongestCall = 1024;

}  // namespace

Vxi11Abort::Vxi11Abort(Vxi11Registry& registry, TcpServer& tcp, FileDescriptor socket)
    : RpcConnection(tcp, std::move(socket), kLongestCall, registry.budget()), registry_(registry) {}

void Vxi11Abort::on_call(const RpcCall& call, std::string_view) {
  std::string refusal;
  if (!check_call(call, kAbortProgram, kVxi11Version, refusal)) {
    RpcReply(std::move(refusal)).send(output(), nullptr);
    return;
  }
  const RpcProcedure& procedure = vxi11_procedure(Vxi11Procedure::device_abort);
  Vxi11Arguments arguments;
  if (call.procedure != procedure.number) {
    put_accepted(refusal, call.xid,
                 call.procedure == 0 ? Accepted::success : Accepted::procedure_unavailable);
  } else if (!arguments.read(Vxi11Procedure::device_abort, call.arguments, 0)) {
    put_accepted(refusal, call.xid, Accepted::garbage_arguments);
  }
  if (!refusal.empty()) {
    RpcReply(std::move(refusal)).send(output(), nullptr);
    return;
  }
  Vxi11Link* const link = registry_.find_link(arguments.link);
  FaultBoard* const board = link != nullptr ? link->faults() : nullptr;
  const auto next = [&](FaultPoint point) {
    return board != nullptr ? board->next(point, link->client(), &procedure) : nullptr;
  };
  std::uint32_t error = link != nullptr ? 0 : kVxi11InvalidLink;
  if (link != nullptr && link->logged()) link->log("call", arguments.text(procedure));
  if (const auto* const active = next(FaultPoint::call)) {
    if (active->fault.kind != &kRpcErrorFault) return;
    error = active->fault.error;
  } else if (link != nullptr) {
    link->owner().abort(*link);
  }
  RpcReply(call.xid).number(error).send(output(), next(FaultPoint::reply));
}

}  // namespace visa::sim
