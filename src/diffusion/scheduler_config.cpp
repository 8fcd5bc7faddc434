#include "diffusion/scheduler_config.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/ranges.h>

#include "base/error.h"
#include "base/json.h"
#include "diffusion/samplers.h"
#include "diffusion/schedule.h"

namespace easel {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr int most_train_timesteps = 100000;
constexpr int most_solver_order = 9;

// A name and what it stands for.
template <typename T>
struct Choice {
    std::string_view name;
    T value;
};

template <typename T, std::size_t N>
std::string names_of(const Choice<T> (&choices)[N]) {
    std::vector<std::string_view> names;
    for (const auto& choice : choices) names.push_back(choice.name);
    return fmt::format("{}", fmt::join(names, ", "));
}

template <typename T, std::size_t N>
const Choice<T>* find(const Choice<T> (&choices)[N], std::string_view name) {
    for (const auto& choice : choices)
        if (choice.name == name) return &choice;
    return nullptr;
}

template <typename T, std::size_t N>
std::string_view name_of(const Choice<T> (&choices)[N], T value) {
    for (const auto& choice : choices)
        if (choice.value == value) return choice.name;
    return "";
}

constexpr Choice<BetaSchedule> beta_schedules[] = {{"linear", BetaSchedule::linear},
                                                   {"scaled_linear", BetaSchedule::scaled_linear},
                                                   {"squaredcos_cap_v2", BetaSchedule::squaredcos_cap_v2}};
constexpr Choice<SigmaSchedule> sigma_schedules[] = {{"discrete", SigmaSchedule::discrete},
                                                     {"karras", SigmaSchedule::karras}};
constexpr Choice<PredictionType> prediction_types[] = {{"epsilon", PredictionType::epsilon},
                                                       {"v_prediction", PredictionType::v_prediction},
                                                       {"sample", PredictionType::sample}};
constexpr Choice<TimestepSpacing> timestep_spacings[] = {{"leading", TimestepSpacing::leading},
                                                         {"trailing", TimestepSpacing::trailing},
                                                         {"linspace", TimestepSpacing::linspace}};
constexpr Choice<FinalSigmas> final_sigmas_types[] = {{"zero", FinalSigmas::zero},
                                                      {"sigma_min", FinalSigmas::sigma_min}};
constexpr Choice<InterpolationType> interpolation_types[] = {{"linear", InterpolationType::linear},
                                                             {"log_linear", InterpolationType::log_linear}};
constexpr Choice<TimestepType> timestep_types[] = {{"discrete", TimestepType::discrete},
                                                   {"continuous", TimestepType::continuous}};
// Each solver takes the other's names for its own default, so that a configuration can change its class.
constexpr Choice<SolverType> dpm_solver_types[] = {{"midpoint", SolverType::midpoint},
                                                   {"heun", SolverType::heun},
                                                   {"logrho", SolverType::midpoint},
                                                   {"bh1", SolverType::midpoint},
                                                   {"bh2", SolverType::midpoint}};
constexpr Choice<SolverType> unipc_solver_types[] = {{"bh1", SolverType::bh1},
                                                     {"bh2", SolverType::bh2},
                                                     {"midpoint", SolverType::bh2},
                                                     {"heun", SolverType::bh2},
                                                     {"logrho", SolverType::bh2}};
constexpr Choice<AlgorithmType> algorithm_types[] = {{"dpmsolver++", AlgorithmType::dpmsolver_pp},
                                                     {"sde-dpmsolver++", AlgorithmType::sde_dpmsolver_pp},
                                                     {"dpmsolver", AlgorithmType::dpmsolver},
                                                     {"sde-dpmsolver", AlgorithmType::sde_dpmsolver},
                                                     {"deis", AlgorithmType::dpmsolver_pp}};
// The log of the small variance is a detour to the same number.
constexpr Choice<VarianceType> variance_types[] = {{"fixed_small", VarianceType::fixed_small},
                                                   {"fixed_small_log", VarianceType::fixed_small},
                                                   {"fixed_large", VarianceType::fixed_large}};

/// A field of the file. Each reader throws an Error that names it when its value is of another kind or out of range.
class Field {
  public:
    Field(const nlohmann::json& value, std::string_view name, std::string_view where)
        : value_(value), name_(name), where_(where) {}

    bool null() const { return value_.is_null(); }

    bool boolean() const {
        if (null()) return false;
        if (!value_.is_boolean()) refuse("true or false");
        return value_.get<bool>();
    }

