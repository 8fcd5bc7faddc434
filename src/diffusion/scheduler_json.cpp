#include "diffusion/scheduler_json.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <span>

#include "base/error.h"
#include "base/json.h"
#include "base/json_field.h"
#include "base/json_keys.h"
#include "base/quoted.h"
#include "diffusion/sampler_kind.h"
#include "diffusion/scheduler_limits.h"
#include "diffusion/scheduler_names.h"
#include "diffusion/scheduler_policy.h"

namespace easel {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// A number that may also be Python's -Infinity, which is in quotes here.
double number_or_minus_infinity(const JsonField& field) {
    return field.value() == "-Infinity" ? -infinity : field.between(-1e6, 1e6);
}

template <typename T>
T one_of(const JsonField& field, std::span<const Choice<T>> choices) {
    const auto* chosen = field.value().is_string() ? find(choices, field.text()) : nullptr;
    if (!chosen) field.refuse(fmt::format("one of {}", names_of(choices)));
    return chosen->value;
}

std::vector<double> betas_of(const JsonField& field) {
    const nlohmann::json& list = field.value();
    if (!list.is_array() || list.empty() || list.size() > most_train_timesteps)
        field.refuse("null or a list of numbers above 0 and below 1");
    std::vector<double> betas;
    for (const auto& beta : list) betas.push_back(field.entry(beta).between(0.0, 1.0));
    return betas;
}

std::set<int> steps_of(const JsonField& field) {
    if (!field.value().is_array()) field.refuse("a list of whole numbers");
    std::set<int> steps;
    for (const auto& step : field.value()) steps.insert(field.entry(step).whole(0, most_train_timesteps));
    return steps;
}

void choose(SigmaSchedule schedule, const JsonField& field, SchedulerConfig& config) {
    if (!field.boolean()) return;
    if (config.sigma_schedule != SigmaSchedule::discrete)
        field.refuse("false, because another schedule of sigmas is already set");
    config.sigma_schedule = schedule;
}

/// A field that is true or false. Null is false, as in Python.
struct Flag {
    std::string_view name;
    bool SchedulerConfig::*member;
};

constexpr Flag flags[] = {
    {"rescale_betas_zero_snr", &SchedulerConfig::rescale_betas_zero_snr},
    {"set_alpha_to_one", &SchedulerConfig::set_alpha_to_one},
    {"skip_prk_steps", &SchedulerConfig::skip_prk_steps},
    {"clip_sample", &SchedulerConfig::clip_sample},
    {"thresholding", &SchedulerConfig::thresholding},
    {"lower_order_final", &SchedulerConfig::lower_order_final},
    {"euler_at_final", &SchedulerConfig::euler_at_final},
    {"predict_x0", &SchedulerConfig::predict_x0},
};

/// Null leaves the class's default.
struct FieldReader {
    std::string_view name;
    void (*read)(const JsonField&, SchedulerConfig&);
};

constexpr FieldReader common_fields[] = {
    {"num_train_timesteps",
     [](const JsonField& f, SchedulerConfig& c) { c.num_train_timesteps = f.whole(1, most_train_timesteps); }},
    {"beta_start", [](const JsonField& f, SchedulerConfig& c) { c.beta_start = f.between(0.0, 1.0); }},
    {"beta_end", [](const JsonField& f, SchedulerConfig& c) { c.beta_end = f.between(0.0, 1.0); }},
    {"beta_schedule", [](const JsonField& f, SchedulerConfig& c) { c.beta_schedule = one_of(f, beta_schedules()); }},
    {"trained_betas", [](const JsonField& f, SchedulerConfig& c) { c.trained_betas = betas_of(f); }},
    {"prediction_type",
     [](const JsonField& f, SchedulerConfig& c) { c.prediction_type = one_of(f, prediction_types()); }},
    {"timestep_spacing",
     [](const JsonField& f, SchedulerConfig& c) { c.timestep_spacing = one_of(f, timestep_spacings()); }},
    {"steps_offset", [](const JsonField& f, SchedulerConfig& c) { c.steps_offset = f.whole(0, most_train_timesteps); }},
};

constexpr FieldReader special_fields[] = {
    {"variance_type", [](const JsonField& f, SchedulerConfig& c) { c.variance_type = one_of(f, variance_types()); }},
    {"original_inference_steps",
     [](const JsonField& f, SchedulerConfig& c) { c.original_inference_steps = f.whole(1, most_train_timesteps); }},
    {"timestep_scaling", [](const JsonField& f, SchedulerConfig& c) { c.timestep_scaling = f.between(0.0, 1e6); }},
    {"clip_sample_range", [](const JsonField& f, SchedulerConfig& c) { c.clip_sample_range = f.between(0.0, 1e6); }},
    {"dynamic_thresholding_ratio",
     [](const JsonField& f, SchedulerConfig& c) { c.dynamic_thresholding_ratio = f.between(0.0, 1.0); }},
    {"sample_max_value", [](const JsonField& f, SchedulerConfig& c) { c.sample_max_value = f.between(0.0, 1e6); }},
    {"use_karras_sigmas", [](const JsonField& f, SchedulerConfig& c) { choose(SigmaSchedule::karras, f, c); }},
    {"use_exponential_sigmas",
     [](const JsonField& f, SchedulerConfig& c) { choose(SigmaSchedule::exponential, f, c); }},
    {"use_lu_lambdas", [](const JsonField& f, SchedulerConfig& c) { choose(SigmaSchedule::lu, f, c); }},
    {"use_beta_sigmas", [](const JsonField& f, SchedulerConfig& c) { choose(SigmaSchedule::beta, f, c); }},
    {"sigma_min", [](const JsonField& f, SchedulerConfig& c) { c.sigma_min = f.between(0.0, 1e6); }},
    {"sigma_max", [](const JsonField& f, SchedulerConfig& c) { c.sigma_max = f.between(0.0, 1e6); }},
    {"final_sigmas_type",
     [](const JsonField& f, SchedulerConfig& c) { c.final_sigmas_type = one_of(f, final_sigmas_types()); }},
    {"interpolation_type",
     [](const JsonField& f, SchedulerConfig& c) { c.interpolation_type = one_of(f, interpolation_types()); }},
    {"timestep_type", [](const JsonField& f, SchedulerConfig& c) { c.timestep_type = one_of(f, timestep_types()); }},
    {"solver_order", [](const JsonField& f, SchedulerConfig& c) { c.solver_order = f.whole(1, most_solver_order); }},
    {"solver_type", [](const JsonField& f, SchedulerConfig& c) { c.solver_type = one_of(f, c.sampler->solver_types); }},
    {"algorithm_type", [](const JsonField& f, SchedulerConfig& c) { c.algorithm_type = one_of(f, algorithm_types()); }},
    {"lambda_min_clipped",
     [](const JsonField& f, SchedulerConfig& c) { c.lambda_min_clipped = number_or_minus_infinity(f); }},
    {"disable_corrector", [](const JsonField& f, SchedulerConfig& c) { c.disable_corrector = steps_of(f); }},
};

// What only says how something unsupported would be done, or what the arrays of 2022 were made of.
constexpr std::string_view fields_without_effect[] = {"flow_shift", "time_shift_type", "tensor_format"};

// Of the samplers that have them.
constexpr KeyWithOneValue unsupported_fields[] = {
    {"use_flow_sigmas", "false"},
    {"use_dynamic_shifting", "false"},
    {"solver_p", "null"},
    {"shift_terminal", "null"},
};

template <typename Rows>
auto find_row(const Rows& rows, std::string_view name) {
    const auto found = std::ranges::find_if(rows, [&](const auto& row) { return row.name == name; });
    return found == std::end(rows) ? nullptr : &*found;
}

std::vector<std::string> check_fields(const nlohmann::json& fields, const SamplerKind& kind, std::string_view where) {
    std::vector<std::string_view> known(std::begin(fields_without_effect), std::end(fields_without_effect));
    for (const Flag& flag : flags) known.push_back(flag.name);
    for (const FieldReader& reader : common_fields) known.push_back(reader.name);
    for (const FieldReader& reader : special_fields) known.push_back(reader.name);
    std::vector<KeyWithOneValue> unsupported;
    for (const KeyWithOneValue& field : unsupported_fields)
        if (kind.has_field(field.key))
            unsupported.push_back(field);
        else
            known.push_back(field.key);
    return check_keys(fields, {.known = known, .unsupported = unsupported}, where);
}

void read_fields(const nlohmann::json& fields, std::string_view where, SchedulerConfig& config) {
    for (const auto& [name, value] : fields.items()) {
        const JsonField field(value, name, where);
        // As in diffusers, settings of other samplers may stand here and do nothing.
        const bool is_own = config.sampler->has_field(name);
        if (const Flag* flag = find_row(flags, name)) {
            if (is_own) config.*flag->member = !field.is_null() && field.boolean();
        } else if (value.is_null()) {
            continue;
        } else if (const FieldReader* common = find_row(common_fields, name)) {
            common->read(field, config);
        } else if (const FieldReader* special = find_row(special_fields, name)) {
            if (is_own) special->read(field, config);
        }
    }
}

// Python writes numbers that JSON does not have; they are put into quotes.
std::string quote_non_finite_numbers(std::string_view text) {
    std::string quoted;
    quoted.reserve(text.size());
    bool in_string = false;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t length = 1;
        if (in_string) {
            if (text[at] == '\\') length = 2;
            if (text[at] == '"') in_string = false;
        } else if (text[at] == '"') {
            in_string = true;
        } else {
            for (const std::string_view word : {"-Infinity", "Infinity", "NaN"})
                if (text.substr(at).starts_with(word)) length = word.size();
        }
        const std::string_view piece = text.substr(at, length);
        quoted += !in_string && piece.size() > 2 ? fmt::format("\"{}\"", piece) : std::string(piece);
        at += length;
    }
    return quoted;
}

