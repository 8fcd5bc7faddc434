#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include <easel/easel.h>

#include "base/kept.h"
#include "jobs/drawing.h"
#include "pictures/read.h"

namespace easel::jobs {

/// Reads init pictures and masks, and finds the person in pictures. The last ones are kept: a grid has the same for all
/// its pictures.
class InputReader {
  public:
    /// `note`, which may be empty, gets the notes of read_picture().
    InputReader(Note note, std::stop_token stop) : note_(std::move(note)), stop_(std::move(stop)) {}

    /// The drawing's request with its init picture and mask. Throws Error if one cannot be read, and if no person is
    /// found.
    Request request_of(const Drawing& drawing);

  private:
    struct Pictures {
        std::optional<Picture> init_image;
        std::optional<Mask> mask;
    };
    /// The files, and how the person is searched for.
    struct Key {
        InputFiles files;
        std::string device;
        int threads = 0;
        bool operator==(const Key&) const = default;
    };

    Pictures read(const Key& key) const;

    Note note_;
    std::stop_token stop_;
    Kept<Pictures, Key> last_;
};

}  // namespace easel::jobs