    int whole(int least, int greatest) const {
        const std::string wanted = fmt::format("a whole number from {} to {}", least, greatest);
        const double read = number(wanted);
        if (!(read >= least && read <= greatest) || read != std::floor(read)) refuse(wanted);
        return static_cast<int>(read);
    }

    /// More than `least` and less than `greatest`.
    double between(double least, double greatest) const {
        const std::string wanted = fmt::format("a number above {} and below {}", least, greatest);
        const double read = number(wanted);
        if (!(read > least && read < greatest)) refuse(wanted);
        return read;
    }

    /// A number that may also be Python's -Infinity, which stands quoted here.
    double number_or_minus_infinity() const {
        if (value_ == "-Infinity") return -infinity;
        return between(-1e6, 1e6);
    }

    template <typename T, std::size_t N>
    T one_of(const Choice<T> (&choices)[N]) const {
        const auto* chosen = value_.is_string() ? find(choices, value_.get_ref<const std::string&>()) : nullptr;
        if (!chosen) refuse(fmt::format("one of {}", names_of(choices)));
        return chosen->value;
    }

    std::vector<double> betas() const {
        constexpr std::string_view wanted = "null or a list of numbers above 0 and below 1";
        std::vector<double> betas;
        if (null()) return betas;
        if (!value_.is_array() || value_.empty() || value_.size() > most_train_timesteps) refuse(wanted);
        for (const auto& beta : value_) betas.push_back(Field(beta, name_, where_).between(0.0, 1.0));
        return betas;
    }

    std::set<int> steps() const {
        if (!value_.is_array()) refuse("a list of whole numbers");
        std::set<int> steps;
        for (const auto& step : value_) steps.insert(Field(step, name_, where_).whole(0, most_train_timesteps));
        return steps;
    }

    /// For what easel cannot do: only the value that asks for nothing is taken.
    void must_be_off() const {
        if (!null() && value_ != false) refuse("false, as easel does nothing else");
    }
    void must_be_null() const {
        if (!null()) refuse("null, as easel does nothing else");
    }

    [[noreturn]] void refuse(std::string_view wanted) const {
        fail("{}: {} is {:.60}, but must be {}", where_, name_,
             value_.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), wanted);
    }

  private:
    double number(std::string_view wanted) const {
        if (!value_.is_number()) refuse(wanted);
        return value_.get<double>();
    }

    const nlohmann::json& value_;
    std::string_view name_;
    std::string_view where_;
};

void choose(SigmaSchedule schedule, const Field& field, SchedulerConfig& config) {
    if (!field.boolean()) return;
    if (config.sigma_schedule != SigmaSchedule::discrete)
        field.refuse("false, as another schedule of sigmas is chosen already");
    config.sigma_schedule = schedule;
}

std::optional<double> optional_sigma(const Field& field) {
    if (field.null()) return std::nullopt;
    return field.between(0.0, 1e6);
}

bool is_dpm_solver(const SchedulerConfig& config) { return config.sampler == "dpmpp_2m"; }

void read_variance_type(const Field& field, SchedulerConfig& config) {
    // DPM-Solver++ has its own variance: what it asks for with this field is a network that predicts one.
    if (is_dpm_solver(config) && field.null()) return;
    config.variance_type = field.one_of(variance_types);
}

struct FieldReader {
    std::string_view name;
    void (*read)(const Field&, SchedulerConfig&);
};

constexpr FieldReader common_fields[] = {
    {"num_train_timesteps",
     [](const Field& f, SchedulerConfig& c) { c.num_train_timesteps = f.whole(1, most_train_timesteps); }},
    {"beta_start", [](const Field& f, SchedulerConfig& c) { c.beta_start = f.between(0.0, 1.0); }},
    {"beta_end", [](const Field& f, SchedulerConfig& c) { c.beta_end = f.between(0.0, 1.0); }},
    {"beta_schedule", [](const Field& f, SchedulerConfig& c) { c.beta_schedule = f.one_of(beta_schedules); }},
    {"trained_betas", [](const Field& f, SchedulerConfig& c) { c.trained_betas = f.betas(); }},
    {"prediction_type", [](const Field& f, SchedulerConfig& c) { c.prediction_type = f.one_of(prediction_types); }},
    {"timestep_spacing", [](const Field& f, SchedulerConfig& c) { c.timestep_spacing = f.one_of(timestep_spacings); }},
    {"steps_offset", [](const Field& f, SchedulerConfig& c) { c.steps_offset = f.whole(0, most_train_timesteps); }},
};

