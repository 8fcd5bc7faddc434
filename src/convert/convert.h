#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <easel/easel.h>

#include "base/output_file.h"

namespace easel {

/// A format that a model can be written in.
enum class ModelForm {
    /// A folder of OpenVINO IR as optimum-intel exports it and OpenVINO GenAI opens it.
    ir,
    /// A folder of eight OpenVINO IR files of fixed size.
    ir_2022,
    diffusers,
    /// An original single file.
    safetensors,
};

/// The format of that name: "ir", "ir-2022", "diffusers" or "safetensors". Throws Error of kind bad_request, with this
/// list, for another name.
ModelForm model_form_by_name(std::string_view name);

struct Conversion {
    std::filesystem::path from, to;
    /// Merged into the weights, in their order.
    std::vector<Lora> loras;
    ModelForm form = ModelForm::ir;
    /// "f32", "f16" or "bf16" for all weights; empty: each stays as it is stored.
    std::string precision;
    OutputFile::IfExists if_exists = OutputFile::IfExists::refuse;
    /// A folder with openvino_tokenizer.xml and .bin for the standard vocabulary, for ModelForm::ir.
    std::optional<std::filesystem::path> openvino_tokenizer;
};

/// Writes the diffusers folder or single file at `from` in another format. `to` appears only when it is complete. Calls
/// `note` with what the person should know. Throws Error if `from` is OpenVINO IR, from which the weights cannot be
/// recovered, if a weight is missing, broken or beyond the precision's range, and if `to` exists and may not be
/// replaced or holds anything but a model; Cancelled if `stop` is requested.
void convert(const Conversion& conversion, const std::function<void(const std::string&)>& note, std::stop_token stop);

}  // namespace easel
