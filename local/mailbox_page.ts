export interface Message {
  readonly id: string;
  readonly receivedAt: string;
  readonly idempotencyKey: string | null;
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly html: string | null;
  readonly text: string | null;
}

export interface ReceivedPing {
  readonly receivedAt: string;
  readonly method: string;
  /** `/ping`, `/ping/start`, `/ping/fail`, or another path below `/ping`. */
  readonly path: string;
  readonly body: string;
}

/** Everything that arrived, newest first, for people. Bodies are shown in frames that cannot run scripts. */
export function indexPage(messages: readonly Message[], pings: readonly ReceivedPing[]): string {
  const letters = messages.toReversed().map((message) => `
    <details><summary><b>${escaped(message.subject)}</b> to ${
    escaped(message.to.join(", "))
  }, ${message.receivedAt}</summary>
    <iframe sandbox title="${escaped(message.subject)}" srcdoc="${escaped(message.html ?? "")}"></iframe>
    <pre>${escaped(message.text ?? "")}</pre></details>`);
  const calls = pings.toReversed().map((ping) => `<li>${ping.receivedAt} ${ping.method} ${escaped(ping.path)}</li>`);
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Local mailbox</title>
    <meta name="viewport" content="width=device-width"><style>
    :root { color-scheme: light dark } body { font: 1rem system-ui; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
    iframe { width: 100%; height: 28rem; border: 1px solid; background: white } pre { white-space: pre-wrap }
    </style><h1>Local mailbox</h1><h2>${messages.length} emails</h2>${letters.join("") || "<p>None yet.</p>"}
    <h2>${pings.length} pings</h2><ul>${calls.join("") || "<li>None yet.</li>"}</ul></html>`;
}

function escaped(text: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (character) => entities[character]);
}
