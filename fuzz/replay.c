/* Runs a fuzzer's entry over files and folders of files: how a corpus is tested under a compiler without libFuzzer. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FILE_MAX = 1 << 20 };

static int replay_file(const char *path)
{
    static uint8_t bytes[FILE_MAX];
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return 0;
    size_t n = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    LLVMFuzzerTestOneInput(bytes, n);
    return 1;
}

static int replay_folder(const char *folder)
{
    char path[4096];
    int n = 0;
    DIR *dir = opendir(folder);
    struct dirent *entry;
    if (dir == NULL)
        return replay_file(folder);
    while ((entry = readdir(dir)) != NULL) {
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        n += entry->d_name[0] != '.' && replay_file(path);
    }
    closedir(dir);
    return n;
}

int main(int argc, char **argv)
{
    int n = 0;
    for (int i = 1; i < argc; i++)
        n += replay_folder(argv[i]);
    printf("%d inputs replayed\n", n);
    return n == 0;
}
