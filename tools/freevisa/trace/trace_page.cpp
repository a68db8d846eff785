// SPDX-License-Identifier: MIT
// In the JSON each '<' stands as \u003c, so that nothing an instrument answers can end the element
// of the page that it stands in.
#include "tools/freevisa/trace/trace_page.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "tools/freevisa/answer_output.h"
#include "tools/freevisa/json_text.h"

namespace visa::tool {
namespace {

constexpr std::string_view kPlace = "TRACE_DATA_HERE";

std::string for_page(std::string_view json) {
  std::string text;
  text.reserve(json.size());
  for (const char c : json) {
    if (c == '<') {
      text += "\\u003c";
    } else {
      text += c;
    }
  }
  return text;
}

}  // namespace

TracePage::TracePage(std::string file, std::string title)
    : file_(std::move(file)), title_(std::move(title)) {
  if (auto place = replaceable(file_)) {
    place_ = std::move(*place);
    aside_ = place_ + ".XXXXXX";
    const int fd = ::mkostemp(aside_.data(), O_CLOEXEC);
    if (fd < 0) {
      aside_.clear();
      fail(errno);
    }
    stream_ = ::fdopen(fd, "w");
  } else {
    stream_ = std::fopen(file_.c_str(), "we");
    if (stream_ == nullptr) fail(errno);
  }
  const std::string_view page = trace_page_text();
  write(page.substr(0, page.find(kPlace)));
  write("{\"calls\":[\n");
}

TracePage::~TracePage() {
  if (stream_ == nullptr) return;
  std::fclose(stream_);
  if (!aside_.empty()) ::unlink(aside_.c_str());
}

void TracePage::fail(int error) const {
  throw output_failure(file_, error);
}

void TracePage::write(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stream_);  // finish() looks for errors
}

void TracePage::add(std::string_view json) {
  if (entries_++ >= kMost) return;
  write(entries_ > 1 ? ",\n" : "");
  write(for_page(json));
}

void TracePage::finish() {
  const std::size_t left_out = entries_ > kMost ? entries_ - kMost : 0;
  JsonObject rest;
  rest.text("title", title_);
  rest.integer("left_out", static_cast<std::int64_t>(left_out));
  write("\n]," + for_page(rest.str()).substr(1));
  const std::string_view page = trace_page_text();
  write(page.substr(page.find(kPlace) + kPlace.size()));
  const mode_t mask = ::umask(0);
  ::umask(mask);
  errno = 0;
  bool good = std::fflush(stream_) == 0 && std::ferror(stream_) == 0 &&
              (aside_.empty() || ::fchmod(::fileno(stream_), 0666 & ~mask) == 0);
  int error = errno;
  if (std::fclose(std::exchange(stream_, nullptr)) != 0 && good) {
    good = false;
    error = errno;
  }
  if (good && (aside_.empty() || ::rename(aside_.c_str(), place_.c_str()) == 0)) return;
  if (good) error = errno;
  if (!aside_.empty()) ::unlink(aside_.c_str());
  fail(error);
}

}  // namespace visa::tool
