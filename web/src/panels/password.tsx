/*
 * Another password for whoever is logged in: the old one is asked for, and their other sessions end. Neither is kept anywhere in the page.
 */
import "../more";

import { useState } from "preact/hooks";

import type { Session } from "../../generated/schemas";
import { ApiError, ask } from "../api";
import { to } from "../route";
import { app, isGuest, useText } from "../state";
import { Notice, Panel, Text, Trouble } from "../ui";

const MIN = 10;

/* A wrong password is no lack of a role: the server's sentence says which it was. */
function Refused({ error }: { error: unknown }) {
    const t = useText();
    if (!(error instanceof ApiError) || ![403, 429].includes(error.status)) return <Trouble error={error} />;
    return <p class="notice trouble" role="alert">{error.english === "name or password is not right" ? t("password.wrong") : error.message}</p>;
}

function Change({ name }: { name: string }) {
    const t = useText();
    const [old, setOld] = useState(""), [password, setPassword] = useState(""), [again, setAgain] = useState("");
    const [busy, setBusy] = useState(false), [error, setError] = useState<unknown>(null), [done, setDone] = useState(false);
    const differs = again !== "" && again !== password;
    const ready = !busy && old !== "" && new TextEncoder().encode(password).length >= MIN && again === password;
    const send = async (e: Event) => {
        e.preventDefault();
        if (!ready) return;
        setBusy(true);
        setDone(false);
        try {
            await ask<Session>("/session/password", { method: "POST", body: { old, password } });
            setError(null);
            setDone(true);
            setPassword("");
            setAgain("");
        } catch (trouble) {
            setError(trouble);
        }
        setOld("");
        setBusy(false);
    };
    return (
        <form class="form" aria-label={t("password.title")} onSubmit={(e) => void send(e)}>
            <input class="hidden" type="text" name="username" autocomplete="username" value={name} readOnly tabIndex={-1} aria-hidden="true" />
            <Text label={t("password.old")} type="password" value={old} onInput={setOld} complete="current-password" />
            <Text label={t("welcome.password")} type="password" value={password} onInput={setPassword} complete="new-password" hint={t("welcome.password_hint", { n: MIN })} />
            <Text label={t("welcome.again")} type="password" value={again} onInput={setAgain} complete="new-password" bad={differs} />
            {differs ? <p class="notice trouble" role="alert">{t("welcome.differs")}</p> : null}
            {error ? <Refused error={error} /> : null}
            {done ? <p class="notice" role="status">{t("password.done")}</p> : null}
            <button type="submit" disabled={!ready}>{t("password.change")}</button>
        </form>
    );
}

export function PasswordPanel() {
    const t = useText();
    const guest = app.use(isGuest);
    const session = app.use((s) => s.session);
    return (
        <Panel title={t("password.title")} back={to.login()}>
            {guest ? <Trouble error={new ApiError(401, "", "")} /> : session?.local ? <Notice>{t("password.local")}</Notice> : (
                <>
                    <p class="hint">{t("password.words")}</p>
                    <Change key={session?.name ?? ""} name={session?.name ?? ""} />
                    <p class="hint">{t("password.victims")}</p>
                </>
            )}
        </Panel>
    );
}
