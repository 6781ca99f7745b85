/* A clock that is AHEAD seconds ahead, for .ci/other-days: preloaded into a process, it shifts the time of day and
   the times of files alike, and leaves alone what measures how long something takes.

   A file that was just written must not look a year old, so times of files are shifted when they are read, and
   shifted back when they are set. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int clock_gettime(clockid_t clock, struct timespec *now) {
  int failed = REAL(clock_gettime)(clock, now);
  if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += AHEAD;
  return failed;
}

int gettimeofday(struct timeval *now, void *zone) {
  int failed = REAL(gettimeofday)(now, zone);
  if (!failed) now->tv_sec += AHEAD;
  return failed;
}

time_t time(time_t *place) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (place) *place = now.tv_sec;
  return now.tv_sec;
}

#define SHIFTED(name, parameters, arguments)                              \
  int name parameters {                                                   \
    int failed = ((int(*) parameters)dlsym(RTLD_NEXT, #name)) arguments;  \
    if (!failed) {                                                        \
      found->st_atim.tv_sec += AHEAD;                                     \
      found->st_mtim.tv_sec += AHEAD;                                     \
      found->st_ctim.tv_sec += AHEAD;                                     \
    }                                                                     \
    return failed;                                                        \
  }

SHIFTED(stat, (const char *path, struct stat *found), (path, found))
SHIFTED(lstat, (const char *path, struct stat *found), (path, found))
SHIFTED(fstat, (int file, struct stat *found), (file, found))
SHIFTED(fstatat, (int place, const char *path, struct stat *found, int flags), (place, path, found, flags))
SHIFTED(stat64, (const char *path, struct stat64 *found), (path, found))
SHIFTED(lstat64, (const char *path, struct stat64 *found), (path, found))
SHIFTED(fstat64, (int file, struct stat64 *found), (file, found))
SHIFTED(fstatat64, (int place, const char *path, struct stat64 *found, int flags),
        (place, path, found, flags))

static const struct timespec *shifted_back(const struct timespec given[2], struct timespec place[2]) {
  if (!given) return NULL;
  for (int one = 0; one < 2; one++) {
    place[one] = given[one];
    if (given[one].tv_nsec != UTIME_NOW && given[one].tv_nsec != UTIME_OMIT) place[one].tv_sec -= AHEAD;
  }
  return place;
}

int utimensat(int place, const char *path, const struct timespec times[2], int flags) {
  struct timespec back[2];
  return REAL(utimensat)(place, path, shifted_back(times, back), flags);
}

int futimens(int file, const struct timespec times[2]) {
  struct timespec back[2];
  return REAL(futimens)(file, shifted_back(times, back));
}
