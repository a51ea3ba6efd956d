/*
 * Texts of the pages that are fetched when they are needed; each of them imports this. The first visit does without.
 */
import { addTexts } from "./i18n";
import texts from "../generated/texts/more.json";

addTexts(texts);
