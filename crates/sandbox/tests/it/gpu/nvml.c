// A stand-in for NVIDIA's management library, with the symbols and types of nvml.h that the sandbox uses. What it tells
// stands in the file STATE, a line each, read anew at every call:
//
//     broken                                      the driver does not start
//     gpu UUID MINOR BYTES MIG NAME…              in the order of their indices
//     process GPU_INDEX PID BYTES|- [graphics]    `-`: the memory is not told
//     unsupported                                 processes are not told at all
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned int nvmlReturn_t;
enum { SUCCESS = 0, UNINITIALIZED = 1, INVALID_ARGUMENT = 2, NOT_SUPPORTED = 3, NOT_FOUND = 6, INSUFFICIENT_SIZE = 7, DRIVER_NOT_LOADED = 9 };
typedef struct nvmlDevice_st *nvmlDevice_t;
typedef struct { unsigned int pid; unsigned long long usedGpuMemory; unsigned int gpuInstanceId, computeInstanceId; } nvmlProcessInfo_t;
typedef struct { unsigned long long total, free, used; } nvmlMemory_t;

static int started;

typedef struct { char uuid[96], name[96]; unsigned int minor, mig; unsigned long long memory; } gpu_t;

static int has_line(const char *word) {
    char line[512];
    int found = 0;
    FILE *file = fopen(STATE, "r");
    if (!file) return 0;
    while (fgets(line, sizeof line, file)) found |= strncmp(line, word, strlen(word)) == 0;
    fclose(file);
    return found;
}

static unsigned int gpus(gpu_t *all, unsigned int room) {
    char line[512];
    unsigned int count = 0;
    FILE *file = fopen(STATE, "r");
    if (!file) return 0;
    while (fgets(line, sizeof line, file)) {
        gpu_t gpu;
        if (sscanf(line, "gpu %95s %u %llu %u %95[^\n]", gpu.uuid, &gpu.minor, &gpu.memory, &gpu.mig, gpu.name) == 5 && count < room)
            all[count++] = gpu;
    }
    fclose(file);
    return count;
}

static nvmlReturn_t find(nvmlDevice_t device, gpu_t *gpu) {
    gpu_t all[16];
    unsigned int count = gpus(all, 16), index = (unsigned int)(size_t)device - 1;
    if (!started) return UNINITIALIZED;
    if (index >= count) return INVALID_ARGUMENT;
    *gpu = all[index];
    return SUCCESS;
}

nvmlReturn_t nvmlInit_v2(void) {
    if (has_line("broken")) return DRIVER_NOT_LOADED;
    started++;
    return SUCCESS;
}

nvmlReturn_t nvmlShutdown(void) {
    if (!started) abort();
    started--;
    return SUCCESS;
}

const char *nvmlErrorString(nvmlReturn_t code) {
    switch (code) {
    case NOT_SUPPORTED: return "Not Supported";
    case INSUFFICIENT_SIZE: return "Insufficient Size";
    case DRIVER_NOT_LOADED: return "Driver Not Loaded";
    default: return "Unknown Error";
    }
}

nvmlReturn_t nvmlDeviceGetCount_v2(unsigned int *count) {
    gpu_t all[16];
    *count = gpus(all, 16);
    return started ? SUCCESS : UNINITIALIZED;
}

nvmlReturn_t nvmlDeviceGetHandleByIndex_v2(unsigned int index, nvmlDevice_t *device) {
    gpu_t gpu;
    *device = (nvmlDevice_t)(size_t)(index + 1);
    return find(*device, &gpu);
}

nvmlReturn_t nvmlDeviceGetUUID(nvmlDevice_t device, char *text, unsigned int length) {
    gpu_t gpu;
    nvmlReturn_t code = find(device, &gpu);
    if (code == SUCCESS) snprintf(text, length, "%s", gpu.uuid);
    return code;
}

nvmlReturn_t nvmlDeviceGetName(nvmlDevice_t device, char *text, unsigned int length) {
    gpu_t gpu;
    nvmlReturn_t code = find(device, &gpu);
    if (code == SUCCESS) snprintf(text, length, "%s", gpu.name);
    return code;
}

nvmlReturn_t nvmlDeviceGetMinorNumber(nvmlDevice_t device, unsigned int *minor) {
    gpu_t gpu;
    nvmlReturn_t code = find(device, &gpu);
    if (code == SUCCESS) *minor = gpu.minor;
    return code;
}

nvmlReturn_t nvmlDeviceGetMemoryInfo(nvmlDevice_t device, nvmlMemory_t *memory) {
    gpu_t gpu;
    nvmlReturn_t code = find(device, &gpu);
    if (code == SUCCESS) *memory = (nvmlMemory_t){ gpu.memory, gpu.memory, 0 };
    return code;
}

nvmlReturn_t nvmlDeviceGetMigMode(nvmlDevice_t device, unsigned int *current, unsigned int *pending) {
    gpu_t gpu;
    nvmlReturn_t code = find(device, &gpu);
    if (code == SUCCESS) *current = *pending = gpu.mig;
    return code;
}

static nvmlReturn_t processes(nvmlDevice_t device, unsigned int *count, nvmlProcessInfo_t *infos, int graphics) {
    gpu_t gpu;
    char line[512];
    unsigned int found = 0;
    nvmlReturn_t code = find(device, &gpu);
    if (code != SUCCESS) return code;
    if (has_line("unsupported")) return NOT_SUPPORTED;
    FILE *file = fopen(STATE, "r");
    if (!file) return SUCCESS;
    while (fgets(line, sizeof line, file)) {
        unsigned int index, pid;
        char memory[32], kind[32] = "";
        if (sscanf(line, "process %u %u %31s %31s", &index, &pid, memory, kind) < 3) continue;
        if (index != (unsigned int)(size_t)device - 1 || graphics != (strcmp(kind, "graphics") == 0)) continue;
        if (found < *count) {
            unsigned long long bytes = memory[0] == '-' ? ~0ULL : strtoull(memory, NULL, 10);
            infos[found] = (nvmlProcessInfo_t){ pid, bytes, ~0u, ~0u };
        }
        found++;
    }
    fclose(file);
    code = found > *count ? INSUFFICIENT_SIZE : SUCCESS;
    *count = found;
    return code;
}

nvmlReturn_t nvmlDeviceGetComputeRunningProcesses_v3(nvmlDevice_t device, unsigned int *count, nvmlProcessInfo_t *infos) {
    return processes(device, count, infos, 0);
}

nvmlReturn_t nvmlDeviceGetGraphicsRunningProcesses_v3(nvmlDevice_t device, unsigned int *count, nvmlProcessInfo_t *infos) {
    return processes(device, count, infos, 1);
}
