#pragma once

#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <openvino/core/model.hpp>
#include <openvino/runtime/compiled_model.hpp>
#include <openvino/runtime/core.hpp>
#include <openvino/runtime/infer_request.hpp>

#include <easel/easel.h>

#include "base/background.h"
#include "runtime/network_source.h"

namespace easel {

/// A compiled network that is ready to run.
class CompiledNetwork {
  public:
    /// Throws Error of kind `no_memory` if there is not enough memory.
    explicit CompiledNetwork(ov::CompiledModel compiled);

    /// Computes in place of the values behind `input` and `output` of the compiled model's own order.
    std::span<float> input(std::size_t index);
    std::size_t input_count() const { return input_count_; }
    std::span<std::int32_t> integer_input(std::size_t index);
    /// Runs, and returns the values of the output at `index`; they stay valid until the next run. Throws Cancelled if
    /// `stop` is requested meanwhile, and Error if the device fails.
    std::span<const float> run(const std::stop_token& stop, std::size_t index = 0);
    /// The values of the output at `index` of the last run.
    std::span<const float> output(std::size_t index);
    std::size_t output_count() const { return output_count_; }

    /// The precision that it really runs in: "f32", "bf16" or "f16".
    const std::string& precision() const { return precision_; }

  private:
    std::string precision_;
    std::size_t input_count_, output_count_;
    ov::InferRequest request_;
};

/// A device and how to use it: compiles networks.
class Runtime {
  public:
    /// Throws Error for a device that does not exist or a precision that it does not support, listing those that would
    /// work.
    explicit Runtime(const EngineOptions& options);

    /// Compiles for the shapes that the model has, which is changed into form(). `files` are those that the model's
    /// weights point into: their pages are returned to the system while the device packs the weights into its own
    /// format. `precision` replaces the engine's unless it is empty.
    /// Throws Cancelled within a tenth of a second once `stop` is requested. The device then goes on to the end of its
    /// work, for which the next compilation and the destructor wait. Throws Error of kind `no_memory` if there is not
    /// enough memory.
    CompiledNetwork compile(const std::shared_ptr<ov::Model>& model, const MappedFiles& files,
                            const std::string& precision, const std::stop_token& stop);

    /// Compiles a model that owns its weights, without changing it.
    CompiledNetwork compile(const std::shared_ptr<ov::Model>& model);

    NetworkForm form() const { return form_; }

    /// "f32", "bf16" or "f16": the precision of networks without one of their own.
    const std::string& precision() const { return precision_; }

    /// Throws Error of kind `bad_request`, naming `field`, unless the device computes in it.
    void check_precision(std::string_view field, const std::string& precision) const;

  private:
    std::string device_;
    NetworkForm form_;
    ov::AnyMap properties_;
    std::string precision_;
    std::vector<std::string> precisions_;
    ov::Core core_;
    BackgroundWork compiling_;
};

}  // namespace easel
