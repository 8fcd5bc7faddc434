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
    /// Throws Error of kind `no_memory` when there is not enough of it.
    explicit CompiledNetwork(ov::CompiledModel compiled);

    /// Computes in place of the values behind `input` and `output` of the compiled model's own order.
    std::span<float> input(std::size_t index);
    std::span<std::int32_t> integer_input(std::size_t index);
    /// Runs, and gives the values of the output at `index`; they stay until the next run. Throws Cancelled when `stop`
    /// is requested meanwhile, and Error when the device fails.
    std::span<const float> run(const std::stop_token& stop, std::size_t index = 0);

    /// What it is really computed in: "f32", "bf16" or "f16".
    const std::string& precision() const { return precision_; }

  private:
    std::string precision_;
    ov::InferRequest request_;
};

/// A device and how to use it: compiles networks.
class Runtime {
  public:
    /// Throws Error for a device that is not there or a precision that it does not compute in, naming those that would
    /// do.
    explicit Runtime(const EngineOptions& options);

    /// Compiles for the shapes that the model has, which is changed into form(). `files` are those that the model's
    /// weights point into: their pages are given back to the system while the device packs the weights into a form of
    /// its own. `precision` takes the place of the engine's unless it is empty.
    /// Throws Cancelled within a tenth of a second once `stop` is requested. The device then goes on to the end of its
    /// work, for which the next compilation and the destructor wait. Throws Error of kind `no_memory` when there is not
    /// enough of it.
    CompiledNetwork compile(const std::shared_ptr<ov::Model>& model, const MappedFiles& files,
                            const std::string& precision, const std::stop_token& stop);

    /// Compiles a model that owns its weights, as it is.
    CompiledNetwork compile(const std::shared_ptr<ov::Model>& model);

    NetworkForm form() const { return form_; }

    /// "f32", "bf16" or "f16": what networks are computed in that have no precision of their own.
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
