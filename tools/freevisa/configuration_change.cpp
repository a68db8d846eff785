// SPDX-License-Identifier: MIT
// The library tells all problems of a configuration in its trace and nowhere else.
#include "tools/freevisa/configuration_change.h"

#include <fcntl.h>
#include <unistd.h>
#include <visa.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tools/freevisa/answer_output.h"
#include "tools/freevisa/configuration_files.h"
#include "tools/freevisa/own_trace.h"
#include "tools/freevisa/started_program.h"
#include "tools/freevisa/visa_session.h"

namespace visa::tool {
namespace {

constexpr std::string_view kMark = "configuration: ";

/// The problems that opening a manager adds to the trace.
std::vector<std::string> problems_now() {
  const std::size_t before = kept_trace().size();
  ViSession manager = VI_NULL;
  if (viOpenDefaultRM(&manager) >= VI_SUCCESS) viClose(manager);
  const std::string trace = kept_trace().substr(before);
  std::vector<std::string> problems;
  for (std::size_t at = 0; at < trace.size();) {
    const std::size_t end = std::min(trace.find('\n', at), trace.size());
    const std::string_view line = std::string_view(trace).substr(at, end - at);
    const std::size_t mark = line.find(kMark);
    // Lines of calls have it only inside their arguments.
    if (mark != std::string_view::npos && line.substr(0, mark).find('(') == std::string_view::npos)
      problems.emplace_back(line.substr(mark + kMark.size()));
    at = end + 1;
  }
  return problems;
}

/// Those of `text` alone, with `name` for the name of its file.
std::vector<std::string> problems_of(const std::string& text, const std::string& name) {
  const TemporaryFile file("freevisa-new", ".toml");
  std::ofstream(file.path(), std::ios::binary) << text;
  std::vector<std::string> problems;
  for (std::string& problem : configuration_problems(file.path())) {
    if (!problem.starts_with(file.path())) continue;
    problem.replace(0, file.path().size(), name);
    problems.push_back(std::move(problem));
  }
  return problems;
}

}  // namespace

std::vector<std::string> configuration_problems(const std::string& only) {
  keep_trace(true);
  if (!only.empty())
    ::setenv("FREEVISA_CONFIG", only.c_str(), 1);  // NOLINT(concurrency-mt-unsafe): no thread yet
  std::vector<std::string> problems = problems_now();
  if (only.empty()) return problems;
  problems.erase(
      std::remove_if(problems.begin(), problems.end(),
                     [&only](const std::string& problem) { return !problem.starts_with(only); }),
      problems.end());
  return problems;
}

void change_configuration(const std::string& path, const std::string& before,
                          const std::string& text) {
  const std::vector<std::string> old = problems_of(before, path);
  const std::vector<std::string> now = problems_of(text, path);
  if (now.size() > old.size()) {
    std::string told;
    for (const std::string& problem : now)
      if (std::find(old.begin(), old.end(), problem) == old.end()) told += "\n  " + problem;
    throw VisaFailure(path + " stays as it was; the change would make a mistake:" + told);
  }
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::error_code error;
  if (!folder.empty()) std::filesystem::create_directories(folder, error);
  if (error) throw VisaFailure("cannot make " + folder.string() + ": " + error.message());
  if (read_configuration(path) != before)
    throw VisaFailure(path + " was changed by another program meanwhile; try again");
  // A file with a password is for its owner alone; one that is there already keeps its rights.
  if (text.find("password") != std::string::npos) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0) ::close(fd);
  }
  AnswerOutput out(path);
  out.write(text);
  out.finish();
}

}  // namespace visa::tool
