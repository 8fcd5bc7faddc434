#include "train/devices.h"

#include <torch/cuda.h>
#include <torch/utils.h>

#include "base/error.h"

namespace easel::train {

c10::Device device_by_name(const std::string& name) {
    if (name == "cpu") return c10::kCPU;
    if (name != "cuda") refuse_value("device", name, "give cpu or cuda");
    if (!torch::cuda::is_available()) refuse_value("device", name, "this LibTorch finds no CUDA device; give cpu");
    return c10::kCUDA;
}

void set_threads(int threads) {
    if (threads < 0) refuse_value("threads", threads, "give a number of 1 or more, or 0");
    if (threads > 0) torch::set_num_threads(threads);
}

}  // namespace easel::train
