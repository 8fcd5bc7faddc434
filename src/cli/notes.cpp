#include "cli/notes.h"

#include <memory>
#include <set>
#include <utility>

namespace easel::cli {

Callbacks notes_once(Callbacks callbacks, std::function<std::string(const std::string& note)> reworded) {
    if (!callbacks.note) return callbacks;
    const auto said = std::make_shared<std::set<std::string>>();
    callbacks.note = [said, note = std::move(callbacks.note),
                      reworded = std::move(reworded)](const std::string& sentence) {
        const std::string words = reworded(sentence);
        if (said->insert(words).second) note(words);
    };
    return callbacks;
}

}  // namespace easel::cli
