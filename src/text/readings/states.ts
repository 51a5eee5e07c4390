import type { Before } from "./reading.ts";

const states: ReadonlyMap<string, string> = new Map(
  Object.entries({
    AK: "alaska",
    AZ: "arizona",
    CA: "california",
    Calif: "california",
    Colo: "colorado",
    DC: "d c",
    FL: "florida",
    Fla: "florida",
    GA: "georgia",
    IA: "iowa",
    KS: "kansas",
    Kans: "kansas",
    NV: "nevada",
    NY: "new york",
  }),
);

/** Read as states only right after a capitalized name, where such codes stand. */
const statesAfterName: ReadonlyMap<string, string> = new Map(
  Object.entries({
    AL: "alabama",
    CO: "colorado",
    IL: "illinois",
    KY: "kentucky",
    LA: "louisiana",
    MA: "massachusetts",
    MD: "maryland",
    MN: "minnesota",
    MO: "missouri",
    MS: "mississippi",
    MT: "montana",
    NC: "north carolina",
    ND: "north dakota",
    NE: "nebraska",
    NH: "new hampshire",
    OH: "ohio",
    OK: "oklahoma",
    PA: "pennsylvania",
    RI: "rhode island",
    SC: "south carolina",
    SD: "south dakota",
    TN: "tennessee",
    TX: "texas",
    UT: "utah",
    VA: "virginia",
    WA: "washington",
    WI: "wisconsin",
    WV: "west virginia",
    WY: "wyoming",
  }),
);

/** The state that `CA` stands for where states stand; nothing for any other word. */
export function readState(word: string, next: string, before: Before): string | undefined {
  const always = states.get(word);
  if (always !== undefined) return always;
  if (!isName(before.previous)) return undefined;
  return /^(?:$|\.| [a-z]| \d{5}\b)/.test(next) ? statesAfterName.get(word) : undefined;
}

/** Spellings that Flite would take for a state: in lower case it takes them as they stand. */
const stateLike: ReadonlySet<string> = new Set(
  "Ala Ak Az Ca Calif Colo Fla Ga Ks Kans Nev Wyo".split(" "),
);

/** The same, if they come right after a capitalized name. */
const stateLikeAfterName: ReadonlySet<string> = new Set(
  `Al Cal Co De Del Fl Hi Ia Ind Il Ky La Lou Lous Ma Mass Md Me Mi Mich Minn Miss Mn Mo Mt Ne Neb
   Ok Okla Or Ore Pa Penn Tn Tenn Tx Tex Ut Va Wa Wash Wi Wy`.split(/\s+/),
);

/** Whether Flite would take a word for a state because of its capital. */
export function isStateLike(word: string, before: Before): boolean {
  return stateLike.has(word) || (isName(before.previous) && stateLikeAfterName.has(word));
}

function isName(word: string): boolean {
  return /^[A-Z][A-Za-z]{2,}$/.test(word);
}
