/*
 * The plan of work kept in the project: its schedule on the time axis and on the map, and why each task stands where it does.
 */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import * as api from "../api";
import { type Bar as GanttBar, type PlannedTask, rowsOf, yearMarks } from "../charts/gantt";
import { flyTo } from "../map/view";
import { to } from "../route";
import { app, useText } from "../state";
import { Busy, Figure, Figures, Notice, Panel, Trouble, useAsk } from "../ui";
import { area, date, money, number } from "../words";
import type { Plan } from "../../generated/schemas";

type Task = Plan["tasks"][number];

function Bar({ bar, active, choose }: { bar: GanttBar; active: boolean; choose: () => void }) {
    const language = app.use((s) => s.language);
    const me = useRef<HTMLButtonElement>(null);
    useEffect(() => {
        me.current?.style.setProperty("left", `${bar.left}%`);
        me.current?.style.setProperty("width", `${bar.width}%`);
    }, [bar]);
    const says = `${bar.task.task}, ${bar.task.name || bar.task.area}: ${date(language, bar.task.start)} – ${date(language, bar.task.end)}`;
    return <button ref={me} type="button" class="gantt-bar" aria-label={says} title={says} aria-pressed={active} onClick={choose}><span aria-hidden="true">{bar.task.task}</span></button>;
}

function Mark({ left, label }: { left: number; label: string }) {
    const me = useRef<HTMLSpanElement>(null);
    useEffect(() => me.current?.style.setProperty("left", `${left}%`), [left]);
    return <span class="gantt-mark" ref={me}>{label}</span>;
}

function Schedule({ plan, chosen, choose }: { plan: Plan; chosen: string; choose: (task: string) => void }) {
    const t = useText();
    const planned: PlannedTask[] = plan.tasks.filter((task) => task.planned).map((task) => ({ ...task, ...task.planned!, score: task.score }));
    const rows = rowsOf(planned, plan.teams.map((team) => team.name), plan.start, plan.end);
    return (
        <section class="group">
            <h2>{t("plan.schedule")}</h2>
            <div class="gantt" role="group" aria-label={t("plan.schedule")}>
                <div class="gantt-row gantt-head"><span class="gantt-team" /><div class="gantt-track">{yearMarks(plan.start, plan.end).map((m) => <Mark key={m.label} {...m} />)}</div></div>
                {rows.map((row) => (
                    <div class="gantt-row" key={row.team}>
                        <span class="gantt-team">{row.team}</span>
                        <div class="gantt-track">{row.bars.map((b) => <Bar key={b.task.task} bar={b} active={chosen === b.task.task} choose={() => choose(b.task.task)} />)}</div>
                    </div>
                ))}
            </div>
        </section>
    );
}

function Why({ task, plan }: { task: Task; plan: Plan }) {
    const t = useText();
    const language = app.use((s) => s.language);
    return (
        <section class="group" aria-live="polite">
            <h2>{t("plan.why", { task: task.task })}</h2>
            <p>{task.why}</p>
            <Figures>
                <Figure label={t("plan.area")} value={task.name || task.area} />
                <Figure label={t("column.area_m2")} value={area(language, task.ha * 1e4)} />
                <Figure label={t("plan.days")} value={number(language, task.days)} />
                <Figure label={t("plan.cost")} value={money(language, task.cost, plan.currency)} />
                {task.after?.length ? <Figure label={t("plan.after")} value={task.after.join(", ")} /> : null}
            </Figures>
            <div class="table-holder" tabIndex={0} role="region" aria-label={t("plan.score")}>
                <table>
                    <thead><tr><th scope="col">{t("plan.part")}</th><th scope="col">{t("plan.amount")}</th><th scope="col">{t("plan.points")}</th></tr></thead>
                    <tbody>{task.score_parts.map((p) => <tr key={p.part}><th scope="row">{p.part}</th><td>{number(language, p.amount)} {p.unit}</td><td>{number(language, p.points)}</td></tr>)}</tbody>
                </table>
            </div>
            <p><a href={to.record("hazard-area", task.area)}>{task.area}</a></p>
        </section>
    );
}

function Tasks({ plan, chosen, choose }: { plan: Plan; chosen: string; choose: (task: string) => void }) {
    const t = useText();
    const language = app.use((s) => s.language);
    const rows = [...plan.tasks].sort((a, b) => a.rank - b.rank);
    return (
        <section class="group">
            <h2>{t("plan.tasks")}</h2>
            <div class="table-holder" tabIndex={0} role="region" aria-label={t("plan.tasks")}>
                <table>
                    <thead><tr><th scope="col">{t("plan.rank")}</th><th scope="col">{t("plan.task")}</th><th scope="col">{t("plan.area")}</th><th scope="col">{t("plan.score")}</th><th scope="col">{t("plan.team")}</th><th scope="col">{t("column.date_start")}</th><th scope="col">{t("column.date_end")}</th></tr></thead>
                    <tbody>{rows.map((row) => (
                        <tr key={row.task} class={row.task === chosen ? "chosen" : ""}>
                            <td>{row.rank}</td><th scope="row"><button type="button" class="link" onClick={() => choose(row.task)}>{row.task}</button></th><td>{row.name || row.area}</td><td>{number(language, row.score)}</td>
                            <td>{row.planned?.team ?? t("plan.not_planned")}</td><td class="nowrap">{date(language, row.planned?.start)}</td><td class="nowrap">{date(language, row.planned?.end)}</td>
                        </tr>
                    ))}</tbody>
                </table>
            </div>
        </section>
    );
}

export function PlanPanel() {
    const t = useText();
    const language = app.use((s) => s.language);
    const asked = useAsk((signal) => api.plan(signal), []);
    const [chosen, setChosen] = useState("");
    const plan = asked.value;
    const none = asked.error instanceof api.ApiError && asked.error.status === 404;
    const marks = useMemo(() => (plan?.tasks ?? []).filter((task) => task.planned).map((task) => ({ lon: task.lon, lat: task.lat, label: `${task.task} · ${task.planned!.start.slice(0, 4)}` })), [plan]);
    useEffect(() => {
        app.set({ marks });
        return () => app.set({ marks: [] });
    }, [marks]);
    const choose = (code: string) => {
        setChosen(code);
        const task = plan?.tasks.find((x) => x.task === code);
        if (task) flyTo(task.lon, task.lat, 12);
    };
    const task = plan?.tasks.find((x) => x.task === chosen);
    return (
        <Panel title={t("plan.title")}>
            {none ? <Notice>{t("plan.none")}</Notice> : asked.error ? <Trouble error={asked.error} /> : !plan ? <Busy /> : (
                <>
                    <p class="lead">{t("plan.words", { planned: plan.result.planned, tasks: plan.result.tasks, ha: number(language, plan.result.ha_planned), of: number(language, plan.result.ha), cost: money(language, plan.result.cost, plan.currency), from: date(language, plan.start), to: date(language, plan.end) })}</p>
                    <Schedule plan={plan} chosen={chosen} choose={choose} />
                    {task ? <Why task={task} plan={plan} /> : <p class="hint">{t("plan.choose")}</p>}
                    <Tasks plan={plan} chosen={chosen} choose={choose} />
                    <details class="group"><summary><h2>{t("plan.rests_on")}</h2><span class="badge">{plan.assumptions.length + plan.notes.length}</span></summary>
                        <ul class="assumptions">{[...plan.assumptions, ...plan.notes].map((a, i) => <li key={i}>{a}</li>)}</ul>
                    </details>
                </>
            )}
        </Panel>
    );
}
