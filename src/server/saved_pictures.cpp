#include "server/saved_pictures.h"

#include <string>

#include <fmt/format.h>

#include "base/error.h"
#include "base/output_file.h"
#include "pictures/write.h"

namespace easel::server {

void save_picture(const std::filesystem::path& folder, const Job& job, int index, const DrawnPicture& picture) {
    const std::string name = fmt::format("{}-{}-{}-{}.png", job.begun_at(), job.id(), index + 1, picture.seed);
    try {
        OutputFile file(folder / name, OutputFile::IfExists::refuse);
        file.write(encode_picture(picture.picture, PictureFormat::png, picture.parameters));
        file.commit();
    } catch (const Error& error) {
        const char* reason =
            error.kind() == ErrorKind::no_space ? "the disk is full" : "its folder cannot be written to";
        fail(error.kind() == ErrorKind::no_space ? ErrorKind::no_space : ErrorKind::failed,
             "the picture cannot be saved: {}", reason);
    }
}

}  // namespace easel::server
