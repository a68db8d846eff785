// SPDX-License-Identifier: MIT
// A file that is there and wrong is reported, not passed over for the next folder.
#include "drivers/gpib/agilent_usb/firmware_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>

#include "lib/base/unique_fd.h"

namespace visa::drivers::gpib::agilent {
namespace {

/// Where the loader of linux-gpib looks, and then the kernel's folder.
constexpr std::array<std::string_view, 4> kFolders{
    "/usr/share/usb/agilent_82357a/", "/usr/local/share/usb/agilent_82357a/",
    "/lib/firmware/agilent_82357a/", "/lib/firmware/"};

bool is_folder(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

bool exists(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 || errno == EACCES;
}

/// Nothing where it cannot be read.
std::optional<std::string> read_text(const std::string& path) {
  // O_NONBLOCK: a pipe is not waited for.
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat info {};
  if (!file || ::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) return std::nullopt;
  std::string text;
  std::array<char, 4096> piece;
  while (text.size() <= kMostHexText) {
    const ssize_t got = ::read(file.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::nullopt;
    if (got == 0) break;
    text.append(piece.data(), static_cast<std::size_t>(got));
  }
  return text;
}

std::string cure(const FirmwareKind& kind) {
  return std::string(kind.file) +
         " is part of linux_gpib_firmware (https://github.com/fmhess/linux_gpib_firmware); copy it "
         "to " +
         std::string(kFolders.front()) + ", or write firmware = \"/path/" + std::string(kind.file) +
         "\" into the [[interface]] of the board";
}

std::string usual_place(const FirmwareKind& kind, const std::string& root) {
  for (const auto folder : kFolders) {
    std::string path = root + std::string(folder) + std::string(kind.file);
    if (exists(path)) return path;
  }
  return "";
}

}  // namespace

Result<HexFile> read_firmware(const FirmwareKind& kind, const std::string& configured,
                              const std::string& adapter, Call& call, const std::string& root) {
  std::string path = configured;
  if (path.empty()) {
    path = usual_place(kind, root);
  } else if (is_folder(path)) {
    path += "/" + std::string(kind.file);
  }
  if (path.empty()) {
    return call.fail(Status::error_inv_setup,
                     adapter +
                         " needs its firmware each time it is switched on, and it is not on "
                         "this computer: " +
                         cure(kind));
  }
  const auto text = read_text(path);
  if (!text) {
    return call.fail(Status::error_inv_setup,
                     adapter + ": its firmware " + path + " cannot be read: " + cure(kind));
  }
  HexFile file = parse_intel_hex(*text, kind.room);
  if (file.good()) return file;
  return call.fail(Status::error_inv_setup,
                   adapter + ": " + path + ", line " + std::to_string(file.line) +
                       " is no firmware of this adapter: " + std::string(file.fault) + "; " +
                       cure(kind));
}

}  // namespace visa::drivers::gpib::agilent
