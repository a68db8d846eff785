// SPDX-License-Identifier: MIT
// No name is looked up here. An IPv4 address is four decimal numbers and nothing else: resolvers
// disagree on octal and hexadecimal numbers and on short forms, so a name that a resolver could
// take for such an address is refused. inet_pton decides what an IPv6 address is.
#include "lib/model/resource_host.h"

#include <arpa/inet.h>

#include <algorithm>
#include <string>

#include "lib/model/ascii.h"

namespace visa::model {
namespace {

bool is_ipv6(std::string_view text) {
  const std::size_t percent = text.find('%');
  if (percent != std::string_view::npos) {
    const std::string_view zone = text.substr(percent + 1);  // the name of a network interface
    if (zone.empty() || zone.size() > 15 || !all(zone, [](char c) {
          return is_alphanumeric(c) || c == '-' || c == '_' || c == '.' || c == '@' || c == ':';
        })) {
      return false;
    }
    text = text.substr(0, percent);
  }
  in6_addr address;
  return inet_pton(AF_INET6, std::string(text).c_str(), &address) == 1;
}

/// Cuts the text before the next dot off `rest`.
std::string_view next_label(std::string_view& rest) {
  const std::string_view label = rest.substr(0, rest.find('.'));
  rest.remove_prefix(std::min(label.size() + 1, rest.size()));
  return label;
}

/// "10.0.0.7" for "010.0.0.007"; empty when `text` is no such address.
std::string read_ipv4(std::string_view text) {
  std::string address;
  for (int i = 0; i < 4; ++i) {
    const bool last = text.find('.') == std::string_view::npos;
    std::uint8_t number = 0;
    if (last != (i == 3) || !read_number(next_label(text), 0, 255, number)) return "";
    address += (i == 0 ? "" : ".") + std::to_string(number);
  }
  return address;
}

/// True for text that a resolver takes for an address: digits and dots, also with hexadecimal
/// numbers.
bool is_numbers(std::string_view text) {
  while (!text.empty()) {
    std::string_view label = next_label(text);
    const bool hexadecimal = starts_without_case(label, "0x");
    if (hexadecimal) label.remove_prefix(2);
    if (!all(label, [](char c) { return hex_value(c) >= 0; }) ||
        (!hexadecimal && !all(label, is_digit))) {
      return false;
    }
  }
  return true;
}

bool is_host(std::string_view text) {
  return !text.empty() && is_alphanumeric(text.front()) &&
         text.find("..") == std::string_view::npos &&
         all(text, [](char c) { return is_alphanumeric(c) || c == '-' || c == '.' || c == '_'; });
}

/// Takes the credential off the front of `text`.
bool read_credential(std::string_view& text, ResourceName& name, Fields& fields) {
  // The last '@' before a bracket: the zone inside the brackets may hold another.
  const std::size_t at = text.rfind('@', text.find('['));
  if (at == std::string_view::npos) return true;
  const std::string_view credential = text.substr(0, at);
  name.has_credential = true;
  name.credential = credential;
  text.remove_prefix(at + 1);
  return all(credential, [](char c) { return c > ' ' && c != ':' && c != '[' && c != ']'; }) ||
         fields.wrong(credential, "a credential without blanks, colons and brackets");
}

}  // namespace

bool read_host(std::string_view text, ResourceName& name, Fields& fields) {
  if (!read_credential(text, name, fields)) return false;
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
    const std::string_view address = text.substr(1, text.size() - 2);
    name.host_is_ipv6 = true;
    name.host = address;
    return is_ipv6(address) || fields.wrong(address, "an IPv6 address between the brackets");
  }
  if (!text.empty() && is_numbers(text)) {
    name.host = read_ipv4(text);
    return !name.host.empty() ||
           fields.wrong(text, "an address of four decimal numbers from 0 to 255");
  }
  name.host = text;
  return is_host(text) ||
         fields.wrong(text, "a host name (letters, digits, '-', '_', '.') or an address");
}

}  // namespace visa::model
