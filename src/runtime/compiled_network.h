#pragma once

#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include <openvino/core/model.hpp>
#include <openvino/runtime/compiled_model.hpp>
#include <openvino/runtime/core.hpp>
#include <openvino/runtime/infer_request.hpp>

#include <easel/easel.h>

#include "base/files.h"
#include "runtime/network_source.h"

namespace easel {

/// A compiled network that is ready to run.
class CompiledNetwork {
  public:
    explicit CompiledNetwork(ov::CompiledModel compiled);

    /// Computes in place of the values behind `input` and `output` of the compiled model's own order.
    std::span<float> input(std::size_t index);
    std::span<std::int32_t> integer_input(std::size_t index);
    /// Runs, and gives the values of the output at `index`; they stay until the next run. Throws Cancelled when `stop`
    /// is requested meanwhile, and Error when the device fails.
    std::span<const float> run(std::stop_token stop, std::size_t index = 0);

  private:
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
    /// its own.
    CompiledNetwork compile(const std::shared_ptr<ov::Model>& model,
                            const std::vector<std::shared_ptr<const MappedFile>>& files);

    /// Compiles a model that owns its weights, as it is.
    CompiledNetwork compile(const std::shared_ptr<ov::Model>& model);

    NetworkForm form() const { return form_; }

    /// "f32", "bf16" or "f16", as read back from the device.
    const std::string& precision() const { return precision_; }

  private:
    /// Gives the model the form that saves time, and the properties to compile it with.
    ov::AnyMap make_fast(const std::shared_ptr<ov::Model>& model) const;
    CompiledNetwork compile(const std::shared_ptr<ov::Model>& model, const ov::AnyMap& properties);

    ov::Core core_;
    std::string device_;
    NetworkForm form_;
    ov::AnyMap properties_;
    std::string precision_;
};

}  // namespace easel
