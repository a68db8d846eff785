// SPDX-License-Identifier: MIT
// gpib_board -f
//
// /dev/gpib0 in a virtual machine, by CUSE: a real character device, so that threads, signals, open
// files and the mutex of a thread are the kernel's, with the model of the board after it. The
// instruments: at 1 that of PyVISA's own tests; at 5 and 6 they repeat what they get ("SRQ" makes
// them request service), at 7 one that answers "slow" after a second. Says "violations N" at its
// end.
#define FUSE_USE_VERSION 31
#include <cuse_lowlevel.h>
#include <fuse_lowlevel.h>
#include <fuse_opt.h>
#include <sys/ioctl.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "conformance/guest/pyvisa_station.h"
#include "conformance/unit/drivers/support/gpib_kernel_model.h"

namespace {

namespace kernel = visa::drivers::gpib::kernel;
using visa::test::GpibKernelModel;

GpibKernelModel& model() {
  static GpibKernelModel board;
  return board;
}

void set_up() {
  for (const auto pad : {std::uint8_t{5}, std::uint8_t{6}}) {
    model().instruments[{pad}].answer = [pad](const std::string& message) {
      if (message == "SRQ") model().instruments[{pad}].status = 0x50;
      return std::optional(message);
    };
  }
  model().instruments[{7}].answer = [](const std::string&) {
    std::thread([] {
      std::this_thread::sleep_for(std::chrono::seconds(1));
      model().with([](GpibKernelModel& board) { board.instruments[{7}].output = "slow\n"; });
    }).detach();
    return std::optional<std::string>();
  };
  visa::test::add_pyvisa_station(model());
}

void on_signal(fuse_req_t, void* flag) {
  static_cast<std::atomic<bool>*>(flag)->store(true);
}

/// The thread that has the board's mutex by this open file; 0: none.
std::map<std::uint64_t, int>& holders() {
  static std::map<std::uint64_t, int> threads;
  return threads;
}
std::mutex holders_mutex;

void on_open(fuse_req_t request, fuse_file_info* file) {
  {
    const std::lock_guard lock(holders_mutex);
    file->fh = holders().empty() ? 1 : holders().rbegin()->first + 1;
    holders()[file->fh] = 0;
  }
  fuse_reply_open(request, file);
}

// The kernel gives the mutex back with the file that has it.
void on_release(fuse_req_t request, fuse_file_info* file) {
  int thread = 0;
  {
    const std::lock_guard lock(holders_mutex);
    thread = holders()[file->fh];
    holders().erase(file->fh);
  }
  if (thread != 0) {
    model().with([thread](GpibKernelModel& board) {
      if (board.holder == thread) board.holder = 0;
    });
  }
  fuse_reply_err(request, 0);
}

bool moves(unsigned long number) {
  return number == kernel::kRead || number == kernel::kWrite || number == kernel::kCommand;
}

// The first call comes without data; the answer says which memory of the caller is wanted.
void ask_again(fuse_req_t request, void* argument, std::size_t size, unsigned long number,
               const kernel::Transfer* transfer) {
  iovec in[2] = {{argument, size}, {}};
  iovec out[2] = {{argument, size}, {}};
  std::size_t ins = 1;
  std::size_t outs = 1;
  if (transfer != nullptr) {
    const iovec buffer{reinterpret_cast<void*>(static_cast<std::uintptr_t>(transfer->buffer)),
                       transfer->requested};
    in[ins++] = buffer;
    if (number == kernel::kRead)
      out[outs++] = buffer;  // also what an earlier request had put there
  }
  fuse_reply_ioctl_retry(request, in, ins, out, outs);
}

int ask_model(fuse_req_t request, fuse_file_info* file, unsigned long number, void* argument,
              std::byte* buffer) {
  std::atomic<bool> interrupted{false};
  fuse_req_interrupt_func(request, on_signal, &interrupted);
  const int thread = static_cast<int>(fuse_req_ctx(request)->pid);
  const int error = model().request({thread, &interrupted}, number, argument, buffer);
  fuse_req_interrupt_func(request, nullptr, nullptr);
  if (number == kernel::kMutex && error == 0) {
    const std::lock_guard lock(holders_mutex);
    holders()[file->fh] = *static_cast<const std::int32_t*>(argument) != 0 ? thread : 0;
  }
  return error;
}

void on_ioctl(fuse_req_t request, int command, void* argument, fuse_file_info* file, unsigned,
              const void* in, std::size_t in_size, std::size_t) {
  const auto number = static_cast<unsigned long>(static_cast<unsigned>(command));
  const std::size_t size = _IOC_SIZE(number);
  if (in_size < size) {
    ask_again(request, argument, size, number, nullptr);
    return;
  }
  std::vector<std::byte> reply(size);
  if (size > 0) std::memcpy(reply.data(), in, size);
  std::size_t length = size;
  std::byte* buffer = nullptr;
  if (moves(number)) {
    kernel::Transfer transfer;
    std::memcpy(&transfer, reply.data(), sizeof transfer);
    if (in_size < size + transfer.requested) {
      ask_again(request, argument, size, number, &transfer);
      return;
    }
    reply.resize(size + transfer.requested);
    std::memcpy(reply.data(), in, reply.size());
    if (number == kernel::kRead) length = reply.size();
    buffer = reply.data() + size;
  }
  std::vector<std::byte> state(reply.begin(), reply.begin() + static_cast<std::ptrdiff_t>(size));
  const int error = ask_model(request, file, number, state.data(), buffer);
  std::copy(state.begin(), state.end(), reply.begin());
  fuse_reply_ioctl(request, -error, reply.data(), length);
}

}  // namespace

int main(int argc, char** argv) {
  set_up();
  const char* names[] = {"DEVNAME=gpib0"};
  cuse_info info{};
  info.dev_major = 160;
  info.dev_info_argc = 1;
  info.dev_info_argv = names;
  info.flags = CUSE_UNRESTRICTED_IOCTL;
  cuse_lowlevel_ops operations{};
  operations.open = on_open;
  operations.release = on_release;
  operations.ioctl = on_ioctl;
  const int code = cuse_lowlevel_main(argc, argv, &info, &operations, nullptr);
  const auto violations = model().violations();
  for (const auto& one : violations) std::printf("%s\n", one.c_str());
  std::printf("violations %zu\n", violations.size());
  return code;
}
