#include "settings/stored_difference.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/error.h"
#include "diffusion/sampler_kind.h"
#include "diffusion/scheduler_policy.h"
#include "settings/control_list.h"
#include "settings/ip_adapter_list.h"
#include "settings/latent_upscaler.h"
#include "settings/lora_tags.h"
#include "settings/parameters.h"
#include "settings/prompt_quotes.h"
#include "settings/stored_settings.h"
#include "settings/table.h"
#include "text/prompt_weights.h"

namespace easel {
namespace {

/// Compares the parts of a text with a request.
class Comparison {
  public:
    Comparison(const Request& request, const RequestInputs& inputs, std::string_view stored)
        : request_(request), inputs_(inputs), stored_(stored) {
        for (auto& [key, value] : parameters_entries(stored, "the picture")) entries_.emplace(key, value);
        sampler_ = sampler_by_any_name(entry("Sampler"));
    }

    std::optional<std::string> find() const {
        if (entry("Version") != fmt::format("easel {}", version())) return "version of easel";
        for (const Setting<Request>& setting : settings_table())
            if (!setting.stored_key.empty() && setting.field != "loras" && setting.field != "refiner_at" &&
                differs(setting))
                return in_backquotes(setting.field);
        const std::string_view prompts = stored_.substr(0, stored_.rfind('\n') + 1);
        if (differs_in_loras()) return in_backquotes("loras");
        const std::string prompt = request_.prompt + (have_tags(request_.loras) ? lora_tags(request_.loras) : "");
        if (!prompts.starts_with(prompts_text(prompt, ""))) return in_backquotes("prompt");
        if (prompts != prompts_text(prompt, request_.negative_prompt)) return in_backquotes("negative_prompt");
        if (differs_in_reading()) return in_backquotes("prompt_syntax");
        if (differs_in_padding()) return in_backquotes("negative_padding");
        if (differs_in_embeddings()) return in_backquotes("embeddings");
        if (differs_in_size()) return "size";
        if (const auto field = difference_in_second_pass()) return in_backquotes(*field);
        if (differs_in_refiner()) return in_backquotes("refiner_at");
        if (differs_in_sampler()) return in_backquotes("sampler");
        if (differs_in_schedule()) return in_backquotes("schedule");
        if (entry("RNG") != (request_.rng == Rng::torch ? "CPU" : "NumPy")) return in_backquotes("rng");
        if (entry("Composite") != (inputs_.mask && !request_.composite ? "off" : "")) return in_backquotes("composite");
        return std::nullopt;
    }

  private:
    /// "No norm", as the web UI has it, is no_norm.
    static std::string underscored(std::string_view text) {
        std::string name(text);
        std::ranges::replace(name, ' ', '_');
        return name;
    }

    static std::string in_backquotes(std::string_view field) { return fmt::format("`{}`", field); }

    /// Empty when the text does not have it.
    std::string_view entry(std::string_view key) const {
        const auto found = entries_.find(key);
        return found == entries_.end() ? std::string_view() : found->second;
    }

    /// What the request says; nothing where the model decides.
    Value asked(const Setting<Request>& setting) const {
        if (setting.field == "strength" && inputs_.init_image) return request_.strength.value_or(usual_strength);
        if ((setting.field == "mask_blur" || setting.field == "masked_content") && !inputs_.mask)
            return get(Request(), setting);
        const bool is_about_webui = setting.field == "emphasis" || setting.field == "step_rule";
        if (is_about_webui && entry(key_of_syntax()).empty()) return get(Request(), setting);
        const bool is_about_controls = setting.field == "control_mode" || setting.field == "guess_mode";
        if (is_about_controls && request_.controls.empty()) return get(Request(), setting);
        const bool is_about_hires = setting.field == "hires_steps" || setting.field == "hires_step_count";
        if (is_about_hires && request_.hires.empty()) return get(Request(), setting);
        if (setting.field == "eta" && !request_.eta) return asked_eta();
        if (setting.field == "controls") return to_value(as_stored(request_.controls));
        if (setting.field == "ip_adapters") return to_value(as_stored(request_.ip_adapters));
        return get(request_, setting);
    }

    /// Where no sampler is asked for either, a model or a LoRA may decide on one that eta matters to.
    Value asked_eta() const {
        const double usual = sampler_ ? sampler_->kind->default_eta.value_or(0.0) : 0.0;
        return usual > 0.0 && !request_.sampler ? Value() : Value(usual);
    }

    /// What holds in a picture whose text has no such entry.
    Value unsaid(const Setting<Request>& setting) const {
        if (!sampler_) return {};
        const SchedulerConfig standard = standard_scheduler_config(*sampler_->kind);
        if (setting.field == "beta_start") return standard.beta_start;
        if (setting.field == "beta_end") return standard.beta_end;
        if (setting.field == "beta_schedule") return std::string(name(standard.beta_schedule));
        if (setting.field == "original_inference_steps") return standard.original_inference_steps;
        if (setting.field == "prompt_syntax") return std::string(name(PromptSyntax::plain));
        if (setting.field == "eta") return 0.0;
        return get(Request(), setting);
    }

    static std::string_view key_of_syntax() { return setting("prompt_syntax").stored_key; }

