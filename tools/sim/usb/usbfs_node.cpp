// SPDX-License-Identifier: MIT
// Invariant: the pipe is full exactly while no client has a finished transfer.
#include "tools/sim/usb/usbfs_node.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

namespace visa::sim {
namespace {

constexpr int kSmallestPipe = 4096;

}  // namespace

UsbfsNode::UsbfsNode(EventLoop& loop, const std::string& file, const std::string& socket,
                     UsbfsOptions options)
    : loop_(loop), options_(options), file_(file) {
  if (::mkfifo(file.c_str(), 0600) == 0) {
    pipe_ = FileDescriptor(::open(file.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
  }
  if (!pipe_) throw std::system_error(errno, std::generic_category(), file);
  static_cast<void>(::fcntl(pipe_.get(), F_SETPIPE_SZ, kSmallestPipe));
  show_writable(false);
  listener_ = std::make_unique<PreloadListener>(loop, socket, [this](FileDescriptor accepted) {
    clients_.push_back(
        std::make_unique<UsbfsClient>(static_cast<UsbfsFile&>(*this), loop_, std::move(accepted)));
  });
}

UsbfsNode::~UsbfsNode() {
  clients_.clear();
  static_cast<void>(::unlink(file_.c_str()));
}

void UsbfsNode::show_writable(bool writable) {
  if (std::exchange(writable_, writable) == writable) return;
  std::array<char, kSmallestPipe> bytes{};
  if (writable) {
    while (::read(pipe_.get(), bytes.data(), bytes.size()) > 0) {
    }
  } else {
    while (::write(pipe_.get(), bytes.data(), bytes.size()) > 0) {
    }
    while (::write(pipe_.get(), bytes.data(), 1) > 0) {
    }
  }
}

void UsbfsNode::leave() {
  gone_ = true;
  listener_.reset();
  static_cast<void>(::unlink(file_.c_str()));
  device_->leave();
  for (const auto& client : clients_) client->leave();
}

std::string UsbfsNode::holder(std::uint8_t interface) const {
  const UsbfsClient* const client = claims_.holder(interface);
  return client != nullptr ? client->peer() : std::string();
}

std::uint64_t UsbfsNode::new_transfer(UsbfsClient& client) {
  owners_[next_id_] = &client;
  return next_id_++;
}

void UsbfsNode::on_transfer(UsbTransfer done) {
  const auto found = owners_.find(done.id);
  if (found == owners_.end()) return;  // of a program that has gone
  UsbfsClient* const client = found->second;
  owners_.erase(found);
  client->finish(std::move(done));
}

// Its claims go, and the transfers that nobody can reap any more.
void UsbfsNode::forget(const UsbfsClient& client) {
  claims_.forget(client);
  std::vector<std::uint64_t> ids;
  for (const auto& [id, owner] : owners_) {
    if (owner == &client) ids.push_back(id);
  }
  for (const std::uint64_t id : ids) owners_.erase(id);
  for (const std::uint64_t id : ids) device_->cancel(id);
  std::erase_if(clients_, [&client](const auto& one) { return one.get() == &client; });
  finished_changed();
}

void UsbfsNode::finished_changed() {
  show_writable(std::any_of(clients_.begin(), clients_.end(),
                            [](const auto& one) { return one->has_finished(); }));
}

}  // namespace visa::sim
