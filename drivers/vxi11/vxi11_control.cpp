// SPDX-License-Identifier: MIT
// The operations of a link that transfer no message: create_link, lock, trigger, status byte,
// remote and local, interrupt channel.
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>

#include "drivers/vxi11/interrupt_service.h"
#include "drivers/vxi11/vxi11_error.h"
#include "drivers/vxi11/vxi11_link.h"

namespace visa::drivers::vxi11 {
namespace {

using namespace std::chrono_literals;

/// The piece size for a maxRecvSize of 0, which exists (Infiniium firmware), and the largest useful
/// one. 1 to 1023 is obeyed although B.6.3 forbids it.
constexpr std::size_t kPieceWhereNone = 1024;
constexpr std::size_t kMostPiece = std::size_t{1024} * 1024;

/// clientId; the instrument does not use it.
constexpr std::uint32_t kClientId = 1;

/// How long a device_lock without waiting may take: the instrument answers at once, so this is for
/// the network.
constexpr auto kLockAnswer = 250ms;

/// The pause before the next device_lock to an instrument that does not wait although it was asked
/// to.
constexpr auto kLockPause = 20ms;

std::uint16_t as_port(std::uint32_t word) noexcept {
  return word <= 0xFFFF ? static_cast<std::uint16_t>(word) : std::uint16_t{0};
}

/// viEnableEvent has a status of its own for what an instrument does not support.
Status mechanism(Status status) noexcept {
  return status == Status::error_nsup_oper ? Status::error_nsup_mech : status;
}

/// This computer's end of a connection; nothing if the system does not say.
std::optional<Endpoint> local_end(int fd) {
  sockaddr_in6 own{};
  socklen_t size = sizeof own;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&own), &size) != 0) return std::nullopt;
  return Endpoint(reinterpret_cast<const sockaddr*>(&own), size);
}

}  // namespace

Status Link::create(std::string_view device, std::uint16_t abort_port, Call& call) {
  device_ = device;
  abort_port_ = abort_port;
  Exchange ex{Procedure::create_link, 4 * kXdrWord};
  RpcRequest request(core(Procedure::create_link));
  put_create_link(request);
  if (!request.good()) return Status::error_inv_rsrc_name;
  Status status = exchange(ex, request, {}, call.deadline, call);
  if (ok(status) && ex.error() != kNoError) {
    status = call.fail(open_status(ex.error()), name_ + ": " + describe_error(ex.error()));
  }
  // viOpen has no status for a lost connection or an I/O error.
  if (status == Status::error_conn_lost) {
    return call.fail(Status::error_rsrc_nfound,
                     name_ +
                         ": the instrument ended the connection instead of giving a link; is "
                         "another program connected to it?");
  }
  if (status == Status::error_io) status = Status::error_rsrc_nfound;
  if (failed(status)) return status;
  take_link(ex);
  return status;
}

void Link::put_create_link(RpcRequest& request) const {
  // lockDevice stays false: some instruments mishandle it, and a separate device_lock can be
  // undone.
  request.arguments().word(kClientId).boolean(false).word(0).text(device_);
}

/// Takes over the results of create_link.
void Link::take_link(const Exchange& ex) {
  id_ = ex.words[1];
  linked_ = true;
  Endpoint abort = peer_;
  abort.set_port(abort_port_ != 0 ? abort_port_ : as_port(ex.words[2]));
  abort_.listen_at(abort);
  piece_ = ex.words[3] == 0 ? kPieceWhereNone : std::min<std::size_t>(ex.words[3], kMostPiece);
}

/// Makes a call whose only result is an error.
Status Link::call_for_error(Procedure procedure, RpcRequest& request, Deadline until, Call& call) {
  Exchange ex{procedure, kXdrWord};
  const Status status = exchange(ex, request, {}, until, call);
  if (failed(status) || ex.error() == kNoError) return status;
  return instrument_error(ex, call);
}

Status Link::operate(Procedure procedure, Call& call) {
  const GatePass pass(gate_, call);
  if (const Status status = enter(pass, call); failed(status)) return status;
  if (const Status status = begin(call); failed(status)) return status;
  if (const Status status = resynchronise(call); failed(status)) return status;
  return operate_inside(procedure, call);
}