    /// A text that the request reads as the web UI does and the picture does not.
    bool differs_in_reading() const {
        if (request_.prompt_syntax || !entry(key_of_syntax()).empty()) return false;
        return has_webui_syntax(request_.prompt) || has_webui_syntax(request_.negative_prompt);
    }

    bool differs_in_padding() const {
        const bool is_asked = request_.negative_padding == NegativePadding::empty_chunks;
        return !entry(key_of_syntax()).empty() && is_asked != !entry(padded_key).empty();
    }

    bool differs_in_loras() const {
        const auto same = [](const Lora& ours, const Lora& theirs) {
            return ours.file.stem() == theirs.file.stem() && ours.weight == theirs.weight &&
                   ours.text_encoder_weight.value_or(ours.weight) == theirs.text_encoder_weight.value_or(theirs.weight);
        };
        return !std::ranges::equal(request_.loras, parse_parameters(stored_, "the picture").request.loras, same);
    }

    /// Whether the picture has an embedding that the request does not.
    bool differs_in_embeddings() const {
        const std::vector<Embedding> used = parse_parameters(stored_, "the picture").request.embeddings;
        return std::ranges::any_of(used, [&](const Embedding& embedding) {
            return std::ranges::none_of(request_.embeddings, [&](const Embedding& asked) {
                return name_of(asked) == embedding.token || asked.token.empty();
            });
        });
    }

    bool differs(const Setting<Request>& setting) const {
        const std::string_view text = entry(setting.stored_key);
        // Only pictures that InstructPix2Pix has changed have it, and those have no strength.
        const bool is_edited = !entry(easel::setting("image_guidance_scale").stored_key).empty();
        if (setting.field == (is_edited ? "strength" : "image_guidance_scale")) return false;
        if (setting.field == "strength" && !inputs_.init_image) return !text.empty() && entry(hires_size_key).empty();
        const Value wish = asked(setting);
        // Without a wish the model decides, but no model has such files, nor ends early.
        const bool is_of_request =
            setting.field == "controls" || setting.field == "ip_adapters" || setting.field == "denoising_end";
        if (std::holds_alternative<std::monostate>(wish)) return is_of_request && !text.empty();
        if (text.empty()) return wish != unsaid(setting);
        try {
            return wish !=
                   value_from_text(setting, setting.field == "emphasis" ? underscored(text) : std::string(text));
        } catch (const Error&) {  // a value that no request can have
            return true;
        }
    }

    std::optional<std::string_view> difference_in_second_pass() const {
        const std::string_view size = entry(hires_size_key);
        if (request_.hires.empty() != size.empty()) return "hires";
        if (size.empty()) return std::nullopt;
        const Request stored = parse_parameters(stored_, "the picture").request;
        // A scale says nothing before the size of the first pass is known.
        if (request_.hires.find('x') != std::string::npos && request_.hires != size) return "hires";
        const std::string& upscaler = request_.hires_upscaler;
        const std::string asked = upscaler.empty() ? std::string(latent_upscalers.front().name) : upscaler;
        if (stored_upscaler(asked) != entry(hires_upscaler_key)) return "hires_upscaler";
        if (request_.hires_strength.value_or(usual_hires_strength) != stored.hires_strength) return "hires_strength";
        return std::nullopt;
    }

    bool differs_in_refiner() const {
        const double at = inputs_.refiner ? request_.refiner_at.value_or(usual_refiner_at) : 1.0;
        return at != parse_parameters(stored_, "the picture").request.refiner_at.value_or(1.0);
    }

    bool differs_in_size() const {
        const std::string_view text = entry("Size");
        const auto differs_at = [&](const std::optional<int>& side, std::size_t begin, std::size_t end) {
            return side && text.substr(begin, end - begin) != fmt::format("{}", *side);
        };
        const std::size_t x = std::min(text.find('x'), text.size());
        const bool is_asked = request_.width || request_.height;
        return differs_at(request_.width, 0, x) ||
               differs_at(request_.height, std::min(x + 1, text.size()), text.size()) ||
               ((is_asked || !inputs_.init_image) && !entry("Result size").empty());
    }

    bool differs_in_sampler() const {
        if (!request_.sampler) return false;
        const auto asked = sampler_by_any_name(*request_.sampler);
        if (!asked || !sampler_) return true;
        // The model's own configuration may make one of the other.
        return asked->kind != sampler_->kind && asked->kind != sampler_->kind->variant_of;
    }

    bool differs_in_schedule() const {
        std::optional<SigmaSchedule> asked;
        if (request_.schedule)
            asked = sigma_schedule_by_name(*request_.schedule);
        else if (request_.sampler)
            asked = sampler_by_any_name(*request_.sampler)->schedule;
        return asked && schedule_type(*asked) != entry("Schedule type");
    }

    const Request& request_;
    const RequestInputs& inputs_;
    std::string_view stored_;
    std::map<std::string, std::string, std::less<>> entries_;
    /// Whose text it is.
    std::optional<NamedSampler> sampler_;
};

}  // namespace

std::optional<std::string> stored_difference(const Request& request, const RequestInputs& inputs,
                                             std::string_view stored) {
    return Comparison(request, inputs, stored).find();
}

}  // namespace easel
