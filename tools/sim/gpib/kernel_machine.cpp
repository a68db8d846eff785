// SPDX-License-Identifier: MIT
// The tree of the folder is that of a Linux machine with the module gpib_common and one board.
#include "tools/sim/gpib/kernel_machine.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <system_error>
#include <utility>

#include "tools/sim/usb/usb_machine.h"

namespace visa::sim {
namespace {

namespace fs = std::filesystem;
namespace kernel = gpib_kernel;

constexpr std::string_view kNode = "/dev/gpib0";
constexpr std::string_view kDevice = "/sys/devices/virtual/gpib_common/gpib0";

std::string make_folder() {
  std::error_code error;
  const fs::path base = fs::temp_directory_path(error);
  std::string path = (error ? fs::path("/tmp") : base).string() + "/freevisa-gpib.XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) {
    throw std::system_error(errno, std::generic_category(), path);
  }
  return path;
}

void write_file(const std::string& path, std::string_view text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  if (!file.flush()) throw std::system_error(errno, std::generic_category(), path);
}

void make_tree(const std::string& folder) {
  const std::string device = folder + std::string(kDevice);
  for (const char* const path :
       {"/sys/devices/virtual/gpib_common/gpib0", "/sys/class/gpib_common", "/sys/bus/usb/devices",
        "/sys/dev/char", "/dev/bus/usb", "/dev/.node", "/ioctl/dev", "/run/udev"}) {
    fs::create_directories(folder + path);
  }
  write_file(device + "/dev", "160:0\n");
  write_file(device + "/uevent", "MAJOR=160\nMINOR=0\nDEVNAME=gpib0\n");
  write_file(folder + std::string(kNode), "");
  fs::create_symlink("../../../../class/gpib_common", device + "/subsystem");
  fs::create_symlink("../../devices/virtual/gpib_common/gpib0",
                     folder + "/sys/class/gpib_common/gpib0");
  fs::create_symlink("../../devices/virtual/gpib_common/gpib0", folder + "/sys/dev/char/160:0");
  fs::create_symlink("160:0", folder + "/dev/.node/gpib0");
}

bool moves(unsigned long number) {
  return number == kernel::kRead || number == kernel::kWrite || number == kernel::kCommand;
}

}  // namespace

/// The board, opened by a program.
class KernelMachine::BoardFile final : public PreloadClient, private KernelFile {
 public:
  BoardFile(KernelMachine& machine, FileDescriptor socket)
      : PreloadClient(machine.loop_, std::move(socket)), machine_(machine) {}
  ~BoardFile() override { machine_.board_.close(*this); }

 private:
  void on_ioctl(unsigned long request, std::uint64_t argument) override {
    number_ = request;
    address_ = argument;
    const std::size_t size = _IOC_SIZE(request);
    if (_IOC_TYPE(request) != kernel::kType) return done(-1, ENOTTY);
    fetch(argument, size, [this](const std::string& bytes) { on_argument(bytes); });
  }
  void on_argument(const std::string& bytes) {
    transfer_ = {};
    if (!moves(number_)) return machine_.board_.request(*this, number_, bytes, {});
    std::memcpy(&transfer_, bytes.data(), sizeof transfer_);
    if (transfer_.completed > transfer_.requested) return done(-1, EINVAL);
    if (number_ == kernel::kRead) return machine_.board_.request(*this, number_, bytes, {});
    fetch(transfer_.buffer + transfer_.completed, transfer_.requested - transfer_.completed,
          [this, bytes](const std::string& data) {
            machine_.board_.request(*this, number_, bytes, data);
          });
  }
  void answer(int error, const std::string& argument, const std::string& data) override {
    store(transfer_.buffer + transfer_.completed, data);
    if ((_IOC_DIR(number_) & _IOC_READ) != 0) store(address_, argument);
    done(error == 0 ? 0 : -1, error);
  }
  void on_read(std::uint64_t, std::size_t) override { done(-1, EINVAL); }
  void on_closed() override {
    machine_.files_.remove_if([this](const auto& one) { return one.get() == this; });
  }

  KernelMachine& machine_;
  unsigned long number_ = 0;
  std::uint64_t address_ = 0;
  kernel::Transfer transfer_;
};

/// Any other file under /dev: the program's own business.
class KernelMachine::OtherFile final : public PreloadClient {
 public:
  OtherFile(KernelMachine& machine, FileDescriptor socket)
      : PreloadClient(machine.loop_, std::move(socket)), machine_(machine) {}

 private:
  void on_ioctl(unsigned long, std::uint64_t) override { leave_to_program(); }
  void on_read(std::uint64_t, std::size_t) override { leave_to_program(); }
  void on_closed() override {
    machine_.others_.remove_if([this](const auto& one) { return one.get() == this; });
  }

  KernelMachine& machine_;
};

KernelMachine::KernelMachine(EventLoop& loop, KernelBoard& board)
    : loop_(loop), board_(board), folder_(make_folder()) {
  make_tree(folder_);
  node_ = std::make_unique<PreloadListener>(
      loop, folder_ + "/ioctl" + std::string(kNode), [this](FileDescriptor socket) {
        files_.push_back(std::make_unique<BoardFile>(*this, std::move(socket)));
      });
  default_ = std::make_unique<PreloadListener>(
      loop, folder_ + "/ioctl/_default", [this](FileDescriptor socket) {
        others_.push_back(std::make_unique<OtherFile>(*this, std::move(socket)));
      });
}

KernelMachine::~KernelMachine() {
  node_.reset();
  default_.reset();
  files_.clear();
  others_.clear();
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

std::vector<std::string> KernelMachine::environment() const {
  const char* const before = ::secure_getenv("LD_PRELOAD");
  std::string preload = std::string("LD_PRELOAD=") + UsbMachine::kPreload;
  if (before != nullptr && *before != '\0') preload += std::string(":") + before;
  return {preload, "UMOCKDEV_DIR=" + folder_};
}

}  // namespace visa::sim
