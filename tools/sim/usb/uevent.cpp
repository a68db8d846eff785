// SPDX-License-Identifier: MIT
// The message of libudev's monitors: a header of 40 bytes, in it the hashes that socket filters
// look at, then the properties, each with a zero byte.
#include "tools/sim/usb/uevent.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "tools/sim/base/file_descriptor.h"

namespace visa::sim {
namespace {

constexpr std::uint32_t kMagic = 0xFEEDCAFE;

struct MonitorHeader {
  char prefix[8];
  std::uint32_t magic;
  std::uint32_t header_size;
  std::uint32_t properties_at;
  std::uint32_t properties_length;
  std::uint32_t subsystem_hash;
  std::uint32_t devtype_hash;
  std::uint32_t tag_bloom[2];
};

// MurmurHash2 with the seed 0, which filters of udev use.
std::uint32_t murmur_hash(std::string_view text) noexcept {
  constexpr std::uint32_t kFactor = 0x5BD1E995;
  auto hash = static_cast<std::uint32_t>(text.size());
  const auto byte = [&text](std::size_t at) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(text[at]));
  };
  std::size_t at = 0;
  for (; at + 4 <= text.size(); at += 4) {
    std::uint32_t word = byte(at) | byte(at + 1) << 8U | byte(at + 2) << 16U | byte(at + 3) << 24U;
    word *= kFactor;
    word ^= word >> 24U;
    word *= kFactor;
    hash = hash * kFactor ^ word;
  }
  if (at < text.size()) {
    for (std::size_t i = at; i < text.size(); ++i) hash ^= byte(i) << (8 * (i - at));
    hash *= kFactor;
  }
  hash ^= hash >> 13U;
  hash *= kFactor;
  return hash ^ hash >> 15U;
}

bool is_event_socket(const std::string& name) {
  return name.size() > 5 && name.starts_with("event") &&
         name.find_first_not_of("0123456789", 5) == std::string::npos;
}

}  // namespace

std::string uevent_message(std::string_view subsystem, std::string_view devtype,
                           const std::vector<std::string>& properties) {
  std::string body;
  for (const std::string& one : properties) body.append(one).append(1, '\0');
  MonitorHeader header{};
  std::memcpy(header.prefix, "libudev", sizeof header.prefix);
  header.magic = htonl(kMagic);
  header.header_size = header.properties_at = sizeof header;
  header.properties_length = static_cast<std::uint32_t>(body.size());
  header.subsystem_hash = htonl(murmur_hash(subsystem));
  if (!devtype.empty()) header.devtype_hash = htonl(murmur_hash(devtype));
  return std::string(reinterpret_cast<const char*>(&header), sizeof header) + body;
}

void send_uevent(const std::string& folder, const std::string& message) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string path = entry.path().string();
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    if (!is_event_socket(entry.path().filename().string()) || path.size() >= sizeof name.sun_path) {
      continue;
    }
    std::memcpy(name.sun_path, path.data(), path.size());
    const FileDescriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const ssize_t sent =
        ::sendto(socket.get(), message.data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                 reinterpret_cast<const sockaddr*>(&name), sizeof name);
    if (sent < 0 && errno == ECONNREFUSED) static_cast<void>(::unlink(path.c_str()));
  }
}

}  // namespace visa::sim
