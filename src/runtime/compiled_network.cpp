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
#include "runtime/devices.h"
#include "runtime/processors.h"

namespace easel {
namespace {

using namespace std::chrono_literals;

/// While it lives, gives the pages of mapped weights back four times a second: compiling touches each weight once, and
/// without this the file would stay in memory beside its packed form.
class PageReleaser {
  public:
    explicit PageReleaser(const Checkpoint& checkpoint)
        : checkpoint_(checkpoint), thread_([this](std::stop_token stop) { run(stop); }) {}
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
        for (const auto& file : checkpoint_.files) file->release_pages();
    }

    const Checkpoint& checkpoint_;
    std::jthread thread_;
};

/// What OpenVINO throws has many lines; the last one that says something is the reason.
std::string reason(const std::exception& error) {
    const std::string text = error.what();
    std::string last;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        if (const std::string line = text.substr(begin, end - begin);
            line.find_first_not_of(" \t") != std::string::npos)
            last = line;
        begin = end + 1;
    }
    return last;
}

ov::element::Type element_type(const std::string& precision) {
    if (precision == "f32") return ov::element::f32;
    return precision == "bf16" ? ov::element::bf16 : ov::element::f16;
}

}  // namespace

CompiledNetwork::CompiledNetwork(ov::CompiledModel compiled) : request_(compiled.create_infer_request()) {}

std::span<float> CompiledNetwork::input(std::size_t index) {
    ov::Tensor tensor = request_.get_input_tensor(index);
    return {tensor.data<float>(), tensor.get_size()};
}

std::span<std::int32_t> CompiledNetwork::integer_input(std::size_t index) {
    ov::Tensor tensor = request_.get_input_tensor(index);
    return {tensor.data<std::int32_t>(), tensor.get_size()};
}

std::span<const float> CompiledNetwork::run(std::stop_token stop, std::size_t index) {
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
        fail("a network stopped while it was running ({})", reason(error));
    }
    const ov::Tensor output = request_.get_output_tensor(index);
    return {output.data<const float>(), output.get_size()};
}

Runtime::Runtime(const EngineOptions& options) : device_(options.device) {
    const Device device = find_device(core_, options.device);
    if (options.threads < 0) fail_usage("--threads {}: give 1 or more, or 0 for all that may be used", options.threads);
    if (device_.starts_with("CPU"))
        properties_[ov::inference_num_threads.name()] = options.threads > 0 ? options.threads : usable_processors();

    if (options.precision != "auto") {
        const auto& able = device.precisions;
        if (std::find(able.begin(), able.end(), options.precision) == able.end())
            fail_usage("--precision {}: {} computes in {}; use one of these, or auto", options.precision, device.name,
                       fmt::join(able, ", "));
        properties_[ov::hint::inference_precision.name()] = element_type(options.precision);
        precision_ = options.precision;
    } else {
        precision_ = core_.get_property(device_, ov::hint::inference_precision).to_string();
    }
}

CompiledNetwork Runtime::compile(const std::shared_ptr<ov::Model>& model, const Checkpoint& checkpoint) {
    const PageReleaser releaser(checkpoint);
    return compile(model);
}

CompiledNetwork Runtime::compile(const std::shared_ptr<ov::Model>& model) {
    try {
        ov::CompiledModel compiled = core_.compile_model(model, device_, properties_);
        precision_ = compiled.get_property(ov::hint::inference_precision).to_string();
        return CompiledNetwork(std::move(compiled));
    } catch (const ov::Exception& error) {
        fail("{}: the {} could not be compiled ({})", device_, model->get_name(), reason(error));
    }
}

}  // namespace easel
