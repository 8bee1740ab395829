/** Entry of every page. Each part stands alone; none is needed to read the page. */
import { keepTimes } from "./age.ts";
import { applyFilters, closeMenus, emptySentForms, followOutput } from "./form.ts";
import { listenToKeys } from "./keyboard.ts";
import { watchConnection } from "./live.ts";
import { keepFolds } from "./morph.ts";
import { offerPalette } from "./palette.ts";
import { offerShell } from "./shell.ts";

offerShell();
keepTimes();
keepFolds();
listenToKeys();
watchConnection();
offerPalette();
applyFilters();
closeMenus();
emptySentForms();
followOutput();
