/* Stems and endings put together by number: they sound like the region and name no place in particular. */
#include "simulate/names.h"

#include <stdio.h>

enum { N_STEMS = 16, N_ENDINGS = 6, N_BEFORE = 5, SPREAD = 37 };

static const char *const stems[N_STEMS][2] = {
    {"Vilsh", "Вільш"},   {"Terns", "Тернс"},     {"Kovylsk", "Ковильс"}, {"Zhurb", "Журб"},
    {"Kalyst", "Калист"}, {"Lozin", "Лозін"},     {"Harbuz", "Гарбуз"},   {"Stepl", "Степл"},
    {"Yarosn", "Яросн"},  {"Dubrink", "Дубрінк"}, {"Verbyt", "Вербит"},   {"Solonts", "Солонц"},
    {"Horobl", "Горобл"}, {"Medyn", "Медин"},     {"Rudenk", "Руденк"},   {"Ozerts", "Озерц"}};
static const char *const endings[N_ENDINGS][2] = {{"ivka", "івка"}, {"yne", "ине"},
                                                  {"ove", "ове"},   {"yky", "ики"},
                                                  {"any", "ани"},   {"yste", "исте"}};
static const char *const before[N_BEFORE][2] = {{"", ""},
                                                {"Nova ", "Нова "},
                                                {"Stara ", "Стара "},
                                                {"Mala ", "Мала "},
                                                {"Verkhnia ", "Верхня "}};

void tl_names_place(int number, bool is_cyrillic, char *name, size_t room)
{
    /* A step without common factor with the count visits every name once before one repeats. */
    int k = number % TL_NAMES_COUNT * SPREAD % TL_NAMES_COUNT, script = is_cyrillic ? 1 : 0;
    int round = number / TL_NAMES_COUNT % N_BEFORE;
    snprintf(name, room, "%s%s%s", before[round][script], stems[k % N_STEMS][script],
             endings[k / N_STEMS][script]);
}