constexpr FieldReader special_fields[] = {
    {"rescale_betas_zero_snr", [](const Field& f, SchedulerConfig& c) { c.rescale_betas_zero_snr = f.boolean(); }},
    {"set_alpha_to_one", [](const Field& f, SchedulerConfig& c) { c.set_alpha_to_one = f.boolean(); }},
    {"skip_prk_steps", [](const Field& f, SchedulerConfig& c) { c.skip_prk_steps = f.boolean(); }},
    {"variance_type", read_variance_type},
    {"original_inference_steps",
     [](const Field& f, SchedulerConfig& c) { c.original_inference_steps = f.whole(1, most_train_timesteps); }},
    {"timestep_scaling", [](const Field& f, SchedulerConfig& c) { c.timestep_scaling = f.between(0.0, 1e6); }},
    {"clip_sample", [](const Field& f, SchedulerConfig& c) { c.clip_sample = f.boolean(); }},
    {"clip_sample_range", [](const Field& f, SchedulerConfig& c) { c.clip_sample_range = f.between(0.0, 1e6); }},
    {"thresholding", [](const Field& f, SchedulerConfig& c) { c.thresholding = f.boolean(); }},
    {"dynamic_thresholding_ratio",
     [](const Field& f, SchedulerConfig& c) { c.dynamic_thresholding_ratio = f.between(0.0, 1.0); }},
    {"sample_max_value", [](const Field& f, SchedulerConfig& c) { c.sample_max_value = f.between(0.0, 1e6); }},
    {"use_karras_sigmas", [](const Field& f, SchedulerConfig& c) { choose(SigmaSchedule::karras, f, c); }},
    {"use_exponential_sigmas", [](const Field& f, SchedulerConfig& c) { choose(SigmaSchedule::exponential, f, c); }},
    {"use_lu_lambdas", [](const Field& f, SchedulerConfig& c) { choose(SigmaSchedule::lu, f, c); }},
    {"use_beta_sigmas", [](const Field& f, SchedulerConfig& c) { choose(SigmaSchedule::beta, f, c); }},
    {"sigma_min", [](const Field& f, SchedulerConfig& c) { c.sigma_min = optional_sigma(f); }},
    {"sigma_max", [](const Field& f, SchedulerConfig& c) { c.sigma_max = optional_sigma(f); }},
    {"final_sigmas_type",
     [](const Field& f, SchedulerConfig& c) { c.final_sigmas_type = f.one_of(final_sigmas_types); }},
    {"interpolation_type",
     [](const Field& f, SchedulerConfig& c) { c.interpolation_type = f.one_of(interpolation_types); }},
    {"timestep_type", [](const Field& f, SchedulerConfig& c) { c.timestep_type = f.one_of(timestep_types); }},
    {"solver_order", [](const Field& f, SchedulerConfig& c) { c.solver_order = f.whole(1, most_solver_order); }},
    {"solver_type",
     [](const Field& f, SchedulerConfig& c) {
         c.solver_type = is_dpm_solver(c) ? f.one_of(dpm_solver_types) : f.one_of(unipc_solver_types);
     }},
    {"algorithm_type", [](const Field& f, SchedulerConfig& c) { c.algorithm_type = f.one_of(algorithm_types); }},
    {"lower_order_final", [](const Field& f, SchedulerConfig& c) { c.lower_order_final = f.boolean(); }},
    {"euler_at_final", [](const Field& f, SchedulerConfig& c) { c.euler_at_final = f.boolean(); }},
    {"lambda_min_clipped",
     [](const Field& f, SchedulerConfig& c) { c.lambda_min_clipped = f.number_or_minus_infinity(); }},
    {"predict_x0", [](const Field& f, SchedulerConfig& c) { c.predict_x0 = f.boolean(); }},
    {"disable_corrector", [](const Field& f, SchedulerConfig& c) { c.disable_corrector = f.steps(); }},
    {"solver_p", [](const Field& f, SchedulerConfig&) { f.must_be_null(); }},
    {"use_flow_sigmas", [](const Field& f, SchedulerConfig&) { f.must_be_off(); }},
    {"use_dynamic_shifting", [](const Field& f, SchedulerConfig&) { f.must_be_off(); }},
    {"shift_terminal", [](const Field& f, SchedulerConfig&) { f.must_be_null(); }},
    // These two only say how use_flow_sigmas and use_dynamic_shifting would be done.
    {"flow_shift", [](const Field&, SchedulerConfig&) {}},
    {"time_shift_type", [](const Field&, SchedulerConfig&) {}},
};

const FieldReader* find(std::span<const FieldReader> readers, std::string_view name) {
    const auto found = std::find_if(readers.begin(), readers.end(), [&](const auto& r) { return r.name == name; });
    return found == readers.end() ? nullptr : &*found;
}

