// SPDX-License-Identifier: MIT
// The keys of [hislip], which tools/sim/README.md explains.
#include "tools/sim/hislip/hislip_description.h"

#include "tools/sim/tables/table_reader.h"

namespace visa::sim {
namespace {

constexpr std::uint16_t kVersions[] = {kHislipVersion1, 0x0101, kHislipVersion2};

bool is_sub_address(const std::string& text) {
  return text.size() <= 32 && text.starts_with("hislip") &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789") == std::string::npos;
}

}  // namespace

std::unique_ptr<const HislipDescription> read_hislip_description(TableReader& table) {
  auto result = std::make_unique<HislipDescription>();
  HislipDescription& hislip = *result;
  hislip.device = table.text("device").value_or("");
  if (table.has("device") && !is_sub_address(hislip.device)) {
    table.mistake("device",
                  "expected a name as in \"hislip3\": \"hislip\" with small letters and digits");
    hislip.device.clear();
  }
  if (const auto word = table.word("overlap", {"never", "allowed", "preferred", "always"})) {
    hislip.overlap = static_cast<HislipOverlap>(*word);
  }
  if (const auto word = table.word("version", {"1.0", "1.1", "2.0"})) {
    hislip.version = kVersions[*word];
  }
  if (const auto most = table.integer("max_receive", 1,
                                      static_cast<std::int64_t>(HislipDescription::kMostReceive))) {
    hislip.max_receive = static_cast<std::uint64_t>(*most);
  }
  if (const auto most = table.integer("largest_answer", 1, 1 << 30)) {
    hislip.largest_answer = static_cast<std::size_t>(*most);
  }
  hislip.strict_ids = table.boolean("strict_ids").value_or(false);
  return result;
}

}  // namespace visa::sim
