/**
 * The pages that are built into the program: every file that web/ makes, in one table. The build writes the table (web/CMakeLists.txt, web/embed.mjs)
 * into the library `tilth_pages`, which `serve` links; with TILTH_WEB=OFF it is empty, and `/` says so in words.
 */
#ifndef TL_SERVE_PAGES_H
#define TL_SERVE_PAGES_H

#include <stdbool.h>
#include <stddef.h>

struct tl_pages_file {
    const char *path;           /* "/", "/assets/app-1A2B3C4D.js": what a browser asks for */
    const char *type;           /* Content-Type, with its charset where it is text */
    const char *etag;           /* with its quotes */
    const unsigned char *bytes; /* as they are sent: compressed by gzip where is_gzip */
    size_t n_bytes;
    size_t n_plain; /* bytes before compression */
    bool is_gzip;
    bool is_immutable; /* its name holds the hash of its content: may be kept for a year */
};

/** In order of path (strcmp), so that it can be searched by halves; `tl_pages_n` of them. */
extern const struct tl_pages_file tl_pages_files[];
extern const size_t tl_pages_n;

#endif