bool has_field(const SamplerEntry& entry, std::string_view name) {
    return entry.fields.find(fmt::format(" {} ", name)) != std::string_view::npos;
}

// The arguments' defaults in diffusers' classes.
SchedulerConfig class_defaults(std::string_view sampler) {
    SchedulerConfig config;
    config.sampler = sampler;
    if (sampler == "ddim" || sampler == "ddpm" || sampler == "pndm" || sampler == "lcm")
        config.timestep_spacing = TimestepSpacing::leading;
    if (sampler == "ddim" || sampler == "ddpm") config.clip_sample = true;
    if (sampler == "ddim" || sampler == "lcm") config.set_alpha_to_one = true;
    if (sampler == "heun" || sampler == "lcm") {
        config.beta_start = 0.00085;
        config.beta_end = 0.012;
    }
    if (sampler == "lcm") config.beta_schedule = BetaSchedule::scaled_linear;
    if (sampler == "unipc") config.solver_type = SolverType::bh2;
    return config;
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

std::string_view sampler_of_class(const nlohmann::json& fields, std::string_view where) {
    const auto name = fields.find("_class_name");
    if (name == fields.end() || !name->is_string())
        fail("{}: it has no _class_name, so it does not say which sampler it is for: name one with `sampler`", where);
    std::vector<std::string_view> known;
    for (const SamplerEntry& entry : sampler_table()) {
        if (name->get_ref<const std::string&>() == entry.class_name) return entry.name;
        known.push_back(entry.class_name);
    }
    fail("{}: _class_name {:.60} is no sampler that easel has: use one of {}, or name another with `sampler`", where,
         name->get_ref<const std::string&>(), fmt::join(known, ", "));
}

}  // namespace

SchedulerConfig parse_scheduler_config(std::string_view text, std::string_view where, std::string_view sampler) {
    const nlohmann::json fields = parse_json(quote_non_finite_numbers(text), where);
    if (!fields.is_object()) fail("{}: it is not a scheduler configuration, which is a JSON object", where);
    const SamplerEntry& entry = sampler_entry(sampler.empty() ? sampler_of_class(fields, where) : sampler);

    SchedulerConfig config = class_defaults(entry.name);
    for (const auto& [name, value] : fields.items()) {
        if (name.starts_with('_')) continue;
        const Field field(value, name, where);
        if (const FieldReader* common = find(common_fields, name))
            common->read(field, config);
        else if (const FieldReader* special = find(special_fields, name)) {
            // As in diffusers, settings of other samplers may stand here and do nothing.
            if (has_field(entry, name)) special->read(field, config);
        } else {
            fail("{}: the field {:.60} is unknown: easel would not honour it, so remove it", where, name);
        }
    }
    check(config);
    return config;
}

SchedulerConfig standard_scheduler_config(std::string_view sampler) {
    return parse_scheduler_config(R"({
        "num_train_timesteps": 1000, "beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear",
        "prediction_type": "epsilon", "steps_offset": 1, "set_alpha_to_one": false, "clip_sample": false,
        "skip_prk_steps": true})",
                                  "the settings of Stable Diffusion 1.x", sampler_entry(sampler).name);
}

std::vector<std::string> correct_for_stable_diffusion(SchedulerConfig& config, bool with_mask) {
    std::vector<std::string> changes;
    if (config.steps_offset != 1) {
        if (config.timestep_spacing == TimestepSpacing::leading && config.sampler != "lcm")
            changes.push_back(
                fmt::format("steps_offset is taken as 1, not {}, as Stable Diffusion wants it", config.steps_offset));
        config.steps_offset = 1;
    }
    if (config.clip_sample && !with_mask) {
        changes.emplace_back("clip_sample is taken as false, as Stable Diffusion's latents have no bounds");
        config.clip_sample = false;
    }
    if (config.sampler == "pndm" && !config.skip_prk_steps && with_mask) {
        changes.emplace_back("skip_prk_steps is taken as true, as masks want it");
        config.skip_prk_steps = true;
    }
    return changes;
}

