// SPDX-License-Identifier: MIT
// The words of umockdev's preload library, each an unsigned long of this machine.
#include "tools/sim/usb/preload_client.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>
#include <utility>

#include "tools/sim/net/socket_output.h"

namespace visa::sim {
namespace {

using Words = std::array<unsigned long, 3>;

// From the program.
constexpr unsigned long kIoctl = 1;
constexpr unsigned long kRead = 7;
constexpr unsigned long kWrite = 8;
// To the program.
constexpr unsigned long kDone = 3;
constexpr unsigned long kReadMemory = 5;
constexpr unsigned long kWriteMemory = 6;
constexpr long kNotEmulated = -100;

constexpr std::size_t kBlock = std::size_t{32} << 10;  // beyond it bytes are not copied again

std::string name_of(int socket) {
  ucred credentials{};
  socklen_t length = sizeof credentials;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0) return {};
  return "pid " + std::to_string(credentials.pid);
}

}  // namespace

PreloadClient::PreloadClient(EventLoop& loop, FileDescriptor socket)
    : loop_(loop),
      socket_(std::move(socket)),
      peer_(name_of(socket_.get())),
      input_(sizeof(Words), '\0') {
  loop_.add(socket_.get(), EPOLLIN, *this);
}

PreloadClient::~PreloadClient() {
  loop_.remove(socket_.get());
}

void PreloadClient::on_events(std::uint32_t events) {
  bool alive = (events & EPOLLERR) == 0;
  if (alive && (events & EPOLLOUT) != 0) alive = flush();
  if (alive && (events & (EPOLLIN | EPOLLHUP)) != 0) alive = receive();
  if (!alive) on_closed();
}

// Until everything that has come is understood; a call that comes has its answer first.
bool PreloadClient::receive() {
  while (true) {
    const ssize_t count =
        ::recv(socket_.get(), input_.data() + have_, input_.size() - have_, MSG_DONTWAIT);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno == EAGAIN || errno == EWOULDBLOCK;
    if (count == 0) return false;
    have_ += static_cast<std::size_t>(count);
    if (have_ < input_.size()) continue;
    have_ = 0;
    std::string bytes = std::exchange(input_, std::string(sizeof(Words), '\0'));
    if (const Then then = std::exchange(then_, nullptr)) {
      then(bytes);
    } else {
      input_ = std::move(bytes);
      understand();
    }
    if (!flush()) return false;
  }
}

void PreloadClient::understand() {
  Words words{};
  std::memcpy(words.data(), input_.data(), sizeof words);
  if (words[0] == kIoctl) {
    on_ioctl(words[1], words[2]);
  } else if (words[0] == kRead) {
    on_read(words[1], words[2]);
  } else if (words[0] == kWrite) {
    done(-1, EINVAL);
  } else {
    leave_to_program();
  }
}

void PreloadClient::put(std::uint64_t command, std::uint64_t first, std::uint64_t second) {
  const Words words = {static_cast<unsigned long>(command), static_cast<unsigned long>(first),
                       static_cast<unsigned long>(second)};
  output_.append(std::string_view(reinterpret_cast<const char*>(words.data()), sizeof words));
}

void PreloadClient::fetch(std::uint64_t address, std::size_t count, Then then) {
  if (count > kMostMemory) {
    done(-1, ENOMEM);
    return;
  }
  if (count == 0) {
    then({});
    return;
  }
  put(kReadMemory, address, count);
  input_.assign(count, '\0');
  then_ = std::move(then);
}

void PreloadClient::store(std::uint64_t address, std::string_view bytes) {
  if (bytes.empty()) return;
  put(kWriteMemory, address, bytes.size());
  output_.append(bytes);
}

void PreloadClient::store(std::uint64_t address, std::string&& bytes) {
  if (bytes.size() < kBlock) {
    store(address, std::string_view(bytes));
    return;
  }
  put(kWriteMemory, address, bytes.size());
  output_.append(std::make_shared<const std::string>(std::move(bytes)));
}

void PreloadClient::done(long result, int error) {
  put(kDone, static_cast<std::uint64_t>(result), static_cast<std::uint64_t>(error));
  if (!flush()) output_.clear();  // the end of the connection is met when it is read
}

void PreloadClient::leave_to_program() {
  done(kNotEmulated);
}

bool PreloadClient::flush() {
  if (!send_queue(socket_.get(), output_)) return false;
  const bool waits = !output_.empty();
  if (std::exchange(waits_to_send_, waits) != waits) {
    loop_.modify(socket_.get(), waits ? EPOLLIN | EPOLLOUT : EPOLLIN, *this);
  }
  return true;
}

PreloadListener::PreloadListener(EventLoop& loop, const std::string& path, Accept accept)
    : loop_(loop), path_(path), accept_(std::move(accept)) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  if (path.size() >= sizeof name.sun_path) {
    throw std::system_error(ENAMETOOLONG, std::generic_category(), path);
  }
  std::memcpy(name.sun_path, path.data(), path.size());
  socket_ = FileDescriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket_ ||
      ::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0 ||
      ::listen(socket_.get(), SOMAXCONN) != 0) {
    throw std::system_error(errno, std::generic_category(), path);
  }
  loop_.add(socket_.get(), EPOLLIN, *this);
}

PreloadListener::~PreloadListener() {
  loop_.remove(socket_.get());
  static_cast<void>(::unlink(path_.c_str()));
}

void PreloadListener::on_events(std::uint32_t) {
  while (true) {
    FileDescriptor socket(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!socket) return;
    accept_(std::move(socket));
  }
}

}  // namespace visa::sim
