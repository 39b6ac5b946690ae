// What a program does with its machine, as far as WASI has one: arguments, files, folders, clocks, standard streams, an exit.
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv) {
  printf("args %d %s env %s\n", argc, argv[1], getenv("COLOUR"));
  mkdir("/notes", 0700);
  FILE *file = fopen("/notes/today.txt", "w");
  for (int i = 0; i < 1000; i++) fprintf(file, "line %d\n", i);
  fclose(file);

  file = fopen("/notes/today.txt", "r");
  char line[64];
  int lines = 0;
  while (fgets(line, sizeof line, file)) lines++;
  fseek(file, 0, SEEK_END);
  printf("lines %d size %ld\n", lines, ftell(file));
  fclose(file);

  file = fopen("/notes/today.txt", "a");
  fputs("more\n", file);
  fclose(file);
  struct stat found;
  stat("/notes/today.txt", &found);
  printf("size %lld\n", (long long)found.st_size);

  rename("/notes/today.txt", "/notes/old.txt");
  DIR *folder = opendir("/notes");
  struct dirent *entry;
  while ((entry = readdir(folder))) printf("entry %s\n", entry->d_name);
  closedir(folder);
  printf("climb %d ", fopen("/../etc/passwd", "r") == NULL);
  printf("%s\n", strerror(errno));
  unlink("/notes/old.txt");
  printf("rmdir %d\n", rmdir("/notes"));

  char typed[64];
  if (fgets(typed, sizeof typed, stdin)) printf("stdin %s\n", typed);
  struct timespec before, after;
  clock_gettime(CLOCK_MONOTONIC, &before);
  usleep(20000);
  clock_gettime(CLOCK_MONOTONIC, &after);
  long slept = (after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000;
  printf("slept %d\n", slept >= 19);
  printf("time %d\n", time(0) > 1700000000);
  fprintf(stderr, "done\n");
  exit(7);
}
