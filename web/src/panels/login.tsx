/*
 * Who is logged in; logging in and out.
 */
import { useState } from "preact/hooks";

import * as api from "../api";
import { begin } from "../begin";
import { to } from "../route";
import { app, isGuest, useText } from "../state";
import { Figure, Figures, Notice, Panel, Text, useWord } from "../ui";

export function LoginPanel() {
    const t = useText();
    const word = useWord();
    const session = app.use((s) => s.session);
    const guest = app.use(isGuest);
    const [name, setName] = useState("");
    const [password, setPassword] = useState("");
    const [error, setError] = useState("");
    const [busy, setBusy] = useState(false);
    const enter = async (e: Event) => {
        e.preventDefault();
        setBusy(true);
        try {
            await api.logIn(name, password);
            setError("");
            setPassword("");
            await begin();
            const { after } = app.get();
            app.set({ after: "" });
            location.hash = after || to.map();
        } catch (trouble) {
            setError(trouble instanceof api.ApiError && trouble.status === 0 ? t("error.network") : (trouble as Error).message);
        }
        setBusy(false);
    };
    const leave = async () => {
        await api.logOut().catch(() => undefined);
        await import("./work/kept").then(({ dropAll }) => dropAll(), () => undefined);
        app.set({ shown: {}, band: "", selected: null, ring: [], path: [], waits: { approve: 0, back: 0, answer: 0 }, after: "", told: null });
        await begin();
    };
    return (
        <Panel title={guest ? t("login.title") : t("login.you")} back={to.map()}>
            {guest ? (
                session?.accounts ? (
                    <form class="form" onSubmit={(e) => void enter(e)}>
                        <Text label={t("login.name")} value={name} onInput={setName} complete="username" />
                        <Text label={t("login.password")} type="password" value={password} onInput={setPassword} complete="current-password" />
                        {error ? <p class="notice trouble" role="alert">{error}</p> : null}
                        <button type="submit" disabled={busy || !name || !password}>{t("login.enter")}</button>
                    </form>
                ) : <Notice>{t("login.key")}</Notice>
            ) : (
                <>
                    <Figures>
                        <Figure label={t("login.name")} value={session?.name || t("login.local")} />
                        <Figure label={t("login.role")} value={word("role", session?.role ?? "")} />
                    </Figures>
                    {session?.role === "administrator" ? <p><a href={to.accounts()}>{t("login.accounts")}</a></p> : null}
                    {session?.accounts ? <p><a href={to.password()}>{t("login.password_change")}</a></p> : null}
                    {session?.accounts ? <button type="button" class="quiet" onClick={() => void leave()}>{t("login.leave")}</button> : <Notice>{t("login.local_words")}</Notice>}
                </>
            )}
            <p><a href="/field">{t("login.field")}</a></p>
        </Panel>
    );
}
