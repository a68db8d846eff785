// SPDX-License-Identifier: MIT
// VPP-4.3 6.1: viReadToFile and viWriteFromFile, in a folder made for the rule.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "conformance/rules/check.h"

namespace visa::rules {
namespace {

class Folder {
 public:
  Folder() {
    char path[] = "/tmp/visa_rules_XXXXXX";
    if (::mkdtemp(path) == nullptr) throw NotShown{"no folder for files"};
    path_ = path;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string operator/(const char* name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void put(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

ViStatus end_of_line(const Check& check) {
  return check.is_stream() ? ViStatus{VI_SUCCESS_TERM_CHAR} : ViStatus{VI_SUCCESS};
}

void rule_6_1_read_to_file(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  const Folder folder;
  const std::string path = folder / "read";
  put(path, "what was there before");
  std::string line(70'000, 'd');
  line += "\n";
  check.have_sent(vi, line);
  ViUInt32 count = 0;
  MUST_ANSWER(viReadToFile(vi, path.c_str(), 200'000, &count), end_of_line(check));
  check.that(count == line.size(), "retCnt is " + std::to_string(count));
  check.that(content(path) == line, "the file holds something else");
  // The count ends it as it ends viRead, and the rest stays readable.
  check.have_sent(vi, "0123456789\n");
  MUST_ANSWER(viReadToFile(vi, path.c_str(), 4, &count), VI_SUCCESS_MAX_CNT);
  check.that(count == 4 && content(path) == "0123", "the file holds something else");
  ViStatus status = VI_SUCCESS;
  check.that(check.read(vi, 100, status) == "456789\n", "the rest is not there");
}

void rule_6_1_read_to_file_appends_when_told(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  const Folder folder;
  const std::string path = folder / "append";
  ViUInt32 count = 0;
  check.set(vi, VI_ATTR_FILE_APPEND_EN, VI_TRUE);
  for (const char* const line : {"one\n", "two\n"}) {
    check.have_sent(vi, line);
    ANSWERS(viReadToFile(vi, path.c_str(), 100, &count), end_of_line(check));
  }
  check.that(content(path) == "one\ntwo\n", "the file holds: " + content(path));
  check.set(vi, VI_ATTR_FILE_APPEND_EN, VI_FALSE);
  check.have_sent(vi, "three\n");
  ANSWERS(viReadToFile(vi, path.c_str(), 100, &count), end_of_line(check));
  check.that(content(path) == "three\n", "the file holds: " + content(path));
}

void rule_6_1_read_to_file_keeps_what_came(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  const Folder folder;
  const std::string path = folder / "partial";
  check.set(vi, VI_ATTR_TERMCHAR_EN, VI_FALSE);
  check.set(vi, VI_ATTR_SUPPRESS_END_EN, VI_TRUE);
  check.have_sent(vi, "partial\n");
  check.set(vi, VI_ATTR_TMO_VALUE, 300);
  ViUInt32 count = 0;
  ANSWERS(viReadToFile(vi, path.c_str(), 100, &count), VI_ERROR_TMO);
  check.that(count == 8 && content(path) == "partial\n",
             "what came before the timeout is not in the file");
}

void rule_6_1_write_from_file(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  const Folder folder;
  const std::string path = folder / "write";
  std::string line(70'000, 'w');
  line += "\n";
  put(path, line + "beyond the count");
  check.write(vi, "RECEIVE\n");
  ViUInt32 count = 0;
  MUST_ANSWER(viWriteFromFile(vi, path.c_str(), static_cast<ViUInt32>(line.size()), &count),
              VI_SUCCESS);
  check.that(count == line.size(), "retCnt is " + std::to_string(count));
  check.write(vi, "SEND\n");
  ViStatus status = VI_SUCCESS;
  check.that(check.read(vi, 200'000, status) == line, "something else was written");
  // A file that is shorter than the count is sent up to its end.
  put(path, "*IDN?\n");
  MUST_ANSWER(viWriteFromFile(vi, path.c_str(), 1000, &count), VI_SUCCESS);
  check.that(count == 6, "retCnt is " + std::to_string(count));
  check.that(!check.read(vi, 512, status).empty(), "no answer to the question in the file");
}

void rule_6_1_files_that_are_not_there(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  const Folder folder;
  const std::string missing = folder / "missing";
  const std::string nowhere = folder / "no folder/file";
  ViUInt32 count = 77;
  ANSWERS(viWriteFromFile(vi, missing.c_str(), 10, &count), VI_ERROR_FILE_ACCESS);
  ANSWERS(viReadToFile(vi, nowhere.c_str(), 10, &count), VI_ERROR_FILE_ACCESS);
  check.that(content(missing).empty() && !std::filesystem::exists(missing), "a file was made");
  check.that(!check.ask(vi, "*IDN?\n").empty(), "the session is no good afterwards");
}

}  // namespace

Rules file_rules() {
  return {
      {"rule_6_1_read_to_file", rule_6_1_read_to_file, On::echoing},
      {"rule_6_1_read_to_file_appends_when_told", rule_6_1_read_to_file_appends_when_told,
       On::echoing},
      {"rule_6_1_read_to_file_keeps_what_came", rule_6_1_read_to_file_keeps_what_came, On::echoing},
      {"rule_6_1_write_from_file", rule_6_1_write_from_file, On::echoing},
      {"rule_6_1_files_that_are_not_there", rule_6_1_files_that_are_not_there, On::answering},
  };
}

}  // namespace visa::rules
