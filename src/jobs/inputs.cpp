#include "jobs/inputs.h"

#include "person/shipped_networks.h"

namespace easel::jobs {

InputReader::Pictures InputReader::read(const Key& key) const {
    const InputFiles& files = key.files;
    Pictures pictures;
    if (!files.init_image.empty()) pictures.init_image = read_picture(files.init_image, note_);
    if (!files.mask.empty()) pictures.mask = read_mask(files.mask, note_);
    if (files.auto_mask.empty()) return pictures;
    PersonMaskOptions person = files.person;
    person.invert = files.auto_mask == "background";
    PersonFinder finder(person_network(/*landscape=*/false), key.device, key.threads);
    pictures.mask = finder.mask(pictures.init_image.value(), person, stop_);
    return pictures;
}

Request InputReader::request_of(const Drawing& drawing) {
    const Key key{drawing.inputs, drawing.engine.device, drawing.engine.threads};
    const Pictures& pictures = last_.get(key, [&] { return read(key); });
    Request request = drawing.request;
    request.init_image = pictures.init_image;
    request.mask = pictures.mask;
    return request;
}

}  // namespace easel::jobs
