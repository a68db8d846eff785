// SPDX-License-Identifier: MIT
// PyVISA takes, in this order: the variable PYVISA_LIBRARY, a .pyvisarc (the user's over that of
// the Python installation), and the first libvisa of the loader's cache. C programs get what the
// loader has under the name that they were linked with.
#include "tools/freevisa/doctor/library_checks.h"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "tools/freevisa/environment.h"
#include "tools/freevisa/system_files.h"

namespace visa::tool {
namespace {

using Level = Finding::Level;

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(kBlanks) - first + 1));
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

bool same_file(const std::string& one, const std::string& two) {
  std::error_code error;
  return std::filesystem::equivalent(one, two, error) && !error;
}

std::string described(const VisaLibrary& library) {
  return library.path + (library.maker.empty() ? "" : " (" + library.maker + ")");
}

Finding pyvisa_finding(const LibraryFacts& facts) {
  std::string path;
  std::string why;
  std::string fix = "export PYVISA_LIBRARY=" + facts.own;
  if (facts.variable) {
    path = *facts.variable;
    why = "PYVISA_LIBRARY names it";
  } else if (!facts.pyvisarc_library.empty()) {
    path = facts.pyvisarc_library;
    why = facts.pyvisarc + " names it";
    fix = "in " + facts.pyvisarc + ": 'visa library = " + facts.own + "'";
  } else if (!facts.known.empty()) {
    path = facts.known.front().path;
    why = "the first of the loader's cache, " + facts.known.front().name;
  }
  if (path.empty()) {
    return {Level::note, "pyvisa", "PyVISA finds no VISA library: the loader's cache has none",
            fix};
  }
  if (path.starts_with('@')) {  // "@py": a backend of PyVISA's own
    return {Level::problem, "pyvisa", "PyVISA takes its backend " + path + ", not FreeVISA: " + why,
            fix};
  }
  std::error_code error;
  if (!std::filesystem::exists(path.substr(0, path.find('@')), error)) {
    return {Level::problem, "pyvisa", "PyVISA takes " + path + ", which does not exist: " + why,
            fix};
  }
  const std::string file = path.substr(0, path.find('@'));
  const std::string maker = library_maker(file);
  const std::string text =
      "PyVISA takes " + file + (maker.empty() ? "" : " (" + maker + ")") + ": " + why;
  if (maker == "FreeVISA") {
    if (same_file(file, facts.own)) return {Level::good, "pyvisa", text};
    return {Level::note, "pyvisa", text + "; this command uses another FreeVISA, " + facts.own,
            fix};
  }
  return {Level::problem, "pyvisa", text, fix};
}

}  // namespace

std::string library_of_pyvisarc(const std::string& text) {
  std::string library;
  bool paths = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = trimmed(std::string_view(text).substr(at, end - at));
    at = end + 1;
    if (line.starts_with('[')) {
      paths = line == "[Paths]";
    } else if (const auto mark = line.find_first_of("=:"); paths && mark != std::string::npos) {
      if (lower(trimmed(line.substr(0, mark))) == "visa library") {
        library = trimmed(line.substr(mark + 1));
      }
    }
  }
  return library;
}

LibraryFacts library_facts(const std::string& home) {
  LibraryFacts facts;
  Dl_info info{};
  if (::dladdr(reinterpret_cast<void*>(&viOpenDefaultRM), &info) != 0 &&
      info.dli_fname != nullptr) {
    std::error_code error;
    const auto real = std::filesystem::canonical(info.dli_fname, error);
    facts.own = error ? std::string(info.dli_fname) : real.string();
  }
  facts.known = visa_libraries();
  facts.variable = environment("PYVISA_LIBRARY");
  for (const std::string& file :
       {environment("VIRTUAL_ENV").value_or("/usr") + "/share/pyvisa/.pyvisarc",
        home + "/.pyvisarc"}) {
    const std::string library = library_of_pyvisarc(content(file));
    if (library.empty()) continue;
    facts.pyvisarc = file;
    facts.pyvisarc_library = library;
  }
  return facts;
}

