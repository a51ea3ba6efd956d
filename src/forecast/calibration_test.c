#include "unit.h"
TEST(placeholder_until_written) { CHECK(ctx != NULL); }
