#include "runtime/compiled_network.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include <fmt/ranges.h>
#include <openvino/core/except.hpp>
#include <openvino/runtime/properties.hpp>

#include "base/error.h"
#include "networks/fold_upsampling.h"
#include "networks/split_attention.h"
#include "runtime/devices.h"
#include "runtime/precisions.h"
#include "runtime/processors.h"
#include "runtime/reason.h"

namespace easel {
namespace {

using namespace std::chrono_literals;

/// The CPU plugin computes an attention in one fused operation, which stores no scores but is slower than the plain
/// products once a head's keys and values exceed the cache: at 9216 queries (768x768 pixels) a step takes 0.79 of its
/// time without, at 6144 it takes 1.08. The plugin's fusion ("snippets") is then off for the whole network.
constexpr std::size_t most_fused_queries = 7168;
constexpr const char* fused_code = "SNIPPETS_MODE";
/// The most bytes of the scores that are then stored at a time.
constexpr std::size_t most_bytes_of_scores = std::size_t{512} << 20;

/// While it lives, gives the pages of mapped weights back four times a second: compiling touches each weight once, and
/// without this the file would stay in memory beside its packed form.
class PageReleaser {
  public:
    explicit PageReleaser(const MappedFiles& files)
        : files_(files), thread_([this](std::stop_token stop) { run(stop); }) {}
    ~PageReleaser() {
        thread_.request_stop();
        thread_.join();
        release();
    }
    PageReleaser(const PageReleaser&) = delete;
    PageReleaser& operator=(const PageReleaser&) = delete;

  private:
    void run(std::stop_token stop) {
        std::mutex mutex;
        std::unique_lock lock(mutex);
        std::condition_variable_any waiting;
        while (!stop.stop_requested()) {
            waiting.wait_for(lock, stop, 250ms, [] { return false; });
            release();
        }
    }

    void release() const {
        for (const auto& file : files_) file->release_pages();
    }

    const MappedFiles& files_;
    std::jthread thread_;
};

/// What is compiled, where and how.
struct Plan {
    std::shared_ptr<ov::Model> model;
    std::string device;
    ov::AnyMap properties;
};

/// Gives the model the form that saves time, and the properties that go with it. `precision` is what it will be
/// computed in.
void make_fast(Plan& plan, const ov::element::Type& precision) {
    const ov::element::Type stored = precision == ov::element::bf16 ? ov::element::bf16 : ov::element::f32;
    fold_upsampling(plan.model, stored);
    if (plan.device.starts_with("CPU") && longest_attention(*plan.model) > most_fused_queries) {
        split_attention(plan.model, most_bytes_of_scores / stored.size());
        plan.properties[fused_code] = std::string("DISABLE");
    }
}

CompiledNetwork compiled(ov::Core& core, const Plan& plan) {
    try {
        return CompiledNetwork(core.compile_model(plan.model, plan.device, plan.properties));
    } catch (const std::exception& error) {
        fail(is_about_memory(error) ? ErrorKind::no_memory : ErrorKind::failed, "{}: the {} could not be compiled ({})",
             plan.device, plan.model->get_friendly_name(), reason(error));
    }
}

}  // namespace

CompiledNetwork::CompiledNetwork(ov::CompiledModel compiled)
    : precision_(compiled.get_property(ov::hint::inference_precision).to_string()),
      input_count_(compiled.inputs().size()),
      output_count_(compiled.outputs().size()),
      request_(compiled.create_infer_request()) {}

std::span<float> CompiledNetwork::input(std::size_t index) {
    ov::Tensor tensor = request_.get_input_tensor(index);
    return {tensor.data<float>(), tensor.get_size()};
}

std::span<std::int32_t> CompiledNetwork::integer_input(std::size_t index) {
    ov::Tensor tensor = request_.get_input_tensor(index);
    return {tensor.data<std::int32_t>(), tensor.get_size()};
}

std::span<const float> CompiledNetwork::run(const std::stop_token& stop, std::size_t index) {
    try {
        request_.start_async();
        while (!request_.wait_for(50ms)) {
            if (!stop.stop_requested()) continue;
            request_.cancel();
            try {
                request_.wait();
            } catch (const ov::Exception&) {  // that it was cancelled, which is known
            }
            throw Cancelled();
        }
    } catch (const ov::Exception& error) {
        fail(is_about_memory(error) ? ErrorKind::no_memory : ErrorKind::failed,
             "a network stopped while it was running ({})", reason(error));
    }
    return output(index);
}

std::span<const float> CompiledNetwork::output(std::size_t index) {
    const ov::Tensor output = request_.get_output_tensor(index);
    return {output.data<const float>(), output.get_size()};
}

Runtime::Runtime(const EngineOptions& options)
    : form_(options.plain_networks ? NetworkForm::plain : NetworkForm::fast) {
    const Device device = find_device(core_, options.device);
    device_ = device.name;
    precisions_ = device.precisions;
    if (options.threads < 0) refuse_value("threads", options.threads, "give 1 or more, or 0 for all available ones");
    if (device_.starts_with("CPU")) {
        properties_[ov::inference_num_threads.name()] = options.threads > 0 ? options.threads : usable_processors();
        // The plugin has fused code only for AVX2 and newer, but relies on it for group normalization on older ones
        // too.
        if (lacks_avx2()) properties_[fused_code] = std::string("DISABLE");
    }

    if (options.precision != "auto") {
        check_precision("precision", options.precision);
        properties_[ov::hint::inference_precision.name()] = element_type(options.precision);
        precision_ = options.precision;
    } else {
        precision_ = core_.get_property(device_, ov::hint::inference_precision).to_string();
    }
}

void Runtime::check_precision(std::string_view field, const std::string& precision) const {
    if (std::ranges::find(precisions_, precision) == precisions_.end())
        refuse_value(field, precision, "{} computes in {}; use one of these, or auto", device_,
                     fmt::join(precisions_, ", "));
}

CompiledNetwork Runtime::compile(const std::shared_ptr<ov::Model>& model, const MappedFiles& files,
                                 const std::string& precision, const std::stop_token& stop) {
    Plan plan{.model = model, .device = device_, .properties = properties_};
    if (!precision.empty()) plan.properties[ov::hint::inference_precision.name()] = element_type(precision);
    const ov::element::Type computed = element_type(precision.empty() ? precision_ : precision);
    return compiling_.run(
        [core = core_, plan, files, computed, form = form_]() mutable {
            if (form == NetworkForm::fast) make_fast(plan, computed);
            const PageReleaser releaser(files);
            return compiled(core, plan);
        },
        stop);
}

CompiledNetwork Runtime::compile(const std::shared_ptr<ov::Model>& model) {
    return compiled(core_, {.model = model, .device = device_, .properties = properties_});
}

}  // namespace easel
