// SPDX-License-Identifier: MIT
// Parses a resource name from both ends: interface and board first, the class last;
// resource_name_grammar.cpp parses the fields between them. Blanks are not skipped.
#include <algorithm>

#include "lib/model/ascii.h"
#include "lib/model/resource_name.h"
#include "lib/model/resource_name_fields.h"

namespace visa::model {
namespace {

constexpr ResourceClass kClasses[] = {
    ResourceClass::instr,     ResourceClass::intfc,  ResourceClass::servant, ResourceClass::memacc,
    ResourceClass::backplane, ResourceClass::socket, ResourceClass::raw,
};

/// The class that `text` names; none when it names none.
ResourceClass class_of(std::string_view text) noexcept {
  for (const ResourceClass one : kClasses) {
    if (equal_without_case(text, keyword(one))) return one;
  }
  return ResourceClass::none;
}

bool read_board(std::string_view whole, std::string_view board, Fields& fields,
                ResourceName& name) {
  if (name.interface == Interface::asrl && board.starts_with('/')) {
    name.path = board;
    return board.size() > 1 || fields.wrong(board, "the path of a device node");
  }
  if (board.empty() || read_number(board, 0, 0xFFFF, name.board)) return true;
  if (board.starts_with(':')) return fields.wrong(board, "'::' after the interface");
  if (whole.find("::") == std::string_view::npos) {
    return fields.wrong(whole, "a resource name or an alias of the configuration");
  }
  return fields.wrong(board, "a board number from 0 to 65535 after the interface");
}

/// Takes the keyword with its board number, or ASRL with its path, off the front of `text`.
bool read_head(std::string_view& text, Fields& fields, ResourceName& name) {
  static constexpr Interface kInterfaces[] = {
      Interface::gpib_vxi,  // before GPIB, which is a prefix of it
      Interface::gpib,     Interface::vxi, Interface::asrl,     Interface::pxi,
      Interface::tcpip,    Interface::usb, Interface::firewire,
  };
  for (const Interface interface : kInterfaces) {
    if (starts_without_case(text, keyword(interface))) {
      name.interface = interface;
      break;
    }
  }
  const std::string_view whole = text;
  const std::size_t begin = keyword(name.interface).size();
  const std::size_t end = std::min(text.find("::"), text.size());
  if (name.interface == Interface::none) {
    return fields.wrong(text.substr(0, end),
                        "an alias or an interface (ASRL, FIREWIRE, GPIB, GPIB-VXI, PXI, TCPIP, "
                        "USB, VXI)");
  }
  text.remove_prefix(std::min(end + 2, text.size()));
  return read_board(whole, whole.substr(begin, end - begin), fields, name);
}

/// Takes the class off the end of `fields`; INSTR when there is none.
void read_class(Fields& fields, ResourceName& name) {
  name.resource_class = ResourceClass::instr;
  if (fields.count == 0) return;
  const ResourceClass written = class_of(fields[fields.count - 1]);
  if (written != ResourceClass::none) {
    name.resource_class = written;
    fields.written_class = fields[--fields.count];
  }
}

/// Refuses characters that are allowed nowhere in a name.
bool has_allowed_characters(std::string_view text, Fields& fields) {
  if (text.size() > kMaxResourceNameLength) {
    return fields.wrong(text.substr(kMaxResourceNameLength), "at most 255 characters");
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] < ' ' || text[i] > '~') {
      return fields.wrong(text.substr(i, 1), "printable ASCII characters");
    }
  }
  // A last field that ends in a colon would split elsewhere once "::INSTR" follows it.
  if (text.ends_with(':')) {
    return fields.wrong(text.substr(text.find_last_not_of(':') + 1), "no colon at the end");
  }
  return true;
}

bool parse(std::string_view text, Fields& fields, ResourceName& name) {
  fields.written_class = text.substr(text.size());
  if (!has_allowed_characters(text, fields)) return false;
  const std::size_t blank = text.find(' ');
  const std::string_view whole = text;
  const bool more = text.find("::") != std::string_view::npos;
  if (!read_head(text, fields, name)) return false;
  if (blank != std::string_view::npos && name.interface != Interface::usb) {
    return fields.wrong(whole.substr(blank, 1),
                        "no blank (a USB serial number alone may hold any)");
  }
  const bool brackets = name.interface == Interface::tcpip || name.interface == Interface::asrl;
  if (more && !split(text, brackets, fields)) return false;
  read_class(fields, name);
  if (!parse_fields(fields, name)) return false;
  return name.canonical().size() <= kMaxResourceNameLength ||
         fields.wrong(whole.substr(whole.size()), "at most 255 characters in the full name");
}

/// True for text that looks like an IPv6 address, as far as one field shows: "2001:db8", "fe80::1".
bool looks_like_ipv6(std::string_view field) {
  return all(field, [](char c) { return hex_value(c) >= 0 || c == ':'; }) &&
         (std::count(field.begin(), field.end(), ':') > 1 ||
          !all(field, [](char c) { return is_digit(c) || c == ':'; }));
}

/// The most frequent typing error is one colon too few or too many, and then the parts after it are
/// refused. When such a colon stands before or in the refused part, report it as the mistake.
void report_stray_colon(std::string_view text, const ResourceName& name, Mistake& mistake) {
  if (name.interface == Interface::none || name.interface == Interface::usb) return;
  const auto refused =
      static_cast<std::size_t>(mistake.found.data() - text.data()) + mistake.found.size();
  for (std::size_t at = text.find(':'); at < refused && text[at] == ':';) {
    const std::size_t end = std::min(text.find_first_not_of(':', at), text.size());
    if (text.find('[') < at) {
      return;  // colons of an IPv6 address
    }
    if (end - at == 1 || end - at == 3) {
      const std::size_t next = std::min(text.find("::", end), text.size());
      const std::size_t start = text.rfind("::", at) + 2;
      const std::string_view field = text.substr(start, next - start);
      if (end - at == 1 && start >= 2 && start <= at && looks_like_ipv6(field)) {
        mistake = {field, "an IPv6 address in square brackets"};
      } else {
        mistake = {text.substr(at, next - at),
                   class_of(text.substr(end, next - end)) != ResourceClass::none
                       ? "'::' before the resource class"
                       : "'::' between the parts"};
      }
      return;
    }
    at = std::min(text.find(':', end), text.size());
    if (at == text.size()) return;
  }
}

}  // namespace

Result<ResourceName> parse_resource_name(std::string_view text, Mistake* mistake) {
  ResourceName name;
  Fields fields;
  if (parse(text, fields, name)) return name;
  if (mistake != nullptr) {
    fields.wrong(text, "a resource name");  // if no better mistake is recorded
    *mistake = fields.mistake;
    report_stray_colon(text, name, *mistake);
  }
  return Status::error_inv_rsrc_name;
}

}  // namespace visa::model
