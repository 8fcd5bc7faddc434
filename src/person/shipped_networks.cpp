#include "person/shipped_networks.h"

#include <easel/easel.h>

#include "base/error.h"

namespace easel {

std::filesystem::path person_network(bool landscape) {
    const auto folder = find_shipped_model("selfie_segmentation");
    if (!folder)
        fail(ErrorKind::not_found,
             "the networks that find a person, models/selfie_segmentation, were not installed with easel; set "
             "EASEL_HOME "
             "to a folder that has them");
    return *folder / (landscape ? "selfie_segmentation_landscape.tflite" : "selfie_segmentation.tflite");
}

}  // namespace easel
