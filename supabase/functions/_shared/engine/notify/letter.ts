import type { Email } from "./mailer.ts";

/** How serious an email is; decides the colour of its status bar. */
export type EmailTone = "good" | "warning" | "bad";

/** The content of an email, from which its text and its HTML are written. */
export interface Letter {
  readonly subject: string;
  readonly tone: EmailTone;
  readonly opening: string;
  readonly sections: readonly EmailSection[];
  readonly link?: { readonly label: string; readonly url: string };
  readonly idempotencyKey: string;
}

export interface EmailSection {
  readonly title: string;
  /** Sentences before the table. */
  readonly paragraphs?: readonly string[];
  readonly figures?: readonly (readonly [label: string, value: string])[];
  readonly items?: readonly string[];
}

/** Greatest length of a text from a name or an error, in characters. Gmail cuts an email off at 102 KB. */
const LONGEST_TEXT = 300;
/** Greatest length of a paragraph, in characters. An error may name every problem of a configuration. */
const LONGEST_PARAGRAPH = 3_000;

/** Writes a letter as an email. Texts from names, errors and settings are escaped here and nowhere else. */
export function writeEmail(letter: Letter): Email {
  return {
    // A line break in a subject would begin another header.
    subject: clean(letter.subject).slice(0, 200),
    text: writeText(letter),
    html: writeHtml(letter),
    idempotencyKey: letter.idempotencyKey.slice(0, 256),
  };
}

function writeText({ opening, sections, link }: Letter): string {
  const blocks = sections.map(({ title, paragraphs = [], figures = [], items = [] }) => {
    const width = Math.max(0, ...figures.map(([label]) => label.length)) + 2;
    return [
      clean(title).toUpperCase(),
      ...paragraphs.map((paragraph) => clean(paragraph, LONGEST_PARAGRAPH)),
      ...figures.map(([label, value]) => `${clean(label)}:`.padEnd(width) + clean(value)),
      ...items.map((item) => `- ${clean(item)}`),
    ].join("\n");
  });
  return [clean(opening), ...blocks, ...(link ? [`${link.label}: ${link.url}`] : [])].join("\n\n") + "\n";
}

const COLOURS: Readonly<Record<EmailTone, string>> = { good: "#1a7f4b", warning: "#b26a00", bad: "#c62828" };

/**
 * Each element has its own styles, because mail programs drop style sheets. Only the status bar has a colour of its
 * own, so that the email stays readable in a dark mode, whether it inverts colours or not.
 */
function writeHtml({ subject, tone, opening, sections, link }: Letter): string {
  const title = escape(subject);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark"><title>${title}</title></head>
<body style="margin:0;padding:24px;font:15px/1.5 system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif">
<div style="max-width:640px;margin:0 auto">
<h1 style="font-size:19px;margin:0 0 12px;padding-left:12px;border-left:5px solid ${COLOURS[tone]}">${title}</h1>
<p style="margin:0 0 20px">${escape(opening)}</p>
${sections.map(writeSection).join("\n")}
${
    link
      ? `<p style="margin:24px 0 0"><a href="${escape(link.url)}" style="font-weight:600">${escape(link.label)}</a></p>`
      : ""
  }
</div></body></html>
`;
}

function writeSection({ title, paragraphs = [], figures = [], items = [] }: EmailSection): string {
  const cell = "padding:3px 16px 3px 0;text-align:left;vertical-align:top";
  const rows = figures.map(([label, value]) =>
    `<tr><th scope="row" style="${cell};font-weight:400;white-space:nowrap;opacity:.75">${escape(label)}</th>` +
    `<td style="${cell};overflow-wrap:anywhere">${escape(value)}</td></tr>`
  );
  return [
    `<h2 style="font-size:15px;margin:20px 0 6px">${escape(title)}</h2>`,
    ...paragraphs.map((paragraph) =>
      `<p style="margin:0 0 8px;overflow-wrap:anywhere">${escape(paragraph, LONGEST_PARAGRAPH)}</p>`
    ),
    ...(rows.length ? [`<table style="border-collapse:collapse;font-size:14px">${rows.join("")}</table>`] : []),
    ...(items.length
      ? [
        `<ul style="margin:0;padding-left:20px;font-size:14px;overflow-wrap:anywhere">${
          items.map((item) => `<li>${escape(item)}</li>`).join("")
        }</ul>`,
      ]
      : []),
  ].join("\n");
}

/**
 * The text as one line. Control characters and marks that reverse the direction of text are removed, so that a file's
 * name cannot bring a header into an email or disguise what it says.
 */
function clean(text: string, longest = LONGEST_TEXT): string {
  const line = text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu, " ").trim();
  const shown = line.length > longest ? `${line.slice(0, longest)}…` : line;
  // A file's name or the cut above may leave a lone surrogate.
  return shown.replace(/\p{Surrogate}/gu, "\ufffd");
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escape(text: string, longest = LONGEST_TEXT): string {
  return clean(text, longest).replace(/[&<>"']/g, (character) => ENTITIES[character]);
}
