/* SPDX-License-Identifier: GPL-3.0-or-later
 * Items of one size: apart, aligned, zeroed whether new or used before; their names.
 */
#include "sim/pool.h"

#include <stdlib.h>

#include "tests/check.h"

enum { N = 20000, ITEM = 72, ROUNDED = 80 };

static int by_address(const void *a, const void *b)
{
    const char *const *x = a, *const *y = b;
    return (*x > *y) - (*x < *y);
}

static bool is_zero(const char *item)
{
    for (int i = 0; i < ITEM; i++)
        if (item[i] != 0)
            return false;
    return true;
}

/* Takes n items and fills them. */
static void take(struct pool *p, struct arena *a, char **items, int n)
{
    for (int i = 0; i < n; i++) {
        items[i] = pool_take(p, a);
        check_true("zeroed", is_zero(items[i]));
        check_eq("aligned", (uintptr_t)items[i] % 16, 0);
        check_true("its name", arena_at(a, arena_ref(a, items[i])) == items[i]);
        memset(items[i], 0xff, ITEM);
    }
}

static void items_are_apart_and_used_again(void **state)
{
    static char *items[N];
    struct arena a;
    struct pool p;
    check_eq("arena", arena_init(&a), 0);
    arena_alloc(&a, 64); /* the sim's place: 0 names no block */
    pool_init(&p, ITEM);
    take(&p, &a, items, N);
    check_eq("taken", p.n, N);
    const size_t used = a.used;
    for (int i = 0; i < N; i += 2)
        pool_give(&p, items[i]);
    check_eq("left", p.n, N / 2);
    for (int i = 0; i < N; i += 2)
        take(&p, &a, &items[i], 1);
    check_eq("no more memory", a.used, used);
    qsort(items, N, sizeof items[0], by_address);
    for (int i = 1; i < N; i++)
        check_true("apart", items[i] - items[i - 1] >= ROUNDED);
    check_true("packed", used < (size_t)N * ROUNDED + 2 * (1 << 18));
    arena_fini(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(items_are_apart_and_used_again)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