Status Link::operate_inside(Procedure procedure, Call& call) {
  const TimeBudget budget = this->budget(call, true);
  RpcRequest request(core(procedure));
  // Unlike in device_write and device_read, lock_timeout comes before io_timeout here.
  request.arguments().word(id_).word(0).word(0).word(budget.io_timeout);
  return call_for_error(procedure, request, budget.until, call);
}

Result<std::uint8_t> Link::read_status_byte(Call& call) {
  const GatePass pass(gate_, call);
  if (const Status status = enter(pass, call); failed(status)) return status;
  if (const Status status = begin(call); failed(status)) return status;
  if (const Status status = resynchronise(call); failed(status)) return status;
  const TimeBudget budget = this->budget(call, true);
  Exchange ex{Procedure::device_readstb, 2 * kXdrWord};
  RpcRequest request(core(Procedure::device_readstb));
  request.arguments().word(id_).word(0).word(0).word(budget.io_timeout);
  const Status status = exchange(ex, request, {}, budget.until, call);
  if (failed(status)) return status;
  if (ex.error() != kNoError) return instrument_error(ex, call);
  return static_cast<std::uint8_t>(ex.words[1]);
}

Result<spi::DeviceAnswer> Link::command(std::uint32_t number, std::uint32_t item,
                                        std::span<const std::byte> data, Call& call) {
  if (data.size() > spi::DeviceCommandFacet::kMostData) return Status::error_inv_length;
  const GatePass pass(gate_, call);
  if (const Status status = enter(pass, call); failed(status)) return status;
  if (const Status status = begin(call); failed(status)) return status;
  if (const Status status = resynchronise(call); failed(status)) return status;
  const TimeBudget budget = this->budget(call, true);
  // The error, the length and the first bytes of an opaque<>; what is beyond them is an echo.
  Exchange ex{Procedure::device_docmd, 4 * kXdrWord, 2 * kXdrWord};
  RpcRequest request(core(Procedure::device_docmd));
  request.arguments()
      .word(id_)
      .word(0)
      .word(budget.io_timeout)
      .word(0)
      .word(number)
      .boolean(true)  // most significant byte first
      .word(item)
      .opaque(data);
  const Status status = exchange(ex, request, {}, budget.until, call);
  if (failed(status)) return status;
  if (ex.error() != kNoError) return instrument_error(ex, call);
  spi::DeviceAnswer answer;
  const std::size_t came = ex.got > 2 ? (ex.got - 2) * kXdrWord : 0;
  answer.size = std::min({std::size_t{ex.words[1]}, answer.bytes.size(), came});
  put_word(answer.bytes.data(), ex.words[2]);
  put_word(answer.bytes.data() + kXdrWord, ex.words[3]);
  return answer;
}

/// Makes one device_lock and returns its error.
Result<std::uint32_t> Link::try_lock(Call& call) {
  const bool wait = !call.deadline.is_immediate();
  const TimeBudget budget = this->budget(call, false);
  Exchange ex{Procedure::device_lock, kXdrWord};
  RpcRequest request(core(Procedure::device_lock));
  request.arguments().word(id_).word(wait ? kWaitLock : 0).word(wait ? budget.io_timeout : 0);
  const Deadline until = wait ? budget.until : Deadline::after(kLockAnswer);
  const Status status = exchange(ex, request, {}, until, call);
  if (failed(status)) return status;
  if (ex.error() == kAborted) return instrument_error(ex, call);
  return ex.error();
}

Status Link::lock(Call& call) {
  const GatePass pass(gate_, call);
  if (const Status status = enter(pass, call); failed(status)) return status;
  if (const Status status = resynchronise(call); failed(status)) return status;
  const Status status = acquire(call);
  locked_ = ok(status) && !lockless_;
  watch_late_lock();
  return status;
}

Status Link::acquire(Call& call) {
  while (!lockless_) {
    if (call.cancelled()) return Status::error_abort;
    const auto error = try_lock(call);
    if (error.status() == Status::error_nsup_oper) break;
    if (!error) return error.status();
    if (*error == kNoError) return Status::success;
    if (*error == kNotSupported) break;
    if (*error != kLocked && *error != kIoTimeout) {
      return call.fail(later_status(*error), name_ + ": " + describe_error(*error));
    }
    if (call.deadline.expired()) {
      const bool asked_once = call.deadline.is_immediate();
      return call.fail(asked_once ? Status::error_rsrc_locked : Status::error_tmo,
                       name_ + ": " + describe_error(kLocked));
    }
    const auto pause = std::min<Deadline::Clock::duration>(kLockPause, call.deadline.remaining());
    std::this_thread::sleep_for(pause);
  }
  lockless_ = true;
  return Status::success;
}

