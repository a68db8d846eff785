// SPDX-License-Identifier: MIT
// Reads a sheet of conformance/spec: tab-separated facts, the first line names the columns. For
// tests; a sheet that is missing or empty fails the test that asked.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "spec_dir.h"

namespace visa::model {

using SheetRow = std::map<std::string, std::string>;

inline std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (std::size_t end = 0; end != std::string::npos; begin = end + 1) {
    end = text.find(separator, begin);
    parts.push_back(text.substr(begin, end - begin));
  }
  return parts;
}

inline std::vector<SheetRow> read_sheet(const std::string& name) {
  const std::string path = std::string(FREEVISA_SPEC_DIR) + "/" + name;
  std::ifstream file(path);
  std::vector<SheetRow> rows;
  std::string line;
  if (!std::getline(file, line)) {
    ADD_FAILURE() << "cannot read " << path;
    return rows;
  }
  const std::vector<std::string> columns = split(line, '\t');
  while (std::getline(file, line)) {
    const std::vector<std::string> cells = split(line, '\t');
    SheetRow row;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      row[columns[i]] = i < cells.size() ? cells[i] : "";
    }
    rows.push_back(std::move(row));
  }
  EXPECT_GT(rows.size(), 0U) << path;
  return rows;
}

}  // namespace visa::model
