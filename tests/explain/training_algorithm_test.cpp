#include "explain/training_algorithm.h"

#include <string>

#include <gtest/gtest.h>

#include "support/files.h"

namespace easel {
namespace {

/// With one space for each run of spaces and line breaks.
std::string on_one_line(const std::string& text) {
    std::string line;
    for (const char c : text) {
        const bool is_space = c == ' ' || c == '\n';
        if (!is_space || (!line.empty() && line.back() != ' ')) line += is_space ? ' ' : c;
    }
    return line;
}

TEST(TrainingAlgorithm, ShowsTheTrainersOwnLines) {
    EXPECT_GE(training_algorithm().size(), 6u);
    for (const AlgorithmLine& line : training_algorithm()) {
        const std::string source = on_one_line(testing::read_file("../src/train/" + std::string(line.file)));
        EXPECT_NE(source.find(line.code), std::string::npos) << line.file << ": " << line.code;
    }
}

}  // namespace
}  // namespace easel
