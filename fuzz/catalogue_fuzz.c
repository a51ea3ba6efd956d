/*
 * Fuzzer of compiled catalogues (.mo). What must hold for any bytes: no crash, an error has a message; what was opened answers
 * any text with a text, and each answer may be used as the format that the text is.
 */
#include <stdlib.h>
#include <string.h>

#include "core/catalogue.h"
#include "core/placeholder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds)
{
    if (!holds)
        abort();
}

static void ask(const struct tl_catalogue *catalogue)
{
    static const char *const texts[] = {"", "Area", "%s ha", "an item", "%lld items", "95 % of"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const char *answer = tl_catalogue_text(catalogue, texts[i]);
        must(answer != NULL && tl_placeholder_same(texts[i], answer));
    }
    for (int64_t n = -3; n < 130; n++) {
        const char *answer = tl_catalogue_plural(catalogue, "%lld item", "%lld items", n);
        must(tl_placeholder_same("%lld items", answer));
    }
    must(tl_catalogue_plural(catalogue, "%lld item", "%lld items", INT64_MIN) != NULL);
    must(strlen(tl_catalogue_language(catalogue)) > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tl_ctx *ctx = tl_ctx_create();
    struct tl_catalogue *catalogue = NULL;
    must(ctx != NULL);
    if (tl_catalogue_read(ctx, "fuzz.mo", size > 0 ? (const void *)data : "", (int64_t)size,
                          &catalogue) == TL_OK)
        ask(catalogue);
    else
        must(catalogue == NULL && tl_ctx_message(ctx)[0] != '\0');
    tl_catalogue_free(catalogue);
    tl_ctx_free(ctx);
    return 0;
}
