import { bareName, nearestName } from "./nearest-name.ts";
import { quoted, showable } from "./showable.ts";
import {
  error,
  note,
  type SocketRoute,
  type UrlFinding,
  type UrlSubject,
  warning,
} from "./finding.ts";
import {
  likelyNamesOf,
  messageMembersOf,
  namesSecret,
  otherVendorNames,
  type ParameterRow,
  parametersOf,
} from "./parameters.ts";
import { checkValue } from "./values.ts";
import { absentValues } from "./vendor-values.ts";

type RoutedSubject = UrlSubject & { readonly route: SocketRoute };

/** No address of a client has more; one that does is not gone through to its end. */
const maxParameters = 100;

/** What is wrong with the parameters of an address. `search` is the part from its `?` on. */
export function checkQuery(search: string, subject: RoutedSubject): UrlFinding[] {
  const parameters = new URLSearchParams(search);
  const names = [...new Set(parameters.keys())];
  return [
    ...checkPairs(search),
    ...names.slice(0, maxParameters).flatMap((name) => checkParameter(name, parameters, subject)),
  ];
}

/** The findings that are about the writing, not about what is written. */
function checkPairs(search: string): readonly UrlFinding[] {
  const pairs = search.replace(/^\?/, "").split("&");
  const findings: UrlFinding[] = [];
  if (pairs.length > 1 && pairs.includes("")) {
    findings.push(
      note("query", "There is an empty pair: two & in a row, or one at an end.", "Take it out."),
    );
  }
  if (search.slice(1).includes("?")) {
    const what = "There is a second ?, which is part of the value before it.";
    findings.push(warning("query", what, "Join parameters with &."));
  }
  if (/&amp;/.test(search)) {
    const what = "There is &amp;, so that all names after it begin with amp;.";
    findings.push(error("query", what, "Write & alone: the address was escaped for HTML."));
  }
  return findings;
}

function checkParameter(
  name: string,
  parameters: URLSearchParams,
  subject: RoutedSubject,
): readonly UrlFinding[] {
  const values = parameters.getAll(name);
  const [value = ""] = values;
  const rows = parametersOf[subject.route];
  const row = Object.hasOwn(rows, name) ? rows[name] : undefined;
  if (!row) return name === "" ? [] : [explainUnknown(name, subject)];
  return [
    ...checkRepeats(name, values),
    ...(isAbsent(value)
      ? [explainAbsent(name, value, row)]
      : checkValue(name, value, row.rule, subject)),
    ...checkRow(name, row, parameters, subject),
  ];
}

function checkRepeats(name: string, values: readonly string[]): readonly UrlFinding[] {
  if (values.length < 2) return [];
  const isSame = values.every((value) => value === values[0]);
  const what = `It stands there ${values.length} times, and the first one counts.`;
  return [
    (isSame ? note : warning)(name, what, "Write it once: look where the address is put together."),
  ];
}

/** Whether a value is what client libraries write for "not given". */
const isAbsent = (value: string): boolean => value === "" || absentValues.includes(value);

function explainAbsent(name: string, value: string, { fallback }: ParameterRow): UrlFinding {
  const meaning =
    fallback === undefined ? "counts as absent" : `counts as absent, so that ${fallback} holds`;
  if (value === "") {
    return note(name, `It is empty, and ${meaning}.`, "Give it a value, or leave it out.");
  }
  return warning(
    name,
    `It is the word ${value}, which a client library writes for what its caller has not set; Syrinx takes it for absent.`,
    "Set it in the client, or leave it out of the address.",
  );
}

function checkRow(
  name: string,
  row: ParameterRow,
  parameters: URLSearchParams,
  { isHosted }: UrlSubject,
): readonly UrlFinding[] {
  const findings: UrlFinding[] = [];
  if (row.isExtension && isHosted) {
    findings.push(
      warning(name, "Only Syrinx has it: the hosted service does not read it.", "Leave it out."),
    );
  } else if (row.needsExt && !/^(?:true|1)$/i.test(parameters.get("ext") ?? "")) {
    findings.push(warning(name, "Without ext=1 it is not read.", "Add ext=1."));
  }
  if (row.note !== undefined) findings.push(note(name, row.note, "Leave it out."));
  return findings;
}

/** Where a parameter belongs that this kind of socket does not have. */
function explainUnknown(name: string, subject: RoutedSubject): UrlFinding {
  const { route } = subject;
  const where = showable(name) ?? "query";
  const known = Object.keys(parametersOf[route]);
  const meant = known.find((each) => bareName(each) === bareName(name));
  if (meant !== undefined) {
    return error(where, "It is not read: names are spelled exactly.", `Write ${meant}.`);
  }
  const others = otherVendorNames[route];
  if (Object.hasOwn(others, name)) return explainOtherVendor(name, others[name], subject);
  if (namesSecret(name)) return explainSecret(where, subject);
  const likely = likelyNamesOf[route];
  if (Object.hasOwn(likely, name)) {
    return error(where, "It is not read.", `Write ${likely[name]}.`);
  }
  const members = messageMembersOf[route];
  const member = members.find((each) => bareName(each) === bareName(name));
  if (member !== undefined) {
    return error(
      where,
      "It is not read: it is said in a message, not in the address.",
      `Send it as the member ${member} of the first message.`,
    );
  }
  const near = nearestName(name, known);
  if (near !== undefined) {
    return warning(where, `It is not read; ${near} may be meant.`, `Write ${near}.`);
  }
  const subjectName = quoted(name, "A parameter");
  return note(where, `${subjectName} is unknown, and not read.`, "Leave it out.");
}

const vendorNames = { elevenlabs: "ElevenLabs", waves: "Waves" } as const;

function explainOtherVendor(
  name: string,
  meant: string | undefined,
  { vendor }: UrlSubject,
): UrlFinding {
  const other = vendor === "waves" ? vendorNames.elevenlabs : vendorNames.waves;
  const advice = meant === undefined ? "Leave it out." : `Write ${meant}.`;
  const what = `It belongs to ${other}; a socket of ${vendorNames[vendor]} does not read it.`;
  return error(name, what, advice, "wrong_vendor_parameter");
}

function explainSecret(where: string, { vendor }: UrlSubject): UrlFinding {
  const advice =
    vendor === "waves"
      ? "Send the key as the header Authorization: Bearer, or from a browser as token."
      : "Send the key as the header xi-api-key, or in the first message as xi_api_key; from a browser, a single_use_token.";
  return error(
    where,
    "A credential in it is not read, and ends in logs.",
    advice,
    "authentication_required",
  );
}
