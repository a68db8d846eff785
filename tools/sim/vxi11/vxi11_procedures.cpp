// SPDX-License-Identifier: MIT
// The procedures of the core channel, VXI-11 B.6.2 to B.6.17.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <utility>

#include "tools/sim/rpc/rpc_faults.h"
#include "tools/sim/vxi11/vxi11_core.h"
#include "tools/sim/vxi11/vxi11_error.h"

namespace visa::sim {
namespace {

// Bits of `reason` in the reply to device_read.
constexpr std::uint32_t kReasonCount = 1;
constexpr std::uint32_t kReasonCharacter = 2;
constexpr std::uint32_t kReasonEnd = 4;

constexpr std::uint32_t kOverTcp = 0;  // progFamily
constexpr std::uint32_t kLoopbackNet = 127;
constexpr std::size_t kMostOfEndless = std::size_t{1} << 20;  // in one reply

constexpr std::size_t kReplyHead = 4 + 24 + 12;  // record mark, RPC, error, reason, length

}  // namespace

void Vxi11Core::perform(Work work) {
  switch (identify(*work.procedure)) {
    case Vxi11Procedure::create_link:
      create_link(work);
      return;
    case Vxi11Procedure::device_write:
      write(work);
      return;
    case Vxi11Procedure::device_read:
      read(std::move(work));
      return;
    case Vxi11Procedure::device_lock:
      lock(work);
      return;
    case Vxi11Procedure::device_unlock:
      unlock(work);
      return;
    case Vxi11Procedure::device_enable_srq:
      enable_srq(work);
      return;
    case Vxi11Procedure::device_docmd:
      command_bus(work);
      return;
    case Vxi11Procedure::destroy_link:
      destroy_link(work);
      return;
    case Vxi11Procedure::create_intr_chan:
      create_interrupt(std::move(work));
      return;
    case Vxi11Procedure::destroy_intr_chan:
      destroy_interrupt(work);
      return;
    default:
      act_on_device(work);
      return;
  }
}

void Vxi11Core::create_link(Work& work) {
  const bool gateway = registry_.find_device(work.arguments.data).gateway;
  const auto id = registry_.new_link_id();
  if (!id || links_.size() >= kMostLinks) {
    fail(work, kVxi11OutOfResources);
    return;
  }
  links_.push_back(
      std::make_unique<Vxi11Link>(*this, *work.device, *id, gateway, registry_.places()));
  Vxi11Link& link = *links_.back();
  registry_.add_link(link);
  if (link.logged()) link.log("call", work.arguments.text(*work.procedure));
  if (work.arguments.enable) work.device->lock(link);
  work.link = &link;
  send(work, RpcReply(work.xid)
                 .number(0)
                 .number(static_cast<std::uint32_t>(*id))
                 .number(registry_.abort_port)
                 .number(work.max_receive.value_or(work.device->description().max_receive)));
}

void Vxi11Core::destroy_link(Work& work) {
  send(work, RpcReply(work.xid).number(0));
  registry_.remove_link(*work.link);
  std::erase_if(links_, [&work](const auto& link) { return link.get() == work.link; });
}

void Vxi11Core::write(Work& work) {
  const std::string_view data = work.arguments.data;
  if (data.size() > work.device->description().max_receive) {
    fail(work, kVxi11ParameterError);
    return;
  }
  const auto targets = work.link->targets();
  if (targets.empty() && !data.empty()) {
    fail(work, kVxi11Timeout);  // nobody on the bus takes a byte
    return;
  }
  if (work.link->logged() && !data.empty()) work.link->log("in", data);
  const auto size = static_cast<std::uint32_t>(data.size());
  for (Link* const target : targets) target->receive(data, (work.arguments.flags & kVxi11End) != 0);
  send(work, RpcReply(work.xid).number(0).number(size));
}

void Vxi11Core::read(Work work) {
  std::uint32_t reason = 0;
  if (work.arguments.request_size == 0) {
    finish_read(work, 0, kReasonCount);
  } else if (take_answer(work, Clock::now(), reason)) {
    finish_read(work, 0, reason);
  } else if (work.arguments.io_timeout == 0) {
    end_answer(work);
    finish_read(work, kVxi11Timeout, 0);
  } else {
    const std::chrono::milliseconds time(work.arguments.io_timeout);
    wait(std::move(work), Stage::data, time);
  }
}

bool Vxi11Core::take_answer(Work& work, Clock::time_point now, std::uint32_t& reason) {
  Link* const source = work.link->source();
  if (source == nullptr) return false;
  source->release(now);
  const std::size_t most = work.device->description().largest_answer;
  const std::size_t wanted = work.arguments.request_size;
  std::size_t limit = most > 0 ? std::min(most, wanted) : wanted;
  if (source->endless()) {
    limit = std::min(limit, std::max(kMostOfEndless, work.data.size()));
    source->refill(limit - work.data.size());
  }
  OutputQueue& ready = source->output();
  if (!ready.empty()) {
    std::size_t count = limit - work.data.size();
    std::optional<std::size_t> character;
    if ((work.arguments.flags & kVxi11TermCharSet) != 0) {
      character = ready.find(work.arguments.term_char, count);
      count = character.value_or(count);
    }
    OutputQueue part = ready.take_front(count, true);
    reason |= part.ends_message() ? kReasonEnd : 0;
    reason |= character == part.size() ? kReasonCharacter : 0;
    if (work.data.empty()) {
      work.data = std::move(part);
    } else {
      work.data.append(part);
    }
    reason |= work.data.size() == wanted ? kReasonCount : 0;
  }
  // A server whose reply is full answers without a reason.
  return reason != 0 || work.data.size() == limit || source->ending() != Link::Ending::none;
}

void Vxi11Core::go_on_reading(Clock::time_point now) {
  std::uint32_t reason = 0;
  const bool over = take_answer(*waiting_, now, reason);
  if (!over && waiting_->deadline > now) return;
  Work work = std::move(*waiting_);
  waiting_.reset();
  if (!over) end_answer(work);
  finish_read(work, over ? 0 : kVxi11Timeout, reason);
}

// The wait for an answer ends without one. An instrument that is still at work on it has not been
// asked for nothing.
void Vxi11Core::end_answer(Work& work) {
  Link* const source = work.link->source();
  if (source != nullptr && work.data.empty() && !source->holding()) source->read(0);
}

void Vxi11Core::finish_read(Work& work, std::uint32_t error, std::uint32_t reason) {
  if (work.no_end) reason &= ~kReasonEnd;
  if (work.link->logged() && !work.data.empty()) {
    OutputQueue copy;
    copy.append(work.data);
    work.link->log("out", copy.take(copy.size()).bytes);
  }
  const Link* const source = work.link->source();
  const auto ending = source != nullptr ? source->ending() : Link::Ending::none;
  if (ending != Link::Ending::none && source->output().empty()) {
    // The fault "drop": what there is of the answer goes, in a reply that is never finished.
    FaultBoard::Active cut;
    cut.fault.kind = &kRpcCloseFault;
    cut.fault.bytes = work.data.empty() ? 0 : kReplyHead + work.data.size();
    cut.fault.reset = ending == Link::Ending::reset;
    work.data.append(std::string_view("....", 4));
    RpcReply(work.xid)
        .number(error)
        .number(reason)
        .opaque(std::move(work.data))
        .send(output(), &cut);
    return;
  }
  send(work, RpcReply(work.xid).number(error).number(reason).opaque(std::move(work.data)));
}

void Vxi11Core::act_on_device(Work& work) {
  Link* const link = work.link->link();
  GpibInterface* const bus = work.link->bus();
  const Vxi11Procedure procedure = identify(*work.procedure);
  RpcReply reply(work.xid);
  reply.number(0);
  if (procedure == Vxi11Procedure::device_clear) {
    bus != nullptr ? bus->device_clear() : link->device_clear();
  } else if (procedure == Vxi11Procedure::device_trigger) {
    bus != nullptr ? bus->trigger() : link->trigger();
  } else if (bus != nullptr) {
    fail(work, kVxi11NotSupported);  // these need an address
    return;
  } else if (procedure == Vxi11Procedure::device_readstb) {
    link->release(Clock::now());
    reply.number(link->serial_poll());
  }  // remote and local: no front panel to lock
  send(work, std::move(reply));
}

void Vxi11Core::command_bus(Work& work) {
  GpibInterface* const bus = work.link->bus();
  std::string answer;
  const std::uint32_t error =
      bus == nullptr ? kVxi11NotSupported
                     : bus->command(work.arguments.command, work.arguments.network_order,
                                    work.arguments.data_size, work.arguments.data, answer);
  if (error != 0) {
    fail(work, error);
    return;
  }
  send(work, RpcReply(work.xid).number(0).opaque(answer));
}

void Vxi11Core::lock(Work& work) {
  if (work.device->holder() == work.link) {
    fail(work, kVxi11Locked);  // the lock does not nest
    return;
  }
  work.device->lock(*work.link);
  send(work, RpcReply(work.xid).number(0));
}

void Vxi11Core::unlock(Work& work) {
  if (work.device->holder() != work.link) {
    fail(work, kVxi11NoLock);
    return;
  }
  send(work, RpcReply(work.xid).number(0));
  work.device->unlock();
}

void Vxi11Core::enable_srq(Work& work) {
  Vxi11Link& link = *work.link;
  link.srq_enabled = work.arguments.enable;
  link.srq_handle = work.arguments.enable ? work.arguments.data : std::string_view();
  send(work, RpcReply(work.xid).number(0));
  if (link.srq_enabled && link.service_requested()) send_service_request(link);
}

void Vxi11Core::create_interrupt(Work work) {
  const Vxi11Arguments& arguments = work.arguments;
  if (arguments.family != kOverTcp || arguments.program != kInterruptProgram ||
      arguments.version != kVxi11Version) {
    fail(work, kVxi11NotSupported);
    return;
  }
  if (interrupt_ != nullptr && interrupt_->state() == InterruptChannel::State::open) {
    fail(work, kVxi11ChannelExists);
    return;
  }
  InterruptChannel::bury(loop(), std::move(interrupt_));
  if (arguments.port == 0 || arguments.port > 65535 || !may_connect_to(arguments.host)) {
    fail(work, kVxi11NoChannel);
    return;
  }
  interrupt_ = std::make_unique<InterruptChannel>(
      loop(), arguments.host, static_cast<std::uint16_t>(arguments.port), arguments.program,
      arguments.version, [this] { wake(); });
  if (interrupt_->state() == InterruptChannel::State::broken) {
    interrupt_.reset();
    fail(work, kVxi11NoChannel);
    return;
  }
  wait(std::move(work), Stage::connect, kInterruptConnect);
}

// Only to the client itself: the bench must not be a way to a third host.
bool Vxi11Core::may_connect_to(std::uint32_t host) const {
  sockaddr_storage name{};
  socklen_t length = sizeof name;
  if (::getpeername(socket(), reinterpret_cast<sockaddr*>(&name), &length) != 0) return false;
  std::uint32_t peer = 0;
  if (name.ss_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &name, sizeof v6);
    if (IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr)) return host >> 24U == kLoopbackNet;
    if (!IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
      return false;  // create_intr_chan knows IPv4 only
    }
    std::memcpy(&peer, v6.sin6_addr.s6_addr + 12, sizeof peer);
  } else if (name.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &name, sizeof v4);
    peer = v4.sin_addr.s_addr;
  } else {
    return false;
  }
  peer = ntohl(peer);
  return host == peer || (host >> 24U == kLoopbackNet && peer >> 24U == kLoopbackNet);
}

void Vxi11Core::destroy_interrupt(Work& work) {
  if (interrupt_ == nullptr) {
    fail(work, kVxi11NoChannel);
    return;
  }
  InterruptChannel::bury(loop(), std::move(interrupt_));
  send(work, RpcReply(work.xid).number(0));
}

}  // namespace visa::sim
