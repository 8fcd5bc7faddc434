#include "pictures/vips_session.h"

#include <mutex>

#include <vips/vips.h>

#include "base/error.h"

namespace easel {
namespace {

void drop_log_message(const char*, GLogLevelFlags, const char*, void*) {}

void configure_vips() {
    g_log_set_handler("VIPS", static_cast<GLogLevelFlags>(G_LOG_LEVEL_MASK | G_LOG_FLAG_RECURSION), drop_log_message,
                      nullptr);
    if (vips_init("easel") != 0)
        fail("libvips, which reads and writes pictures, cannot start ({})", take_vips_complaint());
    vips_concurrency_set(2);
    vips_cache_set_max(0);
    for (const char* all : {"VipsForeignLoad", "VipsForeignSave"}) vips_operation_block_set(all, TRUE);
    for (const char* used : {"VipsForeignLoadPng", "VipsForeignLoadJpeg", "VipsForeignLoadWebp", "VipsForeignSavePng",
                             "VipsForeignSaveJpeg", "VipsForeignSaveWebp"}) {
        vips_operation_block_set(used, FALSE);
    }
}

}  // namespace

void start_vips() {
    static std::once_flag started;
    std::call_once(started, configure_vips);
}

std::string take_vips_complaint() {
    char* buffer = vips_error_buffer_copy();
    std::string complaint(buffer);
    g_free(buffer);
    complaint.resize(complaint.find_last_not_of('\n') + 1);
    for (std::size_t i; (i = complaint.find('\n')) != std::string::npos;) complaint.replace(i, 1, "; ");
    return complaint;
}

}  // namespace easel
