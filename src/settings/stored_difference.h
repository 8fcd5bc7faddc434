#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <easel/easel.h>

namespace easel {

/// Which pictures a request will begin from, for one that does not have them yet.
struct RequestInputs {
    bool init_image = false;
    bool mask = false;
    /// Whether there is a second model that can draw the last steps.
    bool refiner = false;
};

/// In which setting a picture with the settings text `stored` is certainly another than the request asks for, whatever
/// its model wishes: "`seed`", or in words where it is no field. None when only the model can tell. What a request
/// leaves to the model is not compared; what a text does not have is at its default. Throws Error when the text holds
/// no settings.
std::optional<std::string> stored_difference(const Request& request, const RequestInputs& inputs,
                                             std::string_view stored);

}  // namespace easel
