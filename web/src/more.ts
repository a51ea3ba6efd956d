/*
 * Texts of the pages that are fetched when they are needed; each of them imports this. The first visit does without.
 */
import { addTexts } from "./i18n";
import en from "./languages/more.en.json";
import uk from "./languages/more.uk.json";

addTexts({ en, uk });
