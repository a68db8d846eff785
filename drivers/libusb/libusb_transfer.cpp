// SPDX-License-Identifier: MIT
// Invariant: a transfer is running from before it is submitted until its callback has run, and
// nothing of it is freed meanwhile. The timeout of libusb is not used: the thread that waits has
// the deadline, and cancels.
#include "drivers/libusb/libusb_transfer.h"

#include <cxxabi.h>

#include <new>

#include "drivers/libusb/libusb_context.h"
#include "lib/base/cancel_shield.h"

namespace visa::drivers::usb {
namespace {

/// An interrupt endpoint that fails so often in a row is not read on.
constexpr unsigned kMostFailures = 8;

UsbOutcome outcome_of(libusb_transfer_status status) noexcept {
  switch (status) {
    case LIBUSB_TRANSFER_COMPLETED:
      return UsbOutcome::done;
    case LIBUSB_TRANSFER_CANCELLED:
      return UsbOutcome::stopped;
    case LIBUSB_TRANSFER_STALL:
      return UsbOutcome::stalled;
    case LIBUSB_TRANSFER_NO_DEVICE:
      return UsbOutcome::gone;
    case LIBUSB_TRANSFER_OVERFLOW:
      return UsbOutcome::overflow;
    default:
      return UsbOutcome::failed;
  }
}

libusb_transfer* allocate() {
  libusb_transfer* const transfer = libusb_alloc_transfer(0);
  if (transfer == nullptr) throw std::bad_alloc();
  return transfer;
}

}  // namespace

LibusbTransfer::LibusbTransfer(TransferState& state, libusb_device_handle* handle,
                               std::uint8_t endpoint)
    : state_(state) {
  const MutexLock lock(state_.mutex);
  state_.transfers.reserve(state_.transfers.size() + 1);  // may throw; push_back then does not
  transfer_ = allocate();
  transfer_->dev_handle = handle;
  transfer_->endpoint = endpoint;
  transfer_->type = endpoint == 0 ? LIBUSB_TRANSFER_TYPE_CONTROL : LIBUSB_TRANSFER_TYPE_BULK;
  transfer_->callback = &LibusbTransfer::ended;
  transfer_->user_data = this;
  state_.transfers.push_back(this);
}

LibusbTransfer::~LibusbTransfer() {
  if (stamp_ != fork_stamp()) return;
  stop();
  {
    const MutexLock lock(state_.mutex);
    std::erase(state_.transfers, this);
  }
  libusb_free_transfer(transfer_);
}

void LibusbTransfer::start(std::span<std::byte> buffer, bool quiet) {
  stop();  // a thread that was ended by force may have left it running
  transfer_->buffer = reinterpret_cast<unsigned char*>(buffer.data());
  transfer_->length = static_cast<int>(buffer.size());
  transfer_->timeout = 0;
  {
    const MutexLock lock(state_.mutex);
    end_ = {UsbOutcome::stopped, 0};
    if (state_.closed) return;
    running_ = true;
    quiet_ = quiet;
    end_ = {};
  }
  const CancelShield shield;
  const int error = state_.gone.load(std::memory_order_acquire) ? LIBUSB_ERROR_NO_DEVICE
                                                                : libusb_submit_transfer(transfer_);
  if (error != 0) finish({usb::outcome_of(error), 0});
}

void LIBUSB_CALL LibusbTransfer::ended(libusb_transfer* transfer) {
  auto* const self = static_cast<LibusbTransfer*>(transfer->user_data);
  self->finish({outcome_of(transfer->status), static_cast<std::size_t>(transfer->actual_length)});
}

void LibusbTransfer::finish(UsbEnd end) {
  const MutexLock lock(state_.mutex);
  if (end.outcome == UsbOutcome::gone) state_.gone.store(true, std::memory_order_release);
  running_ = false;
  end_ = end;
  if (!quiet_ || end.outcome != UsbOutcome::done) state_.changed.notify_all();
}

UsbEnd LibusbTransfer::wait(const Call& call, Deadline until, UsbTransfer* before) {
  const auto* const earlier = static_cast<const LibusbTransfer*>(before);  // of the same device
  MutexLock lock(state_.mutex);
  while (running_) {
    if (earlier != nullptr && !earlier->running_ && earlier->end_.outcome != UsbOutcome::done) {
      return {earlier->end_.outcome, 0};
    }
    if (call.cancelled()) return {UsbOutcome::cancelled, 0};
    if (until.expired()) return {UsbOutcome::timed_out, 0};
    state_.changed.wait_until(lock, until.time_point(), call);
  }
  return end_;
}

// The kernel ends a cancelled transfer before the call returns; its end then waits for the thread
// of the events only.
UsbEnd LibusbTransfer::stop() noexcept {
  if (stamp_ != fork_stamp()) return {UsbOutcome::gone, 0};
  const CancelShield shield;
  MutexLock lock(state_.mutex);
  if (running_) {
    quiet_ = false;
    lock.unlock();
    libusb_cancel_transfer(transfer_);
    lock.lock();
  }
  while (running_) state_.changed.wait(lock);
  return end_;
}

// While a device is closed nobody makes or destroys a transfer of it.
void end_transfers(TransferState& state) noexcept {
  {
    const MutexLock lock(state.mutex);
    state.closed = true;
  }
  for (LibusbTransfer* const one : state.transfers) one->stop();
}

InterruptReader::InterruptReader(TransferState& state, libusb_device_handle* handle,
                                 std::uint8_t endpoint, std::size_t size, UsbListener& listener)
    : state_(state), listener_(listener), buffer_(size), transfer_(allocate()) {
  libusb_fill_interrupt_transfer(transfer_, handle, endpoint,
                                 reinterpret_cast<unsigned char*>(buffer_.data()),
                                 static_cast<int>(size), &InterruptReader::received, this, 0);
}

InterruptReader::~InterruptReader() {
  if (stamp_ != fork_stamp()) return;
  const CancelShield shield;
  {
    MutexLock lock(state_.mutex);
    stopping_ = true;
    if (running_) {
      lock.unlock();
      libusb_cancel_transfer(transfer_);
      lock.lock();
    }
    while (running_) state_.changed.wait(lock);
  }
  libusb_free_transfer(transfer_);
}

UsbOutcome InterruptReader::start() {
  const CancelShield shield;
  {
    const MutexLock lock(state_.mutex);
    running_ = true;
  }
  const int error = libusb_submit_transfer(transfer_);
  if (error == 0) return UsbOutcome::done;
  const MutexLock lock(state_.mutex);
  running_ = false;
  return usb::outcome_of(error);
}

/// Submits again, unless the reader is being destroyed: under the mutex, so that the destructor
/// cancels what was submitted.
bool InterruptReader::again() {
  const MutexLock lock(state_.mutex);
  return !stopping_ && libusb_submit_transfer(transfer_) == 0;
}

void LIBUSB_CALL InterruptReader::received(libusb_transfer* transfer) {
  auto* const self = static_cast<InterruptReader*>(transfer->user_data);
  const UsbOutcome outcome = outcome_of(transfer->status);
  const auto count = static_cast<std::size_t>(transfer->actual_length);
  self->failures_ = outcome == UsbOutcome::done ? 0 : self->failures_ + 1;
  if (outcome == UsbOutcome::done) {
    try {
      self->listener_.interrupt(outcome, std::span(self->buffer_).first(count));
    } catch (abi::__forced_unwind&) {
      throw;
    } catch (...) {  // no memory: the packet is lost, and libusb is C
    }
  }
  const bool lasting = outcome == UsbOutcome::done ||
                       ((outcome == UsbOutcome::failed || outcome == UsbOutcome::overflow) &&
                        self->failures_ < kMostFailures);
  if (lasting && self->again()) return;
  if (outcome == UsbOutcome::gone) self->state_.gone.store(true, std::memory_order_release);
  self->listener_.interrupt(lasting ? UsbOutcome::stopped : outcome, {});
  const MutexLock lock(self->state_.mutex);
  self->running_ = false;
  self->state_.changed.notify_all();
}

}  // namespace visa::drivers::usb
