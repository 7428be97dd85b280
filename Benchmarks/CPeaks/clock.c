#if defined(__linux__)
#define _GNU_SOURCE
#endif

#include <time.h>

#include "include/peaks.h"

double nuthatch_thread_seconds(void) {
    struct timespec time = {0};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}
