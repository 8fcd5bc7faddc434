#pragma once

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "cli/program.h"

namespace easel::testing {

/// Tests that compare what the tiny model draws in two steps from one seed.
class DrawingTest : public ProgramTest {
  protected:
    /// Runs easel with these arguments; the picture is `output` in the test's folder.
    Ended draw(std::vector<std::string> arguments, const std::string& output, const Surroundings& in = {}) const {
        arguments.insert(arguments.end(), {"--steps", "2", "--seed", "1", "-m", tiny_model(), "-o", output});
        return easel(arguments, in);
    }
    /// The bytes of the picture.
    std::string drawn(std::vector<std::string> arguments, const std::string& output,
                      const Surroundings& in = {}) const {
        const Ended run = draw(std::move(arguments), output, in);
        EXPECT_EQ(run.exit_code, 0) << run.err;
        return read_file(folder / output);
    }
};

}  // namespace easel::testing
