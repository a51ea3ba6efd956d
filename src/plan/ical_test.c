#include "unit.h"

#include "plan/fixture.h"

static char *uid_of(const char *ical, int nth)
{
    static char uid[2][64];
    static int which;
    const char *at = ical;
    for (int i = 0; i <= nth && at != NULL; i++)
        at = strstr(at + (i > 0), "UID:");
    which = 1 - which;
    snprintf(uid[which], sizeof uid[which], "%.*s", at == NULL ? 0 : (int)strcspn(at, "\r"),
             at == NULL ? "" : at);
    return uid[which];
}

TEST(lines_are_folded_and_letters_stay_whole)
{
    struct tl_project *project = NULL;
    struct tl_plan *plan = NULL;
    char *ical = NULL;
    int64_t n_events = 0;
    CHECK_OK(fixture_both(ctx, "ical.gpkg", true, "harm", "1MUSD", &project, &plan));
    CHECK_OK(tl_plan_ical(ctx, plan, &ical));
    CHECK(strncmp(ical, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", 30) == 0);
    CHECK(strcmp(ical + strlen(ical) - 15, "END:VCALENDAR\r\n") == 0);
    for (const char *line = ical; *line != '\0';) {
        const char *end = strstr(line, "\r\n");
        CHECK(end != NULL && end - line <= 75);
        CHECK(((unsigned char)*line & 0xC0U) != 0x80); /* no line begins inside a letter */
        n_events += strncmp(line, "BEGIN:VEVENT", 12) == 0;
        line = end + 2;
    }
    CHECK(n_events == tl_plan_summary(plan).n_planned);
    CHECK(strstr(ical, "DTSTAMP:20270101T000000Z") != NULL);
    CHECK(strstr(ical, "DTSTART;VALUE=DATE:2027") != NULL);
    CHECK(strstr(ical, "Верхнє поле (One)") != NULL);
    tl_free(ical);
    tl_plan_free(plan);
    tl_project_close(project);
}

TEST(a_task_keeps_its_id_from_plan_to_plan)
{
    struct tl_project *project = NULL;
    struct tl_plan *plans[2] = {NULL};
    char *icals[2] = {NULL};
    CHECK_OK(fixture_project(ctx, "ical.gpkg", false, &project));
    CHECK_OK(fixture_plan(ctx, project, fixture_teams, "hectares", "1MUSD", &plans[0]));
    CHECK_OK(fixture_plan(ctx, project, fixture_teams, "land", "2MUSD", &plans[1]));
    for (int k = 0; k < 2; k++)
        CHECK_OK(tl_plan_ical(ctx, plans[k], &icals[k]));
    CHECK_STR(uid_of(icals[0], 0), uid_of(icals[1], 0));
    CHECK(strcmp(uid_of(icals[0], 0), uid_of(icals[0], 1)) != 0);
    for (int k = 0; k < 2; k++) {
        tl_free(icals[k]);
        tl_plan_free(plans[k]);
    }
    tl_project_close(project);
}
