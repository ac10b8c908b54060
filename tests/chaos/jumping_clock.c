/* Shifts the clock of the day, and no other, by the seconds in the file $JUMPING_CLOCK. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *now) {
    long result = syscall(SYS_clock_gettime, clock, now), shift = 0;
    const char *path = getenv("JUMPING_CLOCK");
    FILE *file = clock == CLOCK_REALTIME && path ? fopen(path, "r") : NULL;
    if (file) {
        if (fscanf(file, "%ld", &shift) == 1) now->tv_sec += shift;
        fclose(file);
    }
    return (int)result;
}
