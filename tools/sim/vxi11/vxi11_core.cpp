// SPDX-License-Identifier: MIT
// VXI-11 section B.6: what every call has in common, its link, its lock, its waiting and its reply.
// The procedures themselves are in vxi11_procedures.cpp.
#include "tools/sim/vxi11/vxi11_core.h"

#include <algorithm>
#include <utility>

#include "tools/sim/net/socket_output.h"
#include "tools/sim/rpc/rpc_faults.h"
#include "tools/sim/vxi11/vxi11_error.h"
#include "tools/sim/vxi11/vxi11_faults.h"

namespace visa::sim {
namespace {

const RpcProcedure* find_core_procedure(std::uint32_t number) noexcept {
  const auto found = std::find_if(kVxi11Procedures.begin(), kVxi11Procedures.end(),
                                  [number](const RpcProcedure& one) {
                                    return one.program == kCoreProgram && one.number == number;
                                  });
  return found != kVxi11Procedures.end() ? &*found : nullptr;
}

// The calls that the lock of another link keeps out.
bool wants_lock(Vxi11Procedure procedure) noexcept {
  switch (procedure) {
    case Vxi11Procedure::device_unlock:
    case Vxi11Procedure::device_enable_srq:
    case Vxi11Procedure::destroy_link:
    case Vxi11Procedure::create_intr_chan:
    case Vxi11Procedure::destroy_intr_chan:
      return false;
    default:
      return true;
  }
}

}  // namespace

Vxi11Core::Vxi11Core(Vxi11Registry& registry, TcpServer& tcp, FileDescriptor socket)
    : RpcConnection(tcp, std::move(socket), Vxi11Registry::kLongestRecord, registry.budget()),
      registry_(registry) {}

// Locks and links vanish with the connection (B.6.x); so does the interrupt channel.
Vxi11Core::~Vxi11Core() {
  stop_waiting();
  InterruptChannel::bury(loop(), std::move(interrupt_));
  while (!links_.empty()) {
    registry_.remove_link(*links_.back());
    links_.pop_back();
  }
}

std::string Vxi11Core::peer() const {
  return peer_name(socket());
}

void Vxi11Core::on_call(const RpcCall& call, std::string_view record) {
  std::string refusal;
  if (!check_call(call, kCoreProgram, kVxi11Version, refusal)) {
    RpcReply(std::move(refusal)).send(output(), nullptr);
    return;
  }
  Work work;
  work.xid = call.xid;
  work.procedure = find_core_procedure(call.procedure);
  if (work.procedure == nullptr) {
    put_accepted(refusal, call.xid,
                 call.procedure == 0 ? Accepted::success : Accepted::procedure_unavailable);
    RpcReply(std::move(refusal)).send(output(), nullptr);
    return;
  }
  if (!work.arguments.read(identify(*work.procedure), call.arguments,
                           Vxi11Registry::kLongestRecord)) {
    put_accepted(refusal, call.xid, Accepted::garbage_arguments);
    RpcReply(std::move(refusal)).send(output(), nullptr);
    return;
  }
  if (find_subject(work) && !meet_fault(work)) begin(std::move(work), record);
}

// The link the call is about, or the device for create_link; false: there is none, and that was
// the answer.
bool Vxi11Core::find_subject(Work& work) {
  switch (identify(*work.procedure)) {
    case Vxi11Procedure::create_intr_chan:
    case Vxi11Procedure::destroy_intr_chan:
      return true;
    case Vxi11Procedure::create_link: {
      const auto found = registry_.find_device(work.arguments.data);
      work.device = found.device;
      if (found.device == nullptr) fail(work, found.error);
      return found.device != nullptr;
    }
    default:
      work.link = find_link(work.arguments.link);
      if (work.link == nullptr) {
        fail(work, kVxi11InvalidLink);
        return false;
      }
      work.device = &work.link->device();
      if (work.link->logged()) work.link->log("call", work.arguments.text(*work.procedure));
      return true;
  }
}

Vxi11Link* Vxi11Core::find_link(std::int32_t id) noexcept {
  const auto found = std::find_if(links_.begin(), links_.end(),
                                  [id](const auto& link) { return link->id() == id; });
  return found != links_.end() ? found->get() : nullptr;
}

// The channel itself, or a command for the bus: met by the faults of any instrument.
bool Vxi11Core::of_no_instrument(const Work& work) noexcept {
  if (work.device == nullptr) return true;
  return work.device->instrument() == nullptr &&
         identify(*work.procedure) == Vxi11Procedure::device_docmd;
}

bool Vxi11Core::meet_fault(Work& work) {
  const FaultBoard::Active* active = nullptr;
  if (of_no_instrument(work)) {
    active = registry_.next_fault(FaultPoint::call, work.procedure);
  } else if (Instrument* const instrument = work.device->instrument()) {
    active = instrument->faults().next(
        FaultPoint::call, work.link != nullptr ? work.link->client() : 0, work.procedure);
  }
  if (active == nullptr) return false;
  if (work.link != nullptr && work.link->logged()) {
    work.link->log("fault", active->fault.kind->name);
  }
  const Fault& fault = active->fault;
  Vxi11Arguments& arguments = work.arguments;
  if (fault.kind == &kRpcSilenceFault) return true;
  if (fault.kind == &kRpcErrorFault) {
    fail(work, fault.error);
    return true;
  }
  if (fault.kind == &kRpcRefuseFault) {
    std::string refusal;
    put_refusal(refusal, work.xid, fault.error);
    RpcReply(std::move(refusal)).send(output(), nullptr);
    return true;
  }
  if (fault.kind == &kMaxReceiveFault) {
    work.max_receive = fault.length.value_or(0);
  } else if (fault.kind == &kLongAnswerFault) {
    arguments.request_size = 0xFFFFFFFF;
  } else if (fault.kind == &kNoEndFault) {
    arguments.flags &= ~kVxi11TermCharSet;
    work.no_end = true;
  } else if (fault.kind == &kShortWriteFault) {
    arguments.data = arguments.data.substr(0, fault.bytes.value_or(arguments.data.size() / 2));
    arguments.flags &= ~kVxi11End;
  }
  return false;
}

bool Vxi11Core::lock_in_the_way(const Work& work) const noexcept {
  const Vxi11Link* const holder = work.device != nullptr ? work.device->holder() : nullptr;
  if (holder == nullptr || holder == work.link) return false;
  if (work.link == nullptr) {
    return work.arguments.enable;  // create_link asks for the lock only with lockDevice
  }
  return wants_lock(identify(*work.procedure));
}

void Vxi11Core::begin(Work work, std::string_view record) {
  if (!lock_in_the_way(work)) {
    perform(std::move(work));
    return;
  }
  const bool waits = work.link == nullptr || (work.arguments.flags & kVxi11WaitLock) != 0;
  if (!waits || work.arguments.lock_timeout == 0) {
    fail(work, kVxi11Locked);
    return;
  }
  // What lies in the record is needed until the lock is free.
  const std::size_t offset =
      work.arguments.data.empty()
          ? 0
          : static_cast<std::size_t>(work.arguments.data.data() - record.data());
  if (!keep(record)) {
    fail(work, kVxi11OutOfResources);
    return;
  }
  work.arguments.data = record.substr(offset, work.arguments.data.size());
  work.device->add_waiter(*this);
  const std::chrono::milliseconds time(work.arguments.lock_timeout);
  wait(std::move(work), Stage::lock, time);
}

void Vxi11Core::wait(Work work, Stage stage, std::chrono::milliseconds time) {
  work.stage = stage;
  work.deadline = Clock::now() + time;
  waiting_ = std::move(work);
}

void Vxi11Core::stop_waiting() {
  if (waiting_ && waiting_->stage == Stage::lock) waiting_->device->remove_waiter(*this);
  waiting_.reset();
}

void Vxi11Core::try_lock_again() {
  if (!waiting_ || waiting_->stage != Stage::lock || lock_in_the_way(*waiting_)) return;
  Work work = std::move(*waiting_);
  work.device->remove_waiter(*this);
  waiting_.reset();
  perform(std::move(work));
  wake();
}

void Vxi11Core::abort(const Vxi11Link& link) {
  if (!waiting_ || waiting_->link != &link) {
    return;  // nothing is in progress: no effect, and no error
  }
  const Stage stage = waiting_->stage;
  if (stage == Stage::lock) waiting_->device->remove_waiter(*this);
  Work work = std::move(*waiting_);
  waiting_.reset();
  if (stage == Stage::data) {
    finish_read(work, kVxi11Abort, 0);
  } else {
    fail(work, kVxi11Abort);
  }
  wake();
}

void Vxi11Core::on_time(Clock::time_point now) {
  for (const auto& link : links_) {
    if (Link* const exchange = link->link()) exchange->release(now);
  }
  if (!waiting_) return;
  switch (waiting_->stage) {
    case Stage::data:
      go_on_reading(now);
      return;
    case Stage::lock:
      if (waiting_->deadline <= now) {
        Work work = std::move(*waiting_);
        work.device->remove_waiter(*this);
        waiting_.reset();
        fail(work, kVxi11Locked);
      }
      return;
    case Stage::connect: {
      const auto state = interrupt_->state();
      if (state == InterruptChannel::State::connecting && waiting_->deadline > now) return;
      Work work = std::move(*waiting_);
      waiting_.reset();
      if (state == InterruptChannel::State::open) {
        send(work, RpcReply(work.xid).number(0));
      } else {
        InterruptChannel::bury(loop(), std::move(interrupt_));
        fail(work, kVxi11NoChannel);
      }
      return;
    }
  }
}

std::optional<Clock::time_point> Vxi11Core::next_due() const {
  std::optional<Clock::time_point> due;
  const auto sooner = [&due](std::optional<Clock::time_point> other) {
    due = other && (!due || *other < *due) ? other : due;
  };
  // An answer that comes later may be what a client wants a service request for.
  for (const auto& link : links_) {
    const Link* const exchange = link->link();
    if (exchange != nullptr && exchange->ending() == Link::Ending::none) sooner(exchange->due());
  }
  if (!waiting_) return due;
  sooner(waiting_->deadline);
  if (waiting_->stage == Stage::data) {
    const Link* const source = waiting_->link->source();
    sooner(source != nullptr ? source->due() : std::nullopt);
  }
  return due;
}

void Vxi11Core::faults_changed() {
  const bool changed = output().let_go([this](std::uint32_t id) {
    return std::any_of(links_.begin(), links_.end(), [id](const auto& link) {
      const FaultBoard* const board = link->faults();
      return board != nullptr && board->is_on(id);
    });
  });
  if (changed) wake();
}

void Vxi11Core::send_service_request(Vxi11Link& link) {
  if (!link.srq_enabled || interrupt_ == nullptr) return;
  FaultBoard* const board = link.faults();
  const FaultBoard::Active* const active =
      board != nullptr ? board->next(FaultPoint::service_request, link.client(), nullptr) : nullptr;
  link.log("srq", link.srq_handle);
  interrupt_->request_service(link.srq_handle, active != nullptr ? &active->fault : nullptr);
}

void Vxi11Core::fail(Work& work, std::uint32_t error) {
  RpcReply reply(work.xid);
  reply.number(error);
  switch (identify(*work.procedure)) {
    case Vxi11Procedure::create_link:
      reply.number(0).number(0).number(0);
      break;
    case Vxi11Procedure::device_write:
    case Vxi11Procedure::device_readstb:
      reply.number(0);
      break;
    case Vxi11Procedure::device_read:
      reply.number(0).opaque(std::string_view());
      break;
    case Vxi11Procedure::device_docmd:
      reply.opaque(std::string_view());
      break;
    default:
      break;
  }
  send(work, std::move(reply));
}

void Vxi11Core::send(Work& work, RpcReply reply) {
  const FaultBoard::Active* active = nullptr;
  if (of_no_instrument(work)) {
    active = registry_.next_fault(FaultPoint::reply, work.procedure);
  } else if (Instrument* const instrument = work.device->instrument()) {
    FaultBoard& board = instrument->faults();
    if (!board.empty()) {
      active = board.next(FaultPoint::reply, work.link != nullptr ? work.link->client() : 0,
                          work.procedure);
    }
  }
  if (active != nullptr && work.link != nullptr && work.link->logged()) {
    work.link->log("fault", active->fault.kind->name);
  }
  std::move(reply).send(output(), active);
}

}  // namespace visa::sim
