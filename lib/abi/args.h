// SPDX-License-Identifier: MIT
// How the trace shows the arguments of an exported function, one description per argument:
//
//   Args{in("vi", vi), in("count", count), out("retCount", retCnt)}
//
// Nothing is formatted, and no pointer followed, unless the trace is on. Results are shown only
// when the function wrote them (never through a null pointer, never after a failure unless the
// description says so).
#pragma once

#include <visa.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>

#include "lib/base/status.h"

namespace visa::abi {

/// The formatting behind the descriptions; see args.cpp for the bounds.
std::string show_number(std::uint64_t value);
std::string show_number(std::int64_t value);
std::string show_text(const char* text);
std::string show_bytes(const void* data, std::size_t size);
/// The same for a password: asterisks, as many as it has bytes.
std::string show_hidden(std::size_t size);
/// The same for a message to an instrument: passwords in it are hidden (secret_filter.h).
std::string show_message(const void* data, std::size_t size);
std::string show_attribute(ViAttr id);
std::string show_event(ViEventType type);
std::string show_pointer(const void* pointer);

template <class T>
std::string show(T value) {
  if constexpr (std::is_pointer_v<T>) {
    return show_pointer(reinterpret_cast<const void*>(value));
  } else if constexpr (std::is_signed_v<T>) {
    return show_number(static_cast<std::int64_t>(value));
  } else {
    return show_number(static_cast<std::uint64_t>(value));
  }
}

/// An argument passed by value.
template <class T>
struct In {
  const char* name;
  T value;
  std::string in() const { return show(value); }
  std::string out(Status) const { return {}; }
};
template <class T>
In<T> in(const char* name, T value) {
  return {name, value};
}

/// A string argument.
struct InText {
  const char* name;
  const char* text;
  std::string in() const { return show_text(text); }
  std::string out(Status) const { return {}; }
};

/// A data argument.
struct InBytes {
  const char* name;
  const void* data;
  std::size_t size;
  std::string in() const { return show_message(data, size); }
  std::string out(Status) const { return {}; }
};

/// VI_ATTR_* and VI_EVENT_* by name.
struct InAttribute {
  const char* name;
  ViAttr id;
  std::string in() const { return show_attribute(id); }
  std::string out(Status) const { return {}; }
};
struct InEvent {
  const char* name;
  ViEventType type;
  std::string in() const { return show_event(type); }
  std::string out(Status) const { return {}; }
};

/// A result in the caller's memory. A failed call writes counts, too.
template <class T>
struct Out {
  const char* name;
  const T* pointer;
  bool even_failed;
  std::string in() const { return {}; }
  std::string out(Status status) const {
    if (pointer == nullptr || (failed(status) && !even_failed)) return {};
    return show(*pointer);
  }
};
template <class T>
Out<T> out(const char* name, const T* pointer, bool even_failed = false) {
  return {name, pointer, even_failed};
}

/// A string result in the caller's buffer.
struct OutText {
  const char* name;
  const char* text;
  std::string in() const { return {}; }
  std::string out(Status status) const {
    return text == nullptr || failed(status) ? std::string() : show_text(text);
  }
};

/// A data result, as many bytes as `*count` says; asterisks where `*secret`.
struct OutBytes {
  const char* name;
  const void* data;
  const ViUInt32* count;
  const bool* secret;
  std::string in() const { return {}; }
  std::string out(Status) const {
    if (data == nullptr || count == nullptr) return {};
    return *secret ? show_hidden(*count) : show_bytes(data, *count);
  }
};

template <class... A>
class Args {
 public:
  explicit Args(A... args) : args_(args...) {}

  std::string in() const {
    return join([](const auto& arg) { return arg.in(); });
  }
  std::string out(Status status) const {
    return join([status](const auto& arg) { return arg.out(status); });
  }

 private:
  template <class Show>
  std::string join(Show show_one) const {
    std::string text;
    std::apply([&](const auto&... arg) { (append(text, arg.name, show_one(arg)), ...); }, args_);
    return text;
  }
  static void append(std::string& text, const char* name, const std::string& value) {
    if (value.empty()) return;
    if (!text.empty()) text += ", ";
    text.append(name).append("=").append(value);
  }

  std::tuple<A...> args_;
};

}  // namespace visa::abi
