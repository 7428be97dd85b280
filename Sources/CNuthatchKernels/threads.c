#if defined(__linux__)
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#elif defined(__APPLE__)
#include <pthread.h>
#endif

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

int nuthatch_current_core(void) {
#if defined(__linux__)
    return sched_getcpu();
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
