// SPDX-License-Identifier: MIT
// The operations every resource has (VPP-4.3 chapter 3): life, attributes, locks, statuses.
#include <visa.h>

#include <cstdio>
#include <cstring>
#include <string>

#include "lib/abi/guard.h"
#include "lib/abi/store.h"
#include "lib/core/resource.h"
#include "lib/core/resource_manager.h"
#include "lib/core/thread_failure.h"
#include "lib/model/attribute_table.h"
#include "lib/model/status_table.h"

namespace {

using visa::Status;
using visa::abi::Args;
using visa::abi::in;
using visa::abi::InAttribute;
using visa::abi::InText;
using visa::abi::on;
using visa::abi::on_library;
using visa::abi::OutText;
using visa::abi::store_text;
using visa::core::Library;
using visa::core::Object;
using visa::core::Resource;
using visa::core::ResourceManager;

/// What viGetAttribute wrote, for the trace: a string, or a number of the attribute's own width.
struct OutValue {
  const char* name;
  ViAttr id;
  const void* pointer;
  std::string in() const { return {}; }
  std::string out(Status status) const {
    if (pointer == nullptr || visa::failed(status)) return {};
    const auto rows = visa::model::attribute_rows(id);
    if (rows.empty()) return {};
    return visa::abi::show_stored(rows.front().type, pointer);
  }
};

// The meaning of the status followed by the detail, as one text.
std::string describe(const visa::model::StatusInfo& info, const std::string& detail,
                     bool no_object) {
  std::string text(info.description);
  if (detail.empty()) return text;
  // When both do not fit, cause and cure matter most, and the status name replaces the general
  // sentence. But a program that asks without an object shows the text to its user as VISA's own:
  // then the sentence stays, and the detail is cut.
  const bool fits = text.size() + 1 + detail.size() < visa::abi::kTextRoom;
  if (fits || no_object) return text + " " + detail;
  return std::string(info.name) + ": " + detail;
}

// `object` is null when `vi` names none. VI_NULL is as good as any object (every R&S driver passes
// it) and stands for this thread's last failure on a manager; another dead handle is an error.
Status describe(ViObject vi, Object* object, ViStatus status, ViChar* desc) {
  const auto known = object != nullptr || vi == VI_NULL;
  const auto* info = visa::model::find_status(status);
  if (info == nullptr) {
    // 3.4.3: an unknown status. Programs print the text without looking at the returned status, so
    // give them one.
    char text[48];
    std::snprintf(text, sizeof text, "Unknown status code 0x%08X", static_cast<unsigned>(status));
    store_text(desc, text);
    return known ? Status::warn_unknown_status : Status::error_inv_object;
  }
  std::string detail;
  if (object != nullptr) {
    detail = object->detail_of(info->status);
  } else if (vi == VI_NULL) {
    detail = visa::core::thread_failure(info->status);
  }
  store_text(desc, describe(*info, detail, object == nullptr));
  return known ? Status::success : Status::error_inv_object;
}

Status describe_inherited(ViChar* desc) {
  store_text(desc,
             "VI_ERROR_INV_OBJECT: this session was inherited by fork and is dead in the child "
             "process; the parent goes on using it. Open the resource again in this process.");
  return Status::error_inv_object;
}

}  // namespace

extern "C" {

ViStatus _VI_FUNC viClose(ViObject vi) {
  return on_library(__func__, Args{in("vi", vi)}, [&]() -> Status {
    if (vi == VI_NULL) return Status::warn_null_object;  // 3.3.2
    auto* library = Library::current();
    const auto status = library == nullptr ? Status::error_inv_object : close_handle(*library, vi);
    if (status != Status::error_inv_object) return status;
    // In a child of fork, viClose succeeds on the parent's handles without touching the instrument,
    // and makes no library for that.
    if (library == nullptr) Library::disown(vi);
    return Library::inherited(vi) ? Status::success : status;
  });
}

ViStatus _VI_FUNC viSetAttribute(ViObject vi, ViAttr attrName, ViAttrState attrValue) {
  const Args args{in("vi", vi), InAttribute{"attrName", attrName}, in("attrValue", attrValue)};
  return on<Object>(__func__, vi, args,
                    [&](Object& object) { return object.set_attribute(attrName, attrValue); });
}

ViStatus _VI_FUNC viGetAttribute(ViObject vi, ViAttr attrName, void _VI_PTR attrValue) {
  const Args args{in("vi", vi), InAttribute{"attrName", attrName},
                  OutValue{"attrValue", attrName, attrValue}};
  return on<Object>(__func__, vi, args, [&](Object& object) -> Status {
    const auto answer = object.get_attribute(attrName);
    if (!answer) return answer.status();
    if (attrValue == nullptr) return Status::error_inv_parameter;
    visa::abi::store_value(answer->row->type, answer->value, attrValue);
    return Status::success;
  });
}

ViStatus _VI_FUNC viStatusDesc(ViObject vi, ViStatus status, ViChar desc[]) {
  const Args args{in("vi", vi), in("status", status), OutText{"desc", desc}};
  return on_library(__func__, args, [&]() -> Status {
    if (desc == nullptr) return Status::error_inv_parameter;
    auto* library = ResourceManager::library_of(vi);
    const auto object = library == nullptr ? nullptr : library->objects.find<Object>(vi);
    if (object == nullptr && Library::inherited(vi)) return describe_inherited(desc);
    return describe(vi, object.get(), status, desc);
  });
}

ViStatus _VI_FUNC viTerminate(ViObject vi, ViUInt16 degree, ViJobId jobId) {
  const Args args{in("vi", vi), in("degree", degree), in("jobId", jobId)};
  return on<Resource>(__func__, vi, args, [&](Resource& resource) -> Status {
    if (degree != VI_NULL) return Status::error_inv_degree;
    if (jobId != VI_NULL) return resource.terminate(jobId);
    resource.cancel_calls();
    return Status::success;
  });
}

ViStatus _VI_FUNC viLock(ViSession vi, ViAccessMode lockType, ViUInt32 timeout,
                         ViConstKeyId requestedKey, ViChar accessKey[]) {
  const Args args{in("vi", vi), in("lockType", lockType), in("timeout", timeout),
                  InText{"requestedKey", requestedKey}, OutText{"accessKey", accessKey}};
  return on<Resource>(__func__, vi, args, [&](Resource& resource) -> Status {
    store_text(accessKey, "");
    const auto kind = visa::locks::lock_kind(lockType);
    if (!kind) return kind.status();
    std::optional<std::string_view> key;
    // One character more than a key may have is enough to see that the key is too long (3.6.17).
    if (requestedKey != nullptr) {
      key = std::string_view(requestedKey, ::strnlen(requestedKey, visa::abi::kTextRoom));
    }
    const auto granted = resource.lock(*kind, key, timeout);
    if (visa::ok(granted.status)) store_text(accessKey, granted.key);
    return granted.status;
  });
}

ViStatus _VI_FUNC viUnlock(ViSession vi) {
  return on<Resource>(__func__, vi, Args{in("vi", vi)},
                      [](Resource& resource) { return resource.unlock(); });
}

}  // extern "C"
