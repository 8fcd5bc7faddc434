#pragma once

namespace easel {

constexpr int most_train_timesteps = 100000;
constexpr int most_solver_order = 9;

}  // namespace easel
