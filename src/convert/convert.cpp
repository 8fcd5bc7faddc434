#include "convert/convert.h"

#include <algorithm>
#include <array>
#include <system_error>
#include <vector>

#include <fmt/ranges.h>

#include <easel/easel.h>

#include "base/error.h"
#include "base/files.h"
#include "base/output_folder.h"
#include "convert/diffusers_folder.h"
#include "convert/merge.h"
#include "convert/replaceable.h"
#include "ir/folder.h"
#include "ir/writer.h"
#include "networks/check.h"
#include "networks/vae.h"
#include "weights/checkpoint.h"
#include "weights/checkpoint_writer.h"
#include "weights/precision.h"

namespace easel {
namespace fs = std::filesystem;
namespace {

struct NamedForm {
    std::string_view name;
    ModelForm form;
};

constexpr std::array forms = {
    NamedForm{"ir", ModelForm::ir},
    NamedForm{"ir-2022", ModelForm::ir_2022},
    NamedForm{"diffusers", ModelForm::diffusers},
    NamedForm{"safetensors", ModelForm::safetensors},
};

std::optional<DType> dtype_of_precision(const std::string& precision) {
    if (precision.empty()) return std::nullopt;
    if (precision == "f32") return DType::F32;
    if (precision == "f16") return DType::F16;
    if (precision == "bf16") return DType::BF16;
    refuse_value("precision", precision, "weights are stored as f32, f16 or bf16");
}

void check_not_within(const fs::path& from, const fs::path& to) {
    const auto absolute = [](const fs::path& path) {
        fs::path whole = fs::weakly_canonical(path);
        return whole.has_filename() ? whole : whole.parent_path();
    };
    const auto is_within = [](const fs::path& inner, const fs::path& outer) {
        return std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first == outer.end();
    };
    const fs::path source = absolute(from), target = absolute(to);
    if (is_within(source, target) || (is_within(target, source) && fs::is_directory(source)))
        fail_usage("{}: is inside the model to convert, or contains it; give another place", to.string());
}

Checkpoint open_source(const Conversion& conversion, const std::function<void(const std::string&)>& note,
                       std::stop_token stop) {
    const std::optional<DType> dtype = dtype_of_precision(conversion.precision);
    if (IrFolder::find(conversion.from))
        fail(
            "{}: is OpenVINO IR, which cannot be converted: the names of its weights and some of its biases were lost "
            "when it was made; convert the model that it was made from",
            conversion.from.string());
    Checkpoint checkpoint = Checkpoint::open(conversion.from);
    // Finds what is wrong with a weight before anything is written.
    for (std::string& sentence : check_networks(checkpoint)) checkpoint.notes.push_back(std::move(sentence));
    build_vae_encoder(checkpoint.vae.weights, checkpoint.vae.config);
    // What is merged is rounded once: to f32 before, to a narrower type after.
    if (dtype == DType::F32) checkpoint = converted_to(*dtype, checkpoint, stop);
    if (!conversion.loras.empty()) checkpoint = merged_with(conversion.loras, checkpoint, note, stop);
    return dtype ? converted_to(*dtype, checkpoint, std::move(stop)) : checkpoint;
}

void write_easel_json(const Checkpoint& checkpoint, const fs::path& folder) {
    if (checkpoint.easel_json) write_text_in_folder(folder / "easel.json", *checkpoint.easel_json);
}

/// Puts the tokenizer that ships beside one that was written, with its padding.
void add_openvino_tokenizer(const fs::path& shipped, const WrittenTokenizer& tokenizer) {
    const char *const xml = "openvino_tokenizer.xml", *const bin = "openvino_tokenizer.bin";
    const std::string shipped_padding = R"(<pad_token_id value="49407" />)";
    std::string text = read_text_file(shipped / xml);
    const std::size_t place = text.find(shipped_padding);
    if (place == std::string::npos)
        fail(ErrorKind::damaged, "{}: does not say {}", (shipped / xml).string(), shipped_padding);
    text.replace(place, shipped_padding.size(), fmt::format(R"(<pad_token_id value="{}" />)", tokenizer.padding_id));
    write_text_in_folder(tokenizer.folder / xml, text);
    fs::copy_file(shipped / bin, tokenizer.folder / bin);
}

void write_text_configs(const Checkpoint& checkpoint, const fs::path& folder) {
    const auto texts = row_of(checkpoint.family).text_encoders;
    write_text_in_folder(folder / texts.front().folder / "config.json",
                         config_text(checkpoint.text_encoder.config, texts.front().pooled));
    if (checkpoint.text_encoder_2)
        write_text_in_folder(folder / texts.back().folder / "config.json",
                             config_text(checkpoint.text_encoder_2->config, texts.back().pooled));
}

void write_optimum(const Checkpoint& checkpoint, const fs::path& folder, const Conversion& conversion,
                   const std::function<void(const std::string&)>& note, std::stop_token stop) {
    write_ir(checkpoint, IrFolder::Kind::optimum, folder, std::move(stop));
    write_text_configs(checkpoint, folder);
    write_text_in_folder(folder / "unet" / "config.json", config_text(checkpoint.unet.config));
    for (const char* vae : {"vae_decoder", "vae_encoder"})
        write_text_in_folder(folder / vae / "config.json", config_text(checkpoint.vae.config));
    write_text_in_folder(folder / "model_index.json", model_index_text(checkpoint));
    write_text_in_folder(folder / "scheduler" / "scheduler_config.json", scheduler_config_text(checkpoint));
    const std::vector<WrittenTokenizer> tokenizers = write_tokenizers(checkpoint, folder);
    write_easel_json(checkpoint, folder);
    if (!std::ranges::all_of(tokenizers, &WrittenTokenizer::is_standard))
        return note(
            "the folder has no openvino_tokenizer, which OpenVINO GenAI needs: the model's vocabulary is not the "
            "standard one; make it with openvino-tokenizers' convert_tokenizer");
    if (!conversion.openvino_tokenizer)
        return note(
            "the folder has no openvino_tokenizer, which OpenVINO GenAI needs: the one that ships with easel is not "
            "installed");
    for (const WrittenTokenizer& tokenizer : tokenizers)
        add_openvino_tokenizer(*conversion.openvino_tokenizer, tokenizer);
}

void write_2022(const Checkpoint& checkpoint, const fs::path& folder, std::stop_token stop) {
    write_ir(checkpoint, IrFolder::Kind::openvino_2022, folder, std::move(stop));
    if (checkpoint.scheduler_config)
        write_text_in_folder(folder / "scheduler" / "scheduler_config.json", *checkpoint.scheduler_config);
    write_easel_json(checkpoint, folder);
}

}  // namespace

ModelForm model_form_by_name(std::string_view name) {
    std::vector<std::string_view> names;
    for (const NamedForm& form : forms) {
        if (form.name == name) return form.form;
        names.push_back(form.name);
    }
    refuse_value("to", name, "give one of {}", fmt::join(names, ", "));
}

void convert(const Conversion& conversion, const std::function<void(const std::string&)>& note, std::stop_token stop) {
    check_not_within(conversion.from, conversion.to);
    try {
        if (conversion.form == ModelForm::safetensors) {
            check_writable(conversion.to, conversion.if_exists);
            check_replaceable_file(conversion.to);
            write_single_file(open_source(conversion, note, stop), conversion.to, conversion.if_exists);
            return;
        }
        OutputFolder folder(conversion.to, conversion.if_exists, check_replaceable_folder);
        const Checkpoint checkpoint = open_source(conversion, note, stop);
        for (const std::string& sentence : checkpoint.notes) note(sentence);
        if (conversion.form == ModelForm::diffusers) write_diffusers_folder(checkpoint, folder.temporary());
        if (conversion.form == ModelForm::ir) write_optimum(checkpoint, folder.temporary(), conversion, note, stop);
        if (conversion.form == ModelForm::ir_2022) write_2022(checkpoint, folder.temporary(), stop);
        if (stop.stop_requested()) throw Cancelled();
        folder.commit();
    } catch (const fs::filesystem_error& error) {
        fail_with_system_error(conversion.to, "cannot be written", error.code().value());
    }
}

}  // namespace easel
