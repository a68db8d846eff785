// SPDX-License-Identifier: MIT
// The attribute table against conformance/spec/attributes.tsv and attribute_matrix.tsv, cell by
// cell. Where the table deviates on purpose, the exception says why; an exception that is no longer
// needed fails, too.
#include "lib/model/attribute_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "conformance/unit/lib/model/spec_sheet.h"
#include "lib/model/attribute_value.h"

namespace visa::model {
namespace {

constexpr std::size_t kNames = 235;
constexpr std::size_t kIds = 217;  // 18 names are macros for one of their twins

struct Exception {
  std::string name;
  Kind kind;
  std::string reason;
};

const std::vector<Exception>& exceptions() {
  static const std::string ni_firewire = "a note in attributes.tsv: NI also on FIREWIRE INSTR";
  static const std::vector<Exception> list = {
      {"VI_ATTR_SYNC_MXI_ALLOW_EN", Kind::vxi_backplane,
       "attributes.tsv says VXI without a class; the extender belongs to the backplane"},
      {"VI_ATTR_VXI_LA", Kind::pxi_memacc, "MEMACC means VXI and GPIB-VXI: PXI has no LA"},
      {"VI_ATTR_MANF_NAME", Kind::firewire_instr, ni_firewire},
      {"VI_ATTR_MODEL_NAME", Kind::firewire_instr, ni_firewire},
      {"VI_ATTR_SRC_INCREMENT", Kind::firewire_instr, ni_firewire},
      {"VI_ATTR_DEST_INCREMENT", Kind::firewire_instr, ni_firewire},
      {"VI_ATTR_WIN_ACCESS", Kind::firewire_instr, ni_firewire},
      {"VI_ATTR_WIN_BASE_ADDR", Kind::firewire_instr, ni_firewire},
      {"VI_ATTR_WIN_BASE_ADDR_32", Kind::firewire_instr, ni_firewire},
      {"VI_ATTR_WIN_BASE_ADDR_64", Kind::firewire_instr, ni_firewire},
      {"VI_ATTR_WIN_SIZE", Kind::firewire_instr, ni_firewire},
      {"VI_ATTR_WIN_SIZE_32", Kind::firewire_instr, ni_firewire},
      {"VI_ATTR_WIN_SIZE_64", Kind::firewire_instr, ni_firewire},
  };
  return list;
}

bool is_exception(const std::string& name, Kind kind) {
  return std::any_of(exceptions().begin(), exceptions().end(), [&](const Exception& exception) {
    return exception.name == name && exception.kind == kind;
  });
}

/// The code of a row; of the two that a pointer-wide name has, the one of this machine.
ViAttr code_of(const SheetRow& row) {
  const std::string& text = row.at("code");
  const std::size_t wide = text.find("64-bit 0x");
  const std::size_t begin =
      wide == std::string::npos || sizeof(void*) == 4 ? text.find("0x") : wide + 7;
  return static_cast<ViAttr>(std::stoul(text.substr(begin, 10), nullptr, 16));
}

TEST(AttributeTable, HoldsEveryNameAndCodeOfTheSheetAndNoOther) {
  const auto sheet = read_sheet("attributes.tsv");
  EXPECT_EQ(sheet.size(), kNames);
  std::set<ViAttr> codes;
  std::set<std::string> names;
  for (const SheetRow& row : sheet) {
    const Attribute* found = find_attribute_by_name(row.at("name"));
    ASSERT_NE(found, nullptr) << row.at("name");
    EXPECT_EQ(found->id, code_of(row)) << row.at("name");
    EXPECT_TRUE(attribute_exists(code_of(row)));
    codes.insert(code_of(row));
    names.insert(row.at("name"));
  }
  EXPECT_EQ(codes.size(), kIds);
  std::set<ViAttr> table_codes;
  for (const Attribute& row : attribute_table()) {
    table_codes.insert(row.id);
    EXPECT_TRUE(names.count(std::string(row.name))) << row.name;
  }
  EXPECT_EQ(table_codes, codes);
}

TEST(AttributeTable, TypesAndSizesAreThoseOfTheSheet) {
  const std::map<std::string, AttributeType> types = {
      {"ViString", AttributeType::string},
      {"ViRsrc", AttributeType::string},
      {"ViVersion", AttributeType::uint32},
      {"ViAccessMode", AttributeType::uint32},
      {"ViUInt32", AttributeType::uint32},
      {"ViUInt16", AttributeType::uint16},
      {"ViInt16", AttributeType::int16},
      {"ViInt32", AttributeType::int32},
      {"ViUInt8", AttributeType::uint8},
      {"ViBoolean", AttributeType::boolean},
      {"ViSession", AttributeType::session},
      {"ViUInt64", AttributeType::uint64},
      {"ViStatus", AttributeType::status},
      {"ViEventType", AttributeType::uint32},
      {"ViJobId", AttributeType::uint32},
      {"ViBuf", AttributeType::address},
      {"ViAUInt8", AttributeType::bytes},
      {"ViBusAddress64", AttributeType::bus_address},
      {"ViUInt8[] (PEM text)", AttributeType::bytes},
      {"ViUInt16 (NI metadata)", AttributeType::uint16},
  };
  for (const SheetRow& row : read_sheet("attributes.tsv")) {
    const std::string& name = row.at("name");
    const Attribute* found = find_attribute_by_name(name);
    ASSERT_NE(found, nullptr) << name;
    if (found->name != name) {
      // A pointer-wide name: its own type is as wide as that of the twin it stands for.
      EXPECT_EQ(size_of(found->type), sizeof(void*)) << name;
      continue;
    }
    const auto type = types.find(row.at("type"));
    ASSERT_NE(type, types.end()) << row.at("type");
    EXPECT_EQ(found->type, type->second) << name;
    const std::string& size = row.at("size_bytes");
    if (size == "4/8 pointer") {
      EXPECT_EQ(size_of(found->type), sizeof(void*)) << name;
    } else if (size == "str" || size == "array" || size == "?") {
      EXPECT_EQ(size_of(found->type), 0U) << name;
    } else {
      EXPECT_EQ(std::to_string(size_of(found->type)), size) << name;
    }
  }
}

const std::vector<std::pair<std::string, Kind>> kColumns = {
    {"RM", Kind::resource_manager},       {"ASRL_INSTR", Kind::asrl_instr},
    {"GPIB_INSTR", Kind::gpib_instr},     {"GPIB_INTFC", Kind::gpib_intfc},
    {"TCPIP_VXI11", Kind::tcpip_vxi11},   {"TCPIP_HISLIP", Kind::tcpip_hislip},
    {"TCPIP_SOCKET", Kind::tcpip_socket}, {"USB_INSTR", Kind::usb_instr},
    {"USB_RAW", Kind::usb_raw},           {"PXI_INSTR", Kind::pxi_instr},
    {"VXI_INSTR", Kind::vxi_instr},
};

std::string cell_of(const Attribute* row) {
  if (row == nullptr) {
    return "-";
  }
  switch (row->access) {
    case Access::read_only:
      return "RO";
    case Access::read_write:
      return "RW";
    case Access::read_write_until_event:
    case Access::read_write_unless_event:
      return "RW-until-event";
    case Access::read_write_until_map:
      return "RW-until-map";
  }
  return "?";
}

TEST(AttributeTable, EveryCellOfTheMatrixIsInTheTable) {
  const auto matrix = read_sheet("attribute_matrix.tsv");
  EXPECT_EQ(matrix.size(), kNames);
  for (const SheetRow& row : matrix) {
    const Attribute* any = find_attribute_by_name(row.at("name"));
    ASSERT_NE(any, nullptr) << row.at("name");
    for (const auto& [column, kind] : kColumns) {
      EXPECT_EQ(cell_of(find_attribute(any->id, kind)), row.at(column))
          << row.at("name") << " " << column;
    }
    KindSet kinds;
    for (const Attribute& each : attribute_rows(any->id)) {
      kinds = kinds | each.kinds;
    }
    EXPECT_EQ(kinds.intersects(kEventKinds), row.at("EVENT") == "RO") << row.at("name");
  }
}

TEST(AttributeTable, OnlyMaxQueueLengthIsFrozenForGood) {
  for (const Attribute& row : attribute_table()) {
    EXPECT_EQ(row.access == Access::read_write_until_event, row.id == VI_ATTR_MAX_QUEUE_LENGTH)
        << row.name;
  }
  EXPECT_EQ(find_attribute(VI_ATTR_TRIG_ID, Kind::tcpip_vxi11)->event, VI_EVENT_TRIG);
  EXPECT_EQ(find_attribute(VI_ATTR_TERMCHAR, Kind::asrl_instr)->event, VI_EVENT_ASRL_TERMCHAR);
  EXPECT_EQ(find_attribute(VI_ATTR_USB_MAX_INTR_SIZE, Kind::usb_instr)->event, VI_EVENT_USB_INTR);
  EXPECT_EQ(find_attribute(VI_ATTR_USB_ALT_SETTING, Kind::usb_raw)->event, VI_EVENT_USB_INTR);
}

TEST(AttributeTable, ScopesAreThoseOfBothSheets) {
  for (const std::string sheet : {"attributes.tsv", "attribute_matrix.tsv"}) {
    for (const SheetRow& row : read_sheet(sheet)) {
      const std::string scope = split(row.at("scope"), ' ').front();  // "local (unverified)"
      const Attribute* any = find_attribute_by_name(row.at("name"));
      ASSERT_NE(any, nullptr) << row.at("name");
      for (const Attribute& each : attribute_rows(any->id)) {
        if (scope == "G/L") {
          // PXI_TRIG_BUS: INSTR RO global, BACKPLANE RW local
          EXPECT_EQ(each.scope,
                    each.kinds.contains(Kind::pxi_instr) ? Scope::global : Scope::local);
        } else if (scope == "?") {
          EXPECT_TRUE(each.kinds == Kind::firewire_instr || each.kinds == Kind::vxi_backplane)
              << "only NI extensions without a documented scope: " << each.name;
        } else {
          EXPECT_EQ(each.scope, scope == "local"    ? Scope::local
                                : scope == "global" ? Scope::global
                                                    : Scope::event)
              << each.name;
        }
      }
    }
  }
}

// ---- kinds that are no column of the matrix: what applies_to says in words --------------------

struct Place {
  Kind kind;
  std::string interface;
  std::string resource_class;
};

const std::vector<Place> kOtherKinds = {
    {Kind::gpib_servant, "GPIB", "SERVANT"},
    {Kind::gpib_vxi_instr, "GPIB-VXI", "INSTR"},
    {Kind::gpib_vxi_memacc, "GPIB-VXI", "MEMACC"},
    {Kind::gpib_vxi_backplane, "GPIB-VXI", "BACKPLANE"},
    {Kind::vxi_memacc, "VXI", "MEMACC"},
    {Kind::vxi_backplane, "VXI", "BACKPLANE"},
    {Kind::vxi_servant, "VXI", "SERVANT"},
    {Kind::pxi_memacc, "PXI", "MEMACC"},
    {Kind::pxi_backplane, "PXI", "BACKPLANE"},
    {Kind::tcpip_servant, "TCPIP", "SERVANT"},
    {Kind::firewire_instr, "FIREWIRE", "INSTR"},
};

/// Reads "INSTR(VXI,GPIB-VXI) MEMACC/BACKPLANE(GPIB-VXI) SERVANT"; a class without a list means
/// every interface.
bool applies(const std::string& text, const Place& place) {
  if (text.rfind("all", 0) == 0) {
    return true;
  }
  static const std::regex kTerm(R"(([A-Z]+(?:/[A-Z]+)*)(?:\(([^)]*)\))?)");
  for (std::sregex_iterator it(text.begin(), text.end(), kTerm), end; it != end; ++it) {
    const auto classes = split((*it)[1], '/');
    if (std::find(classes.begin(), classes.end(), place.resource_class) == classes.end()) {
      continue;
    }
    if (!(*it)[2].matched || (*it)[2] == "all") {
      return true;
    }
    std::string list = (*it)[2];
    std::replace(list.begin(), list.end(), ';', ',');
    for (std::string word : split(list, ',')) {
      word.erase(0, word.find_first_not_of(' '));
      if (split(word, ' ').front() == place.interface) {
        return true;
      }
    }
  }
  return false;
}

TEST(AttributeTable, OtherKindsHaveWhatTheSheetSaysInWords) {
  const auto sheet = read_sheet("attributes.tsv");
  std::set<std::pair<std::string, Kind>> used;
  for (const SheetRow& row : sheet) {
    const std::string& name = row.at("name");
    std::string applies_to = row.at("applies_to");
    if (applies_to.rfind("event", 0) == 0 || applies_to.rfind("every event", 0) == 0) {
      applies_to = "";
    } else if (name.rfind("VI_ATTR_TCPIP_", 0) == 0 && applies_to.rfind("SOCKET;", 0) == 0) {
      applies_to = "";  // prose about TCPIP classes, all of which are columns of the matrix
    } else if (applies_to == "as GPIB_PRIMARY_ADDR") {
      applies_to = "INSTR(GPIB,GPIB-VXI) INTFC SERVANT(GPIB) MEMACC/BACKPLANE(GPIB-VXI)";
    }
    const Attribute* any = find_attribute_by_name(name);
    ASSERT_NE(any, nullptr) << name;
    for (const Place& place : kOtherKinds) {
      const Attribute* found = find_attribute(any->id, place.kind);
      const bool agrees = (found != nullptr) == applies(applies_to, place);
      if (is_exception(name, place.kind)) {
        EXPECT_FALSE(agrees) << "needless exception: " << name;
        used.emplace(name, place.kind);
        continue;
      }
      EXPECT_TRUE(agrees) << name << " on " << visa::model::name(place.kind) << ": " << applies_to;
      if (found != nullptr && row.at("access").find(';') == std::string::npos) {
        EXPECT_EQ(writable(*found), row.at("access").rfind("RW", 0) == 0) << name;
      }
    }
  }
  EXPECT_EQ(used.size(), exceptions().size());
}

TEST(AttributeTable, BoardsMaySetTheirAddressAndDevicesMayNot) {
  for (const ViAttr id : {ViAttr{VI_ATTR_GPIB_PRIMARY_ADDR}, ViAttr{VI_ATTR_GPIB_SECONDARY_ADDR}}) {
    EXPECT_TRUE(writable(*find_attribute(id, Kind::gpib_intfc)));
    EXPECT_TRUE(writable(*find_attribute(id, Kind::gpib_servant)));
    EXPECT_FALSE(writable(*find_attribute(id, Kind::gpib_instr)));
    EXPECT_FALSE(writable(*find_attribute(id, Kind::gpib_vxi_memacc)));
  }
  EXPECT_FALSE(writable(*find_attribute(VI_ATTR_PXI_TRIG_BUS, Kind::pxi_instr)));
  EXPECT_TRUE(writable(*find_attribute(VI_ATTR_PXI_TRIG_BUS, Kind::pxi_backplane)));
}

TEST(AttributeTable, EventContextsHaveTheAttributesOfTheirType) {
  for (const SheetRow& row : read_sheet("attributes.tsv")) {
    const std::string& applies_to = row.at("applies_to");
    const Attribute* any = find_attribute_by_name(row.at("name"));
    ASSERT_NE(any, nullptr);
    const bool every = applies_to.find("every event context") != std::string::npos;
    const auto named = applies_to.rfind("event: ", 0) == 0 ? split(applies_to.substr(7), ',')
                                                           : std::vector<std::string>{};
    for (auto i = static_cast<unsigned>(Kind::event_io_completion); i < kKindCount; ++i) {
      const Kind kind = static_cast<Kind>(i);
      const std::string type = std::string(name(kind)).substr(6);  // after "event "
      const bool expected =
          every || std::any_of(named.begin(), named.end(), [&type](std::string word) {
            word.erase(0, word.find_first_not_of(' '));
            return word == type;
          });
      EXPECT_EQ(find_attribute(any->id, kind) != nullptr, expected)
          << row.at("name") << " " << type;
    }
  }
}

TEST(AttributeTable, FindListsKnowTheLibraryOnly) {
  std::set<ViAttr> ids;
  for (const Attribute& row : attribute_table()) {
    if (row.kinds.contains(Kind::find_list)) {
      ids.insert(row.id);
    }
  }
  EXPECT_EQ(ids, (std::set<ViAttr>{VI_ATTR_RSRC_IMPL_VERSION, VI_ATTR_RSRC_SPEC_VERSION,
                                   VI_ATTR_RSRC_MANF_NAME, VI_ATTR_RSRC_MANF_ID}));
}

TEST(AttributeTable, DefaultsAreThoseOfTheStandard) {
  const auto initially = [](ViAttr id, Kind kind) {
    const Attribute* row = find_attribute(id, kind);
    EXPECT_TRUE(row != nullptr && row->has_default) << std::hex << id;
    return row == nullptr ? ~std::uint64_t{0} : row->default_value;
  };
  EXPECT_EQ(initially(VI_ATTR_TMO_VALUE, Kind::tcpip_socket), 2000U);
  EXPECT_EQ(initially(VI_ATTR_MAX_QUEUE_LENGTH, Kind::resource_manager), 50U);
  EXPECT_EQ(initially(VI_ATTR_TERMCHAR, Kind::tcpip_socket), 0x0AU);
  EXPECT_EQ(initially(VI_ATTR_TERMCHAR, Kind::asrl_instr), 0x0AU);
  EXPECT_EQ(initially(VI_ATTR_TERMCHAR_EN, Kind::tcpip_socket), 0U);
  EXPECT_EQ(initially(VI_ATTR_SEND_END_EN, Kind::tcpip_socket), 1U);
  EXPECT_EQ(initially(VI_ATTR_SUPPRESS_END_EN, Kind::tcpip_socket), 1U);
  EXPECT_EQ(initially(VI_ATTR_SUPPRESS_END_EN, Kind::tcpip_vxi11), 0U);
  EXPECT_EQ(initially(VI_ATTR_SUPPRESS_END_EN, Kind::usb_raw), 0U);
  EXPECT_EQ(initially(VI_ATTR_IO_PROT, Kind::tcpip_socket), VI_PROT_NORMAL + 0U);
  EXPECT_EQ(initially(VI_ATTR_TRIG_ID, Kind::gpib_instr), signed_value(VI_TRIG_SW));
  EXPECT_EQ(initially(VI_ATTR_RD_BUF_OPER_MODE, Kind::usb_instr), VI_FLUSH_DISABLE + 0U);
  EXPECT_EQ(initially(VI_ATTR_WR_BUF_OPER_MODE, Kind::usb_instr), VI_FLUSH_WHEN_FULL + 0U);
  EXPECT_EQ(initially(VI_ATTR_RSRC_SPEC_VERSION, Kind::resource_manager), 0x00700200U);
  EXPECT_EQ(initially(VI_ATTR_TCPIP_NODELAY, Kind::tcpip_socket), 1U);
  EXPECT_EQ(initially(VI_ATTR_TCPIP_KEEPALIVE, Kind::tcpip_socket), 0U);
  EXPECT_EQ(initially(VI_ATTR_ASRL_BAUD, Kind::asrl_instr), 9600U);
  EXPECT_EQ(initially(VI_ATTR_ASRL_END_IN, Kind::asrl_instr), VI_ASRL_END_TERMCHAR + 0U);
}

TEST(AttributeTable, TwinsShareTheStorageOfTheWideOne) {
  for (const Attribute& row : attribute_table()) {
    const std::string name(row.name);
    const bool narrow_twin = name.size() > 3 && name.ends_with("_32");
    EXPECT_EQ(row.storage == row.id, !narrow_twin) << name;
    if (narrow_twin) {
      // Not the name without a width, which means the narrow one where addresses have 32 bits.
      const Attribute* wide = find_attribute_by_name(name.substr(0, name.size() - 2) + "64");
      ASSERT_NE(wide, nullptr) << name;
      EXPECT_EQ(row.storage, wide->id) << name;
    }
  }
}

TEST(AttributeTable, UnknownIdsAndKindsFindNothing) {
  EXPECT_EQ(find_attribute(0, Kind::tcpip_socket), nullptr);
  EXPECT_EQ(find_attribute(0xFFFFFFFF, Kind::tcpip_socket), nullptr);
  EXPECT_EQ(find_attribute(VI_ATTR_TMO_VALUE, Kind::resource_manager), nullptr);
  EXPECT_EQ(find_attribute(VI_ATTR_TMO_VALUE, Kind::count), nullptr);
  EXPECT_FALSE(attribute_exists(0x3FFF0006));
  EXPECT_TRUE(attribute_rows(0x3FFF0006).empty());
  EXPECT_EQ(find_attribute_by_name(""), nullptr);
  EXPECT_EQ(find_attribute_by_name("VI_ATTR_"), nullptr);
  EXPECT_EQ(find_attribute_by_name("vi_attr_tmo_value"),
            find_attribute(VI_ATTR_TMO_VALUE, Kind::gpib_instr));
}

}  // namespace
}  // namespace visa::model
