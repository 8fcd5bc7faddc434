#include "settings/stored_settings.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/numbers.h"
#include "diffusion/sampler_kind.h"
#include "settings/latent_upscaler.h"
#include "settings/lora_tags.h"
#include "settings/parameters.h"
#include "settings/prompt_quotes.h"
#include "settings/table.h"

namespace easel {
namespace {

using Entry = std::pair<std::string, std::string>;

constexpr std::string_view negative_prefix = "Negative prompt:";
constexpr std::size_t longest_text = 1u << 20;

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

/// A text in its three parts: what may have several lines, and the line of settings.
struct Parts {
    std::string prompt, negative_prompt;
    std::string_view settings;
};

Parts split(std::string_view text, std::string_view where) {
    if (text.size() > longest_text)
        fail("{}: its settings have more than 1 MB, so they are not those of a picture", where);
    while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
    const std::size_t last_break = text.rfind('\n');
    Parts parts;
    parts.settings = trimmed(last_break == std::string_view::npos ? text : text.substr(last_break + 1));
    if (!parts.settings.starts_with("Steps:"))
        fail("{}: the settings in it have no last line \"Steps: ..., Sampler: ...\", so they cannot be used", where);
    std::string_view prompts = last_break == std::string_view::npos ? std::string_view() : text.substr(0, last_break);
    if (prompts.ends_with('\r')) prompts.remove_suffix(1);

    std::size_t negative = prompts.starts_with(negative_prefix) ? 0 : prompts.find("\nNegative prompt:");
    if (negative == std::string_view::npos) {
        parts.prompt = unquoted_prompt(prompts);
        return parts;
    }
    parts.prompt = unquoted_prompt(prompts.substr(0, negative));
    if (prompts[negative] == '\n') ++negative;
    std::string_view rest = prompts.substr(negative + negative_prefix.size());
    if (rest.starts_with(' ')) rest.remove_prefix(1);
    parts.negative_prompt = unquoted_prompt(rest);
    return parts;
}

/// The end of the value that begins at `begin`: a comma outside of quotes and, while `brackets_count`, of brackets and
/// braces; or the end.
std::size_t end_of_value(std::string_view line, std::size_t begin, bool& brackets_count) {
    bool quoted = false;
    int brackets = 0;
    for (std::size_t i = begin; i < line.size(); ++i) {
        const char c = line[i];
        if (quoted && c == '\\')
            ++i;
        else if (c == '"')
            quoted = !quoted;
        else if (quoted)
            continue;
        else if (c == '[' || c == '{')
            ++brackets;
        else if (c == ']' || c == '}')
            --brackets;
        else if (c == ',' && (brackets <= 0 || !brackets_count))
            return i;
    }
    if (brackets <= 0 || !brackets_count) return line.size();
    brackets_count = false;  // one that is never closed is an ordinary character
    return end_of_value(line, begin, brackets_count);
}

std::string unquoted(std::string_view value) {
    if (value.starts_with('"')) {
        const nlohmann::json text = nlohmann::json::parse(value, nullptr, /*allow_exceptions=*/false);
        if (text.is_string()) return text.get<std::string>();
    }
    return std::string(value);
}

std::vector<Entry> entries_of(std::string_view line) {
    std::vector<Entry> entries;
    bool brackets_count = true;
    for (std::size_t begin = 0; begin < line.size();) {
        const std::size_t end = end_of_value(line, begin, brackets_count);
        const std::string_view entry = line.substr(begin, end - begin);
        if (const std::size_t colon = entry.find(':'); colon != std::string_view::npos)
            entries.emplace_back(trimmed(entry.substr(0, colon)), unquoted(trimmed(entry.substr(colon + 1))));
        begin = end + 1;
    }
    return entries;
}

/// "0", "0.0".
bool is_zero(std::string_view text) { return number_in<double>(text) == 0.0; }

/// "bad_hands: 5a04d9b1c26e, one: 4e3f..."; none where it reads otherwise.
std::vector<Entry> named_hashes(std::string_view value) {
    std::vector<Entry> hashes;
    for (std::string_view rest = value; !rest.empty();) {
        const std::string_view one = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(one.size() + 1, rest.size()));
        const std::size_t colon = one.rfind(':');
        const std::string_view name = trimmed(one.substr(0, colon));
        if (colon == std::string_view::npos || name.empty()) return {};
        hashes.emplace_back(name, trimmed(one.substr(colon + 1)));
    }
    return hashes;
}

/// Turns entries into a request, one after the other.
class Reader {
  public:
    explicit Reader(const std::vector<Entry>& entries) {
        for (const auto& [key, value] : entries)
            if (key == "Version") version_ = value;
        for (const auto& [key, value] : entries) {
            if (!read(key, value)) unknown_.push_back(fmt::format("{:.40}: {:.60}", key, value));
        }
        finish();
    }

