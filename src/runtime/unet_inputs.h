#pragma once

namespace easel {

/// The inputs of UNets and ControlNets, in their order. Behind the text a UNet may have added conditions, and what
/// ControlNets give; a ControlNet has its embedding, and may have added conditions behind that.
struct UNetInput {
    enum Index {
        sample,
        timestep_values,
        encoder_hidden_states,
        added_conditions,
        embedding = added_conditions,
        added_conditions_of_control
    };
};

}  // namespace easel
