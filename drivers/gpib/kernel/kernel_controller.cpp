// SPDX-License-Identifier: MIT
// The first session of a process makes the board controller if nothing else has, as other GPIB
// libraries do: without that every command fails. It never takes a board online, which needs root.
#include "drivers/gpib/kernel/kernel_controller.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include "drivers/gpib/kernel/kernel_abi.h"
#include "lib/base/cancel_shield.h"

namespace visa::drivers::gpib::kernel {
namespace {

using namespace std::chrono_literals;

/// How long the board is kept inside an answer, so that it goes on without addressing.
constexpr auto kKeep = 100ms;
/// The time for VI_TMO_IMMEDIATE, and by how much a transfer may end late: the kernel counts in
/// jiffies.
constexpr auto kImmediate = 20ms;
/// What leaves the bus in order: at the end of a session.
constexpr std::uint32_t kInterfaceClearTime = 100;  // microseconds, the least that the rules allow

/// Where a call ends that has to be tried even if it may not wait.
Deadline until(const Call& call) {
  return call.deadline.is_immediate() ? Deadline::after(kImmediate) : call.deadline;
}

std::int32_t secondary_of(const Address& address) noexcept {
  return address.secondary ? std::int32_t{*address.secondary} : kNoSecondary;
}

State level(std::uint16_t lines, unsigned line) noexcept {
  if ((lines & line) == 0) return State::unknown;
  return (lines & line << 8U) != 0 ? State::asserted : State::unasserted;
}

State state_of(bool on) noexcept {
  return on ? State::asserted : State::unasserted;
}

/// What look() asks in one go.
struct Facts {
  BoardInfo info;
  Wait wait;
  std::int16_t lines = 0;
};

}  // namespace

Result<std::unique_ptr<Controller>> KernelController::open(const std::string& path, Call& call) {
  auto fd = open_node(path, call);
  if (!fd) return fd.status();
  auto worker = KernelWorker::start(*std::move(fd), call);
  if (!worker) return worker.status();
  std::unique_ptr<KernelController> board(new KernelController(path));
  board->worker_ = *std::move(worker);
  Status status = board->look(call);
  if (ok(status)) status = board->start_up(call);
  if (failed(status)) {
    Call closing(Deadline::after(kImmediate));
    board->close(closing);
    return status;
  }
  return std::unique_ptr<Controller>(std::move(board));
}

/// Is it there, and online? Its address, and whether it may be controller.
Status KernelController::look(Call& call) {
  const auto facts = std::make_shared<Facts>();
  const auto job = std::make_shared<AskJob>(
      [facts](KernelIo& io) {
        const int error = io.ask(kInfo, &facts->info);
        return error != 0 ? error : io.ask(kWait, &facts->wait);
      },
      until(call), Needs::nothing);
  if (const Status status = run(Step::look, job, call); failed(status)) return status;
  if ((facts->wait.status & ~kStatusBits) != 0) return report(Step::look, ENODEV, call);
  own_.primary = static_cast<std::uint8_t>(facts->info.primary);
  own_.secondary.reset();
  if (facts->info.secondary >= 0 && facts->info.secondary <= kMostAddress) {
    own_.secondary = static_cast<std::uint8_t>(facts->info.secondary);
  }
  system_controller_ = facts->info.system_controller != 0;
  in_charge_ = (facts->wait.status & kControllerInCharge) != 0;
  return Status::success;
}

Status KernelController::start_up(Call& call) {
  // Another program may have the board for long: viOpen does not wait for it without need.
  if (!system_controller_ || in_charge_) return Status::success;
  // One job, so that another process sees the bus before or after it.
  const auto job = std::make_shared<AskJob>(
      [](KernelIo& io) {
        Wait wait;
        int error = io.ask(kWait, &wait);
        if (error != 0 || (wait.status & kControllerInCharge) != 0) return error;
        std::uint32_t time = kInterfaceClearTime;
        error = io.ask(kInterfaceClear, &time);
        std::int32_t on = 1;
        return error != 0 ? error : io.ask(kRemoteEnable, &on);
      },
      until(call));
  const Status status = run(Step::clear_interface, job, call);
  worker_->release(0ms);
  // Another controller may be in charge for now: what needs control says so then.
  if (status == Status::error_nsys_cntlr) {
    call.detail.clear();
    return Status::success;
  }
  return status == Status::error_conn_lost || status == Status::error_io ? Status::error_rsrc_nfound
                                                                         : status;
}

void KernelController::close(Call& call) noexcept {
  const CancelShield shield;
  watch_.close(call);
  worker_->stop(call);
}

void KernelController::wake() noexcept {
  worker_->wake();
  watch_.wake();
}

Status KernelController::begin(Call&) {
  if (!worker_->keep()) forget_addressing();
  return Status::success;
}

void KernelController::end() noexcept {
  worker_->release(std::exchange(unfinished_, false) ? kKeep : 0ms);
}

Status KernelController::report(Step step, int error, Call& call) {
  const Status status = failure(step, error, path_, call);
  if (status == Status::error_conn_lost) gone_.store(true, std::memory_order_relaxed);
  return status;
}

Status KernelController::run(Step step, const std::shared_ptr<BoardJob>& job, Call& call) {
  const Status status = worker_->run(job, call, kImmediate);
  job->ended = ok(status);
  if (status == Status::error_tmo) {
    return call.fail(status, path_ + (job->begun.load(std::memory_order_acquire)
                                          ? ": no answer in time"
                                          : ": another program uses the board; try again, or use a "
                                            "longer timeout"));
  }
  if (failed(status)) return status;
  return job->moved.error == 0 ? Status::success : report(step, job->moved.error, call);
}

template <class T>
Status KernelController::ask(Step step, unsigned long request, T argument, Call& call,
                             Needs needs) {
  const auto job = std::make_shared<AskJob>(
      [request, argument](KernelIo& io) {
        T copy = argument;
        return io.ask(request, &copy);
      },
      until(call), needs);
  return run(step, job, call);
}

spi::WriteResult KernelController::put_commands(std::span<const std::byte> bytes, Call& call) {
  const auto job = std::make_shared<CommandJob>(bytes, until(call));
  const Status status = run(Step::command, job, call);
  return {status, job->ended ? job->moved.count : 0};
}

spi::WriteResult KernelController::put_data(std::span<const std::byte> data, bool eoi, Call& call) {
  spi::WriteResult result;
  while (ok(result.status) && result.count < data.size()) {
    const auto rest = data.subspan(result.count);
    const auto piece = rest.first(std::min(rest.size(), kPiece));
    const auto job =
        std::make_shared<WriteJob>(piece, eoi && piece.size() == rest.size(), until(call));
    result.status = run(Step::write, job, call);
    if (job->ended) result.count += job->moved.count;
  }
  return result;
}

// IBRD does not tell EOI from the termination character. Where the last byte is that one, it is
// what ended the read.
spi::ReadResult KernelController::take_data(std::span<std::byte> into, const spi::EndRule& rule,
                                            Call& call) {
  spi::ReadResult result;
  while (result.count < into.size()) {
    const auto rest = into.subspan(result.count);
    const auto job = std::make_shared<ReadJob>(std::min(rest.size(), kPiece), rule, until(call));
    result.status = run(Step::read, job, call);
    if (!job->ended) {
      if (reading_) late_[*reading_] = {job};
      return result;
    }
    const auto got = std::span(job->data).first(job->moved.count);
    std::copy(got.begin(), got.end(), rest.begin());
    result.count += got.size();
    if (failed(result.status)) return result;
    if (job->moved.end) {
      const bool marked =
          rule.termchar_enabled && !got.empty() && got.back() == std::byte{rule.termchar};
      result.reason = marked ? spi::StopReason::termchar : spi::StopReason::end;
      return result;
    }
  }
  return result;
}

/// Delivers what came from the device after an earlier read had been given up. True if that ends
/// this read.
bool KernelController::deliver_late(const Address& from, std::span<std::byte> into,
                                    const spi::EndRule& rule, spi::ReadResult& result, Call& call) {
  const auto at = late_.find(from);
  if (at == late_.end()) return false;
  Late& late = at->second;
  if (!late.job->ended) {
    // After this one the late one is over, because the worker does one after the other.
    const auto after =
        std::make_shared<AskJob>([](KernelIo&) { return 0; }, until(call), Needs::nothing);
    result.status = run(Step::read, after, call);
    if (failed(result.status)) return true;
    late.job->ended = true;
  }
  const auto left = std::span(late.job->data).first(late.job->moved.count).subspan(late.delivered);
  const auto part = left.first(std::min(left.size(), into.size()));
  const auto mark = rule.termchar_enabled
                        ? std::find(part.begin(), part.end(), std::byte{rule.termchar})
                        : part.end();
  const bool marked = mark != part.end();
  result.count = static_cast<std::size_t>(mark - part.begin()) + (marked ? 1 : 0);
  std::copy_n(part.begin(), result.count, into.begin());
  late.delivered += result.count;
  const bool all = late.delivered == late.job->moved.count;
  const bool end = all && late.job->moved.end && late.job->moved.error == 0;
  if (all) late_.erase(at);
  // The kernel does not tell END from the termination character; where END is suppressed, the
  // engine reads on.
  if (end) result.reason = spi::StopReason::end;
  if (marked) result.reason = spi::StopReason::termchar;
  return end || marked || result.count == into.size();
}

spi::ReadResult KernelController::read(const Address& from, std::span<std::byte> into,
                                       const spi::EndRule& rule, const AddressRule& addressing,
                                       Call& call) {
  spi::ReadResult result;
  if (into.empty() || deliver_late(from, into, rule, result, call)) return result;
  reading_ = from;
  const auto rest =
      CommandController::read(from, into.subspan(result.count), rule, addressing, call);
  reading_.reset();
  unfinished_ = rest.status == Status::error_tmo ||
                (ok(rest.status) && rest.reason == spi::StopReason::count);
  return {rest.status, result.count + rest.count, rest.reason};
}

spi::WriteResult KernelController::write(const Address& to, std::span<const std::byte> data,
                                         const spi::WriteRule& rule, const AddressRule& addressing,
                                         Call& call) {
  late_.erase(to);
  return CommandController::write(to, data, rule, addressing, call);
}

Status KernelController::clear(const Address& device, Call& call) {
  late_.erase(device);
  return CommandController::clear(device, call);
}

/// IBRSP addresses and polls by itself, and leaves nothing addressed. Where another program lets
/// the kernel poll by itself, it also returns what the kernel has queued.
Result<std::uint8_t> KernelController::serial_poll(const Address& device, Call& call) {
  forget_addressing();
  const auto job = std::make_shared<PollJob>(device, until(call));
  const Status status = run(Step::poll, job, call);
  if (failed(status)) return status;
  return job->status;
}

Status KernelController::pulse_ifc(Call& call) {
  return ask(Step::clear_interface, kInterfaceClear, kInterfaceClearTime, call);
}

Status KernelController::set_ren(bool on, Call& call) {
  return ask(Step::remote_enable, kRemoteEnable, std::int32_t{on ? 1 : 0}, call);
}

// IBGTS has no shadow handshake.
Status KernelController::control_atn(AtnMode mode, Call& call) {
  switch (mode) {
    case AtnMode::deassert:
      return ask(Step::attention, kStandby, std::int32_t{0}, call);
    case AtnMode::assert_atn:
      return ask(Step::attention, kTakeControl, std::int32_t{1}, call);
    case AtnMode::assert_immediate:
      return ask(Step::attention, kTakeControl, std::int32_t{0}, call);
    case AtnMode::deassert_handshake:
      break;
  }
  return call.fail(Status::error_nsup_mode,
                   path_ +
                       ": the kernel's driver has no shadow handshake; use "
                       "VI_GPIB_ATN_DEASSERT");
}

Result<BusState> KernelController::state(Call& call) {
  const auto facts = std::make_shared<Facts>();
  const auto job = std::make_shared<AskJob>(
      [facts](KernelIo& io) {
        int error = io.ask(kWait, &facts->wait);
        if (error == 0) error = io.ask(kInfo, &facts->info);
        // What a board cannot read stays unknown.
        if (error == 0 && io.ask(kLines, &facts->lines) != 0) facts->lines = 0;
        return error;
      },
      until(call), Needs::nothing);
  if (const Status status = run(Step::lines, job, call); failed(status)) return status;
  const std::int32_t board = facts->wait.status;
  if ((board & ~kStatusBits) != 0) return report(Step::lines, ENODEV, call);
  const auto lines = static_cast<std::uint16_t>(facts->lines);
  BusState now;
  now.ren = level(lines, kRen);
  now.atn = level(lines, kAtn);
  now.ndac = level(lines, kNdac);
  now.nrfd = level(lines, kNrfd);
  now.srq = level(lines, kSrq);
  if (now.srq == State::unknown && (board & kServiceRequest) != 0) now.srq = State::asserted;
  if (now.atn == State::unknown && (board & kAttention) != 0) now.atn = State::asserted;
  now.controller_in_charge = state_of((board & kControllerInCharge) != 0);
  now.system_controller = state_of(facts->info.system_controller != 0);
  if ((board & kTalker) != 0) now.addressed = Addressed::talker;
  if ((board & kListener) != 0) now.addressed = Addressed::listener;
  return now;
}

Status KernelController::set_own_address(const Address& address, Call& call) {
  const auto move = [this](std::uint32_t primary, Call& with) {
    return ask(Step::address, kPrimary, Primary{0, primary}, with, Needs::nothing);
  };
  const bool moves = address.primary != own_.primary;
  Status status = moves ? move(address.primary, call) : Status::success;
  if (ok(status) && address.secondary != own_.secondary) {
    status =
        ask(Step::address, kSecondary, Secondary{0, secondary_of(address)}, call, Needs::nothing);
    if (failed(status) && moves) {
      Call back(Deadline::after(kImmediate));  // the reason stays that of the failure
      if (failed(move(own_.primary, back))) own_.primary = address.primary;
    }
  }
  if (ok(status)) own_ = address;
  forget_addressing();
  return status;
}

Status KernelController::set_own_status(std::uint8_t status, Call& call) {
  const Status set = ask(Step::own_status, kStatusByte, status, call);
  if (ok(set)) own_status_ = status;
  return set;
}

Status KernelController::set_system_controller(bool on, Call& call) {
  const Status status = ask(Step::system_control, kSystemControl, std::int32_t{on ? 1 : 0}, call);
  if (ok(status)) system_controller_ = on;
  return status;
}

}  // namespace visa::drivers::gpib::kernel
