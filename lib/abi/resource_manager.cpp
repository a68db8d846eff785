// SPDX-License-Identifier: MIT
// Resource manager operations (VPP-4.3 chapter 4).
#include "lib/core/resource_manager.h"

#include <visa.h>

#include "lib/abi/guard.h"
#include "lib/abi/store.h"
#include "lib/core/find_list.h"
#include "lib/core/thread_failure.h"

namespace {

using visa::Status;
using visa::abi::Args;
using visa::abi::in;
using visa::abi::InText;
using visa::abi::on;
using visa::abi::on_library;
using visa::abi::out;
using visa::abi::OutText;
using visa::abi::store_if;
using visa::abi::store_text;
using visa::core::FindList;
using visa::core::ResourceManager;

constexpr const char* kNoName = "the name is a null pointer";
/// Runs `body(ResourceManager&)`. From now on viStatusDesc(VI_NULL, ...) on this thread describes
/// this call.
template <class A, class Body>
ViStatus on_manager(const char* function, ViSession vi, const A& args, Body&& body) {
  return on<ResourceManager>(function, vi, args, [&](ResourceManager& manager) -> Status {
    visa::core::forget_thread_failure();
    return body(manager);
  });
}

ViStatus open_default(const char* function, ViPSession vi) {
  return on_library(function, Args{out("vi", vi)}, [&]() -> Status {
    visa::core::forget_thread_failure();
    if (vi == nullptr) return Status::error_inv_parameter;
    *vi = VI_NULL;
    const auto opened = ResourceManager::open_default();
    if (opened) *vi = *opened;
    return opened.status();
  });
}

Status parse(ResourceManager& manager, ViConstRsrc name, ViPUInt16 type, ViPUInt16 number,
             ViChar* resource_class, ViChar* canonical, ViChar* alias) {
  store_if(type, 0);
  store_if(number, 0);
  for (ViChar* text : {resource_class, canonical, alias}) store_text(text, "");
  if (name == nullptr) return manager.remember(Status::error_inv_rsrc_name, kNoName);
  const auto parsed = manager.parse(name);
  if (!parsed) return parsed.status();
  store_if(type, static_cast<unsigned>(parsed->name.interface));
  store_if(number, parsed->name.board);
  store_text(resource_class, visa::model::keyword(parsed->name.resource_class));
  store_text(canonical, parsed->canonical);
  store_text(alias, parsed->alias);
  return Status::success;
}

}  // namespace

#undef viGetDefaultRM  // visa.h defines the old name as the new one; old programs need the symbol

extern "C" {

ViStatus _VI_FUNC viOpenDefaultRM(ViPSession vi) {
  return open_default(__func__, vi);
}

ViStatus _VI_FUNC viGetDefaultRM(ViPSession vi) {
  return open_default(__func__, vi);
}

ViStatus _VI_FUNC viFindRsrc(ViSession sesn, ViConstString expr, ViPFindList vi, ViPUInt32 retCnt,
                             ViChar desc[]) {
  const Args args{in("sesn", sesn), InText{"expr", expr}, out("vi", vi), out("retCnt", retCnt),
                  OutText{"desc", desc}};
  return on_manager(__func__, sesn, args, [&](ResourceManager& manager) -> Status {
    store_if(vi, VI_NULL);
    store_if(retCnt, 0);
    store_text(desc, "");
    if (expr == nullptr) {
      return manager.remember(Status::error_inv_expr, "the expression is a null pointer");
    }
    const auto found = manager.find(expr, vi != nullptr);
    if (!found) return found.status();
    store_if(vi, found->list);
    store_if(retCnt, found->count);
    store_text(desc, found->first);
    return Status::success;
  });
}

ViStatus _VI_FUNC viFindNext(ViFindList vi, ViChar desc[]) {
  return on<FindList>(__func__, vi, Args{in("vi", vi), OutText{"desc", desc}}, [&](FindList& list) {
    const auto next = list.next();
    store_text(desc, next ? *next : "");
    return next.status();
  });
}

ViStatus _VI_FUNC viParseRsrc(ViSession rmSesn, ViConstRsrc rsrcName, ViPUInt16 intfType,
                              ViPUInt16 intfNum) {
  const Args args{in("rmSesn", rmSesn), InText{"rsrcName", rsrcName}, out("intfType", intfType),
                  out("intfNum", intfNum)};
  return on_manager(__func__, rmSesn, args, [&](ResourceManager& manager) {
    return parse(manager, rsrcName, intfType, intfNum, nullptr, nullptr, nullptr);
  });
}

ViStatus _VI_FUNC viParseRsrcEx(ViSession rmSesn, ViConstRsrc rsrcName, ViPUInt16 intfType,
                                ViPUInt16 intfNum, ViChar rsrcClass[],
                                ViChar expandedUnaliasedName[], ViChar aliasIfExists[]) {
  const Args args{in("rmSesn", rmSesn),
                  InText{"rsrcName", rsrcName},
                  out("intfType", intfType),
                  out("intfNum", intfNum),
                  OutText{"rsrcClass", rsrcClass},
                  OutText{"expandedUnaliasedName", expandedUnaliasedName},
                  OutText{"aliasIfExists", aliasIfExists}};
  return on_manager(__func__, rmSesn, args, [&](ResourceManager& manager) {
    return parse(manager, rsrcName, intfType, intfNum, rsrcClass, expandedUnaliasedName,
                 aliasIfExists);
  });
}

ViStatus _VI_FUNC viOpen(ViSession sesn, ViConstRsrc name, ViAccessMode mode, ViUInt32 timeout,
                         ViPSession vi) {
  const Args args{in("sesn", sesn), InText{"name", name}, in("mode", mode), in("timeout", timeout),
                  out("vi", vi)};
  return on_manager(__func__, sesn, args, [&](ResourceManager& manager) -> Status {
    if (vi == nullptr) return Status::error_inv_parameter;
    *vi = VI_NULL;
    if (name == nullptr) return manager.remember(Status::error_inv_rsrc_name, kNoName);
    const auto opened = manager.open(name, mode, timeout);
    if (opened) *vi = *opened;
    return opened.status();
  });
}

}  // extern "C"
