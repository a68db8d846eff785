// SPDX-License-Identifier: MIT
// The picture is never in a block. Of files in the instrument the drive C: is there in every
// family, also where no Windows is; those with Windows may not write to its root, so their current
// folder is asked for.
#include "tools/freevisa/tektronix_screen.h"

#include <algorithm>
#include <cstddef>

namespace visa::tool {
namespace {

constexpr std::string_view kFile = "freevisa-screen.png";

/// "TDS 2024B" in capitals without blanks.
std::string plain(std::string_view model) {
  std::string text;
  for (const char c : model) {
    if (c == ' ') continue;
    text += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return text;
}

/// The figures after the letters.
std::string_view number_of(std::string_view model) {
  const std::size_t begin = std::min(model.find_first_of("0123456789"), model.size());
  const std::size_t end = std::min(model.find_first_not_of("0123456789", begin), model.size());
  return model.substr(begin, end - begin);
}

std::string quoted_file(const std::string& path) {
  return " \"" + path + "\"";
}

/// A file that the instrument has written; it is deleted, whatever became of it.
std::string fetch(Instrument& scope, const std::string& path, Progress* progress) {
  const std::string read = "FILESystem:READFile" + quoted_file(path);
  scope.query_line("*OPC?");
  scope.send(read);
  std::string picture = scope.receive_picture(read, progress);
  scope.send("FILESystem:DELEte" + quoted_file(path));
  return picture;
}

std::string by_save(Instrument& scope, Progress* progress) {
  const std::string path = "C:/" + std::string(kFile);
  scope.send("SAVe:IMAGe" + quoted_file(path));
  return fetch(scope, path, progress);
}

std::string by_export(Instrument& scope, Progress* progress) {
  const std::string answer = scope.query_line("FILESystem:CWD?");  // with or without its header
  const std::size_t begin = answer.find('"');
  const std::size_t end = answer.rfind('"');
  std::string folder = begin < end ? answer.substr(begin + 1, end - begin - 1) : "C:";
  while (folder.ends_with('\\') || folder.ends_with('/')) folder.pop_back();
  const std::string path = folder + "\\" + std::string(kFile);
  scope.send("HARDCopy:PORT FILE");
  scope.send("EXPort:FORMat PNG");
  scope.send("HARDCopy:FILEName" + quoted_file(path));
  scope.send("HARDCopy STARt");
  return fetch(scope, path, progress);
}

std::string by_answer(Instrument& scope, Progress* progress) {
  scope.send("HARDCopy STARt");
  return scope.receive_picture("HARDCopy STARt", progress);
}

/// As the instrument calls the port that it is asked by.
std::string_view port_of(const Instrument& scope) {
  const std::string name = text_attribute(scope.session(), VI_ATTR_RSRC_NAME);
  if (name.starts_with("ASRL")) return "RS232";
  if (name.starts_with("USB")) return "USB";
  const bool gateway = name.find("::gpib") != std::string::npos;
  return name.starts_with("GPIB") || gateway ? "GPIB" : "ETHERnet";
}

}  // namespace

TektronixFamily tektronix_family(std::string_view model) {
  const std::string text = plain(model);
  const std::string_view number = number_of(text);
  const char first = number.empty() ? '0' : number.front();
  const bool mixed = text.starts_with("MSO") || text.starts_with("DPO") || text.starts_with("LPD");
  if (text.starts_with("MDO") || text.starts_with("TBS2")) return TektronixFamily::sends;
  if (text.starts_with("TDS") || text.starts_with("CSA")) {
    const bool windows = number.size() == 4 && first >= '5';
    return windows ? TektronixFamily::exports : TektronixFamily::hardcopy;
  }
  if (mixed && number.size() < 4) return TektronixFamily::saves;
  if (mixed && number.size() == 4 && first < '5') return TektronixFamily::sends;
  if (mixed || text.starts_with("DSA")) return TektronixFamily::exports;
  return TektronixFamily::hardcopy;
}

std::string tektronix_screen(Instrument& scope, std::string_view model, Progress* progress) {
  const std::string text = plain(model);
  switch (tektronix_family(text)) {
    case TektronixFamily::saves:
      return by_save(scope, progress);
    case TektronixFamily::exports:
      return by_export(scope, progress);
    case TektronixFamily::sends:
      scope.send("SAVe:IMAGe:FILEFormat PNG");
      return by_answer(scope, progress);
    case TektronixFamily::hardcopy:
      break;
  }
  // The TDS3000 and those with three figures from 300 on have colours, and call it otherwise.
  const std::string_view number = number_of(text);
  const bool colours = text.starts_with("TDS") && !number.empty() && number.front() >= '3';
  scope.send(colours ? "HARDCopy:FORMat BMPColor" : "HARDCopy:FORMat BMP");
  scope.send("HARDCopy:LAYout PORTRait");
  scope.send("HARDCopy:PORT " + std::string(port_of(scope)));
  return by_answer(scope, progress);
}

}  // namespace visa::tool
