/*
 * Fuzzer of the YAML reader. What must hold for any bytes: no crash, an error has a message and leaves the outputs alone, the caps hold,
 * each node is as its kind says, and each way of reading a value stays within what it was asked for.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds)
{
    if (!holds)
        abort();
}

static void check_values(struct tl_ctx *ctx, const struct tl_yaml_node *node)
{
    static const struct tl_yaml_unit units[] = {{"m", 1}, {"cm", 0.01}, {NULL, 0}};
    static const char *const names[] = {"mines", "erw"};
    double number = 777, share = 777, quantity = 777;
    int64_t integer = 777;
    int choice = 777;
    bool yes = false;
    if (tl_yaml_as_number(ctx, node, -5, 1e300, &number) == TL_OK)
        must(number >= -5 && number <= 1e300);
    else
        must(number == 777 && tl_ctx_message(ctx)[0] != '\0');
    if (tl_yaml_as_integer(ctx, node, INT64_MIN, INT64_MAX, &integer) == TL_OK)
        must(tl_yaml_as_number(ctx, node, -1e300, 1e300, &number) == TL_OK &&
             (double)integer == number);
    else
        must(integer == 777);
    if (tl_yaml_as_share(ctx, node, &share) == TL_OK)
        must(share >= 0 && share <= 1);
    else
        must(share == 777);
    if (tl_yaml_as_quantity(ctx, node, units, 0, 1e6, &quantity) == TL_OK)
        must(quantity >= 0 && quantity <= 1e6);
    else
        must(quantity == 777);
    if (tl_yaml_as_choice(ctx, node, 2, names, &choice) == TL_OK)
        must(choice == 0 || choice == 1);
    else
        must(choice == 777);
    (void)!tl_yaml_as_yesno(ctx, node, &yes);
}

/* Returns the number of nodes below and with this one. */
static int64_t check_node(struct tl_ctx *ctx, const struct tl_yaml_node *node, int depth)
{
    int64_t n = 1;
    must(depth <= TL_YAML_DEPTH_MAX && node->line >= 1 && node->column >= 1);
    must((node->kind == TL_YAML_TEXT) == (node->text != NULL) || node->n == 0);
    if (n == 1 && node->kind == TL_YAML_TEXT)
        check_values(ctx, node);
    for (int64_t i = 0; i < node->n; i++) {
        const struct tl_yaml_node *entry = &node->nodes[i];
        must((entry->key != NULL) == (node->kind == TL_YAML_MAP));
        must(entry->key == NULL || node->n > 200 || tl_yaml_get(node, entry->key) == entry);
        n += check_node(ctx, entry, depth + 1);
    }
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tl_ctx *ctx = tl_ctx_create();
    struct tl_yaml *yaml = NULL;
    must(ctx != NULL);
    if (tl_yaml_parse(ctx, "fuzz.yaml", size > 0 ? (const char *)data : "", (int64_t)size, &yaml) ==
        TL_OK)
        must(check_node(ctx, tl_yaml_root(yaml), 0) <= TL_YAML_NODES_MAX);
    else
        must(yaml == NULL && tl_ctx_message(ctx)[0] != '\0');
    tl_yaml_free(yaml);
    tl_ctx_free(ctx);
    return 0;
}