    StoredSettings take() { return std::move(stored_); }
    void read_prompts(const Parts& parts) {
        Request& request = stored_.request;
        std::string prompt = parts.prompt;
        read_loras(take_lora_tags(prompt));
        set_from_text(request, setting("prompt"), prompt);
        set_from_text(request, setting("negative_prompt"), parts.negative_prompt);
    }

  private:
    bool by_easel() const { return version_.starts_with("easel"); }
    void note(std::string sentence) { stored_.notes.push_back(std::move(sentence)); }

    /// Whether the setting can have this value.
    bool take(const Setting<Request>& setting, std::string_view text) {
        try {
            const Value value = value_from_text(setting, text);
            set(stored_.request, setting, value);
            return !std::holds_alternative<std::monostate>(value);
        } catch (const Error&) {
            return false;
        }
    }

    /// Whether the entry was used, or needs no action.
    bool read(const std::string& key, const std::string& value) {
        Request& request = stored_.request;
        if (key == "Clip skip" && value == "-1") return true;
        if (key == "Size") return read_size(value);
        if (key == "Result size") return keeps_picture_size_ = true;
        if (key == "Composite") return set_if(value == "off", [&] { request.composite = false; });
        if (key == "Sampler") return read_sampler(value);
        if (key == "Schedule type") return set_if(true, [&] { schedule_type_ = value; });
        if (key == "Eta") return set_if(true, [&] { eta_ = value; });
        if (key == "RNG") return read_rng(value);
        if (key == setting("emphasis").stored_key) return read_emphasis(value);
        if (key == padded_key)
            return set_if(value == "True", [&] { request.negative_padding = NegativePadding::empty_chunks; });
        if (key == embeddings_key) return read_embeddings(value);
        if (key == lora_hashes_key) {
            lora_hashes_ = named_hashes(value);
            return !lora_hashes_.empty();
        }
        if (key == hires_size_key) return take(setting("hires"), value);
        if (key == hires_scale_key) return !request.hires.empty() || take(setting("hires"), value);
        if (key == hires_upscaler_key) return read_upscaler(value);
        for (const Setting<Request>& setting : settings_table())
            if (setting.stored_key == key && !key.empty()) return take(setting, value);
        if (key == "Precision" && by_easel()) return set_if(true, [&] { stored_.precision = value; });
        // The first four belong to the model, and are compared with it once it is open.
        for (const std::string_view known :
             {"Model", "VAE", "Timestep spacing", "Prediction type", "Model hash", "VAE hash", "Version"})
            if (key == known) return true;
        if (key == refiner_key) return has_refiner_ = true;                        // compared likewise
        return version_.starts_with("stable-diffusion.cpp") && key == "Guidance";  // of Flux models
    }

    template <typename Action>
    static bool set_if(bool condition, Action action) {
        if (condition) action();
        return condition;
    }

    bool read_size(std::string_view value) {
        const std::size_t x = value.find('x');
        if (x == std::string_view::npos) return false;
        Request& request = stored_.request;
        if (take(setting("width"), value.substr(0, x)) && take(setting("height"), value.substr(x + 1))) return true;
        request.width = request.height = std::nullopt;
        return false;
    }

    bool read_sampler(const std::string& value) {
        const auto named = sampler_by_any_name(value);
        if (!named) return false;
        stored_.request.sampler = named->kind->name;
        stored_.request.schedule = name(named->schedule.value_or(SigmaSchedule::discrete));
        kind_ = named->kind;
        return true;
    }

    bool read_rng(std::string_view value) {
        has_rng_ = value == "CPU" || value == "NumPy";
        if (value == "NumPy") stored_.request.rng = Rng::numpy;
        return has_rng_;
    }

    /// Other programs name networks that have no file here.
    bool read_upscaler(const std::string& value) {
        const LatentUpscaler* const latent = latent_upscaler(value);
        if (!latent && !is_lanczos(value) && !by_easel()) return false;
        stored_.request.hires_upscaler = latent              ? std::string(latent->name)
                                         : is_lanczos(value) ? std::string(lanczos_upscaler)
                                                             : value;
        return true;
    }