Status Link::unlock(Call& call) {
  const GatePass pass(gate_, call);
  if (const Status status = enter(pass, call); failed(status)) return status;
  if (lockless_) return Status::success;
  if (lock_missing_) {  // the lock ended with its connection
    locked_ = lock_missing_ = false;
    watch_late_lock();  // a request for it may still be owed its reply
    return Status::success;
  }
  // A lock that cannot be given back counts as gone (RemoteLockFacet): no later link must take it
  // again.
  const auto without_lock = [this](Status status) {
    const bool held = status == Status::error_tmo || status == Status::error_abort ||
                      status == Status::error_alloc;
    if (!held) locked_ = lock_missing_ = false;
    return status;
  };
  if (const Status status = resynchronise(call); failed(status)) return without_lock(status);
  RpcRequest request(core(Procedure::device_unlock));
  request.arguments().word(id_);
  const Status status =
      call_for_error(Procedure::device_unlock, request, budget(call, false).until, call);
  if (failed(status) && status != Status::error_sesn_nlocked) return without_lock(status);
  locked_ = false;
  return Status::success;
}

Status Link::open_interrupts(const Handle& handle, Call& call) {
  const GatePass pass(gate_, call);
  if (const Status status = enter(pass, call); failed(status)) return status;
  if (const Status status = resynchronise(call); failed(status)) return status;
  interrupts_.handle = handle;
  const Status status = create_channel(call);
  interrupts_.open = ok(status);
  return status;
}

/// Also for a new core connection, on which this computer may have another address.
Status Link::create_channel(Call& call) {
  const auto local = local_end(rpc_->stream().fd());
  if (!local) {
    return call.fail(Status::error_system_error,
                     name_ +
                         ": the system does not say at which address the instrument reaches "
                         "this computer");
  }
  const auto home = listen_for_interrupts(interrupts_.handle, *local, call);
  if (!home) return home.status();
  const ExpectInterrupts expecting;
  for (bool again = false;; again = true) {
    RpcRequest request(core(Procedure::create_intr_chan));
    request.arguments()
        .word(home->address)
        .word(home->port)
        .word(kInterruptProgram)
        .word(kVersion)
        .word(kInterruptByTcp);
    Exchange ex{Procedure::create_intr_chan, kXdrWord};
    Status status = exchange(ex, request, {}, budget(call, false).until, call);
    if (failed(status)) return mechanism(status);
    if (ex.error() == kNoError || (ex.error() == kChannelExists && again)) return status;
    if (ex.error() != kChannelExists) return mechanism(instrument_error(ex, call));
    // An earlier channel, which may lead to a port that is closed now: destroy it and try again.
    RpcRequest destroy(core(Procedure::destroy_intr_chan));
    status = call_for_error(Procedure::destroy_intr_chan, destroy, budget(call, false).until, call);
    if (status == Status::error_tmo || status == Status::error_abort || rpc_->lost()) return status;
  }
}

Status Link::close_interrupts(Call& call) {
  const GatePass pass(gate_, call);
  if (const Status status = enter(pass, call); failed(status)) return status;
  interrupts_.open = interrupts_missing_ = false;
  if (const Status status = resynchronise(call); failed(status)) return status;
  RpcRequest request(core(Procedure::destroy_intr_chan));
  return call_for_error(Procedure::destroy_intr_chan, request, budget(call, false).until, call);
}

Status Link::enable_service_requests(bool on, Call& call) {
  const GatePass pass(gate_, call);
  if (const Status status = enter(pass, call); failed(status)) return status;
  interrupts_.enabled = false;
  if (const Status status = resynchronise(call); failed(status)) return status;
  const Status status = send_enable(on, call);
  interrupts_.enabled = on && ok(status);
  return status;
}

Status Link::send_enable(bool on, Call& call) {
  RpcRequest request(core(Procedure::device_enable_srq));
  request.arguments().word(id_).boolean(on).opaque(interrupts_.handle);
  return mechanism(
      call_for_error(Procedure::device_enable_srq, request, budget(call, false).until, call));
}

}  // namespace visa::drivers::vxi11