/// The settings to begin with, by `_class_name`.
SchedulerConfig defaults_of_class(const nlohmann::json& fields, std::string_view where,
                                  std::vector<std::string>& notes) {
    const auto found = fields.find("_class_name");
    if (found == fields.end() || !found->is_string())
        fail(ErrorKind::damaged, "{}: it has no _class_name, so the sampler is unknown; name one with `sampler`",
             where);
    const std::string& name = found->get_ref<const std::string&>();
    if (name.starts_with("FlowMatch"))
        fail(ErrorKind::unsupported,
             "{}: _class_name {:.60} is for models trained by flow matching, which are not supported", where, name);
    const SamplerOfClass sampler = sampler_of_class(name);
    if (sampler.exact) return class_defaults(*sampler.kind);
    // How that class begins is not known.
    const SchedulerConfig config = standard_scheduler_config(*sampler.kind);
    notes.push_back(fmt::format("{}: easel has no sampler for {}; the nearest, {}, is used instead", where,
                                in_quotes(name), sampler.kind->name));
    return config;
}

}  // namespace

ParsedSchedulerConfig parse_scheduler_config(std::string_view text, std::string_view where,
                                             const SamplerKind* sampler) {
    const nlohmann::json fields = parse_json(quote_non_finite_numbers(text), where);
    require_object(fields, where);
    ParsedSchedulerConfig parsed;
    parsed.config = sampler ? class_defaults(*sampler) : defaults_of_class(fields, where, parsed.notes);
    for (std::string& note : check_fields(fields, *parsed.config.sampler, where))
        parsed.notes.push_back(std::move(note));
    read_fields(fields, where, parsed.config);
    return parsed;
}

}  // namespace easel
