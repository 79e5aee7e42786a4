/* Runs every file of the directories given as arguments through a fuzz target, so that the kept corpus is a
 * test for any compiler. Prints how many there were; none at all is a failure. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST_BYTES = 16 * 1024 * 1024, PATH_BYTES = 4096 };

/* The input has exactly its size on the heap, so that a sanitizer sees a read behind its end. */
static int run_stream(FILE *file)
{
    if (fseek(file, 0, SEEK_END) != 0)
        return -1;
    long size = ftell(file);
    if (size < 0 || size > MOST_BYTES || fseek(file, 0, SEEK_SET) != 0)
        return -1;
    uint8_t *data = malloc(size > 0 ? (size_t)size : 1);
    int result = data && fread(data, 1, (size_t)size, file) == (size_t)size ? 0 : -1;
    if (result == 0)
        (void)LLVMFuzzerTestOneInput(data, (size_t)size);
    free(data);
    return result;
}

static int run_file(const char *directory, const char *name)
{
    char path[PATH_BYTES];
    int n = snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = n > 0 && n < PATH_BYTES ? fopen(path, "rb") : NULL;
    if (!file)
        return -1;
    /* Before it runs: a crash must leave the name behind. */
    (void)printf("%s\n", path);
    (void)fflush(stdout);
    int result = run_stream(file);
    (void)fclose(file);
    return result;
}

/* How many files ran, or -1. */
static long run_directory(const char *path)
{
    DIR *directory = opendir(path);
    long count = 0;
    if (!directory)
        return -1;
    for (const struct dirent *journal_entry = readdir(directory); journal_entry && count >= 0;
         journal_entry = readdir(directory)) {
        if (journal_entry->d_name[0] == '.')
            continue;
        count = run_file(path, journal_entry->d_name) == 0 ? count + 1 : -1;
    }
    (void)closedir(directory);
    return count;
}

int main(int argc, char **argv)
{
    long total = 0;
    for (int i = 1; i < argc; i++) {
        long count = run_directory(argv[i]);
        if (count < 0) {
            (void)fprintf(stderr, "cannot read %s\n", argv[i]);
            return EXIT_FAILURE;
        }
        total += count;
    }
    (void)printf("%ld inputs\n", total);
    return total > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
