// SPDX-License-Identifier: MIT
// A table that is missing or empty ends the suite before the first rule.
#include "conformance/rules/sheet.h"

#include <cstdio>
#include <fstream>
#include <stdexcept>

namespace visa::rules {
namespace {

std::vector<std::string> cut(const std::string& line) {
  std::vector<std::string> fields;
  std::size_t from = 0;
  for (;;) {
    const std::size_t to = line.find('\t', from);
    fields.push_back(line.substr(from, to == std::string::npos ? to : to - from));
    if (to == std::string::npos) return fields;
    from = to + 1;
  }
}

}  // namespace

Sheet read_sheet(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line)) throw std::runtime_error(path + ": cannot be read");
  const auto columns = cut(line);
  Sheet sheet;
  while (std::getline(file, line)) {
    if (line.empty()) continue;
    const auto fields = cut(line);
    if (fields.size() > columns.size())
      throw std::runtime_error(path + ": too many fields: " + line);
    Row row;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      row[columns[i]] = i < fields.size() ? fields[i] : std::string();
    }
    sheet.push_back(std::move(row));
  }
  if (sheet.empty()) throw std::runtime_error(path + ": holds no row");
  return sheet;
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = text.find(separator);
    std::string_view part = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    const std::size_t first = part.find_first_not_of(' ');
    if (first == std::string_view::npos) continue;
    part = part.substr(first, part.find_last_not_of(' ') - first + 1);
    parts.emplace_back(part);
  }
  return parts;
}

Facts::Facts(const std::string& spec_folder, const std::string& rules_folder)
    : attributes(read_sheet(spec_folder + "/attributes.tsv")),
      matrix(read_sheet(spec_folder + "/attribute_matrix.tsv")),
      functions(read_sheet(spec_folder + "/functions.tsv")),
      function_status(read_sheet(spec_folder + "/function_status.tsv")),
      statuses(read_sheet(spec_folder + "/status_codes.tsv")),
      clauses(read_sheet(rules_folder + "/clauses.tsv")),
      attribute_values(read_sheet(rules_folder + "/attribute_values.tsv")),
      names(read_sheet(rules_folder + "/names.tsv")),
      finds(read_sheet(rules_folder + "/finds.tsv")) {
  for (const Row& row : statuses) {
    const auto value = static_cast<ViStatus>(std::stoul(row.at("hex"), nullptr, 16));
    // Synonyms share a number (VI_ERROR_INV_SESSION is VI_ERROR_INV_OBJECT): keep the first name.
    symbols_.emplace(value, row.at("name"));
    by_name_.emplace(row.at("name"), value);
  }
}

std::string Facts::symbol(ViStatus status) const {
  const auto found = symbols_.find(status);
  if (found != symbols_.end()) return found->second;
  char text[16];
  std::snprintf(text, sizeof text, "0x%08X", static_cast<unsigned>(status));
  return text;
}

ViStatus Facts::status(const std::string& name) const {
  return by_name_.at(name);
}

const Row& Facts::attribute(const std::string& name) const {
  for (const Row& row : attributes) {
    if (row.at("name") == name) return row;
  }
  throw std::out_of_range(name);
}

ViAttr Facts::code(const Row& attribute) {
  // "0x3FFF0007" or "32-bit 0x3FFF0007 / 64-bit 0x3FFF000A"
  const std::string& text = attribute.at("code");
  const std::size_t wide = text.find("64-bit ");
  std::size_t start = 0;
  if (wide != std::string::npos) start = sizeof(void*) == 8 ? wide + 7 : text.find("0x");
  return static_cast<ViAttr>(std::stoul(text.substr(start), nullptr, 16));
}

}  // namespace visa::rules
