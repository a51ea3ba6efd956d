/*
 * A schedule on a time axis: a row a team, a bar a task. Pure: places in per cent, so that the page draws it at any width.
 */
export interface PlannedTask {
    task: string;
    area: string;
    name: string;
    team: string;
    start: string;
    end: string;
    score: number;
}

export interface Bar {
    task: PlannedTask;
    left: number;
    width: number;
}

const day = (iso: string) => Date.parse(`${iso.slice(0, 10)}T00:00:00Z`) / 86400000;

/** Rows by team, in the order given; tasks in order of time. */
export function rowsOf(tasks: PlannedTask[], teams: string[], start: string, end: string): Array<{ team: string; bars: Bar[] }> {
    const from = day(start), span = Math.max(1, day(end) - from + 1);
    return teams.map((team) => ({
        team,
        bars: tasks.filter((t) => t.team === team).sort((a, b) => a.start.localeCompare(b.start)).map((task) => {
            const left = Math.max(0, ((day(task.start) - from) / span) * 100);
            const right = Math.min(100, ((day(task.end) + 1 - from) / span) * 100);
            return { task, left, width: Math.max(0.4, right - left) };
        }),
    }));
}

/** Where years begin, in per cent. */
export function yearMarks(start: string, end: string): Array<{ label: string; left: number }> {
    const from = day(start), span = Math.max(1, day(end) - from + 1);
    const marks = [{ label: start.slice(0, 4), left: 0 }];
    for (let year = Number(start.slice(0, 4)) + 1; year <= Number(end.slice(0, 4)); year++)
        marks.push({ label: String(year), left: ((day(`${year}-01-01`) - from) / span) * 100 });
    return marks;
}
