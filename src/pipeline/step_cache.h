#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace easel {

/// Decides which of a picture's predictions are left out, because they are expected to be close to the last one.
///
/// After EasyCache (Zhou et al. 2025, https://arxiv.org/abs/2507.02860): what the network gives is expected to change
/// in proportion to what it is given, at the rate that it had between the last two predictions. While the change, in
/// parts of the prediction's size, stays below `threshold`, the noise that was predicted last is used again. As in
/// ComfyUI's node of that name, the first 15 and the last 5 of a hundred predictions are always computed: they decide
/// what is where, and the finest details.
class StepCache {
  public:
    /// `predictions` of the whole pass. A threshold of 0 leaves nothing out.
    StepCache(double threshold, std::size_t predictions);

    /// Whether the prediction at `index`, for this input of the network, is left out. If it returns false, the
    /// prediction is computed and keep() follows.
    bool leaves_out(std::size_t index, std::span<const float> input);

    /// The noise of a prediction that was computed.
    void keep(std::span<const float> epsilon);

    /// The noise of the last prediction that was computed.
    std::span<const float> epsilon() const { return epsilon_; }

    /// Something else than the latents has changed: the next two predictions are computed.
    void forget();

    std::size_t left_out() const { return left_out_; }

  private:
    double threshold_;
    /// Of the predictions that may be left out.
    std::size_t first_, end_;
    /// The input of now, and that of the last prediction that was computed.
    std::vector<float> input_, computed_input_;
    std::vector<float> epsilon_;
    /// Change of the prediction for each change of the input.
    std::optional<double> rate_;
    std::size_t left_out_ = 0;
};

}  // namespace easel