Findings check_libraries(const LibraryFacts& facts) {
  Findings found;
  found.push_back({Level::good, "library", "this command uses " + facts.own});
  const VisaLibrary* ours = nullptr;
  for (const VisaLibrary& one : facts.known) {
    std::error_code error;
    if (!std::filesystem::exists(one.path, error)) {
      found.push_back({Level::problem, "library",
                       one.path + ": in the loader's cache, but the file is gone",
                       "sudo ldconfig"});
    } else if (ours == nullptr && one.maker == "FreeVISA") {
      ours = &one;
    }
  }
  for (const VisaLibrary& one : facts.known) {
    if (one.maker == "FreeVISA") continue;
    const bool before = ours == nullptr || &one < ours;
    const bool hides = ours != nullptr && &one < ours && one.name == ours->name;
    found.push_back({hides ? Level::problem : Level::note, "library",
                     "another VISA library is installed: " + described(one) + ", " + one.name +
                         (hides    ? "; programs that ask for this name get it, not FreeVISA"
                          : before ? "; programs that take the first libvisa get it"
                                   : "; FreeVISA comes before it"),
                     before ? "PyVISA: export PYVISA_LIBRARY=" + facts.own +
                                  "; a C program: LD_PRELOAD=" + facts.own
                            : ""});
  }
  if (ours == nullptr) {
    const std::string folder = std::filesystem::path(facts.own).parent_path().string();
    found.push_back(
        {Level::note, "library",
         "programs do not find FreeVISA by its name: it is not in the loader's cache",
         "echo " + folder + " | sudo tee /etc/ld.so.conf.d/freevisa.conf && sudo ldconfig"});
  }
  found.push_back(pyvisa_finding(facts));
  return found;
}

Findings check_configuration(Session& manager) {
  std::array<ViChar, 256> plain{};
  viStatusDesc(VI_NULL, VI_WARN_CONFIG_NLOADED, plain.data());
  ViSession vi = VI_NULL;
  const ViStatus status = viOpenDefaultRM(&vi);
  check(status, vi, "cannot start VISA");
  manager = Session(vi);
  std::array<ViChar, 256> text{};
  viStatusDesc(vi, VI_WARN_CONFIG_NLOADED, text.data());
  const std::string_view told = text.data();
  if (status != VI_WARN_CONFIG_NLOADED && told == plain.data()) {
    return {{Level::good, "configuration", "no mistake in the configuration files"}};
  }
  return {{Level::problem, "configuration", std::string(told), fix_of_configuration(told)}};
}

std::string fix_of_configuration(std::string_view told) {
  const auto says = [told](std::string_view text) { return told.find(text) != std::string::npos; };
  if (says("cannot be read: No such file")) {
    return "name a file that there is in FREEVISA_CONFIG, or unset FREEVISA_CONFIG";
  }
  if (says("cannot be read: Permission denied")) {
    return "let its owner make it readable (chmod +r), or name another file in FREEVISA_CONFIG";
  }
  if (says("not a regular file")) return "name a file in FREEVISA_CONFIG, no folder and no device";
  return "mend that line; what is wrong has no effect until then. All of them: "
         "freevisa config check";
}

std::string reach_of_locks(const Session& manager) {
  std::array<ViChar, 256> text{};
  const ViStatus status = viUnlock(manager.get());
  viStatusDesc(manager.get(), status, text.data());
  constexpr const char* kMark = "; locks ";
  const char* const found = std::strstr(text.data(), kMark);
  return found == nullptr ? "" : found + std::strlen(kMark);
}

Findings check_locks(const std::string& reach) {
  constexpr std::string_view kShared = "/run/lock/freevisa";
  if (reach.empty())
    return {{Level::note, "locks", "this VISA library does not say where locks meet"}};
  const std::string text = "locks " + reach;
  const std::string make =
      std::string("sudo install -d -m 2770 -g ") + system_files::kGroup +
      " /run/lock/freevisa && sudo usermod -aG " + system_files::kGroup +
      " $USER, "
      "then log in anew (the installed tmpfiles.d/freevisa.conf makes the folder at each boot)";
  if (reach.find("inside this process only") != std::string::npos) {
    return {{Level::problem, "locks", text + ": another program does not see them", make}};
  }
  if (reach.find(kShared) == std::string::npos) {
    return {{Level::note, "locks", text + ": other users of this computer do not see them", make}};
  }
  return {{Level::good, "locks", text}};
}

}  // namespace visa::tool
