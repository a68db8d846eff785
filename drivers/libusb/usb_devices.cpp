// SPDX-License-Identifier: MIT
// sysfs has the strings as the kernel read them from the device, in UTF-8, and the descriptors as
// the device sent them. Each file is one read of bounded size.
#include "drivers/libusb/usb_devices.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <memory>
#include <span>
#include <string_view>

#include "lib/base/unique_fd.h"

namespace visa::drivers::usb {
namespace {

/// Most descriptors that are looked at; the kernel keeps 8 configurations of up to 64 KiB.
constexpr std::size_t kMostDescriptors = 65536;
/// An attribute of sysfs is at most a page.
constexpr std::size_t kMostText = 4096;
constexpr std::uint8_t kHubClass = 9;
constexpr std::size_t kDeviceClassAt = 4;
constexpr std::size_t kDeviceDescriptorSize = 18;

struct CloseFolder {
  void operator()(DIR* folder) const noexcept { ::closedir(folder); }
};

std::string read_file(const std::string& path, std::size_t most) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  std::string text;
  std::array<char, 4096> piece;
  while (file && text.size() < most) {
    const ssize_t count =
        ::read(file.get(), piece.data(), std::min(piece.size(), most - text.size()));
    if (count <= 0) break;
    text.append(piece.data(), static_cast<std::size_t>(count));
  }
  return text;
}

/// Without the line feed that sysfs adds.
std::string text_of(const std::string& path) {
  std::string text = read_file(path, kMostText);
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

template <class Number>
bool number_of(const std::string& path, int base, Number& value) {
  const std::string text = text_of(path);
  const auto* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, base);
  return error == std::errc{} && stop == end && !text.empty();
}

/// "1-1.4" is a device; "usb1" a root hub, "1-1.4:1.0" an interface.
bool is_device(std::string_view entry) {
  return !entry.empty() && entry[0] >= '0' && entry[0] <= '9' &&
         entry.find(':') == std::string_view::npos;
}

/// Orders ports by their numbers: 1-2 before 1-10.
bool port_before(const UsbDeviceInfo& a, const UsbDeviceInfo& b) {
  if (a.bus != b.bus) return a.bus < b.bus;
  if (a.port.size() != b.port.size()) return a.port.size() < b.port.size();
  return a.port < b.port;
}

}  // namespace

std::string UsbDeviceInfo::node() const {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "/dev/bus/usb/%03u/%03u", unsigned{bus},
                unsigned{address});
  return text.data();
}

const InterfaceInfo* UsbDeviceInfo::interface(std::uint8_t number) const noexcept {
  const auto found = std::find_if(interfaces.begin(), interfaces.end(),
                                  [&](const auto& one) { return one.number == number; });
  return found == interfaces.end() ? nullptr : &*found;
}

std::string UsbDeviceInfo::kernel_driver(std::uint8_t number) const {
  const std::string link = folder + "/" + port + ":" + std::to_string(configuration) + "." +
                           std::to_string(number) + "/driver";
  std::array<char, 1024> target{};
  const ssize_t size = ::readlink(link.c_str(), target.data(), target.size());
  if (size <= 0) return "";
  const std::string_view path(target.data(), static_cast<std::size_t>(size));
  return std::string(path.substr(path.rfind('/') + 1));
}

std::optional<UsbDeviceInfo> read_device(const std::string& folder, const std::string& port) {
  UsbDeviceInfo device;
  device.port = port;
  device.folder = folder;
  const std::string descriptors = read_file(folder + "/descriptors", kMostDescriptors);
  if (descriptors.size() < kDeviceDescriptorSize) return std::nullopt;
  if (static_cast<std::uint8_t>(descriptors[kDeviceClassAt]) == kHubClass) return std::nullopt;
  if (!number_of(folder + "/busnum", 10, device.bus) ||
      !number_of(folder + "/devnum", 10, device.address) ||
      !number_of(folder + "/idVendor", 16, device.vendor) ||
      !number_of(folder + "/idProduct", 16, device.product)) {
    return std::nullopt;
  }
  number_of(folder + "/bConfigurationValue", 10, device.configuration);
  const auto bytes = std::as_bytes(std::span(descriptors)).subspan(kDeviceDescriptorSize);
  device.interfaces = read_interfaces(bytes, device.configuration);
  device.serial = text_of(folder + "/serial");
  device.manufacturer = text_of(folder + "/manufacturer");
  device.model = text_of(folder + "/product");
  return device;
}

std::vector<UsbDeviceInfo> usb_devices(const std::string& folder) {
  std::vector<UsbDeviceInfo> devices;
  const std::unique_ptr<DIR, CloseFolder> entries(::opendir(folder.c_str()));
  if (entries == nullptr) return devices;
  // A stream of one thread. NOLINTNEXTLINE(concurrency-mt-unsafe)
  while (const dirent* const entry = ::readdir(entries.get())) {
    const std::string port = entry->d_name;
    if (!is_device(port)) continue;
    if (auto device = read_device(folder + "/" + port, port)) devices.push_back(*std::move(device));
  }
  std::sort(devices.begin(), devices.end(), port_before);
  return devices;
}

}  // namespace visa::drivers::usb