void check(const SchedulerConfig& config) {
    const SamplerEntry& entry = sampler_entry(config.sampler);
    if (config.num_train_timesteps < 1 || config.num_train_timesteps > most_train_timesteps)
        fail_usage("num_train_timesteps is {}, but must be 1 to {}", config.num_train_timesteps, most_train_timesteps);
    for (const double beta : {config.beta_start, config.beta_end})
        if (!(beta > 0.0 && beta < 1.0))
            fail_usage("beta_start and beta_end are {} and {}, but must lie above 0 and below 1", config.beta_start,
                       config.beta_end);
    if (config.sigma_schedule != SigmaSchedule::discrete && !entry.has_sigma_schedules) {
        std::vector<std::string_view> able;
        for (const SamplerEntry& other : sampler_table())
            if (other.has_sigma_schedules) able.push_back(other.name);
        refuse("schedule", "the sampler {} has no karras schedule, only {} have one: use one of them, or discrete",
               entry.name, fmt::join(able, ", "));
    }
    if (config.prediction_type == PredictionType::sample && !entry.takes_sample_predictions)
        fail("the sampler {} takes no prediction_type sample: use another sampler, such as ddim", entry.name);
    if (!config.trained_betas.empty() &&
        config.trained_betas.size() != static_cast<std::size_t>(config.num_train_timesteps))
        fail("trained_betas has {} values, but num_train_timesteps is {}: they must be equal",
             config.trained_betas.size(), config.num_train_timesteps);
    if (config.algorithm_type == AlgorithmType::sde_dpmsolver && config.solver_order > 2)
        fail("algorithm_type sde-dpmsolver goes with a solver_order of 1 or 2, not {}", config.solver_order);
    if (!extrapolates_x0(config.algorithm_type) && config.final_sigmas_type == FinalSigmas::zero)
        fail(
            "algorithm_type {} cannot step to a sigma of zero: set final_sigmas_type to sigma_min, or algorithm_type "
            "to {}++",
            name_of(algorithm_types, config.algorithm_type), name_of(algorithm_types, config.algorithm_type));
    if (entry.name == "unipc" && config.final_sigmas_type == FinalSigmas::zero) {
        if (!config.predict_x0)
            fail("unipc with predict_x0 false cannot step to a sigma of zero: set final_sigmas_type to sigma_min");
        if (!config.lower_order_final && config.solver_order > 1)
            fail(
                "unipc with lower_order_final false cannot step to a sigma of zero: set final_sigmas_type to "
                "sigma_min");
    }

    const std::vector<double> alphas_cumprod = make_alphas_cumprod(make_betas(config));
    const auto not_falling = [](double earlier, double later) { return !(later < earlier); };
    if (!(alphas_cumprod.front() < 1.0) ||
        std::adjacent_find(alphas_cumprod.begin(), alphas_cumprod.end(), not_falling) != alphas_cumprod.end())
        fail_usage(
            "with these betas over {} timesteps the signal does not fall from each timestep to the next: "
            "Stable Diffusion has 0.00085 to 0.012 over 1000",
            config.num_train_timesteps);
    // A sigma, the root of (1 - alpha_bar) / alpha_bar, is computed in floats, as diffusers has it.
    const auto has_no_sigma = [](double alpha_bar) {
        return alpha_bar > 0.0 && alpha_bar < std::numeric_limits<float>::min();
    };
    if (std::any_of(alphas_cumprod.begin(), alphas_cumprod.end(), has_no_sigma))
        fail_usage(
            "with these betas over {} timesteps less signal is left than numbers can hold: "
            "Stable Diffusion has 0.00085 to 0.012 over 1000",
            config.num_train_timesteps);
}

bool is_stochastic(AlgorithmType algorithm_type) {
    return algorithm_type == AlgorithmType::sde_dpmsolver_pp || algorithm_type == AlgorithmType::sde_dpmsolver;
}

bool extrapolates_x0(AlgorithmType algorithm_type) {
    return algorithm_type == AlgorithmType::dpmsolver_pp || algorithm_type == AlgorithmType::sde_dpmsolver_pp;
}

std::string_view name(BetaSchedule beta_schedule) { return name_of(beta_schedules, beta_schedule); }

std::string_view name(TimestepSpacing timestep_spacing) { return name_of(timestep_spacings, timestep_spacing); }

std::string_view name(PredictionType prediction_type) { return name_of(prediction_types, prediction_type); }

BetaSchedule beta_schedule_by_name(std::string_view name) {
    if (const auto* choice = find(beta_schedules, name)) return choice->value;
    refuse_value("beta_schedule", fmt::format("{:.60}", name), "use one of {}", names_of(beta_schedules));
}

SigmaSchedule sigma_schedule_by_name(std::string_view name) {
    if (const auto* choice = find(sigma_schedules, name)) return choice->value;
    refuse_value("schedule", fmt::format("{:.60}", name), "use one of {}", names_of(sigma_schedules));
}

}  // namespace easel
