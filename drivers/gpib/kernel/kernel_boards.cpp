// SPDX-License-Identifier: MIT
// The back end "kernel": adapter = "kernel:///dev/gpib1" or "kernel://1"; without the setting,
// GPIB<n> is /dev/gpib<n>.
#include "drivers/gpib/kernel/kernel_boards.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <climits>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string_view>

#include "drivers/gpib/kernel/kernel_abi.h"
#include "drivers/gpib/kernel/kernel_controller.h"
#include "drivers/gpib/kernel/kernel_io.h"
#include "lib/base/child_closed_fd.h"

namespace visa::drivers::gpib::kernel {
namespace {

constexpr std::string_view kClass = "/sys/class/gpib_common";
constexpr std::string_view kNode = "/dev/gpib";
constexpr std::string_view kPrefix = "gpib";

std::optional<std::uint16_t> number_of(std::string_view text) {
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string real_path(const std::string& path) {
  struct Free {
    void operator()(char* text) const noexcept { std::free(text); }
  };
  const std::unique_ptr<char, Free> real(::realpath(path.c_str(), nullptr));
  return real ? std::string(real.get()) : path;
}

bool exists(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0;
}

/// True also where it cannot be known.
bool in_use(const std::string& node) {
  const auto fd =
      ChildClosedFd::made_by([&] { return ::open(node.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK); });
  if (!fd) return errno != ENOENT && errno != ENODEV && errno != ENXIO;
  Wait wait;
  return KernelIo(fd.get()).ask(kWait, &wait) == 0 && (wait.status & ~kStatusBits) == 0;
}

Result<std::string> identify(const BoardRequest& request, Call& call) {
  auto node = node_of(request, call);
  if (!node) return node.status();
  return "kernel " + *node;
}

Result<std::unique_ptr<Controller>> open(const BoardRequest& request, Call& call) {
  const auto node = node_of(request, call);
  if (!node) return node.status();
  return KernelController::open(*node, call);
}

std::vector<std::uint16_t> boards(const spi::BoardSettings&) {
  return list_boards();
}

}  // namespace

std::vector<std::uint16_t> list_boards(const std::string& root) {
  struct CloseFolder {
    void operator()(DIR* folder) const noexcept { ::closedir(folder); }
  };
  std::vector<std::uint16_t> numbers;
  const std::unique_ptr<DIR, CloseFolder> folder(::opendir((root + std::string(kClass)).c_str()));
  if (!folder) return numbers;
  // A stream of one thread. NOLINTNEXTLINE(concurrency-mt-unsafe)
  while (const dirent* entry = ::readdir(folder.get())) {
    const std::string_view name(static_cast<const char*>(entry->d_name));
    if (name.substr(0, kPrefix.size()) != kPrefix) continue;
    const auto number = number_of(name.substr(kPrefix.size()));
    if (!number || *number >= kMostBoards) continue;
    if (exists(root + std::string(kNode) + std::to_string(*number))) numbers.push_back(*number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

std::vector<std::uint16_t> boards_in_use(const std::string& root) {
  std::vector<std::uint16_t> numbers = list_boards(root);
  std::erase_if(numbers, [&](std::uint16_t number) {
    return !in_use(root + std::string(kNode) + std::to_string(number));
  });
  return numbers;
}

Result<std::string> node_of(const BoardRequest& request, Call& call) {
  const auto number =
      request.target.empty() ? std::optional(request.number) : number_of(request.target);
  if (number) return std::string(kNode) + std::to_string(*number);
  if (request.target.front() == '/') return real_path(request.target);
  return call.fail(Status::error_inv_setup,
                   "GPIB" + std::to_string(request.number) + ": kernel://" + request.target +
                       " names no board; write kernel:///dev/gpib0 or kernel://0");
}

constinit const BackEnd kBackEnd{"kernel", {}, &identify, &open, &boards};

}  // namespace visa::drivers::gpib::kernel
