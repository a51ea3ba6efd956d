/*
 * Choices of a person that hold on every page.
 */
import { type Language, languageNames } from "./i18n";
import { app, type Theme, useText } from "./state";
import { Select } from "./ui";

export function LanguageSelect({ label }: { label: string }) {
    const language = app.use((s) => s.language);
    return <Select label={label} value={language} options={Object.entries(languageNames)} onChange={(v) => app.set({ language: v as Language })} />;
}

export function ThemeSelect({ label }: { label: string }) {
    const t = useText();
    const theme = app.use((s) => s.theme);
    return <Select label={label} value={theme} options={[["system", t("theme.system")], ["light", t("theme.light")], ["dark", t("theme.dark")]]} onChange={(v) => app.set({ theme: v as Theme })} />;
}
