#if defined(__linux__)
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <unistd.h>
#elif defined(__APPLE__)
#include <pthread.h>
#endif

#include <time.h>

#include "nuthatch_kernels.h"

int nuthatch_pin_thread(int index) {
#if defined(__linux__)
    cpu_set_t allowed;
    if (index < 0 || sched_getaffinity(0, sizeof(allowed), &allowed) != 0) return -1;
    int count = CPU_COUNT(&allowed);
    if (count == 0) return -1;
    int wanted = index % count;
    for (int core = 0; core < CPU_SETSIZE; core++) {
        if (!CPU_ISSET(core, &allowed) || wanted-- > 0) continue;
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(core, &one);
        return pthread_setaffinity_np(pthread_self(), sizeof(one), &one);
    }
#else
    (void)index;
#endif
    return -1;
}

int nuthatch_allowed_processor_count(void) {
#if defined(__linux__)
    // The kernel refuses a mask shorter than its own; the largest configuration has 8,192 processors.
    cpu_set_t mask[8192 / CPU_SETSIZE];
    CPU_ZERO_S(sizeof mask, mask);
    if (sched_getaffinity(0, sizeof mask, mask) == 0) return CPU_COUNT_S(sizeof mask, mask);
#endif
    return 0;
}

void nuthatch_name_thread(const char *name) {
#if defined(__linux__)
    pthread_setname_np(pthread_self(), name);
#elif defined(__APPLE__)
    pthread_setname_np(name);
#else
    (void)name;
#endif
}

uint64_t nuthatch_clock(void) {
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) return 0;
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

int64_t nuthatch_queued_time(void) {
#if defined(__linux__)
    // Nanoseconds run, nanoseconds queued, turns: Documentation/scheduler/sched-stats in the kernel's source.
    int file = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
    if (file < 0) return -1;
    char text[80];
    ssize_t length = read(file, text, sizeof(text));
    close(file);
    ssize_t at = 0;
    while (at < length && text[at] != ' ') at++;
    if (++at >= length) return -1;
    int64_t queued = 0;
    for (; at < length && text[at] >= '0' && text[at] <= '9'; at++) {
        queued = queued * 10 + (text[at] - '0');
    }
    return queued;
#else
    return -1;
#endif
}

void nuthatch_leave_core(void) {
#if defined(__linux__)
    cpu_set_t allowed;
    int core = sched_getcpu();
    if (core < 0 || sched_getaffinity(0, sizeof(allowed), &allowed) != 0) return;
    if (!CPU_ISSET(core, &allowed) || CPU_COUNT(&allowed) < 2) return;
    cpu_set_t others = allowed;
    CPU_CLR(core, &others);
    // The first call moves the thread, the second one leaves it free.
    if (pthread_setaffinity_np(pthread_self(), sizeof(others), &others) == 0) {
        pthread_setaffinity_np(pthread_self(), sizeof(allowed), &allowed);
    }
#endif
}
