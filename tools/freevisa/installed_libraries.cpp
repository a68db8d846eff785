// SPDX-License-Identifier: MIT
// PyVISA takes the first line of `ldconfig -p` with a path like ".../libvisa.": the first entry
// here.
#include "tools/freevisa/installed_libraries.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>
#include <visa.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <string_view>

#include "tools/freevisa/environment.h"
#include "tools/freevisa/visa_libraries.h"

namespace visa::tool {
namespace {

constexpr std::chrono::seconds kPatience{5};

std::string text_of_file(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

template <class Function>
Function function(void* library, const char* name) {
  return reinterpret_cast<Function>(::dlsym(library, name));
}

/// In the child: "vendor\nversion\n" of the library at `path`, or "\nreason\n".
std::string asked(const char* path) {
  // Its own calls among its functions must not lead to the library that this program has.
  void* const library = ::dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
  if (library == nullptr) {
    const char* const reason = ::dlerror();  // NOLINT(concurrency-mt-unsafe): one thread
    return "\ncannot be loaded: " + std::string(reason == nullptr ? "no reason" : reason) + "\n";
  }
  const auto open = function<decltype(&viOpenDefaultRM)>(library, "viOpenDefaultRM");
  const auto get = function<decltype(&viGetAttribute)>(library, "viGetAttribute");
  if (open == nullptr || get == nullptr) return "\nis no VISA library\n";
  ViSession manager = VI_NULL;
  if (const ViStatus status = open(&manager); status < VI_SUCCESS) {
    return "\nviOpenDefaultRM answers " + std::to_string(status) + "\n";
  }
  std::array<ViChar, 256> vendor{};
  ViVersion version = 0;
  get(manager, VI_ATTR_RSRC_MANF_NAME, vendor.data());
  get(manager, VI_ATTR_RSRC_IMPL_VERSION, &version);
  return std::string(vendor.data()) + "\n" + std::to_string(VI_VERSION_MAJOR(version)) + "." +
         std::to_string(VI_VERSION_MINOR(version)) + "." +
         std::to_string(VI_VERSION_SUBMINOR(version)) + "\n";
}

/// What a child with that end of a pipe writes until it ends, or until the patience is over.
std::string received(int pipe) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  std::string text;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    pollfd watched{pipe, POLLIN, 0};
    if (left.count() <= 0) return text;
    if (::poll(&watched, 1, static_cast<int>(left.count())) < 0 && errno != EINTR) return text;
    if (watched.revents == 0) continue;
    std::array<char, 1024> piece{};
    const ssize_t got = ::read(pipe, piece.data(), piece.size());
    if (got <= 0) return text;
    text.append(piece.data(), static_cast<std::size_t>(got));
  }
}

void ask(InstalledLibrary& library) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    library.problem = "was not asked: no descriptor is left";
    return;
  }
  const pid_t child = ::fork();
  if (child == 0) {
    const std::string answer = asked(library.path.c_str());
    const ssize_t written = ::write(ends[1], answer.data(), answer.size());
    ::_exit(written < 0 ? 1 : 0);
  }
  ::close(ends[1]);
  const std::string text = child < 0 ? "\nwas not asked: no process is left\n" : received(ends[0]);
  ::close(ends[0]);
  if (child > 0) {
    ::kill(child, SIGKILL);  // one that answered has nothing left to do
    while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  const std::size_t line = text.find('\n');
  const std::string_view rest =
      line == std::string::npos ? std::string_view() : std::string_view(text).substr(line + 1);
  const std::string second(rest.substr(0, rest.find('\n')));
  library.vendor = text.substr(0, line == std::string::npos ? 0 : line);
  if (!library.vendor.empty()) {
    library.version = second;
  } else {
    library.problem = second.empty() ? "did not answer" : second;
  }
}

}  // namespace

std::vector<InstalledLibrary> installed_libraries() {
  std::vector<InstalledLibrary> libraries;
  for (const VisaLibrary& cached : visa_libraries()) {
    InstalledLibrary library;
    library.path = cached.path;
    library.taken = libraries.empty();
    ask(library);
    libraries.push_back(std::move(library));
  }
  return libraries;
}

std::string pyvisa_choice() {
  if (const auto variable = environment("PYVISA_LIBRARY")) return "PYVISA_LIBRARY=" + *variable;
  const auto home = environment("HOME");
  if (!home) return "";
  const std::string path = *home + "/.pyvisarc";
  return text_of_file(path).find("visa library") != std::string::npos ? path : "";
}

}  // namespace visa::tool
