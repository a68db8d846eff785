// SPDX-License-Identifier: MIT
// VPP-4.3 3.2 to 3.4: the attributes of the resource template, viClose(VI_NULL), viStatusDesc.
#include <cstring>

#include "conformance/rules/check.h"

namespace visa::rules {
namespace {

struct TemplateAttribute {
  ViAttr id;
  const char* name;
};
constexpr TemplateAttribute kTemplate[] = {
    {VI_ATTR_RSRC_IMPL_VERSION, "VI_ATTR_RSRC_IMPL_VERSION"},
    {VI_ATTR_RSRC_LOCK_STATE, "VI_ATTR_RSRC_LOCK_STATE"},
    {VI_ATTR_RSRC_MANF_ID, "VI_ATTR_RSRC_MANF_ID"},
    {VI_ATTR_RSRC_MANF_NAME, "VI_ATTR_RSRC_MANF_NAME"},
    {VI_ATTR_RSRC_NAME, "VI_ATTR_RSRC_NAME"},
    {VI_ATTR_RSRC_SPEC_VERSION, "VI_ATTR_RSRC_SPEC_VERSION"},
    {VI_ATTR_RM_SESSION, "VI_ATTR_RM_SESSION"},
    {VI_ATTR_MAX_QUEUE_LENGTH, "VI_ATTR_MAX_QUEUE_LENGTH"},
    {VI_ATTR_RSRC_CLASS, "VI_ATTR_RSRC_CLASS"},
    {VI_ATTR_USER_DATA, "VI_ATTR_USER_DATA"},
    {VI_ATTR_USER_DATA_32, "VI_ATTR_USER_DATA_32"},
};

void has_the_template(Check& check, ViSession vi) {
  const auto& visa = check.visa();
  for (const auto& attribute : kTemplate) {
    alignas(8) char value[512] = {};
    check.answered(attribute.name, visa.viGetAttribute(vi, attribute.id, value), {VI_SUCCESS});
  }
  if (sizeof(void*) == 8) {
    ViUInt64 value = 0;
    ANSWERS(viGetAttribute(vi, VI_ATTR_USER_DATA_64, &value), VI_SUCCESS);
  }
  ViSession manager = VI_NULL;
  ANSWERS(viGetAttribute(vi, VI_ATTR_RM_SESSION, &manager), VI_SUCCESS);
  check.that(vi == check.manager() || manager == check.manager(),
             "VI_ATTR_RM_SESSION is not the session viOpen was given");
}

void rule_3_2_1_template_attributes_of_a_session(Check& check) {
  has_the_template(check, check.open());
}

void rule_3_2_2_template_attributes_of_the_manager(Check& check) {
  has_the_template(check, check.manager());
}

void rule_3_2_3_spec_version(Check& check) {
  const auto& visa = check.visa();
  ViVersion version = 0;
  MUST_ANSWER(viGetAttribute(check.manager(), VI_ATTR_RSRC_SPEC_VERSION, &version), VI_SUCCESS);
  char text[96];
  std::snprintf(text, sizeof text, "VI_ATTR_RSRC_SPEC_VERSION is 0x%08X, expected 0x00700200",
                static_cast<unsigned>(version));
  check.that(check.options().strict ? version == 0x00700200 : version >= 0x00100000, text);
}

void rule_3_2_5_queue_length_is_writable(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.open();
  ViUInt32 length = 0;
  MUST_ANSWER(viSetAttribute(vi, VI_ATTR_MAX_QUEUE_LENGTH, 42), VI_SUCCESS);
  MUST_ANSWER(viGetAttribute(vi, VI_ATTR_MAX_QUEUE_LENGTH, &length), VI_SUCCESS);
  check.that(length == 42, "42 was set, " + std::to_string(length) + " is read");
  ANSWERS(viSetAttribute(vi, VI_ATTR_MAX_QUEUE_LENGTH, 1), VI_SUCCESS);
}

void rule_3_2_6_queue_length_is_read_only_after_enabling(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.open();
  check.set(vi, VI_ATTR_MAX_QUEUE_LENGTH, 42);
  const ViStatus enabled = visa.viEnableEvent(vi, VI_EVENT_IO_COMPLETION, VI_QUEUE, VI_NULL);
  if (enabled == VI_ERROR_NSUP_OPER) throw NotShown{"viEnableEvent answers VI_ERROR_NSUP_OPER"};
  check.need("viEnableEvent(vi, VI_EVENT_IO_COMPLETION, VI_QUEUE, VI_NULL)", enabled, {VI_SUCCESS});
  ANSWERS(viSetAttribute(vi, VI_ATTR_MAX_QUEUE_LENGTH, 7), VI_ERROR_ATTR_READONLY);
  ANSWERS(viDisableEvent(vi, VI_EVENT_IO_COMPLETION, VI_QUEUE), VI_SUCCESS);
  ANSWERS(viSetAttribute(vi, VI_ATTR_MAX_QUEUE_LENGTH, 8), VI_ERROR_ATTR_READONLY);
  ViUInt32 length = 0;
  ANSWERS(viGetAttribute(vi, VI_ATTR_MAX_QUEUE_LENGTH, &length), VI_SUCCESS);
  check.that(length == 42, "the refused value was taken: " + std::to_string(length));
  // The attribute belongs to one session: another session can still write it.
  ANSWERS(viSetAttribute(check.open(), VI_ATTR_MAX_QUEUE_LENGTH, 43), VI_SUCCESS);
}

void rule_3_2_7_user_data_on_32_bit(Check& check) {
  if (sizeof(void*) != 4) throw NotShown{"this is a 64-bit framework"};
  const auto& visa = check.visa();
  ViUInt32 value = 0;
  MUST_ANSWER(viSetAttribute(check.manager(), VI_ATTR_USER_DATA, 0x12345678), VI_SUCCESS);
  MUST_ANSWER(viGetAttribute(check.manager(), VI_ATTR_USER_DATA_32, &value), VI_SUCCESS);
  check.that(value == 0x12345678, "VI_ATTR_USER_DATA and _32 are not the same slot");
}

void rule_3_2_9_no_wide_user_data_on_32_bit(Check& check) {
  if (sizeof(void*) != 4) throw NotShown{"this is a 64-bit framework"};
  const auto& visa = check.visa();
  ViUInt64 value = 0;
  constexpr ViAttr kUserData64 = 0x3FFF000A;
  ANSWERS(viGetAttribute(check.manager(), kUserData64, &value), VI_ERROR_NSUP_ATTR);
}

void user_data(Check& check, ViSession vi) {
  if (sizeof(void*) != 8) throw NotShown{"this is a 32-bit framework"};
  const auto& visa = check.visa();
  constexpr ViUInt64 kWide = 0x0123456789ABCDEF;
  ViAddr pointer = nullptr;
  ViUInt64 value = 0;
  MUST_ANSWER(viSetAttribute(vi, VI_ATTR_USER_DATA, kWide), VI_SUCCESS);
  MUST_ANSWER(viGetAttribute(vi, VI_ATTR_USER_DATA_64, &value), VI_SUCCESS);
  check.that(value == kWide, "VI_ATTR_USER_DATA and _64 are not the same slot");
  MUST_ANSWER(viGetAttribute(vi, VI_ATTR_USER_DATA, &pointer), VI_SUCCESS);
  check.that(reinterpret_cast<ViUInt64>(pointer) == kWide, "VI_ATTR_USER_DATA lost bits");
}

void rule_3_2_8_user_data_on_64_bit(Check& check) {
  user_data(check, check.open());
  user_data(check, check.manager());
}

void rule_3_2_10_narrow_user_data_on_64_bit(Check& check) {
  if (sizeof(void*) != 8) throw NotShown{"this is a 32-bit framework"};
  const auto& visa = check.visa();
  const ViSession vi = check.open();
  ViUInt64 value = 0;
  ViUInt32 narrow = 0;
  MUST_ANSWER(viSetAttribute(vi, VI_ATTR_USER_DATA_64, 0xFFFFFFFFFFFFFFFFULL), VI_SUCCESS);
  MUST_ANSWER(viSetAttribute(vi, VI_ATTR_USER_DATA_32, 0xDEADBABE), VI_SUCCESS);
  MUST_ANSWER(viGetAttribute(vi, VI_ATTR_USER_DATA_64, &value), VI_SUCCESS);
  check.that(value == 0x00000000DEADBABEULL, "_32 does not replace the whole of _64");
  MUST_ANSWER(viGetAttribute(vi, VI_ATTR_USER_DATA_32, &narrow), VI_SUCCESS);
  check.that(narrow == 0xDEADBABE, "VI_ATTR_USER_DATA_32 does not read back");
}

void rule_3_3_2_closing_null(Check& check) {
  const auto& visa = check.visa();
  ANSWERS(viClose(VI_NULL), VI_WARN_NULL_OBJECT);
  check.manager();
  ANSWERS(viClose(VI_NULL), VI_WARN_NULL_OBJECT);
}

void rule_3_4_2_termchar_beyond_a_byte(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.open();
  check.set(vi, VI_ATTR_TERMCHAR, '\n');
  const ViStatus status = visa.viSetAttribute(vi, VI_ATTR_TERMCHAR, 0x1FF);
  ViUInt8 value[8] = {0x5A, 0x5A, 0x5A, 0x5A, 0x5A, 0x5A, 0x5A, 0x5A};
  MUST_ANSWER(viGetAttribute(vi, VI_ATTR_TERMCHAR, value), VI_SUCCESS);
  check.that(value[1] == 0x5A, "reading TERMCHAR writes more than one byte");
  if (status < VI_SUCCESS) {
    check.answered("viSetAttribute(vi, VI_ATTR_TERMCHAR, 0x1FF)", status,
                   {VI_ERROR_NSUP_ATTR_STATE});
    check.that(value[0] == '\n', "the refused value was taken");
  } else {
    check.that(value[0] == 0xFF, "a value beyond a byte was taken, but not its low byte");
  }
}

void rule_3_4_2_queue_length_zero(Check& check) {
  const auto& visa = check.visa();
  for (const ViSession vi : {check.open(), check.manager()}) {
    ANSWERS(viSetAttribute(vi, VI_ATTR_MAX_QUEUE_LENGTH, 0), VI_ERROR_NSUP_ATTR_STATE);
    ANSWERS(viSetAttribute(vi, VI_ATTR_RSRC_IMPL_VERSION, 1), VI_ERROR_ATTR_READONLY);
  }
}

void rule_s3_4_1_1_dead_handles_and_attribute_zero(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.open();
  ViUInt32 value = 0;
  ANSWERS(viGetAttribute(vi, 0, &value), VI_ERROR_NSUP_ATTR);
  ANSWERS(viSetAttribute(vi, 0, 1), VI_ERROR_NSUP_ATTR);
  ANSWERS(viGetAttribute(VI_NULL, VI_ATTR_TMO_VALUE, &value), VI_ERROR_INV_OBJECT);
  ANSWERS(viSetAttribute(VI_NULL, VI_ATTR_TMO_VALUE, 1), VI_ERROR_INV_OBJECT);
  MUST_ANSWER(viClose(vi), VI_SUCCESS);
  ANSWERS(viGetAttribute(vi, VI_ATTR_TMO_VALUE, &value), VI_ERROR_INV_OBJECT);
  ANSWERS(viSetAttribute(vi, VI_ATTR_TMO_VALUE, 1), VI_ERROR_INV_OBJECT);
  ANSWERS(viClose(vi), VI_ERROR_INV_OBJECT);
}

// The text for one code; it must end within the buffer and be ASCII.
std::string description(Check& check, ViObject vi, ViStatus code, ViStatus& status) {
  char text[512];
  std::memset(text, 0x7F, sizeof text);
  status = check.visa().viStatusDesc(vi, code, text);
  const std::size_t length = strnlen(text, sizeof text);
  check.that(length < 256, check.symbol(code) + ": the description has no end within 256 bytes");
  for (std::size_t i = 256; i < sizeof text; ++i) {
    if (text[i] != 0x7F) {
      check.that(false, check.symbol(code) + ": viStatusDesc writes past 256 bytes");
      break;
    }
  }
  return std::string(text, length < 256 ? length : 0);
}

void rule_3_4_3_unknown_status(Check& check) {
  ViStatus status = VI_SUCCESS;
  for (const unsigned code : {0xBFFF7ABCU, 0x3FFF7ABCU, 0x00012345U, 0xFFFFFFFFU}) {
    for (const ViObject vi : {check.manager(), ViSession{VI_NULL}}) {
      description(check, vi, static_cast<ViStatus>(code), status);
      check.answered("viStatusDesc of an unknown code", status, {VI_WARN_UNKNOWN_STATUS});
    }
  }
}

// Instrument drivers ask for texts without a session, and use them only if the call succeeds.
void rule_3_4_3_texts_without_a_session(Check& check) {
  for (const Row& row : check.facts().statuses) {
    if (row.at("status") != "std") continue;
    ViStatus status = VI_SUCCESS;
    const ViStatus code = check.facts().status(row.at("name"));
    const std::string text = description(check, VI_NULL, code, status);
    check.answered(("viStatusDesc(VI_NULL) of " + row.at("name")).c_str(), status, {VI_SUCCESS});
    check.that(!text.empty(), row.at("name") + ": an empty description");
  }
}

void rule_3_4_3_every_status_has_a_description(Check& check) {
  for (const Row& row : check.facts().statuses) {
    if (row.at("status") != "std") continue;
    const ViStatus code = check.facts().status(row.at("name"));
    ViStatus status = VI_SUCCESS;
    const std::string text = description(check, check.manager(), code, status);
    check.answered(("viStatusDesc of " + row.at("name")).c_str(), status, {VI_SUCCESS});
    check.that(!text.empty(), row.at("name") + ": an empty description");
    for (const char c : text) {
      if (c < ' ' || c > '~') {
        check.that(false, row.at("name") + ": the description is not plain ASCII");
        break;
      }
    }
  }
}

}  // namespace

Rules template_rules() {
  return {
      {"rule_3_2_1_template_attributes_of_a_session", rule_3_2_1_template_attributes_of_a_session},
      {"rule_3_2_2_template_attributes_of_the_manager",
       rule_3_2_2_template_attributes_of_the_manager, On::nothing},
      {"rule_3_2_3_spec_version", rule_3_2_3_spec_version, On::nothing},
      {"rule_3_2_5_queue_length_is_writable", rule_3_2_5_queue_length_is_writable},
      {"rule_3_2_6_queue_length_is_read_only_after_enabling",
       rule_3_2_6_queue_length_is_read_only_after_enabling},
      {"rule_3_2_7_user_data_on_32_bit", rule_3_2_7_user_data_on_32_bit, On::nothing},
      {"rule_3_2_8_user_data_on_64_bit", rule_3_2_8_user_data_on_64_bit},
      {"rule_3_2_9_no_wide_user_data_on_32_bit", rule_3_2_9_no_wide_user_data_on_32_bit,
       On::nothing},
      {"rule_3_2_10_narrow_user_data_on_64_bit", rule_3_2_10_narrow_user_data_on_64_bit},
      {"rule_3_3_2_closing_null", rule_3_3_2_closing_null, On::nothing},
      {"rule_3_4_2_termchar_beyond_a_byte", rule_3_4_2_termchar_beyond_a_byte},
      {"rule_3_4_2_queue_length_zero", rule_3_4_2_queue_length_zero},
      {"rule_s3_4_1_1_dead_handles_and_attribute_zero",
       rule_s3_4_1_1_dead_handles_and_attribute_zero},
      {"rule_3_4_3_unknown_status", rule_3_4_3_unknown_status, On::nothing},
      {"rule_3_4_3_texts_without_a_session", rule_3_4_3_texts_without_a_session, On::nothing},
      {"rule_3_4_3_every_status_has_a_description", rule_3_4_3_every_status_has_a_description,
       On::nothing},
  };
}

}  // namespace visa::rules