    /// "No norm", "Ignore" or "Original".
    bool read_emphasis(std::string value) {
        for (char& c : value) c = c == ' ' ? '_' : c;
        return take(setting("emphasis"), value);
    }

    bool read_embeddings(std::string_view value) {
        for (const auto& [name, hash] : named_hashes(value)) {
            stored_.request.embeddings.push_back({.file = name, .token = name});
            stored_.embedding_hashes.push_back(hash);
        }
        return !stored_.embedding_hashes.empty();
    }

    /// Those of an older text are no tags but an entry.
    void read_loras(const std::vector<LoraTag>& tags) {
        for (const LoraTag& tag : tags)
            if (tag.is_lora())
                stored_.request.loras.push_back(lora_of(tag));
            else
                note(fmt::format("<{}:{}> in the prompt cannot be used", tag.kind, tag.name));
        for (const Lora& lora : stored_.request.loras) {
            const auto named = std::ranges::find(lora_hashes_, lora.file.stem().string(), &Entry::first);
            stored_.lora_hashes.push_back(named == lora_hashes_.end() ? "" : std::exchange(named->second, ""));
        }
        for (const auto& [name, hash] : lora_hashes_)
            if (!hash.empty()) note(fmt::format("the LoRA \"{}\" has no tag in the prompt and is left out", name));
    }

    void finish() {
        Request& request = stored_.request;
        // Text that easel stored without this was read as text; other programs read it as the web UI does.
        if (!request.prompt_syntax) request.prompt_syntax = by_easel() ? PromptSyntax::plain : PromptSyntax::webui;
        read_schedule();
        if (!has_refiner_) request.refiner_at = 1.0;  // which leaves it out
        // The web UI has one key for the strengths of image to image and of a second pass.
        if (!request.hires.empty()) request.hires_strength = std::exchange(request.strength, std::nullopt);
        if (keeps_picture_size_) request.width = request.height = std::nullopt;
        if (!eta_.empty() && kind_ && kind_->default_eta) {
            if (!take(setting("eta"), eta_)) unknown_.push_back("Eta: " + eta_.substr(0, 60));
        } else if (!eta_.empty() && !is_zero(eta_) && !by_easel()) {
            unknown_.push_back("Eta: " + eta_.substr(0, 60));
        }
        // The web UI's stochastic DPM++ have random numbers of their own.
        const bool is_stochastic_solver = kind_ && kind_->stored_name.ends_with(" SDE");
        if ((!has_rng_ || is_stochastic_solver) && !by_easel())
            note("the program that stored these settings generates its noise differently, so the picture will differ");
        if (!unknown_.empty()) note(fmt::format("these stored settings cannot be used: {}", fmt::join(unknown_, ", ")));
    }

    void read_schedule() {
        Request& request = stored_.request;
        if (schedule_type_.empty() || !request.sampler) {
            if (!schedule_type_.empty() && !request.sampler) unknown_.push_back("Schedule type: " + schedule_type_);
        } else if (schedule_type_ == "Automatic") {  // the web UI's default of each sampler
            request.schedule = name(kind_->automatic_schedule);
        } else if (schedule_type_ == "Uniform") {
            request.schedule = name(SigmaSchedule::discrete);
        } else {
            const auto schedules = sigma_schedules();
            const auto known = std::ranges::find(schedules, schedule_type_,
                                                 [](const auto& choice) { return schedule_type(choice.value); });
            request.schedule = known == schedules.end() ? std::nullopt : std::optional<std::string>(known->name);
            // easel writes others only for a model whose own schedule it is.
            if (!request.schedule && !by_easel()) unknown_.push_back("Schedule type: " + schedule_type_.substr(0, 60));
        }
    }

    StoredSettings stored_;
    std::string version_, schedule_type_, eta_;
    std::vector<Entry> lora_hashes_;
    const SamplerKind* kind_ = nullptr;
    bool has_rng_ = false, keeps_picture_size_ = false, has_refiner_ = false;
    std::vector<std::string> unknown_;
};

}  // namespace

StoredSettings parse_parameters(std::string_view text, std::string_view where) {
    const Parts parts = split(text, where);
    Reader reader(entries_of(parts.settings));
    reader.read_prompts(parts);
    return reader.take();
}

std::vector<std::pair<std::string, std::string>> parameters_entries(std::string_view text, std::string_view where) {
    return entries_of(split(text, where).settings);
}

}  // namespace easel
